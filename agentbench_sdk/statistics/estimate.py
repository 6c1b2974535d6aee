"""A mean with the interval that fits its data, or with the reason why there is none."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.judging import Scale
from agentbench_sdk.statistics.bounded import bounded_interval, constant_interval
from agentbench_sdk.statistics.clusters import (
    ClusterError,
    FloatArray,
    IntArray,
    Labels,
    cluster_codes,
    cluster_error,
    effective_clusters,
)
from agentbench_sdk.statistics.interval import Interval, check_level, student_interval
from agentbench_sdk.statistics.proportion import wilson_interval

_CLUSTERED = ", cluster-robust"


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean that cannot be had without its uncertainty.

    Attributes:
        mean: of the values, each with the same weight; None when there are none.
        interval: None only together with a note that says why.
        n: number of values.
        n_clusters: number of clusters; n when each value is its own.
        method: how the interval was made, "" without one.
        note: what the reader has to know about the interval.
        std_error: of the mean; None where it cannot be estimated.
        df: degrees of freedom of the Student's t in the interval; None where it has none.
    """

    mean: float | None
    interval: Interval | None
    n: int
    n_clusters: int
    method: str = ""
    note: str = ""
    std_error: float | None = None
    df: float | None = None

    def __post_init__(self) -> None:
        if self.interval is None and not self.note:
            raise ConfigurationError("an estimate without an interval must say why there is none")

    def to_dict(self) -> dict[str, Any]:
        return {
            "mean": self.mean,
            "interval": self.interval.to_dict() if self.interval else None,
            "n": self.n,
            "n_clusters": self.n_clusters,
            "method": self.method,
            "note": self.note,
            "std_error": self.std_error,
            "df": self.df,
        }


def estimate_mean(
    values: ArrayLike,
    clusters: Labels | None = None,
    scale: Scale | None = None,
    level: float = 0.95,
) -> Estimate:
    """The mean of scores with the interval that fits them.

    ===============================  =========================================================
    values                           interval
    ===============================  =========================================================
    only the two ends of the scale   Wilson; in clusters, Wilson's form with an effective size
    between two ends                 `bounded_interval`: t in the middle, Wilson's form at the ends
    all the same, two ends           Wilson at an end, `constant_interval` elsewhere
    scale open on a side             Student's t with a cluster-robust error, cut off at the closed end
    one value, or one cluster        none: a spread cannot be estimated
    all the same, scale open         none: how far other values may lie is unknown
    ===============================  =========================================================

    Degrees of freedom are those of `cluster_error`: clusters - 1, fewer when sizes differ; on a bounded
    scale fewer still where a few clusters carry the spread (`ClusterError.skewed_df`).

    Arguments:
        values: shape (n,), finite.
        clusters: n labels of what hangs together (with repeats: the sample); None when nothing does.
        scale: range of the values; 0 to 1 when left out. A side on which values lie outside counts as open.
        level: nominal coverage.

    Raises:
        ConfigurationError: a value is not finite, or labels and values differ in number.

    >>> estimate = estimate_mean([1, 1, 1, 0, 1, 1, 1, 1, 1, 1])
    >>> estimate.mean, estimate.method, round(estimate.interval.low, 3)
    (0.9, 'Wilson', 0.596)
    """
    check_level(level)
    scores = np.asarray(values, dtype=np.float64).reshape(-1)
    codes = cluster_codes(clusters, len(scores))
    if not np.isfinite(scores).all():
        raise ConfigurationError("scores must be finite; leave out those of unscored samples")
    if len(scores) == 0:
        return Estimate(None, None, 0, 0, note="no interval: nothing was scored")
    scale, remark = _fitting(scale or Scale(), scores)
    with np.errstate(over="ignore", invalid="ignore", under="ignore"):
        estimate = _estimate(scores, codes, scale, level)
    if remark:
        estimate = replace(estimate, note="; ".join(part for part in (estimate.note, remark) if part))
    return estimate


def _fitting(scale: Scale, scores: FloatArray) -> tuple[Scale, str]:
    """Open the sides of a scale that the values do not keep to, and the remark that says so."""
    low = scale.low if scale.low is not None and scores.min() >= scale.low else None
    high = scale.high if scale.high is not None and scores.max() <= scale.high else None
    remark = "" if (low, high) == (scale.low, scale.high) else "values lie outside the judge's scale"
    if low is not None and high is not None and not 0 < high - low < math.inf:
        low = high = None
    return Scale(low, high, scale.unit), remark


def _estimate(scores: FloatArray, codes: IntArray, scale: Scale, level: float) -> Estimate:
    n, n_clusters = len(scores), int(codes.max()) + 1
    if n_clusters < 2:
        reason = "one value shows no spread" if n == 1 else f"all {n} values share one cluster"
        return Estimate(float(np.mean(scores)), None, n, n_clusters, note=f"no interval: {reason}")
    if _is_constant(scores, scale):
        return _of_constant(float(scores[0]), codes, scale, level)
    error = cluster_error(scores, codes)
    if not math.isfinite(error.std_error):
        return Estimate(_mean(scores), None, n, n_clusters, note="no interval: the values are too large")
    note = ""
    if error.design_effect < 1e-12:
        # Each cluster's mean is the same by chance or by design; a width of zero would be a false claim.
        error = replace(cluster_error(scores, np.arange(n)), n_clusters=n_clusters)
        note = "clusters do not differ: values taken as independent"
    if not error.std_error > 0:  # the squares of tiny values vanish
        return _of_constant(float(scores[0]), codes, scale, level)
    interval, df = _interval(scores, error, scale, level)
    return Estimate(error.mean, interval, n, n_clusters, interval.method, note, error.std_error, df)


def _is_constant(scores: FloatArray, scale: Scale) -> bool:
    """Whether values differ by rounding at most."""
    largest = float(np.max(np.abs(scores)))
    if scale.low is not None and scale.high is not None:
        largest = max(largest, scale.high - scale.low)
    return bool(np.ptp(scores) <= 1e-12 * largest)


def _mean(scores: FloatArray) -> float | None:
    mean = float(np.mean(scores))
    return mean if math.isfinite(mean) else None


def _of_constant(value: float, codes: IntArray, scale: Scale, level: float) -> Estimate:
    n, n_clusters, low, high = len(codes), int(codes.max()) + 1, scale.low, scale.high
    if low is None or high is None:
        note = f"no interval: all {n} values are equal, and on an open scale that shows no spread"
        return Estimate(value, None, n, n_clusters, note=note, std_error=0.0)
    independent = effective_clusters(codes)
    note = f"all {n} values are equal"
    if n_clusters < n:
        note += f"; each of {n_clusters} clusters counts once"
    if value in (low, high):
        share = wilson_interval(independent if value == high else 0.0, independent, level)
        length = high - low
        method = "Wilson" + (_CLUSTERED if n_clusters < n else "")
        interval = Interval(low + length * share.low, low + length * share.high, level, method)
    else:
        interval = constant_interval(value, independent, low, high, level)
    return Estimate(value, interval.clipped(low, high), n, n_clusters, interval.method, note, 0.0)


def _interval(
    scores: FloatArray, error: ClusterError, scale: Scale, level: float
) -> tuple[Interval, float | None]:
    """The interval, and the degrees of freedom of its Student's t where it has one."""
    low, high, clustered = scale.low, scale.high, error.n_clusters < error.n
    suffix = _CLUSTERED if clustered else ""
    if low is None or high is None:
        interval = student_interval(error.mean, error.std_error, error.df, level)
        return replace(interval, method=interval.method + suffix).clipped(low, high), error.df
    binary = bool(np.isin(scores, (low, high)).all())
    if binary and not clustered:
        share = wilson_interval(int(np.count_nonzero(scores == high)), error.n, level)
        interval = Interval(low + (high - low) * share.low, low + (high - low) * share.high, level, "Wilson")
        return interval.clipped(low, high), None
    interval = bounded_interval(error.mean, error.std_error, error.skewed_df, low, high, level)
    interval = replace(interval, method=("Wilson" if binary else interval.method) + suffix)
    return interval.clipped(low, high), error.skewed_df
