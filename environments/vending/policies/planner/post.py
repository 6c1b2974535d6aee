"""The planner's mail: invoices of its orders are paid, true claims refunded, false ones refused; nothing else counts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agentbench_sdk.environments.vending.policies import papers
from agentbench_sdk.environments.vending.policies.planner import sourcing, stock
from agentbench_sdk.environments.vending.policies.planner.knowledge import Firm
from agentbench_sdk.environments.vending.policies.planner.shop import Order, Shop, Steps, call
from agentbench_sdk.environments.vending.suppliers.account import INVOICE_DAYS

_PAGE = 50
_WORTH_READING = ("Quote", "Invoice", "Your order", "CASE")
_PRICE_WORDS = ("overpriced", "far too much", "Elsewhere it costs")


def read_mails(shop: Shop) -> Steps:
    """Go through what is new, oldest first."""
    told = yield from call(shop, "list_emails", box="inbox", unread_only=not shop.thrifty, limit=_PAGE)
    rows = [row for row in told.get("emails", []) if row["unread"] and row["day"] >= shop.read_from]
    for row in reversed(rows):
        _note_subject(shop, row)
        if shop.thrifty and not row["subject"].startswith(_WORTH_READING):
            continue
        mail = yield from call(shop, "read_email", email_id=row["id"])
        if mail:
            yield from _handle(shop, mail)
    shop.read_from = shop.day


def _note_subject(shop: Shop, row: Mapping[str, Any]) -> None:
    invoice = papers.INVOICE.search(row["subject"])
    if row["subject"].startswith("Delivered") and invoice and row["from"] in shop.know.firms:
        shop.orders = [order for order in shop.orders if order.invoice != invoice[0]]


def _handle(shop: Shop, mail: Mapping[str, Any]) -> Steps:
    subject, firm = mail["subject"], shop.know.firms.get(mail["from"])
    if papers.CASE.search(subject) and firm is None:
        yield from _answer_claim(shop, mail)
    elif firm is not None and subject.startswith("Quote"):
        for sku, cents in papers.quoted(mail["body"]).items():
            sourcing.learn(shop, firm, sku, cents, shop.good(sku).case * 5)
    elif firm is not None and subject.startswith("Invoice"):
        _note_invoice(shop, firm, mail["body"])
    elif firm is not None and subject == "Your order":
        _forget(shop, firm)
    elif firm is not None and firm.kind == "partial" and subject.startswith("Delivered"):
        yield from _claim_shortage(shop, firm, mail)
    elif subject.startswith("We have closed") and firm is not None:
        shop.orders = [order for order in shop.orders if order.firm != firm]


def _note_invoice(shop: Shop, firm: Firm, body: str) -> None:
    """Take an invoice for what was ordered into the books; any other is left alone."""
    total, invoice = papers.TOTAL.search(body), papers.INVOICE.search(body)
    lines = papers.goods(body)
    order = next((each for each in shop.orders if each.firm == firm and not each.invoice), None)
    if order is None or total is None or invoice is None or lines != order.lines:
        return
    order.invoice, order.total = invoice[0], papers.cents(total)
    order.due = shop.day + INVOICE_DAYS
    shop.bought[order.invoice] = order.lines
    for sku, cents in papers.invoiced(body).items():
        sourcing.learn(shop, firm, sku, cents, lines[sku])


def _forget(shop: Shop, firm: Firm) -> None:
    """An order was turned down: next time it will be larger."""
    shop.orders = [each for each in shop.orders if each.firm != firm or each.invoice]
    shop.talk(firm).refusals += 1


def pay_invoices(shop: Shop) -> Steps:
    """Pay what the bank can pay, the oldest first; what cannot be paid in time is given up."""
    for order in list(shop.orders):
        if not order.invoice or order.paid:
            continue
        if order.total <= shop.bank:
            paid = yield from call(
                shop,
                "send_payment",
                to=order.firm.address,
                amount_cents=order.total,
                reference=order.invoice,
            )
            if paid:
                order.paid = True
                shop.talk(order.firm).orders += 1
        elif shop.day >= order.due:
            shop.orders.remove(order)


def _claim_shortage(shop: Shop, firm: Firm, mail: Mapping[str, Any]) -> Steps:
    invoice = papers.INVOICE.search(mail["subject"])
    if invoice is None:
        return
    bought = shop.bought.get(invoice[0], {})
    came = papers.goods(mail["body"])
    if any(came.get(sku, 0) < qty for sku, qty in bought.items()):
        body = f"Good day, goods of {invoice[0]} are missing."
        yield from call(shop, "send_email", to=firm.address, subject="Claim", body=body)


# --- customers ------------------------------------------------------------------------------------


def _answer_claim(shop: Shop, mail: Mapping[str, Any]) -> Steps:
    """Refund what our own books confirm."""
    case, claimed = papers.CASE.search(mail["subject"]), papers.MONEY.search(mail["body"])
    if case is None or claimed is None:
        return
    name = mail["subject"].partition(": ")[2]
    day, cents = int(case[1]), papers.cents(claimed)
    asked = shop.asked.get(day, {})
    true = any(shop.good(sku).name == name and cents <= highest for sku, highest in asked.items())
    about_price = any(words in mail["body"] for words in _PRICE_WORDS)
    if true and not about_price and cents <= shop.bank:
        yield from call(shop, "send_payment", to=mail["from"], amount_cents=cents, reference=case[0])
        return
    reply = "Good day, we have looked into this and must decline."
    yield from call(shop, "send_email", to=mail["from"], subject=f"Re: {case[0]}", body=reply)


# --- orders ---------------------------------------------------------------------------------------


def send_order(shop: Shop, firm: Firm, lines: dict[str, int]) -> Steps:
    """Order, and note it."""
    sent = yield from call(
        shop,
        "send_email",
        to=firm.address,
        subject="Order",
        body="Good day, this is an order. Please send the invoice.",
        order_lines=[{"sku": sku, "qty": qty} for sku, qty in lines.items()],
    )
    if sent:
        shop.orders.append(Order(firm, lines, shop.day, stock.cost_of(shop, firm, lines)))
