"""The small charts of the HTML report: where things stand on an axis, and what is said of them."""

import re
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from agentbench_sdk.reporting.charts import interval_chart, limit_chart, span_of
from agentbench_sdk.reporting.limits import LimitHistory
from agentbench_sdk.statistics import Estimate, Interval

Images = Callable[[str | None], dict[str, ET.Element]]
PATH = "{http://www.w3.org/2000/svg}path"
USE = "{http://www.w3.org/2000/svg}use"


def estimate(mean: float | None, low: float = 0.0, high: float = 1.0) -> Estimate:
    return Estimate(mean, Interval(low, high, method="Wilson"), 10, 10, "Wilson")


def lines(drawn: ET.Element) -> list[list[float]]:
    """The numbers of each path, x and y in turn."""
    return [[float(each) for each in re.findall(r"[-0-9.]+", path.attrib["d"])] for path in drawn.iter(PATH)]


def test_mean_and_ends_stand_where_the_axis_has_them(images: Images) -> None:
    chart = interval_chart(estimate(0.5, 0.25, 1.0), (0.0, 1.0))
    found = images(chart)
    assert list(found) == ["(prefers-color-scheme: dark)", ""]
    for drawn in found.values():
        assert drawn.attrib["viewBox"] == "0 0 160 16"
        axis, bar, dot = lines(drawn)
        assert axis == [5, 8, 155, 8]
        assert bar == [42.5, 8, 155, 8]
        assert dot == [80, 8, 80, 8]
    assert chart is not None
    assert 'alt="0.500, interval [0.250, 1.000]; axis from 0.000 to 1.000" width="160" height="16"' in chart


def test_a_difference_has_a_mark_at_zero(images: Images) -> None:
    chart = interval_chart(estimate(0.5, 0.0, 1.0), (-1.0, 1.0), zero=True)
    _, zero, _, _ = lines(images(chart)[""])
    assert zero[0] == zero[2] == 80
    assert zero[1] != zero[3]


def test_what_lies_beyond_the_axis_is_drawn_at_its_end(images: Images) -> None:
    _, bar, dot = lines(images(interval_chart(estimate(2.0, -1.0, 3.0), (0.0, 1.0)))[""])
    assert (bar[0], bar[2], dot[0]) == (5, 155, 155)


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


def test_the_limit_over_time_is_a_step_for_each_change_and_a_mark_for_each_fall(images: Images) -> None:
    points = ((1.0, 10), (2.0, 20), (4.0, 5), (5.0, 6))
    chart = limit_chart(LimitHistory("http://h/v1", points, 5, 0, 0))
    assert chart is not None
    told = "over 4.0 s: 10 at first, at most 20, 6 at last; falls marked: 1"
    assert f'alt="limit of requests at once {told}" width="340" height="120"' in chart
    for drawn in images(chart).values():
        steps = max(lines(drawn), key=len)
        corners = list(zip(steps[::2], steps[1::2], strict=True))
        xs, ys = [x for x, _ in corners], [y for _, y in corners]
        assert len(corners) == 7  # across, up, across, down, across, up
        assert xs == sorted(xs)
        assert ys[2] < ys[0] < ys[6] < ys[4]  # higher up is a smaller number
        assert (xs[2] - xs[0]) * 2 == pytest.approx(xs[4] - xs[2], rel=1e-3)
        (mark,) = drawn.iter(USE)
        assert (float(mark.attrib["x"]), float(mark.attrib["y"])) == pytest.approx(corners[4], abs=1e-3)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.02, ["0 ms", "5 ms"]), (42.0, ["0 s", "15 s"]), (5400.0, ["0 min"]), (40_000.0, ["0 h", "3 h"])],
)
def test_times_are_told_in_the_unit_that_fits(images: Images, seconds: float, words: list[str]) -> None:
    drawn = images(limit_chart(LimitHistory("h", ((0.0, 10), (seconds, 11)), 5, 0, 0)))[""]
    text = list(drawn.itertext())
    assert all(each in text for each in words)


def test_a_limit_that_went_to_nothing_is_drawn(images: Images) -> None:
    assert images(limit_chart(LimitHistory("h", ((0.0, 0), (1.0, 0)), 5, 0, 0)))


def test_a_limit_that_never_moved_is_not_drawn() -> None:
    assert limit_chart(LimitHistory("http://h/v1", ((0.0, 10),), 5, 0, 0)) is None
    assert limit_chart(LimitHistory("http://h/v1", (), 5, 0, 0)) is None
