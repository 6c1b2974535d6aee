"""Scores of groups of tasks: one number a model with its interval, and paired differences between models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING, Any

from agentbench_sdk.reporting.comparable import check_comparable
from agentbench_sdk.reporting.comparison import Verdict, scored_by_both, verdict_of
from agentbench_sdk.reporting.sides import Side, read_side
from agentbench_sdk.runs.grid import RunGrid, group_judges, manifests_of

if TYPE_CHECKING:
    from agentbench_sdk.benchmark.assembly import Branch
    from agentbench_sdk.judging import Scale
    from agentbench_sdk.runs.run import Run
    from agentbench_sdk.statistics import Bounds, Estimate, Part


@dataclass(frozen=True, slots=True)
class TaskShare:
    """What one task adds to a group's score.

    Attributes:
        task: as reports call it.
        judge: whose scores count; "" where there is no run to tell.
        share: of the group's score; all together 1.
        estimate: mean of its scores with their interval; None without a run.
        missing: attempts without a score, those that were not run included.
        problem: why there is no run, or no finished one; "" where there is.
    """

    task: str
    judge: str
    share: float
    estimate: Estimate | None
    missing: int
    problem: str

    def to_dict(self) -> dict[str, Any]:
        return {
            "task": self.task,
            "judge": self.judge,
            "share": self.share,
            "estimate": self.estimate.to_dict() if self.estimate else None,
            "missing": self.missing,
            "problem": self.problem,
        }


@dataclass(frozen=True, slots=True)
class GroupScore:
    """The score of a group by one model.

    Attributes:
        group, model: whose it is.
        estimate: the weighted mean of the tasks' scores with its interval (`statistics.combined_mean`); without
            a mean where a task has no run or no score, whose name is in its note.
        bounds: the score if all attempts without one had been worst, or best.
        shares: what each task adds.
        scale: of the scores.
    """

    group: str
    model: str
    estimate: Estimate
    bounds: Bounds
    shares: tuple[TaskShare, ...]
    scale: Scale

    @property
    def missing(self) -> int:
        """Attempts without a score, in the runs that there are."""
        return sum(each.missing for each in self.shares)

    def to_dict(self) -> dict[str, Any]:
        return {
            "model": self.model,
            "estimate": self.estimate.to_dict(),
            "bounds": self.bounds.to_dict(),
            "missing": self.missing,
            "tasks": [each.to_dict() for each in self.shares],
        }


@dataclass(frozen=True, slots=True)
class GroupDifference:
    """How much better the second model's group score is than the first's, on samples that both have a score of.

    Attributes:
        group: whose it is.
        first, second: the models.
        estimate: second less first, with its interval; without a mean where a task cannot be compared.
        p: two-sided; None without an interval.
        p_holm: `p` with all differences told together taken into account.
        verdict: of the second model.
        left_out: samples that one of the two has no score of.
    """

    group: str
    first: str
    second: str
    estimate: Estimate
    p: float | None
    p_holm: float | None
    verdict: Verdict
    left_out: int

    def to_dict(self) -> dict[str, Any]:
        return {
            "first": self.first,
            "second": self.second,
            "estimate": self.estimate.to_dict(),
            "p": self.p,
            "p_holm": self.p_holm,
            "verdict": self.verdict,
            "left_out": self.left_out,
        }


@dataclass(frozen=True, slots=True)
class _Group:
    """A group with its runs read: sides by task and model."""

    grid: RunGrid
    branch: Branch
    shares: Mapping[int, float]
    judges: Mapping[int, str]
    scale: Scale
    sides: Mapping[tuple[int, int], Side]

    def run(self, place: int, model: int) -> Run | None:
        return self.grid.cell(place, model).run

    def problem(self, place: int, model: int) -> str:
        cell = self.grid.cell(place, model)
        if cell.run is None:
            return str(cell.error)
        return "" if cell.run.status == "finished" else f"the run is {cell.run.status}"


def _read(grid: RunGrid, branch: Branch) -> _Group:
    from agentbench_sdk.judging import Scale

    judges = group_judges(grid.assembly, branch, manifests_of(grid))
    scale = next((each.scale for each in judges.values()), Scale())
    sides = {
        (place, model): read_side(run, judge.id, scale)
        for place, judge in judges.items()
        for model in range(len(grid.models))
        if (run := grid.cell(place, model).run) is not None
    }
    shares = branch.shares(_sizes(grid, branch))
    return _Group(grid, branch, shares, {place: each.id for place, each in judges.items()}, scale, sides)


def _sizes(grid: RunGrid, branch: Branch) -> dict[int, int]:
    """Samples planned of each task, the same for all models where they count.

    Raises:
        ConfigurationError: runs of a task hold different numbers of samples, and the group is a "micro" one.
    """
    from agentbench_sdk.errors import ConfigurationError

    found: dict[int, int] = {}
    for place in branch.judges:
        runs = [run for model in range(len(grid.models)) if (run := grid.cell(place, model).run)]
        counts = {run.manifest.samples // run.manifest.epochs for run in runs}
        if branch.needs_sizes and len(counts) > 1:
            told = " and ".join(f"{count:,}" for count in sorted(counts))
            raise ConfigurationError(
                f"group {branch.name!r} weighs tasks by their samples, and runs of {grid.tasks[place]} were of "
                f"{told}: name runs of the same samples"
            )
        found[place] = max(counts, default=1)  # without any run there is no score to weigh
    return found


def group_scores(grid: RunGrid, branch: Branch, level: float = 0.95) -> list[GroupScore]:
    """The score of a group, one a model; see `RunGrid.group_scores`."""
    found = _read(grid, branch)
    return [_score(found, model, level) for model in range(len(grid.models))]


def _score(found: _Group, model: int, level: float) -> GroupScore:
    from agentbench_sdk.statistics import combined_mean

    shares = tuple(_share(found, place, model, level) for place in found.shares)
    absent = [each for each in shares if each.estimate is None]
    parts = [
        _part(
            found, place, [(each.cluster, value) for each in side.samples.values() for value in each.values]
        )
        for place in found.shares
        if (side := found.sides.get((place, model))) is not None
    ]
    estimate = _none(absent) if absent else combined_mean(parts, found.scale, level)
    name = found.grid.models[model]
    return GroupScore(found.branch.name, name, estimate, _bounds(found, model), shares, found.scale)


def _share(found: _Group, place: int, model: int, level: float) -> TaskShare:
    from agentbench_sdk.statistics import combined_mean

    side, run = found.sides.get((place, model)), found.run(place, model)
    told = (found.grid.tasks[place], found.judges.get(place, ""), found.shares[place])
    problem = found.problem(place, model)
    if side is None or run is None:
        return TaskShare(*told, None, 0, problem)
    rows = [(each.cluster, value) for each in side.samples.values() for value in each.values]
    estimate = combined_mean([_part(found, place, rows)], found.scale, level)
    return TaskShare(*told, estimate, max(0, run.manifest.samples - len(rows)), problem)


def _part(found: _Group, place: int, rows: Sequence[tuple[str, float]]) -> Part:
    from agentbench_sdk.statistics import Part

    values, clusters = [value for _, value in rows], [cluster for cluster, _ in rows]
    return Part(found.grid.tasks[place], values, found.shares[place], clusters)


def _none(absent: Sequence[TaskShare]) -> Estimate:
    from agentbench_sdk.statistics import Estimate

    told = "; ".join(f"{each.task}: {each.problem}" for each in absent)
    return Estimate(None, None, 0, 0, note=f"no score: {told}")


def _bounds(found: _Group, model: int) -> Bounds:
    """Of the group's score: those of the tasks, added up by their shares; a task without a run may be anything."""
    from agentbench_sdk.statistics import Bounds, bounds

    ends: tuple[list[float], list[float]] = ([], [])
    for place, share in found.shares.items():
        side, run = found.sides.get((place, model)), found.run(place, model)
        if side is None or run is None:
            own = Bounds(found.scale.low, found.scale.high)
        else:
            values = [value for each in side.samples.values() for value in each.values]
            own = bounds(values, max(0, run.manifest.samples - len(values)), found.scale)
        for end, value in zip(ends, (own.low, own.high), strict=True):
            if value is not None:
                end.append(share * value)
    low, high = (sum(end) if len(end) == len(found.shares) else None for end in ends)
    return Bounds(low, high)


def group_differences(
    grid: RunGrid, branch: Branch, *, all_pairs: bool = False, level: float = 0.95
) -> list[GroupDifference]:
    """Paired differences of a group's score; see `RunGrid.compare_group`."""
    from agentbench_sdk.statistics import holm

    found = _read(grid, branch)
    columns = range(len(grid.models))
    pairs = list(combinations(columns, 2)) if all_pairs else [(0, each) for each in columns[1:]]
    differences = [_difference(found, first, second, level) for first, second in pairs]
    adjusted = iter(holm([each.p for each in differences if each.p is not None]))
    return [
        each if each.p is None else _judged(each, next(adjusted), found.scale, level) for each in differences
    ]


def _judged(found: GroupDifference, p_holm: float, scale: Scale, level: float) -> GroupDifference:
    return replace(found, p_holm=p_holm, verdict=verdict_of(found.estimate.mean or 0.0, p_holm, scale, level))


def _difference(found: _Group, first: int, second: int, level: float) -> GroupDifference:
    from agentbench_sdk.statistics import combined_mean, combined_p, differences_scale

    parts: list[Part] = []
    absent: list[TaskShare] = []
    left_out = 0
    for place in found.shares:
        old, new = found.run(place, first), found.run(place, second)
        if old is None or new is None:
            absent.append(_share(found, place, first if old is None else second, level))
            continue
        check_comparable(old, new)
        sides = found.sides[place, first], found.sides[place, second]
        both = scored_by_both(*sides)
        left_out += len(sides[0].samples.keys() | sides[1].samples.keys()) - len(both)
        parts.append(_part(found, place, [(old.cluster, new.mean - old.mean) for old, new in both.values()]))
    wide = differences_scale(found.scale)
    estimate = _none(absent) if absent else combined_mean(parts, wide, level)
    p = None if absent else combined_p(parts, wide)
    models = found.grid.models
    return GroupDifference(
        found.branch.name, models[first], models[second], estimate, p, None, "unknown", left_out
    )
