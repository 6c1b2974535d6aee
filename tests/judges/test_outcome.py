"""The `outcome` judge."""

from typing import Any

import pytest

from agentbench_sdk.errors import ConfigurationError, JudgeError
from agentbench_sdk.judges.outcome import outcome
from agentbench_sdk.judging import Judge, JudgeCase, Scale, Score
from agentbench_sdk.simulation import Outcome

OUTCOME = Outcome(
    reward=12_345,
    unit="cents",
    end_reason="horizon",
    components={"cash": 10_000.0, "stock": 2_345.0},
    metrics={"units_sold": 17, "note": "slow", "nothing": None},
)


async def score(given: Outcome | None = OUTCOME, **options: Any) -> Score:
    return await outcome(**options).judge(JudgeCase("s1", "", outcome=given))


async def test_the_reward_is_the_score() -> None:
    verdict = await score()
    assert (verdict.value, verdict.passed) == (12_345, None)
    assert verdict.evidence["end_reason"] == "horizon"


async def test_cents_become_dollars() -> None:
    verdict = await score(divide=100, unit="dollars")
    assert verdict.value == 123.45
    assert outcome(divide=100, unit="dollars").scale == Scale(None, None, "dollars")
    assert "123.45 dollars" in verdict.explanation


async def test_components_and_metrics_are_chosen_by_name() -> None:
    assert (await score(component="stock")).value == 2_345
    assert (await score(metric="units_sold")).value == 17


async def test_a_threshold_gives_a_verdict_and_counts_as_reached() -> None:
    assert (await score(metric="units_sold", threshold=17)).passed is True
    assert (await score(metric="units_sold", threshold=17.5)).passed is False
    assert (await score(divide=100, threshold=123.45)).passed is True


async def test_what_the_environment_leaves_open_is_unscored_not_zero() -> None:
    assert not (await score(Outcome())).is_scored
    assert not (await score(metric="nothing")).is_scored


@pytest.mark.parametrize(
    ("given", "options", "message"),
    [
        (None, {}, "needs a task with an environment"),
        (OUTCOME, {"component": "debt"}, "cash, stock"),
        (OUTCOME, {"metric": "cash"}, "no metric"),
        (OUTCOME, {"metric": "note"}, "no finite number"),
        (Outcome(reward=float("nan")), {}, "no finite number"),
        (OUTCOME, {"low": 0, "high": 1}, "outside"),
        (OUTCOME, {"low": 20_000}, "outside"),
    ],
)
async def test_what_cannot_be_a_score_is_an_error_that_names_it(
    given: Outcome | None, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(JudgeError, match=message):
        await score(given, **options)


@pytest.mark.parametrize(
    "options",
    [
        {"component": "a", "metric": "b"},
        {"divide": 0},
        {"divide": "100"},
        {"low": 1, "high": 1},
        {"threshold": float("nan")},
        {"high": True},
    ],
)
def test_bad_options_are_refused_before_a_run(options: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match="judge 'outcome'"):
        outcome(**options)


def test_it_is_a_judge_whose_id_names_its_options() -> None:
    judge = outcome(divide=100, unit="dollars")
    assert isinstance(judge, Judge)
    assert judge.id == "outcome(divide=100, unit='dollars')"
    assert outcome().id == "outcome"
