"""The share of tau2-bench's tasks, and of our own, that an agent solves with the scripted customer: all of them."""

from __future__ import annotations

import pytest

from agentbench_sdk.environments.telecom.own import generate, own_data
from agentbench_sdk.environments.telecom.policies import ORACLES, POLICIES
from agentbench_sdk.environments.telecom.task import TelecomTask
from agentbench_sdk.environments.telecom.users.script import Script
from agentbench_sdk.environments.telecom.users.speech import temper_of
from agentbench_sdk.simulation import Oracle
from tests.compat.telecom_corpus import FOLDER, needs_corpus, official
from tests.environments.telecom.play import play


def _agent(name: str) -> Oracle:
    return ORACLES[name] if name in ORACLES else lambda opening, truth: POLICIES[name](opening)


def _report(what: str, tasks: list[TelecomTask], **data: str) -> None:
    for name in ("ground-truth", "workflow"):
        played = [play(task, _agent(name), **data) for task in tasks]
        solved = sum(each.reward == 1 for each in played)
        print(f"{what}, {name}: {solved} of {len(tasks)} solved")  # noqa: T201 - the figure of this test
        assert [each.world.task.id for each in played if each.reward != 1] == []
        assert [each.objections for each in played if each.objections] == []


@needs_corpus
@pytest.mark.parametrize(("name", "step"), [("base", 1), ("full", 41)])
def test_every_task_of_tau2_bench_is_solved_with_the_scripted_customer(name: str, step: int) -> None:
    _report(f"tau2-bench {name}", list(official().tasks(name))[::step], data="official", data_dir=str(FOLDER))


def test_every_task_of_ours_is_solved_with_the_scripted_customer() -> None:
    _report("own", list(own_data().tasks("full"))[::3])
    _report("generated", generate(30, seed=2025))


@needs_corpus
def test_the_scripts_of_tau2_bench_are_read_right() -> None:
    for task in official().tasks("full"):
        script = Script.of({"user_scenario": task.user_scenario.model_dump()})
        assert f"[{script.family}_issue]" in task.id
        assert (script.name, script.number) == ("John Smith", "555-123-2002")
        assert script.refuel_gb == (0.0 if script.family == "service" else 2.0)
        assert script.pays == (script.family == "service")
        assert ("abroad" in script.place) == ("user_abroad" in task.id)


@needs_corpus
def test_personas_of_tau2_bench_have_tempers() -> None:
    tempers = {
        task.id.rpartition(":")[2].rstrip("]"): temper_of(task.user_scenario.persona or "").name
        for task in official().tasks("full")
    }
    assert tempers == {"None": "plain", "Easy": "friendly", "Hard": "novice"}
