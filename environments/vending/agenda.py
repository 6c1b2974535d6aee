"""The clock and the queue of events that fall due as it moves."""

from __future__ import annotations

from bisect import insort
from typing import Any

# At equal times the lower priority goes first.
SALES, DELIVERY, MACHINE, MAIL, REMINDER, MIDNIGHT, AWAKE = range(7)


class Agenda:
    """Attributes:
    now: minutes since day 0, 00:00; never falls.
    """

    def __init__(self, now: int) -> None:
        self.now = now
        self._events: list[tuple[int, int, str]] = []

    def add(self, minute: int, priority: int, key: str) -> None:
        """Plan an event; ordered by (minute, priority, key)."""
        assert minute >= self.now, "an event cannot be planned in the past"
        event = (minute, priority, key)
        assert event not in self._events, "an event is planned once"
        insort(self._events, event)

    def cancel(self, key: str) -> None:
        """Take a planned event out of the queue."""
        self._events.remove(next(event for event in self._events if event[2] == key))

    def next_due(self, until: int) -> str | None:
        """Take the next event that is due at `until` or before and move the clock to it."""
        if not self._events or self._events[0][0] > until:
            return None
        minute, _, key = self._events.pop(0)
        assert minute >= self.now, "an event runs late"
        self.now = minute
        return key

    def clear(self) -> None:
        """Forget what was planned: the run has ended."""
        self._events.clear()

    def state(self) -> dict[str, Any]:
        return {"now": self.now, "events": self._events}

    def load(self, state: dict[str, Any]) -> None:
        self.now = state["now"]
        self._events = [(minute, priority, key) for minute, priority, key in state["events"]]
