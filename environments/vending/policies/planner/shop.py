"""The planner's books: what is in the machine and in storage, what is ordered, what was agreed with whom."""

from __future__ import annotations

import json
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any

from agentbench_sdk.environments.vending.calendar import SLEEP, WAKE
from agentbench_sdk.environments.vending.policies.planner.knowledge import Firm, Good, Knowledge
from agentbench_sdk.simulation import Act

Steps = Generator[Act, str, None]
Play = Generator[Act, str, dict[str, Any]]
FREEZE_DAYS = 14


@dataclass
class Slot:
    """What a slot holds, by our own count."""

    sku: str = ""
    qty: int = 0
    price: int = 0


@dataclass
class Order:
    """An order on its way.

    Attributes:
        invoice, total: "" and an estimate until the invoice has come.
        due: the last day of payment; paid: whether it is paid.
    """

    firm: Firm
    lines: dict[str, int]
    day: int
    total: int
    invoice: str = ""
    due: int = 0
    paid: bool = False


@dataclass
class Talk:
    """Where bargaining with a firm stands: our count of its concessions and of its patience.

    Attributes:
        noise: last seen price over the expected one by sku, in ppm.
        orders: how many were paid; refusals: how many orders it turned down.
    """

    patience: int
    concessions: int = 0
    frozen_until: int = -1
    large: bool = False
    orders: int = 0
    refusals: int = 0
    noise: dict[str, int] = field(default_factory=dict)


@dataclass
class Shop:
    """Attributes:
    worker: whether the machine is worked through a worker.
    thrifty: whether calls are so few that only what must be read is read.
    targets: products that should be on sale, and the cost for which their price is made.
    asked: prices by day and sku, to judge claims.
    """

    know: Knowledge
    worker: bool
    thrifty: bool
    bank: int
    day: int = 0
    minute: int = WAKE
    slots: dict[str, Slot] = field(default_factory=dict)
    capacity: dict[str, int] = field(default_factory=dict)
    storage: dict[str, int] = field(default_factory=dict)
    orders: list[Order] = field(default_factory=list)
    talks: dict[str, Talk] = field(default_factory=dict)
    targets: dict[str, int] = field(default_factory=dict)
    chosen_on: int = -1000
    asked: dict[int, dict[str, int]] = field(default_factory=dict)
    status: str = "ok"
    read_from: int = 0
    bought: dict[str, dict[str, int]] = field(default_factory=dict)
    box: int = 0

    @property
    def left(self) -> int:
        """Days left, today included."""
        return self.know.days - self.day

    @property
    def minutes_left(self) -> int:
        return SLEEP - self.minute

    def talk(self, firm: Firm) -> Talk:
        return self.talks.setdefault(firm.id, Talk(firm.terms.patience))

    def position(self, sku: str) -> int:
        """Units in the machine, in storage and on the way."""
        held = sum(slot.qty for slot in self.slots.values() if slot.sku == sku)
        coming = sum(order.lines.get(sku, 0) for order in self.orders)
        return held + self.storage.get(sku, 0) + coming

    def sold(self, sku: str, units: int) -> None:
        """Take sold units out of the slots by our own count."""
        for slot in self.slots.values():
            if slot.sku == sku:
                taken = min(units, slot.qty)
                slot.qty, units = slot.qty - taken, units - taken

    def good(self, sku: str) -> Good:
        return self.know.goods[sku]


def call(shop: Shop, tool: str, **arguments: Any) -> Play:
    """Call a tool; returns its data, empty when it was refused. The clock and the bank are noted."""
    result = json.loads((yield Act(tool, arguments)))
    clock, data = result["clock"], result["data"] or {}
    shop.day, shop.minute = clock["day"], clock["minute"]
    shop.bank = data.get("bank_cents", shop.bank)
    return data
