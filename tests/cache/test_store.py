"""The store: durable before it is seen, whatever happens meanwhile."""

# ruff: noqa: ASYNC240 - small files, and nothing else is on the loop

from __future__ import annotations

import asyncio
import random
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from agentbench_sdk.cache import Entry, Origin, ResponseCache
from agentbench_sdk.cache import database as database_module
from agentbench_sdk.errors import CacheError
from agentbench_sdk.messages import Message
from agentbench_sdk.models import ModelResponse


@pytest.fixture
def is_on_disk(path: Path) -> Iterator[Callable[[str], bool]]:
    """Asks a connection of its own whether a key is in the file."""
    connections: list[sqlite3.Connection] = []

    def ask(key: str) -> bool:
        if not connections:
            connections.append(sqlite3.connect(path))
        return connections[0].execute("SELECT 1 FROM entries WHERE key = ?", (key,)).fetchone() is not None

    yield ask
    for connection in connections:
        connection.close()


class FlakyConnection(sqlite3.Connection):
    """A connection whose statements fail now and then, as on a bad disk."""

    draw = random.Random(0)
    share = 0.0
    failed = 0

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        if sql.startswith(("COMMIT", "INSERT")) and self.draw.random() < self.share:
            type(self).failed += 1
            raise sqlite3.OperationalError("disk I/O error")
        return super().execute(sql, parameters)


@pytest.fixture
def flaky(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[FlakyConnection]]:
    def connect(path: Path) -> sqlite3.Connection:
        return sqlite3.connect(path, isolation_level=None, check_same_thread=False, factory=FlakyConnection)

    monkeypatch.setattr(database_module, "_connect", connect)
    FlakyConnection.failed = 0
    yield FlakyConnection
    FlakyConnection.share = 0.0


async def test_what_was_put_is_got_again_also_by_another_opening(path: Path, send: Any) -> None:
    sent = send("hello")
    async with ResponseCache.open(path) as cache:
        assert await cache.get(sent.key) is None
        entry = sent.answered("hi")
        assert await cache.put(sent.key, entry) is entry
        got = await cache.get(sent.key)
    async with ResponseCache.open(path) as cache:
        again = await cache.get(sent.key)
    assert got is not None
    assert got == again
    assert got.response == entry.response
    assert (got.origin, got.created, got.draw) == (sent.origin, 1000.0, sent.identity.draw)


async def test_the_folder_of_the_file_is_made(tmp_path: Path, send: Any) -> None:
    async with ResponseCache.open(tmp_path / "a" / "b" / "cache.db") as cache:
        await cache.put(send("x").key, send("x").answered())
        assert await cache.get(send("x").key) is not None


async def test_a_long_answer_is_stored_and_read_back(path: Path, send: Any) -> None:
    sent = send("x" * 20_000)
    async with ResponseCache.open(path) as cache:
        await cache.put(sent.key, sent.answered("long " * 50_000))
        got = await cache.get(sent.key)
    assert got is not None
    assert got.response.text == "long " * 50_000
    assert path.stat().st_size < 100_000


async def test_the_first_answer_to_a_key_stays_and_is_returned_to_the_second(path: Path, send: Any) -> None:
    sent = send("hello")
    async with ResponseCache.open(path) as one, ResponseCache.open(path) as other:
        await one.put(sent.key, sent.answered("first"))
        second = await other.put(sent.key, sent.answered("second"))
        assert second.response.text == "first"
        at_once = await asyncio.gather(
            *(one.put(send("x").key, send("x").answered(str(n))) for n in range(9))
        )
        assert {entry.response.text for entry in at_once} == {"0"}


async def test_replacing_puts_the_new_answer_in_the_old_one_s_place(path: Path, send: Any) -> None:
    sent = send("hello")
    async with ResponseCache.open(path) as cache:
        await cache.put(sent.key, sent.answered("old"))
        await cache.put(sent.key, sent.answered("new"), replace=True)
        got = await cache.get(sent.key)
        assert got is not None
        assert got.response.text == "new"


@pytest.mark.parametrize("wrong", [None, "error: 500", ValueError("x"), {"message": "hi"}])
async def test_only_valid_responses_enter(path: Path, send: Any, wrong: Any) -> None:
    sent = send("hello")
    async with ResponseCache.open(path) as cache:
        with pytest.raises(TypeError):
            await cache.put(sent.key, wrong)
        with pytest.raises(TypeError):
            await cache.put(sent.key, Entry(wrong, sent.origin, 0.0))
        assert await cache.get(sent.key) is None


async def test_an_answer_that_is_no_unicode_is_refused_alone(path: Path, send: Any) -> None:
    async with ResponseCache.open(path) as cache:
        bad = Entry(ModelResponse(Message.assistant("\ud800")), Origin("r"), 0.0)
        good = send("x")
        results = await asyncio.gather(
            cache.put("ab" * 32, bad), cache.put(good.key, good.answered()), return_exceptions=True
        )
        assert isinstance(results[0], CacheError)
        assert await cache.get(good.key) is not None


async def test_writes_that_arrive_together_share_a_transaction_and_a_lone_one_does_not_wait(
    path: Path, send: Any
) -> None:
    sents = [send(str(number)) for number in range(300)]
    async with ResponseCache.open(path) as cache:
        await cache.put(sents[0].key, sents[0].answered())
        assert cache.statistics().writes.groups == 1
        await asyncio.gather(*(cache.put(sent.key, sent.answered()) for sent in sents[1:]))
        assert 4 <= cache.statistics().writes.groups <= 6
        await asyncio.gather(*(cache.get(sent.key) for sent in sents))
        assert 2 <= cache.statistics().reads.groups <= 5
        assert cache.statistics().writes.pending == 0


@pytest.mark.parametrize("seed", range(25))
async def test_nothing_is_reported_durable_that_is_not(
    path: Path, send: Any, flaky: type[FlakyConnection], is_on_disk: Callable[[str], bool], seed: int
) -> None:
    """Random interleavings of writers, readers and cancellations on a disk that fails."""
    draw = random.Random(seed)
    acknowledged: dict[str, str] = {}

    async def write(number: int) -> None:
        sent = send(f"question {number % 60}")
        for _ in range(draw.randrange(8)):
            await asyncio.sleep(0)
        try:
            entry = await cache.put(sent.key, sent.answered(str(number)))
        except CacheError:
            return
        assert is_on_disk(sent.key)
        assert acknowledged.setdefault(sent.key, entry.response.text) == entry.response.text

    async def read(number: int) -> None:
        key = send(f"question {number % 60}").key
        for _ in range(draw.randrange(30)):
            await asyncio.sleep(0)
        before = acknowledged.get(key)
        try:
            entry = await cache.get(key)
        except CacheError:
            return  # it waited for a write that failed
        if entry is not None:
            assert is_on_disk(key)
        if before is not None:
            assert entry is not None
            assert entry.response.text == before

    async with ResponseCache.open(path) as cache:
        flaky.draw, flaky.share = draw, 0.2
        tasks = [asyncio.create_task(draw.choice([write, write, read])(number)) for number in range(150)]
        for _ in range(20):
            await asyncio.sleep(0)
            draw.choice(tasks).cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        flaky.share = 0.0
        late = send("afterwards")
        await cache.put(late.key, late.answered())
    assert [each for each in results if isinstance(each, Exception)] == []
    assert all(map(is_on_disk, [late.key, *acknowledged]))


async def test_the_injected_failures_do_happen(path: Path, send: Any, flaky: type[FlakyConnection]) -> None:
    async with ResponseCache.open(path) as cache:
        flaky.share = 1.0
        sents = [send(str(number)) for number in range(10)]
        results = await asyncio.gather(
            *(cache.put(sent.key, sent.answered()) for sent in sents), return_exceptions=True
        )
        flaky.share = 0.0
        assert all(isinstance(each, CacheError) for each in results)
        assert len({id(each) for each in results}) == 10
        assert [await cache.get(sent.key) for sent in sents] == [None] * 10
        assert flaky.failed > 0


async def test_a_cancelled_write_is_written_nevertheless(
    path: Path, send: Any, is_on_disk: Callable[[str], bool]
) -> None:
    sents = [send(str(number)) for number in range(50)]
    async with ResponseCache.open(path) as cache:
        tasks = [asyncio.create_task(cache.put(sent.key, sent.answered())) for sent in sents]
        await asyncio.sleep(0)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert all(task.cancelled() for task in tasks)
    assert all(is_on_disk(sent.key) for sent in sents)


async def test_a_reader_waits_for_the_write_of_its_key_that_is_under_way(path: Path, send: Any) -> None:
    sent = send("x")
    async with ResponseCache.open(path) as cache:
        writer = asyncio.create_task(cache.put(sent.key, sent.answered("yes")))
        await asyncio.sleep(0)
        writer.cancel()
        got = await cache.get(sent.key)
        assert got is not None
        assert got.response.text == "yes"


def test_a_cancelled_program_closes_its_cache_and_loses_nothing(path: Path, send: Any) -> None:
    """All tasks of the loop are cancelled at once, as at the end of `asyncio.run`."""
    sents = [send(str(number)) for number in range(400)]

    async def main() -> None:
        async with ResponseCache.open(path) as cache:
            writers = [asyncio.create_task(cache.put(sent.key, sent.answered())) for sent in sents]
            await asyncio.sleep(0)
            for task in asyncio.all_tasks():
                task.cancel()
            await asyncio.gather(*writers)

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(main())
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM entries").fetchone() == (400,)
    assert not path.with_name(path.name + "-wal").exists()  # closed properly


async def test_a_full_file_is_an_error_to_each_writer_and_leaves_the_rest_intact(
    path: Path, send: Any, is_on_disk: Callable[[str], bool]
) -> None:
    """SQLite itself says SQLITE_FULL; earlier rows stay, and writing goes on once there is room."""
    before, after = [send(f"before {n}") for n in range(20)], send("after")
    async with ResponseCache.open(path) as cache:
        await asyncio.gather(*(cache.put(sent.key, sent.answered()) for sent in before))
        await cache._writer.submit(lambda file: file.execute("PRAGMA max_page_count = 1").fetchone())
        big = [send(f"big {n}") for n in range(5)]
        noise = random.Random(1).randbytes(30_000).hex()
        results = await asyncio.gather(
            *(cache.put(sent.key, sent.answered(noise + str(n))) for n, sent in enumerate(big)),
            return_exceptions=True,
        )
        assert all(isinstance(each, CacheError) and "disk is full" in str(each) for each in results)
        assert not any(is_on_disk(sent.key) for sent in big)
        await cache._writer.submit(lambda file: file.execute("PRAGMA max_page_count = 1000000").fetchone())
        await cache.put(after.key, after.answered())
    assert all(is_on_disk(sent.key) for sent in [*before, after])


async def test_a_closed_cache_says_so(path: Path, send: Any) -> None:
    async with ResponseCache.open(path) as cache:
        pass
    with pytest.raises(CacheError, match="closed"):
        await cache.get("ab" * 32)
    with pytest.raises(CacheError, match="closed"):
        await cache.put(send("x").key, send("x").answered())


async def test_a_damaged_row_is_refused_by_key_and_touches_no_other(path: Path, send: Any) -> None:
    sents = [send(str(number)) for number in range(6)]
    async with ResponseCache.open(path) as cache:
        for sent in sents:
            await cache.put(sent.key, sent.answered("sound"))
    changes = [
        "answer = CAST(replace(CAST(answer AS TEXT), 'sound', 'wound') AS BLOB)",
        "header = replace(header, 'r1', 'r2')",
        "answer = x'7BFF00'",
        "answer = x'78FF00'",
        "hash = CAST(x'FFFF' AS TEXT)",
    ]
    with closing(sqlite3.connect(path)) as connection, connection:
        for sent, change in zip(sents, changes, strict=False):
            connection.execute(f"UPDATE entries SET {change} WHERE key = ?", (sent.key,))
    async with ResponseCache.open(path) as cache:
        results = await asyncio.gather(*(cache.get(sent.key) for sent in sents), return_exceptions=True)
    for sent, result in zip(sents[:5], results, strict=False):
        assert isinstance(result, CacheError)
        assert sent.key in str(result)
    assert isinstance(results[5], Entry)
