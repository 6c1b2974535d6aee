"""What a rate would be without the judge's errors, learned from cases that people have labelled."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.judging import Scale
from agentbench_sdk.statistics.bounded import bounded_interval
from agentbench_sdk.statistics.clusters import FloatArray, Labels, cluster_codes, cluster_error
from agentbench_sdk.statistics.interval import Interval, check_level, normal_quantile, student_interval

FEWEST = 2


@dataclass(frozen=True, slots=True)
class Corrected:
    """A mean of a judge's scores, corrected by labels.

    Attributes:
        mean: None where it cannot be had.
        interval: None only together with a note.
        naive: the judge's own mean, over all cases.
        n: cases with a score of the judge; `n_labelled` of them have a label.
        method: how it was corrected.
        trust: how far the judge's scores count, 0 to 1 and beyond: 0 is the labels alone, 1 adds the judge's
            scores in full. None for other methods.
    """

    mean: float | None
    interval: Interval | None
    naive: float
    n: int
    n_labelled: int
    method: str
    note: str = ""
    trust: float | None = None

    def to_dict(self) -> dict[str, Any]:
        return {
            "mean": self.mean,
            "interval": self.interval.to_dict() if self.interval else None,
            "naive": self.naive,
            "n": self.n,
            "n_labelled": self.n_labelled,
            "method": self.method,
            "note": self.note,
            "trust": self.trust,
        }


def prediction_powered(
    judged: ArrayLike,
    labels: ArrayLike,
    clusters: Labels | None = None,
    scale: Scale | None = None,
    level: float = 0.95,
) -> Corrected:
    """The mean of what people would say, from the judge's scores of all cases and labels of some.

    Prediction-powered inference (Angelopoulos et al. 2023, Science 382, 669-674) with the tuning of
    Angelopoulos, Duchi and Zrnic 2023 (arXiv:2311.01453, section 6): with f the judge's scores, y the labels of
    n cases, N cases without label: mean = t·mean_N(f) + mean_n(y - t·f), variance = t²·Var_N(f) + Var_n(y - t·f),
    t = Cov(y, f) / ((1 + n/N)·Var(f)). Right whatever the judge's errors, as long as the labelled cases were
    drawn at random; a good judge makes the interval narrower, a useless one is left out (t = 0).

    Arguments:
        judged: shape (n,), the judge's scores of all cases.
        labels: shape (n,), what people say of them, nan where nobody did.
        clusters: a label for each case, where cases hang together.
        scale: of the scores; 0 to 1 when left out.
        level: nominal coverage.

    Raises:
        ConfigurationError: sizes differ, a score is not finite, or fewer than two cases are labelled.

    >>> found = prediction_powered([1, 1, 0, 1, 0, 0], [1, 0, 0, 1, float("nan"), float("nan")])
    >>> round(found.mean, 3), found.naive, found.n_labelled
    (0.361, 0.5, 4)
    """
    check_level(level)
    scores, truth = np.asarray(judged, dtype=np.float64), np.asarray(labels, dtype=np.float64)
    if scores.shape != truth.shape or scores.ndim != 1 or not np.isfinite(scores).all():
        raise ConfigurationError(
            "each case needs one finite score of the judge and one label, or nan for none"
        )
    known = np.isfinite(truth)
    n = int(known.sum())
    if n < FEWEST:
        raise ConfigurationError(f"a correction needs {FEWEST} labelled cases; there are {n}")
    codes = cluster_codes(clusters, len(scores))
    trust = _trust(scores[known], truth[known], scores)
    rest = scores[~known] if len(scores) > n else scores
    errors = truth[known] - trust * scores[known]
    mean = trust * float(rest.mean()) + float(errors.mean())
    parts = [(errors, codes[known])] + ([(trust * rest, codes[~known])] if len(scores) > n and trust else [])
    interval, note = _interval(mean, parts, scale or Scale(), level)
    low, high = (scale or Scale()).low, (scale or Scale()).high
    kept = min(max(mean, -math.inf if low is None else low), math.inf if high is None else high)
    return Corrected(kept, interval, float(scores.mean()), len(scores), n, "prediction-powered", note, trust)


def _trust(labelled: FloatArray, truth: FloatArray, scores: FloatArray) -> float:
    """The weight of the judge's scores that makes the variance least; 0 when no case is without a label."""
    n, rest = len(labelled), len(scores) - len(labelled)
    spread = float(np.var(scores, ddof=1))
    if rest == 0 or not spread > 0:
        return 0.0
    covariance = float(np.cov(truth, labelled)[0, 1])
    return min(1.0, max(0.0, covariance / ((1 + n / rest) * spread)))


def _interval(
    mean: float, parts: list[tuple[FloatArray, Any]], scale: Scale, level: float
) -> tuple[Interval | None, str]:
    """Variances of the parts add up; degrees of freedom after Satterthwaite (1946)."""
    variance = weight = 0.0
    for values, codes in parts:
        compact = cluster_codes(codes, len(values))
        if int(compact.max()) == 0:
            return None, "no interval: one cluster shows no spread"
        error = cluster_error(values, compact)
        variance += error.std_error**2
        weight += error.std_error**4 / error.df
    if not variance > 0:
        return None, "no interval: no error of the judge was seen, and that is no proof of none"
    df = variance**2 / weight
    low, high = scale.low, scale.high
    if low is not None and high is not None and low < mean < high:
        found = bounded_interval(mean, math.sqrt(variance), df, low, high, level)
        return Interval(found.low, found.high, level, "prediction-powered, " + found.method), ""
    found = student_interval(mean, math.sqrt(variance), df, level).clipped(low, high)
    return Interval(found.low, found.high, level, "prediction-powered, " + found.method), ""


def rogan_gladen(
    passed: int, n: int, *, hits: int, positives: int, rejections: int, negatives: int, level: float = 0.95
) -> Corrected:
    """A true rate from the judge's rate and its sensitivity and specificity: (q + Sp - 1)/(Se + Sp - 1).

    Rogan and Gladen 1978 (American Journal of Epidemiology 107, 71-76); interval of Lang and Reiczigel 2014
    (Preventive Veterinary Medicine 113, 13-22), which adds z² cases to the rate and two to each of the others
    and shifts the centre. Right where the judge errs as often on the labelled cases as on all, even if these
    were not drawn at random.

    Arguments:
        passed: verdicts "yes" of the judge.
        n: all its verdicts.
        hits: labelled cases that are truly "yes", and that the judge says are.
        positives: labelled cases that are truly "yes".
        rejections: labelled cases that are truly "no", and that the judge says are.
        negatives: labelled cases that are truly "no".
        level: nominal coverage.

    Raises:
        ConfigurationError: counts do not fit each other, or there are no labelled cases of a kind.

    >>> found = rogan_gladen(50, 100, hits=45, positives=50, rejections=40, negatives=50)
    >>> round(found.mean, 3), found.naive
    (0.429, 0.5)
    """
    for some, all_ in ((passed, n), (hits, positives), (rejections, negatives)):
        if not 0 <= some <= all_ or all_ < 1:
            raise ConfigurationError(
                "Rogan and Gladen's correction needs labelled cases of both kinds, and counts that fit; "
                f"got {passed}/{n}, {hits}/{positives}, {rejections}/{negatives}"
            )
    z = normal_quantile(level)
    naive, labelled = passed / n, positives + negatives
    skill = hits / positives + rejections / negatives - 1
    many, yes, no = n + z * z, positives + 2, negatives + 2
    rate, hit, rejected = (passed + z * z / 2) / many, (hits + 1) / yes, (rejections + 1) / no
    informed = hit + rejected - 1
    if skill <= 0 or informed <= 0:
        note = "the judge is no better than chance on the labelled cases: nothing can be corrected"
        return Corrected(None, None, naive, n, labelled, "Rogan-Gladen", note)
    mean = min(1.0, max(0.0, (naive + rejections / negatives - 1) / skill))
    share = (rate + rejected - 1) / informed
    of_hit, of_rejected = hit * (1 - hit) / yes, rejected * (1 - rejected) / no
    centre = share + 2 * z * z * (share * of_hit - (1 - share) * of_rejected)
    half = (
        z
        * math.sqrt(rate * (1 - rate) / many + share**2 * of_hit + (1 - share) ** 2 * of_rejected)
        / informed
    )
    interval = Interval(centre - half, centre + half, level, "Lang-Reiczigel").clipped(0.0, 1.0)
    return Corrected(mean, interval, naive, n, labelled, "Rogan-Gladen")
