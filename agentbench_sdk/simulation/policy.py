"""Policies: scripted agents, written as generators that yield acts and are sent what came of them.

    def patient(opening: Opening) -> Generator[Act, str, None]:
        while True:
            report = yield Act("wait_for_next_day")

A policy sees just what a model would see, so it can stand in for one: offline as `scripted/<environment>/
<policy>`, or behind a real server in tests. It must be deterministic.

An oracle is a policy that is also given what the world hides (`Environment.truth`). It is a yardstick: no
agent can be expected to reach it, and only models of this process that were asked for by its name play it.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import Any

from agentbench_sdk.simulation.environment import Opening


@dataclass(frozen=True, slots=True)
class Act:
    """A tool call; or, when `tool` is "", a plain message with `text`."""

    tool: str = ""
    arguments: Mapping[str, Any] = field(default_factory=dict)
    text: str = ""


Policy = Callable[[Opening], Generator[Act, str, None]]
Oracle = Callable[[Opening, Mapping[str, Any]], Generator[Act, str, None]]
