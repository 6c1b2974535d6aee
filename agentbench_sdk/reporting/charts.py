"""Small drawings for the HTML report: an interval on its scale, and a limit over time. SVG within the page."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from agentbench_sdk.reporting import wording
from agentbench_sdk.reporting.markup import Markup, tag

if TYPE_CHECKING:
    from agentbench_sdk.reporting.limits import LimitHistory
    from agentbench_sdk.statistics import Estimate

_WIDE, _HIGH, _EDGE = 160, 16, 5
_STEPS, _STEPS_HIGH = 300, 60

Span = tuple[float, float]


def span_of(low: float | None, high: float | None, *estimates: Estimate) -> Span | None:
    """What an axis shows: the scale where it has two ends, otherwise all that is drawn on it.

    Returns:
        None where there is nothing to draw or no width to draw it on.
    """
    drawn = [value for each in estimates for value in _values(each)]
    if not drawn:
        return None
    ends = (min(drawn) if low is None else low, max(drawn) if high is None else high)
    return ends if ends[0] < ends[1] and all(map(math.isfinite, ends)) else None


def _values(found: Estimate) -> list[float]:
    ends = [found.interval.low, found.interval.high] if found.interval else []
    return [each for each in (found.mean, *ends) if each is not None and math.isfinite(each)]


def interval_chart(
    found: Estimate, span: Span | None, unit: str = "", *, zero: bool = False
) -> Markup | None:
    """The mean as a dot and the interval as a bar, on an axis that shows `span`; with `zero`, a mark at 0."""
    if span is None or found.mean is None or not math.isfinite(found.mean):
        return None
    middle = _HIGH / 2
    parts = [tag("line", x1=_EDGE, x2=_WIDE - _EDGE, y1=middle, y2=middle, class_="axis")]
    if zero:
        parts.append(
            tag("line", x1=_place(0.0, span), x2=_place(0.0, span), y1=1, y2=_HIGH - 1, class_="zero")
        )
    if found.interval is not None:
        ends = {"x1": _place(found.interval.low, span), "x2": _place(found.interval.high, span)}
        parts.append(tag("line", **ends, y1=middle, y2=middle, class_="bar"))
    parts.append(tag("circle", cx=_place(found.mean, span), cy=middle, r=3.5, class_="dot"))
    told = f"{wording.amount(found.mean, unit)}, interval {wording.interval(found.interval, unit)}"
    axis = f"axis from {wording.amount(span[0], unit)} to {wording.amount(span[1], unit)}"
    return drawing(_WIDE, _HIGH, f"{told}; {axis}", parts)


def _place(value: float, span: Span) -> float:
    share = (value - span[0]) / (span[1] - span[0])
    return round(_EDGE + min(1.0, max(0.0, share)) * (_WIDE - 2 * _EDGE), 2)


def limit_chart(history: LimitHistory) -> Markup | None:
    """The limit of requests at once over time; None where it never moved."""
    levels = history.levels(_STEPS)
    if len(levels) < 2:
        return None
    highest = max(limit for _, limit in history.points)
    heights = [round(_STEPS_HIGH - level / highest * (_STEPS_HIGH - 2), 2) for level in levels]
    steps = "".join(f"V{height}H{place}" for place, height in enumerate(heights, 1))
    path = tag("path", d=f"M0 {heights[0]}{steps}", class_="steps")
    seconds = history.points[-1][0] - history.points[0][0]
    told = f"limit of requests at once over {wording.duration(seconds)}, at most {highest}"
    return drawing(_STEPS, _STEPS_HIGH, told, [path])


def drawing(width: int, height: int, told: str, parts: list[Markup]) -> Markup:
    """An SVG element of that size in pixels, told in words to those who do not see it."""
    box = f"0 0 {width} {height}"
    return tag("svg", *parts, viewBox=box, width=width, height=height, role="img", aria_label=told)
