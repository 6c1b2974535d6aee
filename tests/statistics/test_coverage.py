"""Intervals hold what they say: 2,000 seeded trials of `estimate_mean`, from data whose mean is known.

A nominal 95 % interval covers the truth in 93 to 97 % of trials. Where outcomes are so few that no
interval can (yes/no answers at a rate of 0.98), it may cover more, never less than 93 %.
"""

from __future__ import annotations

from collections.abc import Callable
from math import comb

import numpy as np
import pytest

from agentbench_sdk.judging import Scale, Score
from agentbench_sdk.reporting import summarize
from agentbench_sdk.runs.records import JudgeInfo, Manifest, SampleRecord
from agentbench_sdk.sessions.ending import Ending
from agentbench_sdk.statistics import Estimate, bootstrap_interval, estimate_mean, wilson_interval

TRIALS = 2000
Draw = Callable[[np.random.Generator], np.ndarray]


def coverage(
    draw: Draw, truth: float, clusters: np.ndarray | None = None, scale: Scale | None = None
) -> float:
    generator, covered = np.random.default_rng(20240229), 0
    for _ in range(TRIALS):
        interval = estimate_mean(draw(generator), clusters, scale).interval
        assert interval is not None
        covered += truth in interval
    return covered / TRIALS


def binary(rate: float, n: int) -> Draw:
    return lambda generator: (generator.random(n) < rate).astype(float)


def clustered_binary(rate: float, correlation: float, sizes: np.ndarray) -> Draw:
    """Clusters' own rates are Beta with the given intraclass correlation."""
    weight, codes = 1 / correlation - 1, np.repeat(np.arange(len(sizes)), sizes)

    def draw(generator: np.random.Generator) -> np.ndarray:
        rates = generator.beta(rate * weight, (1 - rate) * weight, len(sizes))
        return (generator.random(len(codes)) < rates[codes]).astype(float)

    return draw


def random_effects(sizes: np.ndarray, between: float) -> Draw:
    codes = np.repeat(np.arange(len(sizes)), sizes)

    def draw(generator: np.random.Generator) -> np.ndarray:
        effects = generator.normal(0, between, len(sizes))
        return np.asarray(50 + effects[codes] + generator.normal(0, 1, len(codes)))

    return draw


@pytest.mark.parametrize(("rate", "n"), [(0.5, 30), (0.7, 30), (0.3, 100), (0.9, 200), (0.98, 300)])
def test_yes_and_no_are_covered(rate: float, n: int) -> None:
    assert 0.93 <= coverage(binary(rate, n), rate) <= 0.97


def test_at_an_extreme_rate_and_30_samples_no_interval_of_counts_comes_nearer() -> None:
    """28 to 30 of 30 have 97.8 % of the probability at a rate of 0.98, 29 and 30 alone 87.9 %."""
    chance = {x: comb(30, x) * 0.98**x * 0.02 ** (30 - x) for x in range(31)}
    covered = sum(p for x, p in chance.items() if 0.98 in wilson_interval(x, 30))
    assert covered == pytest.approx(chance[28] + chance[29] + chance[30])
    assert chance[29] + chance[30] < 0.88
    assert coverage(binary(0.98, 30), 0.98) == pytest.approx(covered, abs=0.01)


def test_wilson_covers_on_average_over_rates() -> None:
    """Exact, without simulation: 30 samples, all rates from 0.05 to 0.95."""
    rates = np.linspace(0.05, 0.95, 181)
    covered = np.zeros_like(rates)
    for x in range(31):
        interval = wilson_interval(x, 30)
        inside = (interval.low <= rates) & (rates <= interval.high)
        covered += inside * comb(30, x) * rates**x * (1 - rates) ** (30 - x)
    assert 0.945 <= covered.mean() <= 0.96
    assert covered.min() > 0.92


LEVELS = np.array([0, 0.25, 0.5, 0.75, 1])
WEIGHTS = np.array([0.05, 0.1, 0.2, 0.3, 0.35])


@pytest.mark.parametrize(
    ("draw", "truth"),
    [
        (lambda generator: generator.random(30), 0.5),
        (lambda generator: generator.beta(8, 2, 30), 0.8),
        (lambda generator: generator.choice(LEVELS, p=WEIGHTS, size=30), float(LEVELS @ WEIGHTS)),
        (lambda generator: generator.beta(49, 1, 30), 0.98),
        (lambda generator: generator.beta(49, 1, 100), 0.98),
        (lambda generator: generator.beta(9.8, 0.2, 100), 0.98),
        (lambda generator: np.where(generator.random(30) < 0.9, 1.0, generator.random(30)), 0.95),
        (lambda generator: np.where(generator.random(100) < 0.96, 1.0, generator.random(100)), 0.98),
    ],
    ids=["uniform", "beta-0.8", "rating", "beta-0.98", "beta-0.98-100", "skewed", "mostly-1", "rarely-not-1"],
)
def test_graded_scores_are_covered(draw: Draw, truth: float) -> None:
    assert 0.93 <= coverage(draw, truth) <= 0.97


@pytest.mark.parametrize(
    ("clusters", "size", "correlation"), [(5, 20, 0.3), (10, 4, 0.1), (30, 4, 0.3), (60, 5, 0.6)]
)
def test_clustered_yes_and_no_are_covered(clusters: int, size: int, correlation: float) -> None:
    sizes = np.full(clusters, size)
    codes = np.repeat(np.arange(clusters), size)
    assert 0.93 <= coverage(clustered_binary(0.6, correlation, sizes), 0.6, codes) <= 0.97


@pytest.mark.parametrize(
    ("clusters", "correlation", "most"), [(400, 0.1, 0.97), (100, 0.3, 0.985), (30, 0.1, 0.985)]
)
def test_clusters_at_an_extreme_rate_are_covered(clusters: int, correlation: float, most: float) -> None:
    """Repeats of questions that hardly ever fail; few clusters fail at all, so counts are coarse."""
    codes = np.repeat(np.arange(clusters), 4)
    found = coverage(clustered_binary(0.98, correlation, np.full(clusters, 4)), 0.98, codes)
    assert 0.93 <= found <= most


@pytest.mark.parametrize(
    ("sizes", "between"),
    [
        (np.full(30, 1), 0.0),
        (np.full(5, 10), 1.0),
        (np.arange(1, 21), 1.0),
        (np.array([60, *[5] * 19]), 0.5),
        (np.array([1] * 25 + [3] * 5), 2.0),
    ],
    ids=["single", "five", "unequal", "one-large", "mixed"],
)
def test_values_without_bounds_are_covered(sizes: np.ndarray, between: float) -> None:
    codes = np.repeat(np.arange(len(sizes)), sizes)
    assert 0.93 <= coverage(random_effects(sizes, between), 50, codes, Scale(None, None)) <= 0.97


def test_taking_clustered_answers_as_independent_would_not_cover() -> None:
    """The check on the checks: without clusters the same data are covered far too rarely."""
    assert coverage(clustered_binary(0.6, 0.3, np.full(30, 10)), 0.6) < 0.75


def test_the_bootstrap_covers_a_median() -> None:
    generator, covered = np.random.default_rng(11), 0
    for trial in range(200):
        values = generator.exponential(size=60)
        interval = bootstrap_interval(
            values, lambda drawn: float(np.median(drawn)), seed=trial, method="percentile", resamples=300
        )
        covered += np.log(2) in interval
    assert 0.9 <= covered / 200 <= 0.99


def reported(values: np.ndarray, clusters: np.ndarray | None, scale: Scale) -> Estimate:
    """What a report says of attempts with these scores, from their records."""
    judge = JudgeInfo(id="j", low=scale.low, high=scale.high)
    manifest = Manifest(
        run_id="r", created="", task="t", task_version="1", task_fingerprint="", model="m", judges=[judge]
    )
    labels = [""] * len(values) if clusters is None else [f"c{code}" for code in clusters]
    records = [
        SampleRecord(f"s{n}", 0, Ending("completed", "answered"), labels[n], {"j": Score(float(value))})
        for n, value in enumerate(values)
    ]
    return summarize(manifest, records).primary.estimate


@pytest.mark.parametrize(
    ("draw", "clusters", "scale"),
    [
        (binary(0.7, 30), None, Scale()),
        (binary(0.98, 30), None, Scale()),
        (lambda generator: np.ones(30), None, Scale()),
        (lambda generator: generator.beta(8, 2, 30), None, Scale()),
        (clustered_binary(0.6, 0.3, np.full(30, 4)), np.repeat(np.arange(30), 4), Scale()),
        (
            random_effects(np.arange(1, 21), 1.0),
            np.repeat(np.arange(20), np.arange(1, 21)),
            Scale(None, None),
        ),
    ],
    ids=["binary", "extreme", "constant", "graded", "clustered", "open"],
)
def test_the_interval_of_a_report_is_the_one_that_is_simulated_here(
    draw: Draw, clusters: np.ndarray | None, scale: Scale
) -> None:
    """Coverage is simulated with `estimate_mean`; a report must show that interval and no other."""
    generator = np.random.default_rng(7)
    for _ in range(5):
        values = draw(generator)
        expected, found = estimate_mean(values, clusters, scale), reported(values, clusters, scale)
        assert found.method == expected.method
        assert found.interval is not None
        assert expected.interval is not None
        assert found.interval.low == pytest.approx(expected.interval.low, rel=1e-12)
        assert found.interval.high == pytest.approx(expected.interval.high, rel=1e-12)
