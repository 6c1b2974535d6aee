"""Rolling figures of a series of measurements."""

from collections import deque
from collections.abc import Iterable, Iterator
from typing import NamedTuple


class Figures(NamedTuple):
    count: int
    total: int
    lowest: int
    highest: int
    distinct: int


def rolling(values: Iterable[int], window: int) -> Iterator[Figures]:
    """For each value, the figures of the last `window` values up to it (fewer at the beginning).

    Lazy: the figures of a value come before the next value is asked for. ValueError, already by the call, for a window
    below 1.
    """
    if window < 1:
        raise ValueError("a window holds one value or more")
    return _rolling(values, window)


def _rolling(values: Iterable[int], window: int) -> Iterator[Figures]:
    last: deque[int] = deque()
    counts: dict[int, int] = {}
    total = 0
    low = high = 0
    for value in values:
        low, high = (min(low, value), max(high, value)) if last else (value, value)
        last.append(value)
        total += value
        counts[value] = counts.get(value, 0) + 1
        if len(last) > window:
            oldest = last.popleft()
            total -= oldest
            counts[oldest] -= 1
            if not counts[oldest]:
                del counts[oldest]
                if oldest == low:
                    low = min(last)
                if oldest == high:
                    high = max(last)
        yield Figures(len(last), total, low, high, len(counts))
