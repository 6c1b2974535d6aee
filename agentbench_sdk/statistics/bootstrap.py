"""Intervals from resampling, for statistics that have no formula (medians, ratios, ranks)."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.statistics.clusters import FloatArray, IntArray, Labels, cluster_codes
from agentbench_sdk.statistics.interval import Interval, check_level

Statistic = Callable[[FloatArray], float]


def bootstrap_interval(
    values: ArrayLike,
    statistic: Statistic,
    clusters: Labels | None = None,
    *,
    seed: int,
    method: Literal["bca", "percentile"] = "bca",
    resamples: int = 2000,
    level: float = 0.95,
) -> Interval:
    """Resample whole clusters with replacement and take quantiles of the statistic.

    "percentile" takes those at a/2 and 1-a/2; "bca" moves them for bias and acceleration (Efron 1987,
    JASA 82, 171-185; Davison and Hinkley 1997, section 5.3): z₀ from the share of resamples below the
    estimate, a = Σd³/6(Σd²)^1.5 from leaving out one cluster at a time. Clusters are resampled, never the
    values within, since values of one cluster are not independent.

    Arguments:
        values: shape (n,) or (n, columns); the first axis is resampled.
        statistic: takes resampled values of the same width and returns a number; called
            `resamples` times, and once more for each cluster with "bca".
        clusters: n labels of what hangs together; None when nothing does.
        seed: the same seed gives the same interval.
        method: "bca" or "percentile".
        resamples: how many; a BCa interval at 0.95 needs about 2,000.
        level: nominal coverage.

    Raises:
        ConfigurationError: fewer than two clusters, or the statistic is not finite.
    """
    check_level(level)
    data = np.asarray(values, dtype=np.float64)
    members = _members(cluster_codes(clusters, len(data)))
    if len(members) < 2:
        raise ConfigurationError("a bootstrap needs at least two values (two clusters) to resample")
    draws = _draws(data, members, statistic, seed, resamples)
    tails = np.array([(1 - level) / 2, (1 + level) / 2])
    if method == "bca":
        tails = _bca_tails(tails, draws, float(statistic(data)), _left_out(data, members, statistic))
    low, high = (float(end) for end in np.quantile(draws, tails))
    return Interval(low, high, level, f"{method} bootstrap" if method == "percentile" else "BCa bootstrap")


SumsStatistic = Callable[[FloatArray], FloatArray]
MOST_UNITS = 2000
_TOGETHER = 250  # resamples whose weights are in memory at once


def bootstrap_sums(
    rows: ArrayLike,
    statistic: SumsStatistic,
    clusters: Labels | None = None,
    *,
    seed: int,
    resamples: int = 2000,
    level: float = 0.95,
) -> list[Interval | None]:
    """BCa intervals of figures that are functions of sums over values: ratios, F1, BLEU.

    As `bootstrap_interval`, but what is resampled are the clusters' sums, so that a resample costs one product
    and not a pass over all values. More than 2,000 clusters are put into 2,000 groups of nearly one size, in
    turn, and whole groups are resampled (as for the grouped jackknife: Shao and Tu 1995, section 2.4).

    Arguments:
        rows: shape (n, columns), finite: what is summed.
        statistic: takes sums, shape (m, columns), and returns figures, shape (m, k); nan where undefined.
        clusters: n labels of what hangs together; None when nothing does.
        seed: the same seed gives the same intervals.
        resamples: how many.
        level: nominal coverage.

    Returns:
        k intervals; None for a figure that fewer than 95 % of the resamples define, or that is the same in all.

    Raises:
        ConfigurationError: fewer than two clusters.
    """
    check_level(level)
    data = np.asarray(rows, dtype=np.float64)
    codes = cluster_codes(clusters, len(data))
    units = _unit_sums(data, codes)
    if len(units) < 2:
        raise ConfigurationError("a bootstrap needs at least two values (two clusters) to resample")
    total = units.sum(axis=0)
    draws = _sum_draws(units, statistic, seed, resamples)
    left_out, estimate = statistic(total - units), statistic(total[None, :])[0]
    tails = np.array([(1 - level) / 2, (1 + level) / 2])
    return [
        _of_draws(draws[:, each], left_out[:, each], float(estimate[each]), tails, level)
        for each in range(draws.shape[1])
    ]


def _unit_sums(data: FloatArray, codes: IntArray) -> FloatArray:
    units = min(int(codes.max()) + 1, MOST_UNITS) if len(codes) else 0
    sums = np.zeros((units, data.shape[1]))
    if units:
        np.add.at(sums, codes % units, data)
    return sums


def _sum_draws(units: FloatArray, statistic: SumsStatistic, seed: int, resamples: int) -> FloatArray:
    generator = np.random.Generator(np.random.PCG64(seed))
    n = len(units)
    parts = []
    for start in range(0, resamples, _TOGETHER):
        weights = generator.multinomial(n, np.full(n, 1 / n), size=min(_TOGETHER, resamples - start))
        parts.append(statistic(weights @ units))
    return np.concatenate(parts)


def _of_draws(
    draws: FloatArray, left_out: FloatArray, estimate: float, tails: FloatArray, level: float
) -> Interval | None:
    fine, kept = np.isfinite(draws), left_out[np.isfinite(left_out)]
    if not math.isfinite(estimate) or fine.mean() < 0.95 or len(kept) < 2 or not np.ptp(draws[fine]) > 0:
        return None
    low, high = np.quantile(draws[fine], _bca_tails(tails, draws[fine], estimate, kept))
    return Interval(float(low), float(high), level, "BCa bootstrap")


def _members(codes: IntArray) -> list[IntArray]:
    """Positions of each cluster's values."""
    order = np.argsort(codes, kind="stable")
    return np.split(order, np.cumsum(np.bincount(codes))[:-1]) if len(codes) else []


def _draws(
    data: FloatArray, members: list[IntArray], statistic: Statistic, seed: int, resamples: int
) -> FloatArray:
    generator = np.random.Generator(np.random.PCG64(seed))
    single = len(members) == len(data)
    results = np.empty(resamples)
    for i in range(resamples):
        drawn = generator.integers(len(members), size=len(members))
        rows = drawn if single else np.concatenate([members[each] for each in drawn])
        results[i] = statistic(data[rows])
    if not np.isfinite(results).all():
        raise ConfigurationError("the bootstrapped statistic is not finite on every resample")
    return results


def _left_out(data: FloatArray, members: list[IntArray], statistic: Statistic) -> FloatArray:
    keep = np.ones(len(data), dtype=bool)
    results = np.empty(len(members))
    for i, rows in enumerate(members):
        keep[rows] = False
        results[i] = statistic(data[keep])
        keep[rows] = True
    return results


def _bca_tails(tails: FloatArray, draws: FloatArray, estimate: float, left_out: FloatArray) -> FloatArray:
    """Move the quantiles' levels; ties with the estimate count half (Davison and Hinkley 1997)."""
    from scipy.special import ndtr, ndtri

    below = (np.count_nonzero(draws < estimate) + np.count_nonzero(draws <= estimate)) / (2 * len(draws))
    limit = 0.5 / len(draws)
    bias = float(ndtri(min(max(below, limit), 1 - limit)))
    pull = np.mean(left_out) - left_out
    spread = float(np.sum(pull**2))
    acceleration = float(np.sum(pull**3)) / (6 * math.pow(spread, 1.5)) if spread > 0 else 0.0
    moved = bias + ndtri(tails)
    return np.asarray(ndtr(bias + moved / (1 - acceleration * moved)), dtype=np.float64)
