"""SVG elements as text: numbers in a short fixed form, everybody's words escaped."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape as html_escape

# What XML 1.0 cannot hold, not even escaped; and what would reorder the letters around it.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\u202a-\u202e\u2066-\u2069]")
Point = tuple[float, float]


def escape(text: object) -> str:
    """Text for content or a quoted attribute; what cannot stand in XML becomes a question mark."""
    return html_escape(_FORBIDDEN.sub("?", str(text)), quote=True)


def number(value: float) -> str:
    """A coordinate with one decimal, without a needless end.

    >>> number(2.0), number(0.25), number(-0.01)
    ('2', '0.2', '0')
    """
    text = f"{value:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


def element(name: str, content: str = "", **attributes: object) -> str:
    """An element; `class_` is class, underscores become hyphens, numbers are shortened, None is left out."""
    shown = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_attribute(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    return f"<{name}{shown}>{content}</{name}>" if content else f"<{name}{shown}/>"


def _attribute(value: object) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return number(value)
    return escape(value)


def text(x: float, y: float, words: object, class_: str, **attributes: object) -> str:
    """A line of text."""
    return element("text", escape(words), x=x, y=y, class_=class_, **attributes)


def titled(words: str, name: str, **attributes: object) -> str:
    """An element that tells what it is when it is pointed at."""
    return element(name, f"<title>{escape(words)}</title>", **attributes)


def line_path(points: Iterable[Point]) -> str:
    """Path data of a broken line."""
    return "".join(f"{'L' if place else 'M'}{number(x)} {number(y)}" for place, (x, y) in enumerate(points))


def area_path(points: list[Point], floor: list[Point]) -> str:
    """Path data of the area between two broken lines that begin and end together."""
    return line_path([*points, *reversed(floor)]) + "Z" if points else ""


def bars_path(bars: Iterable[tuple[float, float, float, float]]) -> str:
    """Path data of bars: x, foot, width, height upwards."""
    return "".join(
        f"M{number(x)} {number(foot)}v{number(-height)}h{number(width)}v{number(height)}Z"
        for x, foot, width, height in bars
    )
