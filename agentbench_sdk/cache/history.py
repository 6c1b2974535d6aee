"""How requests are kept so that `explain` can compare them, without keeping each history again and again.

Turn after turn a session sends the same messages with a few more at the end. A row holds just those few
and names the row of the turn before, so a session of 3,000 messages takes space in proportion to its
length, not to its square. What rows have in common (model, parameters and tools; the system prompt) is
stored once by content hash.
"""

from __future__ import annotations

import sqlite3
from array import array
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count, takewhile
from typing import Any

import orjson

from agentbench_sdk.cache.entry import RequestDelta, draw_of, origin_of, short_hash, unpack
from agentbench_sdk.cache.key import Origin, RequestIdentity
from agentbench_sdk.canonical import canonical_json

_SHARED_PARTS = 64
_Session = tuple[str, str, int, str]


class RecentHistories:
    """The latest recorded request of each recent session, by the hashes of its messages.

    Forgetting one costs space, not correctness: the next request of that session is then stored whole.

    Arguments:
        sessions, messages: how many are remembered in all; at most about 20 MB.
    """

    def __init__(self, *, sessions: int = 2048, messages: int = 1_000_000) -> None:
        self._sessions, self._messages = sessions, messages
        self._latest: OrderedDict[_Session, tuple[str, array[int]]] = OrderedDict()
        self._size = 0
        self._asked: dict[str, array[int]] = {}  # hashes of requests that are being written
        self._hashes: dict[bytes, str] = {}

    def delta(self, identity: RequestIdentity, origin: Origin) -> tuple[RequestDelta, dict[str, bytes]]:
        """What a row must hold of a request, and the shared parts it refers to, by hash."""
        messages = identity.messages
        shape = self._hash(identity.shape)
        parts = {shape: identity.shape}
        parent, known = self._latest.get(_session(origin), ("", array("q")))
        if len(self._asked) > self._sessions:  # of calls that were given up
            self._asked.clear()
        asked = self._asked[identity.key] = _hashes(messages)
        keep = _common(known, asked)
        if keep:
            return RequestDelta(shape, _json_list(messages[keep:]), parent, keep), parts
        if not messages or not messages[0].endswith(b'"role":"system"}'):
            return RequestDelta(shape, _json_list(messages)), parts
        system = self._hash(messages[0])
        parts[system] = messages[0]
        return RequestDelta(shape, _json_list(messages[1:]), system=system), parts

    def remember(self, identity: RequestIdentity, origin: Origin) -> None:
        """Note a request whose row is in the file."""
        session = _session(origin)
        if session in self._latest:
            self._size -= len(self._latest.pop(session)[1])
        hashes = self._asked.pop(identity.key, None) or _hashes(identity.messages)
        self._latest[session] = (identity.key, hashes)
        self._size += len(hashes)
        while len(self._latest) > self._sessions or self._size > self._messages:
            self._size -= len(self._latest.popitem(last=False)[1][1])

    def _hash(self, part: bytes) -> str:
        """The hash of a shared part; all requests of a run have the same few."""
        known = self._hashes.get(part)
        if known is None:
            if len(self._hashes) >= _SHARED_PARTS:
                self._hashes.clear()
            known = self._hashes[part] = short_hash(part)
        return known


@dataclass(frozen=True, slots=True)
class StoredRequest:
    """A recorded request, put together again.

    Attributes:
        header: the row's header: provenance, draw, usage.
        shape: model, endpoint, params and tools; empty when it was not recorded.
        messages: their stored form; None when rows that they build on are gone.
    """

    key: str
    header: Mapping[str, Any]
    shape: Mapping[str, Any]
    messages: tuple[Mapping[str, Any], ...] | None

    @property
    def origin(self) -> Origin:
        return origin_of(self.header)

    @property
    def draw(self) -> str:
        return draw_of(self.header, self.origin)

    def identity(self) -> RequestIdentity | None:
        """The request as it was identified; None when its messages are no longer known."""
        if self.messages is None or not self.shape:
            return None
        messages = tuple(canonical_json(each) for each in self.messages)
        return RequestIdentity(self.key, canonical_json(self.shape), self.draw, messages)


_CHAIN = """
WITH RECURSIVE chain (depth, link) AS (
    SELECT 0, ?
    UNION ALL
    SELECT depth + 1, json_extract(header, '$.parent') FROM chain JOIN entries ON key = link
    WHERE json_extract(header, '$.parent') IS NOT NULL AND depth < 100000
)
SELECT header, request FROM chain JOIN entries ON key = link ORDER BY depth DESC
"""


def load_request(connection: sqlite3.Connection, key: str) -> StoredRequest | None:
    """Read the request of a row; None when there is no such row."""
    rows = connection.execute(_CHAIN, (key,)).fetchall()
    if not rows:
        return None
    links = [(orjson.loads(header), request) for header, request in rows]
    header = links[-1][0]
    shape = _part(connection, header.get("shape", ""))
    return StoredRequest(key, header, shape or {}, _messages(connection, links))


def _messages(
    connection: sqlite3.Connection, links: Sequence[tuple[Mapping[str, Any], bytes]]
) -> tuple[Mapping[str, Any], ...] | None:
    first = links[0][0]
    if "parent" in first or "shape" not in first:
        return None
    messages: list[Mapping[str, Any]] = []
    if "system" in first:
        system = _part(connection, first["system"])
        if system is None:
            return None
        messages.append(system)
    for header, request in links:
        if "parent" in header:
            del messages[header["keep"] :]
        messages += orjson.loads(unpack(request))
    return tuple(messages)


def _part(connection: sqlite3.Connection, hash: str) -> Mapping[str, Any] | None:
    row = connection.execute("SELECT body FROM parts WHERE hash = ?", (hash,)).fetchone()
    if row is None:
        return None
    part: Mapping[str, Any] = orjson.loads(unpack(row[0]))
    return part


def _session(origin: Origin) -> _Session:
    return origin.draws_from, origin.sample, origin.epoch, origin.role


def _hashes(messages: Sequence[bytes]) -> array[int]:
    # Python keeps the 64-bit hash of a bytes object, so a history is hashed once, not every turn.
    return array("q", map(hash, messages))


def _common(known: array[int], asked: array[int]) -> int:
    """How many messages at the beginning are the same."""
    if asked[: len(known)] == known:
        return len(known)
    pairs = zip(count(1), known, asked, strict=False)
    return max((index for index, _, _ in takewhile(lambda pair: pair[1] == pair[2], pairs)), default=0)


def _json_list(messages: Sequence[bytes]) -> bytes:
    return b"[" + b",".join(messages) + b"]"
