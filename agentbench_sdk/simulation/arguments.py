"""Tool arguments: strict parsing of what a model sent. Nothing is coerced, guessed or evaluated."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Never

MAX_INTEGER = 2**53  # beyond it, JSON implementations disagree about the value
MAX_DEPTH = 32
MAX_LENGTH = 1_000_000


@dataclass(frozen=True, slots=True)
class BadArguments:
    """What a model sent as arguments and why it is not accepted; `path` is dotted, "" for the whole."""

    reason: str
    path: str = ""


class _RejectedError(ValueError):
    pass


def parse_arguments(raw: str) -> dict[str, Any] | BadArguments:
    """Parse the raw arguments of a tool call.

    Accepted is one JSON object whose text is valid Unicode, with unique keys, finite numbers,
    integers within ±2**53 and at most 32 levels. The empty string means no arguments, as endpoints
    send it for tools without parameters.

    >>> parse_arguments('{"slot": "A1"}')
    {'slot': 'A1'}
    >>> parse_arguments('{"n": 1, "n": 2}').reason
    "the key 'n' is given twice"
    """
    if len(raw) > MAX_LENGTH:
        return BadArguments(f"the arguments are longer than {MAX_LENGTH} characters")
    if not raw.strip():
        return {}
    try:
        value = _DECODER.decode(raw)
    except _RejectedError as error:
        return BadArguments(str(error))
    except RecursionError:
        return BadArguments(f"the arguments are nested deeper than {MAX_DEPTH} levels")
    except ValueError as error:
        return BadArguments(f"the arguments are not valid JSON: {error}")
    return check_arguments(value)


def check_arguments(value: object) -> dict[str, Any] | BadArguments:
    """Check an already parsed value against the same rules; every environment does so again on entry."""
    if isinstance(value, BadArguments):
        return value
    if not isinstance(value, Mapping):
        return BadArguments("the arguments must be one JSON object")
    problem = _problem(value, "", 0)
    return problem or dict(value)


def _problem(value: object, path: str, depth: int) -> BadArguments | None:
    """The first thing in a value that may not be there."""
    if depth > MAX_DEPTH:
        return BadArguments(f"the arguments are nested deeper than {MAX_DEPTH} levels", path)
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, int):
        return None if abs(value) <= MAX_INTEGER else BadArguments("an integer is beyond ±2^53", path)
    if isinstance(value, float):
        finite = value - value == 0.0
        return None if finite else BadArguments("a number is not finite", path)
    if isinstance(value, str):
        return None if _is_unicode(value) else BadArguments("a text holds a lone surrogate", path)
    if isinstance(value, Mapping):
        return _first_problem(value.items(), path, depth)
    if isinstance(value, list):
        return _first_problem(enumerate(value), path, depth)
    return BadArguments(f"{type(value).__name__} is not a JSON type", path)


def _first_problem(items: Any, path: str, depth: int) -> BadArguments | None:
    for key, item in items:
        if isinstance(key, str) and not _is_unicode(key):
            return BadArguments("a key holds a lone surrogate", path)
        if not isinstance(key, str | int):
            return BadArguments("a key is not a text", path)
        if problem := _problem(item, f"{path}.{key}" if path else str(key), depth + 1):
            return problem
    return None


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record: dict[str, Any] = {}
    for key, value in pairs:
        if key in record:
            raise _RejectedError(f"the key {key!r} is given twice")
        record[key] = value
    return record


def _no_constant(name: str) -> Never:
    raise _RejectedError(f"{name} is not JSON")


def _bounded_integer(digits: str) -> int:
    if len(digits) > 17:
        raise _RejectedError("an integer is beyond ±2^53")
    return int(digits)


_DECODER = json.JSONDecoder(
    object_pairs_hook=_unique, parse_constant=_no_constant, parse_int=_bounded_integer
)
