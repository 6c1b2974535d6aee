"""Bookings of a hall: which of the requested events can be held together, and which choice is the n-th.

Events are numbered from 0. Two events can be held together if the one ends before the other starts, or at that moment.
A choice is an ascending tuple of numbers of events that can all be held together; the empty one is a choice, too. Choices
are in the order of tuples in Python: () comes first, then (0,), then the others that begin with 0, and so on.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from typing import NamedTuple


class Event(NamedTuple):
    start: int
    end: int
    value: int = 0  # may be negative


class Hall:
    """Events in the order of their starts; ValueError for another order, or an event that does not end after its start."""

    def __init__(self, events: Iterable[Event]) -> None:
        self.events = list(events)
        for event, following in zip(self.events, [*self.events[1:], None], strict=False):
            if event.end <= event.start or (following is not None and following.start < event.start):
                raise ValueError("events need to be in the order of their starts, and to end after it")
        self._prepare()

    def choices(self) -> Iterator[tuple[int, ...]]:
        """All choices, in order."""

        def beginning_with(chosen: tuple[int, ...], first: int) -> Iterator[tuple[int, ...]]:
            yield chosen
            for number in range(first, len(self.events)):
                if not chosen or self.events[chosen[-1]].end <= self.events[number].start:
                    yield from beginning_with((*chosen, number), number + 1)

        return beginning_with((), 0)

    def _prepare(self) -> None:
        """Tables over the numbers of events; from_[n] is the number of choices among the events n, n + 1, …"""
        size = len(self.events)
        starts = [event.start for event in self.events]
        self._next = [bisect_left(starts, event.end) for event in self.events]
        self._from = [1] * (size + 1)
        self._best = [0] * (size + 1)
        for number in range(size - 1, -1, -1):
            follows = self._next[number]
            self._from[number] = self._from[number + 1] + self._from[follows]
            value = self.events[number].value + self._best[follows]
            self._best[number] = max(self._best[number + 1], value)
        # Choices among the events that end first: until[k] for the first k of them.
        by_end = sorted(self.events, key=lambda event: event.end)
        self._ends = [event.end for event in by_end]
        self._until = [1]
        for event in by_end:
            self._until.append(self._until[-1] + self._until[bisect_right(self._ends, event.start)])

    def count(self) -> int:
        """How many choices there are."""
        return self._from[0]

    def nth(self, position: int) -> tuple[int, ...]:
        """The choice at a position, from 0; IndexError if there is none."""
        if not 0 <= position < self.count():
            raise IndexError(f"there is no choice {position}")
        chosen: list[int] = []
        first = 0
        while position > 0:
            position -= 1  # the choice that ends here comes before those that go on
            # Choices that go on with an event before n: from_[first] - from_[n], which grows with n.
            limit = self._from[first] - position
            number = bisect_right(self._from, -limit, lo=first, key=lambda count: -count) - 1
            position -= self._from[first] - self._from[number]
            chosen.append(number)
            first = self._next[number]
        return tuple(chosen)

    def position(self, choice: tuple[int, ...]) -> int:
        """The position of a choice; ValueError if it is none."""
        position = first = 0
        for number in choice:
            if not first <= number < len(self.events):
                raise ValueError(f"no choice: {choice}")
            position += 1 + self._from[first] - self._from[number]
            first = self._next[number]
        return position

    def containing(self, number: int) -> int:
        """How many choices contain an event; IndexError if there is no such event."""
        if not 0 <= number < len(self.events):
            raise IndexError(f"there is no event {number}")
        earlier = self._until[bisect_right(self._ends, self.events[number].start)]
        return earlier * self._from[self._next[number]]

    def best(self) -> tuple[int, tuple[int, ...]]:
        """The greatest total value of a choice, and the first choice that has it."""
        chosen: list[int] = []
        number = 0
        while self._best[number] > 0:
            follows = self._next[number]
            if self.events[number].value + self._best[follows] == self._best[number]:
                chosen.append(number)
                number = follows
            else:
                number += 1
        return self._best[0], tuple(chosen)
