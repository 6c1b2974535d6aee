"""The response cache against bare sqlite3 with group commits, measured in one run.

Durable writes a second with 256 requests in flight, and warm hits a second, both through the public API;
and, for the whole way, `fetch` with its key, policy and single flight. Each side runs several times in
turn, since a shared machine is not equally fast all the time; the medians are compared.

    python benchmarks/cache.py [--answers 8192] [--in-flight 256] [--rounds 5]
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import os
import platform
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

from agentbench_sdk.cache import CachePolicy, Entry, Origin, ResponseCache, draw_for, fetch, identify
from agentbench_sdk.messages import Message, Usage
from agentbench_sdk.models import ModelRequest, ModelResponse

Rates = dict[str, list[float]]


def answer(number: int) -> ModelResponse:
    """About 1 kB, as text with quotes and line breaks."""
    text = f"Answer {number}:\n" + 'the "box" holds 12 items, so the sum is 144. ' * 21
    usage = Usage(input_tokens=180, output_tokens=240, cost_usd=0.00031)
    return ModelResponse(
        Message.assistant(text), usage=usage, model="mock-1", response_id=f"response-{number}"
    )


def question(number: int) -> ModelRequest:
    return ModelRequest(
        (Message.system("Answer briefly."), Message.user(f"How many items are in box {number}? " * 4))
    )


def bare_writes(path: Path, count: int, group: int) -> float:
    """Rows a second of 1 kB that plain sqlite3 commits in groups, each with its fsync."""
    value = hashlib.sha512(b"value").hexdigest() * 8
    rows = [(hashlib.sha256(str(number).encode()).hexdigest(), value) for number in range(count)]
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE answers (key TEXT PRIMARY KEY, value TEXT)")
    started = time.perf_counter()
    for start in range(0, count, group):
        connection.execute("BEGIN")
        connection.executemany("INSERT INTO answers VALUES (?, ?)", rows[start : start + group])
        connection.execute("COMMIT")
    rate = count / (time.perf_counter() - started)
    connection.close()
    return rate


def bare_hits(path: Path, count: int) -> float:
    keys = [hashlib.sha256(str(number).encode()).hexdigest() for number in range(count)]
    connection = sqlite3.connect(path, isolation_level=None)
    started = time.perf_counter()
    for key in keys:
        connection.execute("SELECT value FROM answers WHERE key = ?", (key,)).fetchone()
    rate = count / (time.perf_counter() - started)
    connection.close()
    return rate


async def at_once(work: Callable[[int], Awaitable[object]], count: int, in_flight: int) -> float:
    """Calls a second of `work`, with so many in flight all the time."""
    numbers = iter(range(count))

    async def worker(numbers: Iterator[int]) -> None:
        for number in numbers:
            await work(number)

    started = time.perf_counter()
    await asyncio.gather(*(worker(numbers) for _ in range(in_flight)))
    return count / (time.perf_counter() - started)


async def cache_rates(path: Path, count: int, in_flight: int) -> dict[str, float]:
    requests = [question(number) for number in range(count)]
    answers = [answer(number) for number in range(count)]
    origins = [Origin("run", f"sample {number}") for number in range(count)]
    identities = [
        identify(
            model_id="mock/1", endpoint="http://mock", request=request, draw=draw_for(request.params, origin)
        )
        for request, origin in zip(requests, origins, strict=True)
    ]

    async with ResponseCache.open(path) as cache:

        async def put(number: int) -> None:
            entry = Entry.of(answers[number], origins[number], identities[number], 0.0)
            await cache.put(identities[number].key, entry)

        async def get(number: int) -> None:
            if await cache.get(identities[number].key) is None:
                sys.exit("an answer that was recorded is missing")

        async def whole(number: int) -> None:
            await fetch(
                cache,
                CachePolicy.REPLAY,
                model_id="mock/1",
                endpoint="http://mock",
                request=requests[number],
                origin=origins[number],
                call=never,
            )

        return {
            "durable writes (put)": await at_once(put, count, in_flight),
            "warm hits (get)": await at_once(get, count, in_flight),
            "warm hits (fetch)": await at_once(whole, count, in_flight),
        }


async def never() -> ModelResponse:
    sys.exit("a recorded answer was asked for again")


def measure(folder: Path, count: int, in_flight: int, rates: Rates) -> None:
    bare, ours = folder / "bare.db", folder / "cache.db"
    rates.setdefault("bare writes, groups of 64", []).append(bare_writes(bare, count, 64))
    rates.setdefault("bare hits, one by one", []).append(bare_hits(bare, count))
    for name, rate in run(cache_rates(ours, count, in_flight)).items():
        rates.setdefault(name, []).append(rate)


def run(main: Awaitable[dict[str, float]]) -> dict[str, float]:
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(main)  # type: ignore[arg-type]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--answers", type=int, default=8192)
    parser.add_argument("--in-flight", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    rates: Rates = {}
    for _ in range(options.rounds):
        with tempfile.TemporaryDirectory() as folder:
            measure(Path(folder), options.answers, options.in_flight, rates)
    show(rates, options.in_flight)


def show(rates: Rates, in_flight: int) -> None:
    median = {name: statistics.median(values) for name, values in rates.items()}
    print(
        f"{os.cpu_count()} CPUs, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {in_flight} in flight"
    )
    print(f"{'':28}{'per second':>12}{'slowest':>10}{'fastest':>10}{'ratio to bare':>15}")
    for name, values in rates.items():
        base = median["bare writes, groups of 64" if "writes" in name else "bare hits, one by one"]
        ratio = "" if name.startswith("bare") else f"{median[name] / base:.2f}"
        print(f"{name:28}{median[name]:12,.0f}{min(values):10,.0f}{max(values):10,.0f}{ratio:>15}")


if __name__ == "__main__":
    main()
