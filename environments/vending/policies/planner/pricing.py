"""The price that earns most: demand falls in a straight line, so there is one, near the middle of cost and zero."""

from __future__ import annotations

from functools import lru_cache

from agentbench_sdk.environments.vending.customers import OVERPRICED_FROM
from agentbench_sdk.environments.vending.demand import price_factor
from agentbench_sdk.environments.vending.machine import MIN_PRICE, PRICE_STEP
from agentbench_sdk.environments.vending.policies.planner.knowledge import Good


@lru_cache(maxsize=65536)
def _best(ref: int, elasticity: int, cost: int) -> int:
    highest = ref * OVERPRICED_FROM // 1000  # beyond it customers complain
    grid = range(MIN_PRICE, max(highest, MIN_PRICE) + 1, PRICE_STEP)
    return max(grid, key=lambda price: price_factor(price, ref, elasticity) * (price - cost))


def best_price(good: Good, cost: int) -> int:
    """The price in cents, on the grid of five, for a product that costs so much."""
    return _best(good.ref, good.elasticity, cost)


def closing_price(good: Good, stock: int, chance: int) -> int:
    """The price that brings most for so many units, which are paid for and worth nothing afterwards.

    Arguments:
        good: what is sold off.
        stock: units that are left.
        chance: units that would be wanted until then if base sales were one unit a day; per mille.
    """
    highest = good.ref * OVERPRICED_FROM // 1000
    grid = range(MIN_PRICE, max(highest, MIN_PRICE) + 1, PRICE_STEP)
    return max(grid, key=lambda price: price * min(stock * 1_000_000, good.wanted(price) * chance))


def daily_margin(good: Good, cost: int) -> int:
    """Milli-cents a day at the best price, before everything that depends on the day."""
    price = best_price(good, cost)
    return good.wanted(price) * (price - cost)
