"""Whoever stops an evaluation, and however: everything that was opened is closed, and nothing is lost."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from signal import SIGINT, SIGTERM, Signals
from typing import Any

import pytest

from agentbench_sdk import load_run
from agentbench_sdk.models.scripted import PolicyModel
from agentbench_sdk.testing import FakeEndpoint, Reply
from agentbench_sdk.testing.counter import gambler
from agentbench_sdk.testing.endpoint import played_by
from tests.reliability.counting import CACHE, CountingServer, install, recorded, results, uninterrupted
from tests.reliability.workshop import Process, Workshop

ANSWERED = 40
PROGRAMS = (
    "again_and_again",
    "background",
    "before_it_began",
    "beside",
    "closing",
    "closing_early",
    "sibling",
    "timeout",
)
# The event loop's debug mode tells how long each step took, on a busy machine too.
SLOW_STEP = re.compile(r"^Executing <.*\n", re.MULTILINE)


def falls_silent(answered: int = ANSWERED) -> FakeEndpoint:
    """Answers so many requests and leaves the others hanging."""
    play = played_by(PolicyModel(gambler))

    async def behave(body: dict[str, Any], number: int) -> Reply:
        reply = play(body, number)
        answer = reply if isinstance(reply, Reply) else await reply
        return answer if number < answered else Reply.hang()

    return FakeEndpoint(behave)


@pytest.mark.parametrize("program", PROGRAMS)
async def test_a_program_that_cancels_leaves_nothing_open(
    program: str, strict_workshop: Workshop, tmp_path: Path
) -> None:
    async with falls_silent(0 if program == "background" else ANSWERED) as endpoint:
        process = await strict_workshop.start(
            tmp_path, program, endpoint.base_url, function="tests.reliability.scenarios:main"
        )
        done = await process.ended()
    assert (done.code, done.output, done.errors) == (0, "done\n", "")


async def test_ctrl_c_in_a_program_of_ones_own_closes_everything(
    strict_workshop: Workshop, tmp_path: Path
) -> None:
    async with falls_silent(0) as endpoint:
        process = await strict_workshop.start(
            tmp_path, "ctrl_c", endpoint.base_url, function="tests.reliability.scenarios:main"
        )
        await asked(endpoint, 1, process)
        process.signal(SIGINT)
        done = await process.ended()
    assert (done.code, done.output, done.errors) == (0, "interrupted\ndone\n", "")


async def test_a_client_that_is_left_open_is_seen(strict_workshop: Workshop, tmp_path: Path) -> None:
    """The tests above look at something."""
    async with FakeEndpoint(Reply.text("x")) as endpoint:
        process = await strict_workshop.start(
            tmp_path, "forgotten", endpoint.base_url, function="tests.reliability.scenarios:main"
        )
        done = await process.ended()
    assert "unclosed transport" in done.errors


async def asked(endpoint: FakeEndpoint, count: int, process: Process) -> None:
    """Wait until so many requests have come; the process must live."""
    end = asyncio.ensure_future(process.ended())
    while len(endpoint.requests) < count:
        assert not end.done(), end.result()
        await asyncio.sleep(0.002)


SIGNALS = {"Ctrl-C": (SIGINT,), "Ctrl-C twice": (SIGINT, SIGINT), "SIGTERM": (SIGTERM,)}


@pytest.mark.parametrize("name", SIGNALS)
@pytest.mark.parametrize("after", [1, 60])
async def test_a_command_that_is_interrupted_stops_in_order_and_goes_on_later(
    name: str, after: int, strict_workshop: Workshop, tmp_path: Path
) -> None:
    signals = SIGNALS[name]
    plugin = install(tmp_path)
    # The second Ctrl-C comes while calls are in flight, so these must last.
    delay_s = (0.4, 0.6) if len(signals) > 1 else (0.001, 0.02)
    async with CountingServer(delay_s=delay_s) as server:
        order = ("run", "count.py", "--model", "tiny", "--base-url", server.base_url, "--quiet")
        process = await strict_workshop.start(tmp_path, *order, path=(plugin,))
        await asked(server, after, process)
        await send(process, signals)
        done = await process.ended()
        errors = SLOW_STEP.sub("", done.errors)
        assert done.code == 130, errors
        assert errors.startswith("stopping: "), errors
        assert "agentbench resume" in errors
        assert not re.search("Traceback|Warning|destroyed|never|Unclosed", errors), errors
        server.delay_s = (0.0, 0.002)
        before, durable = set(server.log), await asyncio.to_thread(recorded, tmp_path)
        assert len(before) == len(server.log)
        if len(signals) == 1:
            assert before == durable, "an answer was on its way, and given up"
        done = await strict_workshop.run(tmp_path, "resume", "--quiet", path=(plugin,))
        assert SLOW_STEP.sub("", done.errors) == ""
        assert not durable & set(server.log[len(before) :])
    await strict_workshop.run(tmp_path, "cache", "verify", CACHE)
    newest = load_run(tmp_path / done.output.strip())
    assert results(newest) == await uninterrupted(tmp_path)


async def send(process: Process, signals: tuple[Signals, ...]) -> None:
    for number in signals:
        process.signal(number)
        await asyncio.sleep(0.02)  # two of a kind at once are one to the kernel


async def test_ctrl_c_twice_does_not_wait_for_a_server_that_is_silent(
    strict_workshop: Workshop, tmp_path: Path
) -> None:
    plugin = install(tmp_path)
    async with falls_silent() as endpoint:
        order = ("run", "count.py", "--model", "tiny", "--base-url", endpoint.base_url, "--quiet")
        process = await strict_workshop.start(tmp_path, *order, path=(plugin,))
        await asked(endpoint, ANSWERED + 1, process)
        await send(process, (SIGINT, SIGINT))
        done = await process.ended()
        assert done.code == 130
        errors = SLOW_STEP.sub("", done.errors)
        assert "Traceback" not in errors, errors
        while endpoint.in_flight:  # noqa: ASYNC110 - the endpoint has no event for it
            await asyncio.sleep(0.002)
    assert [load_run(path).status for path in (tmp_path / "runs").glob("*.db")] == ["interrupted"]
