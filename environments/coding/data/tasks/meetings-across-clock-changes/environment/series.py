"""Series of meetings: the same time on the wall, whatever the clocks are doing."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from zones import Zone


class Meeting(NamedTuple):
    start: datetime  # UTC
    end: datetime  # UTC


@dataclass(frozen=True)
class Series:
    """Meetings at the wall time of the first, every `interval` days, weeks or months.

    `every` is "day", "week" or "month". By the month, meetings are on the day of the month of the first; a month
    without that day has none. The series ends after `count` meetings, or with the wall date `until` (included), or,
    with neither, in the year 9999. On a wall date in `skipped` there is no meeting; for `count` it counts all the same.
    """

    zone: Zone
    first: datetime  # wall time
    minutes: int  # how long a meeting takes, in minutes that pass: 1 or more
    every: str = "week"
    interval: int = 1
    count: int | None = None
    until: date | None = None
    skipped: frozenset[date] = frozenset()

    def meetings(self) -> Iterator[Meeting]:
        """The meetings in order."""
        start = self.zone.utc(self.first)
        number = 0
        while self.count is None or number < self.count:
            if self.until is not None and start.date() > self.until:
                return
            if start.date() not in self.skipped:
                yield Meeting(start, self.zone.utc(self.zone.local(start) + timedelta(minutes=self.minutes)))
                number += 1
            start = self._after(start)

    def _after(self, moment: datetime) -> datetime:
        if self.every != "month":
            return moment + timedelta(days=self.interval * (7 if self.every == "week" else 1))
        month = moment.month + self.interval
        year, month = moment.year + month // 12, month % 12
        return moment.replace(year=year, month=month)

    def between(self, begin: datetime, end: datetime) -> list[Meeting]:
        """The meetings of which a minute or more lies in the UTC time from `begin` to before `end`."""
        return [meeting for meeting in self.meetings() if begin <= meeting.start < end]
