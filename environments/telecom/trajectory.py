"""What a session did, in order, as the reward and the metrics read it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from agentbench_sdk.simulation import Actor


@dataclass(frozen=True, slots=True)
class Said:
    """Agent or user told the other something."""

    actor: Actor
    text: str

    def to_dict(self) -> dict[str, Any]:
        return {"actor": self.actor, "text": self.text}


@dataclass(frozen=True, slots=True)
class Called:
    """Agent or user called a tool.

    Attributes:
        arguments: as they were passed; empty where they could not be read.
        content: what the caller was answered.
        error: whether the answer is flagged as an error.
        outcome: "ok", or the kind of error; see `core.Answer`. "bad_arguments" where the arguments could not
            be read, so that no tool was called.
    """

    actor: Actor
    name: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    content: str = ""
    error: bool = False
    outcome: str = "ok"

    @property
    def readable(self) -> bool:
        """Whether there was a call at all."""
        return self.outcome != "bad_arguments"

    def to_dict(self) -> dict[str, Any]:
        return {
            "actor": self.actor,
            "name": self.name,
            "arguments": dict(self.arguments),
            "content": self.content,
            "error": self.error,
            "outcome": self.outcome,
        }


Trajectory = list[Said | Called]
Entries = Sequence[Said | Called]  # a trajectory that is only read


def entry_from_dict(record: Mapping[str, Any]) -> Said | Called:
    """Read an entry back from its stored form."""
    return Called(**record) if "name" in record else Said(**record)
