"""The shopkeeper's orders: the first for some days of table demand, later ones by the pace of sales."""

from __future__ import annotations

from collections.abc import Generator, Mapping

from agentbench_sdk.environments.vending.catalogue import products
from agentbench_sdk.environments.vending.policies.keeper.research import write_to_more
from agentbench_sdk.environments.vending.policies.keeper.shop import (
    REORDER_DAYS,
    Offer,
    Shop,
    Steps,
    call,
    write,
)
from agentbench_sdk.simulation import Act

_FIRST_COVER, _COVER = 12, 15  # days
_MOST_COVER = 30
_RESERVE = 3_000  # cents
_SALES_WINDOW = 7  # days
_LAST_ORDER_DAYS = 10  # goods ordered later would hardly be sold
_UNANSWERED_DAYS = 7
_LOST_DAYS = 30
_ROOM = 6  # slots of each size


def buy(shop: Shop) -> Steps:
    """Order from the first good offer; ask more suppliers when there is none."""
    _forget_old(shop)
    if all(offer.cases for offer in shop.offers):
        yield from write_to_more(shop)
    if not shop.offers or (all(offer.cases for offer in shop.offers) and shop.written < len(shop.directory)):
        return
    waiting = shop.day - shop.ordered_on < REORDER_DAYS or shop.pending
    if waiting or shop.days - shop.day <= _LAST_ORDER_DAYS:
        return
    offer = shop.offers[0]
    wanted = _first_order(shop, offer) if shop.first else (yield from _reorder(shop, offer))
    lines = affordable(shop, offer, wanted)
    if lines:
        yield from _send_order(shop, offer, lines)


def _forget_old(shop: Shop) -> None:
    """What was not answered, or has not come for a month, is given up; so is who did not answer."""
    if shop.pending and shop.day - shop.ordered_on > _UNANSWERED_DAYS:
        shop.offers.append(shop.offers.pop(0))
        shop.pending, shop.asked = {}, ""
    late = [name for name, each in shop.transit.items() if shop.day - each.day > _LOST_DAYS]
    for name in late:
        shop.drop(shop.transit.pop(name).address)


def _send_order(shop: Shop, offer: Offer, lines: dict[str, int]) -> Steps:
    sent = yield from write(
        offer.address,
        "Order",
        "Good day, this is an order. Please send the invoice.",
        order_lines=[{"sku": sku, "qty": qty} for sku, qty in lines.items()],
    )
    if sent:
        shop.pending, shop.asked, shop.ordered_on, shop.first = lines, offer.address, shop.day, False


def best_known(offer: Offer, room: int = _ROOM) -> dict[str, int]:
    """Table base sales of the small and large products on offer that have the highest, nothing fresh."""
    ranked = sorted(
        (product for product in products().values() if product.sku in offer.prices),
        key=lambda product: (-product.base, product.sku),
    )
    kept = [product for product in ranked if product.category != "fresh"]
    chosen = [each for size in "SL" for each in [one for one in kept if one.size == size][:room]]
    return {each.sku: each.base for each in chosen}


def _first_order(shop: Shop, offer: Offer) -> dict[str, int]:
    held = _position(shop)
    wanted = {sku: base * _FIRST_COVER // 1000 - held.get(sku, 0) for sku, base in best_known(offer).items()}
    return {sku: qty for sku, qty in wanted.items() if qty > 0}


def _reorder(shop: Shop, offer: Offer) -> Generator[Act, str, dict[str, int]]:
    """Fill up to some days of cover at the pace of the last week; begin anew where nothing is left to sell."""
    first = max(0, shop.day - _SALES_WINDOW)
    report = yield from call("get_sales_report", from_day=first, to_day=shop.day - 1)
    sold: dict[str, int] = {}
    open_days = sum(bool(day["sales"]) for day in report.get("days", []))
    for day in report.get("days", []):
        for row in day["sales"]:
            sold[row["sku"]] = sold.get(row["sku"], 0) + row["units"]
    cover = min(_COVER, shop.days - shop.day - 5)
    held = _position(shop)
    wanted = {}
    if open_days:
        wanted = {sku: sold[sku] * cover // open_days - held.get(sku, 0) for sku in sorted(sold)}
        wanted = {sku: qty for sku, qty in wanted.items() if qty > 0 and sku in offer.prices}
    few = sum(qty > 0 for qty in held.values()) < _ROOM
    return {**_first_order(shop, offer), **wanted} if few else wanted


def _position(shop: Shop) -> dict[str, int]:
    held = dict(shop.storage)
    for slot in shop.slots:
        if slot["sku"] is not None:
            held[slot["sku"]] = held.get(slot["sku"], 0) + slot["qty"]
    for lines in (*(each.lines for each in shop.transit.values()), shop.pending):
        for sku, qty in lines.items():
            held[sku] = held.get(sku, 0) + qty
    return held


def affordable(shop: Shop, offer: Offer, wanted: Mapping[str, int]) -> dict[str, int]:
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


def _rounded(shop: Shop, offer: Offer, sku: str, qty: int) -> int:
    """Whole cases where the supplier sells nothing else."""
    if not offer.cases:
        return qty
    case = shop.case[sku]
    return max(offer.cases, -(-qty // case)) * case


def _cost(offer: Offer, lines: Mapping[str, int]) -> int:
    return sum(offer.prices[sku] * qty for sku, qty in lines.items())
