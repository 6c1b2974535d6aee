"""How tools are put to a model: natively, or as text for models without native tool calls.

Agents and transcripts see one form only, the native one. The text protocol translates on the way out
(tools and results become text) and on the way in (`<tool_call>` blocks become tool calls). What is
malformed becomes a call that the world refuses with an error the model can read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Literal, Protocol

import orjson

from agentbench_sdk.messages import Message, Text, ToolCall, ToolSpec

ProtocolName = Literal["auto", "native", "text"]

_BLOCK = re.compile(r"<(tool_call|submit)>(.*?)(?:</\1>|\Z)", re.DOTALL)

_INSTRUCTIONS = """\
You can call tools. To call one, write exactly this, with a JSON object on one or more lines:

<tool_call>{"name": "tool_name", "arguments": {"parameter": "value"}}</tool_call>

The result comes back inside <tool_result> tags. To hand in a final answer, write:

<submit>{"answer": "your answer"}</submit>

The tools, each with the JSON schema of its arguments:
"""


class ToolProtocol(Protocol):
    """Translation between a session and a model."""

    def encode(
        self, messages: Iterable[Message], tools: tuple[ToolSpec, ...]
    ) -> tuple[tuple[Message, ...], tuple[ToolSpec, ...]]:
        """What is sent for a history and the tools on offer."""
        ...

    def decode(self, message: Message) -> Message:
        """The model's message with its tool calls made explicit."""
        ...


class NativeTools:
    """The endpoint knows tools: nothing to translate."""

    def encode(
        self, messages: Iterable[Message], tools: tuple[ToolSpec, ...]
    ) -> tuple[tuple[Message, ...], tuple[ToolSpec, ...]]:
        return tuple(messages), tools

    def decode(self, message: Message) -> Message:
        return message


class TextTools:
    """Tools described in the system prompt, called in tagged JSON, answered in user messages."""

    def __init__(self) -> None:
        self._sent: dict[int, tuple[Message, Message]] = {}
        self._decoded = 0

    def encode(
        self, messages: Iterable[Message], tools: tuple[ToolSpec, ...]
    ) -> tuple[tuple[Message, ...], tuple[ToolSpec, ...]]:
        if not tools:
            return tuple(messages), ()
        listing = "\n".join(json.dumps(tool.to_dict(), ensure_ascii=False) for tool in tools)
        sent = [self._as_text(message) for message in messages]
        if sent and sent[0].role == "system":
            sent[0] = Message.system(f"{sent[0].text}\n\n{_INSTRUCTIONS}{listing}")
        else:
            sent.insert(0, Message.system(_INSTRUCTIONS + listing))
        return tuple(sent), ()

    def decode(self, message: Message) -> Message:
        calls = [self._call(kind, body.strip()) for kind, body in _BLOCK.findall(message.text)]
        return replace(message, tool_calls=(*message.tool_calls, *calls)) if calls else message

    def _call(self, kind: str, body: str) -> ToolCall:
        self._decoded += 1
        call_id = f"text-{self._decoded}"
        if kind == "submit":
            return ToolCall(call_id, "submit", body)
        try:
            record = orjson.loads(body)
        except orjson.JSONDecodeError:
            return ToolCall(call_id, "", body)
        if not isinstance(record, dict) or not isinstance(record.get("name"), str):
            return ToolCall(call_id, "", body)
        # The raw text, not the parsed value, is kept: strict parsing comes later and must see it all.
        return ToolCall(call_id, record["name"], _raw_member(body, "arguments"))

    def _as_text(self, message: Message) -> Message:
        """The text form of a message; kept per message, since a history is sent every turn."""
        known = self._sent.get(id(message))
        if known is None or known[0] is not message:
            known = (message, _text_form(message))
            self._sent[id(message)] = known
        return known[1]


def _text_form(message: Message) -> Message:
    if message.role == "tool":
        return Message("user", (Text(f"<tool_result>{message.text}</tool_result>"),))
    if not message.tool_calls:
        return message
    if _BLOCK.search(message.text):  # the model wrote its calls as text itself
        return replace(message, tool_calls=())
    calls = "\n".join(
        f'<tool_call>{{"name": {json.dumps(call.name)}, "arguments": {call.arguments}}}</tool_call>'
        for call in message.tool_calls
    )
    return replace(message, content=(Text(f"{message.text}\n{calls}".lstrip()),), tool_calls=())


def _raw_member(body: str, name: str) -> str:
    """The source text of a top-level member of a JSON object, "" when it is not there."""
    decoder = json.JSONDecoder()
    position = body.index("{") + 1
    found = ""
    while match := re.compile(r"\s*,?\s*(?=\")").match(body, position):
        key, position = decoder.raw_decode(body, match.end())
        start = body.index(":", position) + 1
        start += len(body[start:]) - len(body[start:].lstrip())
        _, position = decoder.raw_decode(body, start)
        if key == name:
            if found:
                return body  # given twice: the whole is passed on, to be refused
            found = body[start:position]
    return found


def protocol_for(name: ProtocolName, *, native: bool) -> ToolProtocol:
    """The protocol by name; "auto" is native where the model has native tools."""
    use_native = native if name == "auto" else name == "native"
    return NativeTools() if use_native else TextTools()
