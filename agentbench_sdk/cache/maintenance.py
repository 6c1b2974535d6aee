"""Looking after cache files: statistics, exporting, pruning, verifying.

These are plain functions over an open file (`database.open_database`), made for the command line. Each
takes the file's write lock for one transaction at most, so a run that uses the file merely waits.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson

from agentbench_sdk.cache.entry import decode, guard, pack, row_hash, short_hash, unpack
from agentbench_sdk.cache.history import load_request
from agentbench_sdk.canonical import canonical_json

_ROW = "CAST(key AS BLOB), CAST(header AS BLOB), CAST(hash AS BLOB), answer, request"


@dataclass(frozen=True, slots=True)
class GroupStatistics:
    """What one run has recorded of one model. Costs in US dollars, None when no price was known."""

    run: str
    model: str
    entries: int
    input_tokens: int
    output_tokens: int
    cost_usd: float | None
    bytes: int
    first: str
    last: str


@dataclass(frozen=True, slots=True)
class PruneReport:
    """What was dropped, or would be."""

    entries: int
    bytes: int


@dataclass(slots=True)
class VerifyReport:
    """What is wrong with a file; nothing, when `problems` is empty.

    Attributes:
        entries: rows looked at.
        damaged: keys of rows that do not have their recorded hash.
        removed: how many of them were removed.
        problems: one sentence each.
    """

    entries: int = 0
    damaged: list[str] = field(default_factory=list)
    removed: int = 0
    problems: list[str] = field(default_factory=list)


_MODELS = "WITH models AS MATERIALIZED (SELECT hash, model_of(body) AS model FROM parts)"
_STATISTICS = f"""
{_MODELS}
SELECT
    json_extract(header, '$.run') AS run, coalesce(model, '') AS model, count(*),
    coalesce(sum(json_extract(header, '$.usage.input_tokens')), 0), coalesce(sum(json_extract(header, '$.usage.output_tokens')), 0),
    sum(json_extract(header, '$.usage.cost_usd')),
    sum(length(header) + length(answer) + length(request)),
    datetime(min(json_extract(header, '$.created')), 'unixepoch'), datetime(max(json_extract(header, '$.created')), 'unixepoch')
FROM entries LEFT JOIN models ON models.hash = json_extract(header, '$.shape')
GROUP BY 1, 2 ORDER BY min(json_extract(header, '$.created')), 1, 2
"""  # noqa: S608 - constants
_DOOMED = f"""
CREATE TEMP TABLE doomed AS {_MODELS}
SELECT entries.rowid AS id, key, length(header) + length(answer) + length(request) AS size
FROM entries LEFT JOIN models ON models.hash = json_extract(header, '$.shape')
WHERE (:before IS NULL OR json_extract(header, '$.created') < :before)
  AND (:run IS NULL OR json_extract(header, '$.run') = :run)
  AND (:model IS NULL OR model = :model)
"""  # noqa: S608 - constants
_ORPHANS = """
SELECT key FROM entries
WHERE json_extract(header, '$.parent') IN (SELECT key FROM doomed) AND rowid NOT IN (SELECT id FROM doomed)
"""
_UNUSED_PARTS = """
DELETE FROM parts WHERE hash NOT IN (SELECT json_extract(header, '$.shape') FROM entries WHERE json_extract(header, '$.shape') IS NOT NULL)
AND hash NOT IN (SELECT json_extract(header, '$.system') FROM entries WHERE json_extract(header, '$.system') IS NOT NULL)
"""


def statistics(connection: sqlite3.Connection) -> list[GroupStatistics]:
    """What the file holds, by run and model, in order of time."""
    _define_model_of(connection)
    return [GroupStatistics(*row) for row in connection.execute(_STATISTICS)]


def export(connection: sqlite3.Connection, *, messages: bool = False) -> Iterator[dict[str, Any]]:
    """Each entry as one JSON object, in the order of recording; with its request's messages on demand.

    Raises:
        CacheError: a row is damaged.
    """
    for key, header, digest, answer in _rows(connection):
        decode(key, header, unpack(answer), digest)
        record = {"key": key, **orjson.loads(header), "response": orjson.loads(unpack(answer))}
        for internal in ("shape", "guard", "parent", "keep", "system"):
            record.pop(internal, None)
        request = load_request(connection, key)
        if request is not None:
            record |= {"draw": request.draw, **request.shape}
            if messages:
                record["messages"] = request.messages
        yield record


def prune(
    connection: sqlite3.Connection,
    *,
    before: float | None = None,
    run: str | None = None,
    model: str | None = None,
    dry_run: bool = False,
) -> PruneReport:
    """Drop the entries that meet all conditions given; requests that build on them are kept whole.

    Arguments:
        connection: the open file.
        before: recorded before this time, in seconds since 1970.
        run: recorded by this run.
        model: answers of this model.
        dry_run: only count.
    """
    _define_model_of(connection)
    connection.execute("DROP TABLE IF EXISTS temp.doomed")
    with _transaction(connection):
        connection.execute(_DOOMED, {"before": before, "run": run, "model": model})
        found = connection.execute("SELECT count(*), coalesce(sum(size), 0) FROM doomed").fetchone()
        if not dry_run:
            for (key,) in connection.execute(_ORPHANS).fetchall():
                _store_whole(connection, key)
            connection.execute("DELETE FROM entries WHERE rowid IN (SELECT id FROM doomed)")
            connection.execute(_UNUSED_PARTS)
    return PruneReport(*found)


def compact(connection: sqlite3.Connection) -> None:
    """Give the space of dropped entries back to the disk; needs as much free space as the file has."""
    connection.execute("VACUUM")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()


def verify(connection: sqlite3.Connection, *, remove_damaged: bool = False) -> VerifyReport:
    """Check the file's structure, and each row and part by its hash.

    Arguments:
        connection: the open file.
        remove_damaged: drop damaged rows (they will be asked for again), if the structure is sound.
    """
    report = VerifyReport()
    structure = [line for (line,) in connection.execute("PRAGMA integrity_check")]
    if structure != ["ok"]:
        report.problems.append(f"the file's structure is damaged: {'; '.join(structure[:5])}")
    try:
        damaged = _damaged_rows(connection, report)
        _check_parts(connection, report)
    except sqlite3.DatabaseError as error:
        report.problems.append(f"not all of it can be read: {error}")
        return report
    if remove_damaged and structure == ["ok"] and damaged:
        with _transaction(connection):
            connection.executemany("DELETE FROM entries WHERE rowid = ?", [(rowid,) for rowid in damaged])
        report.removed = len(damaged)
    return report


def _damaged_rows(connection: sqlite3.Connection, report: VerifyReport) -> list[int]:
    damaged = []
    rows = connection.execute(f"SELECT rowid, {_ROW} FROM entries")  # noqa: S608 - a constant
    for rowid, key, header, digest, answer, request in rows:
        report.entries += 1
        name = key.decode(errors="replace")
        if is_damaged(key, header, digest, answer):
            damaged.append(rowid)
            report.damaged.append(name)
            report.problems.append(f"the answer {name} does not have its recorded hash")
        elif orjson.loads(header).get("guard", guard(unpack(request))) != guard(unpack(request)):
            # The answer itself is sound and was paid for; only `explain` cannot compare with it.
            report.problems.append(f"the request of the answer {name} does not have its recorded checksum")
    return damaged


def is_damaged(key: bytes, header: bytes, hash: bytes, answer: bytes) -> bool:
    """Whether a stored row lacks its recorded hash."""
    return row_hash(key.decode(errors="replace"), header, unpack(answer)).encode() != hash


def _check_parts(connection: sqlite3.Connection, report: VerifyReport) -> None:
    for stored, body in connection.execute("SELECT CAST(hash AS BLOB), body FROM parts"):
        name = stored.decode(errors="replace")
        if short_hash(unpack(body)) != name:
            report.problems.append(f"the shared part {name} of requests does not have its recorded hash")


def _store_whole(connection: sqlite3.Connection, key: str) -> None:
    """Make a row independent of the rows that its request builds on."""
    row = connection.execute(f"SELECT {_ROW} FROM entries WHERE key = ?", (key,)).fetchone()  # noqa: S608
    request = load_request(connection, key)
    if request is None or request.messages is None or is_damaged(*row[:4]):
        return  # already incomplete, or damaged: a new hash would hide that
    tail = canonical_json(request.messages)
    header = {name: value for name, value in request.header.items() if name not in ("parent", "keep")}
    header["guard"] = guard(tail)
    text = canonical_json(header)
    connection.execute(
        "UPDATE entries SET header = ?, hash = ?, request = ? WHERE key = ?",
        (text.decode(), row_hash(key, text, unpack(row[3])), pack(tail), key),
    )


def _rows(connection: sqlite3.Connection) -> Iterator[tuple[str, bytes, str, bytes]]:
    rows = connection.execute(f"SELECT {_ROW} FROM entries ORDER BY rowid")  # noqa: S608 - a constant
    for key, header, digest, answer, _ in rows:
        yield key.decode(errors="replace"), header, digest.decode(errors="replace"), answer


def _define_model_of(connection: sqlite3.Connection) -> None:
    connection.create_function("model_of", 1, _model_of, deterministic=True)


def _model_of(body: bytes) -> str | None:
    part: dict[str, Any] = orjson.loads(unpack(body))
    return part.get("model")


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
