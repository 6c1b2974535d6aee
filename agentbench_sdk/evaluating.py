"""`evaluate`: one call that makes a bench of its own, runs what it is given and closes the bench again."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any, overload

from agentbench_sdk.bench import DEFAULT_CACHE, DEFAULT_RUNS, Bench
from agentbench_sdk.benchmark import Task, TaskGroup
from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.models import Model
from agentbench_sdk.planning import Tasks
from agentbench_sdk.runs.grid import RunGrid
from agentbench_sdk.runs.run import Run
from agentbench_sdk.runs.several import ModelRuns
from agentbench_sdk.sandbox import SandboxProvider


@overload
async def evaluate(
    task: str | Path | Task,
    model: str | Model,
    *,
    cache: str | Path | None = ...,
    runs: str | Path = ...,
    max_connections: int | None = ...,
    sandbox: str | SandboxProvider | None = ...,
    **options: Any,
) -> Run: ...


@overload
async def evaluate(
    task: str | Path | Task,
    *,
    models: Sequence[str | Model],
    cache: str | Path | None = ...,
    runs: str | Path = ...,
    max_connections: int | None = ...,
    sandbox: str | SandboxProvider | None = ...,
    **options: Any,
) -> ModelRuns: ...


@overload
async def evaluate(
    task: Tasks,
    model: str | Model | None = ...,
    *,
    models: Sequence[str | Model] | None = ...,
    cache: str | Path | None = ...,
    runs: str | Path = ...,
    max_connections: int | None = ...,
    sandbox: str | SandboxProvider | None = ...,
    **options: Any,
) -> RunGrid: ...


async def evaluate(
    task: str | Path | Task | Tasks,
    model: str | Model | None = None,
    *,
    models: Sequence[str | Model] | None = None,
    cache: str | Path | None = DEFAULT_CACHE,
    runs: str | Path = DEFAULT_RUNS,
    max_connections: int | None = None,
    sandbox: str | SandboxProvider | None = None,
    **options: Any,
) -> Run | ModelRuns | RunGrid:
    """Evaluate a task against a model, or several at once, on a bench of its own; see `Bench` and `Options`.

    Returns:
        For one task and `model` its run: scores, transcripts, summary, and the file that holds them. For one task
        and `models` what `Bench.evaluate_models` returns. For a list of tasks, in which groups may stand, or for a
        `TaskGroup`, what `Bench.evaluate_tasks` returns.

    Raises:
        UsageError: something does not exist or does not fit; nothing was started.
    """
    if (model is None) == (models is None):
        raise ConfigurationError("name either one model or models=[…], and not both")
    several = [model] if model is not None else models or []
    async with Bench(cache=cache, runs=runs, max_connections=max_connections, sandbox=sandbox) as bench:
        if isinstance(task, list | tuple | TaskGroup):
            return await bench.evaluate_tasks(task, several, **options)
        if model is not None:
            return await bench.evaluate(task, model, **options)
        return await bench.evaluate_models(task, several, **options)


@overload
def evaluate_sync(task: str | Path | Task, model: str | Model, **options: Any) -> Run: ...


@overload
def evaluate_sync(task: str | Path | Task, *, models: Sequence[str | Model], **options: Any) -> ModelRuns: ...


@overload
def evaluate_sync(task: Tasks, model: str | Model | None = ..., **options: Any) -> RunGrid: ...


def evaluate_sync(
    task: str | Path | Task | Tasks, model: str | Model | None = None, **options: Any
) -> Run | ModelRuns | RunGrid:
    """`evaluate` for scripts without an event loop.

    Raises:
        ConfigurationError: an event loop is running in this thread already; await `evaluate` there.
    """
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        given = options if model is None else {"model": model, **options}
        found: Run | ModelRuns | RunGrid = asyncio.run(evaluate(task, **given))
        return found
    raise ConfigurationError("an event loop is running here: use `await evaluate(…)`")
