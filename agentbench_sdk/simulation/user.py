"""The other party of a conversation: a simulated user, as the world describes it.

A world with a user says who that is (`Environment.user_side`), what tools the user has (`tools("user")`) and
what the user may not say (`Environment.objection`). Who plays the user, a model or a scripted user of the
world (`Environment.users`), is the run's choice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class UserSide:
    """How the user's side of a session begins and ends.

    Attributes:
        system: system prompt of a model that plays the user: how to behave, and the script.
        greeting: the agent's first words, which no model writes; both sides have heard them when the user
            speaks first.
        stops: markers, each of which ends the session when it stands in a text of the user's; case counts.
            A message that calls tools never ends it.
        facts: what the user knows and wants, as plain JSON, for scripted users.
    """

    system: str = ""
    greeting: str = ""
    stops: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)

    def stop_in(self, text: str) -> str:
        """The first of the markers that a text holds; "" for none."""
        return next((marker for marker in self.stops if marker in text), "")


@dataclass(frozen=True, slots=True)
class Objection:
    """Why the world does not let a message pass.

    Attributes:
        reason: one sentence, addressed to whoever wrote the message.
        fault: reason of the ending when it is not repaired: "user_fault", "agent_error" …
        repairs: how often the writer may try again.
    """

    reason: str
    fault: str
    repairs: int = 0
