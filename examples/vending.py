"""Two scripted agents run the same vending business; who earns more, and how sure is that?

python examples/vending.py
"""

import asyncio
import tempfile

from agentbench_sdk import Bench


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with Bench(cache=None, runs=folder) as bench:
            for agent in ("idle", "naive-restock"):
                run = await bench.evaluate(
                    "vending", f"scripted/vending/{agent}", task_params={"scenario": "tiny-7", "seeds": "1-3"}
                )
                print(agent, run.summary().primary.estimate)


asyncio.run(main())
