"""Conversations of two models over HTTP: killed, resumed, and replayed with the network closed."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from signal import SIGKILL
from typing import Any

import orjson

from agentbench_sdk import Bench, load_run
from agentbench_sdk.environments.telecom import Telecom
from agentbench_sdk.models import Model
from agentbench_sdk.models.providers import scripted
from agentbench_sdk.models.scripted import OracleModel
from agentbench_sdk.runs.reader import newest_run
from agentbench_sdk.tasks.agentic.telecom import telecom
from agentbench_sdk.testing import FakeEndpoint, Reply
from agentbench_sdk.testing.endpoint import played_by
from tests.reliability.counting import results
from tests.reliability.workshop import Process, Workshop

CONVERSATIONS = 10
KILLS = 6
TASK = ("-T", "set=small", "-T", "data=own", "--limit", str(CONVERSATIONS))


class Customers:
    """One endpoint for all customers: each request is answered by the one whose script it holds."""

    def __init__(self) -> None:
        self._models: dict[str, Model] = {}
        ((_, customer),) = Telecom.users().items()
        for sample in telecom(set="small", data="own").load():
            side = Telecom.create(sample.scenario or {}, sample.seed).user_side()
            assert side is not None
            self._models[side.system] = OracleModel(customer).told(side.facts)

    async def __call__(self, body: dict[str, Any], number: int) -> Reply:
        await asyncio.sleep(0.002)  # so that kills meet requests in flight
        reply = played_by(self._models[body["messages"][0]["content"]])(body, number)
        assert not isinstance(reply, Reply)
        return await reply


@asynccontextmanager
async def endpoints() -> AsyncIterator[tuple[FakeEndpoint, FakeEndpoint]]:
    async with AsyncExitStack() as stack:
        agent = await stack.enter_async_context(FakeEndpoint.of_model(scripted("telecom/workflow")))
        user = await stack.enter_async_context(FakeEndpoint(Customers()))
        yield agent, user


def models(agent: FakeEndpoint, user: FakeEndpoint) -> tuple[str, ...]:
    named = f"openai/customer?base_url={user.base_url}"
    return ("--model", "desk", "--base-url", agent.base_url, "--user-model", named)


def asked(*sides: FakeEndpoint) -> Counter[bytes]:
    return Counter(orjson.dumps(body) for side in sides for body in side.bodies)


async def until(count: int, process: Process, *sides: FakeEndpoint) -> None:
    """Wait until so many more requests have come, or the process has ended."""
    end = asyncio.ensure_future(process.ended())
    goal = sum(len(side.requests) for side in sides) + count
    while sum(len(side.requests) for side in sides) < goal and not end.done():  # noqa: ASYNC110 - no event for it
        await asyncio.sleep(0.001)


async def undisturbed(folder: Path, *sides: FakeEndpoint) -> dict[str, Any]:
    agent, user = sides
    async with Bench(cache=None, runs=folder / "reference") as bench:
        run = await bench.evaluate(
            "telecom",
            f"openai/desk?base_url={agent.base_url}",
            user_model=f"openai/customer?base_url={user.base_url}",
            task_params={"set": "small", "data": "own"},
            limit=CONVERSATIONS,
        )
    return results(run)


async def test_conversations_survive_kills_and_replay_offline(workshop: Workshop, tmp_path: Path) -> None:
    chance = random.Random(7)
    async with endpoints() as sides:
        expected = await undisturbed(tmp_path, *sides)
        calls = asked(*sides)
        for side in sides:
            side.requests.clear()
        in_flight = 0
        for _ in range(KILLS):
            begun = newest_run(tmp_path / "runs") is not None
            order = ("resume", "--quiet") if begun else ("run", "telecom", *TASK, *models(*sides), "--quiet")
            process = await workshop.start(tmp_path, *order)
            await until(chance.randrange(5, sum(calls.values()) // KILLS), process, *sides)
            in_flight += CONVERSATIONS  # each conversation has at most one request out
            process.signal(SIGKILL)
            await process.ended()
        done = await workshop.run(tmp_path, "resume", "--quiet")
        assert results(load_run(tmp_path / done.output.strip())) == expected
        seen = asked(*sides)
        assert seen.keys() == calls.keys()
        assert sum(seen.values()) - sum(calls.values()) <= in_flight
        before = sum(len(side.requests) for side in sides)
        replayed = await workshop.run(tmp_path, "resume", "--quiet", "--cache-policy", "replay")
        assert sum(len(side.requests) for side in sides) == before
    assert results(load_run(tmp_path / replayed.output.strip())) == expected
    proven = await workshop.run(tmp_path, "replay", replayed.output.strip())
    assert f"proven: {CONVERSATIONS} attempts proven" in proven.output
