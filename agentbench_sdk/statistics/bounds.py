"""What the mean would be if everything without a score had gone as badly, or as well, as the scale allows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from agentbench_sdk.judging import Scale


@dataclass(frozen=True, slots=True)
class Bounds:
    """Ends of the mean over all attempts; None where the scale is open on that side, or nothing is known."""

    low: float | None
    high: float | None

    def to_dict(self) -> dict[str, Any]:
        return {"low": self.low, "high": self.high}


def bounds(values: ArrayLike, n_unscored: int, scale: Scale | None = None) -> Bounds:
    """Worst and best case of a mean with missing values: (Σ values + n_unscored·end) / (n + n_unscored).

    These are no confidence interval: they need no assumption on why scores are missing
    (Manski 1989, J. Human Resources 24, 343-360).

    Arguments:
        values: shape (n,), the scores there are.
        n_unscored: attempts without one.
        scale: gives the ends; 0 to 1 when left out.

    >>> bounds([1.0, 1.0, 0.0], 1)
    Bounds(low=0.5, high=0.75)
    """
    scale = scale or Scale()
    scores = np.asarray(values, dtype=np.float64)
    return Bounds(_with_all_at(scores, n_unscored, scale.low), _with_all_at(scores, n_unscored, scale.high))


def _with_all_at(
    scores: np.ndarray[Any, np.dtype[np.float64]], missing: int, end: float | None
) -> float | None:
    if len(scores) + missing == 0 or (missing and end is None):
        return None
    total = float(np.sum(scores)) + (missing * end if end is not None else 0.0)
    return total / (len(scores) + missing)
