"""What a supplier remembers of the operator, and the papers between them: quotes and orders."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any

from agentbench_sdk.environments.vending.journal import Journal

QUOTE_DAYS = 7
INVOICE_DAYS = 5
CLAIM_DAYS = 7
RIVAL_DAYS = 21
FREEZE_DAYS = 14
QUOTE, ORDER = "quote", "order"  # journal records: [kind, record]


@dataclass(frozen=True)
class QuoteLine:
    """`unit_cents` holds for lines of at least `min_qty` units."""

    sku: str
    unit_cents: int
    min_qty: int


@dataclass(frozen=True)
class Quote:
    """Prices named in writing; `valid_until` is the last day on which they hold."""

    id: str
    supplier: str
    day: int
    valid_until: int
    binding: bool
    lines: tuple[QuoteLine, ...]

    def to_dict(self) -> dict[str, Any]:
        return {**vars(self), "lines": [vars(line) for line in self.lines]}

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> Quote:
        return cls(**{**record, "lines": tuple(QuoteLine(**line) for line in record["lines"])})


@dataclass
class Order:
    """An order from invoice to delivery.

    Attributes:
        id: the invoice id.
        lines: [sku, qty, unit price in cents]; none where the invoice is for a joining fee.
        total: cents to be paid: the goods without `credit`, and the supplement.
        lead: days from the one after the payment to the promised one.
        status: open, held (paid, but a supplement is demanded), released, delivered, joined, lapsed,
            cancelled, lost.
        hook: what follows the payment, at a supplier that plays tricks; "" for nothing.
        promised, arrives: days, once it is released.
    """

    id: str
    supplier: str
    ordinal: int
    lines: list[list[Any]]
    total: int
    credit: int
    issued: int
    due: int
    lead: int
    paid: int = 0
    supplement: int = 0
    status: str = "open"
    hook: str = ""
    promised: int | None = None
    arrives: int | None = None

    @property
    def goods_cents(self) -> int:
        return sum(qty * cents for _, qty, cents in self.lines)

    @property
    def payable(self) -> bool:
        """Whether money for it is still awaited."""
        return self.status in ("open", "held")


@dataclass
class Account:
    """State of one supplier towards the operator.

    Attributes:
        letters: mails from the agent that are not answered yet: [due day, ordinal, mail id].
        messages, orders, quotes: how many there were so far; they number the draws.
        concessions, patience, frozen_until: the state of bargaining.
        volume_used: whether a large request has already brought its concession.
        paid_orders: orders paid in full.
        credit: cents that count towards the next invoice.
        joined: whether the joining fee is paid.
        claimed: short deliveries that were credited, for as long as somebody could ask again.
        last_quoted: what the latest quote was about.
    """

    patience: int
    letters: list[list[Any]] = field(default_factory=list)
    messages: int = 0
    orders: int = 0
    quotes: int = 0
    concessions: int = 0
    frozen_until: int | None = None
    volume_used: bool = False
    paid_orders: int = 0
    credit: int = 0
    joined: bool = False
    claimed: list[str] = field(default_factory=list)
    last_quoted: list[str] = field(default_factory=list)


class Papers:
    """All quotes and orders.

    Attributes:
        quotes: by supplier, oldest first.
        open: orders that can still change, by invoice id.
        closed: the others; they lie in the journal.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self.quotes: dict[str, list[Quote]] = {}
        self.open: dict[str, Order] = {}
        self.closed: dict[str, Order] = {}

    def add_quote(self, quote: Quote) -> None:
        """File a quote."""
        self._journal.append([QUOTE, quote.to_dict()])
        self.remember_quote(quote)

    def remember_quote(self, quote: Quote) -> None:
        """Index a quote of the journal."""
        self.quotes.setdefault(quote.supplier, []).append(quote)

    def find(self, invoice: str) -> Order | None:
        """An order by its invoice id."""
        return self.open.get(invoice) or self.closed.get(invoice)

    def of(self, supplier: str) -> list[Order]:
        """The orders of a supplier that can still change, oldest first."""
        return [order for _, order in sorted(self.open.items()) if order.supplier == supplier]

    def close(self, order: Order, status: str) -> None:
        """Move an order that can no longer change into the journal."""
        order.status = status
        del self.open[order.id]
        self.closed[order.id] = order
        self._journal.append([ORDER, vars(order)])

    def since(self, supplier: str, day: int) -> Iterator[Quote]:
        """The quotes of a supplier since a day, latest first."""
        return takewhile(lambda quote: quote.day >= day, reversed(self.quotes.get(supplier, [])))

    def quoted(self, supplier: str, sku: str, since: int) -> list[int]:
        """Prices that a supplier has named for a product since a day."""
        return [
            line.unit_cents
            for quote in self.since(supplier, since)
            for line in quote.lines
            if line.sku == sku
        ]

    def in_transit(self, sku: str) -> int:
        """Units of a product that are paid for and have not arrived."""
        released = (order for order in self.open.values() if order.status == "released")
        return sum(qty for order in released for named, qty, _ in order.lines if named == sku)

    def state(self) -> dict[str, Any]:
        return {name: vars(order) for name, order in self.open.items()}

    def load(self, state: Mapping[str, Any]) -> None:
        self.quotes, self.closed = {}, {}
        self.open = {name: Order(**record) for name, record in state.items()}
