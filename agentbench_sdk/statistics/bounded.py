"""Intervals of a mean on a scale with two ends, where Student's t fails near the ends."""

from __future__ import annotations

from agentbench_sdk.statistics.interval import Interval, student_quantile
from agentbench_sdk.statistics.proportion import clopper_pearson_interval, score_ends


def bounded_interval(
    mean: float, std_error: float, df: float, low: float = 0.0, high: float = 1.0, level: float = 0.95
) -> Interval:
    """Wilson's form with an effective size and Student's t: for graded or clustered values on [low, high].

    With m the mean moved to [0, 1], n* = m(1-m)/se² is the number of independent yes/no answers that
    would be as uncertain; Wilson's interval for m and n* is taken with t(df) in place of z. In the middle
    of the scale it is the t interval; near an end it bends away from the end and never crosses it.
    (Effective size: Kish 1965, Survey Sampling; with t: Korn and Graubard 1998, Survey Methodology 24,
    193-201; with Wilson's form: Dean and Pagano 2015, J. Survey Statistics and Methodology 3, 484-503.)

    Arguments:
        mean: strictly between low and high.
        std_error: positive.
        df: degrees of freedom of the standard error.
        low: lower end of the scale.
        high: upper end of the scale.
        level: nominal coverage.

    >>> interval = bounded_interval(0.95, 0.03, df=29)
    >>> round(interval.low, 3), round(interval.high, 3)
    (0.849, 0.985)
    """
    length = high - low
    share = (mean - low) / length
    relative = std_error / length
    effective = share * (1 - share) / relative / relative
    ends = score_ends(share, effective, student_quantile(level, df))
    return _on_scale(ends, mean, low, length, level, "bounded t")


def constant_interval(
    value: float, n: float, low: float = 0.0, high: float = 1.0, level: float = 0.95
) -> Interval:
    """The mean's interval when all n independent values on [low, high] are the same: it is not a point.

    With c the value moved to [0, 1] and μ the mean there, Markov's inequality gives P(X ≥ c) ≤ μ/c, so that
    all n values reach c with a probability of at most (μ/c)ⁿ. Means below c·q, q = (a/2)^(1/n), are refused
    at a/2; by symmetry those above 1 - (1-c)·q. With c = 1 or 0 this is the interval of Clopper and Pearson.
    Covers at least its level whatever the distribution on the scale.

    Arguments:
        value: the value that all have, between low and high.
        n: number of independent values; of clusters, where values within one hang together.
        low: lower end of the scale.
        high: upper end of the scale.
        level: nominal coverage.

    >>> interval = constant_interval(0.5, 30)
    >>> round(interval.low, 3), round(interval.high, 3)
    (0.442, 0.558)
    """
    length = high - low
    share = (value - low) / length
    reach = clopper_pearson_interval(n, n, level).low
    ends = share * reach, 1 - (1 - share) * reach
    return _on_scale(ends, value, low, length, level, "Clopper-Pearson bound")


def _on_scale(
    ends: tuple[float, float], mean: float, low: float, length: float, level: float, method: str
) -> Interval:
    """Move ends from [0, 1] back; rounding may not push the mean out of its own interval."""
    return Interval(min(low + length * ends[0], mean), max(low + length * ends[1], mean), level, method)
