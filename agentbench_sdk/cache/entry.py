"""One recorded answer with its provenance, and the row that holds it.

A row is four pieces: the answer (message, finish reason, log probabilities), a header (provenance, usage
and the description of the request, one line of canonical JSON), the part of the request that no earlier
row holds, and a SHA-256 over key, header and answer that is checked on every reading. The header holds
a checksum of the request's part in turn, so that a hit need not read it.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from math import isfinite
from typing import Any, NamedTuple

import orjson

from agentbench_sdk.cache.key import Origin, RequestIdentity, private_draw
from agentbench_sdk.canonical import canonical_json
from agentbench_sdk.errors import CacheError
from agentbench_sdk.messages import Media, Message, Part, Usage
from agentbench_sdk.models import ModelResponse, Timing, TokenLogprob

# Below this, zlib costs more time than the bytes are worth.
COMPRESS_FROM = 4096
_NO_ATTEMPT = Timing(attempts=0)
_ZLIB = b"\x78"  # JSON begins with a bracket or a brace


@dataclass(frozen=True, slots=True)
class Entry:
    """A recorded answer.

    Attributes:
        response: the answer; its `timing` and `quota` are not recorded.
        origin: which call of which run paid for it.
        created: when it arrived, in seconds since 1970 (UTC).
        wire_s: how long the successful attempt took, in seconds.
        first_token_s: time to the first token in seconds, where the answer was streamed.
        draw: which of several answers to the same question this is.
        identity: the request, on the way in; None on an entry that was read (see `explain`).
    """

    response: ModelResponse
    origin: Origin
    created: float
    wire_s: float = 0.0
    first_token_s: float | None = None
    draw: str = ""
    identity: RequestIdentity | None = None

    @classmethod
    def of(cls, response: ModelResponse, origin: Origin, identity: RequestIdentity, created: float) -> Entry:
        """The entry of an answer that has just arrived."""
        timing = response.timing
        return cls(
            response, origin, created, timing.wire_s, timing.first_token_s, identity.draw, identity=identity
        )

    def hit(self) -> ModelResponse:
        """The answer as it is handed on when it is not paid for: cached, without attempts."""
        return unpaid(self.response)


def unpaid(response: ModelResponse) -> ModelResponse:
    """A copy for somebody who did not pay for the answer: cached, without attempts and quota."""
    # Spelled out: `dataclasses.replace` takes three times as long, and warm reruns do little else.
    return ModelResponse(
        response.message,
        response.finish_reason,
        response.usage,
        response.model,
        response.response_id,
        response.logprobs,
        _NO_ATTEMPT,
        None,
        cached=True,
    )


class RequestDelta(NamedTuple):
    """A request as a row holds it: what it adds to the request of an earlier row.

    Attributes:
        shape: hash of the stored shape (model, endpoint, parameters, tools).
        tail: canonical JSON of the messages that are stored here.
        parent: key of the row whose first `keep` messages come before the tail; "" when none do.
        system: hash of the stored system message that comes before the tail; "" when none does.
    """

    shape: str
    tail: bytes
    parent: str = ""
    keep: int = 0
    system: str = ""


class Row(NamedTuple):
    """An entry as the file holds it: the columns of its table, in their order, not yet packed."""

    key: str
    header: str
    hash: str
    answer: bytes
    request: bytes


def encode(key: str, entry: Entry, request: RequestDelta | None) -> Row:
    """Make the row of an entry.

    Raises:
        TypeError: the answer holds text that is not valid Unicode.
    """
    answer = _answer(entry.response)
    tail = request.tail if request else b""
    header = canonical_json(_header(entry, request, tail))
    return Row(key, header.decode(), row_hash(key, header, answer), answer, tail)


def decode(key: str, header: bytes, answer: bytes, hash: str) -> Entry:
    """Read an entry back from unpacked columns.

    Raises:
        CacheError: the row does not have the hash that was recorded with it.
    """
    if row_hash(key, header, answer) != hash:
        raise CacheError(
            f"the cached answer {key} is damaged (its content does not have the recorded hash); "
            "`agentbench cache verify --remove-damaged` on the file drops such rows, and they are asked for again"
        )
    record = orjson.loads(header)
    origin = origin_of(record)
    return Entry(
        _response(orjson.loads(answer), record["usage"]),
        origin,
        record["created"],
        record["wire_s"],
        record.get("first_token_s"),
        draw_of(record, origin),
    )


def origin_of(header: Mapping[str, Any]) -> Origin:
    """Which call of which run a row's header names."""
    return Origin(
        header["run"],
        header["sample"],
        header["epoch"],
        header["role"],
        header["turn"],
        header["ordinal"],
        header.get("namespace", ""),
    )


def draw_of(header: Mapping[str, Any], origin: Origin) -> str:
    """The draw of a row; its header names it only where it is not the origin's private one."""
    draw = header.get("draw")
    return private_draw(origin) if draw is None else str(draw)


def row_hash(key: str, header: bytes, answer: bytes) -> str:
    """SHA-256 (hexadecimal) of what a hit reads; neither key nor header holds a line break."""
    return sha256(b"\n".join((key.encode(), header, answer))).hexdigest()


def short_hash(data: bytes) -> str:
    """128 bits of SHA-256, hexadecimal: names stored parts."""
    return sha256(data).hexdigest()[:32]


def pack(data: bytes) -> bytes:
    """Compress JSON where it is long enough to be worth it."""
    return zlib.compress(data, 1) if len(data) >= COMPRESS_FROM else data


def unpack(data: bytes) -> bytes:
    """Undo `pack`; what cannot be undone is returned as it is, to fail its hash."""
    try:
        return zlib.decompress(data) if data[:1] == _ZLIB else data
    except zlib.error:
        return data


def guard(request: bytes) -> int:
    """The checksum by which a header vouches for the request that is stored beside it."""
    return zlib.crc32(request)


def _header(entry: Entry, request: RequestDelta | None, tail: bytes) -> dict[str, Any]:
    origin, usage = entry.origin, entry.response.usage
    record: dict[str, Any] = {
        "run": origin.run,
        "sample": origin.sample,
        "epoch": origin.epoch,
        "role": origin.role,
        "turn": origin.turn,
        "ordinal": origin.ordinal,
        "created": entry.created,
        "wire_s": entry.wire_s,
        "usage": {name: value for name, value in usage.to_dict().items() if value},
    }
    if usage.cost_usd is not None:
        record["usage"]["cost_usd"] = usage.cost_usd  # nothing and unknown are not the same
    if entry.first_token_s is not None:
        record["first_token_s"] = entry.first_token_s
    if origin.namespace:
        record["namespace"] = origin.namespace
    if entry.draw != private_draw(origin):
        record["draw"] = entry.draw
    if request is not None:
        record["shape"] = request.shape
        record["guard"] = guard(tail)
        if request.parent:
            record["parent"], record["keep"] = request.parent, request.keep
        if request.system:
            record["system"] = request.system
    return record


def _answer(response: ModelResponse) -> bytes:
    # The next turn needs the message's canonical bytes for its key, so making them here costs nothing.
    record: dict[str, Any] = {"finish_reason": response.finish_reason}
    if response.model:
        record["model"] = response.model
    if response.response_id:
        record["response_id"] = response.response_id
    if response.logprobs:
        record["logprobs"] = [_logprob_record(each) for each in response.logprobs]
    if media := {
        part.sha256: base64.b64encode(part.data).decode()
        for part in response.message.content
        if isinstance(part, Media) and part.data is not None
    }:
        # Elsewhere a message holds media by hash; here the answer is the only place that has the bytes.
        record["media"] = media
    return b'{"message":' + response.message.canonical() + b"," + canonical_json(record)[1:]


def _response(record: Mapping[str, Any], usage: Mapping[str, Any]) -> ModelResponse:
    message = Message.from_dict(record["message"])
    if media := record.get("media"):
        message = replace(message, content=tuple(_with_bytes(part, media) for part in message.content))
    return ModelResponse(
        message,
        record["finish_reason"],
        Usage(**usage),
        record.get("model", ""),
        record.get("response_id", ""),
        tuple(_logprob(each) for each in record["logprobs"]) if "logprobs" in record else (),
    )


def _with_bytes(part: Part, media: Mapping[str, str]) -> Part:
    if isinstance(part, Media) and part.sha256 in media:
        return replace(part, data=base64.b64decode(media[part.sha256]))
    return part


def _logprob_record(each: TokenLogprob) -> list[Any]:
    return [each.token, _number(each.logprob), [[token, _number(value)] for token, value in each.top]]


def _logprob(record: list[Any]) -> TokenLogprob:
    token, value, top = record
    return TokenLogprob(token, float(value), tuple((other, float(number)) for other, number in top))


def _number(value: float) -> float | str:
    """JSON has no infinity, and some endpoints give a token the log probability of -inf."""
    return value if isfinite(value) else repr(value)
