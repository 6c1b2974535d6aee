"""Bursts of starts, and the sizes of the refused: what tells rates from room, and tokens from requests."""

from __future__ import annotations

import random

from agentbench_sdk.traffic.burst import AGAIN, SIZES, BurstTest
from agentbench_sdk.traffic.sizes import Sizes


def burst(test: BurstTest, window: int) -> int:
    """Let a full window make its test, if one is due; how many attempts of it tell."""
    in_flight, telling = window - 1, 0
    test.freed(in_flight, window)
    while test.holds(in_flight, window):
        in_flight -= 1
    while in_flight < window:
        in_flight += 1
        telling += test.started(in_flight, window)
    for _ in range(telling):
        test.passed()
    return telling


def test_places_are_left_until_the_burst_is_complete_and_all_but_its_first_tell() -> None:
    """A burst of n has n - 1 attempts that a bucket of less than n would refuse."""
    test = BurstTest()
    told = []
    for _ in SIZES:
        test.event()
        told.append(burst(test, 2 * max(SIZES)))
    assert told == [size - 1 for size in SIZES]


def test_a_start_beyond_the_window_does_not_tell() -> None:
    """A refusal there would be about room."""
    test = BurstTest()
    test.event()
    test.freed(3, 4)
    assert not test.started(3, 4)
    assert not test.started(5, 4)


def test_a_window_of_one_makes_no_test() -> None:
    """With one place nothing is held back, and nothing else waits for the test."""
    test = BurstTest()
    test.event()
    assert not test.pending(1)
    assert burst(test, 1) == 0


def test_a_burst_that_was_refused_is_made_again() -> None:
    """The same size counts until it is passed."""
    test = BurstTest()
    for _ in range(3):
        test.event()
        test.freed(7, 8)
        assert test.holds(7, 8)
        test.started(7, 8)
        assert test.started(8, 8)


def test_tests_end_when_all_were_passed_and_come_back_rarely() -> None:
    """Places that are left cost a little, so what is known is not asked again with every refusal."""
    test = BurstTest()
    made = []
    for _ in range(4 * AGAIN):
        test.event()
        made.append(burst(test, 2 * max(SIZES)) > 0)
    assert all(made[: len(SIZES)])
    assert 1 <= sum(made[len(SIZES) :]) <= 8


def _fed(refuses_large: bool) -> Sizes:
    rng, sizes = random.Random(1), Sizes()
    for _ in range(400):
        tokens = rng.lognormvariate(6, 0.8)
        if tokens > 900 and rng.random() < 0.3 if refuses_large else rng.random() < 0.1:
            sizes.refused(tokens)
        else:
            sizes.accepted(tokens)
    return sizes


def test_an_endpoint_that_refuses_large_calls_counts_tokens() -> None:
    """Then a call costs its size in calls of typical size."""
    sizes = _fed(refuses_large=True)
    assert sizes.count
    assert sizes.cost(2000.0) == 4 * sizes.cost(500.0)


def test_an_endpoint_that_refuses_all_sizes_alike_counts_requests() -> None:
    """Then every call costs one, as do calls of unknown size."""
    sizes = _fed(refuses_large=False)
    assert not sizes.count
    assert sizes.cost(2000.0) == 1.0
    assert _fed(refuses_large=True).cost(0.0) == 1.0
