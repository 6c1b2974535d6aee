"""`captions_corpus`: BLEU-1 to BLEU-4, ROUGE-L and CIDEr-D of all captions of a task."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from agentbench_sdk.canonical import JSON
from agentbench_sdk.judging import Scale, Score

ORDERS = 4
_SIGMA = 6.0  # of CIDEr-D's penalty on lengths that differ
_TINY, _SMALL = 1e-15, 1e-9  # what the COCO evaluation puts where a count is 0
Ngrams = Counter[tuple[str, ...]]


class Caption(NamedTuple):
    words: list[str]
    references: list[list[str]]
    rouge_l: float


def ngrams(words: Sequence[str]) -> Ngrams:
    """All n-grams of up to four words."""
    return Counter(
        tuple(words[at : at + n]) for n in range(1, ORDERS + 1) for at in range(len(words) - n + 1)
    )


def cider_d(captions: Sequence[Caption]) -> list[float]:
    """CIDEr-D of each caption, with the document frequencies of these references (Vedantam et al. 2015, CIDEr,
    sections 4 and 5): 10 · mean over n of the cosine of tf-idf vectors, candidates clipped to the reference,
    times exp(-(difference of lengths)²/2σ²), σ = 6. As in the authors' code a length is the number of word pairs.
    """
    wanted = [[ngrams(each) for each in caption.references] for caption in captions]
    documents = Counter(key for group in wanted for key in set().union(*group))
    log_size = math.log(len(captions))
    return [
        _cider(ngrams(caption.words), group, documents, log_size)
        for caption, group in zip(captions, wanted, strict=True)
    ]


def _cider(found: Ngrams, wanted: Sequence[Ngrams], documents: Ngrams, log_size: float) -> float:
    mine, norms, length = _vector(found, documents, log_size)
    total = 0.0
    for reference in wanted:
        its, its_norms, its_length = _vector(reference, documents, log_size)
        penalty = math.exp(-((length - its_length) ** 2) / (2 * _SIGMA**2))
        dots = [0.0] * ORDERS
        for key, value in mine.items():
            dots[len(key) - 1] += min(value, its.get(key, 0.0)) * its.get(key, 0.0)
        for n in range(ORDERS):
            norm = norms[n] * its_norms[n]
            total += penalty * (dots[n] / norm if norm else dots[n]) / ORDERS
    return 10 * total / len(wanted)


def _vector(
    counts: Ngrams, documents: Ngrams, log_size: float
) -> tuple[dict[tuple[str, ...], float], list[float], int]:
    vector = {key: n * (log_size - math.log(max(1, documents[key]))) for key, n in counts.items()}
    squares = [0.0] * ORDERS
    for key, value in vector.items():
        squares[len(key) - 1] += value**2
    return vector, [math.sqrt(each) for each in squares], sum(n for key, n in counts.items() if len(key) == 2)


def bleu_counts(caption: Caption) -> list[float]:
    """Matches and n-grams of each order, the caption's length, and that of the reference nearest in length."""
    found = ngrams(caption.words)
    most: Ngrams = Counter()
    for reference in caption.references:
        most |= ngrams(reference)
    length = len(caption.words)
    nearest = min((abs(len(each) - length), len(each)) for each in caption.references)[1]
    matches = [
        sum(min(n, most[key]) for key, n in found.items() if len(key) == k) for k in range(1, ORDERS + 1)
    ]
    return [*matches, *(max(0, length - k) for k in range(ORDERS)), length, nearest]


@dataclass(frozen=True, slots=True)
class CorpusCaptions:
    """See `captions_corpus`."""

    @property
    def figures(self) -> Sequence[tuple[str, Scale]]:
        names = [f"BLEU-{n}" for n in range(1, ORDERS + 1)]
        return [*((name, Scale()) for name in names), ("ROUGE-L", Scale()), ("CIDEr-D", Scale(0.0, None))]

    def keep(self, score: Score, target: JSON, metadata: Mapping[str, Any]) -> Caption:
        found = score.evidence
        return Caption(
            found["words"].split(), [each.split() for each in found["references"]], found["rouge_l"]
        )

    def rows(self, kept: Sequence[Caption]) -> NDArray[np.float64]:
        """BLEU's counts, ROUGE-L, CIDEr-D and 1; document frequencies are those of the whole task."""
        ciders = cider_d(kept)
        return np.array(
            [
                [*bleu_counts(caption), caption.rouge_l, cider, 1.0]
                for caption, cider in zip(kept, ciders, strict=True)
            ],
            dtype=np.float64,
        )

    def values(self, sums: NDArray[np.float64]) -> NDArray[np.float64]:
        matches, totals = sums[:, :ORDERS], sums[:, ORDERS : 2 * ORDERS]
        length, reference, rouge, cider, n = sums[:, 2 * ORDERS :].T
        with np.errstate(all="ignore"):
            precision = (matches + _TINY) / (totals + _SMALL)
            geometric = np.cumprod(precision, axis=1) ** (1 / np.arange(1, ORDERS + 1))
            ratio = (length + _TINY) / (reference + _SMALL)
            brevity = np.where(ratio < 1, np.exp(1 - 1 / ratio), 1.0)
            means = np.stack([rouge / n, cider / n], axis=1)
        return np.concatenate([geometric * brevity[:, None], means], axis=1)


def captions_corpus() -> CorpusCaptions:
    """BLEU-1 to BLEU-4, ROUGE-L and CIDEr-D; 0 to 1, CIDEr-D from 0 up."""
    return CorpusCaptions()
