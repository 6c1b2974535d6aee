"""The bootstrap: seeded, over clusters, and as wide as theory says."""

from __future__ import annotations

import math

import numpy as np
import pytest

from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.statistics import bootstrap_interval, student_interval


def mean(values: np.ndarray) -> float:
    return float(values.mean())


SKEWED = np.random.default_rng(3).exponential(size=60)


def test_the_same_seed_gives_the_same_interval() -> None:
    first, again = (bootstrap_interval(SKEWED, mean, seed=7) for _ in range(2))
    assert first == again
    assert first != bootstrap_interval(SKEWED, mean, seed=8)


@pytest.mark.parametrize("method", ["bca", "percentile"])
def test_the_interval_of_a_mean_is_near_the_one_of_theory(method: str) -> None:
    values = np.random.default_rng(2).normal(10, 2, 100)
    found = bootstrap_interval(values, mean, seed=1, method=method, resamples=4000)  # type: ignore[arg-type]
    theory = student_interval(float(values.mean()), float(values.std(ddof=1)) / 10, df=99)
    assert found.low == pytest.approx(theory.low, abs=0.08)
    assert found.high == pytest.approx(theory.high, abs=0.08)


def test_bca_agrees_with_scipy() -> None:
    """scipy.stats.bootstrap((SKEWED,), np.mean, method="BCa") with 100,000 resamples, pinned."""
    found = bootstrap_interval(SKEWED, mean, seed=1, resamples=6000)
    assert (found.low, found.high) == pytest.approx(SCIPY_BCA, abs=0.02)
    plain = bootstrap_interval(SKEWED, mean, seed=1, resamples=6000, method="percentile")
    assert found.low > plain.low
    assert found.high > plain.high


SCIPY_BCA = (0.86485, 1.39248)


def test_clusters_are_resampled_whole() -> None:
    """Ten clusters of ten copies: as wide as ten values, not as a hundred."""
    ten = np.random.default_rng(4).normal(size=10)
    copied = bootstrap_interval(np.repeat(ten, 10), mean, np.repeat(np.arange(10), 10), seed=1)
    assert copied.width == pytest.approx(bootstrap_interval(ten, mean, seed=1).width, rel=0.1)
    assert copied.width > 2 * bootstrap_interval(np.repeat(ten, 10), mean, seed=1).width


def test_unequal_clusters_and_columns_are_kept_together() -> None:
    pairs = np.column_stack([np.arange(12.0), 2 * np.arange(12.0)])
    clusters = [0, 0, 0, 1, 1, 2, 3, 3, 3, 3, 4, 5]
    found = bootstrap_interval(pairs, lambda drawn: drawn[:, 1].sum() / drawn[:, 0].sum(), clusters, seed=1)
    assert (found.low, found.high) == pytest.approx((2.0, 2.0))


def test_what_cannot_be_resampled_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="two values"):
        bootstrap_interval([1.0], mean, seed=1)
    with pytest.raises(ConfigurationError, match="two values"):
        bootstrap_interval([], mean, seed=1)
    with pytest.raises(ConfigurationError, match="not finite"):
        bootstrap_interval([1.0, 2.0], lambda drawn: math.nan, seed=1)
