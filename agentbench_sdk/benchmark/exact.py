"""JSON whose whole numbers keep every digit: a seed of 128 bits must not become a float."""

from __future__ import annotations

import json
import math
import re
from typing import Any

import orjson

_LONG = re.compile(rb"[0-9]{19,}")  # beyond 64 bits, perhaps; orjson reads such numbers as floats


def read_json(text: bytes) -> Any:
    """The value of a JSON text in UTF-8.

    Raises:
        ValueError: it is none (then a `json.JSONDecodeError`), or a number in it is too long or too large.
    """
    if not _LONG.search(text):
        return orjson.loads(text)
    orjson.loads(_LONG.sub(b"0", text))  # the stricter of the two says whether it is JSON
    return json.loads(text, parse_int=_integer, parse_float=_finite)


def beyond_64_bits(value: Any) -> int | None:
    """The first whole number in a value that the stored form cannot hold, or None."""
    if isinstance(value, int):
        return None if -(2**63) <= value < 2**64 else value
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return next((found for item in inside if (found := beyond_64_bits(item)) is not None), None)


def _integer(digits: str) -> int:
    try:
        return int(digits)
    except ValueError:  # the interpreter's own limit, which is there against attacks
        raise ValueError(f"a whole number of {len(digits):,} digits is too long; write it as text") from None


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError("a number is too large; write it as text")
    return number
