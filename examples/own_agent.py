"""An agent of your own in a world of your own: plain Python instead of the default tool loop.

python examples/own_agent.py
"""

import asyncio
import tempfile

from agentbench_sdk import Bench, Episode, JudgeCase, Sample, Task, judge
from agentbench_sdk.benchmark import Registry
from agentbench_sdk.testing.counter import Counter


class Careful:
    """Rolls while the goal is far and adds exactly what is missing in the end."""

    async def run(self, episode: Episode) -> None:
        total, goal = 0, 20
        while not episode.ended:
            if goal - total > 6:
                result = await episode.call_tool("roll")
            else:
                result = await episode.call_tool("add", {"number": min(5, goal - total)})
            total = int(result.content.removeprefix("sum "))


@judge
def exactly(case: JudgeCase, goal: int) -> bool:
    return case.outcome is not None and case.outcome.metrics["sum"] == goal


async def main() -> None:
    registry = Registry.discover()
    registry.add("environment", "counter", Counter)
    samples = [Sample(f"seed-{seed}", scenario={"goal": 20}, seed=seed) for seed in range(8)]
    task = Task("careful", samples, judges=[exactly(goal=20)], environment="counter", agent=Careful())
    with tempfile.TemporaryDirectory() as folder:
        async with Bench(cache=None, runs=folder, registry=registry) as bench:
            run = await bench.evaluate(task, "scripted/constant")
            print(run.summary().primary.estimate)


asyncio.run(main())
