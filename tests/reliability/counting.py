"""The counter world as a stranger's plugin, a task of it, and a server that plays it and keeps a log."""

from __future__ import annotations

import random
import shutil
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

from agentbench_sdk import Bench, Run
from agentbench_sdk.benchmark import Registry
from agentbench_sdk.models.scripted import PolicyModel
from agentbench_sdk.testing import FakeEndpoint, Reply
from agentbench_sdk.testing.counter import Counter, gambler
from agentbench_sdk.testing.endpoint import played_by

TURNS = 10
CACHE = ".agentbench/cache.db"
TASK = f"""\
from agentbench_sdk import Sample, Task, task
from agentbench_sdk.judges.outcome import outcome
from agentbench_sdk.sessions import Limits


@task
def count(sessions: int = 40) -> Task:
    '''Roll until the goal is reached, or the turns are over.'''
    samples = [Sample(f"s{{n:02}}", scenario={{"goal": 12 + n}}, seed=n) for n in range(sessions)]
    return Task(
        "count", samples, judges=[outcome(), outcome(metric="sum")], environment="counter",
        limits=Limits(turns={TURNS}),
    )
"""
Call = tuple[str, int]
"""A call of the agent: sample and turn."""


def install(folder: Path) -> Path:
    """Put the task into a folder and a plugin with its world beside it; gives where the plugin lies."""
    (folder / "count.py").write_text(TASK)
    return plugged(folder, "counter = agentbench_sdk.testing.counter:Counter")


def plugged(folder: Path, world: str) -> Path:
    """Put a plugin with a world, as an entry point names it, into a folder; gives where the plugin lies."""
    plugin = folder / "plugin"
    metadata = plugin / "counting-1.0.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: counting\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(f"[agentbench.environments]\n{world}\n")
    return plugin


class CountingServer(FakeEndpoint):
    """Plays the counter world.

    Attributes:
        log: what was asked, in order.
        delay_s: how long an answer takes at least and at most.
    """

    def __init__(self, *, seed: int = 0, delay_s: tuple[float, float] = (0.001, 0.02)) -> None:
        play = played_by(PolicyModel(gambler))
        delays = random.Random(seed)
        self.log: list[Call] = []
        self.delay_s = delay_s

        async def behave(body: dict[str, Any], number: int) -> Reply:
            self.log.append(call_of(body))
            reply = play(body, number)
            made = reply if isinstance(reply, Reply) else await reply
            return made.after(delays.uniform(*self.delay_s))

        super().__init__(behave)


def call_of(body: dict[str, Any]) -> Call:
    """Which sample's which turn a request of the task is."""
    said = [message["role"] for message in body["messages"]].count("assistant")
    goal = next(message["content"] for message in body["messages"] if message["role"] == "user")
    return f"s{int(goal.removeprefix('Reach ').rstrip('.')) - 12:02}", said


def recorded(folder: Path) -> set[Call]:
    """The agent's calls whose answers are in the cache, read from a copy: the file stays as a kill left it."""
    if not (folder / CACHE).exists():
        return set()
    with tempfile.TemporaryDirectory() as scratch:
        copy = shutil.copytree((folder / CACHE).parent, Path(scratch) / "copy") / Path(CACHE).name
        with closing(sqlite3.connect(copy)) as connection:
            tables = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
            rows = (
                connection.execute("SELECT sample, turn FROM calls WHERE role = 'agent'").fetchall()
                if tables
                else []
            )
    assert len(rows) == len(set(rows))
    return set(rows)


def results(run: Run) -> dict[str, Any]:
    """Everything that must be the same however often a run was cut off."""
    return {
        "endings": {record.sample_id: record.ending for record in run.records()},
        "scores": run.scores,
        "transcripts": {key: script.to_bytes() for key, script in run.transcripts.items()},
    }


def registry() -> Registry:
    """What is installed, and the counter world."""
    made = Registry.discover()
    made.add("environment", "counter", Counter)
    return made


async def uninterrupted(folder: Path) -> dict[str, Any]:
    """The results of the task in a folder, by a run of its own that nothing disturbs."""
    async with (
        FakeEndpoint.of_policy(gambler) as server,
        Bench(cache=None, runs=folder / "reference", registry=registry()) as bench,
    ):
        return results(
            await bench.evaluate(str(folder / "count.py"), f"openai/tiny?base_url={server.base_url}")
        )
