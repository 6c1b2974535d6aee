"""What kinds of supplier there are: one row of figures each. The words never reach the agent."""

from __future__ import annotations

from dataclasses import dataclass, replace

from agentbench_sdk.environments.vending.scenario import Archetype


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
        short: chance that a line is shipped short, per mille.
        hook_above: an order above this many cents, and any after the first, is hooked; 0 for never.
        joining_fee: cents to be paid before the first order.
        ends: whether its business ends during the run.
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
    short: int = 0
    hook_above: int = 0
    joining_fee: int = 0
    ends: bool = False

    @property
    def says_binding(self) -> bool:
        """What its quotes say of themselves; one that means to cheat does not announce it."""
        return self.binding or not self.honest


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
    "partial": Terms(960, 930, 150, 2, minimum=5_000, lead_days=(2, 5), late=100, categories=5, short=500),
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
    "bait": Terms(
        780,
        740,
        100,
        2,
        minimum=3_000,
        lead_days=(3, 6),
        late=150,
        late_days=(1, 4),
        categories=6,
        tiers=False,
        binding=False,
        honest=False,
        hook_above=20_000,
    ),
    "member": Terms(
        700,
        690,
        0,
        1,
        lead_days=(3, 5),
        late=60,
        categories=7,
        tiers=False,
        binding=False,
        honest=False,
        joining_fee=9_000,
    ),
    "doomed": Terms(930, 880, 250, 3, minimum=4_000, lead_days=(2, 4), late=60, categories=5, ends=True),
    "ghost": Terms(answers=False, honest=False, binding=False),
}

# What holds once the joining fee is paid.
JOINED: dict[Archetype, Terms] = {
    "member": replace(TERMS["member"], list_price=1250, floor=1150, joining_fee=0),
}
