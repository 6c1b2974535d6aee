"""Days and minutes of the simulated world. Time is one integer: minutes since day 0, 00:00."""

from __future__ import annotations

from datetime import date, timedelta

DAY = 1440
DAWN = 360  # 06:00, the inbox is filled
WAKE = 420  # 07:00, the agent's day begins
SLEEP = 1320  # 22:00, no call may end later
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def day_of(minute: int) -> int:
    """The day that a minute belongs to."""
    return minute // DAY


def time_text(minute: int) -> str:
    """A minute of the day as "HH:MM"."""
    return f"{minute % DAY // 60:02d}:{minute % 60:02d}"


class Calendar:
    """Real dates of simulated days (proleptic Gregorian)."""

    def __init__(self, start_date: str) -> None:
        self.start = date.fromisoformat(start_date)

    def date(self, day: int) -> date:
        """The date of a day."""
        return self.start + timedelta(days=day)

    def iso(self, day: int) -> str:
        """The date of a day as "YYYY-MM-DD"."""
        return self.date(day).isoformat()

    def weekday(self, day: int) -> int:
        """0 for Monday to 6 for Sunday."""
        return (self.start.weekday() + day) % 7

    def month(self, day: int) -> int:
        """0 for January to 11 for December."""
        return self.date(day).month - 1

    def clock(self, minute: int) -> dict[str, int | str]:
        """The clock as every result shows it."""
        day = day_of(minute)
        return {
            "day": day,
            "minute": minute % DAY,
            "date": self.iso(day),
            "weekday": WEEKDAYS[self.weekday(day)],
            "time": time_text(minute),
        }
