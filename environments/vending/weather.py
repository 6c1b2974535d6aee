"""Weather: a chain of six kinds, and what each does to demand. All factors are per mille."""

from __future__ import annotations

from agentbench_sdk.environments.vending.calendar import Calendar
from agentbench_sdk.simulation import SeededStreams

KINDS = ("clear", "cloudy", "rain", "storm", "heat", "cold")
_WINTER = (260, 300, 260, 60, 0, 120)
_SPRING = (400, 320, 180, 30, 20, 50)
_SUMMER = (470, 270, 60, 10, 190, 0)
_AUTUMN = (400, 330, 160, 30, 50, 30)
_SEASONS = (_WINTER, _SPRING, _SUMMER, _AUTUMN)
_PERSISTENCE = 450
_FORECAST_SKILL = {1: 850, 2: 700, 3: 600}

WEEKDAY = (900, 920, 950, 980, 1080, 1220, 1150)
MONTH = (880, 900, 950, 1000, 1040, 1080, 1120, 1100, 1040, 1000, 940, 950)
SEASON = {
    "flat": (1000,) * 12,
    "warm": (780, 800, 880, 960, 1060, 1180, 1260, 1240, 1120, 980, 860, 800),
    "cool": (1180, 1150, 1080, 1000, 930, 860, 820, 830, 920, 1040, 1120, 1200),
}
EFFECT = {
    "footfall": (1060, 1000, 780, 550, 1050, 900),
    "neutral": (1000, 1000, 1000, 1000, 1000, 1000),
    "cold_drink": (1080, 1000, 850, 800, 1450, 750),
    "hot_drink": (980, 1020, 1120, 1120, 700, 1250),
    "choc": (1000, 1000, 1000, 1000, 700, 1080),
    "rain_gear": (400, 900, 3500, 4500, 300, 800),
    "sun_gear": (1500, 700, 200, 150, 2600, 300),
    "warm_gear": (700, 900, 1200, 1500, 100, 2600),
}


class Weather:
    """The weather of one seed and calendar; derived, so never part of the state."""

    def __init__(self, streams: SeededStreams, calendar: Calendar) -> None:
        self._streams = streams
        self._calendar = calendar
        self._kinds: list[int] = []

    def kind(self, day: int) -> int:
        """The kind of a day, as an index into `KINDS`."""
        while len(self._kinds) <= day:
            self._kinds.append(self._next(len(self._kinds)))
        return self._kinds[day]

    def _next(self, day: int) -> int:
        if day and self._streams.between(0, 999, "wx.persist", day) < _PERSISTENCE:
            return self._kinds[-1]
        row = _SEASONS[(self._calendar.month(day) + 1) % 12 // 3]
        draw = self._streams.between(0, 999, "wx.draw", day)
        kind, total = 0, row[0]
        while draw >= total:
            kind += 1
            total += row[kind]
        return kind

    def name(self, day: int) -> str:
        """The kind of a day in words."""
        return KINDS[self.kind(day)]

    def forecast(self, issued: int, day: int) -> str:
        """What is forecast for a day, one to three days ahead; wrong ones name the next kind."""
        kind = self.kind(day)
        right = self._streams.between(0, 999, "wx.fc", issued, day) < _FORECAST_SKILL[day - issued]
        return KINDS[kind if right else (kind + 1) % len(KINDS)]
