"""What two texts, lists or bags have in common, and the F1 of it."""

from __future__ import annotations

from collections.abc import Sequence


def common_subsequence(one: Sequence[str], other: Sequence[str]) -> int:
    """Length of the longest common subsequence.

    >>> common_subsequence("abcbdab", "bdcaba")
    4
    """
    places: dict[str, int] = {}
    for at, each in enumerate(one):
        places[each] = places.get(each, 0) | 1 << at
    # A whole row of the table at a time, as the bits of one number (Hyyrö 2004, "Bit-parallel LCS-length").
    full = row = (1 << len(one)) - 1
    for each in other:
        met = row & places.get(each, 0)
        row = ((row + met) | (row - met)) & full
    return len(one) - row.bit_count()


def f1(shared: int, found: int, wanted: int) -> float:
    """Harmonic mean of precision and recall (van Rijsbergen 1979, chapter 7); 0 where nothing is shared.

    >>> f1(shared=1, found=2, wanted=1)
    0.6666666666666666
    """
    return 2 * shared / (found + wanted) if shared else 0.0
