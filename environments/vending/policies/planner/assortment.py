"""Which twelve products: the best set under the rules of variety, found greedily and by exchanges."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from agentbench_sdk.environments.vending.demand import choice_factor
from agentbench_sdk.environments.vending.policies.planner.knowledge import Good

ROOM = 6  # products of each size


def worth(chosen: Iterable[Good], margins: Mapping[str, int]) -> int:
    """What a set of products earns, each weighed with the variety around it."""
    goods = list(chosen)
    rivals: dict[str, int] = {}
    for good in goods:
        rivals[good.category] = rivals.get(good.category, 0) + 1
    return sum(margins[good.sku] * choice_factor(len(goods), rivals[good.category]) for good in goods)


def choose(goods: Iterable[Good], margins: Mapping[str, int]) -> list[Good]:
    """The set that earns most: goods are added one by one, then exchanged, while that helps."""
    pool = sorted((good for good in goods if margins[good.sku] > 0), key=lambda good: good.sku)
    chosen: list[Good] = []
    while better := _improved(chosen, pool, margins):
        chosen = better
    return chosen


def _improved(chosen: list[Good], pool: list[Good], margins: Mapping[str, int]) -> list[Good]:
    """A better set: the best one with another product, else with one less or another in its place, or none."""
    outside = [good for good in pool if good not in chosen]
    added = _best([[*chosen, good] for good in outside], margins)
    if worth(added, margins) > worth(chosen, margins):
        return added
    rest = [[good for good in chosen if good != gone] for gone in chosen]
    other = _best([*rest, *([*kept, new] for kept in rest for new in outside)], margins)
    return other if worth(other, margins) > worth(chosen, margins) else []


def _best(sets: Iterable[list[Good]], margins: Mapping[str, int]) -> list[Good]:
    return max((each for each in sets if _fits(each)), key=lambda each: worth(each, margins), default=[])


def _fits(goods: list[Good]) -> bool:
    return all(sum(good.size == size for good in goods) <= ROOM for size in "SL")
