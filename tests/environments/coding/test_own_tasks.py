"""Our own tasks: complete, told apart, and verified: references pass, wrong solutions and the untouched start fail."""

from __future__ import annotations

from collections import Counter

import pytest

from agentbench_sdk.environments.coding.folder import CHECKS, TaskFolder, own_names, own_task
from agentbench_sdk.environments.coding.verification import verify
from agentbench_sdk.sandbox import SandboxSpec
from agentbench_sdk.sandbox.bubblewrap import Bubblewrap

CATEGORIES = {
    "bug-repair",
    "command-line",
    "data-wrangling",
    "feature",
    "performance",
    "refactoring",
    "shell",
}
TASKS = {name: own_task(name) for name in own_names()}
FIRST_OF_EACH = {task.settings.metadata.category: name for name, task in reversed(TASKS.items())}


async def rewards(task: TaskFolder, provider: Bubblewrap, most: int | None = None) -> dict[str, float]:
    """The reward of the reference, of the wrong solutions (the first so many), and of the start."""
    wrong = dict(list(task.wrong().items())[:most])
    solutions = {"reference": task.below("solution"), **wrong, **({"start": {}} if most is None else {})}
    found = {}
    for name, files in solutions.items():
        executable = task.work_executable() | task.executable_below("solution")
        spec = SandboxSpec(files=task.work_files() | files, executable=executable)
        found[name] = (await verify(task, provider, spec, until_failure=True)).reward
    return found


def test_there_are_enough_of_all_kinds() -> None:
    assert len(TASKS) >= 40
    kinds = Counter(task.settings.metadata.category for task in TASKS.values())
    assert set(kinds) == CATEGORIES
    assert min(kinds.values()) >= 3
    assert {task.settings.metadata.difficulty for task in TASKS.values()} == {"easy", "medium", "hard"}


@pytest.mark.parametrize("name", TASKS)
def test_each_is_complete(name: str) -> None:
    task = TASKS[name]
    assert task.kind == "checks"
    assert len(task.wrong()) >= 3
    assert task.below("solution")
    assert task.settings.metadata.title
    assert task.files[CHECKS].count(b"def test_") >= 2
    assert not any(path.startswith(("tests/", "solution/")) for path in task.work_files())


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", sorted(FIRST_OF_EACH.values()))
async def test_one_of_each_kind_tells_right_from_wrong(name: str, bubblewrap: Bubblewrap) -> None:
    found = await rewards(TASKS[name], bubblewrap, most=1)
    assert found == {solution: float(solution == "reference") for solution in found}


@pytest.mark.every_task
@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", TASKS)
async def test_every_task_tells_right_from_wrong(name: str, bubblewrap: Bubblewrap) -> None:
    found = await rewards(TASKS[name], bubblewrap)
    assert found == {solution: float(solution == "reference") for solution in found}
