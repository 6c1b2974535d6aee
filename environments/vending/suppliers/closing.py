"""The end of a business: what was paid is lost, mails come back, and its customers are told."""

from __future__ import annotations

from agentbench_sdk.environments.vending.core import Core
from agentbench_sdk.environments.vending.mailroom import Draft
from agentbench_sdk.environments.vending.postmaster import bounce
from agentbench_sdk.environments.vending.suppliers import letters, orders
from agentbench_sdk.environments.vending.suppliers.roster import Supplier
from agentbench_sdk.environments.vending.suppliers.shipping import delivery_key


def close_businesses(core: Core, day: int) -> None:
    """Close the businesses whose last day this was."""
    for supplier in core.tapes.roster.values():
        if supplier.closes == day:
            _close(core, supplier)


def _close(core: Core, supplier: Supplier) -> None:
    account, affected = core.accounts[supplier.id], core.papers.of(supplier.id)
    for order in affected:
        if order.status == "released":
            core.agenda.cancel(delivery_key(order))
        orders.forfeit(core, order, order.paid + order.credit)
        core.papers.close(order, "lost")
    core.post("loss", supplier.id, "credit", supplier_credit=-account.credit, supplier_loss=account.credit)
    account.credit = 0
    for _, _, mail_id in sorted(account.letters):
        bounce(core.mailroom, supplier.address, core.mailroom.by_id[mail_id], core.day)
    account.letters = []
    if affected:
        names = ", ".join(order.id for order in affected)
        body = letters.write("closing", supplier, account.messages, invoices=names)
        core.mailroom.wait(core.day, Draft(supplier.address, "We have closed", body))
