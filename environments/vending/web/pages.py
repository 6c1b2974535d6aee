"""Writing the web: supplier pages, a directory, product guides, how-to pages and gossip."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib.resources import files

from agentbench_sdk.environments.vending.catalogue import Product, categories, products
from agentbench_sdk.environments.vending.suppliers.roster import Supplier
from agentbench_sdk.environments.vending.web.gossip import threads
from agentbench_sdk.environments.vending.web.page import Page
from agentbench_sdk.simulation import SeededStreams

CATEGORY_NAMES = {
    "soda": "soft drinks",
    "water": "water",
    "energy": "energy and sport drinks",
    "tea_juice": "tea and juice",
    "coffee": "coffee drinks",
    "chips": "chips and salty snacks",
    "candy": "candy and chocolate",
    "cookie": "cookies and bakery",
    "nutbar": "nuts and bars",
    "fresh": "fresh food",
    "sundry": "sundries",
}
_SIZE_NAMES = {"S": "small slot", "L": "large slot"}


def money(cents: int) -> str:
    """Cents as dollars: 205 is "$2.05"."""
    return f"${cents // 100}.{cents % 100:02d}"


class _Writer:
    def __init__(self, streams: SeededStreams, roster: Mapping[str, Supplier]) -> None:
        self._streams = streams
        self._suppliers = sorted(roster.values(), key=lambda supplier: supplier.name)

    def _noise(self, low: int, high: int, page: str) -> int:
        return self._streams.between(low, high, "web.noise", page)

    def all(self) -> Iterable[Page]:
        yield from _articles()
        yield self._directory()
        yield self._guide_index()
        yield from map(self._home, self._suppliers)
        yield from map(self._guide, categories())
        yield from map(self._product, products().values())
        yield from threads(self._suppliers, self._noise)

    def _directory(self) -> Page:
        rows = "\n".join(f"{each.name} | {each.address} | {_categories_of(each)}" for each in self._suppliers)
        return Page(
            "directory",
            "tradedirectory.example",
            "Trade directory of wholesale suppliers for vending operators",
            "Companies that say they deliver to vending operators, with their mail addresses and some of what "
            "they say they carry. Entries are made by the companies themselves and not checked.\n" + rows,
        )

    def _home(self, supplier: Supplier) -> Page:
        host = supplier.address.partition("@")[2]
        return Page(
            f"home-{supplier.id}",
            f"www.{host}",
            f"{supplier.name}: wholesale for vending operators",
            f"{supplier.name} supplies vending operators. Part of the assortment: "
            f"{_categories_of(supplier)}. "
            f"Write to {supplier.contact} at {supplier.address} for a catalogue, prices and terms.",
        )

    def _shelf_price(self, product: Product) -> int:
        noise = self._noise(850, 1150, f"product-{product.sku}")
        return product.ref * noise // 1000

    def _guide_row(self, product: Product) -> str:
        return (
            f"{product.sku} | {product.name} | {_SIZE_NAMES[product.size]} | case of {product.case} | "
            f"typical shelf price {money(self._shelf_price(product))}"
        )

    def _guide(self, category: str) -> Page:
        rows = "\n".join(self._guide_row(each) for each in products().values() if each.category == category)
        return Page(
            f"guide-{category}",
            "productguide.example",
            f"Product guide: {CATEGORY_NAMES[category]} with typical shelf prices",
            f"What lobby machines charge for {CATEGORY_NAMES[category]}. Typical shelf prices are estimates.\n{rows}",
        )

    def _guide_index(self) -> Page:
        rows = "\n".join(f"guide-{category} | {CATEGORY_NAMES[category]}" for category in categories())
        return Page(
            "guide-index",
            "productguide.example",
            "Product guides: index of all categories",
            f"Guides with typical shelf prices, by page id:\n{rows}",
        )

    def _product(self, product: Product) -> Page:
        life = f"keeps about {product.shelf_days} days" if product.shelf_days else "keeps without a date"
        return Page(
            f"product-{product.sku}",
            "productguide.example",
            f"{product.name} ({product.sku})",
            f"{self._guide_row(product)} | {life} | category {CATEGORY_NAMES[product.category]}",
        )


def _categories_of(supplier: Supplier) -> str:
    """What a company says it carries, among other things."""
    return ", ".join(CATEGORY_NAMES[category] for category in supplier.shown)


@lru_cache(maxsize=1)
def _articles() -> tuple[Page, ...]:
    root = files("agentbench_sdk.environments.vending")
    rows = json.loads(root.joinpath("data/articles.json").read_text(encoding="utf-8"))
    return tuple(Page(**row) for row in rows)


def write_pages(streams: SeededStreams, roster: Mapping[str, Supplier]) -> dict[str, Page]:
    """All pages of a seed, by id."""
    return {page.id: page for page in _Writer(streams, roster).all()}
