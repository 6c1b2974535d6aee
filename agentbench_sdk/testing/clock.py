"""Virtual time: what waits for an hour in a test is done at once, and in the right order."""

from __future__ import annotations

import asyncio
import heapq
import itertools

_BLIND_ROUNDS = 64  # for event loops that do not tell what is ready


class FakeClock:
    """A clock to inject in place of `time.monotonic` and `asyncio.sleep`.

    With `auto`, time jumps to the next sleeper whenever every task of the loop waits. Work in threads and
    on sockets is not seen: what waits for it counts as waiting, so keep it out of tests in virtual time.

        clock = FakeClock()
        await asyncio.gather(worker(clock.sleep), other(clock.sleep))   # hours, done in milliseconds
        assert clock.time() == 7200.0

    Arguments:
        start: the first reading, in seconds.
        auto: advance by itself; else only `advance` moves time.
    """

    def __init__(self, start: float = 0.0, *, auto: bool = True) -> None:
        self._now = start
        self._auto = auto
        self._order = itertools.count()
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._driver: asyncio.Task[None] | None = None

    def time(self) -> float:
        """Seconds; moves only by sleeping and `advance`."""
        return self._now

    async def sleep(self, seconds: float) -> None:
        """Wait in virtual time. Sleepers wake in the order of their deadlines, equal ones as they came."""
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        loop = asyncio.get_running_loop()
        woken: asyncio.Future[None] = loop.create_future()
        heapq.heappush(self._sleepers, (self._now + seconds, next(self._order), woken))
        if self._auto and (self._driver is None or self._driver.done()):
            self._driver = loop.create_task(self._drive())
        await woken

    async def advance(self, seconds: float) -> None:
        """Move time forward, deadline by deadline; whoever wakes runs until it waits again."""
        until = self._now + seconds
        await _settle()
        while self._sleepers and self._sleepers[0][0] <= until:
            self._wake_next()
            await _settle()
        self._now = max(self._now, until)

    @property
    def sleeping(self) -> int:
        """How many sleepers wait."""
        return sum(not woken.done() for _, _, woken in self._sleepers)

    async def _drive(self) -> None:
        while self._sleepers:
            await _settle()
            self._wake_next()

    def _wake_next(self) -> None:
        while self._sleepers:
            deadline, _, woken = heapq.heappop(self._sleepers)
            if not woken.done():  # a cancelled sleeper moves no time
                self._now = max(self._now, deadline)
                woken.set_result(None)
                return


async def _settle() -> None:
    """Wait until no other task of the loop can run."""
    # asyncio's own loops show what is ready; nothing public does.
    ready = getattr(asyncio.get_running_loop(), "_ready", None)
    for _ in itertools.count() if ready is not None else range(_BLIND_ROUNDS):
        await asyncio.sleep(0)
        if ready is not None and not ready:
            return
