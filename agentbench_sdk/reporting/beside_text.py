"""Several runs beside each other on a terminal: score, cost and time of each, then the paired comparison."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from typing import TYPE_CHECKING

from agentbench_sdk.reporting import wording
from agentbench_sdk.reporting.blocks import add, captured_text, heading, indented, new_table, remark
from agentbench_sdk.reporting.plain import shown
from agentbench_sdk.reporting.remarks import cost_of, median_answer
from agentbench_sdk.reporting.versus import render_comparison

if TYPE_CHECKING:
    from rich.console import RenderableType

    from agentbench_sdk.reporting.beside import Member, SideBySide, TaskRuns


def render_side_by_side(found: SideBySide, *, width: int = 80, color: bool = False) -> str:
    """Runs as tables in text; see `blocks.captured_text`.

    Arguments:
        found: the runs.
        width: columns, 40 at least.
        color: whether to colour.
    """
    text = ""
    for task in found.tasks:
        text += captured_text(_task(task, several=len(found.tasks) > 1), width=width, color=color)
        for comparison in task.comparisons:
            text += render_comparison(comparison, width=width, color=color)
    return text + captured_text(_end(found), width=width, color=color)


def _task(found: TaskRuns, *, several: bool) -> Iterable[RenderableType]:
    judge = f": {shown(found.judge.id, 60)}" if found.judge is not None else ""
    name = (
        f"{shown(found.task, 60)}, version {shown(found.version, 20)}, side by side"
        if several
        else "Side by side"
    )
    yield from heading(f"{name}{judge} (95 % intervals)")
    table = new_table("model", ">mean", "interval", ">n", ">no score", ">cost", ">median answer")
    for member in found.members:
        add(table, *_cells(found, member))
    yield indented(table)
    yield remark("an interval tells of one model alone; the difference is told by the samples that both had")
    yield from _offers(found)
    for reason in found.not_compared:
        yield remark(f"not compared: {shown(reason, 1000)}")


def _cells(found: TaskRuns, member: Member) -> tuple[str, ...]:
    summary, judged = member.summary, found.judged(member)
    model, cost, time = shown(member.model, 60), cost_of(summary), median_answer(summary)
    if judged is None:
        return model, "none", "none", "0", f"{summary.attempts:,}", cost, time
    estimate, unit = judged.estimate, judged.scale.unit
    mean = "none" if estimate.mean is None else wording.amount(estimate.mean, unit)
    missing = f"{judged.without_score:,}"
    return model, mean, wording.interval(estimate.interval, unit), f"{estimate.n:,}", missing, cost, time


def _offers(found: TaskRuns) -> Iterable[RenderableType]:
    """Score for cost, from the cheapest to the dearest; nothing where prices are unknown or all the same."""
    offers = found.offers()
    if len({each.usd for each in offers}) < 2:
        return
    unit = found.scale.unit if found.scale is not None else ""
    models = {each.letter: shown(each.model, 60) for each in found.members}
    yield from heading("Score for cost, by the means")
    table = new_table("model", ">$ an attempt", ">mean", "interval", "beaten by")
    for each in offers:
        beaten = models[each.beaten_by] if each.beaten_by is not None else "-"
        score = wording.amount(each.estimate.mean, unit), wording.interval(each.estimate.interval, unit)
        add(table, models[each.member.letter], wording.dollars(each.usd), *score, beaten)
    yield indented(table)
    yield remark("a model is beaten by one that costs no more and scores no worse")
    if len(offers) < len(found.members):
        yield remark("runs are left out whose price or score is not known")


def _end(found: SideBySide) -> Iterable[RenderableType]:
    files = shlex.join(str(each.run.path) for each in found.members)
    yield from heading("Next")
    yield remark(shown(f"agentbench report {files} --html report.html", 4000))
