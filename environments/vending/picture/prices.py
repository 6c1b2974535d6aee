"""The panel of prices: a step line for each product that had one, its guide price dotted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from agentbench_sdk.environments.vending.picture import svg
from agentbench_sdk.environments.vending.picture.frame import LEFT, WIDTH, Frame, rising
from agentbench_sdk.environments.vending.picture.panels import dollar_ticks, edge_labels, exact_dollars
from agentbench_sdk.environments.vending.picture.series import Moment

_MOST_LABELS = 12  # products that are named at the edge
_HUES = 12  # classes h0 to h11 of the style sheet
Runs = list[list[tuple[float, int]]]


def price_panel(
    moments: Sequence[Moment],
    guide: Mapping[str, int],
    sold: Mapping[str, int],
    box: tuple[float, float, int],
) -> list[str]:
    """Prices by product; those that sold best are named.

    Arguments:
        moments: see `Moment`.
        guide: typical shelf prices in cents, as the product guides name them.
        sold: units by product, to choose whom to name.
        box: top, height and horizon in days.
    """
    top, height, days = box
    lines = {
        sku: price_runs(moments, sku) for sku in sorted({sku for each in moments for sku in each.prices})
    }
    shown = [price for runs in lines.values() for run in runs for _, price in run]
    shown += [guide[sku] for sku in lines if sku in guide]
    ticks = rising(min(shown, default=0), max(shown, default=400), 4)
    frame = Frame(top, height, days, ticks[0], ticks[-1])
    drawn = [
        frame.heading("Prices", "by product, with the typical shelf price of the product guides dotted"),
        *frame.grid(ticks, dollar_ticks(ticks)),
    ]
    if not lines:
        return [*drawn, svg.text(LEFT + 12, frame.top + 22, "no price was set", "note")]
    named = sorted(lines, key=lambda sku: (-sold.get(sku, 0), sku))[:_MOST_LABELS]
    labels = []
    for place, (sku, runs) in enumerate(lines.items()):
        hue, last = f"h{place % _HUES}", runs[-1][-1][1]
        drawn += _line(frame, sku, runs, guide.get(sku), hue)
        if sku in named:
            labels.append((frame.y(last), f"{sku} {exact_dollars(last)}", f"{hue}-text small"))
    if len(lines) > len(named):
        words = f"{len(lines) - len(named)} more products are not named"
        drawn.append(svg.text(LEFT + WIDTH, frame.top - 9, words, "note", text_anchor="end"))
    return [*drawn, *edge_labels(frame, labels, frame.x(moments[-1].day))]


def _line(frame: Frame, sku: str, runs: Runs, guide: int | None, hue: str) -> list[str]:
    first, last = runs[0][0], runs[-1][-1]
    steps = [svg.line_path([(frame.x(day), frame.y(price)) for day, price in run]) for run in runs]
    words = f"{sku}: {exact_dollars(first[1])} at first, {exact_dollars(last[1])} at last"
    if guide is not None:
        words += f", guide {exact_dollars(guide)}"
    drawn = [svg.titled(words, "path", d="".join(steps), class_=f"{hue} line thin", data_sku=sku)]
    if guide is not None:
        points = [(frame.x(first[0]), frame.y(guide)), (frame.x(last[0]), frame.y(guide))]
        drawn.append(svg.element("path", d=svg.line_path(points), class_=f"{hue} guide"))
    return drawn


def price_runs(moments: Sequence[Moment], sku: str) -> Runs:
    """Steps of one product as (day, price), a run for each time without a gap; a day has its last price."""
    runs: Runs = []
    for before, after in pairwise(moments):
        price = after.prices.get(sku)
        if price is None:
            continue
        if not runs or runs[-1][-1][0] != before.day:
            runs.append([(before.day, price), (after.day, price)])
        elif runs[-1][-1][1] == price:
            runs[-1][-1] = (after.day, price)
        else:
            runs[-1] += [(before.day, price), (after.day, price)]
    return runs
