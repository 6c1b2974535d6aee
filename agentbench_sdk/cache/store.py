"""The response cache: what models answered, durable before anybody sees it.

    async with ResponseCache.open("answers.db") as cache:
        entry = await cache.get(key)
        await cache.put(key, entry)      # returns when the transaction that holds it has committed

Reads and writes go through connections of their own, each with a thread, and through groups: one
transaction (one fsync) for all answers that arrived while the last one was committed, one query for all
look-ups. Several processes may use one file; the first answer to a key wins, and `put` says which it was.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from agentbench_sdk.cache.batching import Batcher, BatchStatistics, Call, SqliteThread
from agentbench_sdk.cache.database import failure, open_database
from agentbench_sdk.cache.entry import Entry, encode
from agentbench_sdk.cache.flight import FlightStatistics, SingleFlight
from agentbench_sdk.cache.history import RecentHistories
from agentbench_sdk.cache.key import RecentShapes
from agentbench_sdk.cache.rows import Write, read_entries, write_rows
from agentbench_sdk.errors import CacheError
from agentbench_sdk.models import ModelResponse
from agentbench_sdk.uninterrupted import to_the_end

T = TypeVar("T")

# Half of a usual concurrency: while one half is being committed, the other half is sent and parsed.
WRITE_GROUP = 128
READ_GROUP = 256


@dataclass(frozen=True, slots=True)
class CacheStatistics:
    """What a cache has been doing since it was opened."""

    reads: BatchStatistics
    writes: BatchStatistics
    flights: FlightStatistics


class ResponseCache:
    """One cache file, in use on one event loop. Made by `ResponseCache.open`.

    Attributes:
        path: the file.
        flights: makes one call of identical requests that are under way.
        shapes: what the requests of a run have in common, encoded once.
    """

    def __init__(
        self, path: Path, reader: SqliteThread, writer: SqliteThread, clock: Callable[[], float]
    ) -> None:
        self.path, self.clock = path, clock
        self.flights: SingleFlight[ModelResponse] = SingleFlight()
        self._reader, self._writer = reader, writer
        self.shapes = RecentShapes()
        self._histories = RecentHistories()
        self._reads: Batcher[str, Entry | None] = Batcher(
            reader, read_entries, explain=partial(self._explain, doing="read"), limit=READ_GROUP
        )
        self._writes: Batcher[Write, Entry | None] = Batcher(
            writer,
            write_rows,
            explain=partial(self._explain, doing="written"),
            finished=self._committed,
            limit=WRITE_GROUP,
        )
        self._uncommitted: dict[str, tuple[Call[Write, Entry | None], Entry]] = {}
        self._closing = False

    @classmethod
    @asynccontextmanager
    async def open(
        cls, path: str | Path, *, create: bool = True, clock: Callable[[], float] = time.time
    ) -> AsyncIterator[ResponseCache]:
        """Open a cache file, and close it at the end of the block, when all writes have committed.

        Arguments:
            path: the file.
            create: make it, and its folder, when it is missing.
            clock: seconds since 1970, for the provenance of entries.

        Raises:
            CacheError: the file cannot be used, is damaged, is not a cache or has another schema.
        """
        path = Path(path)
        async with (
            _connected(partial(open_database, path, create=create)) as writer,
            _connected(partial(open_database, path, create=False, read_only=True)) as reader,
        ):
            cache = cls(path, reader, writer, clock)
            try:
                yield cache
            finally:
                await to_the_end(cache._drain)

    async def get(self, key: str) -> Entry | None:
        """The entry of a key, or None.

        A write of the same key that is under way is waited for.

        Raises:
            CacheError: the row is damaged (its key is named), or the file cannot be read.
        """
        self._check_open("read")
        under_way = self._uncommitted.get(key)
        if under_way is not None:
            call, entry = under_way
            return await call.wait() or entry
        return await self._reads.add(key).wait()

    async def put(self, key: str, entry: Entry, *, replace: bool = False) -> Entry:
        """Record an answer. Cancelling the caller does not undo the write.

        Returns:
            The entry that the file holds now: the one given, or that of another process which was
            first; never before the transaction that holds it has committed.

        Raises:
            TypeError: `entry` is not an `Entry` of a valid response.
            CacheError: the answer is not in the file: the disk is full or failing, another process
                holds the file, or the answer's text is not valid Unicode.
        """
        if not isinstance(entry, Entry) or not isinstance(entry.response, ModelResponse):
            raise TypeError(f"only an Entry of a ModelResponse can be recorded, not {type(entry).__name__}")
        self._check_open("written")
        call = self._writes.add(self._encode(key, entry, replace))
        self._uncommitted[key] = call, entry
        first = await call.wait()
        if entry.identity is not None:
            self._histories.remember(entry.identity, entry.origin)
        return first or entry

    async def inspect(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run a reading function in the thread of the reading connection (for `explain`).

        Raises:
            CacheError: the file cannot be read.
        """
        self._check_open("read")
        try:
            return await self._reader.submit(work)
        except sqlite3.Error as error:
            raise failure(error, self.path, "read") from error

    def statistics(self) -> CacheStatistics:
        return CacheStatistics(self._reads.statistics(), self._writes.statistics(), self.flights.statistics())

    def _encode(self, key: str, entry: Entry, replace: bool) -> Write:
        # On the loop, while the writer's thread waits for the disk: that is where the time is.
        try:
            if entry.identity is None:
                return Write(encode(key, entry, None), {}, replace)
            request, parts = self._histories.delta(entry.identity, entry.origin)
            return Write(encode(key, entry, request), parts, replace)
        except (TypeError, ValueError) as error:
            raise CacheError(
                f"the answer to request {key} cannot be recorded ({error}): it is not valid Unicode or JSON, "
                "so the model's back end should have refused it"
            ) from error

    def _committed(self, call: Call[Write, Entry | None]) -> None:
        key = call.item.row.key
        if key in self._uncommitted and self._uncommitted[key][0] is call:
            del self._uncommitted[key]

    def _explain(self, error: Exception, doing: str) -> Exception:
        return failure(error, self.path, doing) if isinstance(error, sqlite3.Error) else error

    def _check_open(self, doing: str) -> None:
        if self._closing:
            raise CacheError(f"the response cache {self.path} is closed and cannot be {doing}; open it again")

    async def _drain(self) -> None:
        self._closing = True
        for batcher in (self._writes, self._reads):
            # Whoever cancels all tasks there are cancels this one too, but not the groups at work.
            while batcher.statistics().pending:
                with suppress(asyncio.CancelledError):
                    await batcher.drained()


@asynccontextmanager
async def _connected(open_file: Callable[[], sqlite3.Connection]) -> AsyncIterator[SqliteThread]:
    """Open a connection in a thread of its own and close it at the end, also when cancelled meanwhile."""
    threads: list[SqliteThread] = []

    async def start() -> None:
        # Opened before aiosqlite begins: its thread outlives an opening that fails.
        connection = await asyncio.to_thread(open_file)
        thread = SqliteThread(lambda: connection, iter_chunk_size=64)
        await thread
        threads.append(thread)

    async def stop() -> None:
        for thread in threads:
            await thread.close()

    try:
        await to_the_end(start)
        yield threads[0]
    finally:
        await to_the_end(stop)
