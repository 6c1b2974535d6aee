"""How a session ended: typed, so that a fault of the endpoint is never taken for a wrong answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

Status = Literal["completed", "limit", "failed", "cancelled"]
SPOKEN = ("answered", "refused", "answer_cut", "user_stop")  # reasons of endings by a text
STATUSES: tuple[Status, ...] = get_args(Status)


@dataclass(frozen=True, slots=True)
class Ending:
    """Attributes:
    status: "completed" (the agent answered or the world ended), "limit" (a limit of the session was
        reached; the outcome still counts), "failed" (a fault that is not the agent's: not scored) or
        "cancelled" (interrupted; not scored).
    reason: "answered", "refused" (the endpoint marks the answer as a refusal), "answer_cut" (it ran into its
        token limit), "world_ended", "user_stop" (the user ended the conversation), "agent_error" (the world
        does not let a message of the agent's pass), the limit's name ("turns", "tool_calls", "tool_errors",
        "steps", "tokens", "cost_usd", "working_seconds"), "user_fault" (who played the user did not keep to
        the script), the error's kind ("rate_limited", "malformed_response" …).
    detail: one sentence for the reader.
    """

    status: Status
    reason: str
    detail: str = ""

    @property
    def scorable(self) -> bool:
        """Whether what the agent did may be judged."""
        return self.status in ("completed", "limit")

    def to_dict(self) -> dict[str, Any]:
        return {"status": self.status, "reason": self.reason, "detail": self.detail}


class Limits(BaseModel):
    """Limits of one session; None is no limit. Reaching one ends the session, which is still scored.

    Attributes:
        turns: answers of the agent's model.
        tool_calls: calls executed, of both sides.
        tool_errors: calls that were answered with an error, of both sides.
        steps: deliveries between agent, user and world; see `Tally`. Looked at when a text or results have
            been delivered, so that calls are always followed by their results; a session that ends in the
            very step that reaches this limit, or the one before, has reached the limit.
        tokens: input and output tokens of all models of the session together.
        cost_usd: US dollars of all models of the session together; needs known prices.
        working_seconds: time on the wire and in tools; waiting for permits is not counted.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    turns: int | None = Field(None, ge=1)
    tool_calls: int | None = Field(None, ge=1)
    tool_errors: int | None = Field(None, ge=1)
    steps: int | None = Field(None, ge=1)
    tokens: int | None = Field(None, ge=1)
    cost_usd: float | None = Field(None, gt=0)
    working_seconds: float | None = Field(None, gt=0)
