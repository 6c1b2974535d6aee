"""Reading and writing rows by groups, in the thread that owns the connection.

Each function runs a handful of statements whatever the size of the group. That matters more than it
looks: Python's sqlite3 gives up the interpreter's lock at every step of a statement and has to win it
back, which beside a busy event loop takes up to 5 ms. One step a row means 200 rows a second then; one
step a group means thousands. So rows are read as one JSON text and inserted by one VALUES list.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import NamedTuple

import orjson

from agentbench_sdk.cache.entry import Entry, Row, decode, pack, unpack
from agentbench_sdk.errors import CacheError

# Compressed answers are no text, so they travel in hexadecimal; a plain one begins with a brace.
_COLUMNS = (
    "key, header, hash, CASE substr(answer, 1, 1) WHEN x'7B' THEN CAST(answer AS TEXT) ELSE hex(answer) END"
)
_READ = f"""
SELECT CAST(json_group_array(json_array({_COLUMNS})) AS BLOB)
FROM entries WHERE key IN (SELECT value FROM json_each(?))
"""  # noqa: S608 - the columns are a constant
_READ_ONE = "SELECT CAST(header AS BLOB), CAST(hash AS BLOB), answer FROM entries WHERE key = ?"
_KNOWN_PARTS = "SELECT json_group_array(hash) FROM parts WHERE hash IN (SELECT value FROM json_each(?))"
_FIRST_WINS = "ON CONFLICT (key) DO NOTHING"
_LAST_WINS = """
ON CONFLICT (key) DO UPDATE SET
    header = excluded.header, hash = excluded.hash, answer = excluded.answer, request = excluded.request
"""


class Write(NamedTuple):
    """A row to be written, and the shared parts that it refers to, by hash.

    With `replace` it takes the place of one with the same key; otherwise the first one stays.
    """

    row: Row
    parts: Mapping[str, bytes]
    replace: bool = False


def read_entries(connection: sqlite3.Connection, keys: Sequence[str]) -> list[Entry | Exception | None]:
    """Read entries, in the order of their keys; None where there is none.

    What is wrong with one row is that key's `CacheError` and does not touch the others.
    """
    try:
        (text,) = connection.execute(_READ, (orjson.dumps(keys).decode(),)).fetchone()
        rows = {key: columns for key, *columns in orjson.loads(text)}
    except (sqlite3.Error, ValueError):
        # A damaged page, or a damaged row that is no longer text: find out which.
        return [_read_one(connection, key) for key in keys]
    return [_decode_text(key, *rows[key]) if key in rows else None for key in keys]


def write_rows(connection: sqlite3.Connection, writes: Sequence[Write]) -> list[Entry | Exception | None]:
    """Write a group in one transaction; when this returns, it is on the disk.

    Returns:
        For each write None when the file now holds it, else the entry of the same key that was there
        first (or the `CacheError` of reading that one).

    Raises:
        sqlite3.Error: nothing of the group was committed.
    """
    if connection.in_transaction:  # the last one failed so badly that it could not even be rolled back
        connection.execute("ROLLBACK")
    connection.execute("BEGIN IMMEDIATE")
    try:
        _insert_parts(connection, {name: body for write in writes for name, body in write.parts.items()})
        insert_rows(connection, [write.row for write in writes if write.replace], replace=True)
        results = _insert_new(connection, writes)
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
    return results


def _insert_parts(connection: sqlite3.Connection, parts: Mapping[str, bytes]) -> None:
    (known,) = connection.execute(_KNOWN_PARTS, (orjson.dumps(list(parts)).decode(),)).fetchone()
    missing = parts.keys() - set(orjson.loads(known))
    values = [value for name in sorted(missing) for value in (name, pack(parts[name]))]
    if values:
        insert = f"INSERT INTO parts VALUES {_places(2, len(missing))} ON CONFLICT DO NOTHING"  # noqa: S608
        connection.execute(insert, values)


def _insert_new(connection: sqlite3.Connection, writes: Sequence[Write]) -> list[Entry | Exception | None]:
    rows = [write.row for write in writes if not write.replace]
    if insert_rows(connection, rows) == len(rows):
        return [None] * len(writes)
    # Somebody else was first with some of them, which is rare; what is on file counts for all.
    return read_entries(connection, [write.row.key for write in writes])


def insert_rows(connection: sqlite3.Connection, rows: Sequence[Row], *, replace: bool = False) -> int:
    """Insert rows in the transaction that is open; the number of those that were not there yet.

    With `replace`, rows take the place of those with the same key.
    """
    if not rows:
        return 0
    conflict = _LAST_WINS if replace else _FIRST_WINS
    insert = f"INSERT INTO entries VALUES {_places(5, len(rows))} {conflict}"  # noqa: S608
    packed = ((*row[:3], pack(row.answer), pack(row.request)) for row in rows)
    return connection.execute(insert, list(chain.from_iterable(packed))).rowcount


def _places(columns: int, rows: int) -> str:
    row = f"({','.join('?' * columns)})"
    return ",".join([row] * rows)


def _decode_text(key: str, header: str, hash: str, answer: str) -> Entry | Exception:
    if answer[:1] == "{":
        return _decode(key, header.encode(), answer.encode(), hash)
    return _decode(key, header.encode(), bytes.fromhex(answer), hash)


def _read_one(connection: sqlite3.Connection, key: str) -> Entry | Exception | None:
    try:
        row = connection.execute(_READ_ONE, (key,)).fetchone()
    except sqlite3.Error as error:
        return error
    return None if row is None else _decode(key, row[0], row[2], row[1].decode(errors="replace"))


def _decode(key: str, header: bytes, answer: bytes, hash: str) -> Entry | Exception:
    try:
        return decode(key, header, unpack(answer), hash)
    except CacheError as error:
        return error
