"""Intervals of a share of successes."""

from __future__ import annotations

import math

from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.statistics.interval import Interval, check_level, normal_quantile


def score_ends(share: float, n: float, critical: float) -> tuple[float, float]:
    """The two roots p of |share - p| = critical·√(p(1-p)/n): Wilson's form, for any critical value.

    `n` may be a fraction (an effective size). The ends lie in [0, 1] and around the share.
    """
    square = critical * critical
    denominator = 1.0 + square / n
    centre = (share + square / (2 * n)) / denominator
    half = critical * math.sqrt(share * (1 - share) / n + square / (4 * n * n)) / denominator
    return max(0.0, min(centre - half, share)), min(1.0, max(centre + half, share))


def wilson_interval(successes: float, n: float, level: float = 0.95) -> Interval:
    """Wilson's score interval of a binomial share (Wilson 1927, JASA 22, 209-212).

    (p̂ + z²/2n ± z·√(p̂(1-p̂)/n + z²/4n²)) / (1 + z²/n). Never leaves [0, 1] and has a width at 0 and n
    successes. Its true coverage moves around the nominal one because counts are whole numbers: at a rate
    of 0.98 and n = 30 the counts 28 to 30 have 97.8 % of the probability, 29 and 30 alone 87.9 %, so that
    no interval comes nearer to 95 %.

    Arguments:
        successes: how many of the n; may be a fraction when n is an effective size.
        n: how many there are.
        level: nominal coverage.

    Raises:
        ConfigurationError: not 0 ≤ successes ≤ n with n > 0.

    >>> interval = wilson_interval(9, 10)
    >>> round(interval.low, 3), round(interval.high, 3)
    (0.596, 0.982)
    """
    _check(successes, n)
    return Interval(*score_ends(successes / n, n, normal_quantile(level)), level, "Wilson")


def clopper_pearson_interval(successes: float, n: float, level: float = 0.95) -> Interval:
    """The exact binomial interval (Clopper and Pearson 1934, Biometrika 26, 404-413), from Beta quantiles.

    low = B(a/2; x, n-x+1), high = B(1-a/2; x+1, n-x). Covers at least its level, often more.

    Raises:
        ConfigurationError: not 0 ≤ successes ≤ n with n > 0.

    >>> interval = clopper_pearson_interval(30, 30)
    >>> round(interval.low, 3), interval.high
    (0.884, 1.0)
    """
    from scipy.special import betaincinv

    _check(successes, n)
    tail, failures = (1 - check_level(level)) / 2, n - successes
    low = float(betaincinv(successes, failures + 1, tail)) if successes > 0 else 0.0
    high = float(betaincinv(successes + 1, failures, 1 - tail)) if failures > 0 else 1.0
    return Interval(low, high, level, "Clopper-Pearson")


def _check(successes: float, n: float) -> None:
    if not (n > 0 and 0 <= successes <= n):
        raise ConfigurationError(f"a share needs n > 0 and 0 <= successes <= n, not {successes} of {n}")
