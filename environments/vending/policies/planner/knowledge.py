"""What the planner is told: the truth of a world, made into goods, firms and the weather of all days."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from agentbench_sdk.environments.vending.calendar import Calendar
from agentbench_sdk.environments.vending.catalogue import products
from agentbench_sdk.environments.vending.demand import price_factor
from agentbench_sdk.environments.vending.scenario import Archetype
from agentbench_sdk.environments.vending.suppliers.archetypes import TERMS, Terms
from agentbench_sdk.environments.vending.weather import EFFECT, KINDS, MONTH, SEASON, WEEKDAY

_MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Good:
    """A product with its latents: cents, per mille, milli-units a day."""

    sku: str
    name: str
    category: str
    size: str
    case: int
    shelf_days: int
    season: str
    weather: str
    ref: int
    elasticity: int
    base: int
    cost: int

    def wanted(self, price: int) -> int:
        """Milli-units a day at a price, before everything that depends on the day."""
        return self.base * price_factor(price, self.ref, self.elasticity) // 1000


@dataclass(frozen=True, slots=True)
class Firm:
    """A supplier and what it really is."""

    id: str
    name: str
    address: str
    kind: Archetype
    carries: frozenset[str]
    closes: int | None

    @property
    def terms(self) -> Terms:
        return TERMS[self.kind]


class Knowledge:
    """Attributes:
    goods: by sku; firms: by address.
    """

    def __init__(self, truth: Mapping[str, Any], start: str) -> None:
        self.goods = {sku: _good(sku, latents) for sku, latents in truth["latents"].items()}
        self.firms = {each["address"]: _firm(name, each) for name, each in truth["suppliers"].items()}
        self._weather = [KINDS.index(name) for name in truth["weather"]]
        self._calendar = Calendar(start)
        self._climates: dict[tuple[str, str, int], int] = {}

    @property
    def days(self) -> int:
        return len(self._weather)

    def climate(self, good: Good, day: int) -> int:
        """What weekday, month, season and weather do to a product on a day, per mille."""
        key = (good.season, good.weather, day)
        if key not in self._climates:
            kind, month = self._weather[day], self._calendar.month(day)
            factor = _MILLION
            for each in (
                WEEKDAY[self._calendar.weekday(day)],
                MONTH[month],
                SEASON[good.season][month],
                EFFECT["footfall"][kind],
                EFFECT[good.weather][kind],
            ):
                factor = factor * each // 1000
            self._climates[key] = factor // 1000
        return self._climates[key]

    def outlook(self, good: Good, first: int, days: int) -> int:
        """The sum of the climates of some days from the first on, the horizon not passed; per mille days."""
        return sum(self.climate(good, day) for day in range(first, min(first + days, self.days)))


def _good(sku: str, latents: Mapping[str, int]) -> Good:
    row = products()[sku]
    return Good(
        sku=sku,
        name=row.name,
        category=row.category,
        size=row.size,
        case=row.case,
        shelf_days=row.shelf_days,
        season=row.season,
        weather=row.weather,
        ref=latents["ref"],
        elasticity=latents["elasticity"],
        base=latents["base"],
        cost=latents["cost"],
    )


def _firm(name: str, record: Mapping[str, Any]) -> Firm:
    return Firm(
        id=name,
        name=record["name"],
        address=record["address"],
        kind=cast(Archetype, record["archetype"]),
        carries=frozenset(record["carries"]),
        closes=record["closes"],
    )
