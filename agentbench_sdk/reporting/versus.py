"""A comparison of runs on a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from agentbench_sdk.reporting import wording
from agentbench_sdk.reporting.blocks import add, captured_text, heading, indented, new_table, remark
from agentbench_sdk.reporting.plain import shown

if TYPE_CHECKING:
    from rich.console import RenderableType

    from agentbench_sdk.reporting.comparison import Comparison, Pair
    from agentbench_sdk.reporting.sides import Side

_FIRST = 5  # sample ids shown of each kind; JSON has all
_STYLES = {"better": "green", "worse": "red", "unknown": "yellow"}


def render_comparison(found: Comparison, *, width: int = 80, color: bool = False) -> str:
    """A comparison as text; see `blocks.captured_text`."""
    return captured_text(_parts(found), width=width, color=color)


def p_value(p: float | None) -> str:
    """A p as people read it.

    >>> p_value(0.0312), p_value(1e-9), p_value(None)
    ('0.0312', '< 0.0001', '-')
    """
    if p is None:
        return "-"
    return "< 0.0001" if p < 1e-4 else f"{p:.4f}"


def _parts(found: Comparison) -> Iterable[RenderableType]:
    yield from heading(f"{shown(found.task, 60)} by {shown(found.judge, 60)}")
    if found.scale.better == "lower":
        yield remark("lower is better")
    yield from _sides(found)
    yield from _differences(found)
    for pair in found.pairs:
        yield from _pair(found, pair)


def letters_of(count: int) -> Sequence[str]:
    """A, B, C …; numbers where the alphabet ends."""
    return [chr(65 + place) if place < 26 else f"#{place + 1}" for place in range(count)]


def pair_letters(found: Comparison, pair: Pair) -> tuple[str, str]:
    """The letters of a pair's first and second run."""
    letters = letters_of(len(found.sides))
    runs = [each.run_id for each in found.sides]
    return letters[runs.index(pair.first.run_id)], letters[runs.index(pair.second.run_id)]


def _sides(found: Comparison) -> Iterable[RenderableType]:
    table = new_table("", "model", "score", ">no score", ">$ an attempt", ">call p50", ">attempt p50")
    unit = found.scale.unit
    for letter, side in zip(letters_of(len(found.sides)), found.sides, strict=True):
        add(table, letter, shown(side.model, 40), _score(side, unit), f"{side.missing:,}", *_costs(side))
    yield indented(table)
    if any(side.unpriced for side in found.sides):
        yield remark("the price of some answers is not known; no cost is shown for their run")


def _score(side: Side, unit: str) -> str:
    mean = "none" if side.estimate.mean is None else wording.amount(side.estimate.mean, unit)
    return f"{mean} {wording.interval(side.estimate.interval, unit)}"


def _costs(side: Side) -> tuple[str, str, str]:
    cost = side.usd_per_attempt
    return (
        "unknown" if cost is None else wording.dollars(cost),
        wording.duration(side.call.p50 if side.call else None),
        wording.duration(side.working.p50 if side.working else None),
    )


def _differences(found: Comparison) -> Iterable[RenderableType]:
    beside = "between runs" if found.all_pairs else "to A"
    yield from heading(f"Difference {beside} ({100 * found.level:g} % intervals, same samples)")
    several = [">p (Holm)"] if len(found.pairs) > 1 else []
    table = new_table("", ">difference", "interval", ">p", *several, ">samples", ">won", ">lost", ">tied")
    for pair in found.pairs:
        estimate = pair.difference.estimate
        adjusted = [p_value(pair.p_holm)] if several else []
        first, second = pair_letters(found, pair)
        add(
            table,
            f"{second} - {first}" if found.all_pairs else second,
            wording.amount(estimate.mean, found.scale.unit),
            wording.interval(estimate.interval, found.scale.unit),
            p_value(pair.difference.p),
            *adjusted,
            f"{pair.shared:,}",
            *(f"{len(each):,}" for each in (pair.wins, pair.losses, pair.ties)),
        )
    yield indented(table)
    if several:
        yield remark(holm_remark(found))


def holm_remark(found: Comparison) -> str:
    """What the adjusted p takes into account."""
    if found.all_pairs:
        return f"p (Holm) takes into account that {len(found.pairs)} pairs of runs are compared"
    return f"p (Holm) takes into account that {len(found.pairs)} runs are compared with A"


def _pair(found: Comparison, pair: Pair) -> Iterable[RenderableType]:
    first, second = pair_letters(found, pair)
    yield from heading(f"{second} beside {first}")
    yield remark(verdict_told(pair, found.level, second, first), _STYLES[pair.verdict])
    yield from map(remark, pair_notes(found, pair, second, first))
    yield from map(remark, _examples(pair))
    yield from map(remark, (shown(each, 300) for each in pair.remarks))
    yield from _groups(found, first, second, pair)


def verdict_told(pair: Pair, level: float, second: str, first: str) -> str:
    """Whether the second of two runs is better, in a sentence; both by the names they have beside it."""
    if pair.difference.p is None:
        return f"whether {second} or {first} is better cannot be said: {pair.difference.estimate.note}"
    if pair.verdict == "unknown":
        return f"no evidence that {second} is better or worse than {first} (p = {p_value(pair.p_holm)})"
    exact = max(pair.difference.p_sign_flip, pair.mcnemar.p if pair.mcnemar else 0.0)
    doubt = "; the tests that assume less do not confirm it" if exact >= 1 - level else ""
    return (
        f"{second} is {pair.verdict} than {first} (p {p_value(pair.p_holm)}, level {100 * level:g} %){doubt}"
    )


def pair_notes(found: Comparison, pair: Pair, second: str, first: str) -> Iterable[str]:
    """How two runs were tested and what was left out, a sentence each; both by the names they have beside it."""
    yield from _tests(pair, first)
    yield from _left_out(found, pair, second, first)


def _tests(pair: Pair, first: str) -> Iterable[str]:
    estimate = pair.difference.estimate
    note = f"; {estimate.note}" if estimate.note and estimate.interval else ""
    clusters = f", {estimate.n_clusters:,} clusters" if estimate.n_clusters < estimate.n else ""
    yield (
        f"interval: {estimate.method or 'none'}{clusters}{note}; "
        f"sign flips: p {p_value(pair.difference.p_sign_flip)}"
    )
    if pair.mcnemar is not None:
        counts = pair.mcnemar
        yield (
            f"McNemar, exact: {first} alone {counts.only_first:,}, the other alone {counts.only_second:,}, "
            f"p {p_value(counts.p)}"
        )


def _left_out(found: Comparison, pair: Pair, second: str, first: str) -> Iterable[str]:
    alone = [(pair.only_first, f"only {first} holds"), (pair.only_second, f"only {second} holds")]
    alone.append((pair.unscored, f"{first} or the other has no score of"))
    told = [f"{count:,} that {what}" for count, what in alone if count]
    if told:
        yield f"samples left out: {', '.join(told)}"
    if pair.first.missing or pair.second.missing:
        limits = wording.limits(pair.bounds, found.scale.unit)
        yield (
            f"attempts without a score: {pair.first.missing:,} of {first}, {pair.second.missing:,} of {second}; "
            f"with them the difference lies somewhere from {limits}"
        )


def _examples(pair: Pair) -> Iterable[str]:
    for word, names in (("won", pair.wins), ("lost", pair.losses)):
        if names:
            more = f" and {len(names) - _FIRST:,} more" if len(names) > _FIRST else ""
            yield f"{word}: {', '.join(shown(name, 40) for name in names[:_FIRST])}{more}"


def _groups(found: Comparison, first: str, second: str, pair: Pair) -> Iterable[RenderableType]:
    if not pair.groups:
        return
    unit = found.scale.unit
    table = new_table("category", ">samples", f">{first}", f">{second}", ">difference", "interval")
    for row in pair.groups:
        means = (wording.amount(value, unit) for value in (row.first, row.second, row.estimate.mean))
        interval = wording.interval(row.estimate.interval, unit)
        add(table, shown(row.name, 40), f"{row.n:,}", *means, interval)
    yield from heading(f"{second} beside {first} by category")
    yield indented(table)
    yield remark("intervals of categories are not adjusted: of many, some leave 0 out by chance")
