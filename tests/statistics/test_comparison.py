"""Paired differences hold their level, agree with what SciPy computes, and count clusters as one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.judging import Scale
from agentbench_sdk.statistics import (
    cluster_codes,
    cluster_error,
    holm,
    mcnemar_p,
    paired_difference,
    sign_flip_p,
)

OPEN = Scale(None, None)
Draw = Callable[[np.random.Generator], tuple[np.ndarray, np.ndarray]]


def test_on_an_open_scale_it_is_the_paired_t_test() -> None:
    generator = np.random.default_rng(1)
    first, second = generator.normal(0, 1, 25), generator.normal(0.4, 1, 25)
    found = paired_difference(first, second, scale=OPEN)
    expected = stats.ttest_rel(second, first)
    assert found.p == pytest.approx(expected.pvalue, rel=1e-6)
    assert found.estimate.interval is not None
    ends = expected.confidence_interval()
    assert (found.estimate.interval.low, found.estimate.interval.high) == pytest.approx(tuple(ends))


def test_clusters_count_once() -> None:
    generator = np.random.default_rng(2)
    labels = np.repeat(np.arange(12), 5)
    effects = generator.normal(0.5, 1, 12)[labels] + generator.normal(0, 0.1, 60)
    found = paired_difference(np.zeros(60), effects, labels, OPEN)
    error = cluster_error(effects, cluster_codes(labels, 60))
    assert found.estimate.std_error == pytest.approx(error.std_error)
    assert found.p == pytest.approx(2 * stats.t.sf(abs(error.mean) / error.std_error, 11), rel=1e-6)
    alone = paired_difference(np.zeros(60), effects, scale=OPEN)
    assert alone.p is not None
    assert found.p is not None
    assert found.p > alone.p


@settings(max_examples=50, deadline=None)  # some 50 intervals an example
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=3, max_size=40))
def test_p_is_below_the_level_just_when_the_interval_leaves_zero_out(pairs: list[tuple[int, int]]) -> None:
    first, second = np.array(pairs).T / 4
    found = paired_difference(first, second)
    interval = found.estimate.interval
    assert interval is not None
    assert found.p is not None
    if abs(found.p - 0.05) > 1e-6:
        assert (found.p > 0.05) == (0.0 in interval)
    back = paired_difference(second, first)
    assert back.p == pytest.approx(found.p, rel=1e-6)
    assert back.p_sign_flip == found.p_sign_flip


def test_runs_that_never_differ_are_no_proof_of_equality() -> None:
    found = paired_difference([1.0] * 10, [1.0] * 10)
    assert found.p == 1.0
    assert found.p_sign_flip == 1.0
    assert found.estimate.interval is not None
    assert found.estimate.interval.width > 0.2


def test_on_an_open_scale_equal_differences_have_neither_interval_nor_p() -> None:
    found = paired_difference([1.0] * 4, [2.0] * 4, scale=OPEN)
    assert found.p is None
    assert "no interval" in found.estimate.note


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [([], [], "0 and 0"), ([1], [1, 0], "1 and 2"), ([1, float("nan")], [1, 0], "finite")],
)
def test_what_cannot_be_paired_is_told(first: list[float], second: list[float], told: str) -> None:
    with pytest.raises(ConfigurationError, match=told):
        paired_difference(first, second)


def binary(rate: float, n: int, shared: float) -> Draw:
    """Two runs of equal rates whose answers to a sample are the same with probability `shared`."""

    def draw(generator: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        first, second = generator.random(n) < rate, generator.random(n) < rate
        second = np.where(generator.random(n) < shared, first, second)
        return first.astype(float), second.astype(float)

    return draw


def graded(n: int) -> Draw:
    def draw(generator: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        ease = generator.uniform(0.2, 0.8, n)
        noise = generator.uniform(-0.2, 0.2, (2, n))
        return ease + noise[0], ease + noise[1]

    return draw


def epochs(n: int, repeats: int) -> Draw:
    """Means over repeats, with a difficulty of each sample that both runs share."""

    def draw(generator: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        ease = generator.beta(2, 2, n)
        drawn = generator.binomial(repeats, np.tile(ease, (2, 1))) / repeats
        return drawn[0], drawn[1]

    return draw


def clustered(clusters: int, size: int) -> Draw:
    def draw(generator: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        rates = generator.beta(2, 2, (2, clusters)).repeat(size, axis=1)
        answers = (generator.random(rates.shape) < rates).astype(float)
        return answers[0], answers[1]

    return draw


@pytest.mark.parametrize(
    ("draw", "labels"),
    [
        (binary(0.7, 30, 0.3), None),
        (binary(0.5, 200, 0.6), None),
        (binary(0.9, 200, 0.4), None),
        (graded(30), None),
        (epochs(40, 3), None),
        (clustered(20, 6), np.repeat(np.arange(20), 6)),
    ],
    ids=["few yes/no", "yes/no", "high rate", "graded", "repeats", "clusters"],
)
def test_the_interval_covers_the_true_difference(draw: Draw, labels: Any) -> None:
    generator, covered = np.random.default_rng(20241101), 0
    for _ in range(2000):
        first, second = draw(generator)
        interval = _interval(first, second, labels)
        covered += 0.0 in interval
    assert 0.93 <= covered / 2000 <= 0.97


@pytest.mark.parametrize(("rate", "n"), [(0.98, 100), (0.9, 30)])
def test_where_few_samples_differ_the_interval_is_wide_never_narrow(rate: float, n: int) -> None:
    """A handful of samples that went otherwise say little of the spread; up to 99.9 % are covered."""
    generator, draw = np.random.default_rng(20241102), binary(rate, n, 0.3)
    covered = sum(0.0 in _interval(*draw(generator), None) for _ in range(2000))
    assert 0.95 <= covered / 2000 <= 0.999


def _interval(first: np.ndarray, second: np.ndarray, labels: Any) -> Any:
    """What `paired_difference` has, without the tests that take its time."""
    from agentbench_sdk.statistics import estimate_mean

    interval = estimate_mean(second - first, labels, Scale(-1, 1)).interval
    assert interval is not None
    return interval


def test_the_simulated_interval_is_that_of_the_comparison() -> None:
    first, second = binary(0.7, 30, 0.3)(np.random.default_rng(5))
    assert paired_difference(first, second).estimate.interval == _interval(first, second, None)


def test_sign_flips_are_those_of_scipy() -> None:
    differences = np.random.default_rng(3).normal(0.3, 1, 10)
    expected = stats.permutation_test(
        (differences,), lambda x, axis: np.mean(x, axis=axis), permutation_type="samples", vectorized=True
    )
    assert sign_flip_p(differences) == pytest.approx(expected.pvalue)


def test_drawn_signs_come_near_the_exact_ones_and_are_seeded() -> None:
    differences = np.random.default_rng(4).normal(0.3, 1, 40)
    p = sign_flip_p(differences)
    assert p == sign_flip_p(differences)
    assert p == pytest.approx(stats.ttest_1samp(differences, 0).pvalue, abs=0.02)
    assert p != sign_flip_p(differences, seed=1)


def test_a_cluster_turns_as_a_whole() -> None:
    assert sign_flip_p([1, 1, 1, 1, 1, 1], ["a", "a", "b", "b", "c", "c"]) == 0.25


def test_mcnemar_is_the_binomial_test() -> None:
    for one, other in [(0, 0), (3, 3), (1, 9), (25, 7)]:
        expected = stats.binomtest(one, one + other).pvalue if one + other else 1.0
        assert mcnemar_p(one, other) == pytest.approx(expected)
    with pytest.raises(ConfigurationError, match="negative"):
        mcnemar_p(-1, 2)


def test_holm_of_the_textbook() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([]) == []
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    with pytest.raises(ConfigurationError, match="between 0 and 1"):
        holm([1.2])


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_holm_lies_between_the_raw_p_and_bonferroni(raw: list[float]) -> None:
    adjusted = holm(raw)
    for p, found in zip(raw, adjusted, strict=True):
        assert p <= found <= min(1.0, p * len(raw)) + 1e-15
    order = np.argsort(raw, kind="stable")
    assert (np.diff(np.array(adjusted)[order]) >= 0).all()


@pytest.mark.parametrize(
    ("draw", "labels"),
    [
        (binary(0.7, 60, 0.3), None),
        (graded(30), None),
        (epochs(40, 3), None),
        (clustered(20, 6), np.repeat(np.arange(20), 6)),
    ],
    ids=["yes/no", "graded", "repeats", "clusters"],
)
def test_runs_that_are_equal_are_told_apart_no_more_often_than_the_level_says(
    draw: Draw, labels: Any
) -> None:
    """2,000 pairs of equal runs: p < 0.05 is the same as an interval without 0, as is shown above."""
    generator, trials = np.random.default_rng(20250302), 2000
    alarms = sum(0.0 not in _interval(*draw(generator), labels) for _ in range(trials)) / trials
    assert 0.03 <= alarms <= 0.07
    pairs = [draw(generator) for _ in range(400)]
    flips = sum(sign_flip_p(new - old, labels, draws=499) < 0.05 for old, new in pairs) / len(pairs)
    assert flips <= 0.05 + 3 * (0.05 * 0.95 / len(pairs)) ** 0.5


def test_mcnemar_keeps_its_level() -> None:
    """Exact, without simulation: of n samples that went otherwise, each as likely for either run."""
    for n in (5, 12, 40):
        alarms = sum(stats.binom.pmf(one, n, 0.5) for one in range(n + 1) if mcnemar_p(one, n - one) < 0.05)
        assert alarms <= 0.05
