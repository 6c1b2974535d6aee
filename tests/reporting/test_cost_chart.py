"""The cost–score chart: where marks stand, which line joins them, and that labels cover nothing."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agentbench_sdk.judging import Scale
from agentbench_sdk.reporting.beside import Offer, letter_of
from agentbench_sdk.reporting.cost_chart import cost_chart
from agentbench_sdk.reporting.frontier import beaten_by
from agentbench_sdk.statistics import Estimate, Interval

Images = Callable[[str | None], dict[str, ET.Element]]
SVG = "{http://www.w3.org/2000/svg}"
WIDE, NARROW = "", "(max-width: 40rem)"


@dataclass
class Named:
    """As much of a run as the chart asks for."""

    letter: str
    model: str


def offers(*points: tuple[float, float], reach: float = 0.05, model: str = "openai/model") -> list[Offer]:
    points = tuple(sorted(points))
    beaten = beaten_by(points)
    return [
        Offer(
            member(letter_of(place), model),
            usd,
            Estimate(mean, Interval(mean - reach, mean + reach, method="t"), 10, 10, "t"),
            None if by is None else letter_of(by),
        )
        for place, ((usd, mean), by) in enumerate(zip(points, beaten, strict=True))
    ]


def member(letter: str, model: str) -> Any:
    return Named(letter, model)


def group(drawn: ET.Element, name: str) -> ET.Element:
    (found,) = (each for each in drawn.iter(f"{SVG}g") if each.get("id") == name)
    return found


def dots(drawn: ET.Element) -> list[tuple[float, float]]:
    """Where the models stand, in their order."""
    found = [each for each in drawn.iter(f"{SVG}g") if each.get("id", "").startswith("dot-")]
    used = [next(each.iter(f"{SVG}use")) for each in found]
    return [(float(each.attrib["x"]), float(each.attrib["y"])) for each in used]


def corners(drawn: ET.Element) -> list[tuple[float, float]]:
    """Of the frontier."""
    path = next(group(drawn, "frontier").iter(f"{SVG}path")).attrib["d"]
    return [(float(x), float(y)) for x, y in re.findall(r"[ML] ([-0-9.]+) ([-0-9.]+)", path)]


def labels(drawn: ET.Element) -> list[tuple[str, float, float, bool]]:
    """Text, place of its begin or end, and whether it is its begin."""
    found = [each for each in drawn.iter(f"{SVG}g") if each.get("id", "").startswith("label-")]
    texts = [next(each.iter(f"{SVG}text")) for each in found]
    return [
        (each.text or "", float(each.attrib["x"]), float(each.attrib["y"]), "start" in each.attrib["style"])
        for each in texts
    ]


def test_dearer_lies_to_the_right_and_better_higher_up(images: Images) -> None:
    for drawn in images(cost_chart(offers((1.0, 0.5), (2.0, 0.7), (3.0, 0.6)), Scale())).values():
        (first, low), (second, high), (third, middle) = dots(drawn)
        assert first < second < third
        assert high < middle < low
        assert second - first == pytest.approx(third - second, abs=0.1)  # costs that are near lie as they are


def test_costs_that_lie_far_apart_are_drawn_by_their_ratio(images: Images) -> None:
    for drawn in images(cost_chart(offers((0.001, 0.5), (0.01, 0.7), (0.1, 0.8)), Scale())).values():
        (first, _), (second, _), (third, _) = dots(drawn)
        assert second - first == pytest.approx(third - second, abs=0.1)
        told = list(drawn.itertext())
        assert "cost an attempt (US dollars, logarithmic)" in told
        assert "$0.01" in told


def test_the_frontier_goes_through_what_nothing_beats_and_nowhere_else(images: Images) -> None:
    chart = cost_chart(offers((1.0, 0.5), (2.0, 0.4), (3.0, 0.9)), Scale())
    for drawn in images(chart).values():
        (x, y), _, (far, high) = dots(drawn)
        *steps, (end, last) = dict.fromkeys(corners(drawn))
        assert steps == [(x, y), (far, y), (far, high)]
        assert end > far
        assert last == high


def test_a_model_that_is_beaten_has_a_hollow_dot(images: Images) -> None:
    drawn = images(cost_chart(offers((1.0, 0.5), (2.0, 0.4), (3.0, 0.9)), Scale()))[WIDE]
    full = []
    for letter in "ABC":
        style = next(group(drawn, f"dot-{letter}").iter(f"{SVG}use")).attrib["style"]
        fill, stroke = re.findall(r"(?:fill|stroke): (#[0-9a-f]+)", style)[:2]
        full.append(fill == stroke)
    assert full == [True, False, True]


def test_figures_are_told_to_those_who_do_not_see_them() -> None:
    chart = cost_chart(offers((1.0, 0.5), (2.0, 0.4)), Scale())
    assert (
        'alt="score against cost an attempt: A: 0.500, interval [0.450, 0.550], at $1.00, on the frontier; '
        'B: 0.400, interval [0.350, 0.450], at $2.00, beaten by A"'
    ) in chart


def test_a_free_model_is_drawn_too(images: Images) -> None:
    assert len(dots(images(cost_chart(offers((0.0, 0.5), (2.0, 0.7)), Scale()))[WIDE])) == 2


@pytest.mark.parametrize("model", ["$x^2$ and $y$", "<script>alert(1)</script>", "模型", "שלום", "😀"])
def test_names_of_models_stay_as_they_are(images: Images, model: str) -> None:
    drawn = images(cost_chart(offers((1.0, 0.2), (2.0, 0.8), model=model), Scale()))[WIDE]
    assert [text for text, *_ in labels(drawn)] == [f"A {model}", f"B {model}"]


def test_where_there_is_no_room_for_a_name_its_letter_stands(images: Images) -> None:
    found = images(cost_chart(offers((1.0, 0.5), (2.0, 0.5), (3.0, 0.5), model="m" * 60), Scale()))
    assert "B" in [text for text, *_ in labels(found[NARROW])]


POINTS = st.lists(
    st.tuples(st.floats(0, 5), st.floats(0.05, 0.95)), min_size=2, max_size=12, unique_by=lambda each: each[0]
)
drawn_often = settings(
    max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)


@drawn_often
@given(POINTS, st.sampled_from(["m", "openai/gpt-4.1-mini", "provider/" + "long-" * 20]))
def test_labels_lie_inside_and_apart(images: Images, points: list[tuple[float, float]], model: str) -> None:
    for drawn in images(cost_chart(offers(*points, model=model), Scale())).values():
        _, _, wide, high = map(float, drawn.attrib["viewBox"].split())
        boxes = []
        for text, x, y, begins in labels(drawn):
            width = 5.0 * len(text)  # letters are at least so wide, all but the narrowest
            boxes.append((x if begins else x - width, y - 10, x + width if begins else x, y + 2))
        for place, (left, top, right, bottom) in enumerate(boxes):
            assert 0 <= left <= right <= wide
            assert 0 <= top <= bottom <= high
            for other in boxes[:place]:
                assert right <= other[0] or other[2] <= left or bottom <= other[1] or other[3] <= top


@drawn_often
@given(POINTS)
def test_marks_lie_inside_the_picture(images: Images, points: list[tuple[float, float]]) -> None:
    for drawn in images(cost_chart(offers(*points), Scale())).values():
        _, _, wide, high = map(float, drawn.attrib["viewBox"].split())
        found = dots(drawn)
        assert len(found) == len(points)
        assert all(0 < x < wide and 0 < y < high for x, y in found)
