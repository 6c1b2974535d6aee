"""The standard error of a mean whose values hang together in clusters: one scenario, one video, one sample."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agentbench_sdk.errors import ConfigurationError

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]
Labels = Sequence[Hashable] | NDArray[np.generic]


@dataclass(frozen=True, slots=True)
class ClusterError:
    """How sure a mean of clustered values is.

    Attributes:
        mean: mean of all values, each with the same weight.
        std_error: cluster-robust standard error of the mean.
        df: degrees of freedom that belong to it; clusters - 1 when all are of one size, fewer otherwise.
        n: number of values.
        n_clusters: number of clusters.
        design_effect: squared standard error over the one that takes the values as independent; nan when
            all values are equal.
        excess_kurtosis: of the clusters' contributions; above 0 when few clusters carry the spread.
    """

    mean: float
    std_error: float
    df: float
    n: int
    n_clusters: int
    design_effect: float
    excess_kurtosis: float

    @property
    def skewed_df(self) -> float:
        """Degrees of freedom when the contributions are not normal: 1/df + κ⁺/2G, inverted.

        From Var(s²)/σ⁴ = 2/df + κ/G (O'Neill 2014, American Statistician 68, 282-296) in Satterthwaite's
        df = 2·E(s²)²/Var(s²) (1946, Biometrics Bulletin 2, 110-114), with the sample's own κ.
        """
        return 1 / (1 / self.df + max(self.excess_kurtosis, 0.0) / (2 * self.n_clusters))


def cluster_codes(clusters: Labels | None, n: int) -> IntArray:
    """Number the clusters of n values from 0; None makes each value a cluster of its own.

    Raises:
        ConfigurationError: there is not one label for each value.
    """
    if clusters is None:
        return np.arange(n)
    if len(clusters) != n:
        raise ConfigurationError(f"{n} values need {n} cluster labels, not {len(clusters)}")
    if isinstance(clusters, np.ndarray):
        return np.unique(clusters, return_inverse=True)[1].reshape(n)
    seen: dict[Hashable, int] = {}
    return np.fromiter((seen.setdefault(label, len(seen)) for label in clusters), dtype=np.intp, count=n)


def cluster_error(values: FloatArray, codes: IntArray) -> ClusterError:
    """Cluster-robust standard error of the mean (CR2) with Bell's and McCaffrey's degrees of freedom.

    With n_g values in cluster g, N in all, h_g = n_g/N, and s_g the sum of a cluster's deviations from
    the mean: se² = Σ s_g²/(1-h_g) / N², unbiased when values are independent (Bell and McCaffrey 2002,
    Survey Methodology 28, 169-181). For an intercept alone their matrix formulas become these sums, and
    df = (Σ m_gg)²/Σ m_gh² with m_gh = d_g·(n_g·[g=h] - n_g·n_h/N)·d_h, d_g² = 1/(1-h_g).
    Clusters of one size give df = G - 1 and Liang's and Zeger's formula with G/(G-1); clusters of one value
    give s/√n with n - 1.

    Arguments:
        values: shape (n,), finite.
        codes: shape (n,), clusters numbered from 0 without gaps (see `cluster_codes`); at least two.

    Raises:
        ConfigurationError: there are fewer than two clusters.
    """
    n, mean = len(values), float(np.mean(values))
    sizes = np.bincount(codes).astype(np.float64)
    if len(sizes) < 2:
        raise ConfigurationError("a cluster-robust error needs at least two clusters")
    deviations = values - mean
    sums = np.bincount(codes, weights=deviations)
    inflation = 1 / (1 - sizes / n)
    variance = float(np.sum(inflation * sums**2)) / n**2
    independent = float(np.sum(deviations**2)) / (n - 1) / n
    return ClusterError(
        mean,
        float(np.sqrt(variance)),
        _bell_mccaffrey_df(sizes, inflation),
        n,
        len(sizes),
        variance / independent if independent > 0 else float("nan"),
        _excess_kurtosis(sums / np.sqrt(sizes)),
    )


def effective_clusters(codes: IntArray) -> float:
    """How many independent values n values are worth when each cluster is one answer repeated: N²/Σn_g².

    Kish's effective size (1965, Survey Sampling, chapter 8); the number of clusters if all are of one size.
    """
    sizes = np.bincount(codes).astype(np.float64)
    return float(np.sum(sizes) ** 2 / np.sum(sizes**2))


def _bell_mccaffrey_df(sizes: FloatArray, inflation: FloatArray) -> float:
    total = float(np.sum(sizes))
    trace = float(np.sum(inflation * (sizes - sizes**2 / total)))
    squares = float(
        np.sum(inflation**2 * (sizes**2 - 2 * sizes**3 / total)) + (np.sum(inflation * sizes**2) / total) ** 2
    )
    return trace**2 / squares


def _excess_kurtosis(contributions: FloatArray) -> float:
    largest = float(np.max(np.abs(contributions)))
    if not 0 < largest < np.inf:
        return 0.0
    scaled = contributions / largest  # fourth powers of large sums would overflow
    return float(np.mean(scaled**4) / np.mean(scaled**2) ** 2) - 3.0
