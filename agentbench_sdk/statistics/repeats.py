"""Repeats: how much of the spread lies between samples and how much between epochs of one sample."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.statistics.clusters import FloatArray, IntArray, Labels, cluster_codes


@dataclass(frozen=True, slots=True)
class VarianceParts:
    """Where the variance of scores comes from.

    Attributes:
        between: variance of the samples' true means; 0 when the estimate is negative.
        within: variance between epochs of one sample.
        n, n_samples: number of values and of samples.
    """

    between: float
    within: float
    n: int
    n_samples: int

    @property
    def intraclass_correlation(self) -> float | None:
        """Share of the variance that lies between samples: between/(between + within); None without any."""
        total = self.between + self.within
        return self.between / total if total > 0 else None

    def std_error(self, samples: int, epochs: int) -> float:
        """Standard error of the mean to expect of `samples` with `epochs` each: √(b/S + w/(S·E))."""
        return float(np.sqrt(self.between / samples + self.within / (samples * epochs)))

    def to_dict(self) -> dict[str, Any]:
        return {
            "between": self.between,
            "within": self.within,
            "n": self.n,
            "n_samples": self.n_samples,
            "intraclass_correlation": self.intraclass_correlation,
        }


def variance_parts(values: ArrayLike, samples: Labels) -> VarianceParts:
    """Split the variance of repeated scores by the analysis of variance of one random effect.

    within = MSW; between = (MSB - MSW)/n₀ with n₀ = (N - Σn_i²/N)/(S-1), which is the number of epochs
    when it is the same for all (Searle, Casella and McCulloch 1992, Variance Components, section 3.6; used
    for evaluations by Miller 2024, arXiv:2411.00640).

    Arguments:
        values: shape (n,), the scores of all attempts.
        samples: n labels; values of one sample share one.

    Raises:
        ConfigurationError: fewer than two samples, or no sample with two values.

    >>> parts = variance_parts([1, 0, 1, 1, 0, 0], ["a", "a", "b", "b", "c", "c"])
    >>> round(parts.between, 4), round(parts.within, 4)
    (0.1667, 0.1667)
    """
    scores = np.asarray(values, dtype=np.float64).reshape(-1)
    codes = cluster_codes(samples, len(scores))
    sizes = np.bincount(codes) if len(codes) else np.zeros(0, dtype=np.intp)
    if len(sizes) < 2 or sizes.max() < 2:
        raise ConfigurationError("splitting a variance needs two samples, and one with two scored epochs")
    return _split(scores, codes, sizes.astype(np.float64))


def _split(scores: FloatArray, codes: IntArray, sizes: FloatArray) -> VarianceParts:
    n, count = len(scores), len(sizes)
    means = np.bincount(codes, weights=scores) / sizes
    ms_within = float(np.sum((scores - means[codes]) ** 2)) / (n - count)
    ms_between = float(np.sum(sizes * (means - np.mean(scores)) ** 2)) / (count - 1)
    typical = (n - float(np.sum(sizes**2)) / n) / (count - 1)
    return VarianceParts(max(0.0, (ms_between - ms_within) / typical), ms_within, n, count)
