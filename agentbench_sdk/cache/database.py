"""The file of a response cache: opened, checked, created, and its failures put into words.

One SQLite file in WAL mode. `application_id` says that the file is ours, `user_version` which schema it
has. Whatever does not fit is refused; nothing is ever emptied or converted in silence.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from agentbench_sdk.errors import CacheError

APPLICATION_ID = 0x41424E43  # "ABNC"
SCHEMA_VERSION = 1
BUSY_TIMEOUT_S = 60.0
PAGE_SIZE = 8192  # rows of 1 to 2 kB: a fifth faster than 4096, and single rows still cost one page
_KEPT_STATEMENTS = 16  # of Python's 128, many would hold the insertion of a hundred rows each
_OLDEST_SQLITE = (3, 37)  # STRICT tables

# Text is inserted and read by whole groups in one statement (see rows.py), so the payloads come last:
# a hit never touches the pages that only `request` needs.
SCHEMA = """
CREATE TABLE entries (
    key     TEXT NOT NULL PRIMARY KEY,  -- SHA-256 of the request and its draw
    header  TEXT NOT NULL,              -- JSON: provenance, usage, how the request is stored
    hash    TEXT NOT NULL,              -- SHA-256 of key, header and answer
    answer  BLOB NOT NULL,              -- JSON, compressed when long: the response
    request BLOB NOT NULL               -- JSON, compressed when long: messages that no earlier row holds
) STRICT;
CREATE INDEX entries_by_sample ON entries (json_extract(header, '$.sample'));
CREATE TABLE parts (
    hash TEXT NOT NULL PRIMARY KEY,     -- first 128 bits of SHA-256 of the body, uncompressed
    body BLOB NOT NULL                  -- JSON, compressed when long: a request's shape, or a system message
) STRICT;
CREATE VIEW calls AS SELECT
    key,
    json_extract(header, '$.run') AS run,
    json_extract(header, '$.sample') AS sample,
    json_extract(header, '$.epoch') AS epoch,
    json_extract(header, '$.role') AS role,
    json_extract(header, '$.turn') AS turn,
    datetime(json_extract(header, '$.created'), 'unixepoch') AS created,
    json_extract(header, '$.wire_s') AS wire_s,
    json_extract(header, '$.first_token_s') AS first_token_s,
    json_extract(header, '$.usage.input_tokens') AS input_tokens,
    json_extract(header, '$.usage.output_tokens') AS output_tokens,
    json_extract(header, '$.usage.cost_usd') AS cost_usd,
    length(answer) AS answer_bytes
FROM entries;
"""


def open_database(path: Path, *, create: bool = True, read_only: bool = False) -> sqlite3.Connection:
    """Open a cache file, checked, in autocommit mode; make it when it is missing and `create` is set.

    Raises:
        CacheError: the file cannot be opened, is damaged, is not ours, or has another schema.
    """
    is_new = _check_before_opening(path, create=create)
    try:
        connection = _connect(path)
    except sqlite3.Error as error:
        raise failure(error, path, "opened") from error
    with _closed_on_failure(connection, path):
        _prepare(connection, path, is_new=is_new, read_only=read_only)
    return connection


def open_damaged(path: Path) -> sqlite3.Connection:
    """Open a cache file for reading what is left of it; SQLite's own checks are put aside.

    Raises:
        CacheError: not even its beginning can be read.
    """
    _check_before_opening(path, create=False)
    connection = _connect(path)
    with _closed_on_failure(connection, path):
        connection.execute("PRAGMA query_only = ON")
        # With this, SQLite reads a file that is shorter than its first page says.
        connection.execute("PRAGMA writable_schema = ON")
        _check_identity(connection, path)
    return connection


@contextmanager
def _closed_on_failure(connection: sqlite3.Connection, path: Path) -> Iterator[None]:
    """Give a connection up when it cannot be made ready, with SQLite's word for it as a sentence."""
    try:
        yield
    except sqlite3.Error as error:
        connection.close()
        raise failure(error, path, "opened") from error
    except BaseException:
        connection.close()
        raise


def failure(error: sqlite3.Error, path: Path, doing: str) -> CacheError:
    """What SQLite reported, as one sentence that says what to do; `doing` is a participle."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    advice = {
        sqlite3.SQLITE_FULL: "the disk is full; free some space and resume, nothing recorded is lost",
        sqlite3.SQLITE_IOERR: "the disk refuses (full, over a size limit, or failing); check it and resume,"
        " nothing recorded is lost",
        sqlite3.SQLITE_BUSY: f"another process has held it for more than {BUSY_TIMEOUT_S:.0f} s; wait for it"
        " or give this run a cache of its own",
        sqlite3.SQLITE_READONLY: "it, or its folder, may not be written; change the permissions or the path",
        sqlite3.SQLITE_CANTOPEN: "its folder is missing or may not be used; check the path",
        sqlite3.SQLITE_CORRUPT: _DAMAGED,
        sqlite3.SQLITE_NOTADB: "it is not a response cache, or its beginning is destroyed, and is left as it is;"
        " name another file, or put a copy of it back",
    }.get(code, "see the reason given")
    return CacheError(f"the response cache {path} cannot be {doing} ({error}): {advice}")


_DAMAGED = (
    "the file is damaged; put a copy of it back, or move it away and save what can still be read with "
    "`agentbench cache merge --salvage NEW_FILE DAMAGED_FILE`"
)


def _check_before_opening(path: Path, *, create: bool) -> bool:
    """Whether the file is new; refuses what SQLite would take for new although it is not.

    The file itself must not be opened here: closing it again would drop the locks that connections of
    this process hold on it (POSIX locks belong to the process), and then another process that closes
    its connection would delete the log that we write to.
    """
    try:
        if not path.exists():
            if not create:
                raise CacheError(f"there is no response cache at {path}; check the path")
            path.parent.mkdir(parents=True, exist_ok=True)
            return True
        is_empty = path.stat().st_size == 0
        log = path.with_name(path.name + "-wal")
        if is_empty and log.exists() and log.stat().st_size:
            # SQLite deletes the write-ahead log of an empty file, and the answers in it.
            raise CacheError(
                f"the response cache {path} is empty while its log {log.name} is not: {_DAMAGED}"
            )
    except OSError as error:
        raise CacheError(
            f"the response cache {path} cannot be opened ({error.strerror}); check the path and its permissions"
        ) from error
    return is_empty


def _connect(path: Path) -> sqlite3.Connection:
    if sqlite3.sqlite_version_info < _OLDEST_SQLITE:
        raise CacheError(
            f"the response cache needs SQLite {'.'.join(map(str, _OLDEST_SQLITE))} or newer and this Python has "
            f"{sqlite3.sqlite_version}; use a newer Python build"
        )
    # The connection is made in one thread and used in that one alone; aiosqlite sees to it.
    return sqlite3.connect(
        path,
        timeout=BUSY_TIMEOUT_S,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=_KEPT_STATEMENTS,
    )


def _prepare(connection: sqlite3.Connection, path: Path, *, is_new: bool, read_only: bool) -> None:
    if is_new:
        connection.execute(f"PRAGMA page_size = {PAGE_SIZE}")
    else:
        _check_identity(connection, path)
    _use_wal(connection, path)
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA fullfsync = ON")  # macOS: fsync alone does not reach the disk
    connection.execute("PRAGMA journal_size_limit = 67108864")
    if is_new:
        _create(connection)
    _check_identity(connection, path)
    connection.execute("SELECT 1 FROM entries LIMIT 1").fetchone()
    if read_only:
        connection.execute("PRAGMA query_only = ON")


def _use_wal(connection: sqlite3.Connection, path: Path) -> None:
    """Switch to WAL. SQLite does not wait for locks here, so two processes that begin at once must."""
    deadline = time.monotonic() + BUSY_TIMEOUT_S
    while True:
        try:
            (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
            continue
        if mode != "wal":
            raise CacheError(
                f"the response cache {path} lies on a file system that cannot share memory between processes "
                "(a network share?); put it on a local disk"
            )
        return


def _create(connection: sqlite3.Connection) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        if not tables:  # else another process was faster
            for statement in SCHEMA.split(";\n"):
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def _check_identity(connection: sqlite3.Connection, path: Path) -> None:
    # In one transaction: otherwise another process may make the file between the first look and the last.
    connection.execute("BEGIN")
    try:
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
    if not tables and not application:
        _create(connection)  # somebody was interrupted, or is being slower, while making the file
    elif application != APPLICATION_ID:
        raise CacheError(
            f"{path} is a SQLite file of another program, not a response cache; it is left as it is: "
            "name another file"
        )
    elif version != SCHEMA_VERSION:
        raise CacheError(
            f"the response cache {path} has schema {version}, this version of agentbench-sdk reads schema "
            f"{SCHEMA_VERSION}; use the version that wrote it, or name another file"
        )
