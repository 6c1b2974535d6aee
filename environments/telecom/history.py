"""Replay of a recorded conversation: its calls are made again, so that the world is where it left it.

Source: tau2-bench 1.0.1, `environment.py`, `set_state`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Protocol

from agentbench_sdk.environments.telecom.errors import TelecomError
from agentbench_sdk.environments.telecom.toolbox import TOOLS
from agentbench_sdk.simulation import Actor

Messages = Iterable[Mapping[str, Any]]


class Callable(Protocol):
    """The part of `TelecomCore` that a replay needs."""

    def call(self, actor: Actor, name: str, arguments: Mapping[str, Any]) -> Any: ...
    def sync(self) -> None: ...


def replay_messages(core: Callable, messages: Messages, *, strict: bool = True) -> list[str]:
    """Make the calls of recorded messages again, those that can change something.

    Arguments:
        core: the world, initialised.
        messages: in order, as tau2-bench stores them: `role`, `content`, `tool_calls` with `id`, `name`,
            `arguments` and `requestor`; results have role "tool" and the call's `id`.
        strict: whether a result that differs from the recorded one is an error.

    Returns:
        What differed, one sentence each; empty when strict.

    Raises:
        TelecomError: a call has no result, or another one's; with `strict`, a result differs.
    """
    different: list[str] = []
    for call, result in _pairs(messages):
        facts = TOOLS.get(call["name"])
        if facts is None or not facts.mutates:
            continue
        actor: Actor = "user" if call.get("requestor", "assistant") == "user" else "agent"
        answer = core.call(actor, call["name"], call.get("arguments") or {})
        if _read(answer.content) != _read(result.get("content")):
            told = f"{call['name']} gives {answer.content!r}, recorded is {result.get('content')!r}"
            if strict:
                raise TelecomError(told)
            different.append(told)
    core.sync()
    return different


def _pairs(messages: Messages) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """Each call with its result, which follow each other one to one."""
    waiting: list[Mapping[str, Any]] = []
    for message in messages:
        results = message.get("tool_messages") if message["role"] == "multi_tool" else None
        for each in results or ([message] if message["role"] == "tool" else []):
            if not waiting or waiting[0].get("id") != each.get("id"):
                raise TelecomError(f"message_history: result {each.get('id')!r} answers no call")
            yield waiting.pop(0), each
        waiting += message.get("tool_calls") or []
    if waiting:
        raise TelecomError(f"message_history: call {waiting[0].get('id')!r} has no result")


def _read(content: Any) -> Any:
    try:
        return json.loads(content)
    except (TypeError, ValueError):
        return content
