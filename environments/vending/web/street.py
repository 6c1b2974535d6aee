"""News of the street: the fairs that are going to be held near the machine."""

from __future__ import annotations

from collections.abc import Iterable

from agentbench_sdk.environments.vending.calendar import Calendar
from agentbench_sdk.environments.vending.fairs import ANNOUNCED, DAYS, Fairs
from agentbench_sdk.environments.vending.web.news import News
from agentbench_sdk.environments.vending.web.page import Page


def street_news(fairs: Fairs, calendar: Calendar, horizon: int) -> Iterable[News]:
    """The news of all fairs that are announced before the horizon."""
    for start in range(horizon + ANNOUNCED):
        if fairs.begins(start):
            last = start + DAYS - 1
            # "Fair" is the word for a kind of supplier, too, which no observation names.
            yield News(
                start - ANNOUNCED,
                Page(
                    f"news-street-{start:04d}",
                    "stationsquarenews.example",
                    f"Street festival in Station Square from {calendar.iso(start)}",
                    f"A street festival comes to Station Square, from day {start} ({calendar.iso(start)}) to "
                    f"day {last} ({calendar.iso(last)}). Shops and machines there expect many more visitors.",
                ),
            )
