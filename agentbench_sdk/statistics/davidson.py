"""Maximum likelihood of Bradley's and Terry's model with Davidson's ties, for many weightings of one set of battles.

Strengths θ, δ = θᵢ - θⱼ + β·x for a battle of i with j whose covariates differ by x:

    P(win) : P(tie) : P(loss) = exp(δ/2) : ν : exp(-δ/2)

(Bradley and Terry 1952, Biometrika 39, 324-345; Davidson 1970, JASA 65, 317-328; covariates as in Springall 1973,
Applied Statistics 22, 59-68). The likelihood is that of a log-linear model, so it is concave and Newton's method
finds its maximum. There is none where a model never lost to another by any chain of battles (Ford 1957, American
Mathematical Monthly 64, 28-33); with ν to be estimated, also where it lost none and tied some.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from agentbench_sdk.statistics.clusters import FloatArray, IntArray

Flags = NDArray[np.bool_]
WIN, TIE, LOSS = 0, 1, 2
VIRTUAL = 0.25  # of a win and of a loss, for each pair that met; only where the likelihood has no maximum
_FARTHEST = 12.0  # logits between two models that met: odds of 160,000 to 1, which no arena can show
_STEPS, _HALVINGS = 100, 40
_PRECISION = 1e-6  # of a Newton step, in logits; what is left after it is its square
_AT_ONCE = 1_000_000  # cells times weightings in memory at once


@dataclass(frozen=True, slots=True)
class Fit:
    """Maxima for m weightings.

    Attributes:
        strengths: shape (m, models), in logits; the first model's is 0. nan, as all else, for a weighting whose
            battles do not join all models, or are decided by a covariate alone.
        effects: shape (m, covariates): β.
        log_nu: shape (m,); -inf without ties, nan where all battles are ties.
        finite: shape (m,): whether there is a maximum. Where there is none, the rest is that of the battles and
            of a quarter of a win each way for every pair that met.
    """

    strengths: FloatArray
    effects: FloatArray
    log_nu: FloatArray
    finite: Flags


class BattleTable:
    """Battles in cells of one pair and one covariate, counted by the unit (prompt) that is resampled.

    Arguments:
        first, second: shape (n,): numbers of the models.
        scores: shape (n,): 1 where the first won, 0.5 for a tie, 0 where the second won.
        units: shape (n,): numbers of the units, from 0.
        weights: shape (n,).
        covariates: shape (n, c): first's less second's.
        half_ties: count a tie as half a win each way; ν is 0 then.
    """

    def __init__(
        self,
        first: IntArray,
        second: IntArray,
        scores: FloatArray,
        units: IntArray,
        weights: FloatArray,
        covariates: FloatArray,
        *,
        half_ties: bool,
    ) -> None:
        n_models = 1 + int(max(first.max(), second.max()))
        pairs, place = np.unique(
            np.column_stack([np.minimum(first, second), np.maximum(first, second)]),
            axis=0,
            return_inverse=True,
        )
        turned = np.where(first > second, -1.0, 1.0)
        keys = np.column_stack([place.reshape(-1), turned[:, None] * covariates])
        cells, cell = np.unique(keys, axis=0, return_inverse=True)
        # One more cell a pair, without a difference in covariates: where virtual battles are put.
        extra = np.column_stack([np.arange(len(pairs)), np.zeros((len(pairs), covariates.shape[1]))])
        cells = np.vstack([cells, extra])
        self.pairs = pairs
        self.pair_of_cell = cells[:, 0].astype(np.intp)
        self.n_models, self.n_covariates = n_models, covariates.shape[1]
        self.design = _design(pairs[self.pair_of_cell], cells[:, 1:], n_models)
        self._squares = np.einsum("ci,cj->cij", self.design, self.design).reshape(len(cells), -1)
        self._counts = _counts(cell.reshape(-1), turned, scores, units, weights, len(cells), half=half_ties)
        self._virtual = np.zeros((len(cells), 3))
        self._virtual[-len(pairs) :, [WIN, LOSS]] = VIRTUAL
        self.n_units = self._counts.shape[0]

    @property
    def identified(self) -> bool:
        """Whether the battles can tell strengths and effects apart."""
        battles = self.design[: len(self.design) - len(self.pairs)]
        return bool(np.linalg.matrix_rank(battles) == self.design.shape[1])

    def fit(self, weights: FloatArray, start: FloatArray | None = None) -> Fit:
        """The maxima for weightings of the units.

        Arguments:
            weights: shape (m, units).
            start: parameters to begin at, as `parameters` gives them.
        """
        together = max(1, _AT_ONCE // len(self.design))
        parts = [
            self._fit(weights[begin : begin + together], start) for begin in range(0, len(weights), together)
        ]
        return Fit(
            *(
                np.concatenate([getattr(part, name) for part in parts])
                for name in ("strengths", "effects", "log_nu", "finite")
            )
        )

    def parameters(self, fit: Fit) -> FloatArray:
        """What `fit` may begin at: the first maximum of an earlier fit."""
        nu = fit.log_nu[0] if np.isfinite(fit.log_nu[0]) else 0.0
        return np.concatenate([fit.strengths[0, 1:], fit.effects[0], [nu]])

    def _fit(self, weights: FloatArray, start: FloatArray | None) -> Fit:
        counts = np.ascontiguousarray((self._counts.T @ weights.T).T).reshape(
            len(weights), len(self.design), 3
        )
        params, finite = self._climb(counts, start)
        lost = np.flatnonzero(~finite)
        if len(lost):
            counts[lost] += self._virtual
            params[lost], settled = self._climb(counts[lost], None)
            params[lost[~settled]] = np.nan  # a covariate alone decides all battles
        params[~self._joined(counts)] = np.nan
        tied, flat = _kinds(counts)
        log_nu = np.where(tied, params[:, -1], -np.inf)
        log_nu[flat] = np.nan
        zero = np.zeros((len(params), 1))
        last = self.n_models - 1
        return Fit(np.hstack([zero, params[:, :last]]), params[:, last:-1], log_nu, finite)

    def _climb(self, counts: FloatArray, start: FloatArray | None) -> tuple[FloatArray, Flags]:
        """Damped Newton steps from `start`, and whether they end somewhere."""
        width = self.design.shape[1] + 1
        params = np.zeros((len(counts), width)) if start is None else np.tile(start, (len(counts), 1))
        tied, flat = _kinds(counts)
        params[flat] = 0.0  # ties alone: nobody is stronger
        finite = np.ones(len(counts), dtype=bool)
        climbing = np.flatnonzero(~flat)
        for _ in range(_STEPS):
            if not len(climbing):
                return params, finite
            step = self._step(params[climbing], counts[climbing], tied[climbing])
            params[climbing] += step
            far = self._far(params[climbing], counts[climbing])
            finite[climbing[far]] = False
            climbing = climbing[~far & (np.abs(step).max(axis=1) > _PRECISION)]
        finite[climbing] = False
        return params, finite

    def _joined(self, counts: FloatArray) -> Flags:
        """Whether battles join all models, directly or over others."""
        met = np.zeros((len(counts), len(self.pairs)))
        np.add.at(met.T, self.pair_of_cell, counts.sum(axis=2).T)
        reach = np.tile(np.eye(self.n_models, dtype=bool), (len(counts), 1, 1))
        for number, (one, other) in enumerate(self.pairs):
            reach[:, one, other] = reach[:, other, one] = met[:, number] > 0
        for _ in range(self.n_models.bit_length()):
            reach = reach @ reach
        return np.asarray(reach.all(axis=(1, 2)))

    def _far(self, params: FloatArray, counts: FloatArray) -> Flags:
        logits = np.where(counts.sum(axis=2) > 0, params[:, :-1] @ self.design.T, 0.0)
        far = (np.abs(logits).max(axis=1) > _FARTHEST) | (np.abs(params) > 3 * _FARTHEST).any(axis=1)
        return np.asarray(far | (params[:, -1] > _FARTHEST))

    def _step(self, params: FloatArray, counts: FloatArray, tied: Flags) -> FloatArray:
        gradient, curvature = self._derivatives(params, counts, tied)
        step = np.asarray(np.linalg.solve(curvature, gradient[:, :, None]), dtype=np.float64)[:, :, 0]
        before = self._likelihood(params, counts, tied)
        allowed = before - 1e-10 * (1 + np.abs(before))
        for _ in range(_HALVINGS):
            worse = self._likelihood(params + step, counts, tied) < allowed
            if not worse.any():
                break
            step[worse] /= 2
        return step

    def _logs(self, params: FloatArray, tied: Flags) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Logarithms of the probabilities of a win, a tie and a loss, each of shape (m, cells)."""
        half = params[:, :-1] @ self.design.T / 2
        log_nu = np.where(tied, params[:, -1], -np.inf)[:, None]
        whole = np.logaddexp(np.logaddexp(half, -half), log_nu)
        return half - whole, log_nu - whole, -half - whole

    def _likelihood(self, params: FloatArray, counts: FloatArray, tied: Flags) -> FloatArray:
        win, tie, loss = self._logs(params, tied)
        told = counts[:, :, WIN] * win + counts[:, :, LOSS] * loss
        told += np.where(tied[:, None], counts[:, :, TIE] * np.where(tied[:, None], tie, 0.0), 0.0)
        return np.asarray(told.sum(axis=1))

    def _derivatives(
        self, params: FloatArray, counts: FloatArray, tied: Flags
    ) -> tuple[FloatArray, FloatArray]:
        """Gradient, shape (m, q), and the negative second derivatives, shape (m, q, q), of the log-likelihood."""
        win, tie, loss = (np.exp(each) for each in self._logs(params, tied))
        n, width = counts.sum(axis=2), self.design.shape[1]
        lead = win - loss
        pull = (counts[:, :, WIN] - counts[:, :, LOSS] - n * lead) / 2
        gradient = np.empty((len(params), width + 1))
        gradient[:, :-1] = pull @ self.design
        gradient[:, -1] = np.where(tied, (counts[:, :, TIE] - n * tie).sum(axis=1), 0.0)
        curvature = np.zeros((len(params), width + 1, width + 1))
        bend = n * (win + loss - lead**2) / 4
        curvature[:, :-1, :-1] = (bend @ self._squares).reshape(-1, width, width)
        across = -(n * tie * lead / 2) @ self.design
        curvature[:, :-1, -1] = curvature[:, -1, :-1] = across
        curvature[:, -1, -1] = np.where(tied, (n * tie * (1 - tie)).sum(axis=1), 1.0)
        # Only against division by nothing: the maximum is where the gradient is 0, whatever is added here.
        own = np.arange(width + 1)
        curvature[:, own, own] += 1e-12 * (1 + n.sum(axis=1))[:, None]
        return gradient, curvature


def _design(pairs: IntArray, covariates: FloatArray, n_models: int) -> FloatArray:
    """Rows of δ's coefficients: +1 and -1 for the models, the first of which is the origin; then covariates."""
    rows = np.arange(len(pairs))
    design = np.zeros((len(pairs), n_models + covariates.shape[1]))
    design[rows, pairs[:, 0]] = 1.0
    design[rows, pairs[:, 1]] = -1.0
    design[:, n_models:] = covariates
    return design[:, 1:]


def _counts(
    cell: IntArray,
    turned: FloatArray,
    scores: FloatArray,
    units: IntArray,
    weights: FloatArray,
    n_cells: int,
    *,
    half: bool,
) -> csr_array:
    """Weighted counts, shape (units, 3 · cells), of outcomes as the pair's lower number sees them."""
    own = np.where(turned > 0, scores, 1 - scores)
    shares = (np.where(own == 1, 1.0, 0.0), np.where(own == 0.5, 1.0, 0.0), np.where(own == 0, 1.0, 0.0))
    if half:
        shares = (shares[WIN] + shares[TIE] / 2, 0 * shares[TIE], shares[LOSS] + shares[TIE] / 2)
    values = np.concatenate([weights * share for share in shares])
    columns = np.concatenate([3 * cell + outcome for outcome in (WIN, TIE, LOSS)])
    shape = (int(units.max()) + 1, 3 * n_cells)
    return csr_array((values, (np.tile(units, 3), columns)), shape=shape)


def _kinds(
    counts: FloatArray,
) -> tuple[Flags, Flags]:
    """Which weightings hold ties, and which hold nothing else."""
    totals = counts.sum(axis=1)
    return totals[:, TIE] > 0, totals[:, WIN] + totals[:, LOSS] == 0
