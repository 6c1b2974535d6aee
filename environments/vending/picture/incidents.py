"""Incidents: what is marked on a day of its own. Read from the books at the end; each says itself in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from agentbench_sdk.environments.vending.calendar import DAY
from agentbench_sdk.environments.vending.catalogue import products
from agentbench_sdk.environments.vending.core import Core
from agentbench_sdk.environments.vending.customers import Case
from agentbench_sdk.environments.vending.picture.series import DayFlow
from agentbench_sdk.environments.vending.suppliers.account import Order
from agentbench_sdk.environments.vending.web.pages import money

Kind = Literal["delivery", "late", "payment", "complaint", "refund", "stock-out", "outage", "loss"]
KINDS: dict[Kind, str] = {
    "delivery": "deliveries",
    "late": "late deliveries",
    "payment": "payments",
    "complaint": "complaints",
    "refund": "refunds",
    "stock-out": "stock-outs",
    "outage": "outages",
    "loss": "losses",
}
# Outgoing bank postings that are no payment to somebody the agent chose.
_CHARGES = {"fee", "tokens", "market survey", "service", "refund"}
_HARMED = {"ignored", "refused", "unsettled", "broken promise"}  # how a true complaint should not end


@dataclass(frozen=True, slots=True)
class Incident:
    """One mark.

    Attributes:
        at: when, in days from the beginning of day 0.
        text: what happened, for the reader who points at it.
        size: cents, or slots; 0 where there is nothing to measure.
        bad: whether it went wrong.
        since: where the mark begins, when it is a span: the day that a delivery was promised for.
    """

    kind: Kind
    at: float
    text: str
    size: int = 0
    bad: bool = False
    since: float | None = None

    @property
    def day(self) -> int:
        return int(self.at)


def incidents(core: Core, days: Iterable[DayFlow]) -> list[Incident]:
    """All incidents of a session so far, by kind and time."""
    found = [*_deliveries(core), *_payments(core), *_complaints(core), *_flows(days)]
    order = list(KINDS)
    return sorted(found, key=lambda each: (order.index(each.kind), each.at, each.text))


def _deliveries(core: Core) -> Iterator[Incident]:
    for order in (*core.papers.closed.values(), *core.papers.open.values()):
        supplier = core.tapes.roster[order.supplier].name
        units = sum(qty for _, qty, _ in order.lines)
        if order.status == "delivered" and order.arrives is not None:
            text = f"{order.id} of {supplier}: {units} units for {money(order.goods_cents)}"
            yield Incident("delivery", order.arrives + 0.5, text, order.goods_cents)
        yield from _lateness(core, order, supplier)


def _lateness(core: Core, order: Order, supplier: str) -> Iterator[Incident]:
    if order.promised is None or order.status not in ("delivered", "released"):
        return
    here = order.status == "delivered" and order.arrives is not None
    end = (order.arrives or 0) + 0.5 if here else core.now / DAY
    if end >= order.promised + 1:
        told = f"came on day {order.arrives}" if here else "not there at the end"
        text = f"{order.id} of {supplier}: promised for day {order.promised}, {told}"
        yield Incident("late", end, text, 0, bad=True, since=float(order.promised))


def _payments(core: Core) -> Iterator[Incident]:
    for _, day, minute, what, ref, memo, entries, _ in core.ledger.bank_rows:
        cents = -entries["BANK"]
        at = day + minute / DAY
        if cents > 0 and what not in _CHARGES:
            label = " ".join(part for part in (money(cents), memo, f"({ref})" if ref else "") if part)
            yield Incident("payment", at, label, cents)
        elif cents > 0 and what == "refund":
            yield Incident("refund", at, f"{money(cents)} {memo} ({ref})", cents)


def _complaints(core: Core) -> Iterator[Incident]:
    for case in (*core.cases.closed.values(), *core.cases.open.values()):
        if case.day + 1 > core.now / DAY:  # the letter had not come when the session ended
            continue
        told = f"{case.id}: {case.kind}, {products()[case.sku].name}, {money(case.claimed)}"
        claim = " (a false claim)" if case.fraud else ""
        text = f"{told}{claim}: {case.closed_by or 'open'}"
        yield Incident("complaint", case.day + 1.25, text, case.claimed, bad=_ended_badly(case))


def _ended_badly(case: Case) -> bool:
    return case.closed_by == "paid" if case.fraud else case.closed_by in _HARMED


def _flows(days: Iterable[DayFlow]) -> Iterator[Incident]:
    for flow in days:
        at = flow.day + 0.5
        if flow.stock_outs:
            yield Incident("stock-out", at, f"{flow.stock_outs} slots × sales blocks empty", flow.stock_outs)
        if flow.outages:
            yield Incident(
                "outage", at, f"out of order in {flow.outages} sales blocks", flow.outages, bad=True
            )
        for cause, cents in flow.losses.items():
            yield Incident("loss", at, f"{money(cents)} {cause}", cents, bad=True)
