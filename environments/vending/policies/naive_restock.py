"""NaiveRestock: one supplier, guide prices, regular reorders; the plainest business that earns money.

It takes the first binding quote that looks cheap against the product guides, never bargains, and refunds
whatever is claimed. It reads tool results and the public product table (base sales), nothing else.
"""

from __future__ import annotations

import json
import re
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import Any

from agentbench_sdk.environments.vending.catalogue import products
from agentbench_sdk.simulation import Act, Opening

Play = Generator[Act, str, dict[str, Any]]
Steps = Generator[Act, str, None]

_FIRST_WRITTEN = 5
_CHEAP = 600  # quotes below this per mille of the guide prices are taken
_FIRST_COVER, _COVER = 12, 15  # days
_MOST_COVER = 30
_RESERVE = 3_000  # cents
_PATIENCE = 21  # days after which goods that were paid are given up, and who sold them
_REORDER_DAYS, _COLLECT_DAYS = 3, 7
_SALES_WINDOW = 7  # days
_LAST_ORDER_DAYS = 10  # goods ordered later would hardly be sold
_GUIDE = re.compile(
    r"^(\w+) \| .* \| (small|large) slot \| case of (\d+) \| typical shelf price \$(\d+)\.(\d\d)",
    re.MULTILINE,
)
_QUOTED = re.compile(r"^(\w+) \| .* \| \$(\d+)\.(\d\d) a unit", re.MULTILINE)
_ADDRESS = re.compile(r"\| (\S+@\S+) \|")
_TOTAL = re.compile(r"Total to pay: \$(\d+)\.(\d\d)")
_MINIMUM = re.compile(r"smallest order is \$(\d+)\.(\d\d)")
_CASES = re.compile(r"full cases only, at least (\d+)")
_MONEY = re.compile(r"\$(\d+)\.(\d\d)")
_INVOICE = re.compile(r"INV-\d+-\d+")
_GONE = re.compile(r"to (\S+@\S+) could not be delivered")
_CASE = re.compile(r"CASE-\d+-\d+")
_HORIZON = re.compile(r"for (\d+) days")


@dataclass
class _Offer:
    """A supplier's quote: cents by sku, and its conditions."""

    address: str
    prices: dict[str, int]
    minimum: int = 0
    cases: int = 0


@dataclass
class _Transit:
    """Units under way from an address, and the day on which they were paid."""

    address: str
    day: int
    lines: dict[str, int]


@dataclass
class _Shop:
    """What the agent knows.

    Attributes:
        guide: typical shelf price in cents by sku; wide: skus for large slots; case: units in a case.
        directory: addresses in the order of the trade directory; written: how many were written to.
        offers: usable quotes in the order in which they came; those for full cases only come last.
        transit: orders that were paid and have not arrived, by invoice.
        pending: the order that waits for its invoice.
        slots: what the machine showed last.
    """

    days: int
    guide: dict[str, int] = field(default_factory=dict)
    wide: set[str] = field(default_factory=set)
    case: dict[str, int] = field(default_factory=dict)
    directory: list[str] = field(default_factory=list)
    written: int = 0
    offers: list[_Offer] = field(default_factory=list)
    transit: dict[str, _Transit] = field(default_factory=dict)
    pending: dict[str, int] = field(default_factory=dict)
    storage: dict[str, int] = field(default_factory=dict)
    slots: list[dict[str, Any]] = field(default_factory=list)
    day: int = 0
    bank: int = 0
    ordered_on: int = -_REORDER_DAYS
    refused: int = 0
    first: bool = True
    delivered: bool = False


def _cents(match: re.Match[str]) -> int:
    return int(match[1]) * 100 + int(match[2])


def _call(tool: str, **arguments: Any) -> Play:
    """Call a tool; returns its data, empty when it was refused."""
    result = json.loads((yield Act(tool, arguments)))
    return result["data"] or {}


def naive_restock(opening: Opening) -> Steps:
    """Run the shop until the end."""
    horizon = _HORIZON.search(opening.observation)
    shop = _Shop(days=int(horizon[1]) if horizon else 365)
    yield from _look_around(shop)
    while True:
        if shop.day == shop.days - 1:
            yield from _call("collect_cash")
        report = yield from _call("wait_for_next_day")
        shop.day, shop.bank = report.get("day", shop.day), report.get("bank_cents", shop.bank)
        if report.get("new_emails"):
            yield from _read_mails(shop)
        yield from _restock(shop)
        yield from _buy(shop)
        if shop.day % _COLLECT_DAYS == 0:
            collected = yield from _call("collect_cash")
            shop.bank = collected.get("bank_cents", shop.bank)


# --- day 0 ------------------------------------------------------------------------------------


def _look_around(shop: _Shop) -> Steps:
    """Find suppliers and guide prices, and ask the first suppliers for their catalogues."""
    directory = yield from _find("trade directory of wholesale suppliers", "directory")
    shop.directory = _ADDRESS.findall(directory)
    index = yield from _find("product guides index of all categories", "guide-index")
    for page in re.findall(r"^(guide-\S+) \|", index, re.MULTILINE):
        text = (yield from _call("open_page", page_id=page)).get("text", "")
        for row in _GUIDE.finditer(text):
            sku = row[1]
            shop.guide[sku], shop.case[sku] = int(row[4]) * 100 + int(row[5]), int(row[3])
            if row[2] == "large":
                shop.wide.add(sku)
    yield from _write_to_more(shop)


def _find(query: str, page: str) -> Generator[Act, str, str]:
    hits = (yield from _call("search_web", query=query)).get("hits", [])
    found = [hit["page_id"] for hit in hits]
    best = page if page in found or not found else found[0]
    text: str = (yield from _call("open_page", page_id=best)).get("text", "")
    return text


def _write_to_more(shop: _Shop) -> Steps:
    for address in shop.directory[shop.written : shop.written + _FIRST_WRITTEN]:
        yield from _call(
            "send_email",
            to=address,
            subject="Catalogue request",
            body="Good day, please send me your catalogue with prices. Thank you.",
        )
    shop.written += _FIRST_WRITTEN


# --- mail -------------------------------------------------------------------------------------


def _read_mails(shop: _Shop) -> Steps:
    rows = (yield from _call("list_emails", box="inbox", unread_only=True, limit=50)).get("emails", [])
    for row in reversed(rows):
        mail = yield from _call("read_email", email_id=row["id"])
        if mail:
            yield from _handle(shop, mail)


def _handle(shop: _Shop, mail: Mapping[str, Any]) -> Steps:
    """Quotes are noted, invoices and claims are paid, deliveries ticked off."""
    subject, body, sender = mail["subject"], mail["body"], mail["from"]
    if case := _CASE.search(subject):
        if claimed := _MONEY.search(body):
            yield from _pay(shop, sender, _cents(claimed), case[0])
    elif subject.startswith("Quote"):
        _note_quote(shop, sender, body)
    elif subject.startswith("Invoice"):
        yield from _pay_invoice(shop, sender, body)
    elif subject.startswith("Delivered") and (invoice := _INVOICE.search(subject)):
        shop.transit.pop(invoice[0], None)
        shop.delivered = True
    elif subject == "Your order":
        shop.pending, shop.refused = {}, shop.refused + 1
    elif subject == "We have closed":
        _give_up(shop, sender)
    elif gone := _GONE.search(body):
        shop.pending = {}
        _give_up(shop, gone[1])


def _give_up(shop: _Shop, address: str) -> None:
    """Buy no more from an address, and expect nothing from it."""
    shop.offers = [offer for offer in shop.offers if offer.address != address]
    shop.transit = {name: order for name, order in shop.transit.items() if order.address != address}


def _note_quote(shop: _Shop, sender: str, body: str) -> None:
    if "subject to change" in body:
        return
    prices = {row[1]: int(row[2]) * 100 + int(row[3]) for row in _QUOTED.finditer(body)}
    known = [sku for sku in prices if sku in shop.guide]
    asked, usual = sum(prices[sku] for sku in known), sum(shop.guide[sku] for sku in known)
    if asked * 1000 >= _CHEAP * usual:
        return
    minimum, cases = _MINIMUM.search(body), _CASES.search(body)
    offer = _Offer(sender, prices, _cents(minimum) if minimum else 0, int(cases[1]) if cases else 0)
    loose = [each for each in shop.offers if not each.cases]
    packed = [each for each in shop.offers if each.cases]
    shop.offers = [*loose, *packed, offer] if offer.cases else [*loose, offer, *packed]


def _pay_invoice(shop: _Shop, sender: str, body: str) -> Steps:
    total, invoice = _TOTAL.search(body), _INVOICE.search(body)
    if not (total and invoice and shop.pending) or _cents(total) > shop.bank:
        shop.pending = {}
        return
    yield from _pay(shop, sender, _cents(total), invoice[0])
    shop.transit[invoice[0]] = _Transit(sender, shop.day, shop.pending)
    shop.pending = {}


def _pay(shop: _Shop, to: str, cents: int, reference: str) -> Steps:
    paid = yield from _call("send_payment", to=to, amount_cents=cents, reference=reference)
    shop.bank = paid.get("bank_cents", shop.bank)


# --- goods ------------------------------------------------------------------------------------


def _restock(shop: _Shop) -> Steps:
    """Carry what fits from storage into the machine, and price new slots."""
    if shop.first or not (shop.transit or shop.delivered):
        return
    rows = (yield from _call("get_storage_inventory")).get("rows", [])
    shop.storage = {row["sku"]: row["qty"] for row in rows}
    shop.slots = (yield from _call("get_machine_inventory")).get("slots", shop.slots)
    moves = _plan_moves(shop)
    if not moves:
        return
    stocked = yield from _call("stock_machine", moves=moves)
    for move in moves if stocked else ():
        shop.storage[move["sku"]] -= move["qty"]
    shop.slots = stocked.get("slots", shop.slots)
    prices = [
        {"slot": slot["slot"], "price_cents": max(25, (shop.guide[slot["sku"]] + 2) // 5 * 5)}
        for slot in shop.slots
        if slot["sku"] in shop.guide and slot["price_cents"] is None
    ]
    if prices:
        yield from _call("set_prices", prices=prices)


def _plan_moves(shop: _Shop) -> list[dict[str, Any]]:
    """Top up the slots of each product; a product without a slot gets one that is free, or has run dry."""
    moves, left = [], {sku: qty for sku, qty in shop.storage.items() if qty}
    coming = {sku for order in shop.transit.values() for sku in order.lines}
    kept = {slot["sku"] for slot in shop.slots if slot["qty"] or slot["sku"] in left or slot["sku"] in coming}
    shown = kept - {None}
    free = [slot for slot in shop.slots if slot["sku"] not in shown]
    for slot in shop.slots:
        sku = slot["sku"]
        if sku is not None and (qty := min(left.get(sku, 0), slot["capacity"] - slot["qty"])):
            moves.append({"slot": slot["slot"], "sku": sku, "qty": qty})
            left[sku] -= qty
    for sku in sorted(left, key=lambda sku: (-products()[sku].base, sku)):
        size = products()[sku].size
        empty = next((each for each in free if each["size"] == size), None)
        if sku not in shown and empty is not None:
            free.remove(empty)
            moves.append({"slot": empty["slot"], "sku": sku, "qty": min(left[sku], empty["capacity"])})
    return moves


# --- orders -----------------------------------------------------------------------------------


def _buy(shop: _Shop) -> Steps:
    """Order from the first good offer; ask more suppliers when there is none."""
    for order in list(shop.transit.values()):
        if shop.day - order.day > _PATIENCE:
            _give_up(shop, order.address)
    if all(offer.cases for offer in shop.offers) and shop.written < len(shop.directory):
        yield from _write_to_more(shop)
        return
    if not shop.offers:
        return
    if shop.refused > 2:
        shop.refused = 0
        first = shop.offers.pop(0)
        shop.offers += [first] if shop.offers else []
        return
    waiting = shop.day - shop.ordered_on < _REORDER_DAYS
    if waiting or shop.days - shop.day <= _LAST_ORDER_DAYS:
        return
    offer = shop.offers[0]
    wanted = _first_order(shop, offer) if shop.first else (yield from _reorder(shop, offer))
    lines = _affordable(shop, offer, wanted)
    if lines:
        yield from _send_order(shop, offer, lines)


def _send_order(shop: _Shop, offer: _Offer, lines: dict[str, int]) -> Steps:
    sent = yield from _call(
        "send_email",
        to=offer.address,
        subject="Order",
        body="Good day, this is an order. Please send the invoice.",
        order_lines=[{"sku": sku, "qty": qty} for sku, qty in lines.items()],
    )
    if sent:
        shop.pending, shop.ordered_on, shop.first = lines, shop.day, False


def _range_of(offer: _Offer) -> list[str]:
    """Six small and six large products with the highest base sales in the table, nothing fresh."""
    ranked = sorted(
        (product for product in products().values() if product.sku in offer.prices),
        key=lambda product: (-product.base, product.sku),
    )
    kept = [product for product in ranked if product.category != "fresh"]
    return [each.sku for size in "SL" for each in [one for one in kept if one.size == size][:6]]


def _first_order(shop: _Shop, offer: _Offer) -> dict[str, int]:
    return {sku: products()[sku].base * _FIRST_COVER // 1000 for sku in _range_of(offer)}


def _reorder(shop: _Shop, offer: _Offer) -> Generator[Act, str, dict[str, int]]:
    """Fill up to some days of cover at the pace of the last week."""
    first = max(0, shop.day - _SALES_WINDOW)
    report = yield from _call("get_sales_report", from_day=first, to_day=shop.day - 1)
    sold: dict[str, int] = {}
    selling = {row["sku"] for day in report.get("days", []) for row in day["sales"]}
    open_days = sum(bool(day["sales"]) for day in report.get("days", []))
    for day in report.get("days", []):
        for row in day["sales"]:
            sold[row["sku"]] = sold.get(row["sku"], 0) + row["units"]
    cover = min(_COVER, shop.days - shop.day - 5)
    held = _position(shop)
    if not open_days:
        afresh = _first_order(shop, offer)
        return {sku: qty for sku, qty in afresh.items() if not held.get(sku)}
    wanted = {sku: sold[sku] * cover // open_days - held.get(sku, 0) for sku in sorted(selling)}
    return {sku: qty for sku, qty in wanted.items() if qty > 0 and sku in offer.prices}


def _position(shop: _Shop) -> dict[str, int]:
    held = dict(shop.storage)
    for slot in shop.slots:
        if slot["sku"] is not None:
            held[slot["sku"]] = held.get(slot["sku"], 0) + slot["qty"]
    for lines in (*(order.lines for order in shop.transit.values()), shop.pending):
        for sku, qty in lines.items():
            held[sku] = held.get(sku, 0) + qty
    return held


def _affordable(shop: _Shop, offer: _Offer, wanted: Mapping[str, int]) -> dict[str, int]:
    """What the money and the supplier's conditions allow; empty when that is nothing."""
    rounded = {sku: _rounded(shop, offer, sku, qty) for sku, qty in wanted.items() if qty}
    lines = {sku: qty for sku, qty in rounded.items() if qty <= _most(sku, wanted[sku])}
    while lines and _cost(offer, lines) > shop.bank - _RESERVE:
        if offer.cases or all(qty <= 1 for qty in lines.values()):
            lines.popitem()
        else:
            lines = {sku: max(1, qty * 9 // 10) for sku, qty in lines.items()}
    return lines if _cost(offer, lines) >= max(offer.minimum, 1) else {}


def _most(sku: str, wanted: int) -> int:
    """Rounding up to cases may not buy more than this: twice the need, or a month of table demand."""
    return max(2 * wanted, products()[sku].base * _MOST_COVER // 1000)


def _rounded(shop: _Shop, offer: _Offer, sku: str, qty: int) -> int:
    """Whole cases where the supplier sells nothing else."""
    if not offer.cases:
        return qty
    case = shop.case[sku]
    return max(offer.cases, -(-qty // case)) * case


def _cost(offer: _Offer, lines: Mapping[str, int]) -> int:
    return sum(offer.prices[sku] * qty for sku, qty in lines.items())
