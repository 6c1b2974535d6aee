"""The cost limit of a run: what was spent, and what calls under way may still cost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from agentbench_sdk.errors import BudgetExceededError


class Budget:
    """US dollars, over all roles of a run.

    An attempt goes on the wire while what was spent and what attempts under way are expected to cost,
    itself included, stay within the limit. The expectation is the larger of the caller's estimate and
    the costliest call so far, so no more than the surprise of calls under way is ever overspent.
    """

    def __init__(self, limit_usd: float | None) -> None:
        self.limit_usd = limit_usd
        self.spent_usd = 0.0
        self._reserved = 0.0
        self._dearest = 0.0

    def check(self, estimate_usd: float = 0.0) -> None:
        """Find out whether there is room for a call, before it waits for a permit.

        Raises:
            BudgetExceededError: there is none.
        """
        if self.limit_usd is None:
            return
        expected = self.spent_usd + self._reserved + max(estimate_usd, self._dearest)
        if expected > self.limit_usd or self.spent_usd >= self.limit_usd:
            raise BudgetExceededError(
                f"the run's cost limit of ${self.limit_usd:g} leaves no room for another call "
                f"(${self.spent_usd:.4f} spent); raise --max-cost and resume the run"
            )

    @contextmanager
    def attempt(self, estimate_usd: float = 0.0) -> Iterator[Callable[[float | None], None]]:
        """Reserve an attempt; gives the function that books what it cost.

        Raises:
            BudgetExceededError: there is no room for it.
        """
        self.check(estimate_usd)
        reserved = max(estimate_usd, self._dearest)
        self._reserved += reserved
        try:
            yield self._book
        finally:
            self._reserved -= reserved

    def _book(self, cost_usd: float | None) -> None:
        if cost_usd:
            self.spent_usd += cost_usd
            self._dearest = max(self._dearest, cost_usd)
