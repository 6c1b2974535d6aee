"""Is one run better than another: the paired difference on shared samples, its tests, and many at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.judging import Scale
from agentbench_sdk.statistics.bias import even_odds_p
from agentbench_sdk.statistics.clusters import FloatArray, Labels, cluster_codes
from agentbench_sdk.statistics.combined import inverted
from agentbench_sdk.statistics.estimate import Estimate, estimate_mean

_EXACT = 16  # as many clusters whose 2**16 signs are all tried
_BLOCK = 4_000_000  # signs held at once, in bytes


@dataclass(frozen=True, slots=True)
class PairedDifference:
    """How much better the second run is than the first, on the samples that both have.

    Attributes:
        first, second: mean of each on these samples.
        estimate: of the difference, second less first; its `n` is the number of samples.
        p: two-sided probability of a difference at least as large if there is none; `p < 1 - level` exactly
            if the interval leaves 0 out. None where there is no interval. 1e-12 stands for anything smaller.
        p_sign_flip: the same by `sign_flip_p`, which assumes no distribution.
    """

    first: float
    second: float
    estimate: Estimate
    p: float | None
    p_sign_flip: float

    def to_dict(self) -> dict[str, Any]:
        return {
            "first": self.first,
            "second": self.second,
            "estimate": self.estimate.to_dict(),
            "p": self.p,
            "p_sign_flip": self.p_sign_flip,
        }


def paired_difference(
    first: ArrayLike,
    second: ArrayLike,
    clusters: Labels | None = None,
    scale: Scale | None = None,
    level: float = 0.95,
) -> PairedDifference:
    """The mean of second less first, with its cluster-robust interval and p.

    The questions' own difficulty cancels out in the differences (Miller 2024, arXiv:2411.00640, section 4.2).
    The interval is that of `estimate_mean` for values between low - high and high - low: Student's t with a
    cluster-robust error, bent away from the ends of the scale; p is found by inverting it.

    Arguments:
        first: shape (n,), one value a sample: the mean over its epochs.
        second: the same samples in the same order.
        clusters: n labels of what hangs together; None when nothing does.
        scale: range of the values; 0 to 1 when left out.
        level: nominal coverage.

    Raises:
        ConfigurationError: there are no samples, sizes differ, or a value is not finite.

    >>> found = paired_difference([0, 1, 0, 1, 0, 0], [1, 1, 1, 1, 0, 1])
    >>> round(found.estimate.mean, 2), found.p_sign_flip
    (0.5, 0.25)
    """
    before, after = _pair(first, second)
    differences = after - before
    codes = cluster_codes(clusters, len(differences))
    wide = differences_scale(scale or Scale())
    estimate = estimate_mean(differences, codes, wide, level)
    return PairedDifference(
        float(np.mean(before)),
        float(np.mean(after)),
        estimate,
        inverted(lambda wanted: estimate_mean(differences, codes, wide, wanted).interval)
        if estimate.interval is not None
        else None,
        sign_flip_p(differences, codes),
    )


def _pair(first: ArrayLike, second: ArrayLike) -> tuple[FloatArray, FloatArray]:
    before = np.asarray(first, dtype=np.float64).reshape(-1)
    after = np.asarray(second, dtype=np.float64).reshape(-1)
    if len(before) != len(after) or not len(before):
        raise ConfigurationError(
            f"a paired comparison needs the same samples twice; there are {len(before)} and {len(after)}"
        )
    if not (np.isfinite(before).all() and np.isfinite(after).all()):
        raise ConfigurationError("scores must be finite; leave out samples that a run has no score of")
    return before, after


def differences_scale(scale: Scale) -> Scale:
    """The range of differences of values on a scale: open where the scale is open on either side.

    >>> differences_scale(Scale(1, 5)).low, differences_scale(Scale(1, 5)).high
    (-4, 4)
    """
    if scale.low is None or scale.high is None:
        return Scale(None, None, scale.unit)
    return Scale(scale.low - scale.high, scale.high - scale.low, scale.unit)


def sign_flip_p(
    differences: ArrayLike, clusters: Labels | None = None, *, seed: int = 20_411_640, draws: int = 9_999
) -> float:
    """Two-sided p of a mean difference by turning signs round: if there is none, each is as likely as its opposite.

    Fisher 1935 (The Design of Experiments, section 21); clusters turn as a whole. All 2**G signs are tried of
    at most 16 clusters that have a difference; of more, `draws` at random, p = (1 + hits)/(1 + draws) (Phipson
    and Smyth 2010, Statistical Applications in Genetics and Molecular Biology 9, article 39).

    Arguments:
        differences: shape (n,), one a sample.
        clusters: n labels of what hangs together; None when nothing does.
        seed: of the random signs; the same data and seed give the same p.
        draws: how many random signs.

    Raises:
        ConfigurationError: labels and differences differ in number.

    >>> sign_flip_p([1, 1, 1, 1])
    0.125
    """
    values = np.asarray(differences, dtype=np.float64).reshape(-1)
    codes = cluster_codes(clusters, len(values))
    sums = np.bincount(codes, weights=values) if len(values) else np.zeros(0)
    sums = sums[np.abs(sums) > 1e-12 * max(1.0, float(np.max(np.abs(values), initial=0.0)))]
    observed = abs(float(sums.sum())) * (
        1 - 1e-9
    )  # sums of the same numbers in another order differ by rounding
    if len(sums) <= _EXACT:
        signs = 1 - 2 * ((np.arange(2 ** len(sums))[:, None] >> np.arange(len(sums))) & 1)
        return float(np.mean(np.abs(signs @ sums) >= observed)) if len(sums) else 1.0
    generator, hits, left = np.random.Generator(np.random.PCG64(seed)), 0, draws
    while left > 0:
        block = min(left, max(1, _BLOCK // len(sums)))
        drawn = generator.integers(0, 2, (block, len(sums)), dtype=np.int8) * 2 - 1
        hits += int(np.count_nonzero(np.abs(drawn @ sums) >= observed))
        left -= block
    return (1 + hits) / (1 + draws)


def mcnemar_p(only_first: int, only_second: int) -> float:
    """Two-sided exact p of McNemar's test: of samples that one run alone passes, either is as likely.

    McNemar 1947 (Psychometrika 12, 153-157), with the binomial distribution in place of chi-square.

    Arguments:
        only_first: samples that the first run passes and the second does not.
        only_second: those the other way round.

    Raises:
        ConfigurationError: a count is negative.

    >>> round(mcnemar_p(1, 9), 4)
    0.0215
    """
    if min(only_first, only_second) < 0:
        raise ConfigurationError(f"counts of samples cannot be negative: {only_first}, {only_second}")
    return even_odds_p(only_first, only_first + only_second) if only_first + only_second else 1.0


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjusted p of several comparisons: below α with a chance of at most α that any of them is a false alarm.

    Holm 1979 (Scandinavian Journal of Statistics 6, 65-70): the i-th smallest of m is multiplied by m - i + 1,
    and none may lie below a smaller one's.

    Raises:
        ConfigurationError: one is no probability.

    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    if not all(0 <= p <= 1 for p in p_values):
        raise ConfigurationError(f"a p value lies between 0 and 1: {list(p_values)}")
    adjusted, largest = [0.0] * len(p_values), 0.0
    for rank, place in enumerate(sorted(range(len(p_values)), key=lambda each: p_values[each])):
        largest = max(largest, min(1.0, (len(p_values) - rank) * p_values[place]))
        adjusted[place] = largest
    return adjusted
