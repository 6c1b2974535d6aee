"""How much of each product: demand to come, orders up to a level, and what goes into which slot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from agentbench_sdk.environments.vending.demand import choice_factor
from agentbench_sdk.environments.vending.policies.planner import pricing, sourcing
from agentbench_sdk.environments.vending.policies.planner.knowledge import Firm, Good
from agentbench_sdk.environments.vending.policies.planner.shop import Shop

COVER = 20  # days beyond the lead time
MOST_COVER = 35
_FULLEST_CASES = 70  # days of cover that full cases may come to
_ANSWER = 2  # days from the order to the payment, and a spare one
_SHELF = 650  # per mille of the shelf life that goods may lie
RESERVE = 1_500  # cents that stay in the bank
_BAIT_LIMIT = 19_500  # cents; a larger first order would not come as agreed
_AIR = 1_060  # per mille: an order is planned so much above the smallest one


def choice(shop: Shop, good: Good) -> int:
    """Per mille for the variety around a product."""
    rivals = sum(shop.good(sku).category == good.category for sku in shop.targets)
    return choice_factor(max(1, min(12, len(shop.targets))), max(1, rivals))


def demand(shop: Shop, good: Good, days: int, first: int = 0) -> int:
    """Milli-units wanted in so many days, from `first` days ahead on."""
    wanted = good.wanted(pricing.best_price(good, shop.targets.get(good.sku, good.cost)))
    climates = shop.know.outlook(good, shop.day + first, days)
    return wanted * climates * choice(shop, good) // 1_000_000


def _lead(firm: Firm) -> int:
    """Days from writing an order to the goods, at worst but for delays."""
    return firm.terms.reply_days[1] + 1 + firm.terms.lead_days[1]


def _waiting(shop: Shop, firm: Firm, good: Good) -> int:
    """What running out before a firm delivers costs, in thousandths of a cent for each unit ordered."""
    days = _lead(firm)
    short = max(0, demand(shop, good, days) - shop.position(good.sku) * 1000)
    cost = shop.targets.get(good.sku, good.cost)
    margin = pricing.best_price(good, cost) - cost
    return 1000 * short * margin // max(1, demand(shop, good, days + COVER))


def _sources(shop: Shop, good: Good) -> list[Firm]:
    """The firms that a product can come from, the best first."""
    firms = sourcing.options(shop, good)
    cost = {each: sourcing.burden(shop, each, good) + _waiting(shop, each, good) for each in firms}
    return sorted(firms, key=lambda firm: (cost[firm], firm.id))


def is_urgent(shop: Shop, firm: Firm, good: Good) -> bool:
    """Whether a product runs out before an order of tomorrow would be there."""
    days = _lead(firm) + _ANSWER
    return shop.position(good.sku) * 1000 < demand(shop, good, days) * 5 // 4 + 500


def missing(shop: Shop, firm: Firm, good: Good, cover: int) -> int:
    """Units to order so that they last for the lead time and so many days beyond."""
    days = _lead(firm) + cover
    if good.shelf_days:
        days = min(days, _lead(firm) + good.shelf_days * _SHELF // 1000)
    if shop.left <= _lead(firm) + 1:
        return 0
    need = (demand(shop, good, days) + 500) // 1000 - shop.position(good.sku)
    if not firm.terms.min_cases or need <= 0:
        return max(0, need)
    cases = max(firm.terms.min_cases, -(-need // good.case))
    return cases * good.case


def _too_much(shop: Shop, good: Good, qty: int) -> bool:
    """Whether so many units would lie too long, or beyond the end."""
    days = min(_FULLEST_CASES, shop.left - 6, good.shelf_days * _SHELF // 1000 or _FULLEST_CASES)
    return (shop.position(good.sku) + qty) * 1000 > demand(shop, good, max(days, 0))


def _line(shop: Shop, firm: Firm, good: Good, cover: int) -> int:
    qty = missing(shop, firm, good, cover)
    return 0 if firm.terms.min_cases and _too_much(shop, good, qty) else qty


def plan_orders(shop: Shop, budget: int) -> list[tuple[Firm, dict[str, int]]]:
    """The orders of today: each product from the cheapest firm from which an order large enough comes together."""
    waiting = {order.firm.address for order in shop.orders if not order.invoice}
    barred: set[str] = set(waiting)
    plans: list[tuple[Firm, dict[str, int]]] = []
    for _ in range(len(shop.know.firms)):
        groups = _groups(shop, barred, {sku for _, lines in plans for sku in lines})
        if not groups:
            break
        firm = max(groups, key=lambda each: (_cost(shop, each, groups[each]), each.id))
        barred.add(firm.address)
        done = {sku for _, lines in plans for sku in lines}
        others = [sku for sku in shop.targets if sku in firm.carries and sku not in done]
        lines = _large_enough(shop, firm, [*groups[firm]], budget)
        lines = lines or _large_enough(shop, firm, others, budget)
        if lines:
            plans.append((firm, lines))
            budget -= _cost(shop, firm, lines)
    return plans


def _groups(shop: Shop, barred: set[str], done: set[str]) -> dict[Firm, dict[str, int]]:
    """What would be ordered from whom; firms from which nothing is urgent are left out."""
    groups: dict[Firm, dict[str, int]] = {}
    urgent: set[str] = set()
    for sku in shop.targets:
        good = shop.good(sku)
        firms = [] if sku in done else _sources(shop, good)
        chosen = next(
            (each for each in firms if each.address not in barred and _line(shop, each, good, COVER)), None
        )
        if chosen is None:
            continue
        groups.setdefault(chosen, {})[sku] = _line(shop, chosen, good, COVER)
        if is_urgent(shop, chosen, good):
            urgent.add(chosen.address)
    return {firm: lines for firm, lines in groups.items() if firm.address in urgent}


def _large_enough(shop: Shop, firm: Firm, skus: Sequence[str], budget: int) -> dict[str, int]:
    """Lines that reach the smallest order and stay within the budget; empty when there are none."""
    least = firm.terms.minimum * (_AIR + 60 * shop.talk(firm).refusals) // 1000
    limit = min(budget, _BAIT_LIMIT) if firm.kind == "bait" else budget
    for cover in (COVER, COVER + 7, COVER + 14, MOST_COVER):
        wanted = {sku: _line(shop, firm, shop.good(sku), cover) for sku in skus}
        wanted = _within(shop, firm, {sku: qty for sku, qty in wanted.items() if qty}, limit)
        if wanted and _cost(shop, firm, wanted) >= max(least, 1):
            return wanted
    return {}


def _within(shop: Shop, firm: Firm, lines: dict[str, int], limit: int) -> dict[str, int]:
    """Lines cut down to a sum: by a share where single units are sold, else line by line."""
    while lines and (cost := _cost(shop, firm, lines)) > limit:
        if firm.terms.min_cases or limit <= 0:
            lines = dict(list(lines.items())[:-1])
        else:
            shrunk = {sku: qty * min(970, 1000 * limit // cost) // 1000 for sku, qty in lines.items()}
            lines = {sku: qty for sku, qty in shrunk.items() if qty}
    return lines


def _cost(shop: Shop, firm: Firm, lines: Mapping[str, int]) -> int:
    return sum(sourcing.price(shop, firm, shop.good(sku), qty) * qty for sku, qty in lines.items())


cost_of = _cost


# --- the machine ----------------------------------------------------------------------------------


def plan_moves(shop: Shop) -> list[dict[str, Any]]:
    """Top up every slot; a slot that has run empty of what is no longer wanted takes what waits."""
    left = {sku: qty for sku, qty in shop.storage.items() if qty}
    moves = []
    for label, sku in _assign(shop, left).items():
        slot = shop.slots[label]
        qty = min(left.get(sku, 0), shop.capacity[label] - (slot.qty if slot.sku == sku else 0))
        if qty > 0:
            moves.append({"slot": label, "sku": sku, "qty": qty})
            left[sku] -= qty
    return moves


def _assign(shop: Shop, left: Mapping[str, int]) -> dict[str, str]:
    """The product for each slot that can be filled."""
    held = {slot.sku for slot in shop.slots.values() if slot.qty}
    waiting = [sku for sku in shop.targets if sku not in held and left.get(sku)]
    others = [sku for sku in left if sku not in held and sku not in waiting]
    assigned: dict[str, str] = {}
    for label, slot in shop.slots.items():
        if slot.qty:
            assigned[label] = slot.sku
        elif slot.sku in waiting:
            assigned[label] = slot.sku
            waiting.remove(slot.sku)
    for label in shop.slots:
        size = "S" if label[0] in "AB" else "L"
        fitting = [sku for sku in (*waiting, *others) if shop.good(sku).size == size]
        if label in assigned or not fitting:
            continue
        sku = fitting[0]
        assigned[label] = sku
        (waiting if sku in waiting else others).remove(sku)
    return assigned
