"""The short form of a sample, which lists of samples are made of: long texts cut, large metadata left out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from agentbench_sdk.reporting.plain import shorten

_INPUT = 5_000  # characters: what Inspect keeps of an input and a target
_TEXT = 1_000  # and of an explanation or a value of metadata, as JSON
_COPIED = (
    *("id", "epoch", "choices", "model_usage", "role_usage", "total_time", "working_time", "uuid"),
    *("turn_count", "token_limit"),
)


def sample_summary(sample: Mapping[str, Any]) -> dict[str, Any]:
    """The summary of a sample."""
    error, limit = sample.get("error"), sample.get("limit")
    record = {name: sample[name] for name in _COPIED if name in sample}
    return {
        **record,
        "input": _short_input(sample["input"]),
        "target": _short(sample["target"]),
        "metadata": _small(sample["metadata"]),
        "scores": {judge: _short_score(score) for judge, score in sample["scores"].items()},
        **({"error": error["message"]} if error else {}),
        **({"limit": limit["type"], "limit_reason": limit["reason"]} if limit else {}),
        "completed": True,
        "message_count": len(sample["messages"]),
    }


def _short(value: Any) -> Any:
    return [shorten(each, _INPUT) for each in value] if isinstance(value, list) else shorten(value, _INPUT)


def _short_input(value: str | list[dict[str, Any]]) -> str | list[dict[str, Any]]:
    if isinstance(value, str):
        return shorten(value, _INPUT)
    return [{**message, "content": _short_content(message["content"])} for message in value]


def _short_content(content: str | list[dict[str, Any]]) -> str | list[dict[str, Any]]:
    if isinstance(content, str):
        return shorten(content, _INPUT)
    texts = [part["text"] if part["type"] == "text" else f"({part['type']})" for part in content]
    return [{"type": "text", "text": shorten(text, _INPUT)} for text in texts]


def _short_score(score: Mapping[str, Any]) -> dict[str, Any]:
    texts = {key: shorten(score[key], _TEXT) for key in ("answer", "explanation") if key in score}
    return {**score, **texts, "metadata": _small(score["metadata"])}


def _small(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Texts cut, and values that are larger as JSON left out by name."""
    return {key: _small_value(value) for key, value in metadata.items()}


def _small_value(value: Any) -> Any:
    if isinstance(value, str):
        return shorten(value, _TEXT)
    if isinstance(value, Mapping | list) and len(json.dumps(value)) > _TEXT:
        return "left out of the summary: longer than 1,000 characters"
    return value
