"""Where the time went: percentiles of attempts, and of calls by role and endpoint."""

from __future__ import annotations

import math
from array import array
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from agentbench_sdk.runs.records import CallRecord, CallRole, SampleRecord


@dataclass(frozen=True, slots=True)
class Spread:
    """Distribution of durations, in seconds. A description of all that were measured, not an estimate."""

    n: int
    total: float
    p50: float
    p90: float
    p99: float
    max: float

    def to_dict(self) -> dict[str, Any]:
        return {
            "n": self.n,
            "total_s": self.total,
            "p50_s": self.p50,
            "p90_s": self.p90,
            "p99_s": self.p99,
            "max_s": self.max,
        }


def spread(seconds: array[float]) -> Spread | None:
    """Percentiles by linear interpolation; None when nothing was measured."""
    import numpy as np

    if not seconds:
        return None
    values = np.frombuffer(seconds, dtype=np.float64)
    p50, p90, p99 = (float(each) for each in np.percentile(values, (50, 90, 99)))
    return Spread(len(values), math.fsum(seconds), p50, p90, p99, float(values.max()))


@dataclass(frozen=True, slots=True)
class CallTimes:
    """Times of the calls of one role to one endpoint that went over the wire; cached answers took none.

    Attributes:
        queue: waiting for a permit and between attempts.
        first_token: from sending to the first token; None when nothing was streamed.
        total: queue and the successful attempt together.
        retried: calls that needed more than one attempt.
    """

    role: CallRole
    endpoint: str
    queue: Spread | None
    first_token: Spread | None
    total: Spread | None
    retried: int

    def to_dict(self) -> dict[str, Any]:
        return {
            "role": self.role,
            "endpoint": self.endpoint,
            "queue": self.queue.to_dict() if self.queue else None,
            "first_token": self.first_token.to_dict() if self.first_token else None,
            "total": self.total.to_dict() if self.total else None,
            "retried": self.retried,
        }


def _seconds() -> array[float]:
    return array("d")


@dataclass(slots=True)
class _Calls:
    queue: array[float] = field(default_factory=_seconds)
    first_token: array[float] = field(default_factory=_seconds)
    total: array[float] = field(default_factory=_seconds)
    retried: int = 0


@dataclass(slots=True)
class TimeTally:
    """Keeps durations record by record: eight bytes each, nothing of the records."""

    _wall: array[float] = field(default_factory=_seconds)
    _working: array[float] = field(default_factory=_seconds)
    _calls: dict[tuple[CallRole, str], _Calls] = field(default_factory=dict)

    def add(self, record: SampleRecord) -> None:
        self._wall.append(record.wall_s)
        self._working.append(record.working_s)

    def add_call(self, call: CallRecord) -> None:
        if call.cached:
            return
        calls = self._calls.setdefault((call.role, call.endpoint), _Calls())
        timing = call.timing
        calls.queue.append(timing.queue_s)
        calls.total.append(timing.queue_s + timing.wire_s)
        if timing.first_token_s is not None:
            calls.first_token.append(timing.first_token_s)
        calls.retried += call.timing.attempts > 1

    @property
    def wall(self) -> Spread | None:
        return spread(self._wall)

    @property
    def working(self) -> Spread | None:
        return spread(self._working)

    def calls(self) -> tuple[CallTimes, ...]:
        """One entry a role and endpoint, sorted."""
        return tuple(
            CallTimes(
                role,
                endpoint,
                spread(calls.queue),
                spread(calls.first_token),
                spread(calls.total),
                calls.retried,
            )
            for (role, endpoint), calls in sorted(self._calls.items())
        )
