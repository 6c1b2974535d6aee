"""A summary counts everything once, hides nothing that is missing, and never raises."""

from __future__ import annotations

import json
import random
import tracemalloc
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from agentbench_sdk.judging import Score
from agentbench_sdk.messages import Usage
from agentbench_sdk.models import Timing
from agentbench_sdk.reporting import render, summarize
from agentbench_sdk.runs.records import CallRecord, JudgeInfo, Manifest, SampleRecord
from agentbench_sdk.sessions.ending import STATUSES, Ending
from agentbench_sdk.simulation import Outcome
from agentbench_sdk.statistics import cluster_error, wilson_interval

Make = Callable[..., Any]


def test_what_has_no_score_is_counted_and_bounded_but_never_zero(
    manifest: Make, mixed: list[SampleRecord]
) -> None:
    judge = summarize(manifest(), mixed).primary
    assert judge.estimate.mean == pytest.approx(2 / 3)
    assert judge.estimate.interval == wilson_interval(2, 3)
    assert (judge.scored, judge.unscored, judge.failed, judge.cancelled) == (3, 1, 1, 0)
    assert judge.bounds.to_dict() == {"low": pytest.approx(2 / 5), "high": pytest.approx(4 / 5)}
    assert judge.unscored_example == "the verdict was no JSON"


def test_a_score_that_is_missing_or_no_number_is_unscored(manifest: Make, record: Make) -> None:
    scores = [Score(float("nan")), Score(float("inf")), Score(10**400), Score(None, passed=True), Score(1.0)]
    records = [record(f"s{i}", 0, score) for i, score in enumerate(scores)] + [record("s9")]
    judge = summarize(manifest(), records).primary
    assert (judge.scored, judge.unscored) == (1, 5)
    assert judge.passed is None


def test_scores_of_a_failed_attempt_do_not_count(manifest: Make, record: Make) -> None:
    lost = record("s1", 0, 1.0, ending=Ending("failed", "server"), outcome=Outcome(5.0))
    summary = summarize(manifest(), [lost])
    assert (summary.primary.scored, summary.primary.failed, summary.failed) == (0, 1, 1)
    assert summary.metrics == ()
    assert summary.primary.estimate.mean is None
    assert summary.primary.bounds.to_dict() == {"low": 0.0, "high": 1.0}


def test_a_limit_that_was_reached_is_scored_and_an_interruption_is_not(manifest: Make, record: Make) -> None:
    limit, stopped = Ending("limit", "turns"), Ending("cancelled", "interrupted")
    judge = summarize(manifest(), [record("a", 0, 1.0, ending=limit), record("b", ending=stopped)]).primary
    assert (judge.scored, judge.cancelled, judge.without_score) == (1, 1, 1)


def test_epochs_of_a_sample_are_not_independent(manifest: Make, record: Make) -> None:
    records = [record(f"s{i}", epoch, float(i % 2)) for i in range(10) for epoch in range(4)]
    judge = summarize(manifest(epochs=4), records).primary
    assert (judge.estimate.n, judge.estimate.n_clusters) == (40, 10)
    assert judge.estimate.method == "Wilson, cluster-robust"
    assert judge.repeats is not None
    assert judge.repeats.intraclass_correlation == pytest.approx(1.0)


def test_a_cluster_takes_its_samples_together(manifest: Make, record: Make) -> None:
    import numpy as np

    values = [0.1, 0.4, 0.5, 0.9, 0.3, 0.2]
    records = [record(f"s{i}", 0, value, cluster=f"video{i // 2}") for i, value in enumerate(values)]
    found = summarize(manifest(), records).primary.estimate
    assert found.n_clusters == 3
    assert found.std_error == pytest.approx(
        cluster_error(np.array(values), np.array([0, 0, 1, 1, 2, 2])).std_error
    )


def test_repeats_tell_the_chance_of_one_pass_and_of_all(manifest: Make, record: Make) -> None:
    passes = [[True, True], [True, False], [False, False], [True]]
    records = [
        record(f"s{i}", epoch, Score.of(passed))
        for i, epochs in enumerate(passes)
        for epoch, passed in enumerate(epochs)
    ]
    judge = summarize(manifest(epochs=2), records).primary
    assert judge.k == 2
    assert judge.pass_at_k is not None
    assert judge.pass_hat_k is not None
    assert judge.pass_at_k.mean == pytest.approx(2 / 3)
    assert judge.pass_at_k.n == 3
    assert judge.pass_hat_k.mean == pytest.approx(1 / 3)


def test_endings_are_counted_with_the_first_example_by_sample(manifest: Make, record: Make) -> None:
    def failed(detail: str) -> Ending:
        return Ending("failed", "server", detail)

    records = [record("s10", ending=failed("ten")), record("s9", ending=failed("nine")), record("a", 0, 1.0)]
    first, second = summarize(manifest(), records).endings
    assert (first.status, first.reason, first.count) == ("failed", "server", 2)
    assert (first.example_sample, first.example_detail) == ("s9", "nine")
    assert (second.status, second.count) == ("completed", 1)


def test_usage_tells_roles_cached_answers_and_unknown_prices_apart(
    manifest: Make, mixed: list[SampleRecord], call: Make
) -> None:
    calls = [call(), call(), call(cached=True), call("judge")]
    agent, judge = summarize(manifest(), mixed, calls).usage
    assert (agent.role, agent.calls, agent.cached_calls) == ("agent", 3, 1)
    assert agent.usage == Usage(4000, 800, 200, 0, 1.0)
    assert agent.spent_usd == pytest.approx(0.75)
    assert agent.unpriced == 0
    assert (judge.usage.cost_usd, judge.spent_usd, judge.unpriced) == (None, None, 4)
    assert summarize(manifest(), mixed).usage[0].calls is None


def test_a_price_that_is_known_for_some_only_is_said_to_be_incomplete(manifest: Make, record: Make) -> None:
    records = [
        record("a", 0, 1.0, usage={"agent": Usage(10, 1, cost_usd=0.5)}),
        record("b", 0, 1.0, usage={"agent": Usage(10, 1)}),
        record("c", 0, 1.0, usage={"agent": Usage()}),
    ]
    summary = summarize(manifest(), records)
    assert (summary.usage[0].usage.cost_usd, summary.usage[0].unpriced) == (0.5, 1)
    assert "$0.5000 + unknown" in render(summary)


def test_times_of_calls_are_percentiles_by_role_and_endpoint(manifest: Make, call: Make) -> None:
    calls = [call(timing=Timing(i / 10, 1.0, 0.2 if i else None, 1 + (i == 3))) for i in range(11)]
    (times,) = summarize(manifest(), [], [*calls, call(cached=True)]).calls
    assert (times.role, times.endpoint, times.retried) == ("agent", "http://h/v1", 1)
    assert times.queue is not None
    assert times.total is not None
    assert times.first_token is not None
    assert (times.queue.n, times.queue.p50, times.queue.p90, times.queue.max) == pytest.approx(
        (11, 0.5, 0.9, 1.0)
    )
    assert times.total.p50 == pytest.approx(1.5)
    assert times.first_token.n == 10


def test_numbers_of_the_environment_have_intervals_too(manifest: Make, record: Make) -> None:
    outcomes = [
        Outcome(100.0 * i, "cents", "horizon", {"tips": float(i)}, {"units": i, "best": "cola", "gap": None})
        for i in range(1, 6)
    ]
    records = [record(f"s{i}", 0, 1.0, outcome=outcome) for i, outcome in enumerate(outcomes)]
    reward, tips, units = summarize(manifest(), records).metrics
    assert (reward.name, reward.kind, reward.unit, reward.low, reward.high) == (
        "reward",
        "reward",
        "cents",
        100,
        500,
    )
    assert (tips.kind, tips.unit) == ("component", "cents")
    assert (units.kind, units.unit, units.estimate.mean) == ("metric", "", 3.0)
    assert units.estimate.interval is not None
    assert units.estimate.interval.low == pytest.approx(3 - 2.7764451 * (2.5 / 5) ** 0.5)


def test_few_attempts_are_listed_in_order_and_many_are_not(manifest: Make, record: Make) -> None:
    few = summarize(manifest(), [record(f"s{i}", 0, 1.0) for i in reversed(range(20))])
    assert [line.sample_id for line in few.lines] == [f"s{i}" for i in range(20)]
    assert summarize(manifest(), [record(f"s{i}", 0, 1.0) for i in range(21)]).lines == ()


def test_a_line_tells_why_there_is_no_score(manifest: Make, mixed: list[SampleRecord]) -> None:
    lines = summarize(manifest(), mixed).lines
    assert (lines[3].value, lines[3].explanation) == (None, "the verdict was no JSON")
    assert (lines[4].value, lines[4].explanation) == (None, "the endpoint answered 500")


def test_the_order_of_records_changes_no_digit(manifest: Make, record: Make) -> None:
    generator = random.Random(1)
    records = [
        record(f"s{i}", epoch, generator.random(), usage={"agent": Usage(1, 1, cost_usd=generator.random())})
        for i in range(6)
        for epoch in range(3)
    ]
    first = summarize(manifest(epochs=3), records).to_dict()
    for _ in range(5):
        generator.shuffle(records)
        assert summarize(manifest(epochs=3), records).to_dict() == first


def test_a_judge_that_the_manifest_does_not_name_has_no_known_scale(manifest: Make, record: Make) -> None:
    summary = summarize(manifest(), [record("a", scores={"other": Score(7.0)}), record("b")])
    assert [judge.id for judge in summary.judges] == ["exact", "other"]
    assert (summary["other"].scored, summary["other"].unscored) == (1, 1)
    assert summary["other"].bounds.to_dict() == {"low": None, "high": None}
    with pytest.raises(KeyError):
        summary["third"]


def test_attempts_that_were_planned_and_not_made_are_told(manifest: Make, record: Make) -> None:
    summary = summarize(manifest(samples=10), [record("a", 0, 1.0)])
    assert (summary.attempts, summary.samples, summary.not_run) == (1, 1, 9)


def test_records_are_not_kept(manifest: Make) -> None:
    """20,000 records with long texts leave a few numbers each behind."""

    def records() -> Iterator[SampleRecord]:
        for i in range(20_000):
            yield SampleRecord(
                f"sample-{i}",
                0,
                Ending("completed", "answered", "x" * 500),
                scores={"exact": Score(float(i % 2), explanation="y" * 2000)},
                answer="z" * 5000,
            )

    tracemalloc.start()
    try:
        summary = summarize(manifest(), records())
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert summary.attempts == 20_000
    assert peak < 20_000 * 400


texts = st.text(max_size=8) | st.sampled_from(
    ["\x1b[31m", "[red]x[/red]", "\ud800", "\u202e", "a\nb", "=1+1"]
)
numbers = st.none() | st.floats() | st.integers(-3, 3).map(float)
some_scores = st.builds(Score, numbers, st.none() | st.booleans(), st.none() | texts, texts)
usages = st.builds(Usage, *[st.integers(0, 10**9)] * 4, st.none() | st.floats(0, 1e6))
roles = st.sampled_from(["agent", "user", "judge"])
some_records = st.builds(
    SampleRecord,
    st.sampled_from(["a", "b", "c"]) | texts,
    st.integers(0, 3),
    st.builds(Ending, st.sampled_from(STATUSES), texts, texts),
    cluster=st.just("") | texts,
    scores=st.dictionaries(st.sampled_from(["exact", "rating"]) | texts, some_scores, max_size=3),
    outcome=st.none()
    | st.builds(
        Outcome,
        numbers,
        texts,
        texts,
        st.dictionaries(texts, st.floats(), max_size=2),
        st.dictionaries(texts, st.none() | texts | st.integers() | st.floats(), max_size=3),
    ),
    answer=texts,
    usage=st.dictionaries(roles, usages, max_size=3),
    cached_usage=st.dictionaries(roles, usages, max_size=3),
    wall_s=st.floats(0, 1e6),
    working_s=st.floats(0, 1e6),
)
some_calls = st.builds(
    CallRecord,
    texts,
    st.integers(0, 3),
    roles,
    st.integers(0, 5),
    texts,
    texts,
    usages,
    st.builds(Timing, st.floats(0, 1e4), st.floats(0, 1e4), st.none() | st.floats(0, 1e4), st.integers(0, 5)),
    st.booleans(),
)


@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(st.lists(some_records, max_size=25), st.lists(some_calls, max_size=5), st.integers(1, 3))
def test_any_mixture_of_attempts_has_a_summary_and_a_report(
    records: list[SampleRecord], calls: list[CallRecord], epochs: int
) -> None:
    manifest = Manifest(
        run_id="r",
        created="now",
        task="t",
        task_version="1",
        task_fingerprint="f",
        model="m",
        judges=[JudgeInfo(id="exact"), JudgeInfo(id="rating", low=1, high=None, unit="cents")],
        epochs=epochs,
    )
    summary = summarize(manifest, iter(records), iter(calls))
    stored = json.loads(json.dumps(summary.to_dict(), allow_nan=False).encode("utf-8"))
    for judge in stored["scores"]:
        assert judge["scored"] + judge["unscored"] + judge["failed"] + judge["cancelled"] == len(records)
        assert judge["estimate"]["interval"] or judge["estimate"]["note"]
    report = render(summary)
    assert "\x1b" not in report
    assert report.encode("utf-8")
    assert max(cell_len(line) for line in report.splitlines()) <= 80


def means_without_company(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        if "mean" in node and not (node.get("interval") or node.get("note")):
            yield node
        for each in node.values():
            yield from means_without_company(each)
    elif isinstance(node, list):
        for each in node:
            yield from means_without_company(each)


def test_no_mean_stands_alone_in_the_stored_form(manifest: Make, mixed: list[SampleRecord]) -> None:
    stored = summarize(manifest(), mixed).to_dict()
    assert list(means_without_company(stored)) == []
    assert "mean" in json.dumps(stored)
    assert list(means_without_company({"a": [{"mean": 1.0, "interval": None, "note": ""}]}))


def test_each_number_of_attempts_that_all_samples_have_is_told(manifest: Make, record: Make) -> None:
    """Lost attempts are left out before counting, and a sample that lost all of them is left out."""
    lost = Ending("failed", "server")
    verdicts: dict[str, list[bool | None]] = {
        "a": [True, True, True],
        "b": [True, False, True],
        "c": [False, True, None],
        "d": [None] * 3,
    }
    records = [
        record(name, epoch, ending=lost) if passed is None else record(name, epoch, Score.of(passed))
        for name, epochs in verdicts.items()
        for epoch, passed in enumerate(epochs)
    ]
    judge = summarize(manifest(epochs=3), records).primary
    assert [each.k for each in judge.pass_curve] == [1, 2]
    one, two = judge.pass_curve
    for either in (one.each, one.at_least_one):
        assert either.mean == pytest.approx((1 + 2 / 3 + 1 / 2) / 3)
    assert two.each.mean == pytest.approx((1 + 1 / 3 + 0) / 3)
    assert two.at_least_one.mean == pytest.approx((1 + 1 + 1) / 3)
    assert two.each.interval is not None
    assert two.each.n == 3
    assert judge.to_dict()["pass_curve"][1]["pass_hat_k"]["mean"] == two.each.mean


def test_a_run_with_one_attempt_a_sample_has_no_curve(manifest: Make, record: Make) -> None:
    once = [record(f"s{i}", 0, Score.of(True)) for i in range(3)]
    assert summarize(manifest(), once).primary.pass_curve == ()
    assert summarize(manifest(epochs=2), once).primary.pass_curve == ()
