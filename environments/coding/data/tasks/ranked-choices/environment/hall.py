"""Bookings of a hall: which of the requested events can be held together, and which choice is the n-th.

Events are numbered from 0. Two events can be held together if the one ends before the other starts, or at that moment.
A choice is an ascending tuple of numbers of events that can all be held together; the empty one is a choice, too. Choices
are in the order of tuples in Python: () comes first, then (0,), then the others that begin with 0, and so on.
"""

from collections.abc import Iterable, Iterator
from itertools import islice
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

    def choices(self) -> Iterator[tuple[int, ...]]:
        """All choices, in order."""

        def beginning_with(chosen: tuple[int, ...], first: int) -> Iterator[tuple[int, ...]]:
            yield chosen
            for number in range(first, len(self.events)):
                if not chosen or self.events[chosen[-1]].end <= self.events[number].start:
                    yield from beginning_with((*chosen, number), number + 1)

        return beginning_with((), 0)

    def count(self) -> int:
        """How many choices there are."""
        return sum(1 for _ in self.choices())

    def nth(self, position: int) -> tuple[int, ...]:
        """The choice at a position, from 0; IndexError if there is none."""
        if position < 0:
            raise IndexError("positions count from 0")
        for choice in islice(self.choices(), position, None):
            return choice
        raise IndexError(f"there is no choice {position}")

    def position(self, choice: tuple[int, ...]) -> int:
        """The position of a choice; ValueError if it is none."""
        for position, other in enumerate(self.choices()):
            if other == choice:
                return position
        raise ValueError(f"no choice: {choice}")

    def containing(self, number: int) -> int:
        """How many choices contain an event; IndexError if there is no such event."""
        if not 0 <= number < len(self.events):
            raise IndexError(f"there is no event {number}")
        return sum(number in choice for choice in self.choices())

    def best(self) -> tuple[int, tuple[int, ...]]:
        """The greatest total value of a choice, and the first choice that has it."""
        best = (0, ())
        for choice in self.choices():
            value = sum(self.events[number].value for number in choice)
            if value > best[0]:
                best = (value, choice)
        return best
