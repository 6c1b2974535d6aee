"""Calls that are gathered into groups and run in the thread of one SQLite connection.

There is no timer: a group is whatever has arrived while the group before it was at work, so one lone
call never waits and many calls share the cost of one.

Nothing here is a task. A program that cancels all its tasks, as `asyncio.run` does at its end, can
therefore not take a group from the thread that works on it, nor lose the calls that are queued: only who
waits is cancelled. Everything but `work` runs on the event loop, so the lists need no lock.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Generic, TypeVar

import aiosqlite

Item = TypeVar("Item")
Result = TypeVar("Result")
Work = Callable[[sqlite3.Connection, Sequence[Item]], Sequence[Result | Exception]]


class SqliteThread(aiosqlite.Connection):
    """aiosqlite's connection with its thread, able to run a whole function there in one hop.

    The public methods hop once a statement and need a task to wait for each.
    """

    def submit(self, function: Callable[[sqlite3.Connection], Result]) -> asyncio.Future[Result]:
        """Run a function in the connection's thread, after those that were submitted before."""
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._tx.put_nowait((future, partial(function, self._conn)))
        return future


@dataclass(frozen=True, slots=True)
class BatchStatistics:
    """How many calls came, in how many groups, and how many wait or are at work now."""

    calls: int
    groups: int
    pending: int


class Call(Generic[Item, Result]):
    """One call that is queued or at work, and all who wait for it."""

    __slots__ = ("futures", "item")

    def __init__(self, item: Item) -> None:
        self.item = item
        self.futures: list[asyncio.Future[Result]] = []

    def wait(self) -> asyncio.Future[Result]:
        """A future of its own for one waiter; cancelling it changes nothing for the call."""
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self.futures.append(future)
        return future


class Batcher(Generic[Item, Result]):
    """Gathers calls into groups.

    Arguments:
        thread: where the groups are worked on, one at a time.
        work: gets a group and returns one result, or one exception, for each item; what it raises is
            the fate of the whole group.
        explain: turns what `work` raised or returned into the exception that a caller sees.
        finished: told of each item when its work is over, before anybody who waits wakes.
        limit: most items of a group.
    """

    def __init__(
        self,
        thread: SqliteThread,
        work: Work[Item, Result],
        *,
        explain: Callable[[Exception], Exception],
        finished: Callable[[Call[Item, Result]], None] | None = None,
        limit: int,
    ) -> None:
        self._thread, self._work, self._explain, self._limit = thread, work, explain, limit
        self._finished = finished
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[Call[Item, Result]] = deque()
        self._active: list[Call[Item, Result]] = []
        self._scheduled = False
        self._idle: asyncio.Future[None] | None = None
        self._calls = self._groups = 0

    def add(self, item: Item) -> Call[Item, Result]:
        """Queue a call."""
        call: Call[Item, Result] = Call(item)
        self._waiting.append(call)
        self._calls += 1
        if not self._active and not self._scheduled:
            # Not at once: what else arrives in this turn of the loop belongs to the same group.
            self._scheduled = True
            self._loop.call_soon(self._start)
        return call

    def statistics(self) -> BatchStatistics:
        return BatchStatistics(self._calls, self._groups, len(self._waiting) + len(self._active))

    async def drained(self) -> None:
        """Wait until nothing is queued and nothing at work."""
        while self._waiting or self._active:
            if self._idle is None:
                self._idle = self._loop.create_future()
            await asyncio.shield(self._idle)

    def _start(self) -> None:
        self._scheduled = False
        size = min(self._limit, len(self._waiting))
        self._active = [self._waiting.popleft() for _ in range(size)]
        self._groups += 1
        items = [call.item for call in self._active]
        self._thread.submit(lambda connection: self._work(connection, items)).add_done_callback(self._finish)

    def _finish(self, done: asyncio.Future[Sequence[Result | Exception]]) -> None:
        group, self._active = self._active, []
        if self._waiting:
            self._start()  # the next group is at work while those who waited for this one wake
        error = done.exception()
        if error is None:
            results = done.result()
        elif isinstance(error, Exception):
            results = [error] * len(group)
        else:
            raise error  # the thread was told to exit
        for call, result in zip(group, results, strict=True):
            self._settle(call, result)
        if self._idle is not None and not self._active:
            self._idle.set_result(None)
            self._idle = None

    def _settle(self, call: Call[Item, Result], result: Result | Exception) -> None:
        if self._finished is not None:
            self._finished(call)
        for future in call.futures:
            if future.done():
                continue
            if isinstance(result, Exception):
                future.set_exception(self._explain(result))
            else:
                future.set_result(result)
