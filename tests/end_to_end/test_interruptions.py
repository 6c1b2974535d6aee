"""Ctrl-C and kill -9 lose nothing that was answered: resuming asks for the rest alone."""

import asyncio
import signal
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from agentbench_sdk import load_run
from agentbench_sdk.testing import FakeEndpoint, Reply

TASK = """\
name: echo
samples:
{samples}
judges: [exact]
"""
SAMPLES = 20
CONNECTIONS = 2


@pytest.fixture
def task(tmp_path: Path) -> Path:
    rows = "\n".join(f"  - {{id: s{n}, question: say {n}, target: '{n}'}}" for n in range(SAMPLES))
    path = tmp_path / "echo.yaml"
    path.write_text(TASK.format(samples=rows))
    return path


def echo(body: dict[str, Any], number: int) -> Reply:
    return Reply.text(body["messages"][-1]["content"].removeprefix("say ")).after(0.1)


async def agentbench(*arguments: str, cwd: Path) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "agentbench_sdk",
        *arguments,
        cwd=cwd,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def started(endpoint: FakeEndpoint, task: Path, answered: int) -> asyncio.subprocess.Process:
    """A run under way, in which so many requests have come in."""
    connections = str(CONNECTIONS)
    process = await agentbench(
        "run",
        task.name,
        "--model",
        "tiny",
        "--base-url",
        endpoint.base_url,
        "--max-connections",
        connections,
        cwd=task.parent,
    )
    async with asyncio.timeout(30):
        while len(endpoint.requests) < answered and process.returncode is None:  # noqa: ASYNC110 - no event
            await asyncio.sleep(0.005)
    assert process.returncode is None, await process.communicate()
    return process


def scored(folder: Path) -> dict[str, float | None]:
    newest = max((folder / "runs").glob("*.db"), key=lambda path: path.stat().st_mtime)
    return {sample: score.value for (sample, _), score in load_run(newest).scores["exact"].items()}


async def test_ctrl_c_finishes_what_is_in_flight_and_says_how_to_go_on(task: Path) -> None:
    async with FakeEndpoint(echo) as endpoint:
        process = await started(endpoint, task, 6)
        process.send_signal(signal.SIGINT)
        _, said = await asyncio.wait_for(process.communicate(), 20)
        assert process.returncode == 130, said.decode()
        assert "agentbench resume" in said.decode()
        assert len(endpoint.requests) < SAMPLES
        resumed = await agentbench("resume", "--quiet", cwd=task.parent)
        _, said = await resumed.communicate()
        assert resumed.returncode == 0, said.decode()
        assert len(endpoint.requests) == SAMPLES, "an answer was asked for twice"
    assert await asyncio.to_thread(scored, task.parent) == {f"s{n}": 1.0 for n in range(SAMPLES)}


@pytest.mark.parametrize("answered", [1, 7, 15])
async def test_kill_9_costs_no_more_than_what_was_in_flight(task: Path, answered: int) -> None:
    async with FakeEndpoint(echo) as endpoint:
        process = await started(endpoint, task, answered)
        process.kill()
        await process.communicate()
        resumed = await agentbench("resume", "--quiet", cwd=task.parent)
        _, said = await resumed.communicate()
        assert resumed.returncode == 0, said.decode()
        # On the wire, or answered and not yet durable: a permit is free again as soon as the answer is in.
        assert len(endpoint.requests) <= SAMPLES + 2 * CONNECTIONS
        asked = Counter(body["messages"][-1]["content"] for body in endpoint.bodies)
        assert max(asked.values()) <= 2
    assert await asyncio.to_thread(scored, task.parent) == {f"s{n}": 1.0 for n in range(SAMPLES)}
