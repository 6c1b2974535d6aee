"""Bootstrap intervals of figures that are functions of sums."""

import numpy as np
import pytest

from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.statistics import bootstrap_interval, bootstrap_sums
from agentbench_sdk.statistics.bootstrap import MOST_UNITS
from agentbench_sdk.statistics.clusters import FloatArray


def mean(sums: FloatArray) -> FloatArray:
    return sums[:, :1] / sums[:, 1:]


def with_ones(values: FloatArray) -> FloatArray:
    return np.stack([values, np.ones_like(values)], axis=1)


def test_it_agrees_with_the_bootstrap_of_values() -> None:
    values = np.random.default_rng(5).gamma(2.0, size=80)
    (found,) = bootstrap_sums(with_ones(values), mean, seed=1)
    wanted = bootstrap_interval(values, lambda each: float(np.mean(each)), seed=2)
    assert found is not None
    assert (found.low, found.high) == pytest.approx((wanted.low, wanted.high), abs=0.06)


def test_clusters_are_resampled_whole() -> None:
    rows = with_ones(np.repeat([0.0, 1.0] * 10, 5))
    clusters = np.repeat(np.arange(20), 5)
    (clustered,), (alone,) = bootstrap_sums(rows, mean, clusters, seed=1), bootstrap_sums(rows, mean, seed=1)
    assert clustered is not None
    assert alone is not None
    assert clustered.high - clustered.low > 1.8 * (alone.high - alone.low)


def test_many_clusters_cost_no_more_and_give_the_same_width() -> None:
    values = np.random.default_rng(6).normal(size=10 * MOST_UNITS)
    (found,) = bootstrap_sums(with_ones(values), mean, seed=1)
    assert found is not None
    assert found.high - found.low == pytest.approx(2 * 1.96 / np.sqrt(len(values)), rel=0.1)


def test_several_figures_have_their_own_intervals_or_none() -> None:
    rows = with_ones(np.arange(20.0))

    def figures(sums: FloatArray) -> FloatArray:
        constant, undefined = np.ones(len(sums)), np.full(len(sums), np.nan)
        return np.stack([sums[:, 0] / sums[:, 1], constant, undefined], axis=1)

    found = bootstrap_sums(rows, figures, seed=1)
    assert [each is None for each in found] == [False, True, True]


def test_coverage_of_a_ratio_is_nominal() -> None:
    """Of 400 seeded samples of 40 pairs the interval holds the true ratio in 93 to 97 %."""
    hits = 0
    for seed in range(400):
        draws = np.random.default_rng(seed)
        units = draws.integers(5, 30, size=40)
        rows = np.stack([draws.binomial(units, 0.2), units], axis=1).astype(float)
        (found,) = bootstrap_sums(rows, mean, seed=seed, resamples=500)
        assert found is not None
        hits += found.low <= 0.2 <= found.high
    assert 0.92 <= hits / 400 <= 0.98


def test_one_cluster_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="two"):
        bootstrap_sums([[1.0, 1.0]], mean, seed=1)
