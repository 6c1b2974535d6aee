"""Why a request missed: its nearest recorded relative, and what differs.

the nearest one is 1f6c0a9b2d3e (run r1, sample s7, epoch 1, agent turn 3); parameter temperature
0.0 → 0.7; message 3 (user) differs from character 120: '…a red box' → '…a blue box'
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import takewhile
from typing import Any

import orjson

from agentbench_sdk.cache.history import StoredRequest, load_request
from agentbench_sdk.cache.key import SHARED_DRAW, Origin, RequestIdentity
from agentbench_sdk.canonical import canonical_json

_SAME_SAMPLE = "SELECT key, header FROM entries WHERE json_extract(header, '$.sample') = ? AND key <> ?"
_LATEST = "SELECT key, header FROM entries WHERE key <> ? ORDER BY rowid DESC LIMIT 500"
_CANDIDATES = 8  # whose messages are read and compared
_SNIPPET = 40  # characters shown on each side of a difference
_DRAW_FIELDS = ("run", "sample", "epoch", "role", "turn", "ordinal")


def explain_miss(connection: sqlite3.Connection, asked: RequestIdentity, origin: Origin) -> str:
    """Say which recorded request is nearest to one that missed, and what differs."""
    nearest = nearest_request(connection, asked, origin)
    if nearest is None:
        return "the cache holds no other answer"
    differences = list(compare(nearest, asked))
    place = f"the nearest one is {nearest.key[:12]} ({_place(nearest.header)})"
    if not differences:
        return f"{place}, of which nothing differs that is recorded"
    return f"{place}; " + "; ".join(differences)


def nearest_request(
    connection: sqlite3.Connection, asked: RequestIdentity, origin: Origin
) -> StoredRequest | None:
    """The recorded request that is most like one that missed.

    Candidates are those of the same sample, or else the latest ones; of those that agree best in role,
    turn, run and epoch, the one that shares the most messages from the beginning on.
    """
    rows = connection.execute(_SAME_SAMPLE, (origin.sample, asked.key)).fetchall()
    rows = rows or connection.execute(_LATEST, (asked.key,)).fetchall()
    headers = [(key, orjson.loads(header)) for key, header in rows]
    headers.sort(key=lambda row: _distance(row[1], origin))
    loaded = [load_request(connection, key) for key, _ in headers[:_CANDIDATES]]
    known = [each for each in loaded if each is not None]
    return max(known, key=lambda each: _likeness(each, asked), default=None)


def compare(recorded: StoredRequest, asked: RequestIdentity) -> Iterator[str]:
    """What differs, part by part: model, endpoint, parameters, tools, messages, draw."""
    shape = orjson.loads(asked.shape)
    if not recorded.shape:
        yield "what was asked then is not recorded"
        return
    for name in ("schema", "model", "endpoint"):
        if recorded.shape[name] != shape[name]:
            yield f"{name} {recorded.shape[name]!r} → {shape[name]!r}"
    yield from _compare_params(recorded.shape["params"], shape["params"])
    yield from _compare_tools(recorded.shape["tools"], shape["tools"])
    if recorded.messages is None:
        yield "its messages are no longer recorded (earlier turns were pruned)"
    else:
        yield from _compare_messages(recorded.messages, [orjson.loads(each) for each in asked.messages])
    yield from _compare_draws(recorded.draw, asked.draw)


def _distance(header: Mapping[str, Any], origin: Origin) -> tuple[bool, int, bool, bool, float]:
    return (
        header["role"] != origin.role,
        abs(header["turn"] - origin.turn),
        (header.get("namespace") or header["run"]) != origin.draws_from,
        header["epoch"] != origin.epoch,
        -header["created"],
    )


def _likeness(recorded: StoredRequest, asked: RequestIdentity) -> tuple[bool, int]:
    model = orjson.loads(asked.shape)["model"]
    same = takewhile(
        lambda pair: canonical_json(pair[0]) == pair[1],
        zip(recorded.messages or (), asked.messages, strict=False),
    )
    return recorded.shape.get("model") == model, sum(1 for _ in same)


def _place(header: Mapping[str, Any]) -> str:
    sample = f"sample {header['sample']}, " if header["sample"] else ""
    return f"run {header['run']}, {sample}epoch {header['epoch']}, {header['role']} turn {header['turn']}"


def _compare_params(recorded: Mapping[str, Any], asked: Mapping[str, Any]) -> Iterator[str]:
    for name in sorted(recorded.keys() | asked.keys()):
        before, now = _shown(recorded, name), _shown(asked, name)
        if before != now:
            yield f"parameter {name} {before} → {now}"


def _shown(params: Mapping[str, Any], name: str) -> str:
    return canonical_json(params[name]).decode() if name in params else "unset"


def _compare_tools(
    recorded: Sequence[Mapping[str, Any]], asked: Sequence[Mapping[str, Any]]
) -> Iterator[str]:
    if recorded == asked:
        return
    before, now = ({tool["name"]: tool for tool in tools} for tools in (recorded, asked))
    changes = [
        *(f"{name} is new" for name in now if name not in before),
        *(f"{name} is gone" for name in before if name not in now),
        *(f"{name} is described differently" for name in now if name in before and now[name] != before[name]),
    ]
    yield f"tools differ: {', '.join(changes) or 'their order'}"


def _compare_messages(
    recorded: Sequence[Mapping[str, Any]], asked: Sequence[Mapping[str, Any]]
) -> Iterator[str]:
    for index, (before, now) in enumerate(zip(recorded, asked, strict=False)):
        if before != now:
            yield f"message {index + 1} ({now['role']}) {_message_difference(before, now)}"
            return  # what follows is a consequence
    if len(recorded) != len(asked):
        yield f"{len(recorded)} messages → {len(asked)} (the shorter is the longer one's beginning)"


def _message_difference(before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    for name in ("role", "content", "tool_calls", "tool_call_id", "reasoning", "refusal"):
        if before.get(name) != now.get(name):
            old, new = _text(before.get(name)), _text(now.get(name))
            at = _first_difference(old, new)
            what = "" if name == "content" else f" in {name}"
            return f"differs{what} from character {at + 1}: {_snippet(old, at)} → {_snippet(new, at)}"
    return "differs"


def _first_difference(old: str, new: str) -> int:
    pairs = enumerate(zip(old, new, strict=False))
    return next((at for at, (before, now) in pairs if before != now), min(len(old), len(new)))


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else canonical_json(value).decode()


def _snippet(text: str, at: int) -> str:
    start = max(0, at - _SNIPPET // 2)
    shown = text[start : at + _SNIPPET]
    return repr(("…" if start else "") + shown + ("…" if at + _SNIPPET < len(text) else ""))


def _compare_draws(recorded: str, asked: str) -> Iterator[str]:
    if recorded == asked:
        return
    if SHARED_DRAW in (recorded.partition(" ")[0], asked.partition(" ")[0]):
        yield f"draw differs: {_draw_name(recorded)} → {_draw_name(asked)}"
        return
    fields = zip(_DRAW_FIELDS, _draw_fields(recorded), _draw_fields(asked), strict=False)
    changes = [f"{name} {before} → {now}" for name, before, now in fields if before != now]
    yield f"draw differs: {', '.join(changes) or f'{recorded} → {asked}'}"


def _draw_name(draw: str) -> str:
    kind, _, rest = draw.partition(" ")
    epoch, _, repeat = rest.partition(" ")
    again = f", repeat {repeat}" if repeat else ""
    return f"shared (deterministic), epoch {epoch}{again}" if kind == SHARED_DRAW else f"private {draw}"


def _draw_fields(draw: str) -> Iterable[Any]:
    try:
        fields = orjson.loads(draw)
    except ValueError:
        return ()
    return fields if isinstance(fields, list) else ()
