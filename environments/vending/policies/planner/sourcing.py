"""Whom to buy from, and for how much: what each firm is expected to ask after the bargaining so far."""

from __future__ import annotations

from agentbench_sdk.environments.vending.policies.planner.knowledge import Firm, Good
from agentbench_sdk.environments.vending.policies.planner.shop import Shop
from agentbench_sdk.environments.vending.suppliers.lifecycle import AILING_DAYS
from agentbench_sdk.environments.vending.suppliers.pricing import tier

_MILLION = 1_000_000
_HONEST = ("fair", "haggler", "bulk", "slow", "partial", "doomed")
_LOYAL_STEP, _LOYAL_MOST = 5, 40  # per mille off the list for paid orders
# What waiting, or missing units, cost beyond the price: per mille.
_TROUBLE = {"slow": 1060, "partial": 1030, "doomed": 1000}


def rate(shop: Shop, firm: Firm, concessions: int | None = None) -> int:
    """What a firm asks now, in ppm of the fair cost."""
    terms, talk = firm.terms, shop.talk(firm)
    steps = talk.concessions if concessions is None else concessions
    loyal = 1000 - min(_LOYAL_STEP * talk.orders, _LOYAL_MOST)
    floor = terms.floor * 1000
    top = max(terms.list_price * loyal, floor)
    return floor + gap_left(top - floor, terms.step, steps)


def gap_left(gap: int, step: int, steps: int) -> int:
    """What so many concessions leave of the way from the first price to the lowest."""
    for _ in range(steps):
        gap = gap * (1000 - step) // 1000
    return gap


def price(shop: Shop, firm: Firm, good: Good, qty: int = 1) -> int:
    """Expected cents for a unit of a line of so many units."""
    terms, noise = firm.terms, shop.talk(firm).noise.get(good.sku, _MILLION)
    asked = rate(shop, firm) * (tier(good.sku, qty)[0] if terms.tiers else 1000) // 1000
    ppm = max(asked, terms.floor * 1000)
    return max(1, -(-good.cost * ppm * noise // _MILLION**2))


def learn(shop: Shop, firm: Firm, sku: str, cents: int, qty: int) -> None:
    """Note a price that a firm has named."""
    talk = shop.talk(firm)
    talk.noise[sku] = _MILLION
    expected = price(shop, firm, shop.good(sku), qty)
    talk.noise[sku] = cents * _MILLION // expected


def usable(shop: Shop, firm: Firm) -> bool:
    """Whether an order of today would come as agreed."""
    if firm.kind == "bait":  # its first order is honest, as long as it is small
        return not shop.talk(firm).orders and not any(order.firm == firm for order in shop.orders)
    if firm.closes is not None and shop.day + 1 >= firm.closes - AILING_DAYS:
        return False
    return firm.kind in _HONEST


def options(shop: Shop, good: Good) -> list[Firm]:
    """The firms that can be trusted with a product, the cheapest first."""
    firms = [firm for firm in shop.know.firms.values() if good.sku in firm.carries and usable(shop, firm)]
    return sorted(firms, key=lambda firm: (burden(shop, firm, good), firm.id))


def burden(shop: Shop, firm: Firm, good: Good) -> int:
    """Price and trouble of a product from a firm, in thousandths of a cent."""
    return price(shop, firm, good, 2 * good.case) * _TROUBLE.get(firm.kind, 1000)


def likely_cost(shop: Shop, good: Good) -> int | None:
    """What a product will cost once everybody has been bargained with; None where nobody sells it."""
    firms = [firm for firm in options(shop, good) if firm.kind != "bait"]
    if not firms:
        return None
    steps = {firm.address: shop.talk(firm).concessions + firm.terms.patience for firm in firms}
    return min(good.cost * rate(shop, firm, steps[firm.address]) // _MILLION for firm in firms) + 1
