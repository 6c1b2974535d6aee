"""Programs that cancel an evaluation in every way; each runs in a process whose standard error must stay empty.

A program gets the server's address and its folder is its own. What it leaves open, says or awaits not, the
interpreter tells (development mode, warnings are errors); what the event loop and the kernel know, it checks.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

import agentbench_sdk.runs.execution
from agentbench_sdk import Bench, Run, Sample, Task, evaluate, evaluate_sync
from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.judges.outcome import outcome
from agentbench_sdk.messages import Message
from agentbench_sdk.models import ModelRequest
from agentbench_sdk.models.openai_compatible import OpenAICompatible
from agentbench_sdk.models.scripted import PolicyModel
from agentbench_sdk.testing.counter import gambler
from tests.reliability.counting import registry

SESSIONS = 300  # more than there are places for at once
TASK = Task(
    "count",
    [Sample(f"s{n:03}", scenario={"goal": 12}, seed=n) for n in range(SESSIONS)],
    judges=[outcome()],
    environment="counter",
)
Program = Callable[[Bench, str], Awaitable[None]]


def main(arguments: list[str]) -> None:
    """Run the program of a name against the server at an address."""
    name, address = arguments
    agentbench_sdk.runs.execution.INTERRUPT_GRACE_S = 0.05  # the server is silent: waiting would be in vain
    # Debug mode warns of steps that took long; how fast it goes is not the matter here.
    logging.getLogger("asyncio").setLevel(logging.ERROR)
    before = sockets()
    if name == "ctrl_c":
        try:
            evaluate_sync(plain(), f"openai/tiny?base_url={address}", cache="cache.db")
        except KeyboardInterrupt:
            sys.stdout.write("interrupted\n")
    elif name == "background":
        asyncio.run(background(f"openai/tiny?base_url={address}"))
    else:
        asyncio.run(_run(globals()[name], address))
    assert sockets() == before, "a connection is still open"
    sys.stdout.write("done\n")


async def _run(program: Program, address: str) -> None:
    async with Bench(cache="cache.db", runs="runs", registry=registry()) as bench:
        await program(bench, f"openai/tiny?base_url={address}")
        await settled(bench)


async def settled(bench: Bench) -> None:
    """Nothing is left but the task that looks."""
    for _ in range(3):  # tasks that were cancelled, such as timers, end in the loop's next turns
        await asyncio.sleep(0)
    for figures in bench.limiters.statistics().values():
        assert (figures.in_flight, figures.waiting) == (0, 0), figures
    left = asyncio.all_tasks() - {asyncio.current_task()}
    assert not left, left


def sockets() -> int:
    """How many sockets this process holds."""
    if not sys.platform.startswith("linux"):
        return 0
    links = []
    for opened in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):
            links.append(opened.readlink().name)
    return sum(link.startswith("socket:") for link in links)


async def under_way(bench: Bench) -> None:
    """Wait until a request is on the wire and the server is silent."""
    while not any(each.in_flight for each in bench.limiters.statistics().values()):  # noqa: ASYNC110 - no event
        await asyncio.sleep(0.001)
    await asyncio.sleep(0.1)


def plain() -> Task:
    return Task("plain", [Sample(f"s{n}", f"say {n}") for n in range(20)], judges=[outcome()])


async def cancelled(task: asyncio.Task[Any]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    assert task.cancelled()


# --- the programs ---------------------------------------------------------------------------------


async def timeout(bench: Bench, model: str) -> None:
    """`asyncio.timeout` around an evaluation; the bench stays usable."""
    for _ in range(2):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.4):
                await bench.evaluate(TASK, model)
        for figures in bench.limiters.statistics().values():
            assert (figures.in_flight, figures.waiting) == (0, 0), figures
    done = await bench.evaluate(TASK, PolicyModel(gambler), limit=3)
    assert done.status == "finished"
    assert sorted(statuses()) == ["finished", "interrupted", "interrupted"]


def statuses() -> list[str]:
    return [Run(path).status for path in Path("runs").glob("*.db")]


async def sibling(bench: Bench, model: str) -> None:
    """One child of a task group beside another one that fails."""

    async def fail() -> None:
        await under_way(bench)
        raise RuntimeError("the sibling failed")

    try:
        async with asyncio.TaskGroup() as group:
            evaluating = group.create_task(bench.evaluate(TASK, model))
            group.create_task(fail())
    except* RuntimeError:
        assert evaluating.cancelled()


async def closing(bench: Bench, model: str) -> None:
    """The bench is closed under an evaluation, which returns what there is; a closed one refuses more."""
    evaluating = asyncio.create_task(bench.evaluate(TASK, model))
    await under_way(bench)
    await bench.close()
    assert (await evaluating).status == "interrupted"
    with pytest.raises(ConfigurationError, match="closed"):
        await bench.evaluate(TASK, model)


async def closing_early(bench: Bench, model: str) -> None:
    """The bench is closed at each of the first turns of the loop, and soon after."""
    for turns in (*range(40), 60, 80, 120, 200):
        async with Bench(cache=f"{turns}.db", runs="runs", registry=bench.registry) as other:
            evaluating = asyncio.create_task(other.evaluate(TASK, PolicyModel(gambler)))
            for _ in range(turns):
                await asyncio.sleep(0)
        (result,) = await asyncio.gather(evaluating, return_exceptions=True)
        if isinstance(result, Run):
            assert result.status == "interrupted"
        else:  # it was still being planned
            assert isinstance(result, ConfigurationError)
            assert "closed" in str(result)


async def before_it_began(bench: Bench, model: str) -> None:
    """Cancelled before its first step, then at each of the first turns of the loop."""
    await cancelled(asyncio.create_task(bench.evaluate(TASK, model)))
    assert statuses() == []
    for turns in range(60):
        async with Bench(cache=f"{turns}.db", runs="runs", registry=bench.registry) as other:
            evaluating = asyncio.create_task(other.evaluate(TASK, model))
            for _ in range(turns):
                await asyncio.sleep(0)
            await cancelled(evaluating)
            await settled(other)


async def again_and_again(bench: Bench, model: str) -> None:
    """Cancelled while it cleans up after being cancelled."""
    evaluating = asyncio.create_task(bench.evaluate(TASK, model))
    await under_way(bench)
    while not evaluating.done():
        evaluating.cancel()
        await asyncio.sleep(0)
    assert evaluating.cancelled()
    while len(asyncio.all_tasks()) > 1:  # noqa: ASYNC110 - the run file's last group is written by a task of its own
        await asyncio.sleep(0.001)


async def background(model: str) -> None:
    """The program returns while its evaluation is under way; `asyncio.run` cancels all tasks there are."""
    kept.append(asyncio.create_task(evaluate(plain(), model, cache="cache.db")))
    await asyncio.sleep(0.4)
    assert not kept[0].done()


kept: list[asyncio.Task[Run]] = []


async def forgotten(bench: Bench, model: str) -> None:
    """What must not be: a client that nobody closes. The interpreter's complaint shows that it looks."""
    client = OpenAICompatible("tiny", base_url=model.partition("=")[2])
    await client.generate(ModelRequest((Message.user("x"),)))


async def beside(bench: Bench, model: str) -> None:
    """One of two evaluations is cancelled; the other one does not notice."""
    doomed = asyncio.create_task(bench.evaluate(TASK, model))
    await under_way(bench)
    other = asyncio.create_task(bench.evaluate(TASK, PolicyModel(gambler)))
    await cancelled(doomed)
    run = await other
    assert run.status == "finished"
    assert len(run.scores["outcome"]) == SESSIONS
