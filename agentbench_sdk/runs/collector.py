"""Python's garbage collector, told to look less often while runs are under way.

Thousands of sessions live side by side, each with a few hundred objects and no cycles. With its default
of 700 new objects the collector walks over all of them again and again: a quarter of a run's CPU. What is
freed by reference counting, which is nearly everything, is freed as before.

The collector belongs to the process and so does the count of runs here; the last run to end puts the
threshold back.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

SELDOM = 200_000  # new objects between two looks; some 20 MB of what only the collector could free


class _Threshold:
    runs = 0
    before = 0


@contextmanager
def collecting_seldom() -> Iterator[None]:
    """Raise the threshold while in the block; blocks may overlap. One that is higher, or 0 (off), stays."""
    first = gc.get_threshold()[0]
    if not _Threshold.runs and 0 < first < SELDOM:
        _Threshold.before = first
        _set_first(SELDOM)
    _Threshold.runs += 1
    try:
        yield
    finally:
        _Threshold.runs -= 1
        if not _Threshold.runs and _Threshold.before:
            if gc.get_threshold()[0] == SELDOM:  # else somebody set it meanwhile, and means it
                _set_first(_Threshold.before)
            _Threshold.before = 0


def _set_first(threshold: int) -> None:
    gc.set_threshold(threshold, *gc.get_threshold()[1:])
