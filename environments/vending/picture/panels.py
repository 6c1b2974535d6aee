"""Panels with an axis of values: money, goods, sales. Prices have a file of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

from agentbench_sdk.environments.vending.picture import svg
from agentbench_sdk.environments.vending.picture.frame import LABEL_X, Frame, rising, spread
from agentbench_sdk.environments.vending.picture.series import DayFlow, Moment

_MOST_DOTS = 45  # moments; beyond them the lines are clear enough
_AVERAGE_FROM = 60  # days from which a week's mean is drawn over the bars
_LABEL_GAP = 12.5


def dollars(cents: float) -> str:
    """Cents as short dollars: "$1,250", "$2.50"."""
    sign = "−" if cents < 0 else ""
    whole = abs(cents) / 100
    return f"{sign}${whole:,.0f}" if whole >= 20 or whole == int(whole) else f"{sign}${whole:,.2f}"


def dollar_ticks(ticks: Sequence[float]) -> Callable[[float], str]:
    """How the values of an axis are written: all of them with cents, or none."""
    with_cents = any(tick % 100 for tick in ticks)
    return (lambda value: exact_dollars(int(value))) if with_cents else dollars


def exact_dollars(cents: int) -> str:
    """Cents as dollars to the cent."""
    return f"{'−' if cents < 0 else ''}${abs(cents) / 100:,.2f}"


def money_panel(moments: Sequence[Moment], top: float, height: float, days: int) -> list[str]:
    """Bank as a strong line, net worth as a thin one, days with arrears as a band."""
    values = [value for each in moments for value in (each.bank, each.worth)]
    ticks = rising(min(0, *values), max(*values, 100), 4)
    frame = Frame(top, height, days, ticks[0], ticks[-1])
    bank = [(frame.x(each.day), frame.y(each.bank)) for each in moments]
    worth = [(frame.x(each.day), frame.y(each.worth)) for each in moments]
    floor = [(x, frame.y(0)) for x, _ in bank]
    last = moments[-1]
    return [
        frame.heading("Money", "at the end of each day"),
        *frame.grid(ticks, dollar_ticks(ticks)),
        *_owing(frame, moments),
        svg.element("path", d=svg.area_path(bank, floor), class_="bank-area"),
        svg.element("path", d=svg.line_path(worth), class_="worth line thin"),
        svg.element("path", d=svg.line_path(bank), class_="bank line"),
        *_dots(bank, "bank-dot"),
        *edge_labels(
            frame,
            [
                (frame.y(last.bank), f"bank {exact_dollars(last.bank)}", "bank-text strong"),
                (frame.y(last.worth), f"net worth {exact_dollars(last.worth)}", "worth-text"),
            ],
            bank[-1][0],
        ),
    ]


def _owing(frame: Frame, moments: Sequence[Moment]) -> Iterable[str]:
    """A band over the days at whose end fees were owed."""
    spans = [(before.day, after.day) for before, after in pairwise(moments) if after.owed]
    for place, (begin, end) in enumerate(_joined(spans)):
        x = frame.x(begin)
        yield svg.titled(
            f"fees owed from day {int(begin)} to day {int(end - 0.001)}",
            "rect",
            x=x,
            y=frame.top,
            width=frame.x(end) - x,
            height=frame.height,
            class_="owing",
        )
        if not place:
            yield svg.text(x + 5, frame.top + 13, "fees owed", "owing-text")


def _joined(spans: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    joined: list[tuple[float, float]] = []
    for begin, end in spans:
        if joined and joined[-1][1] == begin:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((begin, end))
    return joined


def stock_panel(moments: Sequence[Moment], top: float, height: float, days: int) -> list[str]:
    """Units in the machine, and above them those in storage."""
    ticks = rising(0, max([each.storage + each.machine for each in moments] + [10]), 3)
    frame = Frame(top, height, days, 0, ticks[-1])
    floor = [(frame.x(each.day), frame.y(0)) for each in moments]
    machine = [(frame.x(each.day), frame.y(each.machine)) for each in moments]
    both = [(frame.x(each.day), frame.y(each.machine + each.storage)) for each in moments]
    last = moments[-1]
    return [
        frame.heading("Stock", "units in the machine and, on top of them, in storage"),
        *frame.grid(ticks, lambda value: f"{value:,.0f}"),
        svg.element("path", d=svg.area_path(both, machine), class_="storage-area"),
        svg.element("path", d=svg.area_path(machine, floor), class_="machine-area"),
        svg.element("path", d=svg.line_path(both), class_="storage line thin"),
        svg.element("path", d=svg.line_path(machine), class_="machine line thin"),
        *edge_labels(
            frame,
            [
                (frame.y(last.machine), f"machine {last.machine:,}", "machine-text"),
                (frame.y(last.machine + last.storage), f"storage {last.storage:,}", "storage-text"),
            ],
            both[-1][0],
        ),
    ]


def sales_panel(flows: Sequence[DayFlow], top: float, height: float, days: int) -> list[str]:
    """Units sold, a bar a day; over a long time with the mean of seven days."""
    ticks = rising(0, max([flow.units for flow in flows] + [5]), 3)
    frame = Frame(top, height, days, 0, ticks[-1])
    gap = 0.15 if days <= 120 else 0.0
    bars = [
        (
            frame.x(flow.day + gap / 2),
            frame.y(0),
            frame.x(flow.day + 1 - gap / 2) - frame.x(flow.day + gap / 2),
            frame.y(0) - frame.y(flow.units),
        )
        for flow in flows
        if flow.units
    ]
    total = sum(flow.units for flow in flows)
    drawn = [
        frame.heading(
            "Sales", f"units a day{', and the mean of seven days' if days >= _AVERAGE_FROM else ''}"
        ),
        *frame.grid(ticks, lambda value: f"{value:,.0f}"),
        svg.element("path", d=svg.bars_path(bars), class_="sales") if bars else "",
    ]
    if days >= _AVERAGE_FROM and bars:
        means = [
            (
                frame.x(flow.day + 1),
                frame.y(sum(each.units for each in flows[max(0, place - 6) : place + 1]) / min(7, place + 1)),
            )
            for place, flow in enumerate(flows)
        ]
        drawn.append(svg.element("path", d=svg.line_path(means), class_="mean line thin"))
    mean = total / len(flows) if flows else 0.0
    drawn.append(svg.text(LABEL_X, frame.top + 12, f"{total:,} units", "sales-text strong"))
    drawn.append(svg.text(LABEL_X, frame.top + 26, f"{mean:.1f} a day", "sales-text"))
    return [each for each in drawn if each]


def _dots(points: Sequence[svg.Point], class_: str) -> list[str]:
    if len(points) > _MOST_DOTS:
        return []
    return [svg.element("circle", cx=x, cy=y, r=2.2, class_=class_) for x, y in points]


def edge_labels(frame: Frame, labels: Sequence[tuple[float, str, str]], x: float) -> list[str]:
    """Names at the right of where lines end, moved apart where they would cover each other, with a leader.

    Arguments:
        frame: the panel's.
        labels: height of the line's end, words, class.
        x: where the lines end.
    """
    places = spread([y for y, _, _ in labels], _LABEL_GAP, frame.top - 4, frame.bottom + 2)
    drawn = []
    for place, (y, words, class_) in zip(places, labels, strict=True):
        if abs(place - y) > _LABEL_GAP / 3:
            points = [(x + 2, y), (x + 9, place)]
            drawn.append(svg.element("path", d=svg.line_path(points), class_="leader"))
        drawn.append(svg.text(x + 12, place + 3.5, words, class_))
    return drawn
