"""Time zones by rules: when summer time begins and ends, and what the clocks on the wall show."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta


@dataclass(frozen=True)
class Change:
    month: int
    nth: int
    weekday: int
    minute: int

    def wall(self, year: int) -> datetime:
        day = date(year, self.month, 1)
        day += timedelta(days=(self.weekday - day.weekday()) % 7)
        day += timedelta(weeks=(4 if self.nth == -1 else self.nth - 1))
        if day.month != self.month:  # only the last one can be too far: some months have four
            day -= timedelta(weeks=1)
        return datetime(day.year, day.month, day.day) + timedelta(minutes=self.minute)


@dataclass(frozen=True)
class Zone:
    name: str
    base: int
    summer: int = 0
    begins: Change | None = None
    ends: Change | None = None

    def offset(self, utc: datetime) -> int:
        if self.begins is None or self.ends is None:
            return self.base
        start = self.begins.wall(utc.year) - timedelta(minutes=self.base)
        end = self.ends.wall(utc.year) - timedelta(minutes=self.summer)
        if start < end:
            return self.summer if start <= utc < end else self.base
        return self.base if end <= utc < start else self.summer

    def local(self, utc: datetime) -> datetime:
        return utc + timedelta(minutes=self.offset(utc))

    def instants(self, wall: datetime) -> list[datetime]:
        offsets = {self.base} if self.begins is None else {self.base, self.summer}
        possible = sorted(wall - timedelta(minutes=offset) for offset in offsets)
        return [utc for utc in possible if self.local(utc) == wall]

    def utc(self, wall: datetime) -> datetime:
        found = self.instants(wall)
        # Clocks jump forward from the smaller offset to the larger one.
        return found[0] if found else wall - timedelta(minutes=min(self.base, self.summer))
