"""Ranking models by battles: maximum likelihood, and intervals from resampled prompts.

found = bradley_terry(["a", "a", "b"], ["b", "c", "c"], [1.0, 0.5, 1.0], prompts=["p1", "p1", "p2"])
found.strengths[0].elo, found.strengths[0].interval
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.statistics.bootstrap import MOST_UNITS, bootstrap_sums
from agentbench_sdk.statistics.clusters import FloatArray, IntArray, Labels, cluster_codes
from agentbench_sdk.statistics.davidson import BattleTable, Fit
from agentbench_sdk.statistics.estimate import estimate_mean
from agentbench_sdk.statistics.interval import Interval, check_level
from agentbench_sdk.statistics.ranking import Difference, Effect, Ranking, Strength, Ties

ELO = 400 / math.log(10)  # Elo points of one logit: 400 points are odds of 10 to 1 (Elo 1978, chapter 8)
CENTER = 1000.0
_ALIKE = 1e-9  # in logits: strengths that differ less are the same


@dataclass(frozen=True, slots=True)
class _Battles:
    """Battles as numbers; see `bradley_terry`."""

    names: list[str]
    first: IntArray
    second: IntArray
    scores: FloatArray
    prompts: IntArray
    weights: FloatArray
    covariates: FloatArray


def bradley_terry(
    first: Sequence[str],
    second: Sequence[str],
    scores: ArrayLike,
    prompts: Labels | None = None,
    *,
    weights: ArrayLike | None = None,
    control: ArrayLike | None = None,
    ties: Ties = "davidson",
    anchor: str | None = None,
    seed: int = 0,
    resamples: int = 2000,
    level: float = 0.95,
) -> Ranking:
    """Rank models by battles, by maximum likelihood; see `davidson` for the model and its sources.

    Intervals (BCa) come from resampling whole prompts: battles of one prompt share its difficulty and, with
    several models, its answers, so that they are not independent. A resample whose likelihood has no maximum is
    given a quarter of a win each way for every pair that met. Where the data themselves have none, so are they,
    and strengths get no interval across the gap (`Ranking.groups`).

    Arguments:
        first: n names.
        second: n names of whom these met.
        scores: shape (n,): 1 where the first won, 0.5 for a tie, 0 where the second won.
        prompts: n labels of what the battles are about, or a larger cluster; None makes each battle its own.
        weights: shape (n,), above 0; 1 each when left out.
        control: shape (n,): what may sway the verdict besides strength, the first's less the second's. Strengths
            are then those of battles in which it is 0 (as Dubois et al. 2024 do with length, arXiv:2404.04475).
        ties: "davidson", or "half": each tie is half a win each way, the model then is Bradley's and Terry's own.
        anchor: the model that is put at 1000, for example a baseline; None puts the mean there.
        seed: the same seed gives the same intervals.
        resamples: how many.
        level: nominal coverage.

    Raises:
        ConfigurationError: a score or weight cannot be, models never met over any chain of battles, a model met
            itself, there is no such anchor, or the covariate cannot be told from the strengths or explains all.

    >>> found = bradley_terry(["a"] * 10, ["b"] * 10, [1, 1, 1, 1, 1, 1, 1, 1, 1, 0], anchor="b")
    >>> round(found.strength("a").elo), round(found.strength("a").score, 3)
    (1382, 0.9)
    """
    check_level(level)
    battles = _battles(first, second, scores, prompts, weights, control)
    if anchor is not None and anchor not in battles.names:
        raise ConfigurationError(f"there is no battle of the anchor {anchor!r}")
    _check_joined(battles)
    units = _units(battles.prompts)
    table = BattleTable(
        battles.first,
        battles.second,
        battles.scores,
        units,
        battles.weights,
        battles.covariates,
        half_ties=ties == "half",
    )
    if not table.identified:
        raise ConfigurationError(
            "what is controlled for cannot be told from the models' strengths: it does not vary within pairs"
        )
    fit = table.fit(np.ones((1, table.n_units)))
    if np.isnan(fit.strengths).any():
        raise ConfigurationError(
            "what is controlled for decides all battles alone, so that nothing is left to tell strengths by"
        )
    figures = _Figures(table, None if anchor is None else battles.names.index(anchor))
    intervals = _intervals(table, fit, figures, seed, resamples, level)
    return _ranking(battles, fit, figures, intervals, ties, anchor, level)


def _battles(
    first: Sequence[str],
    second: Sequence[str],
    scores: ArrayLike,
    prompts: Labels | None,
    weights: ArrayLike | None,
    control: ArrayLike | None,
) -> _Battles:
    points = np.asarray(scores, dtype=np.float64).reshape(-1)
    n = len(points)
    if not n:
        raise ConfigurationError("there is no battle to rank by")
    if not len(first) == len(second) == n:
        raise ConfigurationError(f"{n} battles need as many names on both sides")
    if not np.isin(points, (0.0, 0.5, 1.0)).all():
        raise ConfigurationError("a battle's score is 1 (the first won), 0.5 (a tie) or 0 (the second won)")
    names = list(dict.fromkeys([*first, *second]))
    number = {name: place for place, name in enumerate(names)}
    sides = [np.array([number[name] for name in side], dtype=np.intp) for side in (first, second)]
    if (sides[0] == sides[1]).any():
        itself = names[int(sides[0][np.argmax(sides[0] == sides[1])])]
        raise ConfigurationError(f"{itself!r} cannot meet itself in a battle")
    given = np.ones(n) if weights is None else np.asarray(weights, dtype=np.float64).reshape(-1)
    if len(given) != n or not (np.isfinite(given).all() and (given > 0).all()):
        raise ConfigurationError(f"{n} battles need {n} finite weights above 0")
    held = np.zeros((n, 0)) if control is None else np.asarray(control, dtype=np.float64).reshape(-1, 1)
    if len(held) != n or not np.isfinite(held).all():
        raise ConfigurationError(f"{n} battles need {n} finite values of what is controlled for")
    return _Battles(names, sides[0], sides[1], points, cluster_codes(prompts, n), given, held)


def _check_joined(battles: _Battles) -> None:
    """Refuse battles that leave models without any way to compare them."""
    group = list(range(len(battles.names)))
    for one, other in zip(battles.first.tolist(), battles.second.tolist(), strict=True):
        if group[one] != group[other]:
            old, new = group[other], group[one]
            group = [new if each == old else each for each in group]
    if len(set(group)) > 1:
        parts = [
            " and ".join(name for name, each in zip(battles.names, group, strict=True) if each == label)
            for label in dict.fromkeys(group)
        ]
        raise ConfigurationError(
            f"the models fall into groups that never met: {'; '.join(parts)}. Rank them apart, or let them meet"
        )


def _units(prompts: IntArray) -> IntArray:
    """What is resampled: prompts, or groups of them where there are very many (see `bootstrap_sums`)."""
    return np.asarray(prompts % min(int(prompts.max()) + 1, MOST_UNITS))


class _Figures:
    """What intervals are wanted of, in one row: Elo, expected scores, differences, effects.

    Arguments:
        table: the battles.
        anchor: number of the model at 1000; None for the mean.
    """

    def __init__(self, table: BattleTable, anchor: int | None) -> None:
        self.n, self.anchor = table.n_models, anchor
        self.upper = np.triu_indices(table.n_models, 1)

    def of(self, fit: Fit) -> FloatArray:
        """Shape (m, 2·models + pairs + effects)."""
        theta = fit.strengths
        origin = theta.mean(axis=1) if self.anchor is None else theta[:, self.anchor]
        above = theta - origin[:, None]
        apart = theta[:, self.upper[0]] - theta[:, self.upper[1]]
        expected = _expected(above, np.where(np.isnan(fit.log_nu), 0.0, fit.log_nu))
        return np.hstack([CENTER + ELO * above, expected, ELO * apart, ELO * fit.effects])

    def split(self, row: Sequence[Any]) -> tuple[Sequence[Any], Sequence[Any], Sequence[Any], Sequence[Any]]:
        """A row in its four parts."""
        ends = (self.n, 2 * self.n, 2 * self.n + len(self.upper[0]))
        return row[: ends[0]], row[ends[0] : ends[1]], row[ends[1] : ends[2]], row[ends[2] :]


def _expected(above: FloatArray, log_nu: FloatArray) -> FloatArray:
    """Expected share of points, a tie being half a point, against a model weaker by `above` logits."""
    half = above / 2
    with np.errstate(invalid="ignore"):  # nan where a resample left models without battles
        whole = np.logaddexp(np.logaddexp(half, -half), log_nu[:, None])
    return np.asarray(np.exp(half - whole) + np.exp(log_nu[:, None] - whole) / 2)


def _intervals(
    table: BattleTable, fit: Fit, figures: _Figures, seed: int, resamples: int, level: float
) -> Sequence[Interval | None]:
    width = len(figures.of(fit)[0])
    if table.n_units < 2:
        return [None] * width
    start = table.parameters(fit) if fit.finite[0] else None
    return bootstrap_sums(
        np.eye(table.n_units),
        lambda weights: figures.of(table.fit(weights, start)),
        seed=seed,
        resamples=resamples,
        level=level,
    )


def _ranking(
    battles: _Battles,
    fit: Fit,
    figures: _Figures,
    intervals: Sequence[Interval | None],
    ties: Ties,
    anchor: str | None,
    level: float,
) -> Ranking:
    groups = _groups(battles, fit)
    elo, score, apart, effects = figures.split(figures.of(fit)[0])
    elo_in, score_in, apart_in, effects_in = figures.split(intervals)
    differences = _differences(battles, figures, apart, apart_in, groups, level)
    origin = None if anchor is None else battles.names.index(anchor)
    strengths = []
    for place, name in enumerate(battles.names):
        across = len(set(groups)) > 1 if origin is None else groups[place] != groups[origin]
        note = _note(place == origin, elo_in[place], battles, across=across)
        took_part = (battles.first == place) | (battles.second == place)
        own = np.where(battles.first == place, battles.scores, 1 - battles.scores)[took_part]
        strengths.append(
            Strength(
                name,
                float(elo[place]),
                None if across else elo_in[place],
                None if origin is None else float(score[place]),
                None if origin is None or place == origin or across else score_in[place],
                1 + sum(float(other) > float(elo[place]) + ELO * _ALIKE for other in elo),
                1 + sum(each.told_apart and each.second == name for each in differences),
                len(battles.names) - sum(each.told_apart and each.first == name for each in differences),
                float(np.average(own, weights=battles.weights[took_part])),
                int(took_part.sum()),
                note,
            )
        )
    log_nu = float(fit.log_nu[0])
    return Ranking(
        tuple(sorted(strengths, key=lambda each: -each.elo)),
        anchor,
        ties,
        None if ties == "half" or math.isnan(log_nu) else math.exp(log_nu),
        Effect(float(effects[0]), effects_in[0] if fit.finite[0] else None) if len(effects) else None,
        differences,
        len(battles.scores),
        int(battles.prompts.max()) + 1,
        _named(groups, battles.names, elo),
        level,
    )


def _note(is_anchor: bool, interval: Interval | None, battles: _Battles, *, across: bool) -> str:
    """Why a strength has no interval."""
    if is_anchor:
        return "fixed: the others are measured from it"
    if across:
        return "no interval: some models never lost to others, so that strengths have no finite likelihood"
    if interval is not None:
        return ""
    if not battles.prompts.any():
        return "no interval: one prompt shows no spread"
    return "no interval: resamples of the prompts differ in nothing, or leave models without battles"


def _groups(battles: _Battles, fit: Fit) -> list[int]:
    """The group of each model: within one, strengths are finite; across, one side never lost to the other."""
    count = len(battles.names)
    if fit.finite[0]:
        return [0] * count
    took = np.zeros((count, count), dtype=bool)  # took[i, j]: i took something from j
    decided = battles.scores != 0.5
    if not decided.any():
        return [0] * count
    won = np.where(battles.scores == 1, battles.first, battles.second)[decided]
    lost = np.where(battles.scores == 1, battles.second, battles.first)[decided]
    took[won, lost] = True
    reach = took | np.eye(count, dtype=bool)
    for _ in range(count.bit_length()):
        reach = reach @ reach
    both = reach & reach.T
    return [int(np.argmax(row)) for row in both]


def _named(groups: Sequence[int], names: Sequence[str], elo: Sequence[float]) -> tuple[tuple[str, ...], ...]:
    order = sorted(range(len(names)), key=lambda place: -elo[place])
    found: dict[int, list[str]] = {}
    for place in order:
        found.setdefault(groups[place], []).append(names[place])
    return tuple(map(tuple, found.values()))


def _differences(
    battles: _Battles,
    figures: _Figures,
    apart: Sequence[float],
    intervals: Sequence[Interval | None],
    groups: Sequence[int],
    level: float,
) -> tuple[Difference, ...]:
    found = []
    for place, (one, other) in enumerate(zip(*(each.tolist() for each in figures.upper), strict=True)):
        value, interval = float(apart[place]), intervals[place]
        if groups[one] != groups[other]:
            interval, told = None, _points_tell(battles, one, other, level)
        else:
            told = interval is not None and (interval.low > 0 or interval.high < 0)
        pair = battles.names[one], battles.names[other]
        if value < 0:
            value, pair = -value, (pair[1], pair[0])
            interval = interval and Interval(-interval.high, -interval.low, level, interval.method)
        found.append(Difference(*pair, value, interval, told))
    return tuple(found)


def _points_tell(battles: _Battles, one: int, other: int, level: float) -> bool:
    """Whether the two models' own battles leave no doubt of who takes more points."""
    straight = (battles.first == one) & (battles.second == other)
    turned = (battles.first == other) & (battles.second == one)
    met = straight | turned
    if not met.any():
        return False
    points = np.where(straight, battles.scores, 1 - battles.scores)[met]
    labels: list[Hashable] = battles.prompts[met].tolist()
    interval = estimate_mean(points, labels, level=level).interval
    return interval is not None and 0.5 not in interval
