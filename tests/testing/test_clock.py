"""Virtual time passes by itself, in order, and only as far as somebody waits."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentbench_sdk.testing import FakeClock


@given(st.lists(st.lists(st.floats(0.001, 1e6), max_size=5), max_size=6))
def test_sleepers_wake_in_order_and_time_ends_with_the_last(plans: list[list[float]]) -> None:
    clock = FakeClock(start=10.0)
    seen: list[float] = []

    async def worker(naps: list[float]) -> float:
        for nap in naps:
            before = clock.time()
            await clock.sleep(nap)
            assert clock.time() == pytest.approx(before + nap)
            seen.append(clock.time())
        return clock.time()

    async def everyone() -> list[float]:
        return await asyncio.gather(*map(worker, plans))

    ends = asyncio.run(everyone())
    assert seen == sorted(seen)
    assert clock.time() == max([10.0, *ends])


async def test_time_waits_for_whoever_can_still_run() -> None:
    clock = FakeClock()
    log: list[str] = []

    async def busy() -> None:
        for _ in range(500):
            await asyncio.sleep(0)
        log.append(f"busy at {clock.time()}")

    async def sleeper() -> None:
        await clock.sleep(1)
        log.append(f"woken at {clock.time()}")

    await asyncio.gather(sleeper(), busy())
    assert log == ["busy at 0.0", "woken at 1.0"]


async def test_by_hand_time_moves_only_when_told() -> None:
    clock = FakeClock(auto=False)
    naps = [asyncio.create_task(clock.sleep(seconds)) for seconds in (1, 2, 3)]
    await clock.advance(2)
    assert [nap.done() for nap in naps] == [True, True, False]
    assert (clock.time(), clock.sleeping) == (2.0, 1)
    await clock.advance(0.5)
    assert not naps[2].done()
    await clock.advance(0.5)
    await naps[2]


async def test_a_nap_taken_while_time_advances_counts_from_its_own_moment() -> None:
    clock = FakeClock(auto=False)

    async def twice() -> float:
        await clock.sleep(1)
        await clock.sleep(1)
        return clock.time()

    nap = asyncio.create_task(twice())
    await clock.advance(5)
    assert await nap == 2.0
    assert clock.time() == 5.0


async def test_a_cancelled_sleeper_moves_no_time_and_holds_up_no_other() -> None:
    clock = FakeClock()
    cancelled = [asyncio.create_task(clock.sleep(seconds)) for seconds in (0.5, 100)]
    short = asyncio.create_task(clock.sleep(1))
    await asyncio.sleep(0)
    for each in cancelled:
        each.cancel()
    await short
    assert clock.time() == 1.0
    await clock.sleep(1)
    assert clock.time() == 2.0


async def test_a_wait_with_a_time_out_in_virtual_time_can_be_built_on_it() -> None:
    clock = FakeClock()
    never = asyncio.Event()
    limit = asyncio.create_task(clock.sleep(30))
    done, pending = await asyncio.wait(
        {limit, asyncio.create_task(never.wait())}, return_when=asyncio.FIRST_COMPLETED
    )
    assert done == {limit}
    assert clock.time() == 30.0
    for task in pending:
        task.cancel()


async def test_no_time_to_sleep_still_lets_others_run() -> None:
    clock = FakeClock()
    ran = asyncio.Event()
    asyncio.get_running_loop().call_soon(ran.set)
    await clock.sleep(0)
    assert ran.is_set()
    assert clock.time() == 0.0
