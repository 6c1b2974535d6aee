"""The small drawings of the HTML report: where things stand on an axis, and what is said of them."""

import re
from typing import Any

import pytest

from agentbench_sdk.reporting.charts import interval_chart, limit_chart, span_of
from agentbench_sdk.reporting.limits import LimitHistory
from agentbench_sdk.statistics import Estimate, Interval


def estimate(mean: float | None, low: float = 0.0, high: float = 1.0) -> Estimate:
    return Estimate(mean, Interval(low, high, method="Wilson"), 10, 10, "Wilson")


def places(drawing: str | None, *names: str) -> list[float]:
    assert drawing is not None
    return [float(found) for name in names for found in re.findall(rf' {name}="([0-9.]+)"', drawing)]


def test_mean_and_ends_stand_where_the_axis_has_them() -> None:
    drawing = interval_chart(estimate(0.5, 0.25, 1.0), (0.0, 1.0))
    axis, low, axis_end, high = (places(drawing, "x1") + places(drawing, "x2"))[:4]
    (mean,) = places(drawing, "cx")
    assert (axis, axis_end) == (5, 155)
    assert (low, mean, high) == (42.5, 80, 155)
    assert drawing is not None
    assert 'aria-label="0.500, interval [0.250, 1.000]; axis from 0.000 to 1.000"' in drawing


def test_what_lies_beyond_the_axis_is_drawn_at_its_end() -> None:
    assert places(interval_chart(estimate(2.0, -1.0, 3.0), (0.0, 1.0)), "cx") == [155]


def test_an_axis_without_ends_shows_all_that_is_drawn_on_it() -> None:
    assert span_of(None, None, estimate(2.0, -1.0, 3.0)) == (-1.0, 3.0)
    assert span_of(0.0, None, estimate(2.0, 1.0, 3.0)) == (0.0, 3.0)
    assert span_of(0.0, 1.0, estimate(0.5)) == (0.0, 1.0)


@pytest.mark.parametrize(
    "found",
    [
        Estimate(None, None, 0, 0, note="none"),
        Estimate(3.0, None, 1, 1, note="one"),
        estimate(float("inf"), 1, 1),
    ],
)
def test_where_there_is_no_width_nothing_is_drawn(found: Any) -> None:
    assert interval_chart(found, span_of(None, None, found)) is None


def test_the_limit_over_time_is_a_step_for_each_part_of_it() -> None:
    history = LimitHistory("http://h/v1", ((0.0, 10), (1.0, 20), (2.0, 20)), 5, 0, 0)
    drawing = limit_chart(history)
    assert drawing is not None
    heights = [float(each) for each in re.findall(r"V([0-9.]+)H", drawing)]
    assert len(heights) == 300
    assert (heights[0], heights[-1]) == (31, 2)  # half the limit is half as high; 60 is the ground
    assert "over 2.0 s, at most 20" in drawing


def test_a_limit_that_never_moved_is_not_drawn() -> None:
    assert limit_chart(LimitHistory("http://h/v1", ((0.0, 10),), 5, 0, 0)) is None
    assert limit_chart(LimitHistory("http://h/v1", (), 5, 0, 0)) is None
