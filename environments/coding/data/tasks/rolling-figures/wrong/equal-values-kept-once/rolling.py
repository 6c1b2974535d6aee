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
    lows: deque[int] = deque()  # ascending: what may yet become the lowest
    highs: deque[int] = deque()  # descending
    counts: dict[int, int] = {}
    total = 0
    for value in values:
        if len(last) == window:
            oldest = last.popleft()
            total -= oldest
            _forget(oldest, lows, highs, counts)
        last.append(value)
        total += value
        counts[value] = counts.get(value, 0) + 1
        while lows and lows[-1] >= value:
            lows.pop()
        lows.append(value)
        while highs and highs[-1] <= value:
            highs.pop()
        highs.append(value)
        yield Figures(len(last), total, lows[0], highs[0], len(counts))


def _forget(value: int, lows: deque[int], highs: deque[int], counts: dict[int, int]) -> None:
    """Takes the oldest value out of what is kept; equal values are kept as often as they occur."""
    if lows[0] == value:
        lows.popleft()
    if highs[0] == value:
        highs.popleft()
    counts[value] -= 1
    if not counts[value]:
        del counts[value]
