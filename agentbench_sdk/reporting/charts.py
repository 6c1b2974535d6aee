"""Small charts of the HTML report: an interval on its scale, and a limit over time."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from agentbench_sdk.reporting import wording
from agentbench_sdk.reporting.markup import Markup
from agentbench_sdk.reporting.pictures import Colours, Size, picture, plain_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from agentbench_sdk.reporting.limits import LimitHistory
    from agentbench_sdk.statistics import Estimate

_INTERVAL, _EDGE = Size(160, 16), 5
_LIMIT = Size(340, 120)
_UNITS = (("h", 3600.0), ("min", 60.0), ("s", 1.0), ("ms", 0.001))

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
    mean, interval = _place(found.mean, span), found.interval
    bar = None if interval is None else (_place(interval.low, span), _place(interval.high, span))
    origin = _place(0.0, span) if zero else None
    told = f"{wording.amount(found.mean, unit)}, interval {wording.interval(interval, unit)}"
    axis = f"axis from {wording.amount(span[0], unit)} to {wording.amount(span[1], unit)}"

    def draw(figure: Figure, colours: Colours) -> None:
        _line(figure, (_place(span[0], span), _place(span[1], span)), 1, colours["line"])
        if origin is not None:
            _line(figure, (origin, origin), 1, colours["soft"], heights=(0.05, 0.95))
        if bar is not None:
            _line(figure, bar, 4, colours["blue"], opacity=0.55)
        _line(figure, (mean, mean), 7, colours["blue"])  # no length and round ends: a dot, in few bytes

    return picture(f"{told}; {axis}", draw, _INTERVAL)


def _place(value: float, span: Span) -> float:
    """Where a value lies, as a share of the picture's width; what lies beyond the axis, at its end."""
    share = (value - span[0]) / (span[1] - span[0])
    edge = _EDGE / _INTERVAL.width
    return edge + min(1.0, max(0.0, share)) * (1 - 2 * edge)


def _line(
    figure: Figure,
    ends: tuple[float, float],
    width: float,
    colour: str,
    *,
    heights: tuple[float, float] = (0.5, 0.5),
    opacity: float | None = None,
) -> None:
    """A line straight on the figure: axes would take ten times as long, and a page has hundreds of these."""
    from matplotlib.lines import Line2D

    figure.add_artist(
        Line2D(ends, heights, linewidth=width, color=colour, alpha=opacity, solid_capstyle="round")
    )


def limit_chart(history: LimitHistory) -> Markup | None:
    """The limit of requests at once over time, with a mark where it falls; None where it never moved."""
    if not history.points or history.points[0][0] >= history.points[-1][0]:
        return None
    times = [when - history.points[0][0] for when, _ in history.points]
    limits = [limit for _, limit in history.points]
    falls = [place for place in range(1, len(limits)) if limits[place] < limits[place - 1]]

    def draw(figure: Figure, colours: Colours) -> None:
        axes = figure.add_subplot()
        axes.step(times, limits, where="post", color=colours["blue"], linewidth=1.5)
        marks = [times[place] for place in falls], [limits[place] for place in falls]
        axes.plot(*marks, linestyle="", marker="v", markersize=5, markeredgewidth=0, color=colours["amber"])
        axes.set_ylim(0, 1.1 * max(1, *limits))
        axes.margins(x=0)
        _ticks(axes, times[-1])
        plain_axes(figure, axes, colours, 10)

    told = (
        f"limit of requests at once over {wording.duration(times[-1])}: {limits[0]:,} at first, "
        f"at most {max(limits):,}, {limits[-1]:,} at last; falls marked: {len(falls):,}"
    )
    return picture(told, draw, _LIMIT)


def _ticks(axes: Axes, seconds: float) -> None:
    from matplotlib.ticker import MaxNLocator

    unit, length = next(((name, size) for name, size in _UNITS if seconds >= 2 * size), _UNITS[-1])
    places = [length * each for each in MaxNLocator(4).tick_values(0, seconds / length)]
    places = [each for each in places if each <= seconds]
    axes.set_xticks(places, [f"{each / length:g} {unit}" for each in places])
    axes.yaxis.set_major_locator(MaxNLocator(3, integer=True))
