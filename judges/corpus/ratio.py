"""`ratio`: a sum of evidence over another sum of evidence, such as all errors over all words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from agentbench_sdk.canonical import JSON
from agentbench_sdk.judging import Scale, Score


@dataclass(frozen=True, slots=True)
class Ratio:
    """See `ratio`."""

    over: str
    under: str
    label: str
    times: float
    unit: str
    better: Literal["higher", "lower"]

    @property
    def figures(self) -> Sequence[tuple[str, Scale]]:
        return [(self.label, Scale(0.0, None, self.unit, self.better))]

    def keep(self, score: Score, target: JSON, metadata: Mapping[str, Any]) -> tuple[float, float]:
        return float(score.evidence[self.over]), float(score.evidence[self.under])

    def rows(self, kept: Sequence[tuple[float, float]]) -> NDArray[np.float64]:
        return np.array(kept, dtype=np.float64)

    def values(self, sums: NDArray[np.float64]) -> NDArray[np.float64]:
        with np.errstate(all="ignore"):
            return self.times * sums[:, :1] / np.where(sums[:, 1:] == 0, np.nan, sums[:, 1:])


def ratio(
    *,
    over: str,
    under: str,
    label: str = "ratio",
    times: float = 1.0,
    unit: str = "",
    better: Literal["higher", "lower"] = "higher",
) -> Ratio:
    """Σ over / Σ under · times, of two numbers in the scores' evidence.

    Arguments:
        over: name of the number above.
        under: name of the number below.
        label: what the figure is called.
        times: 100 for percent.
        unit: of the figure.
        better: which end is good.
    """
    return Ratio(over, under, label, times, unit, better)
