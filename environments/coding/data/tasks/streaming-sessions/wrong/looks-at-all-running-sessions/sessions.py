"""Sessions of users, from the lines of an access log.

A line is 'TIME USER BYTES', separated by single spaces: whole seconds, a name without spaces, and a whole number. Times do
not go back from line to line.
"""

from collections import OrderedDict
from collections.abc import Iterable, Iterator
from typing import NamedTuple


class Session(NamedTuple):
    user: str
    start: int
    end: int  # time of the last line
    lines: int
    size: int  # bytes in all


class LogError(Exception):
    """A line is no line of a log; the message tells its number, from 1."""


def _parsed(number: int, line: str, latest: int | None) -> tuple[int, str, int]:
    parts = line.rstrip("\n").split(" ")
    if len(parts) != 3 or not parts[0].isdecimal() or not parts[1] or not parts[2].isdecimal():
        raise LogError(f"line {number} is not 'TIME USER BYTES'")
    if latest is not None and int(parts[0]) < latest:
        raise LogError(f"line {number} is earlier than the line before")
    return int(parts[0]), parts[1], int(parts[2])


def sessions(lines: Iterable[str], gap: int) -> Iterator[Session]:
    """The sessions in the order of their last lines.

    Lines of a user are in the same session as long as no more than `gap` seconds lie between one and the next.
    """
    running: OrderedDict[str, Session] = OrderedDict()  # by user, in the order of their last lines
    latest = None
    for number, line in enumerate(lines, start=1):
        latest, user, size = _parsed(number, line, latest)
        over = [session for session in running.values() if latest - session.end > gap]
        for session in over:
            yield running.pop(session.user)
        old = running.pop(user, None)
        if old is None:
            running[user] = Session(user, latest, latest, 1, size)
        else:
            running[user] = Session(user, old.start, latest, old.lines + 1, old.size + size)
    yield from running.values()
