"""kill -9, again and again: nothing durable is asked again, and the scores are those of a run left alone."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path
from signal import SIGKILL

import pytest

from agentbench_sdk import load_run
from agentbench_sdk.runs.reader import newest_run
from tests.reliability.counting import Call, CountingServer, install, recorded, results, uninterrupted
from tests.reliability.workshop import Process, Workshop

SESSIONS = 40
KILLS = 10  # of each of the five runs
CALLS_A_KILL = 20  # on average, and what comes meanwhile: the kills are spread over a run


class Lives:
    """One evaluation, killed and resumed, with what every life may and may not ask."""

    def __init__(self, workshop: Workshop, server: CountingServer, folder: Path) -> None:
        self.workshop, self.server, self.folder = workshop, server, folder
        self.plugin = install(folder)
        self.durable: set[Call] = set()
        self.lost = 0
        self._begun = 0

    async def start(self) -> Process:
        """Begin, or go on where the last life ended."""
        self._begun = len(self.server.log)
        model = ("--model", "tiny", "--base-url", self.server.base_url)
        under_way = newest_run(self.folder / "runs") is not None
        order = ("resume",) if under_way else ("run", "count.py", *model)
        return await self.workshop.start(
            self.folder, *order, "--quiet", "--max-connections", str(SESSIONS), path=(self.plugin,)
        )

    def check(self) -> None:
        """After a life: what was durable before was not asked, and at most one call a session is lost."""
        asked = self.server.log[self._begun :]
        assert len(asked) == len(set(asked)), "one life asked for an answer twice"
        assert not self.durable & set(asked), "an answer that was durable was asked for again"
        now = recorded(self.folder)
        assert self.durable <= now, "a durable answer is gone"
        lost = set(asked) - now
        assert len({sample for sample, _ in lost}) == len(lost), (
            "a session used an answer before it was durable"
        )
        self.durable = now
        self.lost += len(lost)


async def asked(server: CountingServer, count: int, process: Process) -> None:
    """Wait until so many requests have come, or the process has ended."""
    end = asyncio.ensure_future(process.ended())
    until = len(server.log) + count
    while len(server.log) < until and not end.done():  # noqa: ASYNC110 - the server has no event for it
        await asyncio.sleep(0.001)


@pytest.mark.parametrize("seed", range(5))
async def test_a_run_that_is_killed_ten_times_loses_at_most_what_was_in_flight(
    seed: int, workshop: Workshop, tmp_path: Path
) -> None:
    chance = random.Random(seed)
    async with CountingServer(seed=seed) as server:
        lives = Lives(workshop, server, tmp_path)
        for _ in range(KILLS):
            process = await lives.start()
            # Some kills come before the first request: while files are made, opened and recovered.
            await asked(server, chance.randrange(-4, 2 * CALLS_A_KILL), process)
            await asyncio.sleep(chance.uniform(0.0, 0.03))
            process.signal(SIGKILL)
            await process.ended()
            await asyncio.to_thread(lives.check)
        last = await (await lives.start()).ended()
        assert (last.code, last.errors) == (0, "")
        await asyncio.to_thread(lives.check)
    verified = await workshop.run(tmp_path, "cache", "verify", ".agentbench/cache.db")
    assert "all sound" in verified.output
    assert results(load_run(tmp_path / last.output.strip())) == await uninterrupted(tmp_path)
    assert len(server.log) == len(lives.durable) + lives.lost
