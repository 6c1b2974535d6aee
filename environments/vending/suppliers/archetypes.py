"""What kinds of supplier there are: one row of figures each. The words never reach the agent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from agentbench_sdk.environments.vending.scenario import Archetype
from agentbench_sdk.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class Terms:
    """How a kind of supplier does business.

    Attributes:
        list_price, floor: first and lowest price, per mille of the fair cost.
        step: share of the gap that one concession closes, per mille.
        patience: concessions until it says no more.
        reply_days, lead_days, late_days: ranges.
        minimum: of an order, in cents.
        min_cases: of each line; 0 also sells single units.
        late: chance of a late delivery, per mille.
        categories: how many it carries.
        fresh: whether it may carry fresh food.
        tiers: whether larger lines cost less.
        binding: whether it keeps its quotes.
        honest: whether overpaid money stays the operator's, and delays are announced.
        answers: False for one whose mail bounces.
    """

    list_price: int = 0
    floor: int = 0
    step: int = 0
    patience: int = 0
    reply_days: tuple[int, int] = (1, 1)
    minimum: int = 0
    min_cases: int = 0
    lead_days: tuple[int, int] = (0, 0)
    late: int = 0
    late_days: tuple[int, int] = (1, 3)
    categories: int = 0
    fresh: bool = True
    tiers: bool = True
    binding: bool = True
    honest: bool = True
    answers: bool = True


TERMS: dict[Archetype, Terms] = {
    "fair": Terms(1080, 1000, 250, 2, minimum=4_000, lead_days=(2, 4), late=60, categories=5),
    "haggler": Terms(1480, 900, 350, 5, minimum=6_000, lead_days=(2, 5), late=80, categories=6),
    "bulk": Terms(
        1020, 860, 150, 2, minimum=25_000, min_cases=3, lead_days=(3, 6), late=80, categories=4, fresh=False
    ),
    "slow": Terms(
        980,
        920,
        200,
        3,
        reply_days=(2, 3),
        minimum=5_000,
        lead_days=(7, 12),
        late=250,
        late_days=(2, 6),
        categories=6,
        fresh=False,
    ),
    "gouger": Terms(
        2400,
        1850,
        100,
        2,
        lead_days=(1, 3),
        late=40,
        late_days=(1, 2),
        categories=8,
        tiers=False,
        binding=False,
    ),
    "ghost": Terms(answers=False, honest=False, binding=False),
}


def check_implemented(wanted: Mapping[Archetype, int]) -> None:
    """Refuse a scenario that asks for a kind of supplier whose rules are not there.

    Raises:
        ConfigurationError: names the kinds that are missing, and those there are.
    """
    missing = sorted(kind for kind, count in wanted.items() if count and kind not in TERMS)
    if missing:
        raise ConfigurationError(
            f"scenario of vending: suppliers: {', '.join(missing)} cannot be had in this version;"
            f" there is {', '.join(TERMS)}"
        )
    if sum(wanted.values()) > 24:
        raise ConfigurationError("scenario of vending: suppliers: there are names for 24 of them at most")
