"""What a session has used so far, and whether that is all that it may use."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from agentbench_sdk.messages import Usage
from agentbench_sdk.sessions.ending import Ending, Limits

# What an answer asks for is still done when its own tokens used up a limit: it was paid for.
ASKING = ("tool_errors", "steps", "turns", "tool_calls", "tokens", "cost_usd", "working_seconds")
ACTING = ("tool_calls", "working_seconds")
DELIVERED = ("tool_errors", "steps")  # looked at after each delivery, whatever else ended the session with it


@dataclass(slots=True)
class Tally:
    """What a session has used so far.

    Attributes:
        turns: answers of the agent's model.
        tool_calls, tool_errors: of both sides; calls that were executed, and those answered with an error.
        steps: deliveries: a message to its receiver, or the calls of one message to the world. The first
            message of a session is not delivered by anybody.
        usage: of all models; `agent_usage` and `cached_usage` are the agent's, the latter from the cache.
        working_s: seconds on the wire and in tools.
    """

    turns: int = 0
    tool_calls: int = 0
    tool_errors: int = 0
    steps: int = 0
    usage: Usage = field(default_factory=Usage)
    agent_usage: Usage = field(default_factory=Usage)
    cached_usage: Usage = field(default_factory=Usage)
    working_s: float = 0.0

    def limit_reached(self, limits: Limits, names: Iterable[str]) -> Ending | None:
        """The first of the named limits that is used up, as an ending."""
        for name in names:
            limit = getattr(limits, name)
            if limit is not None and self._used(name) >= limit:
                return Ending("limit", name, f"the session's limit of {limit} {name} was reached")
        return None

    def _used(self, name: str) -> float:
        if name == "tokens":
            return self.usage.total_tokens
        if name == "cost_usd":
            return self.usage.cost_usd or 0.0
        used: float = getattr(self, "working_s" if name == "working_seconds" else name)
        return used
