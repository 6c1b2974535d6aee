"""Identical requests that are under way become one."""

from __future__ import annotations

import asyncio
import random

import pytest

from agentbench_sdk.cache import SingleFlight


class Calls:
    """Counts calls and how many are under way at once."""

    def __init__(self) -> None:
        self.made = self.now = self.most = 0
        self.go = asyncio.Event()

    async def __call__(self) -> int:
        self.made += 1
        self.now += 1
        self.most = max(self.most, self.now)
        number = self.made
        try:
            await self.go.wait()
        finally:
            self.now -= 1
        return number


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_a_hundred_identical_requests_make_one_call() -> None:
    flights, calls = SingleFlight[int](), Calls()
    tasks = [asyncio.create_task(flights.run("k", calls)) for _ in range(100)]
    await settle()
    calls.go.set()
    results = await asyncio.gather(*tasks)
    assert calls.made == 1
    assert sorted(results) == [(1, False), *[(1, True)] * 99]
    assert flights.statistics().in_flight == 0


async def test_different_requests_do_not_wait_for_each_other() -> None:
    flights, calls = SingleFlight[int](), Calls()
    tasks = [asyncio.create_task(flights.run(str(number), calls)) for number in range(5)]
    await settle()
    assert calls.now == 5
    calls.go.set()
    await asyncio.gather(*tasks)


async def test_a_request_after_the_first_has_landed_is_a_call_of_its_own() -> None:
    flights, calls = SingleFlight[int](), Calls()
    calls.go.set()
    assert await flights.run("k", calls) == (1, False)
    assert await flights.run("k", calls) == (2, False)


async def test_a_follower_takes_over_when_the_leader_is_cancelled() -> None:
    flights, calls = SingleFlight[int](), Calls()
    tasks = [asyncio.create_task(flights.run("k", calls)) for _ in range(4)]
    await settle()
    tasks[0].cancel()
    await settle()
    assert (calls.made, calls.now) == (2, 1)
    calls.go.set()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(results[0], asyncio.CancelledError)
    assert results[1:] == [(2, False), (2, True), (2, True)]
    assert flights.statistics().taken_over == 1


async def test_cancelling_a_follower_disturbs_nobody() -> None:
    flights, calls = SingleFlight[int](), Calls()
    tasks = [asyncio.create_task(flights.run("k", calls)) for _ in range(3)]
    await settle()
    tasks[1].cancel()
    calls.go.set()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert (results[0], results[2]) == ((1, False), (1, True))


async def test_the_leader_s_error_is_the_error_of_all_and_is_not_remembered() -> None:
    flights, go = SingleFlight[int](), asyncio.Event()

    async def fails() -> int:
        await go.wait()
        raise ValueError("no answer")

    async def works() -> int:
        return 7

    tasks = [asyncio.create_task(flights.run("k", fails)) for _ in range(3)]
    await settle()
    go.set()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert [str(error) for error in results] == ["no answer"] * 3
    assert await flights.run("k", works) == (7, False)


@pytest.mark.parametrize("seed", range(30))
async def test_never_more_than_one_call_a_key_under_random_cancellations(seed: int) -> None:
    draw = random.Random(seed)
    flights = SingleFlight[str]()
    under_way: dict[str, int] = {}

    async def call(key: str) -> str:
        under_way[key] = under_way.get(key, 0) + 1
        assert under_way[key] == 1
        try:
            for _ in range(draw.randrange(4)):
                await asyncio.sleep(0)
            if draw.random() < 0.2:
                raise ValueError(key)
            return key
        finally:
            under_way[key] -= 1

    async def ask(key: str) -> str:
        for _ in range(draw.randrange(6)):
            await asyncio.sleep(0)
        result, _ = await flights.run(key, lambda: call(key))
        return result

    tasks = [asyncio.create_task(ask(draw.choice("abc")), name=str(number)) for number in range(60)]
    for _ in range(12):
        await asyncio.sleep(0)
        draw.choice(tasks).cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(isinstance(each, str | ValueError | asyncio.CancelledError) for each in results)
    assert flights.statistics().in_flight == 0
