"""The task "vending": one session a seed, in dollars."""

from typing import Any

import pytest

from agentbench_sdk.benchmark import Task
from agentbench_sdk.errors import ConfigurationError, UnknownNameError
from agentbench_sdk.judging import JudgeCase
from agentbench_sdk.simulation import Outcome
from agentbench_sdk.tasks.agentic.vending import vending


def test_each_seed_is_a_sample_and_a_cluster() -> None:
    task = vending(seeds="1-2,9")
    samples = task.load()
    assert task.environment == "vending"
    assert [sample.id for sample in samples] == ["smoke-30-seed-1", "smoke-30-seed-2", "smoke-30-seed-9"]
    assert [(sample.scenario, sample.seed, sample.cluster) for sample in samples][2] == (
        "smoke-30",
        9,
        "seed-9",
    )


def test_the_default_is_five_seeds_of_smoke_30() -> None:
    assert [sample.seed for sample in vending().load()] == [1, 2, 3, 4, 5]


async def test_the_score_is_the_bank_in_dollars() -> None:
    (judge,) = vending().judges
    assert (judge.scale.low, judge.scale.high, judge.scale.unit) == (0.0, None, "USD")
    score = await judge.judge(JudgeCase("s", "", outcome=Outcome(44_000.0, unit="cents")))
    assert score.value == 440.0


def test_the_session_outlasts_the_actions_of_the_world() -> None:
    assert vending(scenario="tiny-7").limits.turns == 300
    assert vending(scenario="smoke-30").limits.turns == 700


def test_overrides_change_the_scenario_and_the_fingerprint() -> None:
    task = vending.build({"seeds": "3", "overrides": '{"fee_cents": 500}'}, texts=True)
    (sample,) = task.load()
    assert sample.scenario == {"base": "smoke-30", "fee_cents": 500}
    prints = {each.fingerprint(each.load()) for each in (task, vending(seeds=3), vending(seeds=4))}
    assert len(prints) == 3


@pytest.mark.parametrize(
    ("params", "error", "hint"),
    [
        ({"scenario": "smoke-31"}, UnknownNameError, "did you mean 'smoke-30'"),
        ({"seeds": "5-1"}, ConfigurationError, "runs backwards"),
        ({"overrides": {"fee": 1}}, ConfigurationError, "fee_cents"),
        ({"overrides": {"fee_cents": "1"}}, ConfigurationError, "fee_cents: Input should be a valid integer"),
    ],
)
def test_wrong_parameters_are_refused_before_anything_runs(
    params: dict[str, Any], error: type[Exception], hint: str
) -> None:
    with pytest.raises(error) as caught:
        vending(**params)
    assert hint in str(caught.value)


def test_a_task_is_what_it_returns() -> None:
    assert isinstance(vending(), Task)
    assert vending.description.startswith("An agent runs a vending machine business")
