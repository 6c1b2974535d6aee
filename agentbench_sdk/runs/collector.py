"""Python's garbage collector, told to look less often while runs are under way.

Thousands of sessions live side by side, each with a few hundred objects and no cycles. With its default
of 700 new objects the collector walks over all of them again and again: a quarter of a run's CPU. What is
freed by reference counting, which is nearly everything, is freed as before.

Simulated worlds live long and are large: what a pass has looked at once is then better left alone, and a pass
over 200,000 of their objects would stop every session for a tenth of a second. So runs with worlds look often,
at few objects (some 15 ms), and hardly ever again at those that stayed.

The collector belongs to the process and so does the count of runs here; the last run to end puts the
threshold back.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

# new objects between two looks, and looks between two at what the ones before have left
SELDOM = (200_000, 10)  # some 20 MB of what only the collector could free
BRIEFLY = (15_000, 100)


class _Threshold:
    runs = 0
    before: tuple[int, int] | None = None
    chosen = SELDOM


@contextmanager
def collecting_seldom(*, worlds: bool = False) -> Iterator[None]:
    """Set the thresholds for runs while in the block. Blocks may overlap: those of the first one count.

    A first threshold that is higher already, or 0 (off), stays.

    Arguments:
        worlds: sessions hold simulated worlds.
    """
    now, chosen = gc.get_threshold(), BRIEFLY if worlds else SELDOM
    if not _Threshold.runs and 0 < now[0] < chosen[0]:
        _Threshold.before, _Threshold.chosen = now[:2], chosen
        gc.set_threshold(*chosen, now[2])
    _Threshold.runs += 1
    try:
        yield
    finally:
        _Threshold.runs -= 1
        if not _Threshold.runs and _Threshold.before is not None:
            now = gc.get_threshold()
            if now[:2] == _Threshold.chosen:  # else somebody set it meanwhile, and means it
                gc.set_threshold(*_Threshold.before, now[2])
            _Threshold.before = None
