"""`gate` and `agentbench gate`: evidence of a drop, of none, or of neither."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import agentbench_sdk as ab
from agentbench_sdk import Run, Sample, Task, evaluate_sync
from agentbench_sdk.cli import cli
from agentbench_sdk.errors import ConfigurationError, RequestRejectedError
from agentbench_sdk.judges import includes
from agentbench_sdk.judging import Scale
from agentbench_sdk.testing import ScriptedModel

Make = Callable[..., Run]
N = 60
TASK = Task("said", [Sample(f"s{i}", f"say {i}", target="so") for i in range(N)], judges=[includes()])


class Errors:
    """A share of errors: low is good."""

    id, scale = "errors", Scale(0, 1, better="lower")

    async def judge(self, case: Any) -> ab.Score:
        return ab.Score(float("so" not in case.answer))


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """A run whose first `right` answers are right, and whose last `failing` questions are refused."""

    def made(right: int, failing: int = 0, task: Task = TASK) -> Run:
        def answer(request: Any) -> Any:
            number = int(request.messages[-1].text.split()[-1])
            if number >= N - failing:
                return RequestRejectedError("the endpoint refuses this question")
            return "so" if number < right else "no"

        return evaluate_sync(task, ScriptedModel(answer), cache=None, runs=tmp_path)

    return made


def test_evidence_of_a_drop_fails(make: Make) -> None:
    result = ab.gate(make(30), make(50), 0.02)
    assert (result.verdict, result.exit_code) == ("failed", 1)
    assert result.drop == pytest.approx(1 / 3)
    assert result.interval is not None
    assert result.interval.low > 0.02
    assert str(result).startswith("failed: the drop of the score is 0.333 [")


def test_evidence_of_none_passes(make: Make) -> None:
    result = ab.gate(make(50), make(50), 0.1)
    assert (result.verdict, result.exit_code) == ("passed", 0)
    assert result.drop == 0
    assert ab.gate(make(59), make(30), 0.0).verdict == "passed"


def test_evidence_of_neither_is_said(make: Make) -> None:
    result = ab.gate(make(49), make(50), 0.02)
    assert (result.verdict, result.exit_code) == ("undecided", 4)
    assert "evidence neither of a larger drop nor of none" in result.reason
    assert result.samples_needed is not None
    assert result.samples_needed > N
    assert f"some {result.samples_needed:,} samples would show it" in result.reason


def test_no_number_of_samples_proves_that_nothing_at_all_was_lost(make: Make) -> None:
    result = ab.gate(make(49), make(50), 0.0)
    assert result.verdict == "undecided"
    assert result.samples_needed is None


def test_the_same_run_is_judged_by_how_much_is_allowed(make: Make) -> None:
    new, old = make(44), make(50)
    assert [ab.gate(new, old, allowed).verdict for allowed in (0.0, 0.1, 0.3)] == [
        "failed",
        "undecided",
        "passed",
    ]


def test_attempts_without_a_score_may_keep_it_open(make: Make) -> None:
    old = make(30)
    assert ab.gate(make(30, failing=3), old, 0.1).verdict == "passed"
    result = ab.gate(make(30, failing=10), old, 0.1)
    assert result.verdict == "passed"  # what was refused was wrong before: it cannot have become worse
    all_right = make(60)
    hidden = ab.gate(make(60, failing=10), all_right, 0.1)
    assert hidden.verdict == "undecided"
    assert "10 attempts without a score could turn that" in hidden.reason


def test_where_low_is_good_a_rise_is_a_drop(make: Make) -> None:
    task = Task("erred", TASK.samples, judges=[Errors()])
    result = ab.gate(make(30, task=task), make(50, task=task), 0.02)
    assert result.verdict == "failed"
    assert result.drop == pytest.approx(1 / 3)


@pytest.mark.parametrize(("right", "code"), [(30, 1), (50, 0), (43, 4)])
def test_the_exit_code_says_it(make: Make, right: int, code: int) -> None:
    old, new = make(50), make(right)
    order = ["gate", str(new.path), "--baseline", str(old.path), "--max-drop", "0.1"]
    shown = CliRunner().invoke(cli, order)
    assert shown.exit_code == code, shown.output
    assert f"agentbench compare {old.path} {new.path}" in shown.output
    given = CliRunner().invoke(cli, [*order, "--json"])
    assert given.exit_code == code
    figures = json.loads(given.output)
    assert figures["verdict"] == {1: "failed", 0: "passed", 4: "undecided"}[code]
    assert len(figures["comparison"]["pairs"][0]["losses"]) == 50 - right


def test_wrong_uses_are_told_in_a_sentence(make: Make) -> None:
    run = make(50)
    with pytest.raises(ConfigurationError, match="itself: name two runs to compare"):
        ab.gate(run, run, 0.02)
    with pytest.raises(ConfigurationError, match="the allowed drop is a number from 0 on"):
        ab.gate(run, make(50), -0.1)


def test_a_gate_errs_no_more_often_than_its_level_says() -> None:
    """2,000 runs whose true drop is just what is allowed: at most 2.5 % pass, and 2.5 % fail."""
    import numpy as np

    from agentbench_sdk.reporting.gate import _verdict
    from agentbench_sdk.statistics import estimate_mean

    generator, verdicts = np.random.default_rng(77), []
    for _ in range(2000):
        ease = generator.uniform(0.3, 0.9, 200)
        old, new = generator.random(200) < ease, generator.random(200) < ease - 0.05
        interval = estimate_mean(old.astype(float) - new, None, Scale(-1, 1)).interval
        verdicts.append(_verdict(interval, 0.05, None)[0])
    assert verdicts.count("passed") / 2000 <= 0.035
    assert verdicts.count("failed") / 2000 <= 0.035
    assert verdicts.count("undecided") / 2000 >= 0.93
