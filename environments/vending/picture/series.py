"""What is noted of the business as time goes on: stocks at moments, flows by day. Money in cents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from agentbench_sdk.environments.vending.calendar import DAY
from agentbench_sdk.environments.vending.core import Core
from agentbench_sdk.environments.vending.scores import full_net_worth

_LOSSES = {"SUPPLIER_LOSS": "lost to a supplier", "SPOILAGE": "spoiled or thrown away"}  # by account


@dataclass(frozen=True, slots=True)
class Moment:
    """The business at one minute.

    Attributes:
        worth: bank, takings, goods and what suppliers owe, less arrears.
        storage, machine: units.
        prices: the lowest price of each product that has a slot.
    """

    minute: int
    bank: int
    worth: int
    owed: int
    storage: int
    machine: int
    prices: Mapping[str, int]

    @property
    def day(self) -> float:
        """The moment in days from the beginning of day 0."""
        return self.minute / DAY

    @classmethod
    def of(cls, core: Core, minute: int) -> Moment:
        """The business as it is now."""
        slots = core.machine.slots.values()
        prices: dict[str, int] = {}
        for slot in slots:
            if slot.sku is not None and slot.price is not None:
                prices[slot.sku] = min(slot.price, prices.get(slot.sku, slot.price))
        return cls(
            minute,
            core.ledger["BANK"],
            full_net_worth(core),
            -core.ledger["ARREARS"],
            sum(pile.qty for pile in core.storage.piles.values()),
            sum(slot.qty for slot in slots),
            prices,
        )


@dataclass(frozen=True, slots=True)
class DayFlow:
    """What one day brought.

    Attributes:
        units, revenue: sold.
        stock_outs: slots with a price and no goods, summed over the sales blocks.
        losses: by cause.
        outages: sales blocks with a machine that was out of order.
    """

    day: int
    units: int
    revenue: int
    stock_outs: int
    losses: Mapping[str, int]
    outages: int = 0


@dataclass(slots=True)
class Series:
    """All moments and days of a session, in order."""

    moments: list[Moment] = field(default_factory=list)
    days: list[DayFlow] = field(default_factory=list)
    _counted: dict[str, int] = field(default_factory=dict)

    def note_moment(self, core: Core, minute: int) -> None:
        """Note how things stand; a moment that is known already is left alone."""
        if not self.moments or self.moments[-1].minute < minute:
            self.moments.append(Moment.of(core, minute))

    def note_day(self, core: Core, day: int) -> None:
        """Note what a day brought, when it is over or the session is."""
        sales = core.diary.of(day).skus.values()
        units, revenue = sum(row[0] for row in sales), sum(row[1] for row in sales)
        losses = {
            what: cents
            for name, what in _LOSSES.items()
            if (cents := self._risen(name, core.ledger[name])) > 0
        }
        stock_outs = self._risen("stock-outs", core.tally.counts["stock_out_blocks"])
        outages = self._risen("outages", core.tally.counts["outage_blocks"])
        self.days.append(DayFlow(day, units, revenue, stock_outs, losses, outages))

    def _risen(self, name: str, now: int) -> int:
        """By how much a figure has risen since it was looked at last; a loss that is made good falls."""
        rise = now - self._counted.get(name, 0)
        self._counted[name] = now
        return rise
