"""`bleu_corpus`: BLEU of all samples together, from the n-gram counts in the evidence of `bleu`.

BLEU = BP · exp(mean of ln p_n), p_n = Σ matches / Σ n-grams, BP = exp(1 - r/c) where the candidates are shorter
(Papineni et al. 2002, BLEU, section 2.3); an order without a match counts as half of one, the next such as a
quarter, and so on (Chen and Cherry 2014, smoothing 3; sacrebleu's "exp").
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agentbench_sdk.canonical import JSON
from agentbench_sdk.judging import Scale, Score


@dataclass(frozen=True, slots=True)
class CorpusBleu:
    """See `bleu_corpus`."""

    order: int = 4

    @property
    def figures(self) -> Sequence[tuple[str, Scale]]:
        return [("corpus BLEU", Scale(0.0, 100.0))]

    def keep(self, score: Score, target: JSON, metadata: Mapping[str, Any]) -> list[float]:
        found = score.evidence
        return [*found["matches"], *found["ngrams"], found["length"], found["reference_length"]]

    def rows(self, kept: Sequence[list[float]]) -> NDArray[np.float64]:
        return np.array(kept, dtype=np.float64)

    def values(self, sums: NDArray[np.float64]) -> NDArray[np.float64]:
        matches, totals = sums[:, : self.order], sums[:, self.order : 2 * self.order]
        length, reference = sums[:, -2], sums[:, -1]
        misses = np.cumsum((matches == 0) & (totals > 0), axis=1)
        with np.errstate(all="ignore"):
            precision = np.where(matches > 0, matches, 1 / 2.0**misses) / totals
            score = np.exp(np.log(precision).mean(axis=1))
            brevity = np.where(length < reference, np.exp(1 - reference / length), 1.0)
        fine = (totals > 0).all(axis=1) & (matches[:, 0] > 0)  # without one common word it is 0
        return np.where(fine, 100 * brevity * score, 0.0)[:, None]


def bleu_corpus(*, order: int = 4) -> CorpusBleu:
    """Corpus BLEU, 0 to 100.

    Arguments:
        order: longest n-grams counted.
    """
    return CorpusBleu(order)
