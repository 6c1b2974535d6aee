"""Real processes: two on one file, one that is killed, one whose disk is full."""

from __future__ import annotations

import asyncio
import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any
from unittest.mock import ANY

import pytest

from agentbench_sdk.cache import ResponseCache
from agentbench_sdk.cache.database import open_database
from agentbench_sdk.cache.maintenance import verify

WRITER = """
import asyncio, resource, sys
from agentbench_sdk.cache import Entry, Origin, ResponseCache, identify
from agentbench_sdk.errors import CacheError
from agentbench_sdk.messages import Message
from agentbench_sdk.models import ModelRequest, ModelResponse

path, name, prefix, count, limit = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5])

async def write(cache, number):
    request = ModelRequest((Message.user(f"{prefix} {number}"),))
    identity = identify(model_id="m", endpoint="e", request=request, draw="d")
    response = ModelResponse(Message.assistant(f"{name} says {number} " + "x" * 700))
    try:
        stored = await cache.put(identity.key, Entry.of(response, Origin(name, str(number)), identity, 1.0))
    except CacheError as error:
        print("refused", identity.key, str(error).replace("\\n", " "), flush=True)
    else:
        print("stored", identity.key, stored.origin.run, flush=True)

async def main():
    async with ResponseCache.open(path) as cache:
        if limit:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        print("ready", flush=True)
        sys.stdin.readline()
        numbers = iter(range(count))
        async def worker():
            for number in numbers:
                await write(cache, number)
        await asyncio.gather(*(worker() for _ in range(40)))

asyncio.run(main())
"""


def start(
    path: Path, name: str, *, prefix: str = "question", count: int = 100_000, limit: int = 0
) -> subprocess.Popen[str]:
    """A process that writes and acknowledges each row on its standard output, once told to go."""
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path), name, prefix, str(count), str(limit)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def go(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    assert process.stdin is not None
    assert process.stdout.readline() == "ready\n", process.stderr and process.stderr.read()
    process.stdin.write("\n")
    process.stdin.flush()


def keys_in(path: Path) -> set[str]:
    with closing(sqlite3.connect(path)) as connection:
        return {key for (key,) in connection.execute("SELECT key FROM entries")}


def assert_sound(path: Path) -> None:
    with closing(open_database(path, create=False)) as connection:
        assert verify(connection).problems == []


@pytest.mark.parametrize("seed", range(12))
def test_what_was_acknowledged_before_a_kill_is_in_the_file(path: Path, seed: int) -> None:
    process = start(path, "victim")
    go(process)
    time.sleep(random.Random(seed).uniform(0.0, 0.15))
    process.send_signal(signal.SIGKILL)
    output, _ = process.communicate()
    # The kill may tear the last line that was printed.
    acknowledged = {line.split()[1] for line in output.splitlines(keepends=True) if line.endswith("victim\n")}
    assert acknowledged <= keys_in(path)
    assert_sound(path)


def test_two_processes_write_one_file_and_agree_on_every_answer(path: Path) -> None:
    processes = [start(path, name, count=600) for name in ("one", "two")]
    for process in processes:
        go(process)
    told: list[dict[str, str]] = []
    for process in processes:
        output, errors = process.communicate(timeout=50)
        assert (process.returncode, errors) == (0, "")
        told.append({line.split()[1]: line.split()[2] for line in output.splitlines()})
    assert len(told[0]) == 600
    assert told[0] == told[1]
    with closing(sqlite3.connect(path)) as connection:
        assert dict(connection.execute("SELECT key, json_extract(header, '$.run') FROM entries")) == told[0]
    assert_sound(path)


def test_two_processes_that_make_the_file_at_once_both_succeed(path: Path) -> None:
    processes = [start(path, name, prefix=name, count=5) for name in ("a", "b", "c")]
    for process in processes:
        go(process)
    for process in processes:
        assert process.communicate(timeout=50)[1] == ""
    assert len(keys_in(path)) == 15


async def test_other_processes_cannot_take_the_log_from_one_that_has_the_file_open_twice(
    path: Path, send: Any
) -> None:
    """Opening a file by other means than SQLite drops a process's locks on it; its rows would be lost."""
    sent = send("hello")
    async with ResponseCache.open(path) as cache, ResponseCache.open(path):
        other = start(path, "other", count=1)
        await asyncio.to_thread(go, other)
        assert await asyncio.to_thread(other.communicate) == (ANY, "")
        await cache.put(sent.key, sent.answered())
        assert sent.key in await asyncio.to_thread(keys_in, path)


def test_a_full_disk_is_an_error_to_whoever_was_not_recorded_and_leaves_the_file_sound(path: Path) -> None:
    process = start(path, "writer", count=600, limit=400_000)
    go(process)
    output, errors = process.communicate(timeout=50)
    lines = [line.split(maxsplit=2) for line in output.splitlines()]
    stored = {key for verdict, key, _ in lines if verdict == "stored"}
    refused = {key for verdict, key, _ in lines if verdict == "refused"}
    assert len(lines) == 600
    assert stored
    assert refused
    assert all(
        "disk" in reason and str(path) in reason for verdict, _, reason in lines if verdict == "refused"
    )
    assert stored <= keys_in(path)
    assert_sound(path)
    assert (process.returncode, errors) == (0, "")
