"""The vending machine: twelve slots, prices, a cash box."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from agentbench_sdk.environments.vending.lots import Lot, Pile

OK = "ok"
MIN_PRICE, MAX_PRICE, PRICE_STEP = 25, 5000, 5
ROWS = {"A": "S", "B": "S", "C": "L", "D": "L"}
LABELS = tuple(f"{row}{column}" for row in ROWS for column in (1, 2, 3))


@dataclass
class Slot:
    """Attributes:
    sku: what it holds, or held last; None while it has never been stocked.
    price: cents; None is not for sale.
    """

    label: str
    size: str
    capacity: int
    sku: str | None = None
    price: int | None = None
    pile: Pile = field(default_factory=Pile)

    @property
    def qty(self) -> int:
        return self.pile.qty

    @property
    def on_sale(self) -> bool:
        return self.price is not None and bool(self.pile.lots)

    def put(self, sku: str, lots: list[Lot]) -> None:
        """Put goods in; a price set for another product is cleared."""
        if self.sku != sku:
            self.price = None if self.sku is not None else self.price
            self.sku = sku
        for lot in lots:
            self.pile.add(lot)

    def view(self) -> dict[str, Any]:
        """What the agent sees."""
        return {
            "slot": self.label,
            "size": self.size,
            "sku": self.sku,
            "qty": self.qty,
            "capacity": self.capacity,
            "price_cents": self.price,
            "nearest_expiry_day": self.pile.nearest_expiry,
        }

    def state(self) -> dict[str, Any]:
        return {"sku": self.sku, "price": self.price, "lots": self.pile.state()}


class Machine:
    """Attributes:
    slots: by label, A1 to D3.
    broken_since: day of the breakdown; None while it sells.
    jammed: whether its coin slot takes no cash.
    """

    def __init__(self, small_capacity: int, large_capacity: int) -> None:
        room = {"S": small_capacity, "L": large_capacity}
        self.slots = {label: Slot(label, ROWS[label[0]], room[ROWS[label[0]]]) for label in LABELS}
        self.broken_since: int | None = None
        self.jammed = False

    @property
    def status(self) -> str:
        """What the agent is told: "ok", "coin_jam" (cards only) or "out_of_order" (sells nothing)."""
        if self.broken_since is not None:
            return "out_of_order"
        return "coin_jam" if self.jammed else OK

    def repair(self) -> None:
        """Put everything in order."""
        self.broken_since, self.jammed = None, False

    def prices(self) -> dict[str, int]:
        """The lowest price of each product on sale."""
        lowest: dict[str, int] = {}
        for slot in self.slots.values():
            if slot.on_sale and slot.sku is not None and slot.price is not None:
                lowest[slot.sku] = min(slot.price, lowest.get(slot.sku, slot.price))
        return lowest

    def selling(self, sku: str) -> list[Slot]:
        """Slots that sell a product: the lowest price first, then by label."""
        slots = [slot for slot in self.slots.values() if slot.sku == sku and slot.on_sale]
        return sorted(slots, key=lambda slot: (slot.price, slot.label))

    def qty(self, sku: str) -> int:
        return sum(slot.qty for slot in self.slots.values() if slot.sku == sku)

    def views(self) -> list[dict[str, Any]]:
        return [slot.view() for slot in self.slots.values()]

    def state(self) -> dict[str, Any]:
        slots = {label: slot.state() for label, slot in self.slots.items()}
        return {"slots": slots, "broken_since": self.broken_since, "jammed": self.jammed}

    def load(self, state: Mapping[str, Any]) -> None:
        self.broken_since, self.jammed = state["broken_since"], state["jammed"]
        for label, record in state["slots"].items():
            slot = self.slots[label]
            slot.sku, slot.price, slot.pile = record["sku"], record["price"], Pile.of(record["lots"])
