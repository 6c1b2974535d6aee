"""The report in a terminal or a pipe. One renderer: a pipe gets the same lines without colour.

Everything that a model, a judge or a file wrote goes through `shown` and into `Text`, which knows no
markup, so that no name or answer can colour, move or hide anything.
"""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, TextIO

from agentbench_sdk.reporting import wording
from agentbench_sdk.reporting.blocks import add, captured_text, heading, indented, new_table, remark
from agentbench_sdk.reporting.plain import shown
from agentbench_sdk.reporting.remarks import (
    MOST_CATEGORIES,
    attempts_made,
    category_cells,
    category_notes,
    drift_told,
    headline,
    judge_notes,
    limit_told,
    missing_intervals,
    usage_cells,
)

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.table import Table

    from agentbench_sdk.reporting.figures import FigureSummary
    from agentbench_sdk.reporting.summary import Summary
    from agentbench_sdk.reporting.times import Spread

_MOST_ENDINGS = 15
_STYLES = {"completed": "green", "limit": "yellow", "failed": "red", "cancelled": "magenta"}


def print_report(
    summary: Summary,
    file: TextIO | None = None,
    *,
    run_path: str | os.PathLike[str] | None = None,
    next_commands: Sequence[str] | None = None,
) -> None:
    """Write the report: in colour and as wide as the window on a terminal, plain elsewhere.

    Arguments:
        summary: what to report.
        file: standard output when left out.
        run_path: the run file, named at the end.
        next_commands: command lines to suggest; those that fit any run file when left out.
    """

    def text(width: int, color: bool) -> str:
        return render(summary, width=width, color=color, run_path=run_path, next_commands=next_commands)

    print_text(text, file)


def print_text(text: Callable[[int, bool], str], file: TextIO | None = None) -> None:
    """Write what a function of width and colour gives: for a window as wide as it is, plain elsewhere."""
    from rich.console import Console

    file = file or sys.stdout
    window = Console(file=file)
    encoding = getattr(file, "encoding", None) or "utf-8"
    file.write(text(window.width, uses_color(window)).encode(encoding, "replace").decode(encoding))


def uses_color(console: Console) -> bool:
    """Whether colour is wanted: a terminal that can, and no NO_COLOR (no-color.org)."""
    return console.is_terminal and not console.is_dumb_terminal and not os.environ.get("NO_COLOR")


def render(
    summary: Summary,
    *,
    width: int = 80,
    color: bool = False,
    run_path: str | os.PathLike[str] | None = None,
    next_commands: Sequence[str] | None = None,
) -> str:
    """The report as text; with `color`, with the escape codes of a terminal.

    Arguments:
        summary: what to report.
        width: columns, 40 at least.
        color: whether to colour.
        run_path: the run file, named at the end.
        next_commands: command lines to suggest; those that fit any run file when left out.
    """
    return captured_text(_parts(summary, run_path, next_commands), width=width, color=color)


def _parts(
    summary: Summary, run_path: str | os.PathLike[str] | None, next_commands: Sequence[str] | None
) -> Iterable[RenderableType]:
    yield from _header(summary)
    yield from _scores(summary)
    yield from _categories(summary)
    yield from _pass_curves(summary)
    yield from _lines(summary)
    yield from _endings(summary)
    yield from _faults(summary)
    yield from _metrics(summary)
    yield from _usage(summary)
    yield from _times(summary)
    yield from _limits(summary)
    yield from _next(run_path, next_commands, pictures=summary.manifest.pictures)


def _header(summary: Summary) -> Iterable[RenderableType]:
    from rich.text import Text

    run = summary.manifest
    yield Text(f"{shown(run.task, 60)}, version {shown(run.task_version, 20)}", style="bold")
    table = new_table("", "")
    table.show_header = False
    add(table, "model", shown(run.model) + (f" at {shown(run.endpoint)}" if run.endpoint else ""))
    for role, model in (("user model", run.user_model), ("judge model", run.judge_model)):
        if model:
            add(table, role, shown(model))
    if run.sandbox:
        add(table, "sandbox", shown(run.sandbox))
    seed = "" if run.seed is None else f", seed {run.seed}"
    add(table, "run", f"{shown(run.run_id)}{seed}, begun {shown(run.created, 40)}")
    add(table, "attempts", attempts_made(summary))
    yield indented(table)
    for told in run.warnings:
        yield remark(f"warning: {shown(told, 400)}", "yellow")
    if summary.drift is not None:
        yield remark(drift_told(summary.drift), "yellow")


def _scores(summary: Summary) -> Iterable[RenderableType]:
    yield from heading("Scores")
    if not summary.judges:
        yield remark("no judge was asked")
        return
    table = new_table("judge", ">mean", "interval", "method", ">n", ">no score")
    for judge in summary.judges:
        found, unit = judge.estimate, judge.scale.unit
        add(
            table,
            shown(judge.id, 80),
            "none" if found.mean is None else wording.amount(found.mean, unit),
            wording.interval(found.interval, unit),
            f"{wording.level(found)} {found.method}" if found.interval else "-",
            f"{found.n:,}",
            f"{judge.without_score:,}",
        )
        for figure in judge.figures:
            _add_figure(table, figure)
    yield indented(table)
    for judge in summary.judges:
        for line in judge_notes(judge):
            yield remark(f"{shown(judge.id, 40)}: {line}" if len(summary.judges) > 1 else line)


def _add_figure(table: Table, figure: FigureSummary) -> None:
    """A figure of the whole task, below the judge whose evidence it is made of."""
    found, unit = figure.estimate, figure.scale.unit
    add(
        table,
        f"  {shown(figure.name, 60)}",
        "none" if found.mean is None else wording.amount(found.mean, unit),
        wording.interval(found.interval, unit),
        f"{wording.level(found)} {found.method}" if found.interval else "-",
        f"{found.n:,}",
        "",
    )


def _categories(summary: Summary) -> Iterable[RenderableType]:
    """Of the primary judge alone; the HTML page and the JSON hold those of all."""
    for judge in summary.judges[:1]:
        if not judge.categories:
            continue
        table = new_table("category", ">mean", "interval", ">n", ">no score")
        for each in judge.categories[:MOST_CATEGORIES]:
            add(table, *category_cells(each, judge.scale.unit))
        yield from heading(f"{shown(judge.id, 40)} by category (95 % intervals)")
        yield indented(table)
        for line in category_notes(judge):
            yield remark(line)


def _pass_curves(summary: Summary) -> Iterable[RenderableType]:
    """For each judge what k attempts at a sample give; the notes tell of all epochs alone."""
    judges = [judge for judge in summary.judges if judge.pass_curve]
    if not judges:
        return
    yield from heading("Passing in k attempts (95 % intervals)")
    table = new_table("judge", ">k", ">one passes: pass@k", "interval", ">all pass: pass^k", "interval", ">n")
    for judge in judges:
        for each in judge.pass_curve:
            cells = [shown(judge.id, 40), str(each.k)]
            for found in (each.at_least_one, each.each):
                cells += [wording.amount(found.mean), wording.interval(found.interval)]
            add(table, *cells, f"{each.each.n:,}")
    yield indented(table)
    notes = {
        found.note
        for judge in judges
        for each in judge.pass_curve
        for found in (each.at_least_one, each.each)
    }
    yield from (remark(note) for note in sorted(notes) if note)


def _lines(summary: Summary) -> Iterable[RenderableType]:
    if not summary.lines:
        return
    yield from heading("Attempts")
    epochs = summary.manifest.epochs > 1
    table = new_table("sample", *([">epoch"] if epochs else []), "ending", ">score", "explanation")
    unit = summary.judges[0].scale.unit if summary.judges else ""
    for line in summary.lines:
        score = "no score" if line.value is None else wording.amount(line.value, unit)
        cells = [shown(line.sample_id, 40), *([str(line.epoch)] if epochs else [])]
        cells += [f"{shown(line.status, 20)}: {shown(line.reason, 30)}", score, shown(line.explanation, 120)]
        add(table, *cells)
    yield indented(table)


def _endings(summary: Summary) -> Iterable[RenderableType]:
    yield from heading("Endings")
    if not summary.endings:
        yield remark("no attempt was recorded")
        return
    table = new_table(">attempts", "ending", "for example")
    for each in summary.endings[:_MOST_ENDINGS]:
        told = each.status != "completed" and each.example_detail
        example = f"{shown(each.example_sample, 40)}: {shown(each.example_detail, 160)}" if told else ""
        ending = f"{shown(each.status, 20)}: {shown(each.reason, 40)}"
        add(table, f"{each.count:,}", ending, example, style=_STYLES.get(each.status, ""))
    yield indented(table)
    if len(summary.endings) > _MOST_ENDINGS:
        yield remark(f"and {len(summary.endings) - _MOST_ENDINGS} more kinds, in the JSON export")


def _faults(summary: Summary) -> Iterable[RenderableType]:
    """Whose doing it was; where there is no world the endings tell as much."""
    if not summary.faults or not summary.manifest.environment:
        return
    yield from heading("Whose doing the failures were")
    table = new_table(">attempts", "side", "rule", "for example")
    for each in summary.faults[:_MOST_ENDINGS]:
        example = f"{shown(each.example_sample, 40)}: {shown(each.example_evidence, 160)}"
        add(table, f"{each.count:,}", each.side, shown(each.rule, 40), example)
    yield indented(table)
    if len(summary.faults) > _MOST_ENDINGS:
        yield remark(f"and {len(summary.faults) - _MOST_ENDINGS} more, in the JSON export")


def _metrics(summary: Summary) -> Iterable[RenderableType]:
    if not summary.metrics:
        return
    yield from heading("Environment (95 % intervals)")
    table = new_table("metric", ">mean", "interval", ">min", ">max", ">n")
    important = headline(summary)
    for each in important:
        found, name = each.estimate, shown(each.name, 60)
        add(
            table,
            name,
            "none" if found.mean is None else wording.amount(found.mean, each.unit),
            wording.interval(found.interval, each.unit),
            wording.exact(each.low, each.unit),
            wording.exact(each.high, each.unit),
            f"{found.n:,}",
        )
    yield indented(table)
    yield from map(remark, missing_intervals(important))
    if len(summary.metrics) > len(important):
        yield remark(f"and {len(summary.metrics) - len(important)} more, in the JSON export")


def _usage(summary: Summary) -> Iterable[RenderableType]:
    yield from heading("Tokens and cost")
    if not summary.usage:
        yield remark("no model was called")
        return
    table = new_table("role", ">calls", ">input", ">output", ">reasoning", "cost", "paid in this run")
    for each in summary.usage:
        add(table, shown(each.role, 20), *usage_cells(each))
    yield indented(table)
    if any(each.unpriced for each in summary.usage):
        yield remark("a cost is unknown where no price is known for the model; tokens are all counted")


def _times(summary: Summary) -> Iterable[RenderableType]:
    if summary.wall is None:
        return
    yield from heading("Time")
    table = new_table("", ">n", ">median", ">90 % below", ">longest")
    _add_spread(table, "attempts", summary.wall)
    _add_spread(table, "  on the wire and in tools", summary.working)
    for each in summary.calls:
        where = f" to {shown(each.endpoint, 60)}" if each.endpoint else ""
        _add_spread(table, f"{shown(each.role, 20)} calls{where}", each.total)
        _add_spread(table, "  waiting for a permit", each.queue)
        _add_spread(table, "  to the first token", each.first_token)
    yield indented(table)
    retried = sum(each.retried for each in summary.calls)
    if retried:
        yield remark(f"{retried:,} calls needed more than one attempt")


def _limits(summary: Summary) -> Iterable[RenderableType]:
    if not summary.limits:
        return
    yield from heading("Requests at once")
    for each in summary.limits:
        yield remark(limit_told(each))
        if len(each.points) > 1:
            yield remark(each.bars())


def _add_spread(table: Table, name: str, seconds: Spread | None) -> None:
    if seconds is not None:
        ends = (wording.duration(each) for each in (seconds.p50, seconds.p90, seconds.max))
        add(table, name, f"{seconds.n:,}", *ends)


def _next(
    run_path: str | os.PathLike[str] | None, next_commands: Sequence[str] | None, *, pictures: bool
) -> Iterable[RenderableType]:
    if next_commands is None and run_path is not None:
        path = shlex.quote(os.fspath(run_path))
        next_commands = (
            f"agentbench report {path}",
            f"agentbench report {path} --html report.html",
            *([f"agentbench report {path} --pictures pictures"] if pictures else []),
            f"agentbench replay {path}",
            f"agentbench export {path}",
        )
    if run_path is not None:
        yield from heading("Run file")
        yield remark(shown(os.fspath(run_path), 1000))
    if next_commands:
        yield from heading("Next")
        for command in next_commands:
            yield remark(shown(command, 1000))
