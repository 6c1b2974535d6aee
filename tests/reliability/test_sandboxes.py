"""Runs whose worlds run programs, killed and interrupted: nothing paid for is lost, and nothing is left behind."""

from __future__ import annotations

import asyncio
import random
import secrets
import tempfile
from collections.abc import Iterator
from pathlib import Path
from signal import SIGINT, SIGKILL, SIGTERM, Signals
from typing import Any

import pytest

from agentbench_sdk import load_run
from agentbench_sdk.errors import SandboxUnavailableError
from agentbench_sdk.models.scripted import PolicyModel
from agentbench_sdk.sandbox import SandboxPool, SandboxSpec
from agentbench_sdk.sandbox.bubblewrap import Bubblewrap
from agentbench_sdk.testing import FakeEndpoint, Reply
from agentbench_sdk.testing.endpoint import played_by
from agentbench_sdk.testing.shell import obedient
from tests.reliability.counting import Call, plugged, recorded
from tests.reliability.workshop import Done, Process, Workshop

SAMPLES = 6
TURNS = 4  # three commands and the answer
TASK = f"""\
from agentbench_sdk import Sample, Task, task
from agentbench_sdk.judges.outcome import outcome


@task
def clocks(command: str = "date +%N | tee -a log") -> Task:
    '''Programs that never print the same.'''
    scenarios = [{{"command": f"{{command}} # {{n}}"}} for n in range({SAMPLES})]
    samples = [Sample(f"s{{n:02}}", scenario=each) for n, each in enumerate(scenarios)]
    return Task("clocks", samples, judges=[outcome()], environment="shell")
"""


@pytest.fixture(autouse=True)
async def bubblewrap() -> None:
    """What is tested here needs bubblewrap."""
    provider = Bubblewrap()
    try:
        await provider.check()
    except SandboxUnavailableError as error:
        pytest.skip(str(error))
    await provider.close()


class ClockServer(FakeEndpoint):
    """Plays the agent that runs what it is told to; keeps a log of what was asked."""

    def __init__(self, *, hangs_after: int | None = None) -> None:
        play = played_by(PolicyModel(obedient))
        self.log: list[Call] = []

        async def behave(body: dict[str, Any], number: int) -> Reply:
            said = [message["role"] for message in body["messages"]].count("assistant")
            opening = next(each["content"] for each in body["messages"] if each["role"] == "user")
            self.log.append((f"s{int(opening.split('# ')[1].split(chr(39))[0]):02}", said))
            if hangs_after is not None and number >= hangs_after:
                return Reply.hang()
            reply = play(body, number)
            return (reply if isinstance(reply, Reply) else await reply).after(0.01)

        super().__init__(behave)


class Place:
    """A folder with the task, where runs live.

    Attributes:
        temporary: where the sandboxes lie.
        sleeping: a command that takes long, like no other.
    """

    def __init__(self, folder: Path, temporary: Path, workshop: Workshop) -> None:
        self.folder, self.temporary, self._workshop = folder, temporary, workshop
        self.sleeping = f"sleep 1000.{secrets.randbelow(1_000_000):06}"
        (folder / "clocks.py").write_text(TASK)
        self._plugin = plugged(folder, "shell = agentbench_sdk.testing.shell:Shell")

    async def start(self, *arguments: str, **environment: str) -> Process:
        given = {"TMPDIR": str(self.temporary), **environment}
        return await self._workshop.start(self.folder, *arguments, path=(self._plugin,), environment=given)

    async def run(self, server: FakeEndpoint, *more: str, **environment: str) -> Process:
        model = ("--model", "tiny", "--base-url", server.base_url, "--quiet")
        return await self.start("run", "clocks.py", *model, *more, **environment)

    def empty_folder(self) -> str:
        """A PATH without any program."""
        folder = self.folder / "empty"
        folder.mkdir()
        return str(folder)

    def left(self) -> list[str]:
        """Folders of sandboxes, processes that know them, and programs inside."""
        folders = [str(each) for each in self.temporary.glob("agentbench-sandboxes-*/*")]
        return folders + processes(str(self.temporary)) + processes(self.sleeping)


@pytest.fixture
def place(workshop: Workshop, tmp_path: Path) -> Iterator[Place]:
    """A place whose sandboxes another user may reach, as root's need: pytest's own folders are closed to them."""
    with tempfile.TemporaryDirectory(prefix="agentbench-test-") as temporary:
        Path(temporary).chmod(0o755)
        yield Place(tmp_path, Path(temporary), workshop)


def processes(mark: str) -> list[str]:
    """Command lines that name something."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if mark in line:
            found.append(line)
    return found


async def until(condition: Any) -> None:
    while not condition():  # noqa: ASYNC110 - what other processes do has no event
        await asyncio.sleep(0.005)


async def test_killed_runs_show_the_recorded_results_and_ask_for_nothing_twice(place: Place) -> None:
    chance = random.Random(1)
    durable: set[Call] = set()
    lost = 0
    async with ClockServer() as server:
        for life in range(4):
            begun = len(server.log)
            process = await (place.start("resume", "--quiet") if life else place.run(server))
            if life < 3:
                asked = begun + chance.randrange(3, 8)
                await until(lambda: len(server.log) >= asked)  # noqa: B023 - awaited here
                process.signal(SIGKILL)
            done = await process.ended()
            now = recorded(place.folder)
            new = server.log[begun:]
            assert len(new) == len(set(new))
            assert not durable & set(new), "an answer that was durable was asked for again"
            lost += len(set(new) - now)
            durable = now
        assert (done.code, done.errors) == (0, "")
        assert len(server.log) == len(durable) + lost
    run = load_run(place.folder / done.output.strip())
    assert [record.ending.status for record in run.records()] == ["completed"] * SAMPLES
    assert {key: len(each.tool_calls) for key, each in run.transcripts.items()} == {
        (f"s{n:02}", 0): TURNS - 1 for n in range(SAMPLES)
    }
    drift = run.summary().drift
    assert drift is not None, "clocks do not stand still"
    assert place.left() == []


@pytest.mark.parametrize("signal", [SIGINT, SIGTERM])
async def test_an_interrupted_run_leaves_no_process_and_no_folder(signal: Signals, place: Place) -> None:
    async with ClockServer() as server:
        process = await place.run(server, "-T", f"command={place.sleeping}", "--cache-policy", "off")
        await until(lambda: processes(place.sleeping))
        process.signal(signal)
        done = await process.ended()
    assert done.code == 130
    assert "interrupted; go on with: agentbench resume" in done.errors
    assert place.left() == []


async def test_what_a_killed_run_left_is_swept_by_the_next(place: Place) -> None:
    async with ClockServer() as server:
        process = await place.run(server, "-T", f"command={place.sleeping}")
        await until(lambda: processes(place.sleeping))
        process.signal(SIGKILL)
        await process.ended()
        assert place.left(), "folders are left by a process that was killed"
        done = await (await place.run(server, "--cache", "other.db")).ended()
    assert done.code == 0
    assert place.left() == []


async def test_a_missing_bubblewrap_is_told_in_a_sentence_before_anything_is_sent(place: Place) -> None:
    empty = place.empty_folder()
    async with ClockServer() as server:
        for more in ([], ["--model", "second"]):
            done: Done = await (await place.run(server, *more, PATH=empty)).ended()
            assert done.code == 2
            (told,) = done.errors.splitlines()
            assert "needs the program bwrap: install the package bubblewrap" in told
        assert server.log == []
    assert not (place.folder / "runs").exists()


async def test_unknown_sandboxes_are_refused_by_name(place: Place) -> None:
    async with ClockServer() as server:
        done = await (await place.run(server, "--sandbox", "bublewrap")).ended()
        assert (done.code, server.log) == (2, [])
    assert "no sandbox is named 'bublewrap'; did you mean 'bubblewrap'?" in done.errors


async def test_replay_tells_drift_and_without_a_sandbox_that_nothing_is_proven(place: Place) -> None:
    async with ClockServer() as server:
        assert (await (await place.run(server)).ended()).code == 0
    shown = await (await place.start("replay")).ended()
    assert shown.code == 0, shown.errors
    assert "drift: sample s00" in shown.output
    assert f"neither proven nor refuted: {SAMPLES} attempts" in shown.output
    assert f"scores judged again: {SAMPLES} as recorded, 0 differ" in shown.output
    empty = place.empty_folder()
    shown = await (await place.start("replay", PATH=empty)).ended()
    assert (shown.code, shown.errors) == (3, "")
    assert shown.output.startswith("not proven: 0 attempts proven")
    assert f"could not be executed: {SAMPLES} attempts (the sandbox bubblewrap needs" in shown.output
    assert place.left() == []


async def test_100_real_commands_are_run_and_none_is_lost() -> None:
    async with SandboxPool(Bubblewrap()) as pool, pool.scope() as own:
        sandboxes = [await own.create(SandboxSpec()) for _ in range(5)]
        results = await asyncio.gather(*(sandboxes[n % 5].exec(f"echo {n}") for n in range(100)))
        figures = pool.statistics()
    assert [result.stdout.text for result in results] == [f"{n}\n" for n in range(100)]
    assert (figures.commands, figures.running, figures.waiting) == (105, 0, 0)
