"""Bookings of a hall: which of the requested events can be held together, and which choice is the n-th.

Events are numbered from 0. Two events can be held together if the one ends before the other starts, or at that moment.
A choice is an ascending tuple of numbers of events that can all be held together; the empty one is a choice, too. Choices
are in the order of tuples in Python: () comes first, then (0,), then the others that begin with 0, and so on.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from functools import cache
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
        self._starts = [event.start for event in self.events]
        self._counts: dict[int, int] = {}

    def choices(self) -> Iterator[tuple[int, ...]]:
        """All choices, in order."""

        def beginning_with(chosen: tuple[int, ...], first: int) -> Iterator[tuple[int, ...]]:
            yield chosen
            for number in range(first, len(self.events)):
                if not chosen or self.events[chosen[-1]].end <= self.events[number].start:
                    yield from beginning_with((*chosen, number), number + 1)

        return beginning_with((), 0)

    def _from(self, first: int) -> int:
        """The number of choices among the events from a number on."""
        if first == len(self.events):
            return 1
        if first not in self._counts:
            follows = bisect_left(self._starts, self.events[first].end)
            self._counts[first] = self._from(first + 1) + self._from(follows)
        return self._counts[first]

    def count(self) -> int:
        """How many choices there are."""
        return self._from(0)

    def nth(self, position: int) -> tuple[int, ...]:
        """The choice at a position, from 0; IndexError if there is none."""
        if not 0 <= position < self.count():
            raise IndexError(f"there is no choice {position}")
        chosen: list[int] = []
        first = 0
        while position > 0:
            position -= 1
            number = first
            follows = bisect_left(self._starts, self.events[number].end)
            while position >= self._from(follows):
                position -= self._from(follows)
                number += 1
                follows = bisect_left(self._starts, self.events[number].end)
            chosen.append(number)
            first = follows
        return tuple(chosen)

    def position(self, choice: tuple[int, ...]) -> int:
        """The position of a choice; ValueError if it is none."""
        position = first = 0
        for number in choice:
            if not first <= number < len(self.events):
                raise ValueError(f"no choice: {choice}")
            position += 1 + self._from(first) - self._from(number)
            first = bisect_left(self._starts, self.events[number].end)
        return position

    def containing(self, number: int) -> int:
        """How many choices contain an event; IndexError if there is no such event."""
        if not 0 <= number < len(self.events):
            raise IndexError(f"there is no event {number}")
        start = self.events[number].start
        earlier = Hall([event for event in self.events if event.end <= start])
        return earlier.count() * self._from(bisect_left(self._starts, self.events[number].end))

    def best(self) -> tuple[int, tuple[int, ...]]:
        """The greatest total value of a choice, and the first choice that has it."""

        @cache
        def best(first: int) -> tuple[int, tuple[int, ...]]:
            if first == len(self.events):
                return 0, ()
            value, rest = best(bisect_left(self._starts, self.events[first].end))
            options = [(value + self.events[first].value, (first, *rest)), best(first + 1), (0, ())]
            return min(options, key=lambda option: (-option[0], option[1]))

        return best(0)
