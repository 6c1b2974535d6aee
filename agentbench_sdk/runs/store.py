"""The run file: one SQLite file a run, append-only, readable by anything that reads SQLite.

Rows cost the same whether the run holds ten samples or a million. Transcripts lie compressed in a table
of their own, so that listing samples never touches them. The run file is no checkpoint: what was paid for
is in the response cache, and a run that was cut off is repeated from there.
"""

from __future__ import annotations

import asyncio
import sqlite3
import zlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, TypeVar

from agentbench_sdk.benchmark.task import Sample
from agentbench_sdk.canonical import canonical_json
from agentbench_sdk.errors import RunFileError
from agentbench_sdk.runs.records import CallRecord, Manifest, SampleRecord
from agentbench_sdk.sessions.transcript import Transcript

T = TypeVar("T")
Statements = list[tuple[str, tuple[Any, ...]]]

APPLICATION_ID = 0x41425231  # "ABR1": tells a run file from any other SQLite file
SCHEMA_VERSION = 1

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
    queue_s REAL NOT NULL, wire_s REAL NOT NULL, first_token_s REAL, attempts INTEGER NOT NULL
) STRICT;
CREATE TABLE transcripts (
    sample_id TEXT NOT NULL, epoch INTEGER NOT NULL, body BLOB NOT NULL, PRIMARY KEY (sample_id, epoch)
) STRICT;
"""
_INSERT_SAMPLE = "INSERT INTO samples VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_INSERT_CALL = "INSERT INTO calls VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_PRAGMAS = "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA busy_timeout=10000;"


@dataclass(frozen=True, slots=True)
class Attempt:
    """Everything that is written of one attempt at one sample."""

    record: SampleRecord
    sample: Sample
    transcript: Transcript
    calls: Sequence[CallRecord] = ()


class RunStore:
    """Writes a run file. Attempts that arrive while others are being written share a transaction."""

    def __init__(self, path: Path, connection: sqlite3.Connection, thread: ThreadPoolExecutor) -> None:
        self.path = path
        self._connection, self._thread = connection, thread
        self._pending: list[tuple[Statements, asyncio.Future[None]]] = []
        self._writing: asyncio.Task[None] | None = None

    @classmethod
    async def create(cls, path: Path, manifest: Manifest) -> Self:
        """Start a new file.

        Raises:
            RunFileError: the file exists, or its folder cannot be written.
        """
        thread = ThreadPoolExecutor(1, "agentbench-run-file")
        try:
            connection = await asyncio.get_running_loop().run_in_executor(thread, _create, path)
            store = cls(path, connection, thread)
            await store.note("manifest", manifest.model_dump(mode="json"))
        except BaseException:
            thread.shutdown(wait=False)
            raise
        return store

    async def note(self, key: str, value: Any) -> None:
        """Write a fact of the whole run, for example its status."""
        row = (key, canonical_json(value).decode())
        await self._write([("INSERT OR REPLACE INTO manifest VALUES (?, ?)", row)])

    async def add(self, attempt: Attempt) -> None:
        """Write one attempt; returns once it is in the file."""
        body = attempt.transcript.to_bytes()
        packed = await self._on_thread(zlib.compress, body, 6) if len(body) > 50_000 else zlib.compress(body)
        await self._write(list(_statements(attempt, packed)))

    async def close(self) -> None:
        """Write what is pending and close; the file is then a single one, without a journal beside it."""
        if self._writing is not None:
            await asyncio.shield(self._writing)
        await self._on_thread(_close, self._connection)
        self._thread.shutdown()

    async def _on_thread(self, function: Callable[..., T], *arguments: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, function, *arguments)

    async def _write(self, statements: Statements) -> None:
        written: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._pending.append((statements, written))
        if self._writing is None:
            self._writing = asyncio.create_task(self._drain())
        await asyncio.shield(written)

    async def _drain(self) -> None:
        try:
            while self._pending:
                group, self._pending = self._pending, []
                await self._commit(group)
        finally:
            self._writing = None

    async def _commit(self, group: list[tuple[Statements, asyncio.Future[None]]]) -> None:
        statements = [statement for batch, _ in group for statement in batch]
        fault: RunFileError | None = None
        try:
            await self._on_thread(_transaction, self._connection, statements)
        except sqlite3.Error as error:
            fault = RunFileError(
                f"{self.path}: cannot be written ({error}); free the disk, then resume the run"
            )
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
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        connection.executescript(
            f"PRAGMA application_id={APPLICATION_ID}; PRAGMA user_version={SCHEMA_VERSION};"
            f"{_PRAGMAS}{_SCHEMA}"
        )
    except (OSError, sqlite3.Error) as error:
        raise RunFileError(f"{path}: cannot be created ({error}); choose another place") from error
    return connection


def _close(connection: sqlite3.Connection) -> None:
    # Out of WAL mode, so that whoever reads the finished file leaves no journal beside it. Somebody
    # reading it just now may prevent that, which harms nothing.
    with suppress(sqlite3.OperationalError):
        connection.execute("PRAGMA journal_mode=DELETE")
    connection.close()


def _transaction(connection: sqlite3.Connection, statements: Statements) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        for sql, row in statements:
            connection.execute(sql, row)
        connection.execute("COMMIT")
    except sqlite3.Error:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _statements(attempt: Attempt, packed: bytes) -> Iterator[tuple[str, tuple[Any, ...]]]:
    record = attempt.record
    key = (record.sample_id, record.epoch)
    ending = record.ending
    yield (
        _INSERT_SAMPLE,
        (
            *key,
            record.cluster,
            ending.status,
            ending.reason,
            ending.detail,
            record.answer,
            _json(record.target),
            _json(record.outcome.to_dict()) if record.outcome else None,
            _json({role: usage.to_dict() for role, usage in record.usage.items()}),
            _json({role: usage.to_dict() for role, usage in record.cached_usage.items()}),
            record.wall_s,
            record.working_s,
            _json(dict(record.metadata)),
            _json(attempt.sample.to_dict()),
        ),
    )
    for position, (judge, score) in enumerate(record.scores.items()):
        passed = None if score.passed is None else int(score.passed)
        row = (*key, position, judge, score.value, passed, score.label, score.explanation)
        yield "INSERT INTO scores VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", (*row, _json(dict(score.evidence)))
    for call in attempt.calls:
        yield _INSERT_CALL, _call_row(call)
    yield "INSERT INTO transcripts VALUES (?, ?, ?)", (*key, packed)


def _call_row(call: CallRecord) -> tuple[Any, ...]:
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
    )


def _json(value: Any) -> str:
    return canonical_json(value).decode()
