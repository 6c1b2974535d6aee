"""Speed of the vending world: a year of 4,000 calls, its snapshot and fork, and 200 sessions at once.

The year is played by a scripted agent that makes eleven calls a day; the state is hashed after each. The
sessions run through a bench in one process; each step of its event loop is timed, since a long one keeps all
others waiting.

    python benchmarks/vending.py [--rounds 3] [--quick]
"""

from __future__ import annotations

import asyncio
import gc
import tempfile
import time
from asyncio.events import Handle
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from common import Cost, in_fresh_process, measured, median, options, show
from vending_games import begin

from agentbench_sdk import Bench
from agentbench_sdk.environments.vending import Vending
from agentbench_sdk.simulation import Act
from agentbench_sdk.tasks.agentic.vending import vending

CALLS_A_DAY = 11
SESSIONS = 200
FORKS = 30
MODELS = ("scripted/vending/naive-restock", "scripted/vending/planner")
FILLERS = (
    Act("get_balance_and_transactions", {"n": 5}),
    Act("get_storage_inventory"),
    Act("list_emails", {"box": "inbox", "limit": 10}),
    Act("kv_set", {"key": "plan", "value": "watch the stock, answer the mail"}),
    Act("get_weather_forecast"),
    Act("kv_get", {"key": "plan"}),
)


def busy(run: Generator[Act, str, None]) -> Generator[Act, str, None]:
    """An agent that reads and notes things until its day has eleven calls."""
    act, calls = next(run), 0
    while True:
        if act.tool == "wait_for_next_day":
            for place in range(max(0, CALLS_A_DAY - 1 - calls)):
                yield FILLERS[place % len(FILLERS)]
            calls = -1
        calls += 1
        act = run.send((yield act))


def year(days: int) -> dict[str, float]:
    """A year of one agent: CPU, snapshot, restoring and forking."""
    Vending.create("tiny-7", 1).call("agent", "search_web", {"query": "tables are read once a process"})
    world = Vending.create({"base": "standard-365", "days": days}, 2)
    run = busy(begin("naive-restock", world))
    act, longest, actions = next(run), 0.0, 0
    with measured() as cost:
        while not world.ended:
            started = time.thread_time()
            content = world.call("agent", act.tool, dict(act.arguments)).content
            world.state_hash()
            longest = max(longest, time.thread_time() - started)
            act = run.send(content)
            actions += 1
    return {
        "actions": actions,
        "cpu_s": cost[0].cpu_s,
        "longest_ms": longest * 1000,
        "snapshot_kb": len(world.snapshot()) / 1000,
        "snapshot_ms": milliseconds(world.snapshot),
        "restore_ms": milliseconds(lambda: Vending.restore(world.snapshot())),
        "fork_ms": milliseconds(world.fork),
    }


def milliseconds(do: Callable[[], Any]) -> float:
    """CPU of something, the median of some repetitions."""
    taken = []
    for _ in range(FORKS):
        started = time.thread_time()
        do()
        taken.append((time.thread_time() - started) * 1000)
    return median(taken)


@dataclass
class Steps:
    """Seconds of CPU of the steps of an event loop, and of the passes of the garbage collector in them."""

    steps: list[float] = field(default_factory=list)
    collections: list[float] = field(default_factory=list)


@contextmanager
def timed_steps() -> Iterator[Steps]:
    """Time each step of asyncio's own event loop, while it lasts; the collector's passes are taken out.

    CPU and not the wall: the machine is shared, and a step that was interrupted is not a long one.
    """
    seen, original = Steps(), Handle._run  # noqa: SLF001 - there is no other place to look at
    begun = 0.0

    def run(self: Handle) -> None:
        collected, started = len(seen.collections), time.thread_time()
        original(self)
        seen.steps.append(time.thread_time() - started - sum(seen.collections[collected:]))

    def collecting(phase: str, info: dict[str, int]) -> None:
        nonlocal begun
        if phase == "start":
            begun = time.thread_time()
        else:
            seen.collections.append(time.thread_time() - begun)

    gc.callbacks.append(collecting)
    setattr(Handle, "_run", run)  # noqa: B010 - it is not meant to be set
    try:
        yield seen
    finally:
        setattr(Handle, "_run", original)  # noqa: B010
        gc.callbacks.remove(collecting)


def sessions(model: str, count: int) -> tuple[Cost, int, float, float]:
    """Sessions at once: cost, calls, the longest step and the longest pass of the collector in seconds."""
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(evaluated(model, count, folder))


async def evaluated(model: str, count: int, folder: str) -> tuple[Cost, int, float, float]:
    async with Bench(cache=None, runs=folder) as bench:
        await bench.evaluate(vending(scenario="tiny-7", seeds="1"), model)  # so that all imports are done
        task = vending(scenario="smoke-30", seeds=f"1-{count}")
        with timed_steps() as seen, measured() as cost:
            run = await bench.evaluate(task, model)
    outcomes = [record.outcome for record in run.records()]
    if any(outcome is None or outcome.end_reason != "horizon" for outcome in outcomes):
        raise SystemExit("not all sessions came to their end")
    calls = sum(int(outcome.metrics["actions"] or 0) for outcome in outcomes if outcome is not None)
    return cost[0], calls, max(seen.steps), max(seen.collections, default=0.0)


def main() -> None:
    given = options(__doc__, rounds=3)
    days, count = (90, 20) if given.quick else (365, SESSIONS)
    years = [in_fresh_process(year, days) for _ in range(given.rounds)]
    targets = {
        "actions": "4,000",
        "cpu_s": "<= 3",
        "longest_ms": "< 20",
        "snapshot_kb": "< 1,000",
        "fork_ms": "<= 5",
    }
    rows = [
        [
            f"year of {days} days, {name}",
            f"{median([each[name] for each in years]):,.2f}",
            f"{max(each[name] for each in years):,.2f}",
            targets.get(name, ""),
        ]
        for name in years[0]
    ]
    for model in MODELS:
        played = [in_fresh_process(sessions, model, count) for _ in range(given.rounds)]
        name = f"{count} sessions of {model.rpartition('/')[2]}"
        slowest = [1000 * longest for _, _, longest, _ in played]
        pauses = [1000 * pause for _, _, _, pause in played]
        per_call = [1000 * cost.cpu_s / calls for cost, calls, _, _ in played]
        rows += [
            [f"{name}, longest_step_ms", f"{median(slowest):.2f}", f"{max(slowest):.2f}", "< 20"],
            [f"{name}, longest_collection_ms", f"{median(pauses):.2f}", f"{max(pauses):.2f}", ""],
            [f"{name}, cpu_ms_a_call", f"{median(per_call):.3f}", f"{max(per_call):.3f}", ""],
        ]
    show("Vending world", ["", "median", "most", "target"], rows)


if __name__ == "__main__":
    main()
