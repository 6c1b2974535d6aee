"""The order of the queue."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentbench_sdk.traffic.queue import FIRST_TURN, JUDGE, LATER_TURN, Entry, Order, WaitingQueue


def drain(queue: WaitingQueue[str]) -> list[str]:
    return [queue.pop() for _ in range(len(queue))]


def test_judges_go_before_later_turns_and_these_before_first_turns() -> None:
    """What is begun is finished first."""
    queue: WaitingQueue[str] = WaitingQueue()
    queue.push(Order(stage=FIRST_TURN), "first")
    queue.push(Order(stage=LATER_TURN, turn=1), "later")
    queue.push(Order(stage=JUDGE), "judge")
    assert drain(queue) == ["judge", "later", "first"]


def test_the_session_that_is_furthest_goes_first_among_later_turns() -> None:
    """Sessions near their end free their memory first."""
    queue: WaitingQueue[str] = WaitingQueue()
    for turn in (2, 9, 5):
        queue.push(Order(stage=LATER_TURN, turn=turn), str(turn))
    assert drain(queue) == ["9", "5", "2"]


def test_a_group_stays_together_and_its_longest_goes_first() -> None:
    """First turns that share a prefix come one after another, in the place of the first of them."""
    queue: WaitingQueue[str] = WaitingQueue()
    for group, size in (("a", 1), ("b", 5), ("a", 9), ("b", 2), ("a", 4)):
        queue.push(Order(group=group, size=size), f"{group}{size}")
    assert drain(queue) == ["a9", "a4", "a1", "b5", "b2"]


def test_runs_take_turns() -> None:
    """A run of a thousand samples does not starve one of three."""
    queue: WaitingQueue[str] = WaitingQueue()
    for index in range(1000):
        queue.push(Order(run="big"), f"big{index}")
    for index in range(3):
        queue.push(Order(run="small"), f"small{index}")
    assert [item[:3] for item in drain(queue)[:6]] == ["big", "sma"] * 3


def test_who_left_is_not_served_and_leaving_twice_changes_nothing() -> None:
    """A cancelled call disappears from the queue and from its length."""
    queue: WaitingQueue[str] = WaitingQueue()
    entry = queue.push(Order(), "gone")
    queue.push(Order(), "stays")
    queue.leave(entry)
    queue.leave(entry)
    assert len(queue) == 1
    assert queue.pop() == "stays"
    with pytest.raises(IndexError):
        queue.pop()


orders = st.builds(
    Order,
    run=st.sampled_from("xyz"),
    stage=st.integers(0, 2),
    turn=st.integers(0, 3),
    group=st.sampled_from(["", "g", "h"]),
    size=st.integers(0, 5),
)


@given(st.lists(st.tuples(orders, st.sampled_from(["push", "pop", "leave"])), max_size=60))
def test_every_entry_is_served_or_leaves_exactly_once(steps: list[tuple[Order, str]]) -> None:
    """Nothing is lost or served twice, and the length is always right."""
    queue: WaitingQueue[int] = WaitingQueue()
    present: dict[int, Entry[int]] = {}
    for index, (order, step) in enumerate(steps):
        if step == "push" or not present:
            present[index] = queue.push(order, index)
        elif step == "pop":
            served = queue.pop()
            assert present.pop(served).order.stage == min(
                [entry.order.stage for entry in present.values()] + [steps[served][0].stage]
            )
        else:
            queue.leave(present.popitem()[1])
        assert len(queue) == len(present)
    assert sorted(queue.pop() for _ in range(len(queue))) == sorted(present)
