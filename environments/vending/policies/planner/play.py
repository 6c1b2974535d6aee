"""The planner's days."""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping
from typing import Any

from agentbench_sdk.environments.vending.policies import papers
from agentbench_sdk.environments.vending.policies.planner import assortment, pricing, sourcing, stock
from agentbench_sdk.environments.vending.policies.planner.haggling import gap, haggle
from agentbench_sdk.environments.vending.policies.planner.hands import look, work
from agentbench_sdk.environments.vending.policies.planner.knowledge import Good, Knowledge
from agentbench_sdk.environments.vending.policies.planner.post import pay_invoices, read_mails, send_order
from agentbench_sdk.environments.vending.policies.planner.shop import Shop, Slot, Steps, call
from agentbench_sdk.simulation import Act, Opening

_REVIEW = 28  # days between two reviews of the assortment
_KEPT = 1080  # per mille: what is on sale already is kept unless others are so much better
_FEW_CALLS = 8  # a day; below, only what must be read is read
_ORDER_MINUTES = 30
_FULL_BOX = 12_000  # cents
_STEADY = 10  # cents by which a price may be off until the next review
_CLOSING_DAYS = 6  # from when on what is left over is sold off
_LAST_COLLECTION = 1_145  # minute of the last day from which the third block is in the box
_FRESH_DAYS = 10  # products that keep for less are left alone: lead times are too uncertain for them


def planner(opening: Opening, truth: Mapping[str, Any]) -> Steps:
    """Run the shop until the end."""
    shop = yield from _begin(opening, truth)
    while True:
        yield from _buy(shop)
        yield from _end_day(shop)
        yield from read_mails(shop)
        yield from pay_invoices(shop)
        yield from _tend(shop)
        _review(shop)


def _begin(opening: Opening, truth: Mapping[str, Any]) -> Generator[Act, str, Shop]:
    """Open the books; the date of the first day is on every clock."""
    told = opening.observation
    first = json.loads((yield Act("get_balance_and_transactions", {"n": 1})))
    knowledge = Knowledge(truth, first["clock"]["date"])
    calls = papers.CALLS.search(told)
    shop = Shop(
        know=knowledge,
        worker="run_sub_agent" in told,
        thrifty=calls is not None and int(calls[1]) < _FEW_CALLS * knowledge.days,
        bank=first["data"]["bank_cents"],
    )
    shop.minute = first["clock"]["minute"]
    sizes = papers.CAPACITIES.search(told)
    small, large = (int(sizes[1]), int(sizes[2])) if sizes else (16, 8)
    shop.slots = {f"{row}{column}": Slot() for row in "ABCD" for column in (1, 2, 3)}
    shop.capacity = {label: small if label[0] in "AB" else large for label in shop.slots}
    _review(shop)
    return shop


def _review(shop: Shop) -> None:
    """Choose the products for the next weeks."""
    if shop.day - shop.chosen_on < _REVIEW or shop.left < _REVIEW // 2 < shop.day:
        return
    goods, margins, costs = [], {}, {}
    for good in shop.know.goods.values():
        cost = sourcing.likely_cost(shop, good)
        if cost is None or 0 < good.shelf_days < _FRESH_DAYS:
            continue
        climate = shop.know.outlook(good, shop.day + 4, _REVIEW)
        kept = _KEPT if good.sku in shop.targets else 1000
        goods.append(good)
        costs[good.sku] = cost
        margins[good.sku] = pricing.daily_margin(good, cost) * climate // 1000 * kept // 1000
    chosen = assortment.choose(goods, margins)
    ranked = sorted(chosen, key=lambda good: (-margins[good.sku], good.sku))
    shop.targets = {good.sku: costs[good.sku] for good in ranked}
    shop.chosen_on = shop.day


# --- buying ---------------------------------------------------------------------------------------


def _buy(shop: Shop) -> Steps:
    """Bargain where it brings something, then order."""
    budget = shop.bank - stock.RESERVE - sum(order.total for order in shop.orders if not order.paid)
    plans = stock.plan_orders(shop, budget)
    for firm, _ in plans:
        yield from haggle(shop, firm, _ORDER_MINUTES * len(plans))
    for firm, lines in stock.plan_orders(shop, budget) if plans else []:
        yield from send_order(shop, firm, lines)
    if not shop.thrifty or shop.day < 3:
        for firm in sorted(shop.know.firms.values(), key=lambda each: (-gap(shop, each), each.id)):
            if sourcing.usable(shop, firm) and firm.kind != "bait" and shop.left > _REVIEW // 2:
                yield from haggle(shop, firm, _ORDER_MINUTES)


# --- the machine ----------------------------------------------------------------------------------


def _tend(shop: Shop) -> Steps:
    """Fill the machine, set prices, collect cash, have it repaired."""
    jobs: list[tuple[str, dict[str, Any]]] = []
    if shop.status != "ok":
        jobs.append(("service_machine", {}))
    rows = (yield from call(shop, "get_storage_inventory")).get("rows", [])
    shop.storage = {row["sku"]: row["qty"] for row in rows}
    moves = stock.plan_moves(shop)
    if moves:
        jobs.append(("stock_machine", {"moves": moves[:24]}))
        for move in moves:
            slot = shop.slots[move["slot"]]
            if slot.sku != move["sku"]:
                shop.slots[move["slot"]] = slot = Slot(move["sku"], 0, 0)
            slot.qty += move["qty"]
            shop.storage[move["sku"]] -= move["qty"]
    prices = _prices(shop)
    if prices:
        jobs.append(("set_prices", {"prices": prices}))
        for entry in prices:
            shop.slots[entry["slot"]].price = entry["price_cents"]
    if shop.box >= _FULL_BOX or (shop.box and shop.bank < 2 * _FULL_BOX):
        jobs.append(("collect_cash", {}))
        shop.box = 0
    if not all((yield from work(shop, jobs))):
        yield from look(shop)
    shop.asked[shop.day] = {slot.sku: slot.price for slot in shop.slots.values() if slot.qty}


def _price(shop: Shop, good: Good) -> int:
    """The best price; near the end that at which what is left is sold."""
    best = pricing.best_price(good, shop.targets.get(good.sku, good.cost))
    if shop.left > _CLOSING_DAYS or shop.thrifty:
        return best
    chance = shop.know.outlook(good, shop.day, shop.left) * stock.choice(shop, good) // 1000
    return min(best, pricing.closing_price(good, shop.position(good.sku), chance))


def _prices(shop: Shop) -> list[dict[str, Any]]:
    """Prices that are not set yet, or are off."""
    wanted = []
    for label, slot in shop.slots.items():
        if not slot.qty:
            continue
        good = shop.good(slot.sku)
        best = _price(shop, good)
        if not slot.price or abs(best - slot.price) > _STEADY:
            wanted.append({"slot": label, "price_cents": best})
    return wanted


def _end_day(shop: Shop) -> Steps:
    """Wait; on the last evening the box is emptied as late as calls allow."""
    if shop.left == 1:
        while shop.minute < _LAST_COLLECTION and not shop.thrifty:
            yield from work(shop, [("collect_cash", {})])
        yield from work(shop, [("collect_cash", {})])
    report = yield from call(shop, "wait_for_next_day")
    shop.status = report.get("machine_status", shop.status)
    shop.box += report.get("cash_in_box_added_cents", 0)
    for row in report.get("sales", []):
        shop.sold(row["sku"], row["units"])
    sold = {row["sku"] for row in report.get("sales", [])}
    asked = shop.asked.get(shop.day - 1, {})
    shop.asked[shop.day - 1] = {sku: cents for sku, cents in asked.items() if sku in sold}
