"""Score against cost as a drawing: a dot and an interval a model, the efficient frontier as a line."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from agentbench_sdk.reporting import wording
from agentbench_sdk.reporting.charts import Span, drawing, span_of
from agentbench_sdk.reporting.markup import Markup, tag
from agentbench_sdk.reporting.plain import shown

if TYPE_CHECKING:
    from agentbench_sdk.judging import Scale
    from agentbench_sdk.reporting.beside import Offer

WIDE, HIGH = 640, 350
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 24, 30, 48
_LETTER = 6.9  # pixels that a letter of 12.5 px takes, about
_TITLE = 18  # pixels at the top that the name of the axis takes
_LINE = 16
_RATIO = 20  # costs that lie further apart are drawn on a logarithmic axis
_LEAST = 1e-9  # US dollars; less is nothing
_TICKS = 5
_NAME = 32  # characters of a model's name


class Box(NamedTuple):
    """What a mark or a label covers, in pixels."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Box) -> bool:
        """Whether both cover a place."""
        apart = self.right <= other.left or other.right <= self.left
        return not (apart or self.bottom <= other.top or other.bottom <= self.top)


@dataclass(frozen=True, slots=True)
class Axis:
    """Maps values to pixels.

    Attributes:
        span: values at the two ends.
        ends: pixels at the two ends.
        logarithmic: equal ratios are equally far apart.
    """

    span: Span
    ends: tuple[float, float]
    logarithmic: bool = False

    def place(self, value: float) -> float:
        """Where a value lies; what lies beyond an end, at the end."""
        low, high = map(self._scaled, self.span)
        share = (self._scaled(value) - low) / (high - low)
        return round(self.ends[0] + min(1.0, max(0.0, share)) * (self.ends[1] - self.ends[0]), 2)

    def ticks(self) -> list[float]:
        """Round values between the ends."""
        return _decades(self.span) if self.logarithmic else _round_steps(self.span)

    def _scaled(self, value: float) -> float:
        return math.log10(max(value, 1e-300)) if self.logarithmic else value


def cost_chart(offers: Sequence[Offer], scale: Scale) -> Markup:
    """Score with interval against cost an attempt.

    Arguments:
        offers: two or more that differ in cost, from the cheapest to the dearest.
        scale: of the scores.
    """
    across, up = _axes(offers, scale)
    parts = [*_grid(across, up, scale.unit), _frontier(offers, across, up)]
    marks = list(_frontier_boxes(offers, across, up))
    for offer in offers:
        parts += _mark(offer, across, up)
        marks.append(_mark_box(offer, across, up))
    parts += _labels(offers, across, up, marks)
    told = "; ".join(
        f"{each.member.letter}: {wording.amount(each.estimate.mean, scale.unit)} at {wording.dollars(each.usd)}"
        for each in offers
    )
    return tag(
        "div", drawing(WIDE, HIGH, f"score against cost an attempt: {told}", parts), class_="wide chart"
    )


def _axes(offers: Sequence[Offer], scale: Scale) -> tuple[Axis, Axis]:
    costs = [each.usd for each in offers]
    cheapest, dearest = min(costs), max(costs)
    logarithmic = cheapest > _LEAST and dearest / cheapest > _RATIO
    edge = (dearest / cheapest) ** 0.06 if logarithmic else 0.06 * (dearest - cheapest) + _LEAST
    span = (cheapest / edge, dearest * edge) if logarithmic else (max(0.0, cheapest - edge), dearest + edge)
    scores = span_of(None, None, *(each.estimate for each in offers)) or _around(
        offers[0].estimate.mean or 0.0
    )
    room = 0.08 * (scores[1] - scores[0])
    low, high = scores[0] - room, scores[1] + room
    low = low if scale.low is None else max(low, scale.low)
    high = high if scale.high is None else min(high, scale.high)
    return (
        Axis(span, (_LEFT, WIDE - _RIGHT), logarithmic),
        Axis((low, high), (HIGH - _BOTTOM, _TOP)),
    )


def _around(value: float) -> Span:
    reach = abs(value) / 2 or 1.0
    return value - reach, value + reach


def _grid(across: Axis, up: Axis, unit: str) -> Iterator[Markup]:
    for value in up.ticks():
        y = up.place(value)
        yield tag("line", x1=_LEFT, x2=WIDE - _RIGHT, y1=y, y2=y, class_="axis")
        yield tag("text", wording.amount(value, unit), x=_LEFT - 8, y=y + 4, class_="tick end")
    for value in across.ticks():
        x = across.place(value)
        yield tag("line", x1=x, x2=x, y1=_TOP, y2=HIGH - _BOTTOM, class_="axis")
        yield tag("text", _price(value), x=x, y=HIGH - _BOTTOM + 18, class_="tick middle")
    kind = ", logarithmic" if across.logarithmic else ""
    middle = (_LEFT + WIDE - _RIGHT) / 2
    yield tag("text", "mean score", x=_LEFT - 8, y=12, class_="tick middle")
    yield tag("text", f"cost an attempt (US dollars{kind})", x=middle, y=HIGH - 8, class_="tick middle")


def _price(value: float) -> str:
    """As short as its round value allows."""
    return wording.dollars(value) if value >= 1 else f"${value:.12f}".rstrip("0").rstrip(".")


def _round_steps(span: Span) -> list[float]:
    """Multiples of 1, 2 or 5 times a power of ten."""
    rough = (span[1] - span[0]) / _TICKS
    power = 10 ** math.floor(math.log10(rough))
    step = next(each * power for each in (1, 2, 5, 10) if each * power >= rough)
    first, last = math.ceil(span[0] / step - 1e-9), math.floor(span[1] / step + 1e-9)
    return [round(number * step, 12) for number in range(first, last + 1)]


def _decades(span: Span) -> list[float]:
    """1, 2 and 5 of each power of ten; powers alone where these are many."""
    powers = range(math.floor(math.log10(span[0])), math.ceil(math.log10(span[1])) + 1)
    for digits in ((1, 2, 5), (1,)):
        found = [digit * 10.0**power for power in powers for digit in digits]
        found = [each for each in found if span[0] <= each <= span[1]]
        if len(found) <= 2 * _TICKS:
            break
    return found[:: math.ceil(len(found) / (2 * _TICKS))] if found else []


def _frontier(offers: Sequence[Offer], across: Axis, up: Axis) -> Markup:
    """A staircase: what the best score is for each cost."""
    best = [each for each in offers if each.beaten_by is None]
    path = ""
    for offer in best:
        x, y = across.place(offer.usd), up.place(offer.estimate.mean or 0.0)
        path += f"H{x}V{y}" if path else f"M{x} {y}"
    return tag("path", d=f"{path}H{WIDE - _RIGHT}", class_="frontier")


def _frontier_boxes(offers: Sequence[Offer], across: Axis, up: Axis) -> Iterator[Box]:
    """What the staircase covers, so that no label is written across it."""
    best = [each for each in offers if each.beaten_by is None]
    corners = [(across.place(each.usd), up.place(each.estimate.mean or 0.0)) for each in best]
    ends = [*(x for x, _ in corners[1:]), float(WIDE - _RIGHT)]
    for (x, y), end in zip(corners, ends, strict=True):
        yield Box(x, y - 1, end, y + 1)
    for (_, low), (x, high) in pairwise(corners):
        yield Box(x - 1, min(low, high), x + 1, max(low, high))


def _mark(offer: Offer, across: Axis, up: Axis) -> Iterator[Markup]:
    x, y = across.place(offer.usd), up.place(offer.estimate.mean or 0.0)
    kind = "" if offer.beaten_by is None else " beaten"
    if offer.estimate.interval is not None:
        ends = up.place(offer.estimate.interval.low), up.place(offer.estimate.interval.high)
        yield tag("line", x1=x, x2=x, y1=ends[0], y2=ends[1], class_=f"bar{kind}")
    yield tag("circle", cx=x, cy=y, r=5, class_=f"dot{kind}")


def _mark_box(offer: Offer, across: Axis, up: Axis) -> Box:
    x, y = across.place(offer.usd), up.place(offer.estimate.mean or 0.0)
    found = offer.estimate.interval
    ends = [y - 6, y + 6, *([up.place(found.low), up.place(found.high)] if found is not None else [])]
    return Box(x - 6, min(ends), x + 6, max(ends))


def _labels(offers: Sequence[Offer], across: Axis, up: Axis, marks: Sequence[Box]) -> Iterator[Markup]:
    """Names where they cover nothing; a letter alone, and at last nothing, where there is no such place.

    Each model's name stands beside its letter in the table above the drawing.
    """
    taken = list(marks)
    for offer in offers:
        x, y = across.place(offer.usd), up.place(offer.estimate.mean or 0.0)
        letter = offer.member.letter
        for text in (f"{letter}  {shown(offer.member.model, _NAME)}", letter):
            box = next((each for each in _places(x, y, len(text)) if _free(each, taken)), None)
            if box is not None:
                taken.append(box)
                yield tag("text", text, x=round(box.left, 2), y=round(box.bottom - 4, 2), class_="label")
                break


def _places(x: float, y: float, letters: int) -> Iterator[Box]:
    """Where a label may stand, the best first: beside the dot, and further up and down."""
    width = letters * _LETTER
    for shift in (0, -_LINE, _LINE, -2 * _LINE, 2 * _LINE, -3 * _LINE, 3 * _LINE):
        top = y - _LINE / 2 + shift
        yield Box(x + 10, top, x + 10 + width, top + _LINE)
        yield Box(x - 10 - width, top, x - 10, top + _LINE)


def _free(box: Box, taken: Sequence[Box]) -> bool:
    inside = box.left >= _LEFT and box.right <= WIDE and box.top >= _TITLE and box.bottom <= HIGH - _BOTTOM
    return inside and not any(box.meets(each) for each in taken)
