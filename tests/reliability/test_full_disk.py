"""A full disk ends a run with one sentence, an intact cache, and a way to go on."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

import pytest

from agentbench_sdk import load_run
from agentbench_sdk.testing import FakeEndpoint, Reply
from tests.reliability.counting import CACHE
from tests.reliability.workshop import Workshop

SESSIONS, TURNS = 12, 8
# Long answers fill the cache while no session has ended; long metadata fill the run file alone.
TASK = f"""\
from agentbench_sdk import Sample, Task, task
from agentbench_sdk.judges.exact import exact


@task
def talk(metadata: int = 0) -> Task:
    '''Some turns of questions.'''
    turns = tuple(f"turn {{turn}}" for turn in range(1, {TURNS}))
    note = {{"note": "x" * metadata}}
    samples = [
        Sample(f"s{{n}}", f"question {{n}}", target=f"{{n}}", user_turns=turns, metadata=note)
        for n in range({SESSIONS})
    ]
    return Task("talk", samples, judges=[exact()])
"""


def talks(answer: int) -> FakeEndpoint:
    """A server that answers with random letters, in the last turn with the number asked for."""

    def behave(body: dict[str, Any], number: int) -> Reply:
        said = body["messages"]
        if said[-1]["content"] == f"turn {TURNS - 1}":
            return Reply.text(said[0]["content"].removeprefix("question "))
        return Reply.text(Random(str(said)).randbytes(answer // 2).hex())

    return FakeEndpoint(behave)


async def check(workshop: Workshop, folder: Path, endpoint: FakeEndpoint, errors: str, expected: str) -> None:
    """What must be true after the failure, and that the run is finished once there is space."""
    assert errors.startswith("error: "), errors
    assert errors.count("\n") == 1, errors
    assert expected in errors
    assert "resume" in errors
    verified = await workshop.run(folder, "cache", "verify", CACHE)
    durable = int(verified.output.partition(": ")[2].partition(" answers")[0].replace(",", ""))
    before = len(endpoint.requests)
    assert 0 < durable <= before
    done = await workshop.run(folder, "resume", "--quiet")
    assert len(endpoint.requests) - before == SESSIONS * TURNS - durable, "what was durable was asked again"
    await workshop.run(folder, "cache", "verify", CACHE)
    run = load_run(folder / done.output.strip())
    assert {sample: score.value for (sample, _), score in run.scores["exact"].items()} == {
        f"s{n}": 1.0 for n in range(SESSIONS)
    }


CASES = {
    "cache": (16_000, 0, "the response cache .agentbench/cache.db cannot be written"),
    "run file": (100, 60_000, "cannot be written"),
}


@pytest.mark.parametrize("case", CASES)
async def test_a_file_that_may_not_grow_ends_the_run_and_loses_nothing(
    case: str, workshop: Workshop, tmp_path: Path
) -> None:
    answer, metadata, expected = CASES[case]
    (tmp_path / "talk.py").write_text(TASK)
    async with talks(answer) as endpoint:
        order = ("run", "talk.py", "-T", f"metadata={metadata}", "--model", "tiny", "--quiet")
        done = await workshop.run(
            tmp_path, *order, "--base-url", endpoint.base_url, code=3, largest_file=500_000
        )
        await check(workshop, tmp_path, endpoint, done.errors, expected)


@contextmanager
def small_disk(folder: Path, kilobytes: int) -> Iterator[None]:
    """Mount a file system of that size on a folder; only root may, and not everywhere."""
    folder.mkdir(parents=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(folder)]
    try:
        done = subprocess.run(mount, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("there is no mount command here")
    if done.returncode:
        pytest.skip(f"no small file system can be mounted here: {done.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def give_space(folder: Path) -> None:
    subprocess.run(["mount", "-o", "remount,size=64m", str(folder)], check=True)


@pytest.mark.parametrize("case", CASES)
async def test_a_disk_that_is_full_ends_the_run_and_loses_nothing(
    case: str, workshop: Workshop, tmp_path: Path
) -> None:
    answer, metadata, expected = CASES[case]
    (tmp_path / "talk.py").write_text(TASK)
    disk = tmp_path / (".agentbench" if case == "cache" else "runs")
    with small_disk(disk, 600):
        async with talks(answer) as endpoint:
            order = ("run", "talk.py", "-T", f"metadata={metadata}", "--model", "tiny", "--quiet")
            done = await workshop.run(tmp_path, *order, "--base-url", endpoint.base_url, code=3)
            await asyncio.to_thread(give_space, disk)
            await check(workshop, tmp_path, endpoint, done.errors, expected)


@pytest.mark.parametrize("case", CASES)
async def test_a_disk_that_is_full_from_the_start_sends_nothing_and_is_no_run_to_resume(
    case: str, workshop: Workshop, tmp_path: Path
) -> None:
    (tmp_path / "talk.py").write_text(TASK)
    disk = tmp_path / (".agentbench" if case == "cache" else "runs")
    with small_disk(disk, 4):
        async with talks(10) as endpoint:
            order = ("run", "talk.py", "--model", "tiny", "--quiet", "--base-url", endpoint.base_url)
            done = await workshop.run(tmp_path, *order, code=3)
            assert done.errors.startswith("error: ")
            assert done.errors.count("\n") == 1
            assert endpoint.requests == []
            await asyncio.to_thread(give_space, disk)
            nothing = await workshop.run(tmp_path, "resume", "--quiet", code=3)
            assert "agentbench run" in nothing.errors
            await workshop.run(tmp_path, *order)
