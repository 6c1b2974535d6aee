"""Street fairs: three days with more people in the street, told of on the web two days before."""

from __future__ import annotations

from agentbench_sdk.environments.vending.outages import EVENTS_FROM_DAY
from agentbench_sdk.simulation import SeededStreams

DAYS, ANNOUNCED = 3, 2  # how long one lasts, and how many days before it is in the news
_CHANCE = 6  # per mille and day
_FOOTFALL, _USUAL = 1400, 1000  # per mille


class Fairs:
    """The fairs of one seed; derived, so never part of the state. There are none without events."""

    def __init__(self, streams: SeededStreams, *, events: bool) -> None:
        self._streams, self._events = streams, events
        self._footfall: dict[int, int] = {}

    def begins(self, day: int) -> bool:
        """Whether a fair is drawn to begin on a day."""
        if not self._events or day < EVENTS_FROM_DAY:
            return False
        return self._streams.between(0, 999, "evt.fair", day) < _CHANCE

    def footfall(self, day: int) -> int:
        """What the fairs of a day do to footfall, per mille; two at once draw no more people than one."""
        if day not in self._footfall:
            on = any(self.begins(start) for start in range(day - DAYS + 1, day + 1))
            self._footfall[day] = _FOOTFALL if on else _USUAL
        return self._footfall[day]
