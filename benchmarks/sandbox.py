"""What a sandbox costs beside starting the same program without one, and whether it keeps both cores busy.

    python benchmarks/sandbox.py

Prints medians of bare fork and exec, and of bubblewrap, taken in turns in one run; then how long 500 runs of a
small Python test take in parallel, beside their own processor time spread over all cores.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import subprocess
import sys
import time

from agentbench_sdk.sandbox import Sandbox, SandboxSpec
from agentbench_sdk.sandbox.bubblewrap import Bubblewrap

ROUNDS, TESTS = 60, 500
PYTHON = os.path.realpath(sys.executable)
TEST = "import unittest\nclass T(unittest.TestCase):\n    def test(self): self.assertEqual(sum(range(1000)), 499500)\nunittest.main()"


def bare(argv: list[str]) -> float:
    """Seconds of a fork and exec by the standard library."""
    began = time.perf_counter()
    subprocess.run(argv, check=True, capture_output=True)
    return time.perf_counter() - began


async def boxed(sandbox: Sandbox, argv: list[str]) -> float:
    """Seconds of the same in a sandbox."""
    began = time.perf_counter()
    result = await sandbox.exec(argv)
    assert result.ok, result
    return time.perf_counter() - began


async def overhead(sandbox: Sandbox, name: str, argv: list[str]) -> None:
    """Print the medians of one program, taken in turns so that a busy moment hits both."""
    pairs = [(bare(argv), await boxed(sandbox, argv)) for _ in range(ROUNDS)]
    plain, inside = (statistics.median(column) for column in zip(*pairs, strict=True))
    print(
        f"{name:<28} bare {plain * 1e3:6.1f} ms   bubblewrap {inside * 1e3:6.1f} ms   ratio {inside / plain:4.2f}"
    )


async def start_up(provider: Bubblewrap) -> None:
    """Print how long it takes to have a sandbox with a file in it."""
    took = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        async with await provider.create(SandboxSpec(files={"a.txt": b"content"})):
            took.append(time.perf_counter() - began)
    print(f"{'sandbox with one file':<28} {statistics.median(took) * 1e3:6.1f} ms")


async def flood(sandbox: Sandbox) -> None:
    """Print how 500 tests at once are done."""
    gate = asyncio.Semaphore(2 * (os.cpu_count() or 1))

    async def one() -> float:
        async with gate:
            result = await sandbox.exec(["python3", "-c", TEST])
            assert result.ok, result.stderr.text
            return result.cpu_seconds

    began = time.perf_counter()
    used = await asyncio.gather(*(one() for _ in range(TESTS)))
    took = time.perf_counter() - began
    cores = len(os.sched_getaffinity(0))
    print(
        f"{TESTS} tests at once: all passed, {took:.1f} s; their processor time over {cores} cores is "
        f"{sum(used) / cores:.1f} s: cores busy {sum(used) / cores / took:.0%} with them"
    )


async def main() -> None:
    """Run all of it."""
    provider = Bubblewrap()
    await provider.check()
    async with await provider.create(SandboxSpec()) as sandbox:
        await overhead(sandbox, "python -c pass", [PYTHON, "-c", "pass"])
        await overhead(sandbox, "true", ["/bin/true"])
        await start_up(provider)
        await flood(sandbox)
    await provider.close()


if __name__ == "__main__":
    asyncio.run(main())
