"""Which companies exist in a run, of what kind each is and what it carries; derived from the seed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import get_args

from agentbench_sdk.environments.vending.catalogue import categories, products
from agentbench_sdk.environments.vending.scenario import Archetype
from agentbench_sdk.environments.vending.suppliers.archetypes import JOINED, TERMS, Terms
from agentbench_sdk.simulation import SeededStreams

_COVERING: tuple[Archetype, ...] = ("fair", "haggler", "bulk")
_END_DAYS, _EARLIEST_END, _YEAR = (60, 240), 12, 365
_CATEGORIES_SHOWN = (2, 4)  # every kind carries four at least


@dataclass(frozen=True, slots=True)
class Supplier:
    """A company. Its id comes from its name, so it says nothing about its kind.

    Attributes:
        carries: the products that it sells.
        pose: what the web takes it for: its own kind, or another where it only poses as a supplier.
        shown: the categories that its pages name, in the order of the product table.
        ends: the last day of its business, as the web will tell it; None where that is not in sight.
    """

    id: str
    name: str
    contact: str
    address: str
    archetype: Archetype
    carries: frozenset[str]
    pose: Archetype
    shown: tuple[str, ...]
    ends: int | None = None

    @property
    def terms(self) -> Terms:
        return TERMS[self.archetype]

    def terms_when(self, *, joined: bool) -> Terms:
        """Its terms before or after a joining fee; most have only one kind."""
        return JOINED.get(self.archetype, self.terms) if joined else self.terms

    @property
    def closes(self) -> int | None:
        """The last day of its business; None for one that outlives the run, or was never there."""
        return self.ends if self.terms.ends else None


@lru_cache(maxsize=1)
def _companies() -> tuple[dict[str, str], ...]:
    root = files("agentbench_sdk.environments.vending")
    return tuple(json.loads(root.joinpath("data/companies.json").read_text(encoding="utf-8")))


def draw_roster(
    streams: SeededStreams, wanted: Mapping[Archetype, int], days: int = 365
) -> dict[str, Supplier]:
    """The suppliers of a run of so many days by id; names are ranked by chance and paired with the kinds.

    The kinds come in the order of the table, whatever the order in which a scenario names them.
    """
    order: tuple[Archetype, ...] = get_args(Archetype)
    kinds = [kind for kind in order for _ in range(wanted.get(kind, 0))]
    ranked = sorted(range(len(_companies())), key=lambda index: streams.uniform64("sup.rank", index))
    pairs = dict(sorted(zip(ranked, kinds, strict=False)))
    living = [kind for kind in kinds if TERMS[kind].answers]
    poses = {index: _pose(streams, _id(index), kind, living) for index, kind in pairs.items()}
    ranked_goods = {index: _assortment(streams, _id(index), pose) for index, pose in poses.items()}
    carried = {
        index: set().union(*ranked_goods[index].values()) if TERMS[kind].answers else set()
        for index, kind in pairs.items()
    }
    _cover(pairs, carried)
    return {
        _id(index): Supplier(
            id=_id(index),
            archetype=kind,
            carries=frozenset(carried[index]),
            pose=poses[index],
            shown=_shown(streams, _id(index), ranked_goods[index]),
            ends=_end(streams, _id(index), days) if TERMS[poses[index]].ends else None,
            **_companies()[index],
        )
        for index, kind in pairs.items()
    }


def _id(index: int) -> str:
    return f"sup{index + 1:02d}"


def _pose(streams: SeededStreams, supplier: str, kind: Archetype, living: Sequence[Archetype]) -> Archetype:
    """What the web takes a company for: one that is not there poses as one of those that are."""
    if TERMS[kind].answers:
        return kind
    choice = living or _COVERING
    return choice[streams.between(0, len(choice) - 1, "sup.pose", supplier)]


def _end(streams: SeededStreams, supplier: str, days: int) -> int:
    """The last day of a business that does not last, in proportion to the length of the run."""
    day = streams.between(*_END_DAYS, "sup.doom", supplier)
    return max(_EARLIEST_END, day * days // _YEAR)


def _assortment(streams: SeededStreams, supplier: str, kind: Archetype) -> dict[str, set[str]]:
    """The products of a company of that kind by category, in the order of the draw."""
    terms = TERMS[kind]
    offered = [category for category in categories() if terms.fresh or category != "fresh"]
    ranked = sorted(offered, key=lambda category: streams.uniform64("sup.cats", supplier, category))
    goods: dict[str, set[str]] = {category: set() for category in ranked[: terms.categories]}
    for sku, product in products().items():
        if product.category in goods and streams.between(0, 999, "sup.carry", supplier, sku) < 850:
            goods[product.category].add(sku)
    return goods


def _shown(streams: SeededStreams, supplier: str, goods: Mapping[str, set[str]]) -> tuple[str, ...]:
    """The categories that a company's pages name: some, so that their number says nothing of its kind."""
    count = streams.between(*_CATEGORIES_SHOWN, "sup.shown", supplier)
    named = [category for category, skus in goods.items() if skus][:count]
    return tuple(category for category in categories() if category in named)


def _cover(pairs: Mapping[int, Archetype], carried: dict[int, set[str]]) -> None:
    """Give what no dependable supplier carries to the first haggler, so that everything can be had."""
    hagglers = sorted(index for index, kind in pairs.items() if kind == "haggler")
    if not hagglers:
        return
    reachable = {sku for index, kind in pairs.items() if kind in _COVERING for sku in carried[index]}
    carried[hagglers[0]] |= set(products()) - reachable
