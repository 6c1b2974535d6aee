"""Agreement of judges: how far they say the same of the same cases, beyond what chance alone would give.

All three coefficients are functions of counts that add up over cases, so their intervals come from drawing whole
cases anew.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.statistics.bootstrap import bootstrap_interval
from agentbench_sdk.statistics.clusters import FloatArray, Labels
from agentbench_sdk.statistics.interval import Interval

Weights = Literal["none", "linear", "quadratic"]
Metric = Literal["nominal", "ordinal", "interval"]
Verdicts = Sequence[Sequence[Hashable | None]]
_SEED = 20_140_211


@dataclass(frozen=True, slots=True)
class Agreement:
    """A coefficient of agreement; 1 is perfect, 0 what chance would give.

    Attributes:
        name: for example "Cohen's kappa".
        value: None where it is not defined.
        interval: None only together with a note.
        observed: share of agreeing pairs of verdicts.
        n_cases: cases with at least two verdicts.
        note: why something is missing.
    """

    name: str
    value: float | None
    interval: Interval | None
    observed: float
    n_cases: int
    note: str = ""

    def to_dict(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "value": self.value,
            "interval": self.interval.to_dict() if self.interval else None,
            "observed": self.observed,
            "n_cases": self.n_cases,
            "note": self.note,
        }


def cohen_kappa(
    first: Sequence[Hashable],
    second: Sequence[Hashable],
    *,
    weights: Weights = "none",
    clusters: Labels | None = None,
    level: float = 0.95,
) -> Agreement:
    """Cohen's kappa of two judges: 1 - Σ w·o / Σ w·e over the table of both verdicts.

    Cohen 1960 (Educational and Psychological Measurement 20, 37-46); with weights Cohen 1968 (Psychological
    Bulletin 70, 213-220). `e` is the product of the margins, `w` is 0 for equal verdicts; for unequal ones 1,
    or their distance or its square, counted in places of the sorted levels.

    Arguments:
        first: verdicts of one judge, case by case; sortable when weighted.
        second: those of the other.
        weights: how much unequal verdicts count; see above.
        clusters: a label for each case, where cases hang together.
        level: nominal coverage of the interval.

    Raises:
        ConfigurationError: there are no cases, or not as many of one as of the other.

    >>> cohen_kappa([1, 1, 0, 0], [1, 0, 0, 0]).value
    0.5
    """
    if len(first) != len(second) or not first:
        raise ConfigurationError(f"kappa needs pairs of verdicts; there are {len(first)} and {len(second)}")
    levels = _levels([first, second], ordered=weights != "none")
    places = {level: place for place, level in enumerate(levels)}
    tables = np.zeros((len(first), len(levels), len(levels)))
    for case, (one, other) in enumerate(zip(first, second, strict=True)):
        tables[case, places[one], places[other]] = 1.0
    distance = _distance(len(levels), weights)

    def kappa(table: FloatArray) -> float:
        expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()
        return _beyond_chance(float((distance * table).sum()), float((distance * expected).sum()))

    observed = float(np.trace(tables.sum(axis=0)) / len(first))
    name = "Cohen's kappa" if weights == "none" else f"Cohen's kappa, {weights} weights"
    return _agreement(name, tables, kappa, observed, clusters, level)


def fleiss_kappa(verdicts: Verdicts, *, clusters: Labels | None = None, level: float = 0.95) -> Agreement:
    """Fleiss' kappa of any number of judges, the same number for each case.

    Fleiss 1971 (Psychological Bulletin 76, 378-382): with n verdicts a case and n_ij of them for level j,
    P = mean of Σ_j n_ij·(n_ij-1) / n(n-1), P_e = Σ_j p_j², kappa = (P - P_e)/(1 - P_e).

    Arguments:
        verdicts: for each case those of the judges, without gaps.
        clusters: a label for each case, where cases hang together.
        level: nominal coverage of the interval.

    Raises:
        ConfigurationError: there are none, or cases differ in the number of verdicts, or have one.

    >>> round(fleiss_kappa([["a", "a", "b"], ["b", "b", "b"], ["a", "a", "a"]]).value, 4)
    0.55
    """
    sizes = {len(case) for case in verdicts}
    if len(sizes) != 1 or min(sizes) < 2 or any(each is None for case in verdicts for each in case):
        raise ConfigurationError(
            "Fleiss' kappa needs the same number of verdicts, two or more, for each case"
        )
    raters = sizes.pop()
    levels = _levels(verdicts, ordered=False)
    counts = np.array([[float(list(case).count(level)) for level in levels] for case in verdicts])

    def disagreement(summed: FloatArray) -> tuple[float, float]:
        shares, pairs = summed[:-1] / summed[:-1].sum(), summed[-1]
        cases = summed[:-1].sum() / raters
        return 1.0 - pairs / (cases * raters * (raters - 1)), 1.0 - float((shares**2).sum())

    rows = np.column_stack([counts, (counts * (counts - 1)).sum(axis=1)])
    observed = 1.0 - float(disagreement(rows.sum(axis=0))[0])
    return _agreement(
        "Fleiss' kappa",
        rows,
        lambda summed: _beyond_chance(*disagreement(summed)),
        observed,
        clusters,
        level,
    )


def krippendorff_alpha(
    verdicts: Verdicts, *, metric: Metric = "nominal", clusters: Labels | None = None, level: float = 0.95
) -> Agreement:
    """Krippendorff's alpha of any number of judges, some of whose verdicts may be missing (None).

    Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability": alpha = 1 - D_o/D_e from the coincidences
    o_ck = Σ over cases of pairs (c, k) / (m-1), m verdicts a case; e_ck = n_c·n_k/(n-1), without itself where
    c = k. Distances: 1 for unequal levels; (Σ of n_g from c to k - (n_c+n_k)/2)²; (c-k)².

    Arguments:
        verdicts: for each case those of the judges; cases with fewer than two are left out.
        metric: "nominal", "ordinal" (sortable levels) or "interval" (numbers).
        clusters: a label for each case, where cases hang together.
        level: nominal coverage of the interval.

    Raises:
        ConfigurationError: no case has two verdicts, or levels are no numbers where they must be.

    >>> krippendorff_alpha([[1, 1], [2, 2], [3, 3], [1, None]]).value
    1.0
    """
    said = [[each for each in case if each is not None] for case in verdicts]
    kept = [number for number, case in enumerate(said) if len(case) > 1]
    if not kept:
        raise ConfigurationError("agreement needs a case with two verdicts; there is none")
    levels = _levels([said[number] for number in kept], ordered=metric != "nominal")
    coincidences = np.array([_coincidences(said[number], levels) for number in kept])

    def alpha(summed: FloatArray) -> float:
        totals = summed.sum(axis=1)
        expected = (np.outer(totals, totals) - np.diag(totals)) / (totals.sum() - 1)
        distance = _squared_distance(levels, totals, metric)
        return _beyond_chance(float((summed * distance).sum()), float((expected * distance).sum()))

    whole = coincidences.sum(axis=0)
    labels = None if clusters is None else [clusters[number] for number in kept]
    observed = float(np.trace(whole) / whole.sum())
    return _agreement(f"Krippendorff's alpha, {metric}", coincidences, alpha, observed, labels, level)


def effective_panel_size(verdicts: Sequence[Sequence[float]]) -> float:
    """How many independent judges a panel is worth: k / (1 + (k-1)·r), r the mean correlation of their errors.

    Kish's design effect for judges in place of sampled people: k judges who err together count as fewer.

    Arguments:
        verdicts: for each case the error of each judge (verdict minus truth, or minus the panel's mean).

    Raises:
        ConfigurationError: fewer than two judges, or fewer than two cases.

    >>> round(effective_panel_size([[1, 1], [0, 0], [-1, -1]]), 6)
    1.0
    """
    errors = np.asarray(verdicts, dtype=np.float64)
    if errors.ndim != 2 or errors.shape[0] < 2 or errors.shape[1] < 2:
        raise ConfigurationError("a panel's effective size needs two judges and two cases")
    centred = errors - errors.mean(axis=0)
    spread = np.sqrt((centred**2).sum(axis=0))
    judges = errors.shape[1]
    if not (spread > 0).all():
        return float(judges) if not spread.any() else float(np.count_nonzero(spread))
    correlation = (centred / spread).T @ (centred / spread)
    mean = (correlation.sum() - judges) / (judges * (judges - 1))
    return float(np.clip(judges / (1 + (judges - 1) * mean), 1.0, judges)) if mean > 0 else float(judges)


def _levels(verdicts: Sequence[Sequence[Any]], *, ordered: bool) -> list[Any]:
    found = dict.fromkeys(each for case in verdicts for each in case)
    if not ordered:
        return list(found)
    try:
        return sorted(found)
    except TypeError:
        raise ConfigurationError(f"levels cannot be put in order: {list(found)[:5]}") from None


def _distance(levels: int, weights: Weights) -> FloatArray:
    places = np.arange(levels, dtype=np.float64)
    apart = np.abs(places[:, None] - places[None, :])
    if weights == "none":
        return (apart > 0).astype(np.float64)
    return np.asarray(apart**2 if weights == "quadratic" else apart)


def _coincidences(case: Sequence[Any], levels: Sequence[Any]) -> FloatArray:
    counts = np.array([float(list(case).count(level)) for level in levels])
    return np.asarray((np.outer(counts, counts) - np.diag(counts)) / (len(case) - 1))


def _squared_distance(levels: Sequence[Any], totals: FloatArray, metric: Metric) -> FloatArray:
    if metric == "nominal":
        return 1.0 - np.eye(len(levels))
    if metric == "interval":
        try:
            values = np.asarray(levels, dtype=np.float64)
        except (TypeError, ValueError):
            raise ConfigurationError(f"levels are not numbers: {list(levels)[:5]}") from None
    else:
        values = np.cumsum(totals) - totals / 2
    return np.asarray((values[:, None] - values[None, :]) ** 2)


def _beyond_chance(observed: float, expected: float) -> float:
    """1 - D_o/D_e; perfect where no disagreement was possible, as in a drawing of equal cases."""
    return 1.0 - float(observed / expected) if expected > 0 else 1.0


def _agreement(
    name: str,
    rows: FloatArray,
    coefficient: Callable[[FloatArray], float],
    observed: float,
    clusters: Labels | None,
    level: float,
) -> Agreement:
    """The coefficient of counts that add up over cases, with its interval."""
    shape = rows.shape[1:]
    flat = rows.reshape(len(rows), -1)
    whole = rows.sum(axis=0)
    if _one_level(whole):
        return Agreement(
            name, None, None, observed, len(rows), "all verdicts are the same: chance says as much"
        )

    def of(drawn: FloatArray) -> float:
        return coefficient(drawn.sum(axis=0).reshape(shape))

    value = of(flat)
    try:
        interval = bootstrap_interval(flat, of, clusters, seed=_SEED, level=level)
    except ConfigurationError:
        return Agreement(name, value, None, observed, len(rows), "no interval: one case shows no spread")
    return Agreement(name, value, interval, observed, len(rows))


def _one_level(whole: FloatArray) -> bool:
    """Whether only one level was ever given."""
    if whole.ndim == 1:  # counts of the levels, and of agreeing pairs
        return int(np.count_nonzero(whole[:-1])) == 1
    return bool(np.count_nonzero(whole.sum(axis=0) + whole.sum(axis=1)) == 1)
