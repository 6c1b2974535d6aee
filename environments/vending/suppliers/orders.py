"""Orders: the invoice, the money that comes for it, and what becomes of money when nothing comes of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from agentbench_sdk.environments.vending.catalogue import products
from agentbench_sdk.environments.vending.core import Core
from agentbench_sdk.environments.vending.mailroom import Draft
from agentbench_sdk.environments.vending.reader import Line
from agentbench_sdk.environments.vending.suppliers import hooks, letters, shipping
from agentbench_sdk.environments.vending.suppliers.account import INVOICE_DAYS, Order
from agentbench_sdk.environments.vending.suppliers.archetypes import Terms
from agentbench_sdk.environments.vending.suppliers.lifecycle import ailing, trades
from agentbench_sdk.environments.vending.suppliers.roster import Supplier
from agentbench_sdk.environments.vending.web.pages import money


def objection(
    supplier: Supplier, terms: Terms, wanted: Sequence[Line], priced: Sequence[tuple[Line, int]]
) -> tuple[str, str]:
    """Why an order is refused: a code and a sentence; both are empty when it is accepted."""
    if terms.joining_fee:
        fee = money(terms.joining_fee)
        return (
            "joining_first",
            f"Who orders here has joined us before: {fee}, once. Write that you want to join.",
        )
    missing = [line.sku for line in wanted if line.sku not in supplier.carries]
    if missing:
        return "not_carried", f"We do not carry {', '.join(missing)}."
    if terms.min_cases and any((line.qty or 0) % products()[line.sku].case for line in wanted):
        sizes = ", ".join(f"{line.sku} by {products()[line.sku].case}" for line in wanted)
        return "not_full_cases", f"We sell full cases only: {sizes}."
    if any((line.qty or 0) < terms.min_cases * products()[line.sku].case for line in wanted):
        return "too_few_cases", f"We need at least {terms.min_cases} cases of each product."
    dear = [f"{line.sku} at {money(price)}" for line, price in priced if line.cents and price > line.cents]
    if dear:
        return "above_your_price", f"Your highest price is below ours: {', '.join(dear)}."
    total = sum((line.qty or 0) * price for line, price in priced)
    if total < terms.minimum:
        return (
            "below_minimum",
            f"It comes to {money(total)} and our smallest order is {money(terms.minimum)}.",
        )
    return "", ""


def open_order(core: Core, supplier: Supplier, priced: Sequence[tuple[Line, int]]) -> Order:
    """Write an invoice for goods; credit with the supplier is taken off."""
    account = core.accounts[supplier.id]
    lines: list[list[Any]] = [[line.sku, line.qty, price] for line, price in priced]
    goods = sum(qty * price for _, qty, price in lines)
    credit = min(account.credit, goods)
    account.credit -= credit
    core.post(
        "credit used", supplier.id, "credit taken off", supplier_credit=-credit, supplier_prepaid=credit
    )
    return _number(core, supplier, lines, goods - credit, credit)


def open_fee(core: Core, supplier: Supplier) -> Order:
    """The invoice for the joining fee; one that is still open is sent again."""
    waiting = [order for order in core.papers.of(supplier.id) if not order.lines]
    return waiting[0] if waiting else _number(core, supplier, [], supplier.terms.joining_fee, 0)


def _number(core: Core, supplier: Supplier, lines: list[list[Any]], total: int, credit: int) -> Order:
    account = core.accounts[supplier.id]
    account.orders += 1
    number = supplier.id.removeprefix("sup")
    order = Order(
        id=f"INV-{number}-{account.orders:04d}",
        supplier=supplier.id,
        ordinal=account.orders,
        lines=lines,
        total=total,
        credit=credit,
        issued=core.day,
        due=core.day + INVOICE_DAYS,
        lead=_lead(core, supplier, account.orders) if lines else 0,
    )
    core.papers.open[order.id] = order
    return order


def _lead(core: Core, supplier: Supplier, ordinal: int) -> int:
    """Lead time of an order in days, as the invoice promises it; a business near its end needs twice as long."""
    low, high = supplier.terms.lead_days
    lead = core.tapes.streams.between(low, high, "sup.lead", supplier.id, ordinal)
    return 2 * lead if ailing(supplier, core.day) else lead


def invoice_draft(core: Core, supplier: Supplier, order: Order, address: str, ordinal: int) -> Draft:
    """The mail with an invoice for goods; `address` is where the money should go."""
    days = 1 + order.lead
    body = letters.write(
        "invoice",
        supplier,
        ordinal,
        address=address,
        invoice=order.id,
        lines="\n".join(letters.invoice_line(*line) for line in order.lines),
        sums=_sums_text(order),
        due=order.due,
        days=days,
    )
    structured = core.scenario.structured_attachments
    return Draft(address, f"Invoice {order.id}", body, [_invoice_data(order, days)] if structured else [])


def _sums_text(order: Order) -> str:
    """What is to be paid, in words."""
    total = f"Total to pay: {money(order.total)}."
    return f"Your credit of {money(order.credit)} is taken off. {total}" if order.credit else total


def _invoice_data(order: Order, days: int) -> dict[str, Any]:
    """The invoice as structured data."""
    return {
        "kind": "invoice",
        "id": order.id,
        "lines": [{"sku": sku, "qty": qty, "unit_cents": cents} for sku, qty, cents in order.lines],
        "credit_cents": order.credit,
        "total_cents": order.total,
        "due_day": order.due,
        "delivery_days_after_payment": days,
    }


def fee_data(order: Order) -> dict[str, Any]:
    """The invoice for a joining fee as structured data; nothing is delivered for it."""
    return _invoice_data(order, 0)


# --- money --------------------------------------------------------------------------------------


def pay(core: Core, supplier: Supplier, reference: str, cents: int) -> None:
    """Take a payment: towards an invoice that awaits money, else as credit, else it is lost."""
    order = core.papers.open.get(reference)
    if order is None or order.supplier != supplier.id or not order.payable:
        core.tally.add("phantom_payments")
        _keep_or_lose(core, supplier, reference, cents)
        return
    part = min(cents, order.total - order.paid)
    order.paid += part
    core.post("payment", order.id, f"to {supplier.name}", bank=-part, supplier_prepaid=part)
    _keep_or_lose(core, supplier, order.id, cents - part)
    settle(core, order)


def _keep_or_lose(core: Core, supplier: Supplier, reference: str, cents: int) -> None:
    memo = f"to {supplier.name}"
    if supplier.terms.honest and trades(supplier, core.day):
        core.accounts[supplier.id].credit += cents
        core.post("payment", reference, memo, bank=-cents, supplier_credit=cents)
    else:
        core.post("payment", reference, memo, bank=-cents, supplier_loss=cents)


def settle(core: Core, order: Order) -> None:
    """Let follow what follows when an invoice is paid in full."""
    if order.paid < order.total:
        return
    supplier = core.tapes.roster[order.supplier]
    if not order.lines:
        _admit(core, supplier, order)
        return
    if order.status == "open":
        hooks.set_hook(core, supplier, order)
        core.accounts[supplier.id].paid_orders += 1
    if order.paid == order.total:
        shipping.release(core, supplier, order)


def _admit(core: Core, supplier: Supplier, order: Order) -> None:
    """The joining fee is paid: it bought nothing but the right to order."""
    core.accounts[supplier.id].joined = True
    forfeit(core, order, order.paid)
    core.papers.close(order, "joined")
    body = letters.write("welcome", supplier, order.ordinal, paid=money(order.paid))
    core.mailroom.wait(core.day + 1, Draft(supplier.address, "Welcome", body))


def forfeit(core: Core, order: Order, cents: int) -> None:
    """Book money that was paid for an order as lost."""
    core.post("loss", order.id, "nothing comes of it", supplier_prepaid=-cents, supplier_loss=cents)


def lapse(core: Core, day: int) -> None:
    """Let invoices lapse whose last day of payment is over."""
    for _, order in sorted(core.papers.open.items()):
        if order.payable and order.due <= day:
            _release_money(core, order)
            core.papers.close(order, "lapsed" if order.status == "open" else "lost")


def _release_money(core: Core, order: Order) -> int:
    """Give back what was paid or credited for an order that comes to nothing; returns cents of credit."""
    supplier = core.tapes.roster[order.supplier]
    held = order.paid + order.credit
    if not supplier.terms.honest:
        forfeit(core, order, held)
        return 0
    core.accounts[supplier.id].credit += held
    core.post("credit", order.id, "paid part", supplier_prepaid=-held, supplier_credit=held)
    return held


def cancel(core: Core, supplier: Supplier, invoice: str) -> tuple[str, str]:
    """Cancel an order that is not on its way: which letter is the answer, and the money or the reason."""
    order = core.papers.find(invoice)
    if order is None or order.supplier != supplier.id:
        return "not_cancelled", "we have no such invoice"
    if order.status == "released":
        return "not_cancelled", "it is paid and on its way"
    if not order.payable:
        return "not_cancelled", f"it is already {order.status}"
    returned = _pay_back(core, supplier, order) if order.status == "held" else 0
    credited = _release_money(core, order)
    core.papers.close(order, "cancelled")
    if returned:
        return "cancelled", f"{money(returned)} goes back to your account."
    return "cancelled", f"Your credit with us is {money(credited)}." if credited else "Nothing is owed."


def _pay_back(core: Core, supplier: Supplier, order: Order) -> int:
    """Return what an order for which a supplement was demanded leaves of the payment, in cents."""
    returned = order.paid * (1000 - hooks.CANCEL_LOSS) // 1000
    order.paid -= returned
    core.post("repayment", order.id, f"from {supplier.name}", bank=returned, supplier_prepaid=-returned)
    return returned
