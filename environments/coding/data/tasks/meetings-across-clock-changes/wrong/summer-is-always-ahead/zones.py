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
        # The walls show another year than UTC around New Year, so the years next to it count as well.
        changes = []
        for year in range(max(1, utc.year - 1), min(9999, utc.year + 1) + 1):
            changes.append((self.begins.wall(year) - timedelta(minutes=self.base), self.summer))
            changes.append((self.ends.wall(year) - timedelta(minutes=self.summer), self.base))
        return max(change for change in changes if change[0] <= utc)[1]

    def local(self, utc: datetime) -> datetime:
        return utc + timedelta(minutes=self.offset(utc))

    def instants(self, wall: datetime) -> list[datetime]:
        offsets = {self.base} if self.begins is None else {self.base, self.summer}
        possible = sorted(wall - timedelta(minutes=offset) for offset in offsets)
        return [utc for utc in possible if self.local(utc) == wall]

    def utc(self, wall: datetime) -> datetime:
        found = self.instants(wall)
        # Clocks jump forward from the smaller offset to the larger one.
        return found[0] if found else wall - timedelta(minutes=self.base)
