"""A rate is freed of the judge's errors, and the interval covers what is true."""

import math
from collections.abc import Callable

import numpy as np
import pytest

from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.judging import Scale
from agentbench_sdk.statistics import estimate_mean, prediction_powered, rogan_gladen

NAN = float("nan")


def judged(
    generator: np.random.Generator, rate: float, sensitivity: float, specificity: float, n: int
) -> tuple[np.ndarray, np.ndarray]:
    truth = generator.random(n) < rate
    verdict = np.where(truth, generator.random(n) < sensitivity, generator.random(n) >= specificity)
    return truth.astype(float), verdict.astype(float)


@pytest.mark.parametrize(
    ("rate", "sensitivity", "specificity", "n", "labelled"),
    [(0.5, 0.85, 0.75, 1000, 100), (0.7, 0.9, 0.8, 1000, 150), (0.9, 0.95, 0.7, 1000, 150)],
)
def test_the_corrected_interval_covers_the_true_rate_where_the_naive_one_does_not(
    rate: float, sensitivity: float, specificity: float, n: int, labelled: int
) -> None:
    """2,000 runs judged by a judge of known sensitivity and specificity."""
    generator = np.random.default_rng(2026)
    covered = naive = 0
    for _ in range(2000):
        truth, verdict = judged(generator, rate, sensitivity, specificity, n)
        labels = np.where(np.arange(n) < labelled, truth, NAN)
        found = prediction_powered(verdict, labels)
        covered += found.interval is not None and rate in found.interval
        plain = estimate_mean(verdict).interval
        naive += plain is not None and rate in plain
    assert 0.93 <= covered / 2000 <= 0.97
    assert naive / 2000 < 0.92


def test_rogans_and_gladens_interval_covers_with_an_independent_validation() -> None:
    generator = np.random.default_rng(5)
    covered = 0
    for _ in range(2000):
        verdicts = generator.binomial(500, 0.3 * 0.8 + 0.7 * 0.1)
        hits, rejections = generator.binomial(60, 0.8), generator.binomial(60, 0.9)
        found = rogan_gladen(verdicts, 500, hits=hits, positives=60, rejections=rejections, negatives=60)
        covered += found.interval is not None and 0.3 in found.interval
    assert 0.93 <= covered / 2000 <= 0.97


def test_a_useless_judge_leaves_the_labels_alone() -> None:
    generator = np.random.default_rng(1)
    truth = (generator.random(200) < 0.6).astype(float)
    noise = generator.integers(2, size=200).astype(float)
    labels = np.where(np.arange(200) < 100, truth, NAN)
    found = prediction_powered(noise, labels)
    assert found.trust == pytest.approx(0.0, abs=0.15)
    assert found.mean == pytest.approx(truth[:100].mean(), abs=0.03)


def test_a_good_judge_makes_the_interval_narrower_than_the_labels_alone() -> None:
    generator = np.random.default_rng(2)
    truth, verdict = judged(generator, 0.6, 0.97, 0.95, 2000)
    labels = np.where(np.arange(2000) < 100, truth, NAN)
    found, alone = prediction_powered(verdict, labels).interval, estimate_mean(truth[:100]).interval
    assert found is not None
    assert alone is not None
    assert found.width < 0.6 * alone.width


def test_with_every_case_labelled_the_labels_are_the_answer() -> None:
    found = prediction_powered([1, 0, 1, 1], [1, 0, 0, 0])
    assert (found.mean, found.trust, found.naive) == (0.25, 0.0, 0.75)


def test_cases_of_a_cluster_count_together() -> None:
    """Ten copies of each case say no more than one."""
    generator = np.random.default_rng(4)
    truth, verdict = judged(generator, 0.6, 0.8, 0.8, 120)
    labels = np.where(np.arange(120) < 60, truth, NAN)
    once = prediction_powered(verdict, labels)
    names = np.repeat(np.arange(120), 10)
    often = prediction_powered(np.repeat(verdict, 10), np.repeat(labels, 10), names)
    assert often.mean == pytest.approx(once.mean, abs=1e-3)
    assert once.interval is not None
    assert often.interval is not None
    assert often.interval.width == pytest.approx(once.interval.width, rel=0.05)


def test_scores_on_another_scale_keep_to_it() -> None:
    found = prediction_powered([5, 4, 5, 5, 3], [5, 4, 5, NAN, NAN], scale=Scale(1, 5))
    assert found.mean is not None
    assert found.mean <= 5
    perfect = prediction_powered([1, 1, 1, 1], [1, 1, NAN, NAN])
    assert perfect.interval is None
    assert "no proof" in perfect.note


def test_a_judge_no_better_than_chance_corrects_nothing() -> None:
    found = rogan_gladen(50, 100, hits=20, positives=40, rejections=20, negatives=40)
    assert (found.mean, found.interval) == (None, None)
    assert "no better than chance" in found.note


def test_a_perfect_judge_needs_no_correction() -> None:
    found = rogan_gladen(30, 100, hits=50, positives=50, rejections=50, negatives=50)
    assert found.mean == pytest.approx(0.3)
    assert found.interval is not None
    assert 0.3 in found.interval


def test_what_cannot_be_corrected_is_refused() -> None:
    calls: list[Callable[[], object]] = [
        lambda: prediction_powered([1, 0], [NAN, 1.0]),
        lambda: prediction_powered([1, 0, 1], [1.0, 0.0]),
        lambda: prediction_powered([math.inf, 0], [1.0, 0.0]),
        lambda: rogan_gladen(5, 4, hits=1, positives=1, rejections=1, negatives=1),
        lambda: rogan_gladen(1, 4, hits=1, positives=1, rejections=0, negatives=0),
    ]
    for call in calls:
        with pytest.raises(ConfigurationError):
            call()
