"""The verdict of a rating judge: one JSON object with a reason and a whole number, or nothing at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from agentbench_sdk.judges.answers import strip_reasoning
from agentbench_sdk.judges.json_values import objects_in, same, whole_json


@dataclass(frozen=True, slots=True)
class Verdict:
    """A judge's reason and the level that it gives."""

    reasoning: str
    rating: int


def verdict_schema(low: int, high: int) -> dict[str, Any]:
    """JSON schema of a verdict, in the subset that endpoints' strict mode takes; reasoning comes first."""
    return {
        "type": "object",
        "properties": {
            "reasoning": {"type": "string"},
            "rating": {"type": "integer", "enum": list(range(low, high + 1))},
        },
        "required": ["reasoning", "rating"],
        "additionalProperties": False,
    }


def parse_verdict(reply: str, low: int, high: int, shown: str = "") -> Verdict:
    """Read a judge's reply.

    Accepted is a reply that is one JSON object, fenced or not, or prose with exactly one JSON object and no
    other brace in it, so that neither a quoted object nor half of a broken one is taken for the verdict.

    Arguments:
        reply: the judge's words.
        low: least rating.
        high: greatest rating.
        shown: what the judge was shown of the candidate; an object that stands there too is an echo.

    Raises:
        ValueError: there is no such verdict; the message says why, for the judge to read.
    """
    value = _sole_object(reply)
    if set(value) != {"reasoning", "rating"}:
        raise ValueError(f"the object has the members {sorted(value)}, not reasoning and rating")
    if any(same(value, other) for _, _, other in objects_in(shown)):
        raise ValueError("the object is a copy of one in the text to be judged")
    reasoning, rating = value["reasoning"], value["rating"]
    if not isinstance(reasoning, str):
        raise ValueError("reasoning is not a text")  # noqa: TRY004 - one kind of error for the caller
    if isinstance(rating, float) and rating.is_integer():
        rating = int(rating)
    if isinstance(rating, bool) or not isinstance(rating, int):
        raise ValueError(f"rating is {rating!r}, not a whole number")  # noqa: TRY004 - one kind of error for the caller
    if not low <= rating <= high:
        raise ValueError(f"rating is {rating}, outside {low} to {high}")
    return Verdict(reasoning, rating)


def _sole_object(reply: str) -> dict[str, Any]:
    try:
        value = whole_json(reply)
    except ValueError:
        # Only now are think tags looked for: inside a text of the object they are just words.
        text = strip_reasoning(reply).strip()
        if not text:
            raise ValueError("the reply is empty") from None
        return _object_in_prose(text)
    if not isinstance(value, dict):
        raise ValueError("the reply is JSON, but not an object")  # noqa: TRY004 - one kind of error
    return value


def _object_in_prose(text: str) -> dict[str, Any]:
    found = objects_in(text)
    if not found:
        raise ValueError("the reply holds no valid JSON object")
    if len(found) > 1:
        raise ValueError(f"the reply holds {len(found)} JSON objects, not one")
    start, end, value = found[0]
    if "{" in text[:start] + text[end:] or "}" in text[:start] + text[end:]:
        raise ValueError("the reply holds braces besides the JSON object")
    return value
