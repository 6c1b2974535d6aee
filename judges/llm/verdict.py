"""The form of a verdict: one JSON object whose members are all named, typed and bounded, or nothing at all."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from agentbench_sdk.judges.json_values import objects_in, same, whole_json
from agentbench_sdk.judges.llm.fence import valid_text

_DEEPEST = 8  # levels of JSON inside texts inside JSON in which an echo is looked for
_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Words:
    """A text."""

    hint: str = "…"


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number from `low` to `high`."""

    low: int
    high: int


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of these words, letter by letter."""

    options: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """An object with exactly these members."""

    members: Mapping[str, Member]


Member = Words | Whole | OneOf | Group


def schema_of(member: Member) -> dict[str, Any]:
    """The JSON schema of a member, in the subset that endpoints' strict mode takes."""
    if isinstance(member, Words):
        return {"type": "string"}
    if isinstance(member, Whole):
        return {"type": "integer", "enum": list(range(member.low, member.high + 1))}
    if isinstance(member, OneOf):
        return {"type": "string", "enum": list(member.options)}
    return {
        "type": "object",
        "properties": {name: schema_of(each) for name, each in member.members.items()},
        "required": list(member.members),
        "additionalProperties": False,
    }


def sketch_of(member: Member) -> str:
    """The form as a prompt shows it.

    >>> sketch_of(Group({"reasoning": Words(), "rating": Whole(1, 5)}))
    '{"reasoning": "…", "rating": <whole number from 1 to 5>}'
    """
    if isinstance(member, Words):
        return json.dumps(member.hint, ensure_ascii=False)
    if isinstance(member, Whole):
        return f"<whole number from {member.low} to {member.high}>"
    if isinstance(member, OneOf):
        return f"<{' or '.join(_quoted(each) for each in member.options)}>"
    inside = ", ".join(f"{_quoted(name)}: {sketch_of(each)}" for name, each in member.members.items())
    return f"{{{inside}}}"


def parse_verdict(reply: str, form: Group, shown: str = "") -> dict[str, Any]:
    """Read a judge's reply.

    Accepted is a reply that is one JSON object and nothing else, in a code fence or not, after the judge's
    thoughts in think tags or not. Prose around an object may quote somebody else's or take it back, so it is
    none; the same goes for two objects.

    Arguments:
        reply: the judge's words.
        form: what the object must be.
        shown: what the judge was shown from outside; an object that stands there too is an echo.

    Raises:
        ValueError: there is no such verdict; the message says why, for the judge to read.
    """
    value = _sole_object(reply)
    read: dict[str, Any] = _read(form, value, "the object")
    if any(same(value, other) for text in _unescaped(shown) for other in _objects(text)):
        raise ValueError("the object is a copy of one in the text to be judged")
    return read


def _read(member: Member, value: Any, name: str) -> Any:
    if isinstance(member, Group):
        if not isinstance(value, Mapping) or set(value) != set(member.members):
            raise ValueError(f"{name} {_members_differ(member, value)}")
        return {key: _read(each, value[key], key) for key, each in member.members.items()}
    if isinstance(member, Words):
        if not isinstance(value, str):
            raise ValueError(f"{name} is not a text")  # noqa: TRY004 - one kind of error for the caller
        return valid_text(value)
    if isinstance(member, OneOf):
        if not isinstance(value, str) or value not in member.options:
            raise ValueError(f"{name} is {_short(value)}, not {' or '.join(map(_quoted, member.options))}")
        return value
    return _whole(member, value, name)


def _whole(member: Whole, value: Any, name: str) -> int:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"{name} is {_short(value)}, not a whole number")  # noqa: TRY004 - one kind of error
    if not member.low <= value <= member.high:
        raise ValueError(f"{name} is {_short(value)}, outside {member.low} to {member.high}")
    return value


def _members_differ(form: Group, value: Any) -> str:
    if not isinstance(value, Mapping):
        return "is no object"
    missing = [name for name in form.members if name not in value]
    surplus = [str(name) for name in value if name not in form.members]
    told = [f"lacks {', '.join(missing)}"] if missing else []
    told += [f"holds {_short(', '.join(surplus))} too"] if surplus else []
    return " and ".join(told)


def _sole_object(reply: str) -> dict[str, Any]:
    try:
        value = whole_json(reply)
    except ValueError as error:
        # Only now are think tags looked for: inside a text of the object they are just words.
        text = _after_thoughts(reply)
        if not text:
            raise ValueError("the reply is empty") from None
        if text == reply.strip():
            raise ValueError(f"the reply is not one JSON object and nothing else ({_short(error)})") from None
        return _sole_object(text)
    if not isinstance(value, dict):
        raise ValueError("the reply is JSON, but not an object")  # noqa: TRY004 - one kind of error
    return value


_THOUGHTS = re.compile(r"\s*<think(?:ing)?>", re.IGNORECASE)
_END_OF_THOUGHTS = re.compile(r"</think(?:ing)?>", re.IGNORECASE)
_TAG = re.compile(r"<think(?:ing)?>", re.IGNORECASE)


def _after_thoughts(reply: str) -> str:
    """What follows thoughts with which a reply begins; "" when they are never closed.

    A closing tag alone ends thoughts whose opening tag stood in the model's own template.
    """
    begins = _THOUGHTS.match(reply)
    ends = list(_END_OF_THOUGHTS.finditer(reply))
    if begins and not ends:
        return ""
    if ends and (begins or _TAG.search(reply) is None):
        return reply[ends[-1].end() :].strip()
    return reply.strip()


_ESCAPE = re.compile(r'\\(["\\/nrt])')
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t"}


def _unescaped(text: str) -> Iterator[str]:
    """A text, and what it says where it is a text inside JSON, as deep as that goes."""
    for _ in range(_DEEPEST):
        yield text
        before, text = text, _ESCAPE.sub(lambda found: _ESCAPED.get(found[1], found[1]), text)
        if text == before:
            return


def _objects(text: str, depth: int = 0) -> Iterator[dict[str, Any]]:
    """All JSON objects of a text, those inside others and inside their texts included."""
    for _, _, value in objects_in(text):
        yield from _inside(value, depth)


def _inside(value: Any, depth: int) -> Iterator[dict[str, Any]]:
    if depth > _DEEPEST:
        return
    if isinstance(value, dict):
        yield value
        for each in value.values():
            yield from _inside(each, depth + 1)
    elif isinstance(value, list):
        for each in value:
            yield from _inside(each, depth + 1)
    elif isinstance(value, str) and "{" in value:
        yield from _objects(value, depth + 1)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _short(value: object) -> str:
    """A value of the judge's for its own eyes, bounded; a number may have thousands of digits."""
    text = str(value) if isinstance(value, str | Exception) else repr(value)[: 2 * _SHOWN]
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
