"""Forum threads: what operators say of each company, true more often than not."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Any

from agentbench_sdk.environments.vending.suppliers.archetypes import TERMS, Terms
from agentbench_sdk.environments.vending.suppliers.roster import Supplier
from agentbench_sdk.environments.vending.web.page import Page

_RIGHT = 700  # per mille
_DEAR_FROM = 1400  # list price per mille of the fair cost
_WEEK = 7

# What there is to say of a company that is what the web takes it for.
_TRAITS: dict[str, Callable[[Terms], bool]] = {
    "dear": lambda terms: terms.list_price >= _DEAR_FROM,
    "fee": lambda terms: terms.joining_fee > 0,
    "late": lambda terms: terms.lead_days[1] > _WEEK,
    "short": lambda terms: terms.short > 0,
    "tricks": lambda terms: terms.hook_above > 0,
    "shaky": lambda terms: terms.ends,
}


@lru_cache(maxsize=1)
def _threads() -> list[dict[str, Any]]:
    root = files("agentbench_sdk.environments.vending")
    threads: list[dict[str, Any]] = json.loads(root.joinpath("data/gossip.json").read_text(encoding="utf-8"))
    return threads


def threads(suppliers: Sequence[Supplier], noise: Callable[[int, int, str], int]) -> Iterable[Page]:
    """The threads. On every topic there is one post about every company.

    `noise(low, high, page)` draws whether a post is right.
    """
    for thread in _threads():
        posts = []
        for topic in thread["topics"]:
            for supplier in suppliers:
                right = noise(0, 999, f"{topic['id']}-{supplier.id}") < _RIGHT
                bad = _holds(topic["trait"], supplier) == right
                posts.append(topic["bad" if bad else "good"].format(name=supplier.name))
        yield Page(thread["page"], "vendtalk.example", f"Forum: {thread['title']}", "\n".join(posts))


def _holds(trait: str, supplier: Supplier) -> bool:
    """Only the gossip on answers speaks of what a company is; the rest is about what it poses as."""
    return not supplier.terms.answers if trait == "silent" else _TRAITS[trait](TERMS[supplier.pose])
