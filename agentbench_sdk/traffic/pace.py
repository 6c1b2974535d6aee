"""How often an attempt may start: the pace against endpoints that count requests per second.

A bucket of tokens that refuses is empty. Between two refusals it has therefore handed out exactly what
flowed in, and attempts accepted over time elapsed is its rate, whatever its depth. The pace follows that
estimate: just below it after a refusal, slowly across it, and faster when no refusal comes.
"""

from __future__ import annotations

import math
from collections import deque

CALLS_TO_CROSS = 120
AFTER_REFUSAL = 0.975
CROSSED = 1.01
DOUBLINGS_PER_CROSSING = 3.0
MOST_DOUBLINGS = 5.0
ENOUGH = 16
CALM = 8
LONGEST_CROSSING_S = 30.0
REFUTED = 5
COLLAPSE = 0.3
PLAUSIBLE_EVENTS = 4
SLOWEST = 1 / 30
CATCH_UP_S = 0.005
SEARCH_GROWTH = 1.04


class Pace:
    """The pace, a pure state machine; `rate` is None while it does not bind."""

    def __init__(self) -> None:
        self.base: float | None = None
        self.searching = False
        self.accepted_total = 0
        self.paused_s = 0.0
        self.spacing = float(CALLS_TO_CROSS)
        self._next = 0.0
        self._calls = 0
        self._events: deque[tuple[float, int, float]] = deque(maxlen=32)
        self._refused_per_event = 1.0
        self._refused = 1
        self._quick = self._in_vain = 0
        self._between = 0
        self._calm_base = 0.0

    @property
    def active(self) -> bool:
        return self.base is not None

    @property
    def refuted(self) -> bool:
        """Whether refusals keep coming however slow the pace: then they are not about the rate."""
        collapsed = self.base is not None and self.base < COLLAPSE * self._calm_base
        return self._in_vain >= REFUTED or collapsed

    @property
    def between(self) -> int:
        """Attempts accepted between the last two refusals."""
        return self._between

    @property
    def rate(self) -> float | None:
        """Starts per second at present."""
        if self.base is None:
            return None
        if self.searching:
            return self.base
        crossed = self._calls / self.spacing
        if crossed <= 1.0:
            return self.base * (AFTER_REFUSAL + (CROSSED - AFTER_REFUSAL) * crossed)
        doublings = (DOUBLINGS_PER_CROSSING * (crossed - 1.0)) ** 2
        return float(self.base * CROSSED * 2.0 ** min(MOST_DOUBLINGS, doublings))

    def ready_at(self) -> float:
        """The earliest time of the next start."""
        return self._next if self.base is not None else float("-inf")

    def started(self, now: float) -> None:
        rate = self.rate
        if rate is not None:
            # a timer that fires late must not cost rate, so a little of the delay may be made up for
            gap = 1.0 / rate
            if now - self._next < gap:
                self._calls += 1  # it went out when the pace let it: the pace is what binds
            self._next = max(self._next, now - min(CATCH_UP_S, 0.5 * gap)) + gap

    def accepted(self, *, lately: bool) -> None:
        """An attempt was not refused; `lately` when it started after the last congestion event."""
        self.accepted_total += 1
        if lately and self.searching and self.base is not None:
            self.base *= SEARCH_GROWTH

    def estimate(self, now: float) -> float | None:
        """Accepted attempts per second between refusals, over at least `ENOUGH` of them; None when too few."""
        for then, accepted, paused in reversed(self._events):
            count = self.accepted_total - accepted
            elapsed = now - then - (self.paused_s - paused)
            if count >= ENOUGH and elapsed > 0:
                return count / elapsed
        return None

    def plausible(self) -> bool:
        """Whether refusals were rare of late, as they are when only the rate is wrong."""
        recent = list(self._events)[-PLAUSIBLE_EVENTS - 1 : -1]
        return bool(recent) and self.accepted_total - recent[0][1] >= ENOUGH

    def mark(self, now: float) -> None:
        """Remember a congestion event: the bucket, if it is one, is empty now."""
        self._refused_per_event = 0.7 * self._refused_per_event + 0.3 * self._refused
        self._refused = 1
        self._between = self.accepted_total - (self._events[-1][1] if self._events else 0)
        self._events.append((now, self.accepted_total, self.paused_s))

    def refused_again(self) -> None:
        self._refused += 1

    def enter(self, now: float, fallback: float) -> None:
        """Begin to pace, at the estimated rate or, without an estimate, at `fallback` per second."""
        known = self.estimate(now)
        self.searching, self._quick, self._in_vain, self._calm_base = True, 0, 0, 0.0
        self.base = max(SLOWEST, known if known is not None else fallback)
        self._restart(now)

    def congested(self, now: float, pause: float) -> None:
        """A refusal in spite of the pace."""
        assert self.base is not None
        known, current = self.estimate(now), self.rate or self.base
        if known is None:
            self._in_vain += 1
            self.base, self.searching = current * 0.5, True
        elif self.searching:
            self.base, self.searching = max(known, 0.9 * current), False
        elif self._between < CALM:
            self._quick += 1
            self.base = self._slower(known, current)
        else:
            self._quick = self._in_vain = 0
            # a shallow bucket refuses as soon as the pace exceeds its rate, and what it lost by overflowing
            # before is missing in the estimate; a deep one will say so at once if this is too fast
            self.base, self.searching = max(known, current), False
            self._calm_base = self.base
        self.base = max(SLOWEST, self.base)
        self.spacing = max(
            min(CALLS_TO_CROSS, max(4.0, LONGEST_CROSSING_S * self.base)),
            75 * self._refused_per_event,
            40 * pause * self.base,
        )
        self._restart(now)

    def _slower(self, known: float, current: float) -> float:
        """Refused twice in short order: first half-way to the estimate, then the estimate, then below it."""
        if self._quick <= 2 and current > known:
            return math.sqrt(known * current)
        if current > known:
            return known
        self._in_vain += 1
        return 0.8 * current

    def _restart(self, now: float) -> None:
        self._calls = 0
        self._next = now + 1.0 / (self.base or 1.0)

    def leave(self) -> None:
        self.base = None
