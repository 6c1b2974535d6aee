"""Four scripted agents help the same customers; how often is the phone repaired, and how sure is that?

python examples/telecom.py
"""

import asyncio
import tempfile

from agentbench_sdk import Bench


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with Bench(cache=None, runs=folder) as bench:
            for agent in ("do-nothing", "always-transfer", "workflow", "ground-truth"):
                run = await bench.evaluate(
                    "telecom", f"scripted/telecom/{agent}", task_params={"set": "small", "data": "own"}
                )
                print(agent, run.summary().primary.estimate)


asyncio.run(main())
