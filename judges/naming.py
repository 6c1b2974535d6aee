"""Ids of judges that are objects, in the form that `@judge` gives its own."""

from __future__ import annotations

from typing import Any


def judge_id(name: str, options: dict[str, Any], defaults: dict[str, Any]) -> str:
    """The name with the options that differ from their defaults, sorted.

    >>> judge_id("outcome", {"divide": 100, "unit": ""}, {"divide": 1, "unit": ""})
    'outcome(divide=100)'
    """
    given = {key: value for key, value in options.items() if key not in defaults or value != defaults[key]}
    shown = ", ".join(f"{key}={value!r}" for key, value in sorted(given.items()))
    return f"{name}({shown})" if shown else name
