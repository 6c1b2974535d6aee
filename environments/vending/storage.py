"""The storage room, sorted by product. It has no limit unless the scenario gives one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from agentbench_sdk.environments.vending.catalogue import products
from agentbench_sdk.environments.vending.lots import Lot, Pile


class Storage:
    """Attributes:
    piles: lots by sku; a product without units has no pile.
    """

    def __init__(self) -> None:
        self.piles: dict[str, Pile] = {}

    def qty(self, sku: str) -> int:
        return self.piles[sku].qty if sku in self.piles else 0

    @property
    def units(self) -> int:
        """Units of all products together."""
        return sum(pile.qty for pile in self.piles.values())

    def add(self, lots: Iterable[Lot]) -> None:
        for lot in lots:
            self.piles.setdefault(lot.sku, Pile()).add(lot)

    def take(self, sku: str, qty: int) -> list[Lot]:
        """Take units of a product, first expired first."""
        taken = self.piles[sku].take(qty)
        self._sweep()
        return taken

    def take_from(self, sku: str, origin: str, qty: int) -> list[Lot]:
        """Take out at most so many units that came from one order."""
        taken = self.piles[sku].take_from(origin, qty)
        self._sweep()
        return taken

    def take_expired(self, day: int) -> list[Lot]:
        """Take out what expires on `day` or before, by sku."""
        gone = [lot for sku in sorted(self.piles) for lot in self.piles[sku].take_expired(day)]
        self._sweep()
        return gone

    def _sweep(self) -> None:
        self.piles = {sku: pile for sku, pile in self.piles.items() if pile.lots}

    def rows(self) -> list[dict[str, Any]]:
        """What the agent sees; the cost of a mixed pile is the mean, rounded down."""
        return [
            {
                "sku": sku,
                "name": products()[sku].name,
                "size": products()[sku].size,
                "qty": pile.qty,
                "unit_cost_cents": pile.cost // pile.qty,
                "nearest_expiry_day": pile.nearest_expiry,
            }
            for sku, pile in sorted(self.piles.items())
        ]

    def state(self) -> dict[str, Any]:
        return {sku: pile.state() for sku, pile in self.piles.items()}

    def load(self, state: Mapping[str, Any]) -> None:
        self.piles = {sku: Pile.of(lots) for sku, lots in state.items()}
