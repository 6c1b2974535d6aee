"""`box_iou` and `point_in_box`, and how boxes and points are read out of replies."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentbench_sdk.errors import ConfigurationError, JudgeError
from agentbench_sdk.judges.box_values import Box, find_boxes, find_points, iou, scaled, size_of
from agentbench_sdk.judges.boxes import box_iou, point_in_box
from agentbench_sdk.judging import Judge, JudgeCase, Score

TARGET = [0.1, 0.2, 0.3, 0.4]


async def score(judge: Judge, answer: str, target: Any = TARGET, **metadata: Any) -> Score:
    return await judge.judge(JudgeCase("s1", answer, target, metadata=metadata))


@pytest.mark.parametrize(
    "answer",
    [
        "[0.1, 0.2, 0.3, 0.4]",
        "(0.1,0.2,0.3,0.4)",
        "The box is [0.10, 0.20, 0.30, 0.40].",
        "0.1, 0.2, 0.3, 0.4",
        "[100, 200, 300, 400]",
        "<box>(100,200),(300,400)</box>",
        "<|box_start|>(100,200),(300,400)<|box_end|>",
        '```json\n[{"bbox_2d": [100, 200, 300, 400], "label": "dog"}]\n```',
        '{"x1": 0.1, "y1": 0.2, "x2": 0.3, "y2": 0.4}',
        "xmin=100 ymin=200 xmax=300 ymax=400",
        "[[0.1, 0.2], [0.3, 0.4]]",
        "[0.3, 0.4, 0.1, 0.2]",
        "[0.1, 0.2, 0.3, 0.4] that is [0.1, 0.2, 0.3, 0.4]",
        "<think>[0, 0, 1, 1]</think>[.1, .2, .3, .4]",
    ],
)
async def test_a_box_is_read_in_the_forms_that_models_write(answer: str) -> None:
    assert (await score(box_iou(), answer)).value == pytest.approx(1.0)


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "no box",
        "[0.1, 0.2, 0.3]",
        "[0.1, 0.2, 0.3, 0.4] or [0, 0, 1, 1]",
        "(0.2, 0.3)",
        "<think>[0.1,0.2,0.3,0.4]",
    ],
)
async def test_a_reply_without_one_box_is_worth_nothing(answer: str) -> None:
    verdict = await score(box_iou(), answer)
    assert (verdict.value, verdict.passed) == (0.0, False)


async def test_pixels_need_the_size_of_the_picture() -> None:
    judge = box_iou(coordinates="pixels")
    assert (await score(judge, "[64, 96, 192, 192]", width=640, height=480)).value == pytest.approx(1.0)
    assert (await score(judge, "[64, 96, 192, 192]", image_size=[640, 480])).value == pytest.approx(1.0)
    with pytest.raises(JudgeError, match="width and height"):
        await score(judge, "[64, 96, 192, 192]")


async def test_a_known_size_makes_large_numbers_pixels_unless_the_task_says_otherwise() -> None:
    size = {"width": 500, "height": 500}
    assert (await score(box_iou(), "[50, 100, 150, 200]", **size)).value == pytest.approx(1.0)
    assert (
        await score(box_iou(coordinates="thousand"), "[100, 200, 300, 400]", **size)
    ).value == pytest.approx(1)


async def test_a_target_may_have_a_size_and_other_units() -> None:
    judge = box_iou(target_form="size", target_coordinates="thousand")
    assert (await score(judge, "[0.1, 0.2, 0.3, 0.4]", [100, 200, 200, 200])).value == pytest.approx(1.0)


async def test_a_threshold_makes_a_verdict_and_reaching_it_is_enough() -> None:
    half = "[0.1, 0.2, 0.2, 0.4]"
    assert (await score(box_iou(threshold=0.5), half, [0.125, 0.25, 0.375, 0.5])).passed is False
    assert (await score(box_iou(threshold=0.5), "[0, 0, 0.25, 0.5]", [0, 0, 0.5, 0.5])).passed is True
    assert (await score(box_iou(), half)).passed is None


async def test_a_point_in_the_box_or_the_centre_of_a_box_passes() -> None:
    for answer in (
        "(0.2, 0.3)",
        "click(200, 300)",
        '{"x": 0.2, "y": 0.3}',
        "0.2, 0.3",
        "[0.15, 0.25, 0.25, 0.35]",
    ):
        assert (await score(point_in_box(), answer)).passed is True, answer
    for answer in ("(0.4, 0.3)", "", "here", "(0.2, 0.3) or (0.9, 0.9)", "[0, 0, 1, 1]"):
        assert (await score(point_in_box(), answer)).value == 0.0, answer


async def test_the_edge_belongs_to_the_box() -> None:
    assert (await score(point_in_box(), "(0.1, 0.2)")).passed is True


@pytest.mark.parametrize(
    "target", [None, "a", [1, 2, 3], [1, 2, 3, "4"], [0.3, 0.2, 0.1, 0.4], [True] * 4, [0, 0, 0, 0]]
)
@pytest.mark.parametrize("make", [box_iou, point_in_box])
async def test_a_target_that_is_no_box_is_the_tasks_fault(make: Any, target: Any) -> None:
    with pytest.raises(JudgeError, match="sample 's1'"):
        await score(make(), "[0.1, 0.2, 0.3, 0.4]", target)


@pytest.mark.parametrize(
    "options",
    [{"threshold": 0}, {"threshold": 1.5}, {"threshold": True}, {"coordinates": "inches"}, {"target_form": "a"},
     {"target_coordinates": "b"}, {"compat": "c"}],
)  # fmt: skip
def test_bad_options_are_refused_before_a_run(options: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError):
        box_iou(**options)


NUMBERS = st.floats(-2, 2, allow_nan=False)
BOXES = st.builds(lambda a, b, c, d: Box(a, b, c, d).ordered(), NUMBERS, NUMBERS, NUMBERS, NUMBERS)


@given(BOXES, BOXES)
def test_overlap_is_symmetric_between_0_and_1_and_whole_with_itself(one: Box, other: Box) -> None:
    assert 0.0 <= iou(one, other) <= 1.0 + 1e-9
    assert iou(one, other) == iou(other, one)
    if one.area > 1e-12:
        assert iou(one, one) == pytest.approx(1.0)


@given(st.lists(st.integers(0, 1000), min_size=4, max_size=4))
def test_a_written_box_is_read_back(numbers: list[int]) -> None:
    assert find_boxes(f"so: {numbers}") == [Box(*map(float, numbers))]


@given(st.text(max_size=60), st.text(alphabet="0123456789.,()[]{}<>xy12: -", max_size=60))
async def test_no_text_makes_the_judges_raise(any_text: str, dense: str) -> None:
    for text in (any_text, dense):
        find_points(text)
        for judge in (
            box_iou(),
            box_iou(compat="refcoco"),
            box_iou(compat="screenspot", threshold=0.1),
            point_in_box(),
        ):
            value = (await score(judge, text)).value
            assert value is not None
            assert 0.0 <= value <= 1.0


def test_coordinates_are_scaled_by_width_and_height_in_turn() -> None:
    assert scaled([10, 10, 20, 20], "pixels", (100, 50)) == [0.1, 0.2, 0.2, 0.4]
    assert scaled([500, 250], "thousand", None) == [0.5, 0.25]
    assert size_of({"width": 5}) is None
    assert size_of({"image_size": [5, True]}) is None
