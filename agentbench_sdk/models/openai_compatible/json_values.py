"""Reading JSON of which nobody vouches for the shape: each look says what was expected where."""

from __future__ import annotations

import json
import math
from typing import Any, NoReturn

import orjson

from agentbench_sdk.canonical import canonical_json

# The largest count that every reader of JSON holds exactly (RFC 8259, section 6), and more dollars than
# any call costs: what lies beyond is a mistake, and would stop or disable all reckoning with it.
_MOST_TOKENS = 2**53 - 1
_MOST_DOLLARS = 1e9


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
        text = _decoded(body)
        if error.doc and error.pos >= len(error.doc.rstrip()):
            raise CutShortError(str(error)) from None
        return _with_surrogates(text, str(error))


def _decoded(body: bytes) -> str:
    """The body as text; a surrogate that is written out in bytes is let through, to be replaced later."""
    try:
        return body.decode("utf-8-sig", "surrogatepass")
    except UnicodeDecodeError as error:
        if "end of data" in error.reason:
            raise CutShortError("the last character is not whole") from None
        raise ShapeError(f"it is not UTF-8 (byte {error.start})") from None


def _with_surrogates(text: str, problem: str) -> Any:
    """Servers that count in UTF-16 cut an emoji in two between stream events; orjson refuses the halves."""
    try:
        return json.loads(text, parse_constant=_no_constant, parse_float=_finite)
    except (ValueError, RecursionError):
        raise ShapeError(f"it is not JSON ({problem})") from None


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text} is beyond all numbers")
    return number


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
    if type(value) is str and value.isascii():  # nearly every one, several for each answer
        return value
    if not isinstance(value, str):
        raise ShapeError(f"{where} is {_name(value)}, not a text")
    return well_formed(value)


def as_json_text(value: Any, where: str) -> str:
    """A value as canonical JSON; lone surrogates, integers beyond 64 bits and endless nesting are refused."""
    try:
        return canonical_json(value).decode()
    except TypeError as error:
        raise ShapeError(f"{where} cannot be written as JSON ({error})") from None


def as_number(value: Any, where: str) -> float:
    """A finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ShapeError(f"{where} is {_name(value)}, not a number")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise ShapeError(f"{where} is not a finite number")
    return number


def as_count(value: Any, where: str) -> int:
    """A number of tokens, at least 0 and below 2**53; null counts as zero."""
    if value is None:
        return 0
    if type(value) is int and 0 <= value <= _MOST_TOKENS:
        return value
    number = as_number(value, where)
    if not 0 <= number <= _MOST_TOKENS or number != int(number):
        raise ShapeError(f"{where} is {number:g}, not a count of tokens")
    return int(number)


def as_cost(value: Any, where: str) -> float:
    """US dollars, at least 0 and at most a billion."""
    number = as_number(value, where)
    if not 0 <= number <= _MOST_DOLLARS:
        raise ShapeError(f"{where} is {number:g}, not the cost of a call in US dollars")
    return number


def _name(value: Any) -> str:
    if value is None:
        return "missing or null"
    return {bool: "a boolean", str: "a text", list: "a list", dict: "an object"}.get(type(value), "a number")
