"""Cluster-robust errors against statsmodels and against the matrices of Bell and McCaffrey."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.statistics import cluster_codes, cluster_error, variance_parts
from agentbench_sdk.statistics.clusters import effective_clusters

Y = np.array([1.2, 3.4, 2.2, 5.0, 4.1, 3.3, 2.8, 6.1, 0.4, 3.9, 2.5, 4.4])


def by_matrices(values: np.ndarray, codes: np.ndarray) -> tuple[float, float]:
    """CR2 and its degrees of freedom from (I - H_gg)^(-1/2), as the paper has them."""
    n = len(values)
    hat = np.full((n, n), 1 / n)
    residual_maker, residuals = np.eye(n) - hat, values - values.mean()
    variance, columns = 0.0, []
    for cluster in range(codes.max() + 1):
        rows = np.flatnonzero(codes == cluster)
        eigenvalues, vectors = np.linalg.eigh(np.eye(len(rows)) - hat[np.ix_(rows, rows)])
        adjustment = vectors @ np.diag(eigenvalues**-0.5) @ vectors.T
        ones = np.ones(len(rows))
        variance += float(ones @ adjustment @ residuals[rows] / n) ** 2
        columns.append(residual_maker[rows].T @ adjustment @ ones / n)
    stacked = np.array(columns)
    eigenvalues = np.linalg.eigvalsh(stacked @ stacked.T)
    return variance**0.5, float(eigenvalues.sum() ** 2 / (eigenvalues**2).sum())


def test_equal_clusters_have_the_error_of_statsmodels() -> None:
    """OLS(y, 1).fit(cov_type="cluster", use_t=True).bse, which has G/(G-1) and G-1 degrees of freedom."""
    found = cluster_error(Y, np.repeat(np.arange(4), 3))
    assert found.mean == pytest.approx(3.275)
    assert found.std_error == pytest.approx(0.39683353, abs=1e-8)
    assert found.df == pytest.approx(3.0)
    assert found.n_clusters == 4


def test_single_values_have_the_textbook_error() -> None:
    found = cluster_error(Y, cluster_codes(None, 12))
    assert found.std_error == pytest.approx(0.45943394, abs=1e-8)
    assert found.df == pytest.approx(11.0)
    assert found.design_effect == pytest.approx(1.0)


def test_unequal_clusters_have_the_error_of_the_matrix_formula() -> None:
    codes = np.array([0, 0, 0, 0, 0, 1, 1, 2, 3, 3, 3, 3])
    found = cluster_error(Y, codes)
    assert found.std_error == pytest.approx(0.3200577430315643, abs=1e-12)
    assert found.df == pytest.approx(2.1875)


@given(st.lists(st.integers(1, 6), min_size=2, max_size=7), st.integers(0, 1000))
def test_the_sums_are_the_matrix_formula_for_any_sizes(sizes: list[int], seed: int) -> None:
    codes = np.repeat(np.arange(len(sizes)), sizes)
    values = np.random.default_rng(seed).normal(size=len(codes))
    found = cluster_error(values, codes)
    assert (found.std_error, found.df) == pytest.approx(by_matrices(values, codes), rel=1e-9)


def test_degrees_of_freedom_shrink_where_few_clusters_carry_the_spread() -> None:
    calm = cluster_error(np.tile([0.0, 1.0], 50), np.arange(100))
    assert calm.skewed_df == pytest.approx(calm.df)
    rare = np.ones(100)
    rare[:2] = 0.0
    found = cluster_error(rare, np.arange(100))
    kurtosis = 100 * (2 * 0.98**4 + 98 * 0.02**4) / (2 * 0.98**2 + 98 * 0.02**2) ** 2 - 3
    assert found.excess_kurtosis == pytest.approx(kurtosis)
    assert found.skewed_df == pytest.approx(1 / (1 / 99 + kurtosis / 200))


def test_kurtosis_compares_clusters_of_different_sizes_on_one_footing() -> None:
    """A cluster of 16 has four times the standard deviation of a single value: its sum is divided by √16."""
    codes = np.repeat(np.arange(4), [16, 1, 1, 1])
    values = np.concatenate([np.tile([0.0, 2.0], 8) + 0.1, [0.0, 1.0, 2.0]])
    sums = np.array([np.sum((values - values.mean())[codes == each]) for each in range(4)])
    scaled = sums / np.array([4.0, 1, 1, 1])
    found = cluster_error(values, codes).excess_kurtosis
    assert found == pytest.approx(float(np.mean(scaled**4) / np.mean(scaled**2) ** 2 - 3))


def test_labels_of_any_kind_number_the_same_clusters() -> None:
    assert cluster_codes(["b", "a", "b"], 3).tolist() == [0, 1, 0]
    assert cluster_codes(np.array([7, 2, 7], dtype=np.uint64), 3).tolist() == [1, 0, 1]
    with pytest.raises(ConfigurationError, match="3 values need 3 cluster labels, not 2"):
        cluster_codes(["a", "b"], 3)
    with pytest.raises(ConfigurationError, match="two clusters"):
        cluster_error(Y, np.zeros(12, dtype=np.intp))


def test_a_cluster_that_repeats_one_answer_is_worth_one() -> None:
    assert effective_clusters(np.repeat(np.arange(5), 20)) == pytest.approx(5.0)
    assert effective_clusters(np.array([0, 0, 0, 1])) == pytest.approx(16 / 10)


def test_the_variance_is_split_as_by_hand() -> None:
    """Two epochs of three samples: means 0.5, 1, 0; MSW = 0.5/3, MSB = 2·0.5/2, n0 = 2."""
    parts = variance_parts([1, 0, 1, 1, 0, 0], [1, 1, 2, 2, 3, 3])
    assert parts.within == pytest.approx(1 / 6)
    assert parts.between == pytest.approx((0.5 - 1 / 6) / 2)
    assert parts.intraclass_correlation == pytest.approx(0.5)
    assert parts.std_error(samples=3, epochs=2) == pytest.approx(
        cluster_error(np.array([1, 0, 1, 1, 0, 0.0]), np.array([0, 0, 1, 1, 2, 2])).std_error
    )


def test_the_variance_parts_are_found_again_in_unbalanced_data() -> None:
    generator = np.random.default_rng(5)
    codes = np.repeat(np.arange(4000), generator.integers(1, 6, 4000))
    values = generator.normal(0, 2, 4000)[codes] + generator.normal(0, 3, len(codes))
    parts = variance_parts(values, codes)
    assert parts.between == pytest.approx(4, rel=0.1)
    assert parts.within == pytest.approx(9, rel=0.05)


def test_a_negative_share_of_variance_is_zero() -> None:
    parts = variance_parts([0, 1, 0, 1], ["a", "a", "b", "b"])
    assert parts.between == 0.0
    assert parts.intraclass_correlation == 0.0
    assert variance_parts([1, 1, 1, 1], ["a", "a", "b", "b"]).intraclass_correlation is None


@pytest.mark.parametrize(("values", "samples"), [([], []), ([1, 2], ["a", "a"]), ([1, 2], ["a", "b"])])
def test_a_variance_that_cannot_be_split_is_refused(values: list[float], samples: list[str]) -> None:
    with pytest.raises(ConfigurationError, match="two samples"):
        variance_parts(values, samples)
