"""Boxes and points on pictures, as replies write them and as they are compared.

Corners are x1, y1, x2, y2 from the top left, in shares of width and height after `scaled`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Coordinates = Literal["auto", "unit", "thousand", "pixels"]
# Blanks are bounded: a reply of 20,000 of them must not take a second.
_NUMBER = r"\s{0,4}(-?(?:\d{1,9}(?:\.\d{0,12})?|\.\d{1,12}))\s{0,4}"
_COMMA = r"[,\s]"
_FOUR = re.compile(
    rf"[\[(<{{]{_NUMBER}{_COMMA}{_NUMBER}(?:{_COMMA}|[\])]\s{{0,4}},?\s{{0,4}}[\[(]){_NUMBER}{_COMMA}{_NUMBER}[\])>}}]"
)
_CORNERS = re.compile(
    rf"\({_NUMBER},{_NUMBER}\)[^()\d]{{0,40}}\({_NUMBER},{_NUMBER}\)"
)  # Qwen-VL: <box>(x1,y1),(x2,y2)</box>
_NAMED = re.compile(
    rf"[\"']?x_?(?:1|min)[\"']?\s{{0,4}}[:=]{_NUMBER}[,;\s]{{1,4}}[\"']?y_?(?:1|min)[\"']?\s{{0,4}}[:=]{_NUMBER}[,;\s]{{1,4}}"
    rf"[\"']?x_?(?:2|max)[\"']?\s{{0,4}}[:=]{_NUMBER}[,;\s]{{1,4}}[\"']?y_?(?:2|max)[\"']?\s{{0,4}}[:=]{_NUMBER}",
    re.IGNORECASE,
)
_BARE = re.compile(rf"{_NUMBER},{_NUMBER},{_NUMBER},{_NUMBER}")
_POINT = re.compile(rf"[\[(<]{_NUMBER},{_NUMBER}[\])>]")
_NAMED_POINT = re.compile(
    rf"[\"']?x[\"']?\s{{0,4}}[:=]\s{{0,4}}[\"']?{_NUMBER}[\"']?[,;\s]{{1,4}}[\"']?y[\"']?\s{{0,4}}[:=]\s{{0,4}}[\"']?{_NUMBER}",
    re.IGNORECASE,
)
_BARE_POINT = re.compile(rf"{_NUMBER},{_NUMBER}")
READ_LIMIT = 20_000


@dataclass(frozen=True, slots=True)
class Box:
    """A box by its corners; `x1 <= x2` and `y1 <= y2` where it was made by `ordered`."""

    x1: float
    y1: float
    x2: float
    y2: float

    @property
    def area(self) -> float:
        return (self.x2 - self.x1) * (self.y2 - self.y1)

    @property
    def center(self) -> tuple[float, float]:
        return (self.x1 + self.x2) / 2, (self.y1 + self.y2) / 2

    def ordered(self) -> Box:
        """The same corners, the upper left one first."""
        (x1, x2), (y1, y2) = sorted((self.x1, self.x2)), sorted((self.y1, self.y2))
        return Box(x1, y1, x2, y2)

    def contains(self, x: float, y: float) -> bool:
        """Whether a point lies inside or on the edge."""
        return self.x1 <= x <= self.x2 and self.y1 <= y <= self.y2

    def to_list(self) -> list[float]:
        return [self.x1, self.y1, self.x2, self.y2]


def iou(one: Box, other: Box) -> float:
    """Intersection over union (Everingham et al. 2010, The Pascal VOC challenge, section 4.2).

    >>> iou(Box(0, 0, 2, 2), Box(1, 0, 3, 2))
    0.3333333333333333
    """
    width = min(one.x2, other.x2) - max(one.x1, other.x1)
    height = min(one.y2, other.y2) - max(one.y1, other.y1)
    shared = max(width, 0.0) * max(height, 0.0)
    union = one.area + other.area - shared
    return shared / union if union > 0 else 0.0


def find_boxes(text: str) -> list[Box]:
    """The boxes of a reply, in order: "[x1, y1, x2, y2]", "(x1,y1),(x2,y2)", JSON members, bare numbers.

    >>> [each.to_list() for each in find_boxes("<box>(100,20),(300,45)</box>")]
    [[100.0, 20.0, 300.0, 45.0]]
    """
    text = text[-READ_LIMIT:]
    found = {
        match.start(): match for pattern in (_CORNERS, _FOUR, _NAMED) for match in pattern.finditer(text)
    }
    matches = [found[start] for start in sorted(found)]
    if not matches and (bare := _BARE.fullmatch(text.strip(" .\n"))):
        matches = [bare]
    boxes: list[Box] = []
    end = -1
    for match in matches:
        if match.start() >= end:
            boxes.append(Box(*map(float, match.groups())))
            end = match.end()
    return boxes


def find_points(text: str) -> list[tuple[float, float]]:
    """The points of a reply, in order: "(x, y)", {"x": 1, "y": 2}, or two bare numbers.

    >>> find_points("Click at (0.17, 0.25).")
    [(0.17, 0.25)]
    """
    text = text[-READ_LIMIT:]
    found = {match.start(): match for pattern in (_POINT, _NAMED_POINT) for match in pattern.finditer(text)}
    matches = [found[start] for start in sorted(found)]
    if not matches and (bare := _BARE_POINT.fullmatch(text.strip(" .\n"))):
        matches = [bare]
    return [(float(match[1]), float(match[2])) for match in matches]


def scaled(
    numbers: Sequence[float], coordinates: Coordinates, size: tuple[float, float] | None
) -> list[float]:
    """Coordinates in shares of the picture.

    Arguments:
        numbers: x, y, x, y …
        coordinates: "unit" are shares already, "thousand" 0 to 1000, "pixels" need a size; "auto" takes
            shares where none is above 1, else pixels where the size is known and they fit no 0 to 1000 use
            of the task, that is where it is known at all, else thousandths.
        size: width and height of the picture in pixels, where known.

    Raises:
        ValueError: pixels without a size.
    """
    if coordinates == "unit" or (coordinates == "auto" and max(map(abs, numbers), default=0.0) <= 1):
        return list(numbers)
    if coordinates == "thousand" or (coordinates == "auto" and size is None):
        return [each / 1000 for each in numbers]
    if size is None:
        raise ValueError("pixels need the picture's width and height")
    return [each / size[at % 2] for at, each in enumerate(numbers)]


def size_of(metadata: Mapping[str, object]) -> tuple[float, float] | None:
    """Width and height in pixels from a sample's metadata: `width` and `height`, or `image_size: [w, h]`."""
    given = metadata.get("image_size")
    pair = given if isinstance(given, Sequence) and not isinstance(given, str) else None
    pair = pair if pair is not None else (metadata.get("width"), metadata.get("height"))
    sides = [
        each for each in pair if isinstance(each, int | float) and not isinstance(each, bool) and each > 0
    ]
    return (float(sides[0]), float(sides[1])) if len(sides) == 2 and len(pair) == 2 else None
