"""The web: what it says of companies, and how right it is."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from agentbench_sdk.environments.vending.scenario import SCENARIOS
from agentbench_sdk.environments.vending.streams import streams_for
from agentbench_sdk.environments.vending.suppliers.archetypes import TERMS
from agentbench_sdk.environments.vending.suppliers.roster import Supplier, draw_roster
from agentbench_sdk.environments.vending.web.gossip import _threads
from agentbench_sdk.environments.vending.web.news import company_news
from agentbench_sdk.environments.vending.web.page import Page
from agentbench_sdk.environments.vending.web.pages import write_pages

Start = Callable[..., Any]
TOPICS = {topic["id"]: (thread["page"], topic) for thread in _threads() for topic in thread["topics"]}
TRAITS = {
    "forum-prices": {"haggler", "gouger"},
    "forum-fees": {"member"},
    "forum-delivery": {"slow"},
    "forum-count": {"partial"},
    "forum-goods": {"bait"},
    "forum-answers": {"ghost"},
    "forum-future": {"doomed"},
}


@cache
def _web(seed: int) -> tuple[dict[str, Supplier], dict[str, Page]]:
    streams = streams_for(seed)
    roster = draw_roster(streams, SCENARIOS["adversarial-365"].suppliers)
    return roster, write_pages(streams, roster)


def test_three_threads_speak_of_every_trait() -> None:
    assert len(_threads()) == 3
    assert set(TOPICS) == set(TRAITS)


@pytest.mark.parametrize("topic", sorted(TRAITS))
def test_seven_of_ten_posts_are_right_and_every_company_has_one(topic: str) -> None:
    """For companies that have the trait and for those that have not, alike."""
    page, texts = TOPICS[topic]
    right: dict[bool, list[bool]] = {True: [], False: []}
    for seed in range(1, 81):
        roster, pages = _web(seed)
        posts = pages[page].text.splitlines()
        for each in roster.values():
            good, bad = (texts[key].format(name=each.name) for key in ("good", "bad"))
            assert (good in posts) != (bad in posts)
            taken_for = each.archetype if topic == "forum-answers" else each.pose
            has = taken_for in TRAITS[topic]
            right[has].append((bad in posts) == has)
    for known in right.values():
        assert 0.62 < sum(known) / len(known) < 0.78


def test_every_company_has_one_page_and_one_row_whatever_it_is(start: Start) -> None:
    tapes = start("adversarial-365", 3).world.core.tapes
    assert 95 <= len(tapes.pages) <= 110
    for each in tapes.roster.values():
        assert each.address in tapes.pages[f"home-{each.id}"].text
        assert tapes.pages["directory"].text.count(each.address) == 1


def test_news_items_have_several_wordings_and_name_their_company_alone() -> None:
    texts = set()
    for seed in range(1, 31):
        roster, _ = _web(seed)
        for item in company_news(roster):
            supplier = roster[item.page.id.removeprefix("news-")]
            assert item.day == (supplier.ends or 0) - 7
            assert TERMS[supplier.pose].ends
            said = f"{item.page.title} {item.page.text}"
            assert [each.name for each in roster.values() if each.name in said] == [supplier.name]
            texts.add(said.replace(supplier.name, ""))
    assert len(texts) == 3
