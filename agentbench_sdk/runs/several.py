"""Runs of several models and tasks at once: each with its own file and its own fate, one progress for all."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from agentbench_sdk.benchmark import Assembly
from agentbench_sdk.errors import AgentbenchError, ConfigurationError, SandboxUnavailableError
from agentbench_sdk.models import Model
from agentbench_sdk.reporting.progress import Progress
from agentbench_sdk.runs.options import Options
from agentbench_sdk.runs.plan import Plan
from agentbench_sdk.runs.records import CallRecord, SampleRecord
from agentbench_sdk.runs.run import Run

if TYPE_CHECKING:
    from agentbench_sdk.reporting.beside import SideBySide

Execute = Callable[[Plan, Options], Awaitable[Run]]


@dataclass(frozen=True, slots=True)
class ModelRun:
    """What became of one of several runs.

    Attributes:
        model: its name, as the run's manifest has it.
        run: finished or interrupted; None where an error ended it.
        error: what ended it; None where there is a run.
        task: what was run: the task's name.
    """

    model: str
    run: Run | None = None
    error: AgentbenchError | None = None
    task: str = ""


class ModelRuns(list[ModelRun]):
    """What became of several models: one entry a model, in the order given."""

    @property
    def runs(self) -> list[Run]:
        """The runs there are; models that an error ended have none."""
        return [each.run for each in self if each.run is not None]

    def side_by_side(self) -> SideBySide:
        """Scores, cost and time of all, and the paired comparison.

        Raises:
            ConfigurationError: an error ended all of them.
        """
        from agentbench_sdk.reporting.beside import side_by_side

        return side_by_side(self.runs)

    def html(self, *, transcripts: int | None = None) -> str:
        """All runs as one HTML page; see `Run.html`."""
        from agentbench_sdk.reporting.page import html_parts

        return "".join(html_parts(self, transcripts=transcripts))


class SharedProgress:
    """Tells one progress of several runs: it starts with the first, knows the total of all, and is closed once.

    Arguments:
        told: who is told.
        total: attempts planned in all runs together.
    """

    def __init__(self, told: Progress, total: int) -> None:
        self._told, self._total = told, total
        self._started = False

    def start(self, total: int) -> None:
        """The first run begins; the others were counted in then."""
        if not self._started:
            self._started = True
            self._told.start(self._total)

    def sample_done(self, record: SampleRecord) -> None:
        """Pass it on."""
        self._told.sample_done(record)

    def call_done(self, call: CallRecord) -> None:
        """Pass it on."""
        self._told.call_done(call)

    def limit_changed(self, endpoint: str, limit: int) -> None:
        """Pass it on."""
        self._told.limit_changed(endpoint, limit)

    def close(self) -> None:
        """One run ended; others may go on."""

    def finish(self) -> None:
        """All runs ended."""
        if self._started:
            self._told.close()


def distinct(models: Sequence[str | Model], options: Options) -> list[str | Model]:
    """Models that can be run at once.

    Raises:
        ConfigurationError: there is none, one is named twice, or one file was named for all runs.
    """
    if isinstance(models, str) or not models:
        raise ConfigurationError("models must be a list of at least one model")
    named = [model if isinstance(model, str) else model.id for model in models]
    for place, name in enumerate(named):
        if name in named[:place]:
            raise ConfigurationError(f"the model {name!r} is named twice; for repeats use epochs")
    if options.output is not None and len(named) > 1:
        raise ConfigurationError("an output file holds one run; with several models leave it out")
    return list(models)


def check_apart(assembly: Assembly, options: Options) -> None:
    """Refuse what belongs to one run when tasks are named in a list.

    Raises:
        ConfigurationError: parameters of a task, or an output file, were given.
    """
    if options.task_params:
        raise ConfigurationError(
            "task parameters go with a single task; for several, name them in a group's members: see docs/tasks.md"
        )
    if options.output is not None and (len(assembly.leaves) > 1 or assembly.groups):
        raise ConfigurationError("an output file holds one run; with several tasks leave it out")


async def execute_all(execute: Execute, plans: Sequence[Plan], options: Options) -> ModelRuns:
    """Carry out plans at once. An error of one is kept in its place, and the others go on.

    Arguments:
        execute: carries out one plan, as `Bench.execute` does.
        plans: one a run.
        options: those that the plans were made with.

    Raises:
        SandboxUnavailableError: the sandbox that they need does not work here; nothing was sent.
        Exception: whatever is no `AgentbenchError`, after all runs have ended.
    """
    shared = SharedProgress(options.progress, sum(plan.total for plan in plans))
    told = replace(options, progress=shared)
    try:
        ended = await asyncio.gather(*(_one(execute, plan, told) for plan in plans), return_exceptions=True)
    finally:
        shared.finish()
    for outcome in ended:
        if isinstance(outcome, BaseException):
            raise outcome
    return ModelRuns(outcome for outcome in ended if isinstance(outcome, ModelRun))


async def _one(execute: Execute, plan: Plan, options: Options) -> ModelRun:
    model, task = plan.manifest.model, plan.manifest.task
    try:
        return ModelRun(model, run=await execute(plan, options), task=task)
    except SandboxUnavailableError:
        raise  # before any of them has begun
    except AgentbenchError as error:
        return ModelRun(model, error=error, task=task)
