"""Several tasks by several models on a terminal and as JSON: scores in a table, then the groups' scores."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from agentbench_sdk.reporting import wording
from agentbench_sdk.reporting.blocks import add, captured_text, heading, indented, new_table, remark
from agentbench_sdk.reporting.plain import plain, shown
from agentbench_sdk.reporting.remarks import cost_of
from agentbench_sdk.reporting.versus import letters_of, p_value

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

    from agentbench_sdk.reporting.groups import GroupDifference, GroupScore
    from agentbench_sdk.reporting.summary import Summary
    from agentbench_sdk.runs.grid import RunGrid
    from agentbench_sdk.runs.several import ModelRun
    from agentbench_sdk.statistics import Estimate

_STYLES = {"better": "green", "worse": "red", "unknown": "yellow"}


def render_grid(
    grid: RunGrid, *, all_pairs: bool = False, level: float = 0.95, width: int = 80, color: bool = False
) -> str:
    """Tasks, one a row, by models, one a column, and the groups; see `blocks.captured_text`.

    Arguments:
        grid: the runs.
        all_pairs: compare each two models of a group, not each with the first alone.
        level: nominal coverage of the groups' intervals; those of single tasks have 0.95, as in their reports.
        width: columns, 40 at least.
        color: whether to colour.
    """
    return captured_text(_parts(grid, all_pairs=all_pairs, level=level), width=width, color=color)


def _parts(grid: RunGrid, *, all_pairs: bool, level: float) -> Iterator[RenderableType]:
    summaries = [each.run.summary() if each.run else None for each in grid.cells]
    yield from heading("Models")
    yield indented(_models(grid, summaries))
    yield from heading("Scores by task (95 % intervals)")
    yield indented(_scores(grid, summaries))
    yield from _problems(grid, summaries)
    for name in grid.groups:
        yield from _group(grid, name, all_pairs=all_pairs, level=level)


def _models(grid: RunGrid, summaries: list[Summary | None]) -> Table:
    table = new_table("", "model", ">runs", ">no score", ">cost")
    for column, (letter, model) in enumerate(zip(letters_of(len(grid.models)), grid.models, strict=True)):
        held = [each for each in summaries[column :: len(grid.models)] if each is not None]
        costs = [cost_of(each) for each in held]
        missing = sum(_missing(each) for each in held)
        told = costs[0] if len(costs) == 1 else wording.dollars(_dollars(held))
        add(table, letter, shown(model, 60), f"{len(held):,} of {len(grid.tasks):,}", f"{missing:,}", told)
    return table


def _dollars(held: list[Summary]) -> float | None:
    """US dollars of all runs together; None where the price of any answer is not known."""
    roles = [role for summary in held for role in summary.usage]
    if any(role.usage.cost_usd is None or role.unpriced for role in roles):
        return None
    return sum(role.usage.cost_usd or 0.0 for role in roles)


def _missing(summary: Summary) -> int:
    """Planned attempts without a score of the primary judge."""
    return (summary.primary.without_score if summary.judges else 0) + summary.not_run


def _scores(grid: RunGrid, summaries: list[Summary | None]) -> Table:
    table = new_table("task", "score", *letters_of(len(grid.models)))
    for row, task in enumerate(grid.tasks):
        held = summaries[row * len(grid.models) : (row + 1) * len(grid.models)]
        judge = next((each.primary.id for each in held if each is not None and each.judges), "")
        add(table, shown(task, 40), shown(judge, 40), *map(_cell, held))
    return table


def _cell(summary: Summary | None) -> str:
    if summary is None:
        return "no run"
    if not summary.judges:
        return "no judge"
    found, unit, missing = summary.primary.estimate, summary.primary.scale.unit, _missing(summary)
    told = f" ({missing:,} without)" if missing else ""
    return f"{_estimate(found, unit)}{told}"


def _problems(grid: RunGrid, summaries: list[Summary | None]) -> Iterator[RenderableType]:
    letters = letters_of(len(grid.models))
    for place, (cell, summary) in enumerate(zip(grid.cells, summaries, strict=True)):
        where = f"{shown(grid.tasks[place // len(letters)], 40)} by {letters[place % len(letters)]}"
        for told in _problem(cell, summary):
            yield remark(f"{where}: {told}", "yellow")


def _problem(cell: ModelRun, summary: Summary | None) -> Iterator[str]:
    if summary is None:
        yield f"no run: {shown(cell.error, 300)}"
        return
    if cell.run is not None and cell.run.status != "finished":
        yield f"the run is {cell.run.status}; {summary.not_run:,} attempts were not begun"
    for each in summary.endings:
        if each.status == "failed":
            example = shown(each.example_detail, 120)
            yield f"{each.count:,} failed ({each.reason}; {shown(each.example_sample, 40)}: {example})"
    found = summary.primary if summary.judges else None
    if found is not None and found.unscored:
        yield f"{found.unscored:,} that the judge could not score ({shown(found.unscored_example, 120)})"
    if found is not None and found.estimate.interval is None:
        yield found.estimate.note


def _group(grid: RunGrid, name: str, *, all_pairs: bool, level: float) -> Iterator[RenderableType]:
    from agentbench_sdk.reporting.groups import group_differences, group_scores

    branch = grid.group(name)
    scores = group_scores(grid, branch, level)
    yield from heading(f"Group {shown(name, 60)}: {_HOW[branch.aggregate]} ({100 * level:g} % intervals)")
    letters = letters_of(len(scores))
    yield indented(_group_table(name, letters, scores))
    for letter, score in zip(letters, scores, strict=True):
        yield from _group_remarks(letter, score)
    yield from _differences(
        grid, scores[0].scale.unit, group_differences(grid, branch, all_pairs=all_pairs, level=level), level
    )


_HOW = {
    "macro": "mean of its members",
    "weighted": "weighted mean of its members",
    "micro": "mean of its members by their samples",
}


def _group_table(name: str, letters: Sequence[str], scores: Sequence[GroupScore]) -> Table:
    """What each task adds by the judge that counts here, and what that comes to."""
    table = new_table("task", "score", ">share", *letters)
    for row, each in enumerate(scores[0].shares):
        held = [score.shares[row] for score in scores]
        cells = (
            _estimate(share.estimate, score.scale.unit) for share, score in zip(held, scores, strict=True)
        )
        add(table, shown(each.task, 40), shown(each.judge, 40), f"{100 * each.share:.3g} %", *cells)
    add(table, shown(name, 40), "", "", *(_estimate(each.estimate, each.scale.unit) for each in scores))
    return table


def _estimate(found: Estimate | None, unit: str) -> str:
    if found is None:
        return "no run"
    if found.mean is None:
        return "no score"
    interval = wording.interval(found.interval, unit) if found.interval else "(no interval)"
    return f"{wording.amount(found.mean, unit)} {interval}"


def _group_remarks(letter: str, score: GroupScore) -> Iterator[RenderableType]:
    found = score.estimate
    if found.note:
        yield remark(f"{letter}: {shown(found.note, 500)}", "" if found.interval else "yellow")
    if score.missing or found.mean is None:
        limits = wording.limits(score.bounds, score.scale.unit)
        yield remark(
            f"{letter}: with the {score.missing:,} attempts without a score it lies somewhere from {limits}"
        )


def _differences(
    grid: RunGrid, unit: str, found: list[GroupDifference], level: float
) -> Iterable[RenderableType]:
    if not found:
        return
    letters = dict(zip(grid.models, letters_of(len(grid.models)), strict=True))
    several = [">p (Holm)"] if len(found) > 1 else []
    table = new_table("", ">difference", "interval", ">p", *several, ">samples", ">left out", "")
    for each in found:
        estimate = each.estimate
        mean = "none" if estimate.mean is None else wording.amount(estimate.mean, unit)
        add(
            table,
            f"{letters[each.second]} - {letters[each.first]}",
            mean,
            wording.interval(estimate.interval, unit),
            p_value(each.p),
            *([p_value(each.p_holm)] if several else []),
            f"{estimate.n:,}",
            f"{each.left_out:,}",
            _verdict(letters, each),
            style=_STYLES[each.verdict],
        )
    yield indented(table)
    for each in found:
        if each.estimate.interval is None:
            pair = f"{letters[each.second]} - {letters[each.first]}"
            yield remark(f"{pair}: {shown(each.estimate.note, 500)}", "yellow")


def _verdict(letters: dict[str, str], found: GroupDifference) -> str:
    first, second = letters[found.first], letters[found.second]
    if found.p is None:
        return "cannot be said"
    return "no evidence" if found.verdict == "unknown" else f"{second} is {found.verdict} than {first}"


def grid_to_dict(grid: RunGrid, *, all_pairs: bool = False, level: float = 0.95) -> dict[str, Any]:
    """What `render_grid` shows, as plain JSON."""
    cleaned: dict[str, Any] = plain(
        {
            "tasks": list(grid.tasks),
            "models": list(grid.models),
            "runs": [_run_to_dict(each) for each in grid.cells],
            "groups": [_group_to_dict(grid, name, all_pairs=all_pairs, level=level) for name in grid.groups],
        }
    )
    return cleaned


def _run_to_dict(cell: ModelRun) -> dict[str, Any]:
    told: dict[str, Any] = {"task": cell.task, "model": cell.model}
    if cell.run is None:
        return {**told, "run": None, "status": "failed", "error": str(cell.error)}
    summary = cell.run.summary()
    return {**told, "run": str(cell.run.path), "status": cell.run.status, "summary": summary.to_dict()}


def _group_to_dict(grid: RunGrid, name: str, *, all_pairs: bool, level: float) -> dict[str, Any]:
    from agentbench_sdk.reporting.groups import group_differences, group_scores

    branch = grid.group(name)
    scores = group_scores(grid, branch, level)
    scale = scores[0].scale
    differences = group_differences(grid, branch, all_pairs=all_pairs, level=level)
    return {
        "group": name,
        "aggregate": branch.aggregate,
        "level": level,
        "unit": scale.unit,
        "better": scale.better,
        "scores": [each.to_dict() for each in scores],
        "differences": [each.to_dict() for each in differences],
    }
