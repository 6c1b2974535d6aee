"""How many units of a product are wanted in a block of a day: pure integer arithmetic.

The form (a linear price impact, multipliers, noise) follows arXiv 2502.15840; constants and the noise law
are this world's own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache

from agentbench_sdk.environments.vending.calendar import Calendar
from agentbench_sdk.environments.vending.catalogue import Truth, products
from agentbench_sdk.environments.vending.weather import EFFECT, MONTH, SEASON, WEEKDAY, Weather
from agentbench_sdk.simulation import SeededStreams

BLOCK_ENDS = (660, 900, 1140, 1440)  # minutes of the day
BLOCK_WEIGHTS = (220, 300, 280, 200)  # per mille of the day's demand
MAX_MEAN = 40_000_000  # micro-units in a block
_VARIETY = (0, 720, 800, 870, 920, 960, 990, 1000, 1000, 970, 930, 880, 820)
_RIVALS = (1000, 1000, 880, 770, 680, 610, 560)
_ONE = 1 << 96


@lru_cache(maxsize=65536)
def expneg(micro: int) -> int:
    """exp(-micro / 10**6) with 96 fractional bits: halve, Taylor series, square back."""
    x = (micro << 96) // 1_000_000
    halvings = 0
    while x > 1 << 93:
        x >>= 1
        halvings += 1
    term = total = _ONE
    n = 0
    while term:
        n += 1
        term = ((term * x) >> 96) // n
        total += term if n % 2 == 0 else -term
    for _ in range(halvings):
        total = (total * total) >> 96
    return total


def poisson_quantile(uniform: int, micro: int) -> int:
    """The Poisson quantile for a mean of `micro` millionths at a uniform in [0, 2**64).

    For a fixed uniform it does not fall when the mean rises.
    """
    if micro <= 0:
        return 0
    cumulative = mass = expneg(micro)
    n = 0
    while cumulative <= uniform << 32 and n < 400:
        n += 1
        mass = mass * micro // (1_000_000 * n)
        cumulative += mass
        if mass == 0 and n * 1_000_000 > micro:
            break
    return n


def price_factor(price: int, ref: int, elasticity: int) -> int:
    """Per mille of base sales at a price: linear in the relative price difference."""
    raw = 1_000_000 - elasticity * 1000 * (price - ref) // ref
    return min(max(raw, 0), 1_600_000) // 1000


def choice_factor(variety: int, rivals: int) -> int:
    """Per mille for `variety` products on sale, `rivals` of them in the product's category."""
    return max(500, _VARIETY[variety] * _RIVALS[min(rivals, 6)] // 1000)


@dataclass(frozen=True, slots=True)
class Offer:
    """A product on sale in a block: its lowest price (cents), and the choice around it (per mille)."""

    sku: str
    price: int
    choice: int


def offers(prices: dict[str, int]) -> list[Offer]:
    """What is on sale, from the lowest price of each product, by sku."""
    in_category: dict[str, int] = {}
    for sku in prices:
        category = products()[sku].category
        in_category[category] = in_category.get(category, 0) + 1
    variety = len(prices)
    return [
        Offer(sku, prices[sku], choice_factor(variety, in_category[products()[sku].category]))
        for sku in sorted(prices)
    ]


class Demand:
    """Demand of one seed; derived, so never part of the state."""

    def __init__(
        self,
        streams: SeededStreams,
        truth: Truth,
        weather: Weather,
        calendar: Calendar,
        crowd: Callable[[int], int] = lambda day: 1000,
    ) -> None:
        self._streams, self._truth, self._weather, self._calendar = streams, truth, weather, calendar
        self._crowd = crowd  # per mille of the usual footfall on a day
        self._shocks: dict[int, int] = {}

    def shock(self, day: int) -> int:
        """Footfall of a day, per mille."""
        if day not in self._shocks:
            first, second = (self._streams.between(0, 300, "foot.shock", day, half) for half in (0, 1))
            self._shocks[day] = 850 + (first + second) // 2
        return self._shocks[day]

    def mean(self, day: int, block: int, offer: Offer, goodwill: int) -> int:
        """Expected units in a block, in millionths; `goodwill` in ppm."""
        product, latents = products()[offer.sku], self._truth.of(offer.sku)
        kind, month = self._weather.kind(day), self._calendar.month(day)
        factors: Iterable[int] = (
            price_factor(offer.price, latents.ref, latents.elasticity),
            WEEKDAY[self._calendar.weekday(day)],
            MONTH[month],
            SEASON[product.season][month],
            EFFECT["footfall"][kind] * self._crowd(day) // 1000,
            EFFECT[product.weather][kind],
            offer.choice,
            self.shock(day),
            goodwill // 1000,
            BLOCK_WEIGHTS[block],
        )
        micro = latents.base * 1000
        for factor in factors:
            micro = micro * factor // 1000
        return min(micro, MAX_MEAN)

    def units(self, day: int, block: int, offer: Offer, goodwill: int) -> int:
        """Units demanded in a block, whatever the stock."""
        return poisson_quantile(self.uniform(day, block, offer.sku), self.mean(day, block, offer, goodwill))

    def uniform(self, day: int, block: int, sku: str) -> int:
        """Which quantile of the demand a block has, in [0, 2**64)."""
        return self._streams.uniform64("demand", day, block, sku)
