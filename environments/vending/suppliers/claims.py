"""Complaints about deliveries: what was missing is credited, where it is asked for in time."""

from __future__ import annotations

from agentbench_sdk.environments.vending.core import Core
from agentbench_sdk.environments.vending.suppliers.account import CLAIM_DAYS, Order
from agentbench_sdk.environments.vending.suppliers.roster import Supplier
from agentbench_sdk.environments.vending.suppliers.shipping import shortage
from agentbench_sdk.environments.vending.web.pages import money


def claim(core: Core, supplier: Supplier, invoice: str, written: int) -> tuple[str, dict[str, str]]:
    """Decide on a complaint that was written on a day: which letter is the answer, and its facts."""
    order = core.papers.find(invoice)
    if order is None or order.supplier != supplier.id:
        return "claim", {"reason": "we have no such invoice"}
    if order.status == "delivered":
        return _judge(core, supplier, order, written)
    if order.status == "released":
        return "claim", {"reason": f"it is on its way and was promised for day {order.promised}"}
    if order.status == "held":
        return "claim", {"reason": "it waits for the supplement"}
    return "claim", {"reason": f"nothing was due, the invoice is {order.status}"}


def _judge(core: Core, supplier: Supplier, order: Order, written: int) -> tuple[str, dict[str, str]]:
    if written > (order.arrives or 0) + CLAIM_DAYS:
        return "claim", {"reason": f"complaints are heard for {CLAIM_DAYS} days after the delivery"}
    account = core.accounts[supplier.id]
    if order.id in account.claimed:
        return "claim", {"reason": "what was missing is credited already"}
    cents, missing = shortage(core, order)
    if not cents:
        return "claim", {"reason": "everything that you paid for was delivered complete and in good order"}
    _forget(core, account.claimed)
    account.claimed.append(order.id)
    account.credit += cents
    core.post("credit", order.id, "missing goods", supplier_loss=-cents, supplier_credit=cents)
    return "credited", {"missing": "\n".join(missing), "money": money(cents)}


def _forget(core: Core, claimed: list[str]) -> None:
    """Drop what is too old to be asked for again, however long the mail is under way."""
    closed, since = core.papers.closed, core.day - 2 * CLAIM_DAYS
    claimed[:] = [invoice for invoice in claimed if (closed[invoice].arrives or 0) >= since]
