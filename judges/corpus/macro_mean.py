"""`macro_mean`: every group of samples counts the same, however many samples it has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agentbench_sdk.canonical import JSON
from agentbench_sdk.judging import Scale, Score


@dataclass(frozen=True, slots=True)
class MacroMean:
    """See `macro_mean`."""

    by: str
    times: float = 1.0

    @property
    def figures(self) -> Sequence[tuple[str, Scale]]:
        return [(f"macro mean by {self.by}", Scale(None, None))]

    def keep(self, score: Score, target: JSON, metadata: Mapping[str, Any]) -> tuple[str, float]:
        return str(metadata[self.by]), float(score.value or 0.0)

    def rows(self, kept: Sequence[tuple[str, float]]) -> NDArray[np.float64]:
        groups = sorted({group for group, _ in kept})
        member = np.array([[group == each for each in groups] for group, _ in kept], dtype=np.float64)
        values = np.array([[value] for _, value in kept])
        return np.concatenate([member * values, member], axis=1)

    def values(self, sums: NDArray[np.float64]) -> NDArray[np.float64]:
        totals, counts = np.split(sums, 2, axis=1)
        there = counts > 0
        means = np.where(there, totals / np.maximum(counts, 1), 0.0).sum(axis=1)
        groups = there.sum(axis=1)
        mean: NDArray[np.float64] = np.where(groups > 0, self.times * means / np.maximum(groups, 1), np.nan)
        return mean[:, None]


def macro_mean(*, by: str, times: float = 1.0) -> MacroMean:
    """The mean over groups of the groups' mean scores.

    Arguments:
        by: name of the group in the samples' metadata.
        times: 100 for percent.
    """
    return MacroMean(by, times)
