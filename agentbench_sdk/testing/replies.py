"""What a fake endpoint does with one request: answer, refuse, or break in one of the ways that servers have."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Self

import orjson

from agentbench_sdk.canonical import digest
from agentbench_sdk.messages import Message, ToolCall, Usage

Fault = Literal["", "truncate", "reset", "hang"]
_PIECE = 12  # characters of text in one event of a stream


@dataclass(frozen=True, slots=True)
class Reply:
    """One reply; make it with the constructors below and bend it with `after`, `with_headers`, `cut`.

    Attributes:
        completion: the choice and usage of a chat completion, sent whole or streamed as the request asks;
            None when `body` is sent as it is.
        body: the raw bytes of the body.
        fault: "truncate" closes the connection after a part of the body (whose length was announced, or
            whose last chunk is missing), "reset" sends RST in place of an answer, "hang" never answers.
        delay_s: seconds before the first byte.
        piece_delay_s: seconds between the events of a stream.
    """

    status: int = 200
    completion: Mapping[str, Any] | None = None
    body: bytes = b""
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    fault: Fault = ""
    delay_s: float = 0.0
    piece_delay_s: float = 0.0

    # --- answers ------------------------------------------------------------------------------

    @classmethod
    def text(
        cls,
        text: str,
        *,
        reasoning: str = "",
        finish_reason: str = "stop",
        usage: Usage | None = None,
        refusal: str | None = None,
    ) -> Self:
        """An answer in words."""
        message: dict[str, Any] = {"role": "assistant", "content": text}
        if reasoning:
            message["reasoning_content"] = reasoning
        if refusal is not None:
            message["refusal"] = refusal
        return cls(completion=_completion(message, finish_reason, usage))

    @classmethod
    def tool_calls(cls, calls: Iterable[ToolCall], *, text: str = "", usage: Usage | None = None) -> Self:
        """An answer that calls tools."""
        wire = [
            {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
            for call in calls
        ]
        message = {"role": "assistant", "content": text or None, "tool_calls": wire}
        return cls(completion=_completion(message, "tool_calls", usage))

    @classmethod
    def tool(cls, name: str, arguments: Mapping[str, Any] | str | None = None) -> Self:
        """An answer that calls one tool; its id is made from the call."""
        raw = arguments if isinstance(arguments, str) else json.dumps(dict(arguments or {}))
        return cls.tool_calls([ToolCall("call_" + digest([name, raw])[:24], name, raw)])

    @classmethod
    def message(cls, message: Message, *, usage: Usage | None = None, finish_reason: str = "") -> Self:
        """An assistant message as any model of ours gives it."""
        if message.tool_calls:
            return cls.tool_calls(message.tool_calls, text=message.text, usage=usage)
        return cls.text(
            message.text,
            reasoning=message.reasoning,
            usage=usage,
            finish_reason=finish_reason or "stop",
            refusal=message.refusal or None,
        )

    # --- refusals and nonsense ----------------------------------------------------------------

    @classmethod
    def error(
        cls,
        status: int,
        message: str = "refused by the fake endpoint",
        *,
        code: str | None = None,
        type: str = "error",
        retry_after: float | str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Self:
        """An error status with a body such as OpenAI's."""
        all_headers = dict(headers or {})
        if retry_after is not None:
            all_headers["Retry-After"] = str(retry_after)
        body = orjson.dumps({"error": {"message": message, "type": type, "code": code}})
        return cls(status=status, body=body, headers=all_headers)

    @classmethod
    def raw(cls, body: bytes | str, *, status: int = 200, content_type: str = "application/json") -> Self:
        """Any body."""
        return cls(
            status=status, body=body.encode() if isinstance(body, str) else body, content_type=content_type
        )

    @classmethod
    def json(cls, value: Any, *, status: int = 200) -> Self:
        """Any JSON."""
        return cls(status=status, body=orjson.dumps(value))

    @classmethod
    def malformed(cls) -> Self:
        """A body that is no JSON."""
        return cls.raw('{"id": "x", "choices": [{"message": }]}')

    @classmethod
    def no_choices(cls) -> Self:
        """A completion without choices."""
        return cls.json({"id": "x", "object": "chat.completion", "model": "fake", "choices": []})

    @classmethod
    def empty(cls) -> Self:
        """A completion without text."""
        return cls.text("")

    @classmethod
    def nothing(cls) -> Self:
        """A status of success and no body."""
        return cls.raw(b"")

    @classmethod
    def truncated(cls, text: str = "an answer that is cut") -> Self:
        """A body that ends before the announced length."""
        return cls.text(text).cut()

    @classmethod
    def reset(cls) -> Self:
        """The connection is reset before any byte of an answer."""
        return cls(fault="reset")

    @classmethod
    def hang(cls) -> Self:
        """No answer, until the client gives up or the endpoint is closed."""
        return cls(fault="hang")

    # --- variations ---------------------------------------------------------------------------

    def after(self, seconds: float) -> Self:
        """The same, with a slow first byte."""
        return replace(self, delay_s=seconds)

    def slowly(self, seconds: float) -> Self:
        """The same, with a pause between the events of a stream."""
        return replace(self, piece_delay_s=seconds)

    def with_headers(self, headers: Mapping[str, str]) -> Self:
        """The same, with further headers."""
        return replace(self, headers={**self.headers, **headers})

    def cut(self) -> Self:
        """The same, broken off in the middle of the body."""
        return replace(self, fault="truncate")

    # --- wire ---------------------------------------------------------------------------------

    def whole(self, model: str, number: int) -> bytes:
        """The body when it is not streamed."""
        if self.completion is None:
            return self.body
        head = {"id": f"chatcmpl-{number}", "object": "chat.completion", "created": 0, "model": model}
        return orjson.dumps({**head, **self.completion})

    def events(self, model: str, number: int) -> list[bytes]:
        """The events of the stream, each with its blank line."""
        assert self.completion is not None
        head = {"id": f"chatcmpl-{number}", "object": "chat.completion.chunk", "created": 0, "model": model}
        choice = self.completion["choices"][0]
        chunks = [{"delta": delta} for delta in _deltas(choice["message"])]
        chunks.append({"delta": {}, "finish_reason": choice["finish_reason"]})
        bodies: list[dict[str, Any]] = [{**head, "choices": [{"index": 0, **chunk}]} for chunk in chunks]
        bodies.append({**head, "choices": [], "usage": self.completion["usage"]})
        return [b"data: " + orjson.dumps(body) + b"\n\n" for body in bodies] + [b"data: [DONE]\n\n"]


def _completion(message: Mapping[str, Any], finish_reason: str, usage: Usage | None) -> dict[str, Any]:
    counted = usage or Usage(10, 5)
    return {
        "choices": [{"index": 0, "message": dict(message), "finish_reason": finish_reason}],
        "usage": {
            "prompt_tokens": counted.input_tokens,
            "completion_tokens": counted.output_tokens,
            "total_tokens": counted.total_tokens,
            "prompt_tokens_details": {"cached_tokens": counted.cached_input_tokens},
            "completion_tokens_details": {"reasoning_tokens": counted.reasoning_tokens},
        },
    }


def _deltas(message: Mapping[str, Any]) -> list[dict[str, Any]]:
    deltas: list[dict[str, Any]] = [{"role": "assistant"}]
    for key in ("reasoning_content", "content", "refusal"):
        text = message.get(key) or ""
        deltas += [{key: text[start : start + _PIECE]} for start in range(0, len(text), _PIECE)]
    for index, call in enumerate(message.get("tool_calls") or ()):
        name, arguments = call["function"]["name"], call["function"]["arguments"]
        opening = {"index": index, "id": call["id"], "type": "function", "function": {"name": name}}
        deltas.append({"tool_calls": [opening]})
        deltas += [
            {"tool_calls": [{"index": index, "function": {"arguments": arguments[start : start + _PIECE]}}]}
            for start in range(0, len(arguments), _PIECE)
        ]
    return deltas
