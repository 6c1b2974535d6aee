"""The page: a head with the figures that count, five panels on one axis of days, and a text for who cannot see."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from agentbench_sdk.environments.vending.calendar import Calendar
from agentbench_sdk.environments.vending.picture import svg
from agentbench_sdk.environments.vending.picture.frame import LEFT, WIDTH, Frame
from agentbench_sdk.environments.vending.picture.incidents import KINDS, Incident
from agentbench_sdk.environments.vending.picture.lanes import LANE, lanes_panel
from agentbench_sdk.environments.vending.picture.panels import (
    exact_dollars,
    money_panel,
    sales_panel,
    stock_panel,
)
from agentbench_sdk.environments.vending.picture.prices import price_panel
from agentbench_sdk.environments.vending.picture.series import DayFlow, Moment
from agentbench_sdk.environments.vending.picture.style import style_sheet

PAGE_WIDTH = 1200.0
_HEAD, _GAP = 150.0, 44.0
_HEIGHTS = {"money": 150.0, "stock": 88.0, "prices": 168.0, "sales": 88.0}
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
Panel = tuple[float, float]  # top and height
_FIRST_HEADING = 210.0  # pixels that its words take
_WEEKENDS_UP_TO = 62  # days
_MONTHS_FROM = 75


@dataclass(frozen=True, slots=True)
class Story:
    """All that the page shows.

    Attributes:
        title: what it is of.
        subtitle: scenario, seed, dates.
        days: the horizon.
        guide: typical shelf prices in cents by product; sold: units by product.
        stopped: when the agent did its last, in days, if the session went on without it or broke off.
        ending: why it ended, in words; "" when the horizon was reached as planned.
        figures: label and value of the figures in the head.
    """

    title: str
    subtitle: str
    days: int
    calendar: Calendar
    moments: Sequence[Moment]
    flows: Sequence[DayFlow]
    marks: Sequence[Incident]
    guide: Mapping[str, int]
    sold: Mapping[str, int]
    stopped: float | None
    ending: str
    figures: Sequence[tuple[str, str]]


def draw_sheet(story: Story) -> str:
    """The page as an SVG document."""
    top, places = _HEAD, {}
    for name, height in _HEIGHTS.items():
        places[name] = (top, height)
        top += height + _GAP
    bottom = top + LANE * len(KINDS)
    plot = Frame(_HEAD, bottom - _HEAD, story.days)
    panels = [*places.values(), (top, LANE * len(KINDS))]
    days = story.days
    body = [
        svg.element("rect", width=PAGE_WIDTH, height=bottom + 58, class_="ground"),
        *_head(story),
        *_weekends(plot, story.calendar, panels),
        *_time_axis(plot, story.calendar, panels),
        *money_panel(story.moments, *places["money"], days),
        *stock_panel(story.moments, *places["stock"], days),
        *price_panel(story.moments, story.guide, story.sold, (*places["prices"], days)),
        *sales_panel(story.flows, *places["sales"], days),
        *lanes_panel(story.marks, top, days),
        *_ending(plot, story, panels),
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {svg.number(PAGE_WIDTH)} {svg.number(bottom + 58)}" '
        f'width="{svg.number(PAGE_WIDTH)}" height="{svg.number(bottom + 58)}" role="img">\n'
        f"<title>{svg.escape(story.title)}</title>\n<desc>{svg.escape(describe(story))}</desc>\n"
        f"<style>{style_sheet()}</style>\n" + "\n".join(body) + "\n</svg>\n"
    )


def describe(story: Story) -> str:
    """The picture in words."""
    first, last = story.moments[0], story.moments[-1]
    lowest = min(story.moments, key=lambda each: each.bank)
    units = sum(flow.units for flow in story.flows)
    counts = ", ".join(
        f"{sum(mark.kind == kind for mark in story.marks)} {name}" for kind, name in KINDS.items()
    )
    ending = story.ending or "reached its horizon"
    return (
        f"{story.subtitle}. The session {ending}. The bank went from {exact_dollars(first.bank)} to "
        f"{exact_dollars(last.bank)}; it was lowest, {exact_dollars(lowest.bank)}, after {lowest.day:.0f} days. "
        f"{units:,} units were sold. Incidents: {counts}."
    )


def _head(story: Story) -> Iterator[str]:
    yield svg.text(LEFT, 38, _fitted(story.title, 84), "title")
    yield svg.text(LEFT, 58, _fitted(story.subtitle, 150), "subtitle")
    step = (PAGE_WIDTH - LEFT - 20) / max(len(story.figures), 1)
    for place, (label, value) in enumerate(story.figures):
        yield svg.text(LEFT + place * step, 86, value, "value")
        yield svg.text(LEFT + place * step, 101, label, "label")


def _fitted(words: str, most: int) -> str:
    return words if len(words) <= most else words[: most - 1] + "…"


def _weekends(plot: Frame, calendar: Calendar, panels: Sequence[Panel]) -> Iterator[str]:
    if plot.days > _WEEKENDS_UP_TO:
        return
    for day in range(plot.days):
        if calendar.weekday(day) >= 5:
            yield _band(plot.x(day), plot.x(day + 1), panels, "weekend")


def _band(begin: float, end: float, panels: Sequence[Panel], class_: str) -> str:
    """A stretch of time, in every panel."""
    bars = [(begin, top + height, end - begin, height) for top, height in panels]
    return svg.element("path", d=svg.bars_path(bars), class_=class_)


def _cut(x: float, panels: Sequence[Panel], class_: str, **facts: str) -> str:
    """A moment, in every panel."""
    data = "".join(f"M{svg.number(x)} {svg.number(top)}v{svg.number(height)}" for top, height in panels)
    return svg.element("path", d=data, class_=class_, **facts)


def _time_axis(plot: Frame, calendar: Calendar, panels: Sequence[Panel]) -> Iterator[str]:
    """Thin lines through all panels at round days or the first of a month; day and date below."""
    by_month = plot.days >= _MONTHS_FROM
    year = 0
    for day in _marked_days(plot.days, calendar):
        x, date = plot.x(day), calendar.date(day)
        words = (
            f"{_MONTHS[date.month - 1]}"
            if by_month
            else f"{_DAYS[date.weekday()]} {date.day} {_MONTHS[date.month - 1]}"
        )
        if date.year != year:
            words, year = f"{words} {date.year}", date.year
        yield _cut(x, panels, "cut")
        yield svg.text(x, plot.bottom + 17, f"day {day}", "tick", text_anchor="middle")
        yield svg.text(x, plot.bottom + 32, words, "tick", text_anchor="middle")


def _marked_days(days: int, calendar: Calendar) -> list[int]:
    if days < _MONTHS_FROM:
        step = next(each for each in (1, 2, 5, 7) if days / each <= 14 or each == 7)
        return list(range(0, days, step))
    firsts = [day for day in range(days) if calendar.date(day).day == 1]
    every = 1 + len(firsts) // 15
    shown = firsts[::every]
    return [0, *(day for day in shown if day > days / 24)]


def _ending(plot: Frame, story: Story, panels: Sequence[Panel]) -> Iterator[str]:
    """A line through all panels where the session broke off, or the agent left it to itself."""
    if not story.ending:
        return
    last = story.moments[-1].day
    day = last if story.stopped is None else story.stopped
    x, whole = plot.x(day), max(math.ceil(day) - 1, 0)
    if day < last:
        yield _band(x, plot.x(last), panels, "absent")
    yield _cut(x, panels, "end", data_kind="end", data_day=str(whole))
    on_left = x > LEFT + WIDTH * 0.6
    yield svg.text(  # beside the first heading, where no line and no label of a line can be
        x + 4 if on_left else max(x - 4, LEFT + _FIRST_HEADING),
        plot.top - 9,
        _fitted(f"{story.ending}, day {whole}", 80),
        "end-text strong",
        text_anchor="end" if on_left else None,
    )
