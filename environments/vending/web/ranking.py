"""BM25 in integers: which texts fit a query best (Robertson and Zaragoza, 2009)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

_K1, _B = 1200, 750  # per mille
_WORD = re.compile(r"[a-z0-9]+")


def tokens(text: str) -> list[str]:
    """Lower-case words of letters and digits."""
    return _WORD.findall(text.lower())


def log2_milli(numerator: int, denominator: int) -> int:
    """1000 · log2(numerator / denominator) for a ratio of at least 1, rounded down; exact integers.

    >>> log2_milli(8, 1)
    3000
    """
    scaled = (numerator << 32) // denominator
    whole = scaled.bit_length() - 33
    fraction, rest = 0, scaled << 32 >> (whole + 32)
    for _ in range(12):
        rest = rest * rest >> 32
        fraction <<= 1
        if rest >> 33:
            rest >>= 1
            fraction |= 1
    return whole * 1000 + (fraction * 1000 >> 12)


class Index:
    """A search index over texts by id."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._counts = {name: Counter(tokens(text)) for name, text in texts.items()}
        self._lengths = {name: sum(counts.values()) for name, counts in self._counts.items()}
        self._documents: Counter[str] = Counter()
        for counts in self._counts.values():
            self._documents.update(counts.keys())
        self._mean = max(1, sum(self._lengths.values()) // max(1, len(texts)))

    def search(self, query: str, limit: int) -> list[str]:
        """Ids of the best texts, best first; ties by id; texts without any of the words are left out."""
        words = sorted(set(tokens(query)))
        scored = [(-self._score(name, words), name) for name in self._counts]
        return [name for score, name in sorted(scored) if score < 0][:limit]

    def _score(self, name: str, words: list[str]) -> int:
        counts = self._counts[name]
        return sum(
            self._weight(word) * self._saturation(name, counts[word]) for word in words if counts[word]
        )

    def _weight(self, word: str) -> int:
        """Inverse document frequency in thousandths."""
        having, total = self._documents[word], len(self._counts)
        return max(1, log2_milli(2 * total + 2, 2 * having + 1))

    def _saturation(self, name: str, count: int) -> int:
        """Term frequency in per mille, saturated and normalised by length."""
        length = 1000 - _B + _B * self._lengths[name] // self._mean
        return count * 1000 * (_K1 + 1000) // (count * 1000 + _K1 * length // 1000)
