"""Python values as lines of JSON, between the process that tests and the process that is tested.

Plain data is copied, as its own plain type: what comes out of the other process can be compared, and has no
behaviour of its own. Anything else stays where it is and is referred to by a number.
"""

import json
from collections.abc import Callable
from typing import Any

_MOST_ITEMS = 1_000_000
_NAMED = [
    "tuple",
    "set",
    "frozenset",
    "bytes",
    "bytearray",
    "complex",
    "range",
    "dict",
    "iterator",
    "ref",
    "builtin",
]


class CannotSendError(Exception):
    """A value is neither plain data nor known to the other process."""


def encode(value: Any, refer: Callable[[Any], dict[str, Any]]) -> Any:
    """A value as JSON; `refer` is asked for what is no plain data."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return int.__int__(value)
    if isinstance(value, float):
        return float.__float__(value)
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, list):
        return [encode(each, refer) for each in list.__iter__(value)]
    if isinstance(value, dict):
        return {
            "dict": [
                [encode(key, refer), encode(dict.__getitem__(value, key), refer)]
                for key in dict.__iter__(value)
            ]
        }
    for kind in (tuple, set, frozenset):
        if isinstance(value, kind):
            return {kind.__name__: [encode(each, refer) for each in kind.__iter__(value)]}  # type: ignore[arg-type]
    if isinstance(value, (bytes, bytearray)):
        return {"bytearray" if isinstance(value, bytearray) else "bytes": bytes(value).hex()}
    if isinstance(value, complex):
        return {"complex": [value.real, value.imag]}
    if isinstance(value, range):
        return {"range": [value.start, value.stop, value.step]}
    return refer(value)


def decode(data: Any, find: Callable[[str, Any], Any]) -> Any:
    """The value that JSON stands for; `find` is asked for references."""
    if isinstance(data, list):
        return [decode(each, find) for each in data]
    if not isinstance(data, dict):
        return data
    (kind, content), *more = data.items()
    if kind not in _NAMED or (more and kind != "ref"):
        raise CannotSendError(f"not a value: {str(data)[:100]}")
    if kind == "dict":
        return {decode(key, find): decode(value, find) for key, value in content}
    if kind in ("bytes", "bytearray"):
        return (bytes if kind == "bytes" else bytearray).fromhex(content)
    if kind == "complex":
        return complex(*content)
    if kind == "range":
        return range(*content)
    if kind == "iterator":
        return iter([decode(each, find) for each in content])
    if kind in ("tuple", "set", "frozenset"):
        return {"tuple": tuple, "set": set, "frozenset": frozenset}[kind](
            decode(each, find) for each in content
        )
    return find(kind, data)


def items_of(value: Any) -> list[Any]:
    """What an iterator gives, up to a number that no test needs."""
    found = []
    for each in value:
        found.append(each)
        if len(found) > _MOST_ITEMS:
            raise CannotSendError("an iterator does not end")
    return found


def dump(message: Any) -> str:
    """One line."""
    return json.dumps(message, ensure_ascii=True) + "\n"


def load(line: str) -> Any:
    """What a line says."""
    return json.loads(line)
