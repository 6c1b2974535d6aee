"""What happened in a session, in order, attributed to roles. Holds no clock times: the same responses
give the same bytes, whenever and wherever they are replayed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import orjson

from agentbench_sdk.canonical import canonical_json
from agentbench_sdk.messages import Message, Usage
from agentbench_sdk.simulation import Actor

Speaker = Literal["agent", "user", "environment"]


@dataclass(frozen=True, slots=True)
class MessageEntry:
    """Somebody said something; `usage` when a model said it."""

    speaker: Speaker
    message: Message
    usage: Usage | None = None
    finish_reason: str = ""

    def to_dict(self) -> dict[str, Any]:
        return self._with(self.message.to_dict())

    def canonical_form(self) -> dict[str, Any]:
        """`to_dict` for canonical JSON, with the bytes that the message keeps in place of its members."""
        return self._with(orjson.Fragment(self.message.canonical()))

    def _with(self, message: Any) -> dict[str, Any]:
        record: dict[str, Any] = {"kind": "message", "speaker": self.speaker, "message": message}
        if self.usage is not None:
            record["usage"] = self.usage.to_dict()
        if self.finish_reason:
            record["finish_reason"] = self.finish_reason
        return record


@dataclass(frozen=True, slots=True)
class ToolEntry:
    """A tool was called.

    Attributes:
        arguments: the raw text that the caller sent.
        content: what the caller was answered.
        state_hash: hash of the world after the call; "" without an environment.
        surplus: the call went beyond `calls_per_message` and was refused unexecuted.
    """

    actor: Actor
    call_id: str
    name: str
    arguments: str
    content: str
    ok: bool
    error: str = ""
    state_hash: str = ""
    surplus: bool = False

    def to_dict(self) -> dict[str, Any]:
        record: dict[str, Any] = {
            "kind": "tool",
            "actor": self.actor,
            "call_id": self.call_id,
            "name": self.name,
            "arguments": self.arguments,
            "content": self.content,
            "ok": self.ok,
            "state_hash": self.state_hash,
        }
        if self.error:
            record["error"] = self.error
        if self.surplus:
            record["surplus"] = True
        return record


@dataclass(frozen=True, slots=True)
class WorldEntry:
    """The world changed or was looked at without a tool: at the opening, on plain text, at the end.

    Attributes:
        event: "opening", "heard" (plain text was passed to the world), "said" (agent or user told the other
            something), "objected" (a message did not pass; it was asked for again, or the session ended),
            "used" (the world charges for the tokens of the answer before it), "abandoned", "finished" (the world
            found out what came of it all) or "drifted" (a world that is not deterministic now gave something else
            than is recorded, and the session went on with the recorded).
        content: for "heard" and "said", the text; for "objected", why, and the message; for "used", the
            number of output tokens; for "abandoned", the reason; for "drifted", JSON: `of` what ("opening",
            "heard", "outcome", or a tool's name), and what of it came out how `now`.
    """

    event: Literal["opening", "heard", "said", "objected", "used", "abandoned", "finished", "drifted"]
    state_hash: str
    content: str = ""
    actor: Actor = "agent"

    def to_dict(self) -> dict[str, Any]:
        return {
            "kind": "world",
            "event": self.event,
            "state_hash": self.state_hash,
            "content": self.content,
            "actor": self.actor,
        }


Entry = MessageEntry | ToolEntry | WorldEntry


@dataclass(slots=True)
class Transcript:
    """The record of one session."""

    entries: list[Entry] = field(default_factory=list)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    @property
    def messages(self) -> list[Message]:
        """All messages, in order."""
        return [entry.message for entry in self.entries if isinstance(entry, MessageEntry)]

    @property
    def tool_calls(self) -> list[ToolEntry]:
        """All tool calls, in order."""
        return [entry for entry in self.entries if isinstance(entry, ToolEntry)]

    @property
    def drifts(self) -> int:
        """How often a world that is not deterministic gave something else than recorded."""
        return sum(isinstance(entry, WorldEntry) and entry.event == "drifted" for entry in self.entries)

    def usage(self, speaker: Speaker) -> Usage:
        """Tokens and cost of one speaker's messages."""
        return sum(
            (
                e.usage
                for e in self.entries
                if isinstance(e, MessageEntry) and e.speaker == speaker and e.usage
            ),
            Usage(),
        )

    def to_bytes(self) -> bytes:
        """Canonical JSON: a list of entries."""
        return canonical_json(
            [
                entry.canonical_form() if isinstance(entry, MessageEntry) else entry.to_dict()
                for entry in self.entries
            ]
        )

    @classmethod
    def from_list(cls, records: list[Mapping[str, Any]]) -> Transcript:
        return cls([_entry(record) for record in records])


def _entry(record: Mapping[str, Any]) -> Entry:
    fields = {key: value for key, value in record.items() if key != "kind"}
    if record["kind"] == "tool":
        return ToolEntry(**fields)
    if record["kind"] == "world":
        return WorldEntry(**fields)
    usage = fields.pop("usage", None)
    message = Message.from_dict(fields.pop("message"))
    return MessageEntry(message=message, usage=Usage.from_dict(usage) if usage else None, **fields)
