"""Reading JSON of which nobody vouches for the shape: each look says what was expected where."""

from __future__ import annotations

import json
from typing import Any

import orjson


class ShapeError(ValueError):
    """A member is missing or of another type; the text says which."""


class CutShortError(ValueError):
    """The text ends in the middle of a JSON value."""


def parse_json(body: bytes) -> Any:
    """Parse a body.

    Raises:
        CutShortError: it ends before the value does.
        ShapeError: it is not JSON.
    """
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        if not body.strip():
            raise ShapeError("the body is empty") from None
        if error.pos >= len(error.doc.rstrip()):
            raise CutShortError(str(error)) from None
        return _with_surrogates(body, str(error))


def _with_surrogates(body: bytes, problem: str) -> Any:
    """Servers that count in UTF-16 cut an emoji in two between stream events; orjson refuses the halves."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise ShapeError(f"it is not JSON ({problem})") from None


def well_formed(text: str) -> str:
    """The text with split surrogate pairs joined, and lone ones replaced."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def as_mapping(value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ShapeError(f"{where} is {_name(value)}, not an object")
    return value


def as_list(value: Any, where: str) -> list[Any]:
    """A list; null counts as empty."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise ShapeError(f"{where} is {_name(value)}, not a list")
    return value


def as_text(value: Any, where: str) -> str:
    """A text; null counts as empty."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ShapeError(f"{where} is {_name(value)}, not a text")
    return well_formed(value)


def as_number(value: Any, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ShapeError(f"{where} is {_name(value)}, not a number")
    return value


def as_count(value: Any, where: str) -> int:
    """A number of tokens; null counts as zero."""
    if value is None:
        return 0
    if type(value) is int and value >= 0:
        return value
    number = as_number(value, where)
    if not number >= 0 or number != int(number):
        raise ShapeError(f"{where} is {number}, not a count")
    return int(number)


def _name(value: Any) -> str:
    if value is None:
        return "missing or null"
    return {bool: "a boolean", str: "a text", list: "a list", dict: "an object"}.get(type(value), "a number")
