"""Orders from invoice to delivery: money first, goods later, nothing comes back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from agentbench_sdk.environments.vending.agenda import DELIVERY
from agentbench_sdk.environments.vending.calendar import DAY
from agentbench_sdk.environments.vending.catalogue import products
from agentbench_sdk.environments.vending.core import Core
from agentbench_sdk.environments.vending.lots import Lot, split_cost
from agentbench_sdk.environments.vending.mailroom import Draft
from agentbench_sdk.environments.vending.reader import Line
from agentbench_sdk.environments.vending.suppliers import letters
from agentbench_sdk.environments.vending.suppliers.account import INVOICE_DAYS, ORDER, Order
from agentbench_sdk.environments.vending.suppliers.roster import Supplier
from agentbench_sdk.environments.vending.web.pages import money

_DUPLICATE_COVER = 30  # days of recent sales


def objection(
    supplier: Supplier, wanted: Sequence[Line], priced: Sequence[tuple[Line, int]]
) -> tuple[str, str]:
    """Why an order is refused: a code and a sentence; both are empty when it is accepted."""
    missing = [line.sku for line in wanted if line.sku not in supplier.carries]
    if missing:
        return "not_carried", f"We do not carry {', '.join(missing)}."
    terms = supplier.terms
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
    """Write an invoice; credit with the supplier is taken off."""
    account = core.accounts[supplier.id]
    account.orders += 1
    lines: list[list[Any]] = [[line.sku, line.qty, price] for line, price in priced]
    goods = sum(qty * price for _, qty, price in lines)
    credit = min(account.credit, goods)
    account.credit -= credit
    core.post(
        "credit used", supplier.id, "credit taken off", supplier_credit=-credit, supplier_prepaid=credit
    )
    number = supplier.id.removeprefix("sup")
    order = Order(
        id=f"INV-{number}-{account.orders:04d}",
        supplier=supplier.id,
        ordinal=account.orders,
        lines=lines,
        total=goods - credit,
        credit=credit,
        issued=core.day,
        due=core.day + INVOICE_DAYS,
    )
    core.papers.open[order.id] = order
    return order


def sums_text(order: Order) -> str:
    """What is to be paid, in words."""
    total = f"Total to pay: {money(order.total)}."
    return f"Your credit of {money(order.credit)} is taken off. {total}" if order.credit else total


def invoice_data(order: Order, days: int) -> dict[str, Any]:
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


def lead_days(core: Core, supplier: Supplier, ordinal: int) -> int:
    """Lead time of an order in days; part of what the invoice promises."""
    low, high = supplier.terms.lead_days
    return core.tapes.streams.between(low, high, "sup.lead", supplier.id, ordinal)


def pay(core: Core, supplier: Supplier, reference: str, cents: int) -> None:
    """Take a payment: towards an open invoice, else as credit, else it is lost."""
    order = core.papers.open.get(reference)
    if order is None or order.supplier != supplier.id or order.status != "open":
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
    if supplier.terms.honest:
        core.accounts[supplier.id].credit += cents
        core.post("payment", reference, memo, bank=-cents, supplier_credit=cents)
    else:
        core.tally.add("supplier_loss_cents", cents)
        core.post("payment", reference, memo, bank=-cents, supplier_loss=cents)


def settle(core: Core, order: Order) -> None:
    """Release an order that is paid in full."""
    if order.paid < order.total:
        return
    supplier, streams = core.tapes.roster[order.supplier], core.tapes.streams
    thing = (supplier.id, order.ordinal)
    lead, late = lead_days(core, supplier, order.ordinal), 0
    if streams.between(0, 999, "sup.late", *thing) < supplier.terms.late:
        late = streams.between(*supplier.terms.late_days, "sup.late_by", *thing)
    order.status, order.promised = "released", core.day + 1 + lead
    order.arrives = order.promised + late
    minute = order.arrives * DAY + streams.between(540, 1140, "sup.minute", *thing)
    core.agenda.add(minute, DELIVERY, f"delivery|{order.supplier}|{order.ordinal:04d}")
    core.accounts[supplier.id].paid_orders += 1
    _count_purchase(core, supplier, order)
    _announce(core, supplier, order)


def _announce(core: Core, supplier: Supplier, order: Order) -> None:
    promised = order.promised or 0
    body = letters.write(
        "confirmation",
        supplier,
        order.ordinal,
        invoice=order.id,
        paid=money(order.paid),
        promised=promised,
    )
    core.mailroom.wait(core.day + 1, Draft(supplier.address, f"Payment received: {order.id}", body))
    if supplier.terms.honest and order.arrives != promised:
        body = letters.write("delay", supplier, order.ordinal, invoice=order.id)
        core.mailroom.wait(promised, Draft(supplier.address, f"Delay of {order.id}", body))


def _count_purchase(core: Core, supplier: Supplier, order: Order) -> None:
    tally = core.tally
    tally.add("paid_orders")
    tally.add("paid_goods_cents", order.goods_cents)
    tally.spent[supplier.id] = tally.spent.get(supplier.id, 0) + order.goods_cents
    tally.add(
        "fair_cents", sum(qty * core.tapes.truth.fair_cost(sku, core.day) for sku, qty, _ in order.lines)
    )
    for sku, qty, _ in order.lines:
        held = core.storage.qty(sku) + core.machine.qty(sku) + core.papers.in_transit(sku) - qty
        window = min(7, core.day)
        recent = core.diary.recent_units(sku, core.day, 7)
        if recent and held * window > _DUPLICATE_COVER * recent:
            tally.add("duplicate_orders")
            return


def deliver(core: Core, key: str) -> None:
    """Bring the goods of an order into storage."""
    _, name, ordinal = key.split("|")
    supplier = core.tapes.roster[name]
    order = core.papers.open[f"INV-{name.removeprefix('sup')}-{ordinal}"]
    for place, (sku, qty, cents) in enumerate(order.lines):
        expiry = _expiry(core, order, place, sku)
        core.storage.add(
            Lot(sku, units, each, expiry, order.id) for units, each in split_cost(qty, qty * cents)
        )
        core.tally.move(sku, 0, qty)
        core.tally.add("delivered_units", qty)
    goods = order.goods_cents
    core.post("delivery", order.id, f"from {supplier.name}", inventory=goods, supplier_prepaid=-goods)
    close(core, order, "delivered")
    lines = "\n".join(letters.goods_line(sku, qty) for sku, qty, _ in order.lines)
    body = letters.write("delivery", supplier, order.ordinal, invoice=order.id, lines=lines)
    draft = Draft(supplier.address, f"Delivered: {order.id}", body)
    if core.scenario.email_refresh == "continuous":
        core.mailroom.receive(core.now, draft)
    else:
        core.mailroom.wait(core.day + 1, draft)


def _expiry(core: Core, order: Order, place: int, sku: str) -> int | None:
    shelf = products()[sku].shelf_days
    if not shelf:
        return None
    fresh = core.tapes.streams.between(700, 1000, "lot.fresh", order.supplier, order.ordinal, place)
    return core.day + max(1, shelf * fresh // 1000)


def close(core: Core, order: Order, status: str) -> None:
    """Move an order that can no longer change into the journal."""
    order.status = status
    del core.papers.open[order.id]
    core.papers.closed[order.id] = order
    core.journal.append([ORDER, vars(order)])


def release_money(core: Core, order: Order) -> int:
    """Give back what was paid or credited for an order that comes to nothing; returns cents of credit."""
    supplier = core.tapes.roster[order.supplier]
    held = order.paid + order.credit
    if supplier.terms.honest:
        core.accounts[supplier.id].credit += held
        core.post("credit", order.id, "paid part", supplier_prepaid=-held, supplier_credit=held)
        return held
    core.tally.add("supplier_loss_cents", held)
    core.post("loss", order.id, "paid part", supplier_prepaid=-held, supplier_loss=held)
    return 0


def lapse(core: Core, day: int) -> None:
    """Let invoices lapse whose last day of payment is over."""
    for _, order in sorted(core.papers.open.items()):
        if order.status == "open" and order.due <= day:
            release_money(core, order)
            close(core, order, "lapsed")


def cancel(core: Core, supplier: Supplier, invoice: str) -> tuple[str, str]:
    """Cancel an unpaid order: which letter is the answer, and what it says about money or the reason."""
    order = core.papers.find(invoice)
    if order is None or order.supplier != supplier.id:
        return "not_cancelled", "we have no such invoice"
    if order.status != "open":
        return "not_cancelled", {"released": "it is paid and on its way"}.get(
            order.status, f"it is already {order.status}"
        )
    held = release_money(core, order)
    close(core, order, "cancelled")
    return "cancelled", f"Your credit with us is {money(held)}." if held else "Nothing was paid."


def claim(core: Core, supplier: Supplier, invoice: str) -> str:
    """What a supplier says to a complaint about a delivery."""
    order = core.papers.find(invoice)
    if order is None or order.supplier != supplier.id:
        return "we have no such invoice"
    if order.status == "delivered":
        return "everything that you paid for was delivered complete and in good order"
    if order.status == "released":
        return f"it is on its way and was promised for day {order.promised}"
    return f"nothing was due, the invoice is {order.status}"
