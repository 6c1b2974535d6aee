"""What a call costs, from prices in US dollars per million tokens."""

from __future__ import annotations

from dataclasses import dataclass, replace

from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.messages import Usage

_HIGHEST = 1e9


@dataclass(frozen=True, slots=True)
class Prices:
    """US dollars per million tokens; None where no price is known.

    Attributes:
        input, output: tokens of the prompt and of the answer (reasoning included).
        cached_input: tokens that the provider had in its prompt cache; `input` when left out.
    """

    input: float | None = None
    output: float | None = None
    cached_input: float | None = None

    def __post_init__(self) -> None:
        if (self.input is None) != (self.output is None):
            raise ConfigurationError("price_in and price_out belong together: give both or none")
        if self.cached_input is not None and self.input is None:
            raise ConfigurationError("price_cached_in needs price_in and price_out beside it")
        prices = (self.input, self.output, self.cached_input)
        if any(price is not None and not 0 <= price <= _HIGHEST for price in prices):
            raise ConfigurationError(
                "a price is a number of US dollars per million tokens, at least 0 and at most a billion"
            )

    @classmethod
    def given(cls, price_in: float | None, price_out: float | None, cached: float | None) -> Prices | None:
        """The prices of a model's options; None when none was given.

        Raises:
            ConfigurationError: they do not fit together.
        """
        prices = cls(price_in, price_out, cached)
        return None if prices.input is None else prices

    def applied(self, usage: Usage) -> Usage:
        """The usage with its cost; one that the endpoint reported itself is kept."""
        if usage.cost_usd is not None or self.input is None or self.output is None:
            return usage
        cached = min(usage.cached_input_tokens, usage.input_tokens)
        cached_price = self.input if self.cached_input is None else self.cached_input
        dollars = (
            (usage.input_tokens - cached) * self.input
            + cached * cached_price
            + usage.output_tokens * self.output
        ) / 1_000_000
        return replace(usage, cost_usd=dollars)
