"""What a limiter tells of itself."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

POINTS = 512


@dataclass(frozen=True, slots=True)
class LimiterStatistics:
    """The state of a limiter, and its counts since it was made.

    Attributes:
        endpoint: the endpoint's key.
        limit: attempts that may be in flight at present.
        rate: attempts per second at present, None while the pace does not bind.
        in_flight: attempts on the wire; waiting: calls in the queue, those between attempts included.
        attempts: attempts made; completed: calls answered; refused: attempts refused with 429 or 503;
            errors: attempts that failed otherwise; given_up: calls whose budget ended first.
        held_s: seconds permits were held, in all; waited_s: seconds calls waited, in all.
        last_error: what the newest failed attempt said; "" when none failed.
        history: (seconds since the limiter was made, limit), thinned to a few hundred points.
    """

    endpoint: str
    limit: int
    rate: float | None
    in_flight: int
    waiting: int
    attempts: int
    completed: int
    refused: int
    errors: int
    given_up: int
    held_s: float
    waited_s: float
    history: tuple[tuple[float, int], ...]
    last_error: str = ""

    def to_dict(self) -> dict[str, Any]:
        return {**asdict(self), "history": [list(point) for point in self.history]}


class History:
    """A step function of time, thinned by half whenever it has too many points."""

    def __init__(self) -> None:
        self.points: list[tuple[float, int]] = []
        self._last = -1
        self._interval = 0.0

    def note(self, time: float, value: int) -> None:
        if value == self._last or (self.points and time - self.points[-1][0] < self._interval):
            return
        self._last = value
        self.points.append((time, value))
        if len(self.points) > POINTS:
            self.points = self.points[::2]
            self._interval = 2 * (self.points[-1][0] - self.points[0][0]) / POINTS
