"""What the speed scripts share: a mock server, measuring in a fresh process, a table of the results."""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import os
import platform
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from urllib.request import urlopen

from agentbench_sdk import Environment, GenerateParams, Opening, Outcome, Sample, Task, ToolResult, tool
from agentbench_sdk.benchmark import Registry
from agentbench_sdk.judges.exact import exact
from agentbench_sdk.judges.outcome import outcome
from agentbench_sdk.simulation import Scenario

T = TypeVar("T")
HERE = Path(__file__).resolve().parent
QUESTION = "There are twelve boxes in the room, and in each box there are twelve items. " * 11
WANTED = "144"
TURNS = 10
MIB = 1024 * 1024


# --- processes ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Server:
    """A mock server that runs in a process of its own."""

    port: int

    def base_url(self, endpoint: str) -> str:
        return f"http://127.0.0.1:{self.port}/{endpoint}/v1"

    def model(self, endpoint: str) -> str:
        return f"openai/mock-1?base_url={self.base_url(endpoint)}"

    def counts(self, endpoint: str) -> dict[str, int]:
        with urlopen(f"http://127.0.0.1:{self.port}/{endpoint}/counts") as reply:
            counts: dict[str, int] = json.load(reply)
        return counts


@contextmanager
def mock_server(endpoints: Mapping[str, Mapping[str, float]]) -> Iterator[Server]:
    """A server with these endpoints; see `mock_server.py` for their settings."""
    command = [sys.executable, str(HERE / "mock_server.py"), json.dumps(endpoints)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield Server(int(process.stdout.readline()))
        finally:
            process.terminate()


def in_fresh_process(function: Callable[..., T], *arguments: Any) -> T:
    """Call a function of a script's top level in an interpreter of its own."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(function, *arguments).result()


def run_loop(main: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine on uvloop, as the command line does."""
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(main)


def peak_mib() -> float:
    """The most memory that this process has had resident, in MiB."""
    status = Path("/proc/self/status")
    if status.exists():  # ru_maxrss begins with the peak of the process that started this one
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / MIB


@dataclass(frozen=True)
class Cost:
    """Seconds of a process: on its CPUs (user and system, all threads) and on the wall."""

    cpu_s: float
    wall_s: float


@contextmanager
def measured() -> Iterator[list[Cost]]:
    """Measure a block; its cost is in the list afterwards."""
    costs: list[Cost] = []
    cpu, wall = time.process_time(), time.perf_counter()
    yield costs
    costs.append(Cost(time.process_time() - cpu, time.perf_counter() - wall))


# --- what is evaluated ----------------------------------------------------------------------------


class Count(Scenario):
    """A room with so many boxes to look into."""

    boxes: int = TURNS


class Room(Environment):
    """A small world: it ends when all boxes were looked into, one a turn."""

    name = "room"
    version = "room/1"
    scenario_type = Count

    def __init__(self, scenario: Count, seed: int) -> None:
        super().__init__(scenario, seed)
        self.boxes, self.counted = scenario.boxes, 0

    def opening(self) -> Opening:
        return Opening("You count what is in boxes, one box at a time.", QUESTION)

    @property
    def ended(self) -> bool:
        return self.counted >= self.boxes

    def outcome(self) -> Outcome:
        return Outcome(float(self.counted == self.boxes))

    def state(self) -> dict[str, Any]:
        return {"counted": self.counted}

    def load_state(self, state: Mapping[str, Any]) -> None:
        self.counted = state["counted"]

    @tool()
    def count(self, box: int) -> ToolResult:
        """Look into a box and count what is in it."""
        self.counted += 1
        return ToolResult(f"There are 12 items in box {box}; {self.counted} boxes are done.")


def question(number: int) -> str:
    return f"{QUESTION}How many items are there? (question {number})"


def questions(count: int) -> Task:
    """Single-turn samples of about 1 kB, judged by exact match."""
    samples = [Sample(f"q{number}", question(number), target=WANTED) for number in range(count)]
    # Temperature 0: answers are shared between runs, so that a rerun is warm.
    return Task("questions", samples, [exact()], params=GenerateParams(temperature=0))


def rooms(count: int) -> Task:
    """Sessions of ten tool turns."""
    samples = [Sample(f"r{number}", seed=number) for number in range(count)]
    return Task("rooms", samples, [outcome()], environment="room")


def registry() -> Registry:
    """What is installed, and the room."""
    found = Registry.discover()
    found.add("environment", "room", Room)
    return found


# --- results --------------------------------------------------------------------------------------


def options(about: str | None, **rounds: int) -> argparse.Namespace:
    """The command line of a script: --quick, and --rounds where they count."""
    parser = argparse.ArgumentParser(description=(about or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer calls and one round: does it work?")
    for name, default in rounds.items():
        parser.add_argument(f"--{name}", type=int, default=default)
    given = parser.parse_args()
    if given.quick and "rounds" in rounds:
        given.rounds = 1
    return given


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


def machine() -> str:
    return f"{os.cpu_count()} CPUs, {platform.machine()}, Python {platform.python_version()}"


def show(title: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print one table; the first column is text, the others are numbers."""
    print(f"{title} ({machine()})")
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    for row in (header, *rows):
        first, *rest = (cell.rjust(width) for cell, width in zip(row, widths, strict=True))
        print("  ".join([row[0].ljust(widths[0]), *rest]) if first else "")
