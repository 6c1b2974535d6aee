"""Score against cost as a chart: a dot and an interval a model, the efficient frontier as a line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Literal
from unicodedata import east_asian_width

from agentbench_sdk.reporting import wording
from agentbench_sdk.reporting.charts import Span, span_of
from agentbench_sdk.reporting.markup import Markup
from agentbench_sdk.reporting.pictures import Colours, Size, font, picture, plain_axes
from agentbench_sdk.reporting.plain import shown

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.text import Annotation
    from matplotlib.transforms import Bbox

    from agentbench_sdk.judging import Scale
    from agentbench_sdk.reporting.beside import Offer

_WIDE, _NARROW = Size(640, 350), Size(340, 300)
_TICK, _LABEL = 12.0, 12.5  # pixels
_LINE = 16
_DOT = 9
_HALF = _DOT / 2  # of a dot; lines are thinner
_APART = 10  # from the middle of a dot to its label
_RATIO = 20  # costs that lie further apart are drawn on a logarithmic axis
_LEAST = 1e-9  # US dollars; less is nothing
_NAME = 32  # characters of a model's name

Side = Literal["left", "right"]


def cost_chart(offers: Sequence[Offer], scale: Scale) -> Markup:
    """Score with interval against cost an attempt.

    Arguments:
        offers: two or more that differ in cost, from the cheapest to the dearest.
        scale: of the scores.
    """

    def draw(figure: Figure, colours: Colours) -> None:
        axes = figure.add_subplot()
        _axes(axes, offers, scale, most=3 if figure.bbox.width <= _NARROW.width else 6)
        axes.set_title("mean score", loc="left", fontproperties=font(_TICK), color=colours["soft"])
        plain_axes(figure, axes, colours, _TICK)
        _marks(axes, offers, colours)
        _labels(axes, offers, colours)

    told = "; ".join(_told(each, scale.unit) for each in offers)
    return picture(f"score against cost an attempt: {told}", draw, _WIDE, _NARROW)


def _told(offer: Offer, unit: str) -> str:
    found = offer.estimate
    figures = f"{wording.amount(found.mean, unit)}, interval {wording.interval(found.interval, unit)}"
    standing = "on the frontier" if offer.beaten_by is None else f"beaten by {offer.beaten_by}"
    return f"{offer.member.letter}: {figures}, at {wording.dollars(offer.usd)}, {standing}"


def _axes(axes: Axes, offers: Sequence[Offer], scale: Scale, most: int) -> None:
    costs, logarithmic = _costs(offers)
    if logarithmic:
        axes.set_xscale("log")
    axes.set_xlim(*costs)
    axes.set_ylim(*_scores(offers, scale))
    axes.minorticks_off()
    places = _decades(costs) if logarithmic else _steps(costs, most)
    axes.set_xticks(places, [_price(each) for each in places])
    heights = _steps(axes.get_ylim(), 6)
    axes.set_yticks(heights, [wording.amount(each, scale.unit) for each in heights])
    axes.set_xlabel(f"cost an attempt (US dollars{', logarithmic' if logarithmic else ''})", labelpad=8)


def _costs(offers: Sequence[Offer]) -> tuple[Span, bool]:
    """From where to where the axis of costs goes, and whether it is logarithmic."""
    cheapest, dearest = min(each.usd for each in offers), max(each.usd for each in offers)
    if cheapest > _LEAST and dearest / cheapest > _RATIO:
        edge = (dearest / cheapest) ** 0.06
        return (cheapest / edge, dearest * edge), True
    edge = 0.06 * (dearest - cheapest) + _LEAST
    return (max(0.0, cheapest - edge), dearest + edge), False


def _scores(offers: Sequence[Offer], scale: Scale) -> Span:
    found = span_of(None, None, *(each.estimate for each in offers)) or _around(
        offers[0].estimate.mean or 0.0
    )
    room = 0.08 * (found[1] - found[0])
    low, high = found[0] - room, found[1] + room
    low = low if scale.low is None else max(low, scale.low)
    return low, high if scale.high is None else min(high, scale.high)


def _around(value: float) -> Span:
    reach = abs(value) / 2 or 1.0
    return value - reach, value + reach


def _steps(span: Span, most: int) -> list[float]:
    """Round values between the ends."""
    from matplotlib.ticker import MaxNLocator

    return _inside(MaxNLocator(most, steps=[1, 2, 5, 10]).tick_values(*span), span)


def _decades(span: Span) -> list[float]:
    """1, 2 and 5 of each power of ten; powers alone where these are many."""
    from matplotlib.ticker import LogLocator

    found = _inside(LogLocator(subs=(1, 2, 5), numticks=100).tick_values(*span), span)
    return found if len(found) <= 5 else _inside(LogLocator(numticks=5).tick_values(*span), span)


def _inside(values: Sequence[float], span: Span) -> list[float]:
    return [float(each) for each in values if span[0] <= each <= span[1]]


def _price(value: float) -> str:
    """As short as its round value allows."""
    return wording.dollars(value) if value >= 1 else f"${value:.12f}".rstrip("0").rstrip(".")


def _marks(axes: Axes, offers: Sequence[Offer], colours: Colours) -> None:
    """A staircase of the best score for each cost, then a bar and a dot for each model."""
    best = [each for each in offers if each.beaten_by is None]
    costs = [*(each.usd for each in best), axes.get_xlim()[1]]
    means = [each.estimate.mean or 0.0 for each in best]
    axes.step(
        costs,
        [*means, means[-1]],
        where="post",
        color=colours["blue"],
        alpha=0.8,
        linewidth=1.5,
        dashes=(5, 4),
        gid="frontier",
    )
    for offer in offers:
        colour = colours["blue" if offer.beaten_by is None else "soft"]
        found, cost = offer.estimate.interval, (offer.usd, offer.usd)
        if found is not None:
            bar = (found.low, found.high)
            axes.plot(cost, bar, color=colour, linewidth=4, alpha=0.55, solid_capstyle="round")
        (dot,) = axes.plot(
            offer.usd, offer.estimate.mean or 0.0, "o", color=colour, markersize=_DOT, clip_on=False
        )
        dot.set_gid(f"dot-{offer.member.letter}")
        dot.set_markerfacecolor(colour if offer.beaten_by is None else colours["card"])


def _labels(axes: Axes, offers: Sequence[Offer], colours: Colours) -> None:
    """Names where they cover nothing; a letter alone, and at last nothing, where there is no such place.

    Each model's name stands beside its letter in the table above the chart.
    """
    taken: list[Bbox] = []
    for offer in offers:
        letter = offer.member.letter
        _placed(axes, offer, (f"{letter} {shown(offer.member.model, _NAME)}", letter), taken, colours)


def _placed(axes: Axes, offer: Offer, texts: Sequence[str], taken: list[Bbox], colours: Colours) -> None:
    """Write the first of the texts that there is room for, and add where it stands to what is taken."""
    for text in texts:
        label = axes.annotate(
            text,
            (offer.usd, offer.estimate.mean or 0.0),
            (0, 0),
            textcoords="offset points",
            verticalalignment="center",
            fontproperties=font(_LABEL),
            color=colours["ink"],
            gid=f"label-{offer.member.letter}",
            bbox={"facecolor": colours["card"], "edgecolor": "none", "pad": 1},
        )
        label.set_in_layout(False)
        for side, box in _places(axes, offer, _width(label, text)):
            if _free(axes, box, taken):
                label.set_horizontalalignment(side)
                label.xyann = _shift(axes, offer, box, side)
                taken.append(box)
                return
        label.remove()


def _width(label: Annotation, text: str) -> float:
    """Pixels; letters as wide as they are high, which the font that is measured lacks, are a quarter wider."""
    square = sum(east_asian_width(each) in "WF" for each in text)
    return float(label.get_window_extent().width) + square * _LABEL / 4


def _places(axes: Axes, offer: Offer, width: float) -> Iterator[tuple[Side, Bbox]]:
    """Where a label may stand beside its dot, the best first: at its height, and further up and down."""
    from matplotlib.transforms import Bbox

    x, y = _dot(axes, offer)
    for line in (0, 1, -1, 2, -2, 3, -3):
        bottom = y + (line - 0.5) * _LINE
        yield "left", Bbox.from_bounds(x + _APART, bottom, width, _LINE)
        yield "right", Bbox.from_bounds(x - _APART - width, bottom, width, _LINE)


def _shift(axes: Axes, offer: Offer, box: Bbox, side: Side) -> tuple[float, float]:
    """From the dot to where a text begins or ends."""
    x, y = _dot(axes, offer)
    return (box.x0 if side == "left" else box.x1) - x, (box.y0 + box.y1) / 2 - y


def _dot(axes: Axes, offer: Offer) -> tuple[float, float]:
    """Where it stands, in pixels."""
    x, y = axes.transData.transform((offer.usd, offer.estimate.mean or 0.0))
    return float(x), float(y)


def _free(axes: Axes, box: Bbox, taken: Sequence[Bbox]) -> bool:
    room = axes.bbox
    if (
        box.x0 < room.x0
        or box.x1 > room.x1
        or box.y0 < room.y0
        or box.y1 > room.y1
        or box.count_overlaps(taken)
    ):
        return False
    lines = (each.get_path().transformed(each.get_transform()) for each in axes.lines)
    return not any(each.intersects_bbox(box.padded(_HALF), filled=False) for each in lines)
