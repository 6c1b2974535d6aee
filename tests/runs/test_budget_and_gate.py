"""A cost limit is not overspent by more than surprise; a closed gate lets in nobody and waits for those inside."""

import asyncio

import pytest

from agentbench_sdk.errors import BudgetExceededError
from agentbench_sdk.runs.budget import Budget
from agentbench_sdk.runs.gate import Gate


def test_without_a_limit_everything_fits() -> None:
    budget = Budget(None)
    with budget.attempt(1e9) as book:
        book(5.0)
    assert budget.spent_usd == 5.0


def test_attempts_under_way_count_at_what_they_may_cost() -> None:
    budget = Budget(1.0)
    with (
        budget.attempt(0.6),
        pytest.raises(BudgetExceededError, match=r"\$1 leaves no room"),
        budget.attempt(0.6),
    ):
        pass
    with budget.attempt(0.6):
        pass


def test_the_costliest_call_so_far_is_expected_again() -> None:
    budget = Budget(1.0)
    with budget.attempt() as book:
        book(0.7)
    with pytest.raises(BudgetExceededError):
        budget.check()


def test_a_limit_that_is_just_reached_ends_the_spending() -> None:
    budget = Budget(1.0)
    with budget.attempt(1.0) as book:
        book(1.0)
    with pytest.raises(BudgetExceededError):
        budget.check()


async def test_a_closed_gate_waits_for_those_inside() -> None:
    gate = Gate()
    left = asyncio.Event()

    async def call() -> None:
        with gate.call():
            await left.wait()

    inside = asyncio.create_task(call())
    await asyncio.sleep(0)
    closing = asyncio.create_task(gate.close(60))
    await asyncio.sleep(0)
    assert not closing.done()
    late = asyncio.create_task(gate.wait_open())
    await asyncio.sleep(0)
    assert not late.done()
    left.set()
    assert await closing is True
    await inside
    late.cancel()


async def test_a_gate_waits_no_longer_than_it_is_told() -> None:
    gate = Gate()
    with gate.call():
        assert await gate.close(0.0) is False


async def test_an_open_gate_stops_nobody() -> None:
    gate = Gate()
    await asyncio.wait_for(gate.wait_open(), 1)
    assert not gate.closed
