"""Server-sent events of a streamed chat completion: a reader of bytes and an accumulator of deltas. Pure.

The protocol of events is that of the WHATWG HTML standard, section 9.2. A stream is complete when a choice
has named its finish reason and the body has ended as HTTP says it should; `[DONE]` is not demanded beyond
that, because several servers (transformers serve among them) never send it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from agentbench_sdk.errors import MalformedResponseError, ModelError, TruncatedResponseError
from agentbench_sdk.messages import Usage
from agentbench_sdk.models.openai_compatible.json_values import (
    CutShortError,
    ShapeError,
    as_json_text,
    as_list,
    as_mapping,
    as_text,
    parse_json,
)
from agentbench_sdk.models.openai_compatible.reply import ReplyContext, embedded_failure, is_first, told_usage

DONE = b"[DONE]"
_BOM = b"\xef\xbb\xbf"


class EventReader:
    """Cuts bytes, however they are split, into the data of events."""

    def __init__(self) -> None:
        self._rest = b""
        self._data: list[bytes] = []
        self._started = False

    def feed(self, chunk: bytes) -> list[bytes]:
        """The data of the events that this chunk completes."""
        self._rest += chunk
        if not self._started:
            if _BOM.startswith(self._rest[:3]) and len(self._rest) < len(_BOM):
                return []
            self._started = True
            self._rest = self._rest.removeprefix(_BOM)
        # A carriage return at the end may be half of a line end: it waits for what follows.
        held = b"\r" if self._rest.endswith(b"\r") else b""
        whole = self._rest[: len(self._rest) - len(held)]
        lines = whole.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        self._rest = lines.pop() + held
        return self._events(lines)

    def finish(self) -> list[bytes]:
        """What a body that ends without the last blank line leaves behind."""
        lines = self._rest.replace(b"\r", b"\n").split(b"\n")
        self._rest = b""
        return self._events([*lines, b""])

    def _events(self, lines: list[bytes]) -> list[bytes]:
        events: list[bytes] = []
        for line in lines:
            if line:
                name, _, value = line.partition(b":")
                if name == b"data":
                    self._data.append(value.removeprefix(b" "))
            elif self._data:
                events.append(b"\n".join(self._data))
                self._data = []
        return events


@dataclass(slots=True)
class _Call:
    id: str = ""
    name: str = ""
    arguments: list[str] = field(default_factory=list)


class StreamedReply:
    """Gathers the chunks of one streamed completion into the body that would have come unstreamed."""

    def __init__(self, context: ReplyContext) -> None:
        self._context = context
        self._body: dict[str, Any] = {}
        self._texts: dict[str, list[str]] = {}
        self._calls: list[_Call] = []
        self._by_index: dict[int, _Call] = {}
        self._logprobs: list[Any] = []
        self._finish_reason: str | None = None
        self.done = False
        self.started = False

    def add(self, event: bytes) -> None:
        """Take in the data of one event.

        Raises:
            MalformedResponseError: it is not a chunk of a chat completion.
            ModelError: it reports an error.
        """
        if event.strip() == DONE:
            self.done = True
            return
        try:
            self._chunk(as_mapping(parse_json(event), "the event"))
        except (ShapeError, CutShortError) as error:
            raise MalformedResponseError(
                f"{self._context.where} sent a stream event that is no chunk of a completion: {error}",
                status=self._context.status,
                usage=self.usage(),
            ) from None
        except ModelError as error:
            error.usage = self.usage()
            raise

    def add_last(self, event: bytes) -> None:
        """Take in what was left when the body ended; half an event means that the body was cut.

        Raises:
            TruncatedResponseError: the event is not complete.
            ModelError: further, what `add` raises.
        """
        try:
            if event.strip() != DONE:
                parse_json(event)
        except (ShapeError, CutShortError):
            raise self._truncated() from None
        self.add(event)

    def body(self) -> dict[str, Any]:
        """The whole completion.

        Raises:
            TruncatedResponseError: the stream ended before the answer did.
        """
        if self._finish_reason is None and (self._texts or self._calls or not self.done):
            raise self._truncated()
        if self._finish_reason is None:
            return {**self._body, "choices": []}
        choice: dict[str, Any] = {"message": self._message(), "finish_reason": self._finish_reason}
        if self._logprobs:
            choice["logprobs"] = {"content": self._logprobs}
        return {**self._body, "choices": [choice]}

    def usage(self) -> Usage | None:
        """The usage that the chunks have told so far; None where they have not, or it cannot be."""
        try:
            return told_usage(self._body, self._context.prices)
        except ShapeError:
            return None

    def _truncated(self) -> TruncatedResponseError:
        return TruncatedResponseError(
            f"{self._context.where} ended its stream before the answer was complete",
            status=self._context.status,
            usage=self.usage(),
        )

    def _chunk(self, chunk: Mapping[str, Any]) -> None:
        if chunk.get("error"):
            raise embedded_failure(chunk["error"], self._context)
        for key in ("id", "model", "usage"):
            if chunk.get(key):
                self._body[key] = chunk[key]
        for item in as_list(chunk.get("choices"), "choices"):
            choice = as_mapping(item, "choices.0")
            if is_first(choice):
                self._choice(choice)

    def _choice(self, choice: Mapping[str, Any]) -> None:
        if choice.get("error"):
            raise embedded_failure(choice["error"], self._context)
        self._delta(as_mapping(choice.get("delta") or {}, "choices.0.delta"))
        if choice.get("logprobs"):
            content = as_mapping(choice["logprobs"], "logprobs").get("content")
            self._logprobs += as_list(content, "logprobs.content")
        if choice.get("finish_reason"):
            self._finish_reason = as_text(choice["finish_reason"], "choices.0.finish_reason")

    def _delta(self, delta: Mapping[str, Any]) -> None:
        for key in ("content", "reasoning_content", "reasoning", "refusal"):
            piece = delta.get(key)
            if piece is None or piece == "":
                continue
            if not isinstance(piece, str):
                raise ShapeError(f"delta.{key} is not a text")
            self._texts.setdefault(key, []).append(piece)
            self.started = True
        for item in as_list(delta.get("tool_calls"), "delta.tool_calls"):
            self._call_delta(as_mapping(item, "delta.tool_calls"))
        if delta.get("function_call"):
            self._call_delta({"index": 0, "function": delta["function_call"]})

    def _call_delta(self, item: Mapping[str, Any]) -> None:
        self.started = True
        call = self._call_at(item.get("index"), item.get("id"))
        function = as_mapping(item.get("function") or {}, "delta.tool_calls.function")
        if isinstance(item.get("id"), str):
            call.id = call.id or item["id"]
        if isinstance(function.get("name"), str):
            call.name = call.name or function["name"]
        arguments = function.get("arguments")
        if isinstance(arguments, str):
            call.arguments.append(arguments)
        elif arguments is not None:
            call.arguments.append(as_json_text(arguments, "delta.tool_calls.function.arguments"))

    def _call_at(self, index: Any, call_id: Any) -> _Call:
        """The call that a fragment belongs to. Some servers send whole calls, all with index 0 or none."""
        known = self._by_index.get(index) if isinstance(index, int) else None
        if known is None and not isinstance(index, int) and self._calls and not call_id:
            known = self._calls[-1]
        if known is not None and not (call_id and known.id and call_id != known.id):
            return known
        call = _Call()
        self._calls.append(call)
        if isinstance(index, int):
            self._by_index[index] = call
        return call

    def _message(self) -> dict[str, Any]:
        message: dict[str, Any] = {key: "".join(pieces) for key, pieces in self._texts.items()}
        if self._calls:
            message["tool_calls"] = [
                {"id": call.id, "function": {"name": call.name, "arguments": "".join(call.arguments)}}
                for call in self._calls
            ]
        return message
