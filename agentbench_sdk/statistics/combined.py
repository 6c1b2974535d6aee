"""A weighted sum of independent means with its interval: the score of several tasks, or of their differences."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.judging import Scale
from agentbench_sdk.statistics.clusters import FloatArray, Labels
from agentbench_sdk.statistics.estimate import Estimate, estimate_mean
from agentbench_sdk.statistics.interval import Interval, check_level, normal_quantile, student_quantile

SMALLEST_P = 1e-12  # beyond it quantiles lose their digits
_TAKEN_AT = (
    0.95  # the level whose intervals tell how sure a part is, so that intervals of all levels are nested
)


@dataclass(frozen=True, slots=True)
class Part:
    """One of several independent sets of values.

    Attributes:
        name: what notes call it.
        values: shape (n,), finite.
        weight: of its mean in the sum, above 0.
        clusters: n labels of what hangs together; None when nothing does.
    """

    name: str
    values: ArrayLike
    weight: float
    clusters: Labels | None = None


@dataclass(frozen=True, slots=True)
class _Sum:
    """Weights with a sum of 1, and what `estimate_mean` says of each part on the scale that fits them all."""

    names: Sequence[str]
    weights: FloatArray
    found: Sequence[Estimate]
    scale: Scale

    @property
    def mean(self) -> float | None:
        if any(each.mean is None for each in self.found):
            return None
        return math.fsum(
            float(w) * (each.mean or 0.0) for w, each in zip(self.weights, self.found, strict=True)
        )

    def estimate(self, interval: Interval | None, note: str, df: float | None = None) -> Estimate:
        n, n_clusters = sum(each.n for each in self.found), sum(each.n_clusters for each in self.found)
        errors = [each.std_error for each in self.found]
        known = None if None in errors else [each or 0.0 for each in errors]
        error = None if known is None else float(np.linalg.norm(self.weights * known))
        method = interval.method if interval else ""
        return Estimate(self.mean, interval, n, n_clusters, method, note, error, df)


def combined_mean(parts: Sequence[Part], scale: Scale | None = None, level: float = 0.95) -> Estimate:
    """Σ wᵢ·mᵢ, the weights scaled to a sum of 1, with the interval that fits its parts.

    Each mean is as sure as `estimate_mean` has it, so clusters and repeats within a part count as they do there.
    On a scale with two ends it is the score interval of a weighted sum of proportions (see `_score_limit`), each
    with its effective size m(1-m)/se²; a part without a single failure keeps its uncertainty that way. On an open
    scale it is the sum ± t·√(Σ wᵢ²seᵢ²). The quantile is Student's t with Satterthwaite's degrees of freedom,
    (Σ wᵢ²vᵢ)² / Σ (wᵢ²vᵢ)²/dfᵢ (1946, Biometrics Bulletin 2, 110-114); parts without a t add nothing below.

    Arguments:
        parts: independent of each other; one at least.
        scale: range of the values, of all parts; 0 to 1 when left out. A side on which values lie outside counts
            as open.
        level: nominal coverage.

    Returns:
        The estimate; `n` and `n_clusters` are those of the parts together. There is no mean where a part has none,
        and no interval where a part has none: the note names the part. One part alone keeps its own interval.

    Raises:
        ConfigurationError: there is no part, a weight is not above 0, or a part's values cannot be estimated.

    >>> found = combined_mean([Part("a", [1, 0, 1, 1], 1.0), Part("b", [0, 0, 1, 0, 0], 1.0)])
    >>> round(found.mean, 3), round(found.interval.low, 3), round(found.interval.high, 3)
    (0.475, 0.213, 0.735)
    """
    whole = _summed(parts, scale or Scale())
    lacking = [name for name, each in zip(whole.names, whole.found, strict=True) if each.mean is None]
    if lacking:
        return whole.estimate(None, f"no score: nothing was scored in {', '.join(lacking)}")
    for name, each in zip(whole.names, whole.found, strict=True):
        if each.interval is None:
            return whole.estimate(None, f"no interval: {name}: {each.note.removeprefix('no interval: ')}")
    if len(parts) == 1:
        return estimate_mean(parts[0].values, parts[0].clusters, whole.scale, level)
    interval, df = _interval(whole, check_level(level))
    notes = (f"{name}: {each.note}" for name, each in zip(whole.names, whole.found, strict=True) if each.note)
    return whole.estimate(interval, "; ".join(notes), df)


def _summed(parts: Sequence[Part], scale: Scale) -> _Sum:
    if not parts or not all(0 < part.weight < math.inf for part in parts):
        raise ConfigurationError("a combined mean needs at least one part, and weights above 0")
    weights = np.array([part.weight for part in parts], dtype=np.float64)
    values = [np.asarray(part.values, dtype=np.float64).reshape(-1) for part in parts]
    held = np.concatenate(values)
    low = None if scale.low is None or (len(held) and held.min() < scale.low) else scale.low
    high = None if scale.high is None or (len(held) and held.max() > scale.high) else scale.high
    fitting = Scale(low, high, scale.unit)
    found = [
        estimate_mean(own, part.clusters, fitting, _TAKEN_AT) for own, part in zip(values, parts, strict=True)
    ]
    return _Sum([part.name for part in parts], weights / weights.sum(), found, fitting)


def _interval(whole: _Sum, level: float) -> tuple[Interval, float | None]:
    errors = np.array([_error(each) for each in whole.found])
    df = _satterthwaite((whole.weights * errors) ** 2, [each.df for each in whole.found])
    quantile = normal_quantile(level) if df is None else student_quantile(level, df)
    mean, low, high = whole.mean or 0.0, whole.scale.low, whole.scale.high
    if low is None or high is None:
        half = quantile * float(np.linalg.norm(whole.weights * errors))
        return Interval(mean - half, mean + half, level, "combined t").clipped(low, high), df
    length = high - low
    shares = np.clip([((each.mean or 0.0) - low) / length for each in whole.found], 0.0, 1.0)
    sizes = np.array(
        [_size(each, share, low, length) for each, share in zip(whole.found, shares, strict=True)]
    )
    below = _score_limit(shares, whole.weights, sizes, quantile)
    above = 1 - _score_limit(1 - shares, whole.weights, sizes, quantile)
    ends = min(low + length * below, mean), max(low + length * above, mean)  # rounding
    return Interval(*ends, level, "combined score").clipped(low, high), df


def _error(found: Estimate) -> float:
    """The standard error; where all values are equal, what half the interval's width stands for."""
    if found.std_error:
        return found.std_error
    return (found.interval.width if found.interval else 0.0) / 2 / normal_quantile(_TAKEN_AT)


def _size(found: Estimate, share: float, low: float, length: float) -> float:
    """How many independent yes/no answers would be as uncertain (Kish 1965); Wilson's limit tells it at an end."""
    assert found.interval is not None
    if found.std_error and found.df is None:  # Wilson's own: each value is an answer
        return float(found.n)
    if 0 < share < 1:
        return float(share * (1 - share) * (length / _error(found)) ** 2)
    reach = (found.interval.low - low if share == 1 else low + length - found.interval.high) / length
    return normal_quantile(_TAKEN_AT) ** 2 * reach / (1 - reach)


def _satterthwaite(variances: FloatArray, dfs: Sequence[float | None]) -> float | None:
    spent = math.fsum(
        variance**2 / df for variance, df in zip(variances.tolist(), dfs, strict=True) if df is not None
    )
    return float(variances.sum()) ** 2 / spent if spent > 0 else None


def _score_limit(shares: FloatArray, weights: FloatArray, sizes: FloatArray, quantile: float) -> float:
    """The lower limit of Σ wᵢ·pᵢ by inverting the score test, as Wilson's interval does for one proportion.

    Among all p with a sum μ those that are most likely solve nᵢ(mᵢ - pᵢ) = λ·wᵢ·pᵢ(1-pᵢ); with the variance
    V = Σ wᵢ²pᵢ(1-pᵢ)/nᵢ there, Σ wᵢmᵢ - μ = λ·V, and μ is the limit where λ·√V is the quantile. (The constrained
    estimates are those of Miettinen and Nurminen 1985, Statistics in Medicine 4, 213-226, for any weights.)
    """

    def constrained(multiplier: float) -> FloatArray:
        pull = multiplier * weights
        root = np.sqrt(np.maximum((pull + sizes) ** 2 - 4 * pull * sizes * shares, 0.0))
        return np.minimum(2 * sizes * shares / (pull + sizes + root), 1.0)

    def distance(multiplier: float) -> float:
        rates = constrained(multiplier)
        return multiplier * math.sqrt(float(np.sum(weights**2 * rates * (1 - rates) / sizes)))

    low, high = math.log(1e-9), math.log(1e15)
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if distance(math.exp(middle)) < quantile else (low, middle)
    return float(np.sum(weights * constrained(math.exp(low))))


def combined_p(parts: Sequence[Part], scale: Scale | None = None) -> float | None:
    """Two-sided p of a combined mean of 0: the p at which 0 lies on the end of the interval of level 1 - p.

    Arguments:
        parts: differences, as `combined_mean` takes them.
        scale: range of the differences; see `differences_scale`.

    Returns:
        None where the combined mean has no interval; 1e-12 stands for anything smaller.

    Raises:
        ConfigurationError: see `combined_mean`.
    """
    if combined_mean(parts, scale).interval is None:
        return None
    return inverted(lambda level: combined_mean(parts, scale, level).interval)


def inverted(interval_at: Callable[[float], Interval | None]) -> float:
    """The p at which 0 lies on the end of the interval of level 1 - p.

    Arguments:
        interval_at: the interval of a level; it grows with its level.
    """

    def holds_nothing(p: float) -> bool:
        interval = interval_at(1 - p)
        return interval is not None and 0.0 in interval

    if not holds_nothing(SMALLEST_P):
        return SMALLEST_P
    if holds_nothing(1 - 1e-9):
        return 1.0
    low, high = math.log(SMALLEST_P), 0.0
    for _ in range(44):  # to 12 digits
        middle = (low + high) / 2
        low, high = (middle, high) if holds_nothing(math.exp(middle)) else (low, middle)
    return math.exp(low)
