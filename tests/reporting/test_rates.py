"""A claim about a rate is decided by its interval: kept, broken, or open."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from scipy.stats import binom

from agentbench_sdk import NotEnoughEvidence, Rate, RateTooHigh, RateTooLow, Run, assert_rate
from agentbench_sdk.errors import ConfigurationError, UnknownNameError
from agentbench_sdk.judging import Scale, Score
from agentbench_sdk.runs.records import SampleRecord
from agentbench_sdk.sessions.ending import Ending
from agentbench_sdk.statistics import wilson_interval
from agentbench_sdk.testing import ScriptedModel


def rate(right: int, of: int, **options: Any) -> Rate:
    """A rate of so many right answers."""
    return graded([float(n < right) for n in range(of)], **options)


def graded(values: list[float], *, scale: Scale | None = None, run_path: str = "", planned: int = 0) -> Rate:
    done = Ending("completed", "answered")
    records = [SampleRecord(f"s{n}", 0, done) for n in range(len(values))]
    pairs = list(zip(records, values, strict=True))
    return Rate("exact", pairs, scale=scale or Scale(), run_path=run_path, planned=planned)


@pytest.mark.parametrize(
    ("right", "finding"), [(95, "kept"), (85, "open"), (80, "open"), (75, "open"), (60, "broken")]
)
def test_a_claim_is_decided_by_the_whole_interval(right: int, finding: str) -> None:
    claim = rate(right, 100) >= 0.8
    assert claim.finding == finding
    assert bool(claim) == (finding == "kept")


@pytest.mark.parametrize("of", [30, 100, 400])
def test_a_true_rate_on_the_bound_is_rarely_taken_for_another(of: int) -> None:
    """Exactly, over all counts: an interval of 95 % errs in 2.5 % on each side; Wilson's in somewhat more."""
    chances = binom.pmf(range(of + 1), of, 0.8)
    findings = [(rate(right, of) >= 0.8).finding for right in range(of + 1)]
    for wrong in ("kept", "broken"):
        chance = sum(p for p, finding in zip(chances, findings, strict=True) if finding == wrong)
        assert 0 < chance < 0.04


@pytest.mark.parametrize(("right", "finding"), [(5, "kept"), (20, "open"), (60, "broken")])
def test_a_claim_of_at_most_is_decided_on_the_other_side(right: int, finding: str) -> None:
    assert (rate(right, 100) <= 0.2).finding == finding
    assert (rate(right, 100) < 0.2).finding == finding


def test_an_end_of_the_interval_on_the_bound_belongs_to_the_claim_that_includes_it() -> None:
    ten = rate(10, 10)
    assert ten.interval is not None
    low = ten.interval.low
    assert ten >= low
    assert not ten > low
    assert (rate(10, 10) <= 1.0).finding == "kept"
    assert (rate(10, 10) < 1.0).finding == "open"


def test_a_bound_may_stand_on_the_left() -> None:
    bound = 0.8
    assert bool(bound <= rate(95, 100))
    assert not bool(bound < rate(50, 100))


@pytest.mark.parametrize(
    ("right", "of", "bound"), [(30, 40, 0.6), (30, 40, 0.85), (19, 20, 0.9), (10, 10, 0.95)]
)
def test_the_number_of_samples_that_is_told_decides_and_few_less_do_not(
    right: int, of: int, bound: float
) -> None:
    claim = rate(right, of) >= bound
    assert claim.finding == "open"
    needed = claim.samples_needed
    assert needed is not None
    share = right / of

    def decides(n: float) -> bool:
        interval = wilson_interval(share * n, n)
        return interval.low >= bound or interval.high < bound

    assert decides(needed)
    assert not decides(0.85 * needed)


def test_graded_scores_are_extrapolated_by_the_width_of_their_interval() -> None:
    values = [0.5, 0.9] * 10
    claim = graded(values) >= 0.65
    assert claim.finding == "open"
    needed = claim.samples_needed
    assert needed is not None
    assert (graded([0.5, 0.9] * (needed // 2 + 2)) >= 0.65).finding == "kept"


def test_a_mean_on_the_bound_is_never_decided_by_more_of_the_same() -> None:
    claim = rate(80, 100) >= 0.8
    assert claim.samples_needed is None
    assert "on the bound" in str(claim)


def test_without_an_interval_nothing_is_decided_and_the_reason_is_told() -> None:
    claim = rate(1, 1) >= 0.1
    assert claim.finding == "open"
    assert "one value shows no spread" in str(claim)
    with pytest.raises(NotEnoughEvidence, match="nothing was scored"):
        (graded([], planned=3) >= 0.5).check()


def test_a_message_has_interval_missing_ones_failing_samples_and_the_way_to_open_them() -> None:
    claim = rate(4, 20, run_path="runs/a b.db", planned=22) >= 0.8
    interval = wilson_interval(4, 20)
    assert claim.lines() == [
        "refuted: exact >= 0.8",
        f"exact is 0.2, 95 % interval {interval.low:.4g} to {interval.high:.4g} (Wilson), 20 attempts",
        "open it: agentbench report 'runs/a b.db'",
        "16 on the wrong side: s4, s5, s6, s7, s8 and 11 more",
        "attempts without a score, not counted: 2",
        "read one: load_run('runs/a b.db').transcripts[('s4', 0)]",
    ]


def test_the_worst_sample_is_named_first() -> None:
    assert (graded([0.3, 0.9, 0.1, 0.8]) >= 0.85).failing == [("s2", 0), ("s0", 0), ("s3", 0)]
    assert (graded([0.3, 0.9, 0.1, 0.8]) <= 0.2).failing == [("s1", 0), ("s3", 0), ("s0", 0)]


def test_a_higher_confidence_needs_more_evidence() -> None:
    ninety = rate(90, 100)
    assert ninety >= 0.82
    assert (ninety.at(0.999) >= 0.82).finding == "open"
    assert ninety.level == 0.95


@pytest.mark.parametrize("bound", [float("nan"), float("inf"), True, "0.8", 80])
def test_a_bound_that_cannot_be_meant_is_refused(bound: object) -> None:
    with pytest.raises(ConfigurationError, match="exact is compared with"):
        rate(4, 5).against(">=", bound)  # type: ignore[arg-type]


def test_epochs_of_a_sample_are_not_independent() -> None:
    done = Ending("completed", "answered")
    records = [SampleRecord(f"s{n}", epoch, done) for n in range(10) for epoch in range(10)]
    repeated = Rate("exact", [(each, float(each.sample_id != "s0")) for each in records], scale=Scale())
    assert repeated.samples == 10
    assert repeated.interval is not None
    alone = rate(90, 100).interval
    assert alone is not None
    assert repeated.interval.width > 2 * alone.width


async def test_faults_are_not_counted_and_are_named(tmp_path: Path) -> None:
    from agentbench_sdk import Bench, Sample, Task
    from agentbench_sdk.errors import ServerError
    from agentbench_sdk.judges.exact import exact

    model = ScriptedModel(["yes", "yes", ServerError("down")])
    task = Task("yes", [Sample(f"s{n}", "?", target="yes") for n in range(3)], judges=[exact()])
    async with Bench(cache=None, runs=tmp_path) as bench:
        run = await bench.evaluate(task, model)
    claim = run["exact"] >= 0.9
    assert (run["exact"].mean, claim.failing) == (1.0, [])
    assert "attempts without a score, not counted: 1 (1 server)" in claim.lines()


async def finished(tmp_path: Path, right: int, of: int) -> Run:
    from agentbench_sdk import Bench, JudgeCase, Sample, Task, judge

    @judge
    def verdict(case: JudgeCase, strict: bool = True) -> Score:
        return Score(1.0 if case.target else 0.5, passed=bool(case.target))

    samples = [Sample(f"s{n}", "?", target=int(n < right)) for n in range(of)]
    async with Bench(cache=None, runs=tmp_path) as bench:
        task = Task("yes", samples, judges=[verdict(strict=False)])
        return await bench.evaluate(task, ScriptedModel(lambda request: "yes"))


async def test_a_run_gives_rates_by_judge_and_accuracy_by_verdict(tmp_path: Path) -> None:
    run = await finished(tmp_path, 18, 20)
    judge_id = run.manifest.judges[0].id
    assert run[judge_id].mean == pytest.approx(0.95)
    assert run["verdict"].mean == run[judge_id].mean
    assert run["accuracy"].mean == pytest.approx(0.9)
    assert run[judge_id].interval == run.summary().primary.estimate.interval
    with pytest.raises(UnknownNameError, match="there is verdict"):
        run["other"]
    with pytest.raises(TypeError, match="not iterable"):
        list(run)  # type: ignore[call-overload]


async def test_assert_rate_tells_too_low_and_too_high_from_not_enough(tmp_path: Path) -> None:
    run = await finished(tmp_path, 18, 20)
    assert_rate(run, "accuracy", at_least=0.6)
    assert_rate(run, "accuracy", at_least=0.5, at_most=0.99, confidence=0.9)
    with pytest.raises(RateTooLow, match="s18, s19"):
        assert_rate(run, "accuracy", at_least=0.99)
    with pytest.raises(RateTooHigh, match=r"refuted: accuracy <= 0.5"):
        assert_rate(run, "accuracy", at_most=0.5)
    with pytest.raises(NotEnoughEvidence, match=r"about [0-9]+ samples would decide"):
        assert_rate(run, "accuracy", at_least=0.8)
    with pytest.raises(RateTooHigh):
        assert_rate(run, "accuracy", at_least=0.8, at_most=0.6)
    with pytest.raises(ConfigurationError, match="at_least"):
        assert_rate(run, "accuracy")


async def test_a_number_that_the_environment_reports_is_a_rate_too(tmp_path: Path) -> None:
    from agentbench_sdk import Bench

    async with Bench(cache=None, runs=tmp_path) as bench:
        run = await bench.evaluate("vending", "scripted/vending/idle", limit=3)
    metric = next(each for each in run.summary().metrics if each.kind == "metric")
    found = run[metric.name]
    assert found.mean == pytest.approx(metric.estimate.mean)
    assert found.samples == 3
    assert found.scale == Scale(None, None)
    assert run["reward"].mean is not None
    with pytest.raises(UnknownNameError, match=f"did you mean '{metric.name}'"):
        run[metric.name + "x"]
