"""What the shopkeeper knows: from tool results and the public product table, nothing hidden."""

from __future__ import annotations

import json
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any

from agentbench_sdk.simulation import Act

Play = Generator[Act, str, dict[str, Any]]
Steps = Generator[Act, str, None]
REORDER_DAYS = 3


@dataclass(frozen=True)
class Manners:
    """How the shopkeeper deals with others.

    Attributes:
        trusting: whether any quote is taken and every demand is paid; otherwise only a quote that is
            binding and looks cheap is taken, only what was agreed is paid, and who breaks an agreement
            gets no further order.
    """

    trusting: bool = False


@dataclass
class Offer:
    """A supplier's quote: cents by sku, and its conditions.

    Attributes:
        minimum: cents of the smallest order; cases: full cases of each line, 0 where single units are sold.
        account: where its money goes.
    """

    address: str
    prices: dict[str, int]
    minimum: int = 0
    cases: int = 0
    account: str = ""


@dataclass
class Bought:
    """A paid order on its way: from whom, what, and when it was paid."""

    address: str
    lines: dict[str, int]
    day: int


@dataclass
class Shop:
    """What the agent knows.

    Attributes:
        guide: typical shelf price in cents by sku; wide: skus for large slots; case: units in a case.
        directory: addresses in the order of the trade directory; written: how many were written to.
        offers: usable quotes in the order in which they came; those for full cases only come last.
        dropped: addresses that get no further order.
        transit: orders that have not arrived, by invoice.
        pending: the order that waits for its invoice, and from whom it comes.
        slots: what the machine showed last.
    """

    days: int
    manners: Manners
    guide: dict[str, int] = field(default_factory=dict)
    wide: set[str] = field(default_factory=set)
    case: dict[str, int] = field(default_factory=dict)
    directory: list[str] = field(default_factory=list)
    written: int = 0
    offers: list[Offer] = field(default_factory=list)
    dropped: set[str] = field(default_factory=set)
    transit: dict[str, Bought] = field(default_factory=dict)
    pending: dict[str, int] = field(default_factory=dict)
    asked: str = ""
    storage: dict[str, int] = field(default_factory=dict)
    slots: list[dict[str, Any]] = field(default_factory=list)
    day: int = 0
    bank: int = 0
    ordered_on: int = -REORDER_DAYS
    refused: int = 0
    first: bool = True
    delivered: bool = False

    def drop(self, address: str) -> None:
        """Do no more business with a supplier."""
        self.dropped.add(address)
        self.offers = [offer for offer in self.offers if offer.address != address]
        if self.asked == address:
            self.pending, self.asked = {}, ""


def call(tool: str, **arguments: Any) -> Play:
    """Call a tool; returns its data, empty when it was refused."""
    result = json.loads((yield Act(tool, arguments)))
    return result["data"] or {}


def pay(shop: Shop, to: str, cents: int, reference: str) -> Generator[Act, str, bool]:
    """Pay; returns whether that was possible."""
    paid = yield from call("send_payment", to=to, amount_cents=cents, reference=reference)
    shop.bank = paid.get("bank_cents", shop.bank)
    return bool(paid)


def write(to: str, subject: str, body: str, **more: Any) -> Play:
    """Write a mail."""
    return (yield from call("send_email", to=to, subject=subject, body=body, **more))
