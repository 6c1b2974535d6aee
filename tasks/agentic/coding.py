"""Coding: an agent changes the files of a folder until hidden checks pass, one session a task."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from agentbench_sdk.benchmark import Sample, Task, task
from agentbench_sdk.environments.coding.folder import TaskFolder, own_names, own_task, read_tasks
from agentbench_sdk.errors import TaskError, UnknownNameError
from agentbench_sdk.judges.outcome import outcome
from agentbench_sdk.sessions.ending import Limits

ALL = "all"


@lru_cache(maxsize=1)
def _own() -> tuple[TaskFolder, ...]:
    return tuple(own_task(name) for name in own_names())


def _sets() -> Mapping[str, Mapping[str, int] | str]:
    return {"own": {ALL: len(_own()), **Counter(each.settings.metadata.category for each in _own())}}


@task(sets=_sets)
def coding(
    set: str = ALL,
    tasks_dir: str = "",
    max_turns: int = 60,
    command_seconds: float = 60.0,
    memory_mb: int = 1024,
) -> Task:
    """Coding in a sandbox: repair, extend, speed up or write small programs; hidden checks decide.

    Arguments:
        set: which of our own tasks: all, or a category such as bug-repair; see `agentbench list tasks`.
        tasks_dir: a folder of task folders in Harbor's format, in place of our own; those that need a
            container image want `--sandbox docker` or `--sandbox podman`.
        max_turns: answers of the model after which a session is cut off; what it left is checked.
        command_seconds: what one command may take.
        memory_mb: what the commands may use, unless the task says otherwise.

    Raises:
        UnknownNameError: no such set.
        TaskError: a task folder is missing or broken; names file and field.
    """
    return Task(
        name="coding",
        description="Programming in a sandbox; the score is the share of tasks whose hidden checks all pass.",
        environment="coding",
        samples=[_sample(each, command_seconds, memory_mb) for each in _chosen(set, tasks_dir)],
        judges=[outcome(low=0.0, high=1.0, threshold=1.0, label="solved")],
        limits=Limits(turns=max_turns),
    )


def _chosen(set_name: str, tasks_dir: str) -> list[TaskFolder]:
    if tasks_dir:
        folder = Path(tasks_dir).expanduser()
        if not folder.is_dir():
            raise TaskError("there is no such folder of coding tasks", file=str(folder), field="tasks_dir")
        return read_tasks(folder)
    if set_name == ALL:
        return list(_own())
    found = [each for each in _own() if each.settings.metadata.category == set_name]
    if not found:
        raise UnknownNameError("set of task 'coding'", set_name, _sets()["own"])
    return found


def _sample(each: TaskFolder, command_seconds: float, memory_mb: int) -> Sample:
    metadata = each.settings.metadata
    return Sample(
        id=each.name,
        scenario={
            "task": each.name,
            "folder": "" if each.path is None else str(each.path.resolve()),
            "sha256": each.sha256,
            "command_seconds": command_seconds,
            "memory_mb": each.settings.environment.memory_mb or memory_mb,
        },
        metadata={"category": metadata.category, "difficulty": metadata.difficulty},
    )
