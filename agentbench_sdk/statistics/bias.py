"""Whether a judge leans on what should not count: the place of a candidate, its length, its family."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.statistics.clusters import FloatArray, cluster_error
from agentbench_sdk.statistics.interval import Interval, normal_quantile, student_interval
from agentbench_sdk.statistics.proportion import clopper_pearson_interval

_SEED = 19_350_101
_SHUFFLES = 9_999


@dataclass(frozen=True, slots=True)
class BiasTest:
    """One test of one bias.

    Attributes:
        name: which bias.
        effect: its size, in the unit that `unit` names; None where nothing can be said.
        neutral: the effect of a judge without the bias.
        interval: of the effect; None only together with a note.
        p: probability of an effect at least as large, either way, if there is no bias.
        n: cases that say something about it.
    """

    name: str
    effect: float | None
    neutral: float
    unit: str
    interval: Interval | None
    p: float | None
    n: int
    note: str = ""

    def to_dict(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "effect": self.effect,
            "neutral": self.neutral,
            "unit": self.unit,
            "interval": self.interval.to_dict() if self.interval else None,
            "p": self.p,
            "n": self.n,
            "note": self.note,
        }


def position_bias(first_both: int, second_both: int, level: float = 0.95) -> BiasTest:
    """Of pairs judged in both orders whose verdict flipped: the share in which the first place won.

    A judge that only errs at random flips as often towards the first place as towards the second, so that the
    share is one half; exact binomial test and interval (Clopper and Pearson 1934).

    Arguments:
        first_both: pairs of which whatever stood first won, in both orders.
        second_both: pairs of which whatever stood second won.
        level: nominal coverage of the interval.

    Raises:
        ConfigurationError: a count is negative.

    >>> found = position_bias(18, 2)
    >>> found.effect, round(found.p, 4)
    (0.9, 0.0004)
    """
    if min(first_both, second_both) < 0:
        raise ConfigurationError(f"counts of flips cannot be negative: {first_both}, {second_both}")
    n = first_both + second_both
    if not n:
        note = "no verdict flipped with the order"
        return BiasTest("position", None, 0.5, "share of the first place", None, None, 0, note)
    interval = clopper_pearson_interval(first_both, n, level)
    return BiasTest(
        "position",
        first_both / n,
        0.5,
        "share of the first place among flipped verdicts",
        interval,
        even_odds_p(first_both, n),
        n,
    )


def length_bias(errors: ArrayLike, lengths: ArrayLike, level: float = 0.95) -> BiasTest:
    """How the judge's error (its score less the label) goes with the answer's length: Spearman's correlation.

    Spearman 1904 (American Journal of Psychology 15, 72-101), p from shuffling the lengths, interval by
    Fisher's z with Fieller's, Hartley's and Pearson's 1957 variance 1.06/(n-3) (Biometrika 44, 470-481).

    Arguments:
        errors: shape (n,).
        lengths: shape (n,), in any unit: only their order counts.
        level: nominal coverage of the interval.

    Raises:
        ConfigurationError: sizes differ, or a value is not finite.
    """
    error, length = _pair(errors, lengths)
    n, unit = len(error), "correlation of the judge's error with length"
    if n < 4 or np.ptp(error) == 0 or np.ptp(length) == 0:
        note = "errors or lengths do not differ, or there are fewer than four cases"
        return BiasTest("length", None, 0.0, unit, None, None, n, note)
    one, other = _ranks(error), _ranks(length)
    effect = _correlation(one, other)
    generator = np.random.Generator(np.random.PCG64(_SEED))
    drawn = np.array([_correlation(one, generator.permutation(other)) for _ in range(_SHUFFLES)])
    p = (1 + np.count_nonzero(np.abs(drawn) >= abs(effect) - 1e-12)) / (1 + _SHUFFLES)
    return BiasTest("length", effect, 0.0, unit, _fisher(effect, n, level), float(p), n)


def self_preference(own: ArrayLike, others: ArrayLike, level: float = 0.95) -> BiasTest:
    """How much better the judge errs for answers of its own family: mean error there less mean error elsewhere.

    An error is the judge's score less the label, so that own answers that are truly better are no bias. Welch's
    interval (Welch 1947, Biometrika 34, 28-35), p from shuffling which answers are its own.

    Arguments:
        own: errors on answers of the judge's family.
        others: errors on the other answers.
        level: nominal coverage of the interval.

    Raises:
        ConfigurationError: a value is not finite.
    """
    mine, theirs = _finite(own), _finite(others)
    n, unit = len(mine) + len(theirs), "mean error on own answers less mean error on others"
    if min(len(mine), len(theirs)) < 2:
        note = "two labelled answers of each kind are needed"
        return BiasTest("self-preference", None, 0.0, unit, None, None, n, note)
    effect = float(mine.mean() - theirs.mean())
    interval, note = _welch(mine, theirs, effect, level)
    generator = np.random.Generator(np.random.PCG64(_SEED))
    both = np.concatenate([mine, theirs])
    drawn = np.empty(_SHUFFLES)
    for number in range(_SHUFFLES):
        shuffled = generator.permutation(both)
        drawn[number] = shuffled[: len(mine)].mean() - shuffled[len(mine) :].mean()
    p = (1 + np.count_nonzero(np.abs(drawn) >= abs(effect) - 1e-12)) / (1 + _SHUFFLES)
    return BiasTest("self-preference", effect, 0.0, unit, interval, float(p), n, note)


def even_odds_p(successes: int, n: int) -> float:
    """Two-sided, at a rate of one half, where both tails are the same."""
    from scipy.special import bdtr

    return float(min(1.0, 2 * bdtr(min(successes, n - successes), n, 0.5)))


def _pair(one: ArrayLike, other: ArrayLike) -> tuple[FloatArray, FloatArray]:
    first, second = _finite(one), _finite(other)
    if len(first) != len(second):
        raise ConfigurationError(f"there are {len(first)} errors and {len(second)} lengths")
    return first, second


def _finite(values: ArrayLike) -> FloatArray:
    found = np.asarray(values, dtype=np.float64).reshape(-1)
    if not np.isfinite(found).all():
        raise ConfigurationError("errors and lengths must be finite; leave out cases without a label")
    return found


def _ranks(values: FloatArray) -> FloatArray:
    """Ranks with ties in the middle, centred."""
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    middle = np.cumsum(counts) - (counts - 1) / 2
    ranks = middle[places.reshape(-1)]
    return np.asarray(ranks - ranks.mean())


def _correlation(one: FloatArray, other: FloatArray) -> float:
    return float((one * other).sum() / np.sqrt((one**2).sum() * (other**2).sum()))


def _fisher(effect: float, n: int, level: float) -> Interval:
    bounded = float(np.clip(effect, -1 + 1e-12, 1 - 1e-12))
    half = normal_quantile(level) * np.sqrt(1.06 / (n - 3))
    low, high = np.tanh(np.arctanh(bounded) - half), np.tanh(np.arctanh(bounded) + half)
    return Interval(float(low), float(high), level, "Fisher z")


def _welch(mine: FloatArray, theirs: FloatArray, effect: float, level: float) -> tuple[Interval | None, str]:
    parts = [cluster_error(each, np.arange(len(each))) for each in (mine, theirs)]
    squares = [each.std_error**2 for each in parts]
    if not sum(squares) > 0:
        return None, "no interval: the errors do not differ within either kind"
    df = sum(squares) ** 2 / sum(square**2 / each.df for square, each in zip(squares, parts, strict=True))
    found = student_interval(effect, float(np.sqrt(sum(squares))), df, level)
    return Interval(found.low, found.high, level, "Welch t"), ""
