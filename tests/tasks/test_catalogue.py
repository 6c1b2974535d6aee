"""Every task of the repository loads, is described, and has samples with ids of their own."""

import pytest

from agentbench_sdk.benchmark import Registry

OURS = [entry.name for entry in Registry.discover().names("task") if entry.distribution == "agentbench-sdk"]


def test_the_catalogue_is_registered() -> None:
    assert {"vending", "calendar_questions"} <= set(OURS)


@pytest.mark.parametrize("name", OURS)
def test_a_task_of_the_catalogue_loads(name: str) -> None:
    registry = Registry.discover()
    (entry,) = [entry for entry in registry.names("task") if entry.name == name]
    task = registry.task(name)
    samples = task.load()
    assert (entry.problem, task.name) == ("", name)
    assert entry.description
    assert len({sample.id for sample in samples}) == len(samples)
    assert task.judges
    world = registry.environment(task.environment) if task.environment else None
    assert len(task.fingerprint(samples, world)) == 64
