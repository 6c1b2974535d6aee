"""A stranger's package adds a task, an environment, a judge and a model without touching our code."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from agentbench_sdk.benchmark import Registry
from agentbench_sdk.errors import ConfigurationError

USE_ALL = """
import asyncio, json, sys
from agentbench_sdk import JudgeCase, Message, ModelRequest
from agentbench_sdk.benchmark import Registry

registry = Registry.discover()
kinds = ("environment", "judge", "task", "model")
found = {kind: {e.name: e.distribution for e in registry.names(kind)} for kind in kinds}
imported_early = "tally_plugin" in sys.modules

task = registry.task("tally", {"goals": "2,4", "tolerance": "1"}, texts=True)
twice = registry.task("tally-twice")
world_type = registry.environment(task.environment)
model = registry.models()["steady"]("any", amount=3)


async def play(sample):
    world = world_type.create(sample.scenario, sample.seed)
    messages = [Message.user(world.opening().observation)]
    while not world.ended:
        answer = await model.generate(ModelRequest(tuple(messages), tuple(world.tools())))
        (call,) = answer.message.tool_calls
        world.call("agent", call.name, json.loads(call.arguments))
        messages += [answer.message, Message.tool(call.id, "ok")]
    score = await task.judges[0].judge(JudgeCase(sample.id, "", outcome=world.outcome()))
    return score.passed


print(json.dumps({
    "found": found,
    "imported_early": imported_early,
    "descriptions": [e.description for kind in kinds for e in registry.names(kind) if "tally" in e.distribution],
    "judges": [judge.id for judge in (*task.judges, *twice.judges)],
    "passed": [asyncio.run(play(sample)) for sample in task.load()],
    "twice": [sample.id for sample in twice.load()],
}))
"""


@pytest.fixture(scope="module")
def used(plugin_site: Path) -> dict[str, Any]:
    """What a process says that has the plugin on its path."""
    paths = [str(plugin_site), os.environ.get("PYTHONPATH", "")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}
    done = subprocess.run(
        [sys.executable, "-c", USE_ALL],
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
        env=environment,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)  # type: ignore[no-any-return]


def test_a_strangers_package_is_seen(used: dict[str, Any]) -> None:
    for kind, name in (
        ("environment", "tally"),
        ("judge", "tally-exact"),
        ("task", "tally"),
        ("model", "steady"),
    ):
        assert used["found"][kind][name] == "tally-plugin"
    assert used["found"]["environment"]["vending"] == "agentbench-sdk"


def test_a_plugin_is_imported_when_it_is_used_and_not_before(used: dict[str, Any]) -> None:
    assert used["imported_early"] is False


def test_a_plugin_describes_itself(used: dict[str, Any]) -> None:
    assert used["descriptions"] == [
        "Add up to the goal without passing it.",
        "Pass if the counter stands at the goal, or past it by no more than the tolerance.",
        "Make a counter show a number, once for each goal.",
        "Count to two, twice.",
        "A model that adds `amount` each turn.",
    ]


def test_everything_of_a_plugin_works_together(used: dict[str, Any]) -> None:
    """Threes reach 2 within the tolerance of one, and pass 4 by two."""
    assert used["judges"] == ["tally-exact(tolerance=1)", "tally-exact(tolerance=1)"]
    assert used["passed"] == [True, False]
    assert used["twice"] == ["custom-seed-1", "custom-seed-2"]


# --- distributions that are written as metadata alone ----------------------------------------------


def _distribution(site: Path, name: str, entry_points: str) -> None:
    folder = site / f"{name.replace('-', '_')}-1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (folder / "entry_points.txt").write_text(entry_points)


def test_a_broken_plugin_is_a_sentence_and_stops_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _distribution(
        tmp_path,
        "broken-plugin",
        "[agentbench.tasks]\nbroken-task = no_such_module_at_all:task\nnot-a-task = json:dumps\n"
        "[agentbench.environments]\nnot-a-world = json:dumps\n",
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    registry = Registry.discover()
    by_name = {entry.name: entry for entry in registry.names("task")}
    assert by_name["broken-task"].problem == (
        "task 'broken-task' of distribution 'broken-plugin' cannot be loaded: ModuleNotFoundError: "
        "No module named 'no_such_module_at_all'; reinstall or remove that distribution"
    )
    assert by_name["broken-task"].description == ""
    with pytest.raises(ConfigurationError, match="'broken-plugin' cannot be loaded"):
        registry.task("broken-task")
    with pytest.raises(ConfigurationError, match=r"it must be a function with @agentbench_sdk\.task"):
        registry.task("not-a-task")
    with pytest.raises(ConfigurationError, match=r"it must be a subclass of agentbench_sdk\.Environment"):
        registry.environment("not-a-world")
    assert "vending" in {entry.name for entry in registry.names("environment")}


def test_two_distributions_with_one_name_are_both_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("first-plugin", "second-plugin"):
        _distribution(
            tmp_path, name, f"[agentbench.judges]\ntwins = json:dumps\nown-of-{name} = json:dumps\n"
        )
    monkeypatch.syspath_prepend(str(tmp_path))
    registry = Registry.discover()
    with pytest.raises(ConfigurationError) as caught:
        registry.judge("twins")
    assert "uninstall all but one" in str(caught.value)
    assert "first-plugin" in str(caught.value)
    assert "second-plugin" in str(caught.value)
    names = [entry.name for entry in registry.names("judge") if not entry.problem]
    assert "own-of-first-plugin" in names
    assert "twins" not in names
