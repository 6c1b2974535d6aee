"""The history of a limit is drawn as it was: time gives the width, the highest limit the height."""

from hypothesis import given
from hypothesis import strategies as st

from agentbench_sdk.reporting.limits import BARS, WIDTH, LimitHistory, limit_histories

NOTE = {"history": [[0.0, 16], [1.0, 32], [2.0, 64], [4.0, 64]], "attempts": 400, "refused": 3, "errors": 1}


def test_a_limit_that_doubles_is_drawn_as_steps() -> None:
    bars = LimitHistory.from_note("http://e", NOTE).bars(4)
    assert bars == BARS[2] + BARS[4] + BARS[7] * 2


def test_limiters_that_made_no_attempt_are_left_out() -> None:
    idle = {"history": [], "attempts": 0, "refused": 0, "errors": 0}
    found = limit_histories({"http://idle": idle, "http://e": NOTE})
    assert [(each.endpoint, each.attempts, each.refused) for each in found] == [("http://e", 400, 3)]
    assert limit_histories(None) == ()


points = st.lists(st.tuples(st.floats(0, 1e6), st.integers(1, 4096)), max_size=30)


@given(points)
def test_any_history_is_drawn_within_the_width(history: list[tuple[float, int]]) -> None:
    bars = LimitHistory("e", tuple(sorted(history)), 1, 0, 0).bars()
    assert len(bars) <= WIDTH
    assert set(bars) <= set(BARS)
