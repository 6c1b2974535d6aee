"""What is concluded of a bucket holds for the bucket that it was concluded from."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentbench_sdk.traffic.supply import Supply


class Tap:
    """A bucket that tells whether a call is taken."""

    def __init__(self, rate: float, depth: float) -> None:
        self.rate, self.depth = rate, depth
        self._level, self._last = depth, 0.0

    def takes(self, now: float) -> bool:
        self._level = min(self.depth, self._level + (now - self._last) * self.rate)
        self._last = now
        if self._level < 1.0 - 1e-9:
            return False
        self._level -= 1.0
        return True


def stretch(tap: Tap, supply: Supply, now: float, pace: float, growth: float = 1.0) -> tuple[float, float]:
    """Starts at a pace that grows from call to call until one is refused; the time and the pace of that one."""
    while tap.takes(now):
        supply.accepted(now, 1.0)
        now, pace = now + 1.0 / pace, pace * growth
    return now, pace


@given(
    rate=st.floats(2.0, 500.0),
    depth=st.floats(1.0, 30.0),
    pause=st.floats(0.0, 2.0),
    seed=st.integers(0, 10**6),
)
def test_the_bounds_contain_the_rate(rate: float, depth: float, pause: float, seed: int) -> None:
    """However its refusals come: in a burst, after a search, on a slow way up."""
    rng, tap, supply, now = random.Random(seed), Tap(rate, depth), Supply(), 0.0
    for _ in range(64):
        if not tap.takes(now):
            break
        supply.accepted(now, 1.0)
    supply.refused(now, None)
    assert supply.depth >= depth - 1.0
    for _ in range(4):
        now, pace = stretch(tap, supply, now + pause + 1.0 / rate, rng.uniform(0.5, 1.5) * rate, 1.01)
        supply.refused(now, pace)
        assert supply.low <= 1.01 * rate


@pytest.mark.parametrize("depth", [1, 3, 10, 30])
@pytest.mark.parametrize("pause", [0.0, 0.1, 1.0])
def test_the_bounds_close_on_the_rate(depth: int, pause: float) -> None:
    """Each crossing from the lower bound, twice as slow as the one before, leaves a narrower gap."""
    tap, supply, now, growth = Tap(100.0, depth), Supply(), 0.0, 1.02
    for _ in range(depth + 1):
        if tap.takes(now):
            supply.accepted(now, 1.0)
    supply.refused(now, None)
    pace = 30.0
    for _ in range(6):
        now, pace = stretch(tap, supply, now + pause + 0.01, pace, growth)
        supply.refused(now, pace)
        pace, growth = max(supply.low, 0.5 * supply.high), growth**0.5
    assert 94.0 <= supply.low <= 101.0


def test_a_refusal_at_the_lower_bound_moves_it_down_further_each_time() -> None:
    """A bucket that has become slower contradicts what was known of it."""
    supply, lows = Supply(), []
    supply.low = 100.0
    for now in range(4):
        supply.refused(float(now), supply.low, early=True)
        lows.append(supply.low)
    steps = [after / before for before, after in zip([100.0, *lows], lows, strict=False)]
    assert steps == sorted(steps, reverse=True)
    assert supply.low < 50.0
