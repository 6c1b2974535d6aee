"""`box_iou` and `point_in_box`: where on a picture something is.

The target is a box of four numbers. In which form model and target write coordinates is the task's choice:
shares of the picture, 0 to 1000, or pixels, for which the sample's metadata hold `width` and `height`.
"""

from __future__ import annotations

import math
import re
from typing import Literal, get_args

from agentbench_sdk.errors import ConfigurationError, JudgeError
from agentbench_sdk.judges.answers import answer_text, no_answer
from agentbench_sdk.judges.box_values import Box, Coordinates, find_boxes, find_points, iou, scaled, size_of
from agentbench_sdk.judges.peers.pipeline import lmms_text
from agentbench_sdk.judges.targets import bad_target
from agentbench_sdk.judging import JudgeCase, Score, judge

Peer = Literal["", "refcoco", "screenspot"]
_PEER_NUMBER = r"(-?\d+(?:\.\d+)?)"
_PEERS = {
    "refcoco": re.compile(r"\[" + r",\s*".join([_PEER_NUMBER] * 4) + r"\]"),
    "screenspot": re.compile(r"[\[(]" + r",\s*".join([_PEER_NUMBER] * 4) + r"[\])]"),
}


def _check(
    *,
    threshold: float | None = None,
    coordinates: str = "auto",
    target_coordinates: str = "unit",
    target_form: str = "corners",
    center: bool = False,
    compat: str = "",
) -> None:
    number = isinstance(threshold, int | float) and not isinstance(threshold, bool)
    if threshold is not None and not (number and 0 < threshold <= 1):
        raise ConfigurationError(f"judge 'box_iou': threshold is {threshold!r}; give a share above 0, to 1")
    for name, value in (("coordinates", coordinates), ("target_coordinates", target_coordinates)):
        if value not in get_args(Coordinates):
            raise ConfigurationError(
                f"judge of boxes: {name} is {value!r}; give one of {', '.join(get_args(Coordinates))}"
            )
    if target_form not in ("corners", "size"):
        raise ConfigurationError(f"judge of boxes: target_form is {target_form!r}; give 'corners' or 'size'")
    if compat and compat not in _PEERS:
        raise ConfigurationError(
            f"judge 'box_iou': compat is {compat!r}; give 'refcoco', 'screenspot' or nothing"
        )


@judge(check=_check)
def box_iou(
    case: JudgeCase,
    *,
    threshold: float | None = None,
    coordinates: Coordinates = "auto",
    target_coordinates: Coordinates = "unit",
    target_form: Literal["corners", "size"] = "corners",
    center: bool = False,
    compat: Peer = "",
) -> Score:
    """How well the box of the reply covers the target's: intersection over union, or 1 from a threshold on.

    Arguments:
        case: what is judged. The reply must give one box; of several different ones none is taken.
        threshold: the value is 1 where the overlap reaches it and 0 below; the overlap itself without one.
        coordinates: form of the reply's numbers, see `box_values.scaled`.
        target_coordinates: form of the target's.
        target_form: the target is "corners" x1, y1, x2, y2, or x, y and "size" width, height.
        center: the value is 1 where the centre of the reply's box lies in the target's.
        compat: "refcoco" or "screenspot" as lmms-eval reads and compares them: the first box of a fixed
            form, corners in any order with signed areas, a box of nothing where there is none.

    Raises:
        JudgeError: the target is no box, or pixels are asked for and the sample has no width and height.
    """
    wanted = _target(case, target_coordinates, target_form)
    if compat:
        found = _peer_box(case, compat)
        return _scored(found, wanted, _peer_iou(found, wanted), threshold, center=center)
    text = answer_text(case)
    if not text:
        return no_answer()
    boxes = list(dict.fromkeys(find_boxes(text)))
    if len(boxes) != 1:
        why = f"the reply gives {len(boxes)} boxes, not one"
        return Score(0.0, passed=False, explanation=why, evidence={"extracted": None})
    found = Box(*_scaled(case, boxes[0].to_list(), coordinates)).ordered()
    return _scored(found, wanted, iou(found, wanted), threshold, center=center)


def _scored(found: Box, wanted: Box, overlap: float, threshold: float | None, *, center: bool) -> Score:
    evidence = {"extracted": found.to_list(), "iou": overlap}
    if center:
        inside = wanted.contains(*found.center)
        told = f"the centre lies {'inside' if inside else 'outside'}"
        return Score(float(inside), inside, explanation=told, evidence=evidence)
    told = f"the boxes overlap by {overlap:.3f}"
    if threshold is None:
        return Score(min(max(overlap, 0.0), 1.0), explanation=told, evidence=evidence)
    reached = overlap >= threshold
    return Score(float(reached), reached, explanation=told, evidence=evidence)


def _check_point(
    *, coordinates: str = "auto", target_coordinates: str = "unit", target_form: str = "corners"
) -> None:
    _check(coordinates=coordinates, target_coordinates=target_coordinates, target_form=target_form)


@judge(check=_check_point)
def point_in_box(
    case: JudgeCase,
    *,
    coordinates: Coordinates = "auto",
    target_coordinates: Coordinates = "unit",
    target_form: Literal["corners", "size"] = "corners",
) -> Score:
    """Pass if the point of the reply, or the centre of its box, lies in the target's box (ScreenSpot's click
    accuracy: Cheng et al. 2024, SeeClick, section 4).

    Arguments:
        case: what is judged. The reply must give one point or one box.
        coordinates: form of the reply's numbers, see `box_values.scaled`.
        target_coordinates: form of the target's.
        target_form: the target is "corners" x1, y1, x2, y2, or x, y and "size" width, height.

    Raises:
        JudgeError: the target is no box, or pixels are asked for and the sample has no width and height.
    """
    wanted = _target(case, target_coordinates, target_form)
    text = answer_text(case)
    if not text:
        return no_answer()
    places = list(dict.fromkeys([each.center for each in find_boxes(text)] or find_points(text)))
    if len(places) != 1:
        why = f"the reply gives {len(places)} places, not one"
        return Score(0.0, passed=False, explanation=why, evidence={"extracted": None})
    x, y = _scaled(case, list(places[0]), coordinates)
    inside = wanted.contains(x, y)
    told = f"the point lies {'inside' if inside else 'outside'}"
    return Score(float(inside), inside, explanation=told, evidence={"extracted": [x, y]})


def _target(case: JudgeCase, coordinates: Coordinates, form: str) -> Box:
    given = case.target
    numbers = given if isinstance(given, list | tuple) else []
    good = [
        float(each)
        for each in numbers
        if isinstance(each, int | float) and not isinstance(each, bool) and math.isfinite(each)
    ]
    if len(good) != 4 or len(numbers) != 4:
        raise bad_target(case, "box_iou", "a list of four numbers")
    if form == "size":
        good[2:] = good[0] + good[2], good[1] + good[3]
    box = Box(*_scaled(case, good, coordinates))
    if not (box.x1 < box.x2 and box.y1 < box.y2):
        raise bad_target(case, "box_iou", "a box with a width and a height")
    return box


def _scaled(case: JudgeCase, numbers: list[float], coordinates: Coordinates) -> list[float]:
    try:
        return scaled(numbers, coordinates, size_of(case.metadata))
    except ValueError as error:
        raise JudgeError(
            f"sample {case.sample_id!r}: {error}; put width and height into its metadata"
        ) from error


def _peer_box(case: JudgeCase, peer: str) -> Box:
    match = _PEERS[peer].search(lmms_text(case.answer))
    numbers = [float(each) for each in match.groups()] if match else [0.0] * 4
    if peer == "screenspot" and max(numbers) > 1:
        numbers = [each / 1000 for each in numbers]
    return Box(*numbers)


def _peer_iou(found: Box, wanted: Box) -> float:
    width = min(found.x2, wanted.x2) - max(found.x1, wanted.x1)
    height = min(found.y2, wanted.y2) - max(found.y1, wanted.y1)
    shared = max(0.0, width) * max(0.0, height)
    union = found.area + wanted.area - shared
    overlap = shared / union if union else 0.0
    return overlap if math.isfinite(overlap) else 0.0
