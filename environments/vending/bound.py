"""The clairvoyant bound: what nobody can have in the bank at the end, whatever is done.

For each block, day and product the best price of the grid against the units really wanted, as if variety and
goodwill were at their best, stock unlimited, and each unit cost the least that anybody could ever charge. The
six best small and six best large products of each block count; the start money is added and the fees are
taken off. Per block, because an agent may change prices and goods between blocks. It is loose on purpose: it
guards against mistakes in the rules, and `Planner` is the yardstick.

Results are exact integers. Thresholds of the Poisson quantiles are found with floats, in arrays, and decided
with the world's own integer arithmetic wherever a float comes near them.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
from scipy.special import gammainccinv

from agentbench_sdk.environments.vending.catalogue import Product, products
from agentbench_sdk.environments.vending.demand import (
    BLOCK_WEIGHTS,
    MAX_MEAN,
    poisson_quantile,
    price_factor,
)
from agentbench_sdk.environments.vending.machine import MAX_PRICE, MIN_PRICE, PRICE_STEP
from agentbench_sdk.environments.vending.midnight import GOODWILL_HIGH
from agentbench_sdk.environments.vending.scenario import VendingScenario
from agentbench_sdk.environments.vending.suppliers.hooks import substitute
from agentbench_sdk.environments.vending.suppliers.roster import Supplier
from agentbench_sdk.environments.vending.tapes import Tapes
from agentbench_sdk.environments.vending.weather import EFFECT, MONTH, SEASON, WEEKDAY

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
_SHOWN = 6  # slots of each size
_WEEK = 7
_NEAR = 1e-6  # relative distance within which a float does not decide
_TOP = 1 - 1e-9  # nor does one beyond this share


def clairvoyant_bound(scenario: VendingScenario, seed: int) -> int:
    """Cents in the bank that no play of a scenario and seed can end above.

    A run may end before the horizon, and then has paid fewer fees; so may one that owes some. Both are
    allowed for: the day is taken with which the bound is highest, and as many fees may be owed as days may
    go unpaid.

    >>> from agentbench_sdk.environments.vending.scenario import SCENARIOS
    >>> clairvoyant_bound(SCENARIOS["tiny-7"], 1) > 50_000
    True
    """
    tapes = Tapes(scenario, seed)
    profits = {"S": _Best(scenario.days), "L": _Best(scenario.days)}
    for sku, cost in lowest_costs(tapes, scenario.days).items():
        profits[products()[sku].size].add(_profits(tapes, scenario.days, products()[sku], cost))
    by_day = sum((each.sums() for each in profits.values()), np.zeros(scenario.days, np.int64))
    highest = taken = scenario.start_cents
    for day, profit in enumerate(by_day.tolist(), 1):
        taken += profit
        fees = scenario.fee_cents * max(0, day - scenario.bankruptcy_unpaid_days)
        highest = max(highest, taken - fees)
    return int(highest)


class _Best:
    """The six highest profits of each day and block, product after product."""

    def __init__(self, days: int) -> None:
        self._highest = np.zeros((_SHOWN, days, len(BLOCK_WEIGHTS)), np.int64)

    def add(self, profits: Ints) -> None:
        joined = np.concatenate([self._highest, profits[None]])
        joined.sort(axis=0)
        self._highest = joined[1:]

    def sums(self) -> Ints:
        total: Ints = self._highest.sum(axis=(0, 2))
        return total


# --- costs ----------------------------------------------------------------------------------------


def lowest_costs(tapes: Tapes, days: int) -> dict[str, int]:
    """The least that a unit of each product can cost; products that nobody sells are left out.

    A supplier that sends other goods in place of those ordered sends them at the price of the order.
    """
    lowest: dict[str, int] = {}
    for supplier in tapes.roster.values():
        floors = {sku: _lowest_floor(tapes, supplier, sku, days) for sku in supplier.carries}
        for sku, cents in floors.items():
            lowest[sku] = min(cents, lowest.get(sku, cents))
        if supplier.terms.hook_above:
            for sku, cents in floors.items():
                sent = substitute(supplier.carries, sku)
                lowest[sent] = min(cents, lowest[sent])
    return lowest


def _lowest_floor(tapes: Tapes, supplier: Supplier, sku: str, days: int) -> int:
    """The lowest floor of all weeks; where a fee can be paid for joining, the one before lies lower."""
    return min(tapes.prices.floor(supplier, sku, day) for day in range(0, days, _WEEK))


# --- sales ----------------------------------------------------------------------------------------


def _profits(tapes: Tapes, days: int, product: Product, cost: int) -> Ints:
    """The most that a product can earn, by day and block."""
    prices, means = _means(tapes, days, product)
    worth = prices > cost
    prices, means = prices[worth], means[worth]
    best = np.zeros((days, len(BLOCK_WEIGHTS)), np.int64)
    if not len(prices):
        return best
    uniforms = [
        [tapes.demand.uniform(day, block, product.sku) for block in range(len(BLOCK_WEIGHTS))]
        for day in range(days)
    ]
    units = _quantiles(uniforms, means)
    highest: Ints = (units * (prices - cost)[:, None, None]).max(axis=0)
    return np.maximum(best, highest)


def _means(tapes: Tapes, days: int, product: Product) -> tuple[Ints, Ints]:
    """The prices at which anybody buys, and the mean units in millionths by price, day and block.

    The factors are those of the demand, in its order, with choice and goodwill at their best.
    """
    latents, weather, calendar = tapes.truth.of(product.sku), tapes.weather, tapes.calendar
    grid = range(MIN_PRICE, MAX_PRICE + 1, PRICE_STEP)
    factors = {price: price_factor(price, latents.ref, latents.elasticity) for price in grid}
    bought = {price: factor for price, factor in factors.items() if factor}
    prices = np.array(list(bought), np.int64)
    micro = latents.base * 1000 * np.array(list(bought.values()), np.int64) // 1000
    whole = np.empty((len(prices), days, len(BLOCK_WEIGHTS)), np.int64)
    for day in range(days):
        kind, month, mean = weather.kind(day), calendar.month(day), micro
        for factor in (
            WEEKDAY[calendar.weekday(day)],
            MONTH[month],
            SEASON[product.season][month],
            EFFECT["footfall"][kind] * tapes.fairs.footfall(day) // 1000,
            EFFECT[product.weather][kind],
            1000,
            tapes.demand.shock(day),
            GOODWILL_HIGH // 1000,
        ):
            mean = mean * factor // 1000
        for block, weight in enumerate(BLOCK_WEIGHTS):
            whole[:, day, block] = np.minimum(mean * weight // 1000, MAX_MEAN)
    return prices, whole


def _quantiles(uniforms: list[list[int]], means: Ints) -> Ints:
    """Poisson quantiles of means (price, day, block) at uniforms (day, block)."""
    shares: Floats = np.array(uniforms, np.float64) / 2.0**64
    units = np.zeros(means.shape, np.int64)
    unsure = np.broadcast_to(shares > _TOP, means.shape).copy()  # floats are too coarse just below 1
    for threshold in _thresholds(np.minimum(shares, _TOP), float(means.max()) / 1e6):
        distance = means / 1e6 - threshold
        units += distance >= 0
        unsure |= np.abs(distance) <= _NEAR * threshold + _NEAR
    for price, day, block in np.argwhere(unsure).tolist():
        exact = poisson_quantile(uniforms[day][block], int(means[price, day, block]))
        units[price, day, block] = exact
    return units


def _thresholds(shares: Floats, highest: float) -> Iterator[Floats]:
    """From which mean on the quantile is 1, 2, … units, as long as any mean comes so far."""
    least = 1
    while True:
        # P(X < n) falls to the share just where the regularised upper incomplete gamma function of n does.
        threshold: Floats = gammainccinv(least, shares)
        if (threshold > highest * (1 + _NEAR) + _NEAR).all():
            return
        yield threshold
        least += 1
