"""Day 0: guide prices, the trade directory, and letters to its first suppliers."""

from __future__ import annotations

import re
from collections.abc import Generator

from agentbench_sdk.environments.vending.policies.keeper.shop import Shop, Steps, call, write
from agentbench_sdk.simulation import Act

_FIRST_WRITTEN = 5
_ASKED_AGAIN_DAYS = 7
_GUIDE = re.compile(
    r"^(\w+) \| .* \| (small|large) slot \| case of (\d+) \| typical shelf price \$(\d+)\.(\d\d)",
    re.MULTILINE,
)
_ADDRESS = re.compile(r"\| (\S+@\S+) \|")


def look_around(shop: Shop) -> Steps:
    """Find suppliers and guide prices, and ask the first suppliers for their catalogues."""
    directory = yield from _find("trade directory of wholesale suppliers", "directory")
    shop.directory = _ADDRESS.findall(directory)
    index = yield from _find("product guides index of all categories", "guide-index")
    for page in re.findall(r"^(guide-\S+) \|", index, re.MULTILINE):
        text = (yield from call("open_page", page_id=page)).get("text", "")
        for row in _GUIDE.finditer(text):
            sku = row[1]
            shop.guide[sku], shop.case[sku] = int(row[4]) * 100 + int(row[5]), int(row[3])
            if row[2] == "large":
                shop.wide.add(sku)
    yield from write_to_more(shop)


def _find(query: str, page: str) -> Generator[Act, str, str]:
    hits = (yield from call("search_web", query=query)).get("hits", [])
    found = [hit["page_id"] for hit in hits]
    best = page if page in found or not found else found[0]
    text: str = (yield from call("open_page", page_id=best)).get("text", "")
    return text


def write_to_more(shop: Shop) -> Steps:
    """Ask the next suppliers of the directory; once all were asked, begin again after a week."""
    if shop.written >= len(shop.directory):
        if shop.day % _ASKED_AGAIN_DAYS:
            return
        shop.written = 0
    chosen = shop.directory[shop.written : shop.written + _FIRST_WRITTEN]
    shop.written += _FIRST_WRITTEN
    for address in chosen:
        if address not in shop.dropped:
            body = "Good day, please send me your catalogue with prices. Thank you."
            yield from write(address, "Catalogue request", body)
