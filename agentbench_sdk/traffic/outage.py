"""Tells noise from trouble, and keeps an endpoint that is down from being hammered."""

from __future__ import annotations

WINDOW = 16
BUSY = 5
FAILING = 10
DOWN_AFTER = 6
FIRST_DELAY_S = 0.5
LONGEST_DELAY_S = 30.0
_MASK = (1 << WINDOW) - 1


class Outage:
    """Counts failures among the last attempts; pure.

    Attributes:
        down: nothing but failures came lately; one attempt at a time asks whether the endpoint is back.
        since: when the present outage began, None without one.
        not_before: the earliest time of the next such attempt.
    """

    def __init__(self) -> None:
        self.down = False
        self.since: float | None = None
        self.not_before = float("-inf")
        self._busy = self._failed = 0
        self._in_a_row = 0
        self._delay = FIRST_DELAY_S

    def answered(self) -> bool:
        """An answer came; True when it ends an outage."""
        if not (self._in_a_row or self._busy or self._failed):
            return False
        ended = self.down
        self._busy = (self._busy << 1) & _MASK
        self._failed = (self._failed << 1) & _MASK
        self._in_a_row = 0
        self.since = None
        if ended:
            self.down, self.not_before, self._delay = False, float("-inf"), FIRST_DELAY_S
        return ended

    def busy(self, now: float) -> bool:
        """A time-out or 503; True when there are enough of them to mean congestion."""
        self._busy = ((self._busy << 1) | 1) & _MASK
        self._failure(now)
        if self._busy.bit_count() >= BUSY:
            self._busy = 0
            return True
        return False

    def failed(self, now: float) -> bool:
        """A 5xx or a broken connection; True when most attempts end so."""
        self._failed = ((self._failed << 1) | 1) & _MASK
        self._failure(now)
        if self._failed.bit_count() >= FAILING:
            self._failed = 0
            return True
        return False

    def _failure(self, now: float) -> None:
        self._in_a_row += 1
        if self.since is None:
            self.since = now
        if self._in_a_row >= DOWN_AFTER:
            if self.down and now >= self.not_before:
                self._delay = min(2 * self._delay, LONGEST_DELAY_S)
            self.down = True
            self.not_before = max(self.not_before, now + self._delay)
