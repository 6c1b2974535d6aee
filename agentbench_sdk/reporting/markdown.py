"""Reports as Markdown, for a pull request or a wiki: tables in GitHub's form."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from agentbench_sdk.reporting import wording
from agentbench_sdk.reporting.plain import shown
from agentbench_sdk.reporting.versus import (
    holm_remark,
    letters_of,
    p_value,
    pair_letters,
    verdict_told,
)

if TYPE_CHECKING:
    from agentbench_sdk.reporting.comparison import Comparison, Pair


def markdown_text(text: object, limit: int = 300) -> str:
    r"""Anybody's text on one line, in which no Markdown and no HTML works.

    >>> markdown_text("a|b *c* <i>")
    'a\\|b \\*c\\* \\<i>'
    """
    return re.sub(r"([\\`*_|<\[\]~#])", r"\\\1", shown(text, limit))


def markdown_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in GitHub's form; a column whose name begins with ">" is set to the right.

    Arguments:
        columns: names of the columns.
        rows: cells that are Markdown already.
    """
    rule = ["---:" if name.startswith(">") else "---" for name in columns]
    lines = [[name.removeprefix(">") for name in columns], rule, *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def comparison_markdown(found: Comparison) -> str:
    """A comparison: its runs, the differences with interval and p, and a verdict on each pair."""
    return "\n".join(_parts(found))


def _parts(found: Comparison) -> Iterator[str]:
    lower = ", lower is better" if found.scale.better == "lower" else ""
    yield f"## {markdown_text(found.task)} by {markdown_text(found.judge)}{lower}\n"
    yield markdown_table(("", "model", ">score", "interval", ">no score", ">$ an attempt"), _sides(found))
    yield f"{100 * found.level:g} % intervals of the differences, on the samples that both have a score of:\n"
    several = [">p (Holm)"] if len(found.pairs) > 1 else []
    columns = ("", ">difference", "interval", ">p", *several, ">samples", ">won", ">lost", ">tied")
    yield markdown_table(columns, _differences(found, adjusted=bool(several)))
    if several:
        yield f"{holm_remark(found)}.\n"
    yield "".join(f"- {markdown_text(_verdict(found, pair))}\n" for pair in found.pairs)


def _verdict(found: Comparison, pair: Pair) -> str:
    first, second = pair_letters(found, pair)
    return verdict_told(pair, found.level, second, first)


def _sides(found: Comparison) -> Iterator[Sequence[str]]:
    unit = found.scale.unit
    for letter, side in zip(letters_of(len(found.sides)), found.sides, strict=True):
        cost = side.usd_per_attempt
        yield (
            letter,
            markdown_text(side.model, 60),
            "none" if side.estimate.mean is None else wording.amount(side.estimate.mean, unit),
            wording.interval(side.estimate.interval, unit),
            f"{side.missing:,}",
            "unknown" if cost is None else wording.dollars(cost),
        )


def _differences(found: Comparison, *, adjusted: bool) -> Iterator[Sequence[str]]:
    unit = found.scale.unit
    for pair in found.pairs:
        first, second = pair_letters(found, pair)
        estimate = pair.difference.estimate
        yield (
            f"{second} - {first}",
            wording.amount(estimate.mean, unit),
            wording.interval(estimate.interval, unit),
            p_value(pair.difference.p),
            *([p_value(pair.p_holm)] if adjusted else []),
            f"{pair.shared:,}",
            *(f"{len(each):,}" for each in (pair.wins, pair.losses, pair.ties)),
        )
