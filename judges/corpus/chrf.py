"""`chrf_corpus`: chrF of all samples together, from the n-gram counts in the evidence of `chrf`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agentbench_sdk.canonical import JSON
from agentbench_sdk.judging import Scale, Score


def chrf_values(counts: NDArray[np.float64], beta: float) -> NDArray[np.float64]:
    """chrF, 0 to 100, of rows of (candidate, reference, common) n-gram counts, order by order.

    The F-score of the mean precision and the mean recall over those orders that both sides have
    (Popović 2015, chrF, section 3; 2017, chrF++; sacrebleu's reading for short texts).
    """
    found, wanted, common = counts[:, 0::3], counts[:, 1::3], counts[:, 2::3]
    there = (found > 0) & (wanted > 0)
    orders = np.maximum(there.sum(axis=1), 1)
    with np.errstate(all="ignore"):
        precision = np.where(there, common / found, 0.0).sum(axis=1) / orders
        recall = np.where(there, common / wanted, 0.0).sum(axis=1) / orders
        weighted = (1 + beta**2) * precision * recall / (beta**2 * precision + recall)
    score: NDArray[np.float64] = np.where(precision + recall > 0, 100 * weighted, 0.0)
    return score


@dataclass(frozen=True, slots=True)
class CorpusChrf:
    """See `chrf_corpus`."""

    beta: float = 2.0

    @property
    def figures(self) -> Sequence[tuple[str, Scale]]:
        return [("corpus chrF", Scale(0.0, 100.0))]

    def keep(self, score: Score, target: JSON, metadata: Mapping[str, Any]) -> list[float]:
        return list(score.evidence["counts"])

    def rows(self, kept: Sequence[list[float]]) -> NDArray[np.float64]:
        return np.array(kept, dtype=np.float64)

    def values(self, sums: NDArray[np.float64]) -> NDArray[np.float64]:
        return chrf_values(sums, self.beta)[:, None]


def chrf_corpus(*, beta: float = 2.0) -> CorpusChrf:
    """Corpus chrF, 0 to 100.

    Arguments:
        beta: weight of recall against precision.
    """
    return CorpusChrf(beta)
