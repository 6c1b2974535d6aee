"""The shopkeeper at the machine: top up, and guide prices for what is new."""

from __future__ import annotations

from typing import Any

from agentbench_sdk.environments.vending.catalogue import products
from agentbench_sdk.environments.vending.policies.keeper.shop import Shop, Steps, call


def restock(shop: Shop) -> Steps:
    """Carry what fits from storage into the machine, and price new slots."""
    if shop.first or not (shop.transit or shop.delivered):
        return
    rows = (yield from call("get_storage_inventory")).get("rows", [])
    shop.storage = {row["sku"]: row["qty"] for row in rows}
    shop.slots = (yield from call("get_machine_inventory")).get("slots", shop.slots)
    moves = _plan_moves(shop)
    if not moves:
        return
    stocked = yield from call("stock_machine", moves=moves)
    for move in moves if stocked else ():
        shop.storage[move["sku"]] -= move["qty"]
    shop.slots = stocked.get("slots", shop.slots)
    prices = [
        {"slot": slot["slot"], "price_cents": max(25, (shop.guide[slot["sku"]] + 2) // 5 * 5)}
        for slot in shop.slots
        if slot["sku"] in shop.guide and slot["price_cents"] is None
    ]
    if prices:
        yield from call("set_prices", prices=prices)


def _plan_moves(shop: Shop) -> list[dict[str, Any]]:
    """Top up the slots of each product; a product without a slot gets a free one, or one that has run empty."""
    moves, left = [], {sku: qty for sku, qty in shop.storage.items() if qty}
    shown = {slot["sku"] for slot in shop.slots if slot["qty"]}
    free = [slot for slot in shop.slots if not slot["qty"] and not left.get(slot["sku"])]
    for slot in shop.slots:
        sku = slot["sku"]
        if sku is not None and (qty := min(left.get(sku, 0), slot["capacity"] - slot["qty"])):
            moves.append({"slot": slot["slot"], "sku": sku, "qty": qty})
            left[sku] -= qty
            shown.add(sku)
    for sku in sorted(left, key=lambda sku: (-products()[sku].base, sku)):
        size = products()[sku].size
        empty = next((each for each in free if each["size"] == size), None)
        if sku not in shown and empty is not None:
            free.remove(empty)
            moves.append({"slot": empty["slot"], "sku": sku, "qty": min(left[sku], empty["capacity"])})
    return moves
