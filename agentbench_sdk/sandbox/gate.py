"""How many commands run in sandboxes at once: as many as there are processors, whoever they belong to.

More would finish no sooner, and each would use up its wall time waiting for the others. A command's time
begins when it has its place here.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

_QUOTA = Path("/sys/fs/cgroup/cpu.max")


class CommandGate:
    """Lets so many commands run at once, in the order in which they came.

    Arguments:
        at_once: how many.

    Attributes:
        entered: commands that have got a place so far.
        running, waiting: commands that have a place now, and that wait for one.
        most_running: the most that ever had a place at once.
    """

    def __init__(self, at_once: int) -> None:
        self.at_once = at_once
        self.entered = self.running = self.waiting = self.most_running = 0
        self._places = asyncio.Semaphore(at_once)

    @asynccontextmanager
    async def place(self) -> AsyncIterator[float]:
        """Hold a place for as long as the block runs; gives the seconds that were waited for it."""
        asked = time.monotonic()
        self.waiting += 1
        try:
            await self._places.acquire()
        finally:
            self.waiting -= 1
        self.entered += 1
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        try:
            yield time.monotonic() - asked
        finally:
            self.running -= 1
            self._places.release()


def processors(quota: Path = _QUOTA) -> int:
    """Processors that this process may use: those it may run on, and no more than a container allows it.

    Arguments:
        quota: file of the control group with microseconds of processor time and their period, cgroup v2.
    """
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        used, period = quota.read_text(encoding="ascii").split()
        return max(1, min(allowed, round(int(used) / int(period))))
    except (OSError, ValueError):  # no control groups, or no quota ("max")
        return allowed
