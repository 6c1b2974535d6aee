"""The panel of incidents: a lane for each kind, a mark for each incident, its story where it is pointed at."""

from __future__ import annotations

import math
from collections.abc import Sequence

from agentbench_sdk.environments.vending.picture import svg
from agentbench_sdk.environments.vending.picture.frame import LABEL_X, LEFT, WIDTH, Frame
from agentbench_sdk.environments.vending.picture.incidents import KINDS, Incident, Kind
from agentbench_sdk.environments.vending.picture.panels import dollars

LANE = 20.0
_SMALLEST, _LARGEST = 2.4, 7.0  # radius of a mark
_ARM = 3.6  # of a cross

_BY_DAY: tuple[Kind, ...] = ("stock-out", "outage")  # drawn as bars


def lanes_panel(marks: Sequence[Incident], top: float, days: int) -> list[str]:
    """All lanes, also those in which nothing happened: that, too, is worth seeing."""
    drawn = [
        Frame(top, LANE, days).heading(
            "Incidents",
            "larger marks are larger sums, crosses complaints that ended badly; point at a mark to read what it was",
        )
    ]
    for place, (kind, name) in enumerate(KINDS.items()):
        frame = Frame(top + place * LANE, LANE, days)
        own = [mark for mark in marks if mark.kind == kind]
        middle = frame.top + LANE / 2
        if place % 2 == 0:
            drawn.append(svg.element("rect", x=LEFT, y=frame.top, width=WIDTH, height=LANE, class_="lane"))
        drawn.append(svg.text(LEFT - 8, middle + 4, name, "tick", text_anchor="end"))
        drawn.append(svg.text(LABEL_X, middle + 4, _total(kind, own), "small" if own else "small none"))
        most = max((mark.size for mark in own), default=0)
        shapes = "".join(_shape(mark, frame, middle, most) for mark in own)
        if shapes:
            drawn.append(svg.element("g", shapes, class_=f"m-{kind}", data_kind=kind))
    return drawn


def _story(mark: Incident) -> str:
    return f"day {mark.day}: {mark.text}"


def _total(kind: Kind, marks: Sequence[Incident]) -> str:
    """How many there were, and what they come to."""
    if not marks:
        return "none"
    total = sum(mark.size for mark in marks)
    if kind in _BY_DAY:
        return f"on {len(marks)} days"
    if kind == "complaint":
        bad = sum(mark.bad for mark in marks)
        return f"{len(marks)}, {bad} ended badly" if bad else f"{len(marks)}"
    return f"{len(marks)}, {dollars(total)}" if total else f"{len(marks)}"


def _shape(mark: Incident, frame: Frame, middle: float, most: int) -> str:
    """A disc whose area is the sum; a span for lateness, a bar for stock-outs, a cross for what went wrong."""
    x, size = frame.x(mark.at), mark.size / most if most else 0.0
    radius = _SMALLEST + (_LARGEST - _SMALLEST) * math.sqrt(size)
    facts: dict[str, object] = {"data_day": str(mark.day)}
    if mark.since is not None:
        begin = frame.x(mark.since)
        facts |= {"x": begin, "y": middle - 3, "width": max(x - begin, 3.0), "height": 6, "rx": 3}
        return svg.titled(_story(mark), "rect", **facts)
    if mark.kind in _BY_DAY:
        width, height = max(frame.x(mark.day + 1) - frame.x(mark.day) - 0.4, 0.8), 4 + (LANE - 8) * size
        facts |= {"x": frame.x(mark.day), "y": frame.bottom - 2 - height, "width": width, "height": height}
        return svg.titled(_story(mark), "rect", **facts)
    if mark.kind == "complaint" and mark.bad:
        return svg.titled(_story(mark), "path", d=_cross(x, middle), class_="m-bad", **facts)
    if mark.kind == "loss":
        tip, foot = middle - radius, middle + radius * 0.8
        data = svg.line_path([(x, tip), (x + radius, foot), (x - radius, foot)]) + "Z"
        return svg.titled(_story(mark), "path", d=data, **facts)
    return svg.titled(_story(mark), "circle", cx=x, cy=middle, r=radius, **facts)


def _cross(x: float, y: float) -> str:
    arm = svg.number(2 * _ARM)
    falling = f"M{svg.number(x - _ARM)} {svg.number(y - _ARM)}l{arm} {arm}"
    return f"{falling}M{svg.number(x - _ARM)} {svg.number(y + _ARM)}l{arm} -{arm}"
