"""How tools are put to a model: natively, or as text for models without native tool calls.

Agents and transcripts see one form only, the native one. The text protocol translates on the way out
(tools and results become text) and on the way in (`<tool_call>` blocks become tool calls). What is
malformed becomes a call that the world refuses with an error the model can read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Literal, Protocol

import orjson

from agentbench_sdk.messages import Message, Text, ToolCall, ToolSpec

ProtocolName = Literal["auto", "native", "text"]

_TAG = re.compile(r"<(tool_call|submit)>")
_BEFORE_OBJECT = re.compile(r"\s*(?:```\w*\s*)?(?=\{)")
_AFTER_OBJECT = re.compile(
    r"\s*(?:```\s*)?(?:(?P<close></(?:tool_call|submit)>)|(?=<(?:tool_call|submit)>)|\Z)"
)
# A whole string (or one that is never closed), or a bracket.
_STRING_OR_BRACKET = re.compile(r'"(?:[^"\\]++|\\.)*+(?:"|\Z)|[\[\]{}]', re.DOTALL)
_DEEPEST = 100  # brackets inside brackets; no tool's schema needs more, and Python reads no endless nesting

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
        calls = [self._call(kind, body) for kind, body in _blocks(message.text)]
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
        if _object_end(body, 0) is None:  # nested without end, though JSON
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
    if _TAG.search(message.text):  # the model wrote its calls as text itself
        return replace(message, tool_calls=())
    calls = "\n".join(
        f'<tool_call>{{"name": {json.dumps(call.name)}, "arguments": {call.arguments}}}</tool_call>'
        for call in message.tool_calls
    )
    return replace(message, content=(Text(f"{message.text}\n{calls}".lstrip()),), tool_calls=())


def _blocks(text: str) -> Iterator[tuple[str, str]]:
    """(tag, body) of each block in a text.

    The body is the JSON object after the tag, fences around it left out; a closing tag inside one of its
    strings does not end it. Where no object stands alone in the block, the body is the text up to the
    closing tag, or to the end.
    """
    position = 0
    while tag := _TAG.search(text, position):
        body, position = _object_block(text, tag) or _plain_block(text, tag)
        yield tag[1], body


def _object_block(text: str, tag: re.Match[str]) -> tuple[str, int] | None:
    before = _BEFORE_OBJECT.match(text, tag.end())
    end = _object_end(text, before.end()) if before else None
    after = _AFTER_OBJECT.match(text, end) if end is not None else None
    if before is None or after is None or after["close"] not in (None, f"</{tag[1]}>"):
        return None
    return text[before.end() : end], after.end()


def _plain_block(text: str, tag: re.Match[str]) -> tuple[str, int]:
    closing = f"</{tag[1]}>"
    end = text.find(closing, tag.end())
    if end < 0:
        return text[tag.end() :].strip(), len(text)
    return text[tag.end() : end].strip(), end + len(closing)


def _object_end(text: str, start: int) -> int | None:
    """Where the object ends that begins at `start`; None when it does not, or nests too deep."""
    depth = 0
    for token in _STRING_OR_BRACKET.finditer(text, start):
        if token[0] in ("{", "["):
            depth += 1
        elif token[0] in ("}", "]"):
            depth -= 1
        if depth == 0:
            return token.end()
        if depth > _DEEPEST:
            return None
    return None


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
