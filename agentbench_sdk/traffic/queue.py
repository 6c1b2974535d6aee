"""Who goes next: finish what is begun, keep together what shares a prefix, and let runs take turns.

Memory stays bounded and results stream when begun samples are finished first (judges, then later turns),
and an endpoint's prefix cache serves requests that share a prefix only while they come together.
"""

from __future__ import annotations

from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import count
from typing import Generic, TypeVar

T = TypeVar("T")

JUDGE, LATER_TURN, FIRST_TURN = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Order:
    """Where a call stands in the queue.

    Attributes:
        run: which run it belongs to; runs take turns within a stage.
        stage: 0 a judge, 1 a later turn of a begun session, 2 a first turn.
        turn: the turn within the session; among later turns the furthest session goes first.
        group: what shares a prompt prefix or media, for example a content hash; "" shares with nobody.
        size: length of the request (characters or tokens); longest first within a group.
    """

    run: str = ""
    stage: int = FIRST_TURN
    turn: int = 0
    group: str = ""
    size: int = 0


class Entry(Generic[T]):
    """A place in the queue; leaving costs O(1), the heap forgets it when it comes up."""

    __slots__ = ("gone", "item", "order", "served")

    def __init__(self, order: Order, item: T) -> None:
        self.order, self.item = order, item
        self.gone = self.served = False


class _Line(Generic[T]):
    """The calls of one run and stage: a heap of (rank of the group, -size, arrival)."""

    __slots__ = ("_current", "_groups", "_heap", "waiting")

    def __init__(self) -> None:
        self._heap: list[tuple[int, int, int, Entry[T]]] = []
        self._groups: dict[str, list[int]] = {}
        self.waiting = 0

    def push(self, entry: Entry[T], arrival: int) -> None:
        order = entry.order
        if order.stage != FIRST_TURN:
            rank = -order.turn
        elif order.group:
            # a group stands where its first member came in, and the others join it there
            rank = self._groups.setdefault(order.group, [arrival, 0])[0]
            self._groups[order.group][1] += 1
        else:
            rank = arrival
        heappush(self._heap, (rank, -order.size, arrival, entry))
        self.waiting += 1

    def drop(self, entry: Entry[T]) -> None:
        """Count an entry out; a group without members loses its place."""
        self.waiting -= 1
        place = self._groups.get(entry.order.group) if entry.order.stage == FIRST_TURN else None
        if place is not None:
            place[1] -= 1
            if not place[1]:
                del self._groups[entry.order.group]

    def pop(self) -> Entry[T]:
        while True:
            entry = heappop(self._heap)[3]
            if not entry.gone:
                self.drop(entry)
                return entry


class WaitingQueue(Generic[T]):
    """The queue of an endpoint: push, pop and leave in O(log n)."""

    def __init__(self) -> None:
        self._stages: tuple[dict[str, _Line[T]], ...] = ({}, {}, {})
        self._turns: dict[str, int] = {}
        self._arrivals = count()
        self._waiting = 0

    def __len__(self) -> int:
        return self._waiting

    def push(self, order: Order, item: T) -> Entry[T]:
        """Line up; the entry returned can leave again."""
        entry = Entry(order, item)
        lines = self._stages[order.stage]
        line = lines.get(order.run)
        if line is None:
            line = lines[order.run] = _Line()
        line.push(entry, next(self._arrivals))
        self._waiting += 1
        return entry

    def leave(self, entry: Entry[T]) -> None:
        """Give a place up; nothing happens when it was served or given up before."""
        if not entry.gone and not entry.served:
            entry.gone = True
            lines = self._stages[entry.order.stage]
            line = lines[entry.order.run]
            line.drop(entry)
            self._waiting -= 1
            if not line.waiting:
                del lines[entry.order.run]

    def pop(self) -> T:
        """The item that goes next.

        Raises:
            IndexError: nobody waits.
        """
        for lines in self._stages:
            if lines:
                # a dict keeps its order: the run served goes to the end of it
                run, line = next(iter(lines.items()))
                entry = line.pop()
                entry.served = True
                self._waiting -= 1
                del lines[run]
                if line.waiting:
                    lines[run] = line
                return entry.item
        raise IndexError("the queue is empty")
