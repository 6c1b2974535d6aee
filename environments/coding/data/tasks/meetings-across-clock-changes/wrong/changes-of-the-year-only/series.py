"""Series of meetings: the same time on the wall, whatever the clocks are doing."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice, takewhile
from typing import NamedTuple

from zones import Zone


class Meeting(NamedTuple):
    start: datetime  # UTC
    end: datetime  # UTC


@dataclass(frozen=True)
class Series:
    zone: Zone
    first: datetime  # wall time
    minutes: int  # how long a meeting takes, in minutes that pass: 1 or more
    every: str = "week"
    interval: int = 1
    count: int | None = None
    until: date | None = None
    skipped: frozenset[date] = frozenset()

    def meetings(self) -> Iterator[Meeting]:
        for wall in islice(self._walls(), self.count):
            if self.until is not None and wall.date() > self.until:
                return
            if wall.date() not in self.skipped:
                start = self.zone.utc(wall)
                yield Meeting(start, start + timedelta(minutes=self.minutes))

    def _walls(self) -> Iterator[datetime]:
        if self.every == "month":
            first = self.first.year * 12 + self.first.month - 1
            for months in range(first, 10000 * 12, self.interval):
                with suppress(ValueError):
                    yield self.first.replace(year=months // 12, month=months % 12 + 1)
            return
        step = timedelta(days=self.interval * (7 if self.every == "week" else 1))
        wall = self.first
        with suppress(OverflowError):
            while True:
                yield wall
                wall += step

    def between(self, begin: datetime, end: datetime) -> list[Meeting]:
        started = takewhile(lambda meeting: meeting.start < end, self.meetings())
        return [meeting for meeting in started if meeting.end > begin]
