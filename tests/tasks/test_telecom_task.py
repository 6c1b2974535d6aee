"""The task "telecom": our own sets and generated tasks, tau2-bench's where the user has them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from agentbench_sdk.bench import Bench
from agentbench_sdk.benchmark import Task
from agentbench_sdk.cli.list import command
from agentbench_sdk.environments.telecom import Telecom
from agentbench_sdk.environments.telecom.official import VARIABLE
from agentbench_sdk.environments.telecom.own import own_data
from agentbench_sdk.errors import ConfigurationError, TaskError, UnknownNameError
from agentbench_sdk.judging import JudgeCase
from agentbench_sdk.messages import Message, ToolCall
from agentbench_sdk.models.scripted import ConstantModel
from agentbench_sdk.sessions import MessageEntry, Transcript
from agentbench_sdk.simulation import Outcome
from agentbench_sdk.tasks.agentic.telecom import telecom


@pytest.fixture(autouse=True)
def _no_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)


def ids(task: Task) -> list[str]:
    return [sample.id for sample in task.load()]


def scenario_of(task: Task) -> Mapping[str, Any]:
    scenario = task.load()[0].scenario
    assert isinstance(scenario, Mapping)
    return scenario


def test_a_set_is_one_sample_a_task() -> None:
    assert ids(telecom()) == list(own_data().sets["base"])
    assert ids(telecom(set="small")) == list(own_data().sets["small"])


def test_a_sample_tells_what_it_is_made_of_and_holds_its_task() -> None:
    sample = telecom(set="small").load()[0]
    assert set(sample.metadata) == {"family", "issues", "persona", "difficulty", "solvable"}
    assert sample.cluster == f"{sample.metadata['family']}:{'|'.join(sample.metadata['issues'])}"
    world = Telecom.create(sample.scenario or "default")
    assert world.task == own_data().tasks("small")[0]


def test_the_scenario_has_what_was_asked_for() -> None:
    task = telecom(set="small", solo=True, policy="workflow", validate_communication=True, guard=False)
    scenario = {key: value for key, value in scenario_of(task).items() if key != "task"}
    assert scenario == {
        "data": "own",
        "data_sha256": own_data().sha256,
        "solo": True,
        "policy": "workflow",
        "validate_communication": True,
        "guard": False,
    }


def test_limits_and_temperatures_are_those_of_the_benchmark() -> None:
    task = telecom(set="small")
    assert (task.limits.steps, task.limits.tool_errors, task.epochs) == (200, 10, 1)
    assert (task.params.temperature, task.user_params.temperature) == (0.0, 0.0)
    assert telecom(set="small", max_steps=7, max_errors=2).limits.steps == 7


async def test_a_reward_of_one_passes_up_to_rounding() -> None:
    judge = telecom(set="small").judges[0]
    verdicts = {
        reward: (await judge.judge(JudgeCase("s", "", outcome=Outcome(reward)))).passed
        for reward in (0.0, 0.999, 1.0 - 1e-7, 1.0)
    }
    assert verdicts == {0.0: False, 0.999: False, 1.0 - 1e-7: True, 1.0: True}
    assert (judge.id, judge.scale.low, judge.scale.high) == ("reward", 0.0, 1.0)


async def test_rules_broken_are_those_that_the_world_found_and_messages_with_several_calls() -> None:
    judge = telecom(set="small").judges[1]
    call = ToolCall("1", "get_details_by_id", "{}")
    messages = [Message.assistant("a", tool_calls=calls) for calls in ([], [call], [call, call])]
    transcript = Transcript([MessageEntry("agent", message) for message in messages])
    found = Outcome(0.0, metrics={"policy_violations": 2, "policy_violation_kinds": "unidentified 2"})
    score = await judge.judge(JudgeCase("s", "", outcome=found, transcript=transcript))
    assert (score.value, score.explanation) == (3.0, "unidentified 2, several_calls 1")
    assert score.evidence == {"several_calls_at": [2]}
    clean = await judge.judge(JudgeCase("s", "", outcome=Outcome(1.0)))
    assert (clean.value, clean.explanation) == (0.0, "no rule was broken")
    assert (await judge.judge(JudgeCase("s", ""))).value is None


def test_generated_tasks_are_new_and_follow_from_their_seed() -> None:
    made = ids(telecom(generate=5, seed=3))
    assert len(made) == 5
    assert made == ids(telecom.build({"generate": "5,seed=3"}, texts=True))
    assert made == ids(telecom.build({"generate": "5", "seed": "3"}, texts=True))
    assert not set(made) & set(own_data().sets["full"])
    assert not set(made) & set(ids(telecom(generate=5)))


@pytest.mark.parametrize(
    ("params", "error", "hint"),
    [
        ({"set": "smal"}, UnknownNameError, "did you mean 'small'"),
        ({"seed": 1}, ConfigurationError, "give generate=N as well"),
        ({"generate": 0}, ConfigurationError, "give a number of tasks from 1 on"),
        ({"generate": "many"}, ConfigurationError, "'many'; give a number"),
        ({"generate": "5,seed=1", "seed": 2}, ConfigurationError, "seed is given twice"),
        ({"generate": 5, "data": "official"}, ConfigurationError, "exclude each other"),
        ({"generate": 5, "data_dir": "x"}, ConfigurationError, "data_dir and generate exclude each other"),
        ({"data": "own", "data_dir": "x"}, ConfigurationError, "data_dir and data=own exclude each other"),
        ({"data": "official"}, TaskError, f"-T data_dir=… or in {VARIABLE}"),
        ({"data_dir": "nowhere-at-all"}, TaskError, "db.toml was looked for in"),
        ({"policy": "poem"}, ConfigurationError, "parameter 'policy'"),
    ],
)
def test_wrong_parameters_are_refused_before_anything_runs(
    params: dict[str, Any], error: type[Exception], hint: str
) -> None:
    with pytest.raises(error) as caught:
        telecom(**params)
    assert hint in str(caught.value)


def test_the_list_shows_the_sets_and_what_is_wrong_with_a_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def listed() -> dict[str, Any]:
        shown = json.loads(CliRunner().invoke(command, ["tasks", "--json"]).stdout)
        found: dict[str, Any] = next(each for each in shown["tasks"] if each["name"] == "telecom")["sets"]
        return found

    assert listed() == {"own": {name: len(each) for name, each in own_data().sets.items()}}
    assert "sets (own): small 20, base 120" in CliRunner().invoke(command, ["tasks"]).stdout
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    assert "db.toml was looked for in" in listed()["tau2-bench"]
    assert "sets (tau2-bench): there are no telecom data" in CliRunner().invoke(command, ["tasks"]).stdout


async def test_a_run_reports_rewards_attempts_and_whose_doing_failures_were(tmp_path: Path) -> None:
    """The customer leaves at once; every attempt fails by its doing."""
    async with Bench(cache=None, runs=tmp_path) as bench:
        run = await bench.evaluate(
            telecom(set="small", guard=False),
            ConstantModel("What can I do?"),
            user_model=ConstantModel("Never mind. ###STOP###"),
            limit=3,
            epochs=2,
        )
    summary = run.summary()
    assert [each.k for each in summary.primary.pass_curve] == [1, 2]
    assert summary.primary.estimate.mean == 0.0
    assert [(each.side, each.rule, each.count) for each in summary.faults] == [("user", "left_early", 6)]
    assert summary.endings[0].reason == "user_stop"
    assert {each.name for each in summary.metrics} >= {
        "policy_violations",
        "needless_writes",
        "ENV_ASSERTION",
    }
