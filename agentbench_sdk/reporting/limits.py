"""How many requests at a time each endpoint took, over the run: a line of bars for the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

BARS = "▁▂▃▄▅▆▇█"
WIDTH = 40


@dataclass(frozen=True, slots=True)
class LimitHistory:
    """What a limiter of the run tells.

    Attributes:
        points: (seconds since the limiter was made, limit), a step function, in order.
        attempts, refused, errors: attempts made, refused with 429 or 503, failed otherwise.
    """

    endpoint: str
    points: tuple[tuple[float, int], ...]
    attempts: int
    refused: int
    errors: int

    @classmethod
    def from_note(cls, endpoint: str, note: Mapping[str, Any]) -> LimitHistory:
        """Read what a run file holds of a limiter (`LimiterStatistics.to_dict`)."""
        points = tuple((float(when), int(limit)) for when, limit in note["history"])
        return cls(endpoint, points, note["attempts"], note["refused"], note["errors"])

    def bars(self, width: int = WIDTH) -> str:
        """The limit over time, each bar the mean of its share of the time; the highest limit is full."""
        if not self.points:
            return ""
        highest = max(limit for _, limit in self.points)
        return "".join(
            BARS[min(len(BARS) - 1, int(level / highest * len(BARS)))]
            for level in _resampled(self.points, width)
        )

    def to_dict(self) -> dict[str, Any]:
        return {
            "endpoint": self.endpoint,
            "history": [list(point) for point in self.points],
            "attempts": self.attempts,
            "refused": self.refused,
            "errors": self.errors,
        }


def limit_histories(notes: Mapping[str, Any] | None) -> tuple[LimitHistory, ...]:
    """The limiters of a run that made attempts, by endpoint."""
    found = (LimitHistory.from_note(endpoint, note) for endpoint, note in sorted((notes or {}).items()))
    return tuple(each for each in found if each.attempts)


def _resampled(points: Sequence[tuple[float, int]], width: int) -> list[float]:
    """Mean of a step function over `width` equal spans, from its first point to its last."""
    start, end = points[0][0], points[-1][0]
    if end <= start:
        return [float(points[-1][1])]
    span = (end - start) / width
    area = [0.0] * width
    for (when, limit), (until, _) in pairwise(points):
        first, last = int((when - start) / span), min(width - 1, int((until - start) / span))
        for column in range(min(first, width - 1), last + 1):
            left, right = start + column * span, start + (column + 1) * span
            area[column] += limit * max(0.0, min(until, right) - max(when, left))
    return [each / span for each in area]
