"""Dealings: what an agent read, wrote and paid, by whom it dealt with, short enough for a judge to read whole.

A year of business is thousands of calls; whether somebody was cheated stands in a few hundred of them. The
calls of the tools named are sorted into threads, one a correspondent, since a promise and its payment are only
worth something together. A thread is shown whole where possible, and what is left out is counted.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from agentbench_sdk.judges.json_values import whole_json
from agentbench_sdk.judges.llm.fence import elided
from agentbench_sdk.sessions.transcript import ToolEntry, Transcript

TOOLS = ("read_email", "send_email", "send_payment")
LIMIT = 60_000
# What one call may take; tried in turn until everything fits.
_ENTRY_LIMITS = (1_500, 600, 300)
_SENT, _GOT = 600, 200  # what a list or object may take: what the agent sent is the judge's business
_WORDED = 40  # characters; a result with so long a text says in words what its lists say in figures
_EMPTY: tuple[object, ...] = (None, [], {}, "")
_NOBODY = "(nobody named)"


def rendered_dealings(transcript: Transcript, tools: Iterable[str] = TOOLS, limit: int = LIMIT) -> str:
    """The dealings of a session as text, "" when there were none.

    Arguments:
        transcript: the session.
        tools: names of the tools whose calls count; their arguments or results name the other party as
            "from" or "to".
        limit: characters in all. Long texts are shortened in the middle first; then the longest threads
            lose their middle.
    """
    threads, repeats = _threads(transcript, frozenset(tools))
    if not threads:
        return ""
    for most in _ENTRY_LIMITS:
        shown = {party: [_cut(text, most) for text in texts] for party, texts in threads.items()}
        if sum(map(_size, shown.values())) <= limit:
            break
    allowed = _shares({party: _size(texts) for party, texts in shown.items()}, limit)
    parts = [_rendered(party, texts, allowed[party]) for party, texts in shown.items()]
    if repeats:
        parts.append(f"[… {repeats} calls that only repeated an earlier one are not shown …]")
    return "\n\n".join(part for part in parts if part)


def _threads(transcript: Transcript, tools: frozenset[str]) -> tuple[dict[str, list[str]], int]:
    """The calls as text by correspondent, in the order of their first, and how many only repeated one."""
    threads: dict[str, list[str]] = {}
    seen: set[tuple[str, str]] = set()
    repeats = 0
    for entry in transcript.tool_calls:
        if entry.name not in tools or entry.surplus:
            continue
        sent, got = _object(entry.arguments), _object(entry.content)
        facts = _inner(got)
        if (key := (entry.name, entry.arguments)) in seen and not _acts(sent):
            repeats += 1
            continue
        seen.add(key)
        threads.setdefault(_party(sent, facts), []).append(_line(entry, sent, got, facts))
    return threads, repeats


def _acts(sent: Mapping[str, Any]) -> bool:
    """Whether a call reaches somebody: sending the same twice is two acts, reading it twice is none."""
    return "to" in sent


def _object(text: str) -> dict[str, Any]:
    try:
        value = whole_json(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _inner(got: Mapping[str, Any]) -> dict[str, Any]:
    """What a result says; worlds that wrap it keep it under "data"."""
    data = got.get("data")
    return data if isinstance(data, dict) else {}


def _party(sent: Mapping[str, Any], facts: Mapping[str, Any]) -> str:
    for name in (sent.get("to"), facts.get("from"), facts.get("to")):
        if isinstance(name, str) and name.strip():
            return elided(" ".join(name.lower().split()), 120)
    return _NOBODY


def _line(entry: ToolEntry, sent: Mapping[str, Any], got: Mapping[str, Any], facts: Mapping[str, Any]) -> str:
    """One call: when, what was done, and what came of it; texts and numbers before lists and objects."""
    told = [*((key, value, _SENT) for key, value in sent.items())]
    worded = any(isinstance(value, str) and len(value) > _WORDED for value in facts.values())
    told += [
        (key, value, _GOT)
        for key, value in facts.items()
        if key not in sent and not (worded and isinstance(value, dict | list))
    ]
    told.sort(key=lambda item: isinstance(item[1], dict | list))
    body = "; ".join(f"{key}: {_value(value, most)}" for key, value, most in told if value not in _EMPTY)
    refused = "" if entry.ok else f" [refused: {entry.error or 'failed'}]"
    return f"{_when(got)}{entry.name}{refused}: {body or _value(entry.content, _GOT)}"


def _value(value: object, most: int) -> str:
    """A value on one line: quoted, so that no mail can look like the lines of other calls."""
    text = json.dumps(value, ensure_ascii=False)
    return text if isinstance(value, str) else _cut(text, most)


def _cut(text: str, most: int) -> str:
    return elided(text, most).replace("\n", " ")


def _when(got: Mapping[str, Any]) -> str:
    clock = got.get("clock")
    if not isinstance(clock, dict) or "day" not in clock:
        return ""
    return f"day {clock['day']}{', ' + str(clock['time']) if 'time' in clock else ''}: "


def _size(texts: Iterable[str]) -> int:
    return sum(len(text) + 1 for text in texts) + 100  # the heading, and the notice of what is left out


def _shares(sizes: Mapping[str, int], limit: int) -> dict[str, int]:
    """Characters for each thread: short threads get all they need, long ones share the rest evenly."""
    shares: dict[str, int] = {}
    left, waiting = limit, len(sizes)
    for party, size in sorted(sizes.items(), key=lambda item: (item[1], item[0])):
        shares[party] = min(size, left // waiting)
        left -= shares[party]
        waiting -= 1
    return shares


def _rendered(party: str, texts: list[str], limit: int) -> str:
    """A thread with its heading; one that is too long keeps its beginning and its end."""
    heading = f"Dealings with {party}:"
    if _size(texts) <= limit:
        return "\n".join([heading, *texts])
    head, tail = _ends(texts, limit - 100)
    notice = f"[… {len(texts) - head - tail} of {len(texts)} calls left out …]"
    return "\n".join([heading, *texts[:head], notice, *texts[len(texts) - tail :]])


def _ends(texts: list[str], limit: int) -> tuple[int, int]:
    """How many texts from the front and from the back fit, taken in turn."""
    head = tail = size = 0
    while head + tail < len(texts):
        text = texts[head] if head == tail else texts[-1 - tail]
        size += len(text) + 1
        if size > limit:
            break
        head, tail = (head + 1, tail) if head == tail else (head, tail + 1)
    return head, tail
