"""A file that does not fit is refused with a sentence that says what to do, and is left as it is."""

# ruff: noqa: ASYNC240 - small files, and nothing else is on the loop

from __future__ import annotations

import sqlite3
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from agentbench_sdk.cache import ResponseCache
from agentbench_sdk.cache.database import SCHEMA_VERSION, _create, open_database
from agentbench_sdk.errors import CacheError


async def fill(path: Path, send: Any, count: int = 200) -> list[str]:
    sents = [send(f"question {number}") for number in range(count)]
    async with ResponseCache.open(path) as cache:
        for sent in sents:
            await cache.put(sent.key, sent.answered("answer " * 100))
    return [sent.key for sent in sents]


async def refusal(path: Path, *, create: bool = True) -> str:
    """The sentence of a refusal; the file must be as before."""
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(CacheError) as caught:
        async with ResponseCache.open(path, create=create):
            pytest.fail("it was opened")
    assert (path.read_bytes() if path.is_file() else None) == before
    assert str(path) in str(caught.value)
    return str(caught.value)


async def test_text_is_not_a_cache(path: Path) -> None:
    path.write_text("dear diary, today I lost a cache file")
    assert "not a response cache" in await refusal(path)


async def test_the_sqlite_file_of_another_program_is_not_a_cache(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE bookmarks (url TEXT)")
    assert "another program" in await refusal(path)


@pytest.mark.parametrize("statement", ["PRAGMA application_id", "PRAGMA user_version"])
def test_a_file_that_another_process_makes_meanwhile_is_ours(
    path: Path, monkeypatch: pytest.MonkeyPatch, statement: str
) -> None:
    """The other one has switched to WAL before we look, and writes the schema between two of our looks."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
    made: list[sqlite3.Connection] = []
    connect = sqlite3.connect

    class Interrupted(sqlite3.Connection):
        def execute(self, sql: str, *parameters: Any) -> sqlite3.Cursor:
            cursor = super().execute(sql, *parameters)
            if sql == statement and not made:
                made.append(connect(path, isolation_level=None))
                _create(made[0])
            return cursor

    monkeypatch.setattr(sqlite3, "connect", partial(connect, factory=Interrupted))
    with closing(open_database(path)) as opened:
        assert opened.execute("SELECT count(*) FROM entries").fetchone() == (0,)
    made[0].close()


async def test_another_schema_is_refused_by_number(path: Path, send: Any) -> None:
    await fill(path, send, 1)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    assert f"schema {SCHEMA_VERSION + 1}" in await refusal(path)


async def test_a_truncated_file_is_damaged(path: Path, send: Any) -> None:
    await fill(path, send)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert "--salvage" in await refusal(path)


async def test_a_file_whose_beginning_is_destroyed_is_refused(path: Path, send: Any) -> None:
    await fill(path, send)
    path.write_bytes(b"\0" * 100 + path.read_bytes()[100:])
    assert "beginning is destroyed" in await refusal(path)


async def test_an_emptied_file_does_not_take_its_log_with_it(path: Path, send: Any) -> None:
    """SQLite would delete the write-ahead log of an empty file, and the answers in it."""
    async with ResponseCache.open(path) as cache:
        await cache.put(send("x").key, send("x").answered())
        log = path.with_name(path.name + "-wal").read_bytes()
    path.write_bytes(b"")
    path.with_name(path.name + "-wal").write_bytes(log)
    assert "damaged" in await refusal(path)
    assert path.with_name(path.name + "-wal").read_bytes() == log


async def test_an_empty_file_becomes_a_cache(path: Path, send: Any) -> None:
    path.touch()
    assert len(await fill(path, send, 1)) == 1


async def test_a_missing_file_is_only_made_on_demand(path: Path) -> None:
    assert "no response cache" in await refusal(path, create=False)
    assert not path.exists()


async def test_a_folder_is_not_a_cache(tmp_path: Path) -> None:
    assert "check the path" in await refusal(tmp_path)


async def test_a_page_that_is_destroyed_is_an_error_and_not_a_miss(path: Path, send: Any) -> None:
    keys = await fill(path, send)
    data = bytearray(path.read_bytes())
    for page in range(3, len(data) // 8192):
        data[page * 8192 : page * 8192 + 200] = b"\xff" * 200
    path.write_bytes(data)
    errors = found = 0
    try:
        async with ResponseCache.open(path) as cache:
            for key in keys:
                try:
                    entry = await cache.get(key)
                except CacheError:
                    errors += 1
                else:
                    assert entry is not None
                    found += 1
    except CacheError:
        errors = len(keys)
    assert errors > 0
    assert errors + found == len(keys)


def test_the_reading_connection_cannot_write(path: Path) -> None:
    open_database(path).close()
    with closing(open_database(path, read_only=True)) as connection, pytest.raises(sqlite3.OperationalError):
        connection.execute("DELETE FROM entries")


def test_a_commit_is_on_the_disk_when_it_returns(path: Path) -> None:
    """WAL with synchronous=FULL syncs at each commit; NORMAL would not."""
    with closing(open_database(path)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)


def test_people_can_read_the_file_with_sqlite_alone(path: Path) -> None:
    with closing(open_database(path)) as connection:
        columns = [row[0] for row in connection.execute("SELECT * FROM calls").description]
    assert {"key", "run", "sample", "created", "wire_s", "input_tokens", "cost_usd"} <= set(columns)
