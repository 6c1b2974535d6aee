"""EvalScope's arena figures, as EvalScope 1.14.1 computes them; for comparison with it alone.

`bradley_terry` is what to believe. These figures are reproduced with all that is wrong with their intervals:

- a verdict of "much better" (`A>>B`) is written down three times, and the copies are resampled as if they were
  three battles of their own; so are the two orders of one prompt, which the same two answers were judged in. There
  is less to know than rows, so the intervals are too narrow;
- an anchored model has no spread, and a hundred resamples leave the ends of an interval to two or three of them;
- where all rows were won by whoever is named first (or second), the first row's winner gets 400 points more,
  anything else about the battles notwithstanding, the baseline is not held at 1000, and no resample differs;
- where some model never lost, but not all rows say the same, the figure is where the optimiser stopped;
- a game without a readable verdict leaves no row, but counts as half a win in the scores of the positions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.statistics.clusters import FloatArray

_COPIES = {"A>>B": 3, "A>B": 1, "A=B": 1, "B>A": 1, "B>>A": 3}
_SCORES = {"A>>B": 1.0, "A>B": 0.75, "A=B": 0.5, "B>A": 0.25, "B>>A": 0.0}
_SCALE, _BASE, _CENTER = 400.0, 10.0, 1000.0


class Game(NamedTuple):
    """One verdict: who was shown as A and as B, and "A>>B", "A>B", "A=B", "B>A" or "B>>A"; else it counts as none."""

    model_a: str
    model_b: str
    judgment: str | None


class Row(NamedTuple):
    """A battle as the peer keeps it; `winner` is "model_a", "model_b" or "tie"."""

    model_a: str
    model_b: str
    winner: str


@dataclass(frozen=True, slots=True)
class EvalscopeArena:
    """The figures.

    Attributes:
        rows: battle rows, copies included.
        winners: rows by winner.
        elo: by model.
        win_rates: against the baseline, from `elo`, 4 decimals; empty where it took part in no battle.
        bootstrap: 2.5 % and 97.5 % quantiles of Elo over the resamples, by model.
    """

    rows: int
    winners: Mapping[str, int]
    elo: Mapping[str, float]
    win_rates: Mapping[str, float]
    bootstrap: Mapping[str, tuple[float, float]]

    def to_dict(self) -> dict[str, Any]:
        return {
            "rows": self.rows,
            "winners": dict(self.winners),
            "elo": dict(self.elo),
            "win_rate_vs_baseline": dict(self.win_rates),
            "bootstrap": {name: list(ends) for name, ends in self.bootstrap.items()},
        }


def evalscope_arena(
    prompts: Sequence[Sequence[Game]], baseline: str, *, rounds: int = 100, seed: int = 42
) -> EvalscopeArena:
    """The peer's figures of an arena.

    Arguments:
        prompts: for each prompt and pair of models its games: one, or two with the places exchanged. Models are
            named by the first game; the second is taken for the same pair the other way round.
        baseline: the model held at 1000.
        rounds: resamples.
        seed: of NumPy's default generator.

    Raises:
        ConfigurationError: no game has a verdict.
    """
    rows = battle_rows(prompts)
    if not rows:
        raise ConfigurationError("no game has a verdict, so there is nothing to rank by")
    table = _Table(rows)
    elo = table.elo(np.arange(len(rows)), baseline)
    generator = np.random.default_rng(seed)
    drawn = [
        table.elo(generator.integers(0, len(rows), size=len(rows)), baseline) for _ in range(max(rounds, 0))
    ]
    ends = {}
    for name in elo if drawn else ():
        values = [each[name] for each in drawn if name in each]
        if values:
            low, high = np.quantile(values, (0.025, 0.975))
            ends[name] = (float(low), float(high))
    rates = win_rate_table(elo).get(baseline, {})
    return EvalscopeArena(
        len(rows),
        Counter(row.winner for row in rows),
        elo,
        {name: 0.5 if rate is None else round(rate, 4) for name, rate in rates.items()},
        ends,
    )


def battle_rows(prompts: Sequence[Sequence[Game]]) -> list[Row]:
    """The peer's rows: one for each verdict, three for a strong one."""
    rows = []
    for games in prompts:
        for place, game in enumerate(games[:2]):
            copies = _COPIES.get(game.judgment or "", 0)
            rows += [Row(games[0].model_a, games[0].model_b, _winner(game, place))] * copies
    return rows


def _winner(game: Game, place: int) -> str:
    better = "tie" if game.judgment == "A=B" else "a" if (game.judgment or "").startswith("A") else "b"
    if better == "tie":
        return "tie"
    return "model_a" if (better == "a") == (place == 0) else "model_b"


def position_scores(games: Sequence[Game]) -> tuple[float, float | None]:
    """Of the first model: its score in the first game, and in the second, where it stands in the other place.

    None without a second game; what is no verdict scores 0.5.
    """
    first = _SCORES.get(games[0].judgment or "", 0.5)
    return first, 1 - _SCORES.get(games[1].judgment or "", 0.5) if len(games) > 1 else None


def win_rate_table(elo: Mapping[str, float]) -> dict[str, dict[str, float | None]]:
    """How often each model (inner key) beats each (outer key) by their Elo; None for a model and itself."""
    return {
        other: {
            name: None if name == other else 1 / (1 + _BASE ** ((elo[other] - elo[name]) / _SCALE))
            for name in sorted(elo)
        }
        for other in sorted(elo)
    }


class _Table:
    """Rows as numbers."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self.names = list(dict.fromkeys([*(row.model_a for row in rows), *(row.model_b for row in rows)]))
        number = {name: place for place, name in enumerate(self.names)}
        self.a = np.array([number[row.model_a] for row in rows])
        self.b = np.array([number[row.model_b] for row in rows])
        self.won = np.array([row.winner == "model_a" for row in rows])
        self.tied = np.array([row.winner == "tie" for row in rows])

    def elo(self, chosen: np.ndarray[Any, Any], baseline: str) -> dict[str, float]:
        """Elo of the models that the chosen rows name.

        Each row counts twice, a tie as a win each way. Rows that all say the same are not fitted.
        """
        a, b = self.a[chosen], self.b[chosen]
        won = np.concatenate([self.won[chosen] | self.tied[chosen], self.won[chosen]])
        present = np.unique(np.concatenate([a, b]))
        if won.all() or not won.any():
            same = dict.fromkeys((self.names[place] for place in present), _CENTER)
            same[self.names[(a if won.all() else b)[0]]] += _SCALE
            return same
        coefficients = _fitted(np.tile(a, 2), np.tile(b, 2), won.astype(np.float64), len(self.names))
        found = {self.names[place]: _SCALE * float(coefficients[place]) + _CENTER for place in present}
        shift = _CENTER - found[baseline] if baseline in found else 0.0
        return {name: value + shift for name, value in found.items()}


def _fitted(a: np.ndarray[Any, Any], b: np.ndarray[Any, Any], won: FloatArray, n_models: int) -> FloatArray:
    """Logistic regression without a penalty, stopped where scikit-learn's "lbfgs" with tol=1e-8 stops.

    That matters where a model never lost: the optimum lies at infinity, and the figure is where the search ended.
    """
    from scipy.optimize import minimize
    from scipy.special import expit

    unit = np.log(_BASE)

    def loss(theta: FloatArray) -> tuple[float, FloatArray]:
        z = unit * (theta[a] - theta[b])
        rest = unit * (expit(z) - won) / len(won)
        slope = np.bincount(a, rest, n_models) - np.bincount(b, rest, n_models)
        return float(np.mean(np.logaddexp(0, z) - won * z)), np.asarray(slope, dtype=np.float64)

    options = {"maxiter": 100, "maxls": 50, "gtol": 1e-8, "ftol": 64 * np.finfo(float).eps}
    found = minimize(loss, np.zeros(n_models), jac=True, method="L-BFGS-B", options=options)
    return np.asarray(found.x)
