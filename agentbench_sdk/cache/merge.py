"""Copying the answers of one cache file into another: files of several machines, or a damaged file's rest."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import orjson

from agentbench_sdk.cache.database import failure, open_damaged, open_database
from agentbench_sdk.cache.entry import Row, short_hash, unpack
from agentbench_sdk.cache.maintenance import is_damaged
from agentbench_sdk.cache.rows import Write, write_rows

_GROUP = 256
_BYTES_PER_ROW = 250  # no row is shorter: a key, a hash and a header
_SELECT = """
SELECT CAST(key AS BLOB), CAST(header AS BLOB), CAST(hash AS BLOB), answer, request
FROM entries
"""
_HASHES = "SELECT key, hash FROM entries WHERE key IN (SELECT value FROM json_each(?))"
_PARTS = "SELECT hash, body FROM parts WHERE hash IN (SELECT value FROM json_each(?))"
_Stored = tuple[bytes, bytes, bytes, bytes, bytes]


@dataclass(slots=True)
class MergeReport:
    """What became of the rows of the other file.

    Attributes:
        added: new here.
        present: here already, the same.
        conflicting: here with another answer to the same request, which stays.
        damaged: not copied, because they do not have their recorded hash.
        unreadable: places in the file where nothing could be read (only when salvaging).
    """

    added: int = 0
    present: int = 0
    conflicting: int = 0
    damaged: int = 0
    unreadable: int = 0


def merge(target: sqlite3.Connection, source: Path, *, salvage: bool = False) -> MergeReport:
    """Copy what is missing, group by group; what is already there stays.

    Arguments:
        target: the open file that is written.
        source: the file that is read.
        salvage: the source is damaged: copy each row that can still be read and has its hash.

    Raises:
        CacheError: the source cannot be opened or read.
        sqlite3.Error: the target cannot be written; groups that were committed stay.
    """
    report = MergeReport()
    connection = open_damaged(source) if salvage else open_database(source, create=False, read_only=True)
    try:
        rows = _salvaged(connection, source, report) if salvage else _all(connection, source)
        sound = (row for row in rows if _is_sound(row, report))
        while group := list(islice(sound, _GROUP)):
            _copy(target, group, _parts(connection, group), report)
    finally:
        connection.close()
    return report


def _all(connection: sqlite3.Connection, source: Path) -> Iterator[_Stored]:
    try:
        yield from connection.execute(f"{_SELECT} ORDER BY rowid")
    except sqlite3.Error as error:
        raise failure(error, source, "read") from error


def _salvaged(connection: sqlite3.Connection, source: Path, report: MergeReport) -> Iterator[_Stored]:
    """Try each row by its number, since a scan ends at the first page that is broken."""
    for number in range(1, _last_row(connection, source) + 1):
        try:
            row = connection.execute(f"{_SELECT} WHERE rowid = ?", (number,)).fetchone()
        except sqlite3.Error:
            report.unreadable += 1
            continue
        if row is not None:
            yield row


def _last_row(connection: sqlite3.Connection, source: Path) -> int:
    try:
        (last,) = connection.execute("SELECT max(rowid) FROM entries").fetchone()
    except sqlite3.Error:
        return source.stat().st_size // _BYTES_PER_ROW
    return last or 0


def _is_sound(row: _Stored, report: MergeReport) -> bool:
    damaged = is_damaged(*row[:4])
    report.damaged += damaged
    return not damaged


def _parts(connection: sqlite3.Connection, group: Sequence[_Stored]) -> dict[str, bytes]:
    """The shared parts that a group refers to; those that are lost only cost explanations."""
    headers = [orjson.loads(row[1]) for row in group]
    names = {header[name] for header in headers for name in ("shape", "system") if name in header}
    try:
        found = connection.execute(_PARTS, (orjson.dumps(sorted(names)).decode(),)).fetchall()
    except sqlite3.Error:
        return {}
    bodies = {name: unpack(body) for name, body in found}
    return {name: body for name, body in bodies.items() if short_hash(body) == name}


def _copy(
    target: sqlite3.Connection, group: Sequence[_Stored], parts: Mapping[str, bytes], report: MergeReport
) -> None:
    rows = [
        Row(key.decode(), header.decode(), digest.decode(), unpack(answer), unpack(request))
        for key, header, digest, answer, request in group
    ]
    keys = orjson.dumps([row.key for row in rows]).decode()
    known = dict(target.execute(_HASHES, (keys,)).fetchall())
    new = [
        Write(row, parts if index == 0 else {})
        for index, row in enumerate(r for r in rows if r.key not in known)
    ]
    if new:
        write_rows(target, new)
    report.added += len(new)
    for row in rows:
        if row.key in known:
            report.present += known[row.key] == row.hash
            report.conflicting += known[row.key] != row.hash
