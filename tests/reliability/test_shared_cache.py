"""Two processes evaluate against one cache file at the same time."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path
from signal import SIGKILL

from agentbench_sdk import load_run
from tests.reliability.counting import CACHE, CountingServer, install, recorded, results, uninterrupted
from tests.reliability.workshop import Workshop


async def test_two_processes_share_a_cache_file_and_come_to_the_same_scores(
    workshop: Workshop, second_workshop: Workshop, tmp_path: Path
) -> None:
    plugin = install(tmp_path)
    async with CountingServer() as server:
        order = ("run", "count.py", "--model", "tiny", "--base-url", server.base_url, "--temperature", "0")
        processes = [
            await each.start(tmp_path, *order, "--quiet", "--runs", name, path=(plugin,))
            for each, name in ((workshop, "one"), (second_workshop, "two"))
        ]
        done = [await process.ended() for process in processes]
    assert [(each.code, each.errors) for each in done] == [(0, "")] * 2
    asked = Counter(server.log)
    assert recorded(tmp_path) == set(asked)
    assert max(asked.values()) <= 2, "a process asked for an answer twice"
    await workshop.run(tmp_path, "cache", "verify", CACHE)
    one, two = (results(load_run(tmp_path / each.output.strip())) for each in done)
    assert one == two == await uninterrupted(tmp_path)


async def test_a_run_may_be_resumed_while_another_uses_its_cache(
    workshop: Workshop, second_workshop: Workshop, tmp_path: Path
) -> None:
    """Both are sampled, so nothing is shared but the file; a killed process does not harm the other one."""
    plugin = install(tmp_path)
    async with CountingServer() as server:
        order = ("run", "count.py", "--model", "tiny", "--base-url", server.base_url, "--quiet", "--runs")
        victim = await workshop.start(tmp_path, *order, "one", path=(plugin,))
        other = await second_workshop.start(tmp_path, *order, "two", path=(plugin,))
        while len(server.log) < 200:  # noqa: ASYNC110 - the server has no event for it
            await asyncio.sleep(0.001)
        victim.signal(SIGKILL)
        await victim.ended()
        resumed = await workshop.run(tmp_path, "resume", "--runs", "one", "--quiet", path=(plugin,))
        finished = await other.ended()
    assert (finished.code, finished.errors) == (0, "")
    await workshop.run(tmp_path, "cache", "verify", CACHE)
    one, two = (results(load_run(tmp_path / each.output.strip())) for each in (resumed, finished))
    assert one == two
