"""Time zones by rules: when summer time begins and ends, and what the clocks on the wall show.

UTC instants and wall times are datetimes without tzinfo, in whole minutes. Offsets are minutes that the wall is ahead
of UTC (negative: behind).
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta


@dataclass(frozen=True)
class Change:
    """The moment of a change, on the nth (1 to 4; -1: the last) such weekday (0: Monday) of a month.

    `minute` is what the wall shows then, in minutes since midnight, before the clocks are changed.
    """

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
    """From `begins` to `ends` the offset is `summer`, otherwise `base`; without a `begins` it is `base` all year.

    South of the equator, summer begins late in a year and ends early in the next. There are zones where `summer`, the
    offset of that season, is less than `base`. Seasons last some weeks or more.
    """

    name: str
    base: int
    summer: int = 0
    begins: Change | None = None
    ends: Change | None = None

    def offset(self, utc: datetime) -> int:
        """The offset at an instant; at the instant of a change, the new one."""
        if self.begins is None or self.ends is None:
            return self.base
        # The walls show another year than UTC around New Year, so the years next to it count as well.
        changes = []
        for year in range(max(1, utc.year - 1), min(9999, utc.year + 1) + 1):
            changes.append((self.begins.wall(year) - timedelta(minutes=self.base), self.summer))
            changes.append((self.ends.wall(year) - timedelta(minutes=self.summer), self.base))
        return max(change for change in changes if change[0] <= utc)[1]

    def local(self, utc: datetime) -> datetime:
        """What the wall shows at an instant."""
        return utc + timedelta(minutes=self.offset(utc))

    def instants(self, wall: datetime) -> list[datetime]:
        """The instants at which the wall shows that: none in the gap where clocks jump forward, two where they go back."""
        offsets = {self.base} if self.begins is None else {self.base, self.summer}
        possible = sorted(wall - timedelta(minutes=offset) for offset in offsets)
        return [utc for utc in possible if self.local(utc) == wall]

    def utc(self, wall: datetime) -> datetime:
        """The instant that a wall time means: the first where it is shown twice.

        A wall time that is never shown means the instant that it would be had the clocks not been changed yet.
        """
        found = self.instants(wall)
        # Clocks jump forward from the smaller offset to the larger one.
        return found[0] if found else wall - timedelta(minutes=min(self.base, self.summer))
