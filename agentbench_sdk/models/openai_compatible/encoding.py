"""From a `ModelRequest` to the bytes of a chat-completions body.

A session of 3,000 messages sends the same history each turn, and a benchmark sends the same image to many
models: so the bytes of a message, of a tool list and of a medium are made once and joined afterwards.
Base64 of much data is made in pieces on a thread, because one long call would hold the interpreter's lock.
"""

from __future__ import annotations

import asyncio
import binascii
import time
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.messages import Audio, Image, Media, Message, Part, Text, ToolSpec, Video
from agentbench_sdk.models.base import GenerateParams, ModelRequest

LARGE_MEDIA_BYTES = 256 * 1024
MEDIA_MEMORY_BYTES = 128 * 1024 * 1024
_KEPT_MESSAGES = 65_536
_KEPT_TOOL_LISTS = 256
_PIECE_BYTES = 3 * 64 * 1024  # a multiple of 3, so that the pieces' base64 joins

# Members that this client writes or relies on; overriding them by the way would falsify the record.
RESERVED = frozenset({"messages", "model", "n", "stream", "tools"})
_AUDIO_FORMATS = {"mpeg": "mp3", "wave": "wav", "vnd.wave": "wav", "mp4": "m4a"}


def check_extra_body(extra: Mapping[str, Any], where: str) -> None:
    """Refuse members that the request itself decides.

    Raises:
        ConfigurationError: one of them is reserved.
    """
    clash = sorted(RESERVED & extra.keys())
    if clash:
        raise ConfigurationError(
            f"{where}: {', '.join(clash)} cannot be set through extra_body; use the request's own fields"
        )


class RequestEncoder:
    """Encodes requests for one model.

    Arguments:
        model: the name that goes onto the wire.
        max_tokens_field: the member that holds `GenerateParams.max_tokens`.
        extra_body: members of every body; those of a request go on top.
        send_reasoning: give earlier reasoning back to the model, as `reasoning_content`.
    """

    def __init__(
        self,
        model: str,
        *,
        max_tokens_field: str = "max_tokens",
        extra_body: Mapping[str, Any] | None = None,
        send_reasoning: bool = False,
    ) -> None:
        self._head = b'{"model":' + orjson.dumps(model) + b',"messages":['
        self._max_tokens_field = max_tokens_field
        self._extra = dict(extra_body or {})
        self._send_reasoning = send_reasoning
        check_extra_body(self._extra, "model options")
        # By identity, with the object held so that its identity stays its own.
        self._messages: OrderedDict[int, tuple[Message, bytes]] = OrderedDict()
        self._tools: OrderedDict[tuple[int, ...], tuple[tuple[ToolSpec, ...], bytes]] = OrderedDict()
        self._latest_rest: tuple[GenerateParams, bool, bytes] | None = None
        self._media = MediaEncoder()

    async def encode(self, request: ModelRequest, *, stream: bool = False) -> bytes:
        """The body as bytes.

        Raises:
            ConfigurationError: extra_body names a reserved member, a medium's bytes are not at hand, or
                a value is not JSON.
        """
        if self._media.missing_bytes(request.messages) > LARGE_MEDIA_BYTES:
            await asyncio.to_thread(self._media.prepare, request.messages)
        try:
            return self._encode(request, stream)
        except (TypeError, orjson.JSONEncodeError) as error:
            raise ConfigurationError(f"the request holds a value that is not JSON: {error}") from error

    def _encode(self, request: ModelRequest, stream: bool) -> bytes:
        pieces = [self._head, b",".join([self._message(message) for message in request.messages]), b"]"]
        if request.tools:
            pieces += (b',"tools":', self._tool_list(request.tools))
        pieces.append(self._end(request.params, stream))
        return b"".join(pieces)

    def _end(self, params: GenerateParams, stream: bool) -> bytes:
        """The last members of a body; the requests of a run share their parameters, so the latest are kept."""
        latest = self._latest_rest
        if latest is None or latest[0] is not params or latest[1] is not stream:
            rest = self._rest(params, stream)
            latest = (params, stream, b"," + orjson.dumps(rest)[1:] if rest else b"}")
            self._latest_rest = latest
        return latest[2]

    def _rest(self, params: GenerateParams, stream: bool) -> dict[str, Any]:
        rest: dict[str, Any] = params.to_dict()
        extra = rest.pop("extra_body", None)
        if "max_tokens" in rest:
            rest[self._max_tokens_field] = rest.pop("max_tokens")
        if "top_logprobs" in rest:
            rest["logprobs"] = True
        if stream:
            rest["stream"] = True
            rest["stream_options"] = {"include_usage": True}
        if self._extra:
            rest.update(self._extra)
        if extra:
            check_extra_body(extra, "request parameters")
            rest.update(extra)
        return rest

    def _message(self, message: Message) -> bytes:
        if _is_plain(message):
            # The stored form of a plain message is that of the wire, and its bytes are kept already.
            return message.canonical()
        known = self._messages.get(id(message))
        if known is not None:
            return known[1]
        encoded = self._encode_message(message)
        if not any(isinstance(part, Media) for part in message.content):  # media are kept by themselves
            self._messages[id(message)] = (message, encoded)
            if len(self._messages) > _KEPT_MESSAGES:
                self._messages.popitem(last=False)
        return encoded

    def _encode_message(self, message: Message) -> bytes:
        record: dict[str, Any] = {"role": message.role}
        if message.tool_call_id is not None:
            record["tool_call_id"] = message.tool_call_id
        if message.tool_calls:
            record["tool_calls"] = [
                {
                    "id": call.id,
                    "type": "function",
                    "function": {"name": call.name, "arguments": call.arguments},
                }
                for call in message.tool_calls
            ]
        if message.refusal:
            record["refusal"] = message.refusal
        if message.reasoning and self._send_reasoning:
            record["reasoning_content"] = message.reasoning
        return orjson.dumps(record)[:-1] + b',"content":' + self._content(message) + b"}"

    def _content(self, message: Message) -> bytes:
        parts = message.content
        if not parts:
            return b"null" if message.role == "assistant" else b'""'
        if len(parts) == 1 and isinstance(parts[0], Text):
            return orjson.dumps(parts[0].text)
        return b"[" + b",".join([self._part(part) for part in parts]) + b"]"

    def _part(self, part: Part) -> bytes:
        if isinstance(part, Text):
            return orjson.dumps({"type": "text", "text": part.text})
        return self._media.part(part)

    def _tool_list(self, tools: tuple[ToolSpec, ...]) -> bytes:
        key = tuple(map(id, tools))
        known = self._tools.get(key)
        if known is None:
            functions = [{"type": "function", "function": tool.to_dict()} for tool in tools]
            known = self._tools[key] = (tools, orjson.dumps(functions))
            if len(self._tools) > _KEPT_TOOL_LISTS:
                self._tools.popitem(last=False)
        return known[1]


class MediaEncoder:
    """Content parts of images, sounds and films; the latest are kept, up to a number of bytes."""

    def __init__(self, memory_bytes: int = MEDIA_MEMORY_BYTES) -> None:
        self._memory_bytes = memory_bytes
        self._held_bytes = 0
        self._parts: OrderedDict[tuple[str, str, str], bytes] = OrderedDict()

    def missing_bytes(self, messages: Iterable[Message]) -> int:
        """Bytes of media in these messages whose encoding is not at hand."""
        missing = 0
        for message in messages:  # a plain loop: long histories without any media pass here every turn
            for part in message.content:
                if type(part) is Text or not isinstance(part, Media) or part.data is None:
                    continue
                if _key(part) not in self._parts:
                    missing += len(part.data)
        return missing

    def prepare(self, messages: Iterable[Message]) -> None:
        """Encode whatever is missing; meant for a thread, and gives way to others between pieces."""
        for message in messages:
            for part in message.content:
                if isinstance(part, Media) and part.data is not None:
                    self.part(part)

    def part(self, part: Image | Audio | Video | Media) -> bytes:
        key = _key(part)
        known = self._parts.get(key)
        if known is None:
            known = _encode_media(part)
            self._keep(key, known)
        return known

    def _keep(self, key: tuple[str, str, str], encoded: bytes) -> None:
        # Two threads may keep the same part: counted once, because only the first adds it.
        if self._parts.setdefault(key, encoded) is encoded:
            self._held_bytes += len(encoded)
        while self._held_bytes > self._memory_bytes and len(self._parts) > 1:
            self._held_bytes -= len(self._parts.popitem(last=False)[1])


def _is_plain(message: Message) -> bool:
    return (
        not message.tool_calls
        and len(message.content) == 1
        and type(message.content[0]) is Text
        and not message.reasoning
        and not message.refusal
    )


def _key(part: Media) -> tuple[str, str, str]:
    return part.kind, part.media_type, part.url or part.sha256


def _encode_media(part: Media) -> bytes:
    if part.data is None:
        return _addressed(part, _address(part))
    if not part.media_type:
        raise ConfigurationError(f"the media_type of {part.kind} {part.sha256[:12]} is not given")
    data = _base64(part.data)
    if isinstance(part, Audio):
        form = orjson.dumps(_audio_format(part.media_type))
        return b'{"type":"input_audio","input_audio":{"format":' + form + b',"data":"' + data + b'"}}'
    return _addressed(part, b'"data:' + orjson.dumps(part.media_type)[1:-1] + b";base64," + data + b'"')


def _address(part: Media) -> bytes:
    if part.url is None:
        raise ConfigurationError(f"the bytes of {part.kind} {part.sha256[:12]} are not at hand")
    return orjson.dumps(part.url)


def _addressed(part: Media, address: bytes) -> bytes:
    name = f"{part.kind}_url".encode()
    return b'{"type":"' + name + b'","' + name + b'":{"url":' + address + b"}}"


def _audio_format(media_type: str) -> str:
    subtype = media_type.partition("/")[2].partition(";")[0].removeprefix("x-")
    return _AUDIO_FORMATS.get(subtype, subtype)


def _base64(data: bytes) -> bytes:
    if len(data) <= _PIECE_BYTES:
        return binascii.b2a_base64(data, newline=False)
    pieces: list[bytes] = []
    for start in range(0, len(data), _PIECE_BYTES):
        pieces.append(binascii.b2a_base64(data[start : start + _PIECE_BYTES], newline=False))
        time.sleep(0)  # lets the event loop's thread have the interpreter's lock
    return b"".join(pieces)
