"""Runs of several tasks by several models: a table with a run, or the reason why there is none, in each cell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from agentbench_sdk.benchmark import Assembly
from agentbench_sdk.benchmark.assembly import Branch, Leaf, leaf_key
from agentbench_sdk.errors import ConfigurationError, RunFileError, UnknownNameError
from agentbench_sdk.runs.records import JudgeInfo, Manifest
from agentbench_sdk.runs.run import Run
from agentbench_sdk.runs.several import ModelRun

if TYPE_CHECKING:
    from agentbench_sdk.reporting.groups import GroupDifference, GroupScore


@dataclass(frozen=True)
class RunGrid:
    """Every task by every model.

    Attributes:
        assembly: the tasks, and the groups that were named.
        models: as their runs' manifests have them, in the order given.
        cells: one a task and model, the models of the first task first.
    """

    assembly: Assembly
    models: tuple[str, ...]
    cells: tuple[ModelRun, ...]

    def __iter__(self) -> Iterator[ModelRun]:
        return iter(self.cells)

    def __len__(self) -> int:
        return len(self.cells)

    def __getitem__(self, place: tuple[str, str]) -> ModelRun:
        """The cell of a task, as reports call it, and a model.

        Raises:
            UnknownNameError: there is no such task or model here.
        """
        task, model = place
        return self.cell(self._place("task", task, self.tasks), self._place("model", model, self.models))

    @staticmethod
    def _place(kind: str, name: str, known: Sequence[str]) -> int:
        if name not in known:
            raise UnknownNameError(kind, name, known)
        return known.index(name)

    def cell(self, task: int, model: int) -> ModelRun:
        """The cell of a row and a column."""
        return self.cells[task * len(self.models) + model]

    @property
    def tasks(self) -> tuple[str, ...]:
        """The tasks, as reports call them."""
        return tuple(each.label for each in self.assembly.leaves)

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups that were named, and those in them."""
        return tuple(each.name for each in self.assembly.groups)

    @property
    def runs(self) -> list[Run]:
        """The runs that there are."""
        return [each.run for each in self.cells if each.run is not None]

    def group(self, name: str) -> Branch:
        """A group by its name.

        Raises:
            UnknownNameError: there is none.
        """
        return self.assembly.groups[self._place("group", name, self.groups)]

    def group_scores(self, name: str, *, level: float = 0.95) -> list[GroupScore]:
        """The score of a group with its interval, one a model; see `GroupScore`.

        Raises:
            UnknownNameError: there is no such group.
            ConfigurationError: the scores of its tasks cannot be put together.
        """
        from agentbench_sdk.reporting.groups import group_scores

        return group_scores(self, self.group(name), level)

    def compare_group(
        self, name: str, *, all_pairs: bool = False, level: float = 0.95
    ) -> list[GroupDifference]:
        """The paired difference of a group's score between models: each beside the first, or all pairs.

        Raises:
            UnknownNameError: there is no such group.
            ConfigurationError: two runs of a task are not comparable.
        """
        from agentbench_sdk.reporting.groups import group_differences

        return group_differences(self, self.group(name), all_pairs=all_pairs, level=level)

    def __str__(self) -> str:
        from agentbench_sdk.reporting.grid import render_grid

        return render_grid(self)

    def to_dict(self, *, all_pairs: bool = False, level: float = 0.95) -> dict[str, Any]:
        """Tasks, models, each group's scores and differences as plain JSON; of runs their file and scores."""
        from agentbench_sdk.reporting.grid import grid_to_dict

        return grid_to_dict(self, all_pairs=all_pairs, level=level)


def group_judges(
    assembly: Assembly, group: Branch, manifests: Sequence[Manifest | None]
) -> dict[int, JudgeInfo]:
    """The judge whose scores of each task of a group count.

    Arguments:
        assembly: what the group is of.
        group: one of it.
        manifests: of each leaf that of any run; None where there is no run, and so no judge to be checked.

    Raises:
        ConfigurationError: a task has no such judge, or the scales of two tasks differ.
    """
    found: dict[int, JudgeInfo] = {}
    for place, wanted in group.judges.items():
        manifest = manifests[place]
        if manifest is not None:
            found[place] = _judge(group, assembly.leaves[place], manifest, wanted)
    first = next(iter(found), None)
    for place, judge in found.items():
        assert first is not None
        if judge.scale != found[first].scale:
            raise ConfigurationError(
                f"group {group.name!r} cannot make one score of {_told(assembly, first, found[first])} and "
                f"{_told(assembly, place, judge)}: name judges of the same scale for its members (judge: …)"
            )
    return found


def _judge(group: Branch, leaf: Leaf, manifest: Manifest, wanted: str) -> JudgeInfo:
    known = {each.id: each for each in manifest.judges}
    if wanted and wanted not in known:
        raise ConfigurationError(
            f"group {group.name!r}: {leaf.label} has no judge {wanted!r}; it has {', '.join(map(repr, known))}"
        )
    return known[wanted] if wanted else manifest.judges[0]


def _told(assembly: Assembly, place: int, judge: JudgeInfo) -> str:
    low, high = ("…" if end is None else f"{end:g}" for end in (judge.low, judge.high))
    unit = f" {judge.unit}" if judge.unit else ""
    lower = ", lower is better" if judge.better == "lower" else ""
    return f"{assembly.leaves[place].label} by {judge.id!r} ({low} to {high}{unit}{lower})"


def grid_of(assembly: Assembly, runs: Sequence[Run]) -> RunGrid:
    """Runs at hand, put into the cells that they belong to; models are in the order first met.

    Raises:
        ConfigurationError: a run is of no task of the assembly, two are of one task and model, or the scales of
            a group's tasks differ.
    """
    keys = [leaf_key(each.task, each.params) for each in assembly.leaves]
    placed: dict[tuple[int, str], Run] = {}
    for run in runs:
        manifest = run.manifest
        key = leaf_key(manifest.task_source, manifest.task_params)
        if key not in keys:
            raise ConfigurationError(_stray(assembly, run))
        cell = (keys.index(key), manifest.model)
        if cell in placed:
            raise ConfigurationError(
                f"{placed[cell].path} and {run.path} are both of {assembly.leaves[cell[0]].label} by "
                f"{manifest.model}; name the one that counts"
            )
        placed[cell] = run
    models = tuple(dict.fromkeys(run.manifest.model for run in runs))
    cells = [
        _cell(leaf, model, placed.get((place, model)))
        for place, leaf in enumerate(assembly.leaves)
        for model in models
    ]
    grid = RunGrid(assembly, models, tuple(cells))
    for group in assembly.groups:
        group_judges(assembly, group, manifests_of(grid))
    return grid


def grid_of_cells(assembly: Assembly, ended: Sequence[ModelRun]) -> RunGrid:
    """What was just run, in the order in which it was planned: the models of the first task first."""
    count = len(ended) // len(assembly.leaves)
    labelled = [replace(each, task=assembly.leaves[place // count].label) for place, each in enumerate(ended)]
    return RunGrid(assembly, tuple(each.model for each in ended[:count]), tuple(labelled))


def manifests_of(grid: RunGrid) -> list[Manifest | None]:
    """Of each task that of the first run there is."""
    rows = range(len(grid.assembly.leaves))
    columns = range(len(grid.models))
    return [
        next((run.manifest for column in columns if (run := grid.cell(row, column).run)), None)
        for row in rows
    ]


def _cell(leaf: Leaf, model: str, run: Run | None) -> ModelRun:
    if run is not None:
        return ModelRun(model, run, task=leaf.label)
    return ModelRun(model, error=RunFileError(f"no run of {leaf.label} was named"), task=leaf.label)


def _stray(assembly: Assembly, run: Run) -> str:
    manifest = run.manifest
    given = ", ".join(f"{name}={value}" for name, value in manifest.task_params.items())
    own = f"{manifest.task} ({given})" if given else manifest.task
    wanted = ", ".join(
        each.label + "".join(f" {name}={value}" for name, value in each.params.items())
        for each in assembly.leaves
    )
    return f"{run.path} is a run of {own}, which is not among the tasks: {wanted}"
