"""From the body of a chat-completions request back to a `ModelRequest`, so that a model can play endpoint."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from agentbench_sdk.messages import Audio, Image, Message, Part, Text, ToolCall, ToolSpec, Video
from agentbench_sdk.models import GenerateParams, ModelRequest

_ADDRESSED: dict[str, type[Image | Audio | Video]] = {
    "image_url": Image,
    "audio_url": Audio,
    "video_url": Video,
}
_PLAIN = (
    "temperature",
    "top_p",
    "seed",
    "frequency_penalty",
    "presence_penalty",
    "logprobs",
    "top_logprobs",
    "reasoning_effort",
    "response_format",
    "tool_choice",
)
_TRANSPORT = {"model", "messages", "tools", "stream", "stream_options", "max_tokens", "max_completion_tokens"}


def request_of(body: Mapping[str, Any]) -> ModelRequest:
    """The request that a body asks; members that we have no name for become `extra_body`.

    Raises:
        KeyError, ValueError: the body is not of the protocol.
    """
    messages = tuple(message_of(each) for each in body["messages"])
    tools = tuple(_tool(each["function"]) for each in body.get("tools") or ())
    params: dict[str, Any] = {name: body[name] for name in _PLAIN if body.get(name) is not None}
    limit = body.get("max_tokens", body.get("max_completion_tokens"))
    stop = body.get("stop") or ()
    extra = {name: value for name, value in body.items() if name not in {*_PLAIN, *_TRANSPORT, "stop"}}
    stops = (stop,) if isinstance(stop, str) else tuple(stop)
    return ModelRequest(
        messages, tools, GenerateParams(max_tokens=limit, stop=stops, extra_body=extra, **params)
    )


def message_of(record: Mapping[str, Any]) -> Message:
    """One message of a request."""
    content = record.get("content")
    parts = (Text(content),) if isinstance(content, str) else tuple(_part(each) for each in content or ())
    calls = tuple(
        ToolCall(each["id"], each["function"]["name"], each["function"]["arguments"])
        for each in record.get("tool_calls") or ()
    )
    return Message(
        record["role"],
        parts,
        calls,
        tool_call_id=record.get("tool_call_id"),
        reasoning=record.get("reasoning_content") or "",
        refusal=record.get("refusal") or "",
    )


def _tool(function: Mapping[str, Any]) -> ToolSpec:
    return ToolSpec(function["name"], function.get("description", ""), function.get("parameters") or {})


def _part(part: Mapping[str, Any]) -> Part:
    kind = part["type"]
    if kind == "text":
        return Text(part["text"])
    if kind == "input_audio":
        sound = part[kind]
        return Audio(base64.b64decode(sound["data"], validate=True), media_type=f"audio/{sound['format']}")
    address = part[kind]["url"]
    head, comma, data = address.partition(";base64,")
    if head.startswith("data:") and comma:
        decoded = base64.b64decode(data, validate=True)
        return _ADDRESSED[kind](decoded, media_type=head.removeprefix("data:"))
    return _ADDRESSED[kind](url=address)
