"""JSON as text and as values: strict parsing, equality without coercion, subsets."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Never, TypeGuard

MAX_LENGTH = 1_000_000
MAX_OBJECTS = 1_000


def strict_json(text: str) -> Any:
    """Parse exactly one JSON value with unique keys and finite numbers.

    Raises:
        ValueError: it is not that; the message says why.
    """
    if len(text) > MAX_LENGTH:
        raise ValueError(f"the text is longer than {MAX_LENGTH} characters")
    try:
        return json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
    except RecursionError:
        raise ValueError("the value is nested too deeply") from None


def whole_json(text: str) -> Any:
    r"""Parse a text that is one JSON value and nothing else, or one code fence around it.

    Raises:
        ValueError: it is not that.

    >>> whole_json('```json\n{"a": 1}\n```')
    {'a': 1}
    """
    stripped = text.strip()
    fence = re.fullmatch(
        r"(`{3,}|~{3,})[ \t]*(?:json|JSON)?[ \t]*\r?\n(.*?)\r?\n?[ \t]*\1", stripped, re.DOTALL
    )
    return strict_json(fence.group(2) if fence else stripped)


def objects_in(text: str) -> list[tuple[int, int, dict[str, Any]]]:
    """The outermost JSON objects in a text, each with where it begins and ends.

    Of a text with very many braces only the first 1,000 are tried, so that time is bounded.
    """
    decoder = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_no_constant)
    found: list[tuple[int, int, dict[str, Any]]] = []
    position = text.find("{")
    for _ in range(MAX_OBJECTS):
        if position < 0:
            break
        try:
            value, end = decoder.raw_decode(text, position)
            found.append((position, end, value))
        except (ValueError, RecursionError):
            end = position + 1
        position = text.find("{", end)
    return found


def same(left: object, right: object) -> bool:
    """Equality of JSON values: 1 is 1.0, but True is not 1 and "1" is not 1."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if _is_list(left) and _is_list(right):
        return len(left) == len(right) and all(map(same, left, right))
    return (type(left) in (int, float) and type(right) in (int, float) and left == right) or (
        type(left) is type(right) and left == right
    )


def contains(whole: object, part: object) -> bool:
    """Whether `part` is in `whole`: objects by their members, at any depth; everything else by equality."""
    if isinstance(whole, Mapping) and isinstance(part, Mapping):
        return all(key in whole and contains(whole[key], part[key]) for key in part)
    return same(whole, part)


def _is_list(value: object) -> TypeGuard[Sequence[object]]:
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(pairs)
    if len(record) < len(pairs):
        raise ValueError("a key is given twice")
    return record


def _no_constant(name: str) -> Never:
    raise ValueError(f"{name} is not JSON")
