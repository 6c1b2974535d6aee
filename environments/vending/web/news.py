"""News: pages that appear on their day. The web as it is on a day, and the search over it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from agentbench_sdk.environments.vending.suppliers.roster import Supplier
from agentbench_sdk.environments.vending.web.page import Page
from agentbench_sdk.environments.vending.web.ranking import Index

_BEFORE_END = 7  # days


@dataclass(frozen=True, slots=True)
class News:
    """A page and the day from which it can be found."""

    day: int
    page: Page


@lru_cache(maxsize=1)
def _stories() -> list[dict[str, str]]:
    root = files("agentbench_sdk.environments.vending")
    stories: list[dict[str, str]] = json.loads(root.joinpath("data/news.json").read_text(encoding="utf-8"))
    return stories


def company_news(roster: Mapping[str, Supplier]) -> Iterable[News]:
    """The news of companies that come to their end; of those, too, that only pose as such a company."""
    for supplier in roster.values():
        if supplier.ends is not None:
            stories = _stories()
            story = stories[supplier.ends % len(stories)]
            yield News(
                supplier.ends - _BEFORE_END,
                Page(
                    f"news-{supplier.id}",
                    "tradenews.example",
                    story["title"].format(name=supplier.name),
                    story["text"].format(name=supplier.name),
                ),
            )


class Web:
    """All pages of a run; derived, so never part of the state."""

    def __init__(self, pages: Mapping[str, Page], news: Iterable[News]) -> None:
        self._pages = dict(pages)
        self._news = sorted(news, key=lambda item: (item.day, item.page.id))
        self._indices: dict[int, Index] = {}

    def pages(self, day: int) -> dict[str, Page]:
        """The pages that can be opened on a day, by id."""
        recent = {item.page.id: item.page for item in self._news if item.day <= day}
        return {**self._pages, **recent} if recent else self._pages

    def search(self, query: str, limit: int, day: int) -> list[Page]:
        """The pages of a day that fit a query best."""
        pages = self.pages(day)
        if len(pages) not in self._indices:
            # A word of the title counts as much as three in the text.
            texts = {page.id: f"{page.title} " * 3 + page.text for page in pages.values()}
            self._indices[len(pages)] = Index(texts)
        return [pages[name] for name in self._indices[len(pages)].search(query, limit)]
