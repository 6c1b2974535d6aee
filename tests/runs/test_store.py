"""A run file gives back what was written, in constant pieces, and refuses what it is not."""

import asyncio
import os
import sqlite3
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from agentbench_sdk.benchmark.task import Sample
from agentbench_sdk.errors import RunFileError
from agentbench_sdk.judging import Score
from agentbench_sdk.messages import Message, Usage
from agentbench_sdk.models import Timing
from agentbench_sdk.runs import (
    Attempt,
    CallRecord,
    JudgeInfo,
    Manifest,
    Run,
    RunStore,
    SampleRecord,
    load_run,
)
from agentbench_sdk.sessions import Ending, MessageEntry, Transcript
from agentbench_sdk.simulation import Outcome

MANIFEST = Manifest(
    run_id="r1",
    created="2027-01-04T00:00:00+00:00",
    task="demo",
    task_version="1",
    task_fingerprint="f" * 64,
    model="openai/x",
    judges=[JudgeInfo(id="exact")],
)


def attempt(sample_id: str, epoch: int = 0, *, words: str = "four") -> Attempt:
    record = SampleRecord(
        sample_id=sample_id,
        epoch=epoch,
        ending=Ending("completed", "answered"),
        cluster="c",
        scores={"exact": Score(1.0, passed=True, label="B", explanation="right", evidence={"found": ["4"]})},
        outcome=Outcome(reward=0.5, unit="cents", components={"a": 1.0}, metrics={"n": 3, "name": None}),
        answer=words,
        target=["4", 4],
        usage={"agent": Usage(3, 2, 1, 0, 0.25)},
        cached_usage={"agent": Usage(1, 1)},
        wall_s=1.5,
        working_s=0.5,
        metadata={"category": "sums"},
    )
    call = CallRecord(
        sample_id,
        epoch,
        "agent",
        0,
        "openai/x",
        "http://e",
        Usage(3, 2),
        Timing(0.1, 0.2, 0.05, 2),
        cached=False,
    )
    transcript = Transcript([MessageEntry("agent", Message.assistant(words), Usage(3, 2))])
    return Attempt(record, Sample(sample_id, "2+2?", seed=2**100), transcript, [call])


async def written(path: Path, *attempts: Attempt) -> Run:
    store = await RunStore.create(path, MANIFEST)
    await asyncio.gather(*(store.add(each) for each in attempts))
    await store.note("status", {"status": "finished"})
    await store.close()
    return load_run(path)


async def test_what_was_written_comes_back(tmp_path: Path) -> None:
    first = attempt("a")
    run = await written(tmp_path / "run.db", first)
    assert run.manifest == MANIFEST
    assert run.status == "finished"
    assert list(run.records()) == [first.record]
    assert list(run.calls()) == list(first.calls)
    assert run.transcripts["a", 0] == first.transcript
    assert run.scores["exact"]["a", 0].evidence == {"found": ["4"]}
    assert next(run.reader.samples())[2]["seed"] == str(2**100)


async def test_attempts_come_in_the_order_of_samples_whatever_the_order_of_writing(tmp_path: Path) -> None:
    run = await written(
        tmp_path / "run.db", attempt("b", 1), attempt("a", 1), attempt("b", 0), attempt("a", 0)
    )
    assert [(r.sample_id, r.epoch) for r in run.records()] == [("a", 0), ("a", 1), ("b", 0), ("b", 1)]
    assert all(len(record.scores) == 1 for record in run.records())


async def test_a_finished_file_stands_alone(tmp_path: Path) -> None:
    await written(tmp_path / "run.db", attempt("a"))
    names = await asyncio.to_thread(os.listdir, tmp_path)
    assert names == ["run.db"]


async def test_a_run_under_way_can_be_read(tmp_path: Path) -> None:
    store = await RunStore.create(tmp_path / "run.db", MANIFEST)
    await store.add(attempt("a"))
    run = load_run(tmp_path / "run.db")
    assert run.status == "running"
    assert len(list(run.records())) == 1
    await store.close()


async def test_large_transcripts_are_packed(tmp_path: Path) -> None:
    words = "the same words again and again " * 20_000
    run = await written(tmp_path / "run.db", attempt("a", words=words))
    assert run.transcripts["a", 0].messages[0].text == words
    assert (tmp_path / "run.db").stat().st_size < 2 * len(words)


async def test_a_run_never_overwrites_a_file(tmp_path: Path) -> None:
    (tmp_path / "run.db").write_text("dear diary")
    with pytest.raises(RunFileError, match="never overwrites"):
        await RunStore.create(tmp_path / "run.db", MANIFEST)
    assert (tmp_path / "run.db").read_text() == "dear diary"


async def test_a_run_file_is_there_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Looked at from outside before each statement that makes it."""
    path, connect = tmp_path / "run.db", sqlite3.connect
    seen: list[tuple[bool, int]] = []

    class Watched(sqlite3.Connection):
        def executescript(self, script: str) -> sqlite3.Cursor:
            self.set_trace_callback(lambda statement: look())
            cursor = super().executescript(script)
            self.set_trace_callback(None)
            return cursor

    def look() -> None:
        with closing(connect(path)) as other:
            (application,) = other.execute("PRAGMA application_id").fetchone()
            (tables,) = other.execute("SELECT count(*) FROM sqlite_schema").fetchone()
            seen.append((application != 0, tables))

    monkeypatch.setattr(sqlite3, "connect", partial(connect, factory=Watched))
    await (await RunStore.create(path, MANIFEST)).close()
    look()
    assert len(seen) > 5
    assert {(is_ours, tables > 0) for is_ours, tables in seen} == {(False, False), (True, True)}
    assert {tables for is_ours, tables in seen if is_ours} == {seen[-1][1]}


async def test_an_attempt_written_twice_is_an_error_and_spoils_nothing(tmp_path: Path) -> None:
    store = await RunStore.create(tmp_path / "run.db", MANIFEST)
    await store.add(attempt("a"))
    with pytest.raises(RunFileError, match="cannot be written"):
        await store.add(attempt("a"))
    await store.add(attempt("b"))
    await store.close()
    assert len(list(load_run(tmp_path / "run.db").records())) == 2


async def test_cancelled_waiters_lose_nothing(tmp_path: Path) -> None:
    store = await RunStore.create(tmp_path / "run.db", MANIFEST)
    tasks = [asyncio.create_task(store.add(attempt(str(n)))) for n in range(20)]
    await asyncio.sleep(0)
    for task in tasks[::2]:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await store.close()
    assert len(list(load_run(tmp_path / "run.db").records())) == 20


async def test_more_attempts_at_once_than_fit_one_statement(tmp_path: Path) -> None:
    """A group of attempts may hold more values than SQLite takes in one statement (32,766)."""
    run = await written(tmp_path / "run.db", *(attempt(str(number)) for number in range(2500)))
    assert len(list(run.records())) == len(list(run.calls())) == len(run.transcripts) == 2500


async def test_who_would_fill_the_memory_waits_for_the_disk(tmp_path: Path) -> None:
    store = await RunStore.create(tmp_path / "run.db", MANIFEST)
    await asyncio.wait_for(store.room(), 10)  # nothing is written: there is room
    adding = [asyncio.create_task(store.add(attempt(str(number)))) for number in range(1000)]
    await asyncio.sleep(0)
    await store.room()
    assert sum(not task.done() for task in adding) < 1000
    await asyncio.gather(*adding)
    await store.close()
    assert len(list(load_run(tmp_path / "run.db").records())) == 1000


def test_what_is_no_run_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RunFileError, match="no such run file"):
        load_run(tmp_path / "none.db")
    (tmp_path / "text.db").write_text("not a database, but long enough to look like one" * 50)
    with pytest.raises(RunFileError, match="cannot be read"):
        load_run(tmp_path / "text.db")
    with sqlite3.connect(tmp_path / "other.db") as connection:
        connection.execute("CREATE TABLE t (x)")
    connection.close()
    with pytest.raises(RunFileError, match="no run file of agentbench"):
        load_run(tmp_path / "other.db")


async def test_another_format_is_refused_by_number(tmp_path: Path) -> None:
    await written(tmp_path / "run.db", attempt("a"))
    connection = sqlite3.connect(tmp_path / "run.db")
    connection.execute("PRAGMA user_version=99")
    connection.close()
    with pytest.raises(RunFileError, match="format 99"):
        load_run(tmp_path / "run.db")


async def test_a_damaged_transcript_is_named(tmp_path: Path) -> None:
    await written(tmp_path / "run.db", attempt("a"))
    connection = sqlite3.connect(tmp_path / "run.db")
    connection.execute("UPDATE transcripts SET body = x'00'")
    connection.commit()
    connection.close()
    with pytest.raises(RunFileError, match="sample 'a', epoch 0 is damaged"):
        load_run(tmp_path / "run.db").transcripts["a", 0]
