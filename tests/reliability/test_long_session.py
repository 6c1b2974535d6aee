"""A session of 3,000 messages that stopped half-way goes on with the very next call."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Self

import pytest

from agentbench_sdk import Bench, Run, Sample, Task
from agentbench_sdk.benchmark import Registry
from agentbench_sdk.judges.outcome import outcome
from agentbench_sdk.runs.reader import newest_run
from agentbench_sdk.runs.run import load_run
from agentbench_sdk.testing import Reply
from agentbench_sdk.testing.counter import Counter

TURNS = 1500
HALF = 700
TASK = Task("long", [Sample("a", scenario={"goal": 3 * TURNS})], judges=[outcome()], environment="counter")


class Adder:
    """Answers whatever comes with "add 3" and counts it; parsing 1,500 growing histories would take longer.

    Attributes:
        silent_from: from this request on (counted from 0) it does not answer.
    """

    def __init__(self, silent_from: int | None = None, port: int = 0) -> None:
        self.asked, self.silent_from, self.port = 0, silent_from, port
        self.reached = asyncio.Event()
        body = Reply.tool("add", {"number": 3}).whole("tiny", 0)
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        self._answer = head.encode() + body

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, limit=2**20)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
                await reader.readexactly(length)
                self.asked += 1
                if self.silent_from is not None and self.asked > self.silent_from:
                    self.reached.set()
                else:
                    writer.write(self._answer)
        writer.close()


@asynccontextmanager
async def bench(folder: Path) -> AsyncIterator[Bench]:
    registry = Registry.discover()
    registry.add("environment", "counter", Counter)
    async with Bench(cache=folder / "cache.db", runs=folder / "runs", registry=registry) as opened:
        yield opened


async def played(folder: Path, server: Adder, resume: Run | None = None) -> Run:
    async with bench(folder) as opened:
        return await opened.evaluate(TASK, f"openai/tiny?base_url={server.base_url}", resume=resume)


async def stopped_half_way(folder: Path) -> int:
    """Play until the server falls silent, and cancel; gives the port to go on at."""
    async with Adder(silent_from=HALF) as server:
        playing = asyncio.create_task(played(folder, server))
        await server.reached.wait()
        playing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await playing
        assert server.asked == HALF + 1
        return server.port


async def test_a_session_of_3000_messages_goes_on_with_exactly_the_missing_calls(tmp_path: Path) -> None:
    port = await stopped_half_way(tmp_path / "cut")
    first = newest_run(tmp_path / "cut" / "runs")
    assert first is not None
    async with Adder(port=port) as server:
        resumed = await played(tmp_path / "cut", server, resume=load_run(first))
        assert server.asked == TURNS - HALF
        again = await played(tmp_path / "cut", server, resume=resumed)
        assert server.asked == TURNS - HALF, "a finished session asks nothing"
        whole = await played(tmp_path / "whole", server)
        assert server.asked == 2 * TURNS - HALF
    expected = whole.reader.transcript_bytes("a")
    assert len(whole.transcripts["a", 0].messages) + len(whole.transcripts["a", 0].tool_calls) >= 3000
    for run in (resumed, again):
        assert run.reader.transcript_bytes("a") == expected
        assert run.scores["outcome"]["a", 0].value == 1.0
    assert [call.cached for call in resumed.calls()] == [turn < HALF for turn in range(TURNS)]
