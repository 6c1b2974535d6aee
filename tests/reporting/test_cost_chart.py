"""The cost–score drawing: where marks stand, which line joins them, and that labels cover nothing."""

import re
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentbench_sdk.judging import Scale
from agentbench_sdk.reporting.beside import Offer, letter_of
from agentbench_sdk.reporting.cost_chart import HIGH, WIDE, cost_chart
from agentbench_sdk.reporting.frontier import beaten_by
from agentbench_sdk.statistics import Estimate, Interval


@dataclass
class Named:
    """As much of a run as the drawing asks for."""

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


def numbers(drawing: str, name: str, kind: str) -> list[float]:
    elements = re.findall(rf"<{kind} [^>]*>", drawing)
    return [float(found[1]) for each in elements if (found := re.search(rf' {name}="([-0-9.]+)"', each))]


def test_dearer_lies_to_the_right_and_better_higher_up() -> None:
    drawing = cost_chart(offers((1.0, 0.5), (2.0, 0.7), (3.0, 0.6)), Scale())
    xs, ys = numbers(drawing, "cx", "circle"), numbers(drawing, "cy", "circle")
    assert xs == sorted(xs)
    assert ys[1] < ys[2] < ys[0]
    assert xs[1] - xs[0] == pytest.approx(xs[2] - xs[1], abs=0.1)  # costs that are near lie as they are


def test_costs_that_lie_far_apart_are_drawn_by_their_ratio() -> None:
    drawing = cost_chart(offers((0.001, 0.5), (0.01, 0.7), (0.1, 0.8)), Scale())
    first, second, third = numbers(drawing, "cx", "circle")
    assert second - first == pytest.approx(third - second, abs=0.1)
    assert "logarithmic" in drawing


def test_the_frontier_goes_through_what_nothing_beats_and_nowhere_else() -> None:
    drawing = cost_chart(offers((1.0, 0.5), (2.0, 0.4), (3.0, 0.9)), Scale())
    path = re.search(r'<path d="([^"]+)"', drawing)
    assert path is not None
    xs, ys = numbers(drawing, "cx", "circle"), numbers(drawing, "cy", "circle")
    assert path[1].startswith(f"M{xs[0]} {ys[0]}H{xs[2]}V{ys[2]}H")
    assert drawing.count("dot beaten") == 1


def test_a_free_model_is_drawn_too() -> None:
    drawing = cost_chart(offers((0.0, 0.5), (2.0, 0.7)), Scale())
    assert len(numbers(drawing, "cx", "circle")) == 2


POINTS = st.lists(
    st.tuples(st.floats(0, 5), st.floats(0.05, 0.95)), min_size=2, max_size=12, unique_by=lambda each: each[0]
)


@given(POINTS, st.sampled_from(["m", "openai/gpt-4.1-mini", "provider/" + "long-" * 20]))
def test_labels_lie_inside_and_apart(points: list[tuple[float, float]], model: str) -> None:
    drawing = cost_chart(offers(*points, model=model), Scale())
    labels = [
        (float(found[1]), float(found[2]), len(found[3]))
        for found in re.finditer(r'<text x="([-0-9.]+)" y="([-0-9.]+)" class="label">([^<]*)<', drawing)
    ]
    boxes = [(x, y - 12, x + 6.5 * letters, y + 3) for x, y, letters in labels]
    for place, (left, top, right, bottom) in enumerate(boxes):
        assert left >= 0
        assert right <= WIDE
        assert top >= -12
        assert bottom <= HIGH
        for other in boxes[:place]:
            assert right <= other[0] or other[2] <= left or bottom <= other[1] or other[3] <= top


@given(POINTS)
def test_marks_lie_inside_the_plot(points: list[tuple[float, float]]) -> None:
    drawing = cost_chart(offers(*points), Scale())
    assert all(0 < x < WIDE for x in numbers(drawing, "cx", "circle"))
    assert all(0 < y < HIGH for y in numbers(drawing, "cy", "circle"))
    assert "nan" not in drawing
