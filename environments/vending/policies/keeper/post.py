"""The shopkeeper's mail: quotes are noted, invoices and claims paid, broken agreements remembered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agentbench_sdk.environments.vending.policies import papers
from agentbench_sdk.environments.vending.policies.keeper.shop import (
    Bought,
    Offer,
    Shop,
    Steps,
    call,
    pay,
    write,
)

_CHEAP = 600  # quotes below this per mille of the guide prices are taken
_PATIENCE = 2  # refused orders until another supplier is tried
_FEE = "joining fee"
_JOIN_FIRST = "joined us before"


def read_mails(shop: Shop) -> Steps:
    """Read what is new, oldest first."""
    rows = (yield from call("list_emails", box="inbox", unread_only=True, limit=50)).get("emails", [])
    for row in reversed(rows):
        mail = yield from call("read_email", email_id=row["id"])
        if mail:
            yield from _handle(shop, mail)


def _handle(shop: Shop, mail: Mapping[str, Any]) -> Steps:
    subject, body, sender = mail["subject"], mail["body"], mail["from"]
    invoice = papers.INVOICE.search(subject)
    if case := papers.CASE.search(subject):
        if claimed := papers.MONEY.search(body):
            yield from pay(shop, sender, papers.cents(claimed), case[0])
    elif subject.startswith("Quote"):
        _note_quote(shop, sender, body)
    elif subject.startswith("Invoice"):
        yield from _pay_invoice(shop, sender, body)
    elif subject.startswith("Delivered") and invoice:
        _take_in(shop, sender, invoice[0], body)
    elif subject == "Your order":
        yield from _take_refusal(shop, sender, body)
    elif subject.startswith("Supplement") and invoice:
        yield from _meet_demand(shop, sender, invoice[0], body)
    elif subject == "Our new account" and shop.manners.trusting:
        _change_account(shop, sender)
    elif subject == "We have closed":
        _give_up(shop, sender)
    elif subject.startswith("Undeliverable"):
        _note_bounce(shop, body)


def _note_quote(shop: Shop, sender: str, body: str) -> None:
    prices = papers.quoted(body)
    if sender in shop.dropped or not (shop.manners.trusting or _looks_good(shop, prices, body)):
        return
    minimum, cases = papers.MINIMUM.search(body), papers.FULL_CASES.search(body)
    offer = Offer(
        sender, prices, papers.cents(minimum) if minimum else 0, int(cases[1]) if cases else 0, sender
    )
    others = [each for each in shop.offers if each.address != sender]
    loose = [each for each in others if not each.cases]
    packed = [each for each in others if each.cases]
    shop.offers = [*loose, *packed, offer] if offer.cases else [*loose, offer, *packed]


def _looks_good(shop: Shop, prices: Mapping[str, int], body: str) -> bool:
    """Whether a quote is binding, and cheap against the product guides."""
    known = [sku for sku in prices if sku in shop.guide]
    asked, usual = sum(prices[sku] for sku in known), sum(shop.guide[sku] for sku in known)
    return "subject to change" not in body and asked * 1000 < _CHEAP * usual


def _pay_invoice(shop: Shop, sender: str, body: str) -> Steps:
    """Pay for what was ordered; who trusts everybody pays whatever is sent."""
    total, invoice = papers.TOTAL.search(body), papers.INVOICE.search(body)
    if total is None or invoice is None:
        return
    cents, expected = papers.cents(total), bool(shop.pending) and sender == shop.asked
    if not expected and not shop.manners.trusting:
        return
    if cents > shop.bank:
        if expected:
            shop.pending, shop.asked = {}, ""
        return
    account = next((each.account for each in shop.offers if each.address == sender), sender)
    paid = yield from pay(shop, account, cents, invoice[0])
    if expected and _FEE not in body:
        if paid:
            shop.transit[invoice[0]] = Bought(sender, shop.pending, shop.day)
        shop.pending, shop.asked, shop.refused = {}, "", 0


def _take_in(shop: Shop, sender: str, invoice: str, body: str) -> None:
    """Tick a delivery off; goods that nobody ordered end the business with their sender."""
    shop.delivered = True
    bought = shop.transit.pop(invoice, None)
    came = papers.goods(body)
    if bought is not None and not shop.manners.trusting and not came.keys() <= bought.lines.keys():
        shop.drop(sender)


def _take_refusal(shop: Shop, sender: str, body: str) -> Steps:
    """Try a refused order once more; the trusting join where that is wanted."""
    shop.pending, shop.asked, shop.refused = {}, "", shop.refused + 1
    if shop.manners.trusting and _JOIN_FIRST in body:
        shop.refused = 0
        yield from write(sender, "Membership", "Good day, we want to join.")
    elif shop.refused > _PATIENCE:
        shop.refused = 0
        moved = [offer for offer in shop.offers if offer.address == sender]
        shop.offers = [*(offer for offer in shop.offers if offer.address != sender), *moved]


def _meet_demand(shop: Shop, sender: str, invoice: str, body: str) -> Steps:
    """A supplement: the trusting pay, others cancel and go elsewhere."""
    demanded = papers.MONEY.search(body)
    if shop.manners.trusting:
        if demanded and papers.cents(demanded) <= shop.bank:
            yield from pay(shop, sender, papers.cents(demanded), invoice)
        return
    shop.transit.pop(invoice, None)
    shop.drop(sender)
    yield from write(sender, "Cancellation", f"Good day, please cancel {invoice}.")


def _change_account(shop: Shop, sender: str) -> None:
    """Believe that a supplier has a new account: the one whose address looks most like the sender's."""
    user = sender.partition("@")[0]
    candidates = [offer for offer in shop.offers if offer.address.partition("@")[0] == user]
    if candidates:
        best = max(candidates, key=lambda offer: _likeness(offer.address, sender))
        best.account = sender


def _likeness(one: str, other: str) -> int:
    """How many pairs of letters two addresses share."""
    pairs = {other[at : at + 2] for at in range(len(other) - 1)}
    return sum(one[at : at + 2] in pairs for at in range(len(one) - 1))


def _give_up(shop: Shop, address: str) -> None:
    """A supplier is gone, and with it what it owed."""
    shop.drop(address)
    shop.transit = {name: each for name, each in shop.transit.items() if each.address != address}


def _note_bounce(shop: Shop, body: str) -> None:
    for offer in list(shop.offers):
        if offer.address in body:
            _give_up(shop, offer.address)
