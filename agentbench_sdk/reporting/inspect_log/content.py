"""Messages, tool calls, usage and scores in Inspect's forms."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from agentbench_sdk.messages import Audio, Image, Text, Usage, Video
from agentbench_sdk.reporting.columns import number
from agentbench_sdk.simulation import BadArguments, parse_arguments

if TYPE_CHECKING:
    from agentbench_sdk.canonical import JSON
    from agentbench_sdk.judging import Score
    from agentbench_sdk.messages import Media, Message, Part, ToolCall

_LONG = 100  # characters; longer texts of events are attachments there
_STOPS = {"stop": "stop", "tool_calls": "tool_calls", "length": "max_tokens", "refusal": "content_filter"}
_AUDIO = {
    "audio/wav": "wav",
    "audio/x-wav": "wav",
    "audio/wave": "wav",
    "audio/mpeg": "mp3",
    "audio/mp3": "mp3",
}
_VIDEO = {"video/mp4": "mp4", "video/mpeg": "mpeg", "video/quicktime": "mov"}


def sample_id_of(sample_id: str) -> str:
    """A sample's id as it may stand in the name of a file in a zip, which ends at a NUL."""
    return sample_id.replace("\0", "\\x00")


def chat_message(message: Message, id: str, **more: Any) -> dict[str, Any]:
    """A message; `more` are members that only its role has."""
    record: dict[str, Any] = {"id": id, "role": message.role, "content": _content(message)}
    if message.tool_calls:
        record["tool_calls"] = [_tool_call(call) for call in message.tool_calls]
    if message.tool_call_id:
        record["tool_call_id"] = message.tool_call_id
    return {**record, **more}


def _content(message: Message) -> str | list[dict[str, Any]]:
    parts = [_part(each) for each in message.content]
    if message.reasoning:
        parts.insert(0, {"type": "reasoning", "reasoning": message.reasoning})
    if message.refusal:
        parts.append({"type": "text", "text": message.refusal, "refusal": True})
    if not parts:
        return ""
    if len(parts) == 1 and parts[0].keys() == {"type", "text"}:
        text: str = parts[0]["text"]
        return text
    return parts


def _part(part: Part) -> dict[str, Any]:
    if isinstance(part, Text):
        return {"type": "text", "text": part.text}
    if part.url is not None:
        if isinstance(part, Image):
            return {"type": "image", "image": part.url}
        if isinstance(part, Audio) and part.media_type in _AUDIO:
            return {"type": "audio", "audio": part.url, "format": _AUDIO[part.media_type]}
        if isinstance(part, Video) and part.media_type in _VIDEO:
            return {"type": "video", "video": part.url, "format": _VIDEO[part.media_type]}
    return {"type": "text", "text": _told(part)}


def _told(part: Media) -> str:
    """What stands in the place of media that the log cannot hold."""
    form = part.media_type or "form unknown"
    if part.url is not None:
        return f"[{part.kind}, {form}, at {part.url}; Inspect has no place for this form]"
    return f"[{part.kind}, {form}, SHA-256 {part.sha256}; the run file holds none of its bytes]"


def _tool_call(call: ToolCall) -> dict[str, Any]:
    arguments, problem = tool_arguments(call.arguments)
    record = {"id": call.id, "function": call.name, "arguments": arguments, "type": "function"}
    return {**record, "parse_error": problem} if problem else record


@lru_cache(maxsize=64)  # a call is shown in the message that asks for it, and when it is executed
def tool_arguments(raw: str) -> tuple[dict[str, Any], str]:
    """The arguments of a call and "", or, where they are no arguments, the raw text and why."""
    found = parse_arguments(raw)
    if isinstance(found, BadArguments):
        return {"raw": raw}, found.reason
    return found, ""


class Attachments:
    """The long texts of a sample's events, each held once."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}

    def message(self, record: Mapping[str, Any]) -> dict[str, Any]:
        """A message of an event: its long texts are references."""
        content = record["content"]
        if isinstance(content, str):
            return {**record, "content": self.text(content)}
        return {**record, "content": [self._shortened(part) for part in content]}

    def text(self, text: str) -> str:
        """The text, or where it is found when it is long."""
        if len(text) <= _LONG:
            return text
        name = blake2b(text.encode(errors="surrogatepass"), digest_size=16).hexdigest()
        self.texts[name] = text
        return f"attachment://{name}"

    def _shortened(self, part: dict[str, Any]) -> dict[str, Any]:
        return {
            key: self.text(value) if key in ("text", "reasoning") else value for key, value in part.items()
        }


def model_output(
    model: str, message: Mapping[str, Any], text: str, finish_reason: str, usage: Usage | None
) -> dict[str, Any]:
    """An answer of a model."""
    choice = {"message": message, "stop_reason": _STOPS.get(finish_reason, "unknown")}
    record: dict[str, Any] = {"model": model, "choices": [choice], "completion": text}
    if usage is not None:
        record["usage"] = model_usage(usage)
    return record


def model_usage(usage: Usage) -> dict[str, Any]:
    """Tokens and cost; there, tokens that a provider had in its prompt cache are no input tokens."""
    record: dict[str, Any] = {
        "input_tokens": max(0, usage.input_tokens - usage.cached_input_tokens),
        "output_tokens": usage.output_tokens,
        "total_tokens": usage.total_tokens,
    }
    if usage.cached_input_tokens:
        record["input_tokens_cache_read"] = usage.cached_input_tokens
    if usage.reasoning_tokens:
        record["reasoning_tokens"] = usage.reasoning_tokens
    if usage.cost_usd is not None:
        record["total_cost"] = usage.cost_usd
    return record


def usages(by_name: Mapping[Any, Usage]) -> dict[str, Any]:
    """Usage by model, or by role."""
    return {name: model_usage(usage) for name, usage in by_name.items()}


def sample_score(score: Score, answer: str) -> dict[str, Any]:
    """A verdict; NaN is Inspect's own sign of a score that could not be given, which its metrics leave out."""
    value = number(score.value)
    record: dict[str, Any] = {"value": float("nan") if value is None else value, "answer": answer}
    if score.explanation:
        record["explanation"] = score.explanation
    if value is None:
        record["reason"] = "unscored"
    told = {
        "passed": score.passed,
        "label": score.label,
        **({"evidence": dict(score.evidence)} if score.evidence else {}),
    }
    record["metadata"] = {key: each for key, each in told.items() if each is not None}
    return record


def sample_target(target: JSON) -> str | list[str]:
    """What is right: a text or texts; anything else as JSON."""
    if target is None:
        return ""
    if isinstance(target, str):
        return target
    if isinstance(target, list) and all(isinstance(each, str) for each in target):
        return [str(each) for each in target]
    return json.dumps(target, ensure_ascii=False)


def call_error(content: str, raw: str) -> dict[str, str]:
    """Why a tool call failed, in the words that the caller was told."""
    return {"type": "parsing" if tool_arguments(raw)[1] else "unknown", "message": content}


def error_told(message: str) -> dict[str, str]:
    """What ended a sample or a run; the viewer shows the traceback alone, so the sentence stands there too."""
    return {"message": message, "traceback": message, "traceback_ansi": message}
