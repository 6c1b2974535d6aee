"""The product table, which is public, and the truth behind it, which each seed draws anew."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from agentbench_sdk.simulation import SeededStreams


@dataclass(frozen=True, slots=True)
class Product:
    """One row of the table.

    Attributes:
        size: "S" fits rows A and B of the machine, "L" rows C and D.
        ref: reference price in cents.
        cost_low, cost_high: range of the wholesale cost in cents.
        elasticity: magnitude in per mille.
        base: sales in milli-units a day at the reference price.
        shelf_days: shelf life; 0 for none.
        season, weather: classes of demand factors.
        case: units in a case.
    """

    sku: str
    name: str
    category: str
    size: str
    ref: int
    cost_low: int
    cost_high: int
    elasticity: int
    base: int
    shelf_days: int
    season: str
    weather: str
    case: int


@dataclass(frozen=True, slots=True)
class Latents:
    """What is true of a product in one run; units as in `Product`, `cost` in cents."""

    ref: int
    elasticity: int
    base: int
    cost: int


@lru_cache(maxsize=1)
def products() -> dict[str, Product]:
    """The table by sku, in its own order."""
    text = files(__package__).joinpath("data/catalogue.json").read_text(encoding="utf-8")
    return {row["sku"]: Product(**row) for row in json.loads(text)}


@lru_cache(maxsize=1)
def categories() -> tuple[str, ...]:
    """The categories, in the order of the table."""
    return tuple(dict.fromkeys(product.category for product in products().values()))


class Truth:
    """Latent demand and cost of one seed; derived, so never part of the state."""

    def __init__(self, streams: SeededStreams) -> None:
        self._streams = streams
        self._latents: dict[str, Latents] = {}
        self._index: dict[str, list[int]] = {}

    def of(self, sku: str) -> Latents:
        """The latents of a product."""
        if sku not in self._latents:
            self._latents[sku] = self._draw(products()[sku])
        return self._latents[sku]

    def _draw(self, product: Product) -> Latents:
        between, sku = self._streams.between, product.sku
        return Latents(
            ref=product.ref * between(820, 1220, "latent.ref", sku) // 1000,
            elasticity=product.elasticity * between(800, 1250, "latent.elas", sku) // 1000,
            base=product.base * between(500, 1600, "latent.base", sku) // 1000,
            cost=between(product.cost_low, product.cost_high, "latent.cost", sku),
        )

    def cost_index(self, category: str, week: int) -> int:
        """Wholesale index of a category in a 7-day week, per mille of week 0."""
        path = self._index.setdefault(category, [1000])
        while len(path) <= week:
            step = self._streams.between(-8, 10, "cost.index", category, len(path))
            path.append(min(max(path[-1] + step, 900), 1150))
        return path[week]

    def fair_cost(self, sku: str, day: int) -> int:
        """Fair wholesale cost of one unit on a day, in cents."""
        index = self.cost_index(products()[sku].category, day // 7)
        return max(1, self.of(sku).cost * index // 1000)
