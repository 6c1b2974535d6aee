"""What is said in a session: messages, content parts, tool calls and their cost in tokens.

These are frozen slotted data classes, made and read thousands of times a second. They cross into files
through `to_dict` / `from_dict`, whose form is stable and holds media by content hash, never by bytes.
"""

from __future__ import annotations

import base64
import hashlib
import mimetypes
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Literal, Self

from agentbench_sdk.canonical import canonical_json
from agentbench_sdk.errors import ConfigurationError

Role = Literal["system", "user", "assistant", "tool"]


@dataclass(frozen=True, slots=True)
class Text:
    """A piece of text."""

    text: str

    def to_dict(self) -> dict[str, Any]:
        return {"type": "text", "text": self.text}


@dataclass(frozen=True, slots=True)
class Media:
    """An image, a sound or a video: either its bytes or the address where the endpoint may fetch it.

    Attributes:
        data: the encoded file (PNG, WAV, MP4 …), or None when `url` is given.
        url: an http(s) address that is passed on as it is.
        media_type: MIME type, for example "image/png".
        sha256: content hash (of the bytes, or of the address); computed when left out.
    """

    kind: ClassVar[str] = "media"

    data: bytes | None = field(default=None, repr=False)
    url: str | None = None
    media_type: str = ""
    sha256: str = ""

    def __post_init__(self) -> None:
        if self.data is None and self.url is None and not self.sha256:
            raise ConfigurationError(f"{type(self).__name__} needs data or url")
        if not self.sha256:
            source = self.data if self.data is not None else (self.url or "").encode()
            object.__setattr__(self, "sha256", hashlib.sha256(source).hexdigest())

    @classmethod
    def from_path(cls, path: str | Path) -> Self:
        """Read a file; its MIME type is taken from the name.

        Raises:
            ConfigurationError: the file cannot be read, or is of another kind.
        """
        media_type = mimetypes.guess_type(str(path))[0] or ""
        if not media_type.startswith(cls.kind):
            raise ConfigurationError(f"{path}: the file's ending does not name an {cls.kind} format")
        try:
            data = Path(path).read_bytes()
        except OSError as error:
            raise ConfigurationError(f"{path}: cannot be read ({error.strerror})") from error
        return cls(data=data, media_type=media_type)

    def data_uri(self) -> str:
        """The bytes as a `data:` URI.

        Raises:
            ConfigurationError: the bytes are not at hand (the part was read from a transcript).
        """
        if self.data is None:
            raise ConfigurationError(f"the bytes of {self.kind} {self.sha256[:12]} are not at hand")
        return f"data:{self.media_type};base64,{base64.b64encode(self.data).decode('ascii')}"

    def to_dict(self) -> dict[str, Any]:
        """The form that files and cache keys hold: the hash in place of the bytes."""
        record = {"type": self.kind, "sha256": self.sha256, "media_type": self.media_type}
        return record if self.url is None else {**record, "url": self.url}


@dataclass(frozen=True, slots=True)
class Image(Media):
    """A still picture."""

    kind: ClassVar[str] = "image"


@dataclass(frozen=True, slots=True)
class Audio(Media):
    """A sound recording."""

    kind: ClassVar[str] = "audio"


@dataclass(frozen=True, slots=True)
class Video(Media):
    """A film."""

    kind: ClassVar[str] = "video"


Part = Text | Image | Audio | Video
_MEDIA: dict[str, type[Image | Audio | Video]] = {"image": Image, "audio": Audio, "video": Video}


def part_from_dict(record: Mapping[str, Any]) -> Part:
    """Read a content part back from its stored form; media come back without their bytes."""
    if record["type"] == "text":
        return Text(record["text"])
    return _MEDIA[record["type"]](
        url=record.get("url"), media_type=record["media_type"], sha256=record["sha256"]
    )


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call that a model asks for. `arguments` is the raw text as it was sent, valid JSON or not."""

    id: str
    name: str
    arguments: str

    def to_dict(self) -> dict[str, str]:
        return {"id": self.id, "name": self.name, "arguments": self.arguments}


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """A tool as a model is told of it. `parameters` is a JSON schema of type object."""

    name: str
    description: str
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        return {"name": self.name, "description": self.description, "parameters": dict(self.parameters)}


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one call or of many, and what they cost.

    Attributes:
        input_tokens: all tokens of the prompt, those from a provider's prompt cache included.
        output_tokens: all tokens of the answer, reasoning included.
        reasoning_tokens: the part of `output_tokens` spent on reasoning.
        cached_input_tokens: the part of `input_tokens` that the provider had in its prompt cache.
        cost_usd: US dollars; None when no price is known.
    """

    input_tokens: int = 0
    output_tokens: int = 0
    reasoning_tokens: int = 0
    cached_input_tokens: int = 0
    cost_usd: float | None = None

    @property
    def total_tokens(self) -> int:
        return self.input_tokens + self.output_tokens

    def __add__(self, other: Usage) -> Usage:
        cost, more = self.cost_usd, other.cost_usd
        return Usage(
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
            self.reasoning_tokens + other.reasoning_tokens,
            self.cached_input_tokens + other.cached_input_tokens,
            more if cost is None else cost if more is None else cost + more,
        )

    def to_dict(self) -> dict[str, int | float | None]:
        return {
            "input_tokens": self.input_tokens,
            "output_tokens": self.output_tokens,
            "reasoning_tokens": self.reasoning_tokens,
            "cached_input_tokens": self.cached_input_tokens,
            "cost_usd": self.cost_usd,
        }

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> Usage:
        return cls(**record)


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation.

    Attributes:
        role: who speaks, in the terms of the chat-completions protocol.
        content: the parts, in order; empty when the message only calls tools.
        tool_calls: the calls that an assistant message asks for.
        tool_call_id: for role "tool", the call that this message answers.
        reasoning: what the model thought before it answered; kept in the transcript, never judged by rules.
        refusal: the model's own refusal, where the endpoint marks it as such.
    """

    role: Role
    content: tuple[Part, ...] = ()
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str | None = None
    reasoning: str = ""
    refusal: str = ""
    # Long sessions hash the same history every turn; a message is immutable, so its bytes are kept.
    _canonical: bytes | None = field(default=None, init=False, repr=False, compare=False)

    @classmethod
    def system(cls, text: str) -> Message:
        return cls("system", (Text(text),))

    @classmethod
    def user(cls, content: str | Iterable[str | Part]) -> Message:
        if isinstance(content, str):
            return cls("user", (Text(content),))
        return cls("user", tuple(Text(part) if isinstance(part, str) else part for part in content))

    @classmethod
    def assistant(
        cls, text: str = "", *, tool_calls: Iterable[ToolCall] = (), reasoning: str = "", refusal: str = ""
    ) -> Message:
        content = (Text(text),) if text else ()
        return cls("assistant", content, tuple(tool_calls), reasoning=reasoning, refusal=refusal)

    @classmethod
    def tool(cls, call_id: str, text: str) -> Message:
        return cls("tool", (Text(text),), tool_call_id=call_id)

    @property
    def text(self) -> str:
        """All text parts, joined; media and reasoning left out."""
        parts = self.content
        if len(parts) == 1 and type(parts[0]) is Text:  # nearly every message, and asked for on every turn
            return parts[0].text
        return "".join(part.text for part in self.content if isinstance(part, Text))

    def to_dict(self) -> dict[str, Any]:
        """The stored form; a content of one text part is that text itself."""
        record: dict[str, Any] = {"role": self.role}
        if len(self.content) == 1 and isinstance(self.content[0], Text):
            record["content"] = self.content[0].text
        elif self.content:
            record["content"] = [part.to_dict() for part in self.content]
        if self.tool_calls:
            record["tool_calls"] = [call.to_dict() for call in self.tool_calls]
        if self.tool_call_id:
            record["tool_call_id"] = self.tool_call_id
        if self.reasoning:
            record["reasoning"] = self.reasoning
        if self.refusal:
            record["refusal"] = self.refusal
        return record

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> Message:
        content = record.get("content", ())
        parts = (Text(content),) if isinstance(content, str) else tuple(map(part_from_dict, content))
        calls = tuple(ToolCall(**call) for call in record.get("tool_calls", ()))
        rest = {name: record[name] for name in ("tool_call_id", "reasoning", "refusal") if name in record}
        return cls(record["role"], parts, calls, **rest)

    def canonical(self) -> bytes:
        """Canonical JSON of the stored form, computed once."""
        known = self._canonical
        if known is None:
            known = canonical_json(self.to_dict())
            object.__setattr__(self, "_canonical", known)
        return known


CHARACTERS_PER_TOKEN = 4  # rough, and the same for all models: trimming must not depend on an endpoint


def estimated_tokens(message: Message) -> int:
    """Tokens of a message, guessed from its length alone; media count as their references."""
    return len(message.canonical()) // CHARACTERS_PER_TOKEN + 4
