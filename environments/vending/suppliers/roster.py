"""Which companies exist in a run, of what kind each is and what it carries; derived from the seed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import get_args

from agentbench_sdk.environments.vending.catalogue import categories, products
from agentbench_sdk.environments.vending.scenario import Archetype
from agentbench_sdk.environments.vending.suppliers.archetypes import TERMS, Terms
from agentbench_sdk.simulation import SeededStreams

_COVERING: tuple[Archetype, ...] = ("fair", "haggler", "bulk")


@dataclass(frozen=True, slots=True)
class Supplier:
    """A company. Its id comes from its name, so it says nothing about its kind."""

    id: str
    name: str
    contact: str
    address: str
    archetype: Archetype
    carries: frozenset[str]

    @property
    def terms(self) -> Terms:
        return TERMS[self.archetype]


@lru_cache(maxsize=1)
def _companies() -> tuple[dict[str, str], ...]:
    root = files("agentbench_sdk.environments.vending")
    return tuple(json.loads(root.joinpath("data/companies.json").read_text(encoding="utf-8")))


def draw_roster(streams: SeededStreams, wanted: Mapping[Archetype, int]) -> dict[str, Supplier]:
    """The suppliers of a run by id; names are ranked by chance and paired with the kinds.

    The kinds come in the order of the table, whatever the order in which a scenario names them.
    """
    order: tuple[Archetype, ...] = get_args(Archetype)
    kinds = [kind for kind in order for _ in range(wanted.get(kind, 0))]
    ranked = sorted(range(len(_companies())), key=lambda index: streams.uniform64("sup.rank", index))
    pairs = dict(sorted(zip(ranked, kinds, strict=False)))
    carried = {index: _assortment(streams, f"sup{index + 1:02d}", kind) for index, kind in pairs.items()}
    _cover(pairs, carried)
    return {
        f"sup{index + 1:02d}": Supplier(
            id=f"sup{index + 1:02d}",
            archetype=kind,
            carries=frozenset(carried[index]),
            **_companies()[index],
        )
        for index, kind in pairs.items()
    }


def _assortment(streams: SeededStreams, supplier: str, kind: Archetype) -> set[str]:
    terms = TERMS[kind]
    offered = [category for category in categories() if terms.fresh or category != "fresh"]
    ranked = sorted(offered, key=lambda category: streams.uniform64("sup.cats", supplier, category))
    chosen = set(ranked[: terms.categories])
    return {
        sku
        for sku, product in products().items()
        if product.category in chosen and streams.between(0, 999, "sup.carry", supplier, sku) < 850
    }


def _cover(pairs: Mapping[int, Archetype], carried: dict[int, set[str]]) -> None:
    """Give what no dependable supplier carries to the first haggler, so that everything can be had."""
    hagglers = sorted(index for index, kind in pairs.items() if kind == "haggler")
    if not hagglers:
        return
    reachable = {sku for index, kind in pairs.items() if kind in _COVERING for sku in carried[index]}
    carried[hagglers[0]] |= set(products()) - reachable
