"""How a session ended: typed, so that a fault of the endpoint is never taken for a wrong answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

Status = Literal["completed", "limit", "failed", "cancelled"]
STATUSES: tuple[Status, ...] = get_args(Status)


@dataclass(frozen=True, slots=True)
class Ending:
    """Attributes:
    status: "completed" (the agent answered or the world ended), "limit" (a limit of the session was
        reached; the outcome still counts), "failed" (a fault that is not the agent's: not scored) or
        "cancelled" (interrupted; not scored).
    reason: "answered", "refused" (the endpoint marks the answer as a refusal), "answer_cut" (it ran into its
        token limit), "world_ended", the limit's name ("turns", "tool_calls", "tokens", "cost_usd",
        "working_seconds"), the error's kind ("rate_limited", "malformed_response" …).
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
        tool_calls: calls executed.
        tokens: input and output tokens of all models of the session together.
        cost_usd: US dollars of all models of the session together; needs known prices.
        working_seconds: time on the wire and in tools; waiting for permits is not counted.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    turns: int | None = Field(None, ge=1)
    tool_calls: int | None = Field(None, ge=1)
    tokens: int | None = Field(None, ge=1)
    cost_usd: float | None = Field(None, gt=0)
    working_seconds: float | None = Field(None, gt=0)
