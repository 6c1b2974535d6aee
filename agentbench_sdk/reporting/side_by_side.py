"""Several runs of one task in one table: the score with its interval, what it cost and how long it took."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from agentbench_sdk.reporting import wording
from agentbench_sdk.reporting.blocks import add, captured_text, heading, indented, new_table, remark
from agentbench_sdk.reporting.plain import shown

if TYPE_CHECKING:
    from rich.console import RenderableType

    from agentbench_sdk.reporting.summary import Summary

Row = tuple["Summary", str]  # a run's summary and its file


def render_side_by_side(rows: Sequence[Row], *, width: int = 80, color: bool = False) -> str:
    """Runs as a table in text, and the commands that compare them; see `blocks.captured_text`.

    Arguments:
        rows: summaries of runs of one task, with their files.
        width: columns, 40 at least.
        color: whether to colour.
    """
    return captured_text(_parts(rows), width=width, color=color)


def _parts(rows: Sequence[Row]) -> Iterable[RenderableType]:
    judges = rows[0][0].judges
    judge = f": {shown(judges[0].id, 60)}" if judges else ""
    yield from heading(f"Side by side{judge} (95 % intervals)")
    table = new_table("model", ">mean", "interval", ">n", ">no score", ">cost", ">median answer")
    for summary, _ in rows:
        add(table, *_cells(summary))
    yield indented(table)
    yield remark("an interval tells of one model alone; the difference is told by the samples that both had:")
    files = [shlex.quote(path) for _, path in rows]
    yield remark(shown(f"agentbench compare {' '.join(files)}", 4000))


def _cells(summary: Summary) -> tuple[str, ...]:
    model, cost, time = shown(summary.manifest.model, 60), cost_of(summary), _median_answer(summary)
    if not summary.judges:
        return model, "none", "none", "0", f"{summary.attempts:,}", cost, time
    primary = summary.primary
    found, unit = primary.estimate, primary.scale.unit
    mean = "none" if found.mean is None else wording.amount(found.mean, unit)
    missing = f"{primary.without_score:,}"
    return model, mean, wording.interval(found.interval, unit), f"{found.n:,}", missing, cost, time


def cost_of(summary: Summary) -> str:
    """What all answers of a run are worth, those from the cache included; says what is not known."""
    known = [each.usage.cost_usd for each in summary.usage if each.usage.cost_usd is not None]
    if not known:
        return "unknown" if summary.usage else "-"
    unpriced = any(each.unpriced for each in summary.usage)
    return wording.dollars(sum(known)) + (" + unknown" if unpriced else "")


def _median_answer(summary: Summary) -> str:
    """Median time of the agent's calls that went over the wire, waiting for a permit included."""
    times = [each.total for each in summary.calls if each.role == "agent" and each.total is not None]
    return wording.duration(times[0].p50) if len(times) == 1 else "-"
