"""Rolling figures of a series of measurements."""

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
    seen: list[int] = []
    for value in values:
        seen.append(value)
        last = seen[-window:]
        yield Figures(len(last), sum(last), min(last), max(last), len(set(last)))
