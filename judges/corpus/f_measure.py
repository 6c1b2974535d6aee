"""`f_measure`: precision, recall and F1 from what was expected and what was found (van Rijsbergen 1979)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agentbench_sdk.canonical import JSON
from agentbench_sdk.judging import Scale, Score


@dataclass(frozen=True, slots=True)
class FMeasure:
    """See `f_measure`."""

    positive: str | None = None
    expected: str = "expected"
    found: str = "extracted"

    @property
    def figures(self) -> Sequence[tuple[str, Scale]]:
        if self.positive is None:
            return [("macro F1", Scale())]
        return [(f"{name} of {self.positive!r}", Scale()) for name in ("precision", "recall", "F1")]

    def keep(self, score: Score, target: JSON, metadata: Mapping[str, Any]) -> tuple[str, str]:
        expected, found = score.evidence.get(self.expected, target), score.evidence.get(self.found)
        if expected is None or isinstance(expected, Mapping | list):
            raise ValueError(f"{expected!r} is no label")
        return str(expected), "" if found is None else str(found)

    def rows(self, kept: Sequence[tuple[str, str]]) -> NDArray[np.float64]:
        """For each label: true positives, all found, all expected."""
        labels = sorted({expected for expected, _ in kept}) if self.positive is None else [self.positive]
        expected = np.array([[pair[0] == label for label in labels] for pair in kept], dtype=np.float64)
        found = np.array([[pair[1] == label for label in labels] for pair in kept], dtype=np.float64)
        return np.concatenate([expected * found, found, expected], axis=1)

    def values(self, sums: NDArray[np.float64]) -> NDArray[np.float64]:
        hits, found, expected = np.split(sums, 3, axis=1)
        with np.errstate(all="ignore"):
            precision = np.where(found > 0, hits / found, 0.0)
            recall = np.where(expected > 0, hits / expected, np.nan)
            f1 = np.where(found + expected > 0, 2 * hits / (found + expected), np.nan)
        if self.positive is not None:
            return np.concatenate([precision, recall, f1], axis=1)
        there = ~np.isnan(f1)  # a resample may miss a rare label
        counts = there.sum(axis=1)
        total = np.where(there, f1, 0.0).sum(axis=1)
        mean: NDArray[np.float64] = np.where(counts > 0, total / np.maximum(counts, 1), np.nan)[:, None]
        return mean


def f_measure(
    *, positive: str | None = None, expected: str = "expected", found: str = "extracted"
) -> FMeasure:
    """Precision, recall and F1 of a label, or the mean F1 over all labels that are expected anywhere.

    F1 = 2·hits / (found + expected). A reply without a label, or with one that is expected nowhere, is a miss.

    Arguments:
        positive: the label; None for the mean over labels.
        expected: name of the right label in the evidence; the sample's target where it is not there.
        found: name of the label read from the reply.
    """
    return FMeasure(positive, expected, found)
