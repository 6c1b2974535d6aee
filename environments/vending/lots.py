"""Lots of goods: units of one product with the same cost and expiry, first expired first out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any


@dataclass
class Lot:
    """Attributes:
    unit_cost: cents paid for each unit.
    expiry: the last day on which it is good; None when it keeps.
    origin: the order that it came with.
    """

    sku: str
    qty: int
    unit_cost: int
    expiry: int | None
    origin: str

    def expired(self, day: int) -> bool:
        """Whether it is past its last good day."""
        return self.expiry is not None and self.expiry < day

    @property
    def cost(self) -> int:
        return self.qty * self.unit_cost


def _expires(lot: Lot) -> tuple[bool, int]:
    return lot.expiry is None, lot.expiry or 0


class Pile:
    """Lots of one product in one place, in the order in which they leave."""

    def __init__(self, lots: Iterable[Lot] = ()) -> None:
        self.lots = list(lots)

    @property
    def qty(self) -> int:
        return sum(lot.qty for lot in self.lots)

    @property
    def cost(self) -> int:
        return sum(lot.cost for lot in self.lots)

    @property
    def nearest_expiry(self) -> int | None:
        """The day on which the next unit expires; None when nothing here does."""
        return self.lots[0].expiry if self.lots else None

    def add(self, incoming: Lot) -> None:
        """Put a lot in; merged with one that differs in quantity only."""
        for lot in self.lots:
            if replace(lot, qty=incoming.qty) == incoming:
                lot.qty += incoming.qty
                return
        self.lots.append(replace(incoming))
        self.lots.sort(key=_expires)

    def take(self, qty: int) -> list[Lot]:
        """Take units out, first expired first."""
        assert qty <= self.qty, "more is taken than there is"
        taken = []
        while qty:
            lot = self.lots[0]
            part = min(qty, lot.qty)
            taken.append(replace(lot, qty=part))
            lot.qty -= part
            qty -= part
            if not lot.qty:
                self.lots.pop(0)
        return taken

    def take_from(self, origin: str, qty: int) -> list[Lot]:
        """Take out at most so many units of one origin, those that keep longest first."""
        taken = []
        for lot in [each for each in reversed(self.lots) if each.origin == origin]:
            part = min(qty, lot.qty)
            if part:
                taken.append(replace(lot, qty=part))
            lot.qty -= part
            qty -= part
        self.lots = [lot for lot in self.lots if lot.qty]
        return taken

    def take_expired(self, day: int) -> list[Lot]:
        """Take out the lots whose last good day is `day` or earlier."""
        gone = [lot for lot in self.lots if lot.expired(day + 1)]
        self.lots = [lot for lot in self.lots if not lot.expired(day + 1)]
        return gone

    def state(self) -> list[dict[str, Any]]:
        return [vars(lot) for lot in self.lots]

    @classmethod
    def of(cls, state: Iterable[Mapping[str, Any]]) -> Pile:
        return cls(Lot(**record) for record in state)


def split_cost(qty: int, total: int) -> list[tuple[int, int]]:
    """(units, cents each) so that they cost `total` together: remainder cents lie on the first units."""
    each, over = divmod(total, qty)
    return [(units, cents) for units, cents in ((over, each + 1), (qty - over, each)) if units]
