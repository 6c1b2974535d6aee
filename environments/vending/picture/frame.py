"""A panel's frame: where a day and a value lie on the page, its grid and the words at its edge."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from agentbench_sdk.environments.vending.picture import svg

LEFT, WIDTH = 104.0, 932.0  # of the plot; labels lie beside it
LABEL_X = LEFT + WIDTH + 12


@dataclass(frozen=True, slots=True)
class Frame:
    """Attributes:
    top, height: of the plot, in pixels.
    days: the horizon; the time axis of all panels.
    low, high: values at the bottom and the top.
    """

    top: float
    height: float
    days: int
    low: float = 0.0
    high: float = 1.0

    @property
    def bottom(self) -> float:
        return self.top + self.height

    def x(self, day: float) -> float:
        """Where a time lies, in days from the beginning of day 0."""
        return LEFT + WIDTH * min(max(day / self.days, 0.0), 1.0)

    def y(self, value: float) -> float:
        """Where a value lies."""
        return self.bottom - self.height * (value - self.low) / (self.high - self.low)

    def heading(self, title: str, note: str = "") -> str:
        """The panel's title above its plot, with a remark beside it."""
        words = f'{svg.escape(title)}<tspan class="note" dx="10">{svg.escape(note)}</tspan>'
        return svg.element("text", words, x=LEFT, y=self.top - 9, class_="heading")

    def grid(self, ticks: Iterable[float], label: Callable[[float], str]) -> list[str]:
        """Lines at values, with the values at the left edge."""
        drawn = []
        for value in ticks:
            y = self.y(value)
            kind = "base" if value == 0 else "grid"
            drawn.append(
                svg.element("path", d=f"M{svg.number(LEFT)} {svg.number(y)}h{svg.number(WIDTH)}", class_=kind)
            )
            drawn.append(svg.text(LEFT - 8, y + 3.5, label(value), "tick", text_anchor="end"))
        return drawn


def rising(low: float, high: float, count: int) -> list[float]:
    """About `count` round values that enclose a range.

    >>> rising(0, 87, 4)
    [0.0, 25.0, 50.0, 75.0, 100.0]
    """
    span = max(high - low, 1e-9)
    power = 10.0 ** math.floor(math.log10(span / count))
    step = next(each * power for each in (1, 2, 2.5, 5, 10) if each * power * count >= span)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [place * step for place in range(first, max(last, first + 1) + 1)]


def spread(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Places near those wanted, in the same order, that keep a distance and stay between two ends.

    >>> spread([10.0, 10.0, 50.0], 12, 0, 60)
    [4.0, 16.0, 50.0]
    """
    order = sorted(range(len(wanted)), key=lambda index: (wanted[index], index))
    groups: list[list[float]] = []  # [first place, labels]: runs that touch each other
    for index in order:
        groups.append([wanted[index], 1])
        while len(groups) > 1 and groups[-1][0] < groups[-2][0] + groups[-2][1] * gap:
            (place, count), (other, more) = groups[-2], groups.pop()
            middle = (place + (count - 1) * gap / 2) * count + (other + (more - 1) * gap / 2) * more
            groups[-1] = [middle / (count + more) - (count + more - 1) * gap / 2, count + more]
            _clamp(groups[-1], gap, low, high)
    places = [first + step * gap for first, count in groups for step in range(int(count))]
    result = [0.0] * len(wanted)
    for index, place in zip(order, places, strict=True):
        result[index] = place
    return result


def _clamp(group: list[float], gap: float, low: float, high: float) -> None:
    group[0] = max(min(group[0], high - (group[1] - 1) * gap), low)
