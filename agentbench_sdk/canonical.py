"""Canonical JSON and content hashes: one byte form for one value.

Keys are sorted by code point, there is no white space, text is UTF-8, integers are decimal. Cache keys,
state hashes and fingerprints are SHA-256 over this form.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

JSON = None | bool | int | float | str | Sequence["JSON"] | Mapping[str, "JSON"]


def canonical_json(value: Any) -> bytes:
    """Return the canonical bytes of a JSON value.

    Raises:
        TypeError: the value holds something that JSON cannot (a set, an integer beyond 64 bits,
            a key that is no string, text with lone surrogates).

    >>> canonical_json({"b": 1, "a": [True, None]})
    b'{"a":[true,null],"b":1}'
    """
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def digest(value: Any) -> str:
    """Return the SHA-256 (hexadecimal) of a value's canonical form."""
    return hashlib.sha256(canonical_json(value)).hexdigest()
