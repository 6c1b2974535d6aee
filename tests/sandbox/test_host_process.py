"""A process of the host that carries a command: what fails before the command begins is no result of it."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from agentbench_sdk.errors import EnvironmentFaultError
from agentbench_sdk.sandbox import process_tree
from agentbench_sdk.sandbox.host_process import HostProcess, Usage
from agentbench_sdk.sandbox.limits import Limit, Limits


def start(script: str, **options: Any) -> HostProcess:
    return HostProcess(
        ["/bin/sh", "-c", script],
        env={"PATH": "/usr/bin:/bin"},
        look=lambda _: Usage(),
        end=lambda pid, _: kill(pid),
        **{"limits": Limits(), **options},
    )


def kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(pid, 9)


@pytest.fixture(params=["descriptor", "thread"])
def waiting(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ways to hear of an end: macOS has no descriptors of processes."""
    if request.param == "thread":
        monkeypatch.delattr(os, "pidfd_open", raising=False)


@pytest.mark.usefixtures("waiting")
async def test_an_end_is_heard_of_and_what_it_used() -> None:
    result = await start("head -c 100000 /dev/zero; exit 7").communicate()
    assert (result.exit_code, result.stdout.total_bytes) == (7, 100_000)
    assert result.wall_seconds > 0
    killed = start("sleep 100")
    killed.kill()
    assert (await killed.wait()).exit_code == 137
    assert (await start("sleep 100", limits=Limits(wall_seconds=0.1)).wait()).ended_by is Limit.WALL


async def test_words_before_the_beginning_are_the_carriers() -> None:
    told: list[str] = []
    process = start(
        "printf 'warning\\nBE' >&2; sleep 0.1; printf 'GINown' >&2",
        begins_after=b"BEGIN",
        when_begun=lambda: told.append("begun"),
    )
    result = await process.communicate()
    assert (result.stderr.text, told) == ("own", ["begun"])


async def test_the_end_of_a_command_is_told_before_its_carriers() -> None:
    """Its input is closed by it, and none of the mark is taken for the command's words, however it comes."""
    pieces = "; sleep 0.05; ".join(f"printf '{each}' >&2" for each in ("BEGINa EN", "D b EN", "D", "ED c"))
    process = start(f"{pieces}; cat >/dev/null; exit 4", begins_after=b"BEGIN", ends_with=b"ENDED")
    result = await process.wait()
    assert (result.exit_code, result.stderr.text) == (4, "a END b ")
    unfinished = start("printf 'BEGINa ENDE' >&2", begins_after=b"BEGIN", ends_with=b"ENDED")
    assert (await unfinished.communicate()).stderr.text == "a ENDE"


async def test_a_command_that_never_begins_is_a_fault() -> None:
    for script, why in (
        ("echo 'no  space\nleft' >&2; exit 1", "no space left"),
        ("echo out; exit 1", "out"),
        ("exit 9", "exit code 9"),
    ):
        with pytest.raises(EnvironmentFaultError, match=f"cannot be started: {why}"):
            await start(script, begins_after=b"BEGIN").communicate()


async def test_one_that_was_killed_before_it_began_is_only_killed() -> None:
    process = start("sleep 100", begins_after=b"BEGIN")
    process.kill()
    assert (await process.wait()).exit_code == 137


async def test_time_counts_from_the_beginning() -> None:
    """What a carrier needs to start a command is not taken from the command."""
    script = "sleep 2.5; printf BEGIN >&2"
    result = await start(script, begins_after=b"BEGIN", limits=Limits(wall_seconds=2.0)).wait()
    assert (result.ended_by, result.exit_code) == (None, 0)


async def test_output_without_end_of_one_who_was_left_is_not_waited_for() -> None:
    process = start("yes & exit 3", limits=Limits(output_bytes=1 << 50))
    assert (await process.wait()).exit_code == 3
    kill(process._popen.pid)


@pytest.fixture
def few_descriptors() -> Iterator[None]:
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    used = max(int(entry.name) for entry in Path("/proc/self/fd").iterdir())
    resource.setrlimit(resource.RLIMIT_NOFILE, (used + 40, limits[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, limits)


def start_until_it_fails(started: list[HostProcess]) -> None:
    while True:
        started.append(start("sleep 100"))


@pytest.mark.usefixtures("few_descriptors")
async def test_without_descriptors_nothing_is_left_running() -> None:
    started: list[HostProcess] = []
    before = {*process_tree.children(os.getpid())}  # of tests before this one
    with pytest.raises(OSError, match="Too many open files"):
        start_until_it_fails(started)
    for process in started:
        process.kill()
        await process.wait()
    assert {*process_tree.children(os.getpid())} <= before
