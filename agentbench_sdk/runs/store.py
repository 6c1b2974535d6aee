"""The run file: one SQLite file a run, append-only, readable by anything that reads SQLite.

Rows cost the same whether the run holds ten samples or a million. Transcripts lie compressed in a table
of their own, so that listing samples never touches them. The run file is no checkpoint: what was paid for
is in the response cache, and a run that was cut off is repeated from there.
"""

from __future__ import annotations

import asyncio
import sqlite3
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple, Self, TypeVar

from agentbench_sdk.benchmark.task import Sample
from agentbench_sdk.canonical import canonical_json
from agentbench_sdk.errors import RunFileError
from agentbench_sdk.messages import Usage
from agentbench_sdk.runs.records import CallRecord, CallRole, Manifest, SampleRecord
from agentbench_sdk.sessions.transcript import Transcript

T = TypeVar("T")
Row = tuple[Any, ...]
Rows = dict[str, list[Row]]  # by table

APPLICATION_ID = 0x41425231  # "ABR1": tells a run file from any other SQLite file
SCHEMA_VERSION = 2

_SCHEMA = """
CREATE TABLE manifest (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE samples (
    sample_id TEXT NOT NULL, epoch INTEGER NOT NULL, cluster TEXT NOT NULL,
    status TEXT NOT NULL, reason TEXT NOT NULL, detail TEXT NOT NULL,
    answer TEXT NOT NULL, target TEXT NOT NULL, outcome TEXT,
    usage TEXT NOT NULL, cached_usage TEXT NOT NULL, wall_s REAL NOT NULL, working_s REAL NOT NULL,
    metadata TEXT NOT NULL, sample TEXT NOT NULL, PRIMARY KEY (sample_id, epoch)
) STRICT;
CREATE TABLE scores (
    sample_id TEXT NOT NULL, epoch INTEGER NOT NULL, position INTEGER NOT NULL, judge TEXT NOT NULL,
    value REAL, passed INTEGER, label TEXT, explanation TEXT NOT NULL, evidence TEXT NOT NULL,
    PRIMARY KEY (sample_id, epoch, judge)
) STRICT;
CREATE TABLE calls (
    sample_id TEXT NOT NULL, epoch INTEGER NOT NULL, role TEXT NOT NULL, turn INTEGER NOT NULL,
    model TEXT NOT NULL, endpoint TEXT NOT NULL, cached INTEGER NOT NULL,
    input_tokens INTEGER NOT NULL, output_tokens INTEGER NOT NULL, reasoning_tokens INTEGER NOT NULL,
    cached_input_tokens INTEGER NOT NULL, cost_usd REAL,
    queue_s REAL NOT NULL, wire_s REAL NOT NULL, first_token_s REAL, attempts INTEGER NOT NULL,
    speaker TEXT NOT NULL
) STRICT;
CREATE TABLE transcripts (
    sample_id TEXT NOT NULL, epoch INTEGER NOT NULL, body BLOB NOT NULL, PRIMARY KEY (sample_id, epoch)
) STRICT;
"""
_MOST_VALUES = 2_000  # of one statement; SQLite takes 32,766, but compiles them into megabytes
_COMPRESS_FROM = 4096  # bytes, as in the response cache
_KEPT_STATEMENTS = 16  # one for 256 rows takes half a megabyte, and Python would keep 128
_MOST_PENDING = 256  # attempts that wait for the disk before no new one is begun
_LONG = 50_000  # bytes of a transcript; a longer one is compressed in the thread, and harder
_PRAGMAS = "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA busy_timeout=10000;"


class Attempt(NamedTuple):
    """Everything that is written of one attempt at one sample."""

    record: SampleRecord
    sample: Sample
    transcript: Transcript
    calls: Sequence[CallRecord] = ()


class UnwritableRowError(RunFileError):
    """One attempt holds something that neither JSON nor SQLite takes; the file is as it was."""


class RunStore:
    """Writes a run file. Attempts that arrive while others are being written share a transaction."""

    def __init__(self, path: Path, connection: sqlite3.Connection, thread: ThreadPoolExecutor) -> None:
        self.path = path
        self._connection, self._thread = connection, thread
        self._pending: list[tuple[Rows, asyncio.Future[None]]] = []
        self._writing: asyncio.Task[None] | None = None

    @classmethod
    async def create(cls, path: Path, manifest: Manifest) -> Self:
        """Start a new file.

        Raises:
            RunFileError: the file exists, or its folder cannot be written.
        """
        thread = ThreadPoolExecutor(1, "agentbench-run-file")
        opening = thread.submit(_create, path)
        try:
            connection = await asyncio.wrap_future(opening)
        except BaseException:
            thread.submit(_discard, opening, path)  # after the opening, which cannot be stopped
            thread.shutdown(wait=False)
            raise
        store = cls(path, connection, thread)
        try:
            await store.note("manifest", manifest.model_dump(mode="json"))
        except BaseException:
            await store.close()
            raise
        return store

    async def note(self, key: str, value: Any) -> None:
        """Write a fact of the whole run, for example its status."""
        row = (key, canonical_json(value).decode())
        await self._write({"manifest": [row]})

    async def add(self, attempt: Attempt) -> None:
        """Write one attempt; returns once it is in the file.

        Raises:
            UnwritableRowError: this attempt holds something that no file takes.
            RunFileError: the file cannot be written at all.
        """
        try:
            body = attempt.transcript.to_bytes()
            packed = await self._on_thread(zlib.compress, body, 6) if len(body) > _LONG else _packed(body)
            rows = _rows(attempt, packed)
        except (TypeError, ValueError) as error:
            raise _unwritable(self.path, error) from error
        await self._write(rows)

    async def room(self) -> None:
        """Wait while too much waits for the disk: whoever begins attempts faster than they can be written
        would fill the memory with finished ones.
        """
        while len(self._pending) >= _MOST_PENDING:
            await asyncio.wait([self._pending[-1][1]])

    async def close(self) -> None:
        """Write what is pending and close; the file is then a single one, without a journal beside it.

        Goes to its end when it is cancelled, and is cancelled then.
        """
        cancelled: asyncio.CancelledError | None = None
        while self._writing is not None and not self._writing.done():
            try:
                await asyncio.wait([self._writing])
            except asyncio.CancelledError as error:
                cancelled = error
        closing = self._thread.submit(_close, self._connection)
        self._thread.shutdown(wait=False)
        await asyncio.shield(asyncio.wrap_future(closing))
        if cancelled is not None:
            raise cancelled

    async def _on_thread(self, function: Callable[..., T], *arguments: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, function, *arguments)

    async def _write(self, rows: Rows) -> None:
        written: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._pending.append((rows, written))
        if self._writing is None or self._writing.done():  # done: cancelled before its first step
            self._writing = asyncio.create_task(self._drain())
        await written  # who is cancelled here gives up waiting; the rows are written all the same

    async def _drain(self) -> None:
        try:
            while self._pending:
                group, self._pending = self._pending, []
                await self._commit(group)
        finally:
            self._writing = None

    async def _commit(self, group: list[tuple[Rows, asyncio.Future[None]]]) -> None:
        together: Rows = {}
        for rows, _ in group:
            for table, added in rows.items():
                together.setdefault(table, []).extend(added)
        fault: RunFileError | None = None
        try:
            await self._on_thread(_transaction, self._connection, together)
        except sqlite3.OperationalError as error:
            fault = RunFileError(
                f"{self.path}: cannot be written ({error}); free the disk, then resume the run"
            )
        except Exception as error:  # noqa: BLE001 - one of the rows: it must not take the others with it
            if len(group) > 1:
                for each in group:
                    await self._commit([each])
                return
            fault = _unwritable(self.path, error)
        for _, written in group:
            if written.done():
                continue
            if fault is None:
                written.set_result(None)
            else:
                written.set_exception(fault)
                written.exception()  # a waiter that was cancelled never looks


def _create(path: Path) -> sqlite3.Connection:
    if path.exists():
        raise RunFileError(f"{path}: a file is there already; a run never overwrites one")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(
            path, isolation_level=None, check_same_thread=False, cached_statements=_KEPT_STATEMENTS
        )
        # In one transaction: whoever reads, or whatever stops us, finds a whole run file or none.
        connection.executescript(
            f"{_PRAGMAS} BEGIN; PRAGMA application_id={APPLICATION_ID};"
            f"PRAGMA user_version={SCHEMA_VERSION}; {_SCHEMA} COMMIT;"
        )
    except (OSError, sqlite3.Error) as error:
        raise RunFileError(f"{path}: cannot be created ({error}); choose another place") from error
    return connection


def _discard(opening: Future[sqlite3.Connection], path: Path) -> None:
    """Undo an opening that nobody waits for any more; runs in the thread, when it is over."""
    if not opening.cancelled() and opening.exception() is None:
        opening.result().close()
        path.unlink(missing_ok=True)


def _close(connection: sqlite3.Connection) -> None:
    # Out of WAL mode, so that whoever reads the finished file leaves no journal beside it. Somebody
    # reading it just now may prevent that, which harms nothing.
    with suppress(sqlite3.OperationalError):
        connection.execute("PRAGMA journal_mode=DELETE")
    connection.close()


def _transaction(connection: sqlite3.Connection, rows: Rows) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        for table, added in rows.items():
            _insert(connection, table, added)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _unwritable(path: Path, error: Exception) -> UnwritableRowError:
    return UnwritableRowError(f"{path}: an attempt cannot be written ({type(error).__name__}: {error})")


def _insert(connection: sqlite3.Connection, table: str, rows: Sequence[Row]) -> None:
    """One statement for many rows: Python gives up the interpreter's lock at each step of a statement,
    and beside a busy event loop waits up to 5 ms to have it back.
    """
    verb = "INSERT OR REPLACE" if table == "manifest" else "INSERT"
    width = len(rows[0])
    places = f"({','.join('?' * width)})"
    most = _MOST_VALUES // width
    for start in range(0, len(rows), most):
        some = rows[start : start + most]
        sql = f"{verb} INTO {table} VALUES {','.join([places] * len(some))}"
        connection.execute(sql, list(chain.from_iterable(some)))


def _packed(body: bytes) -> bytes:
    """A zlib stream in any case. In that of a short body the bytes stand as they are: finding what could be
    saved of a kilobyte takes more time than all the rest of its way into the file.
    """
    return zlib.compress(body, 1) if len(body) >= _COMPRESS_FROM else _stored(body)


def _stored(body: bytes) -> bytes:
    """A zlib stream (RFC 1950) of one stored block (RFC 1951, 3.2.4), for fewer than 65,536 bytes.

    Level 0 of `zlib.compress` makes the same, after clearing a quarter of a megabyte for its tables.
    """
    size = len(body).to_bytes(2, "little")
    complement = (0xFFFF - len(body)).to_bytes(2, "little")
    return b"\x78\x01\x01" + size + complement + body + zlib.adler32(body).to_bytes(4, "big")


def _rows(attempt: Attempt, packed: bytes) -> Rows:
    key = (attempt.record.sample_id, attempt.record.epoch)
    rows: Rows = {"samples": [_sample_row(attempt)], "transcripts": [(*key, packed)]}
    if attempt.record.scores:
        rows["scores"] = list(_score_rows(attempt.record))
    if attempt.calls:
        rows["calls"] = [_call_row(call) for call in attempt.calls]
    return rows


def _sample_row(attempt: Attempt) -> Row:
    record, ending = attempt.record, attempt.record.ending
    return (
        record.sample_id,
        record.epoch,
        record.cluster,
        ending.status,
        ending.reason,
        ending.detail,
        record.answer,
        _json(record.target),
        _json(record.outcome.to_dict()) if record.outcome else None,
        _usage_json(record.usage),
        _usage_json(record.cached_usage),
        record.wall_s,
        record.working_s,
        _json(dict(record.metadata)) if record.metadata else "{}",
        _json(attempt.sample.to_dict()),
    )


def _score_rows(record: SampleRecord) -> Iterator[Row]:
    for position, (judge, score) in enumerate(record.scores.items()):
        passed = None if score.passed is None else int(score.passed)
        row = (record.sample_id, record.epoch, position, judge, score.value, passed, score.label)
        yield (*row, score.explanation, _json(dict(score.evidence)))


def _call_row(call: CallRecord) -> Row:
    usage, timing = call.usage, call.timing
    return (
        call.sample_id,
        call.epoch,
        call.role,
        call.turn,
        call.model,
        call.endpoint,
        int(call.cached),
        usage.input_tokens,
        usage.output_tokens,
        usage.reasoning_tokens,
        usage.cached_input_tokens,
        usage.cost_usd,
        timing.queue_s,
        timing.wire_s,
        timing.first_token_s,
        timing.attempts,
        call.speaker,
    )


def _usage_json(usage: Mapping[CallRole, Usage]) -> str:
    return _json({role: each.to_dict() for role, each in usage.items()}) if usage else "{}"


def _json(value: Any) -> str:
    return canonical_json(value).decode()
