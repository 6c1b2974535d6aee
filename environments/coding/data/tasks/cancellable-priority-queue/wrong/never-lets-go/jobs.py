"""Jobs by priority: a smaller number comes first, and of equal ones the one that was pushed first."""

import heapq
from typing import Any


class Ticket:
    """Stands for one push of a job."""

    def __init__(self, priority: int, job: Any) -> None:
        self.priority = priority
        self.job = job
        self.number: int | None = None  # of the entry in the heap that counts; None: not waiting

    @property
    def waiting(self) -> bool:
        return self.number is not None


class JobQueue:
    def __init__(self) -> None:
        self._heap: list[tuple[int, int, Ticket]] = []  # numbers differ, so tickets are never compared
        self._pushes = 0
        self._waiting = 0
        self.popped = 0

    def __len__(self) -> int:
        return self._waiting

    def push(self, priority: int, job: Any) -> Ticket:
        ticket = Ticket(priority, job)
        self._enter(ticket)
        self._waiting += 1
        return ticket

    def _enter(self, ticket: Ticket) -> None:
        self._pushes += 1
        ticket.number = self._pushes
        heapq.heappush(self._heap, (ticket.priority, ticket.number, ticket))

    def cancel(self, ticket: Ticket) -> bool:
        """Takes the job out of the queue; whether it was waiting."""
        if not ticket.waiting:
            return False
        ticket.number = None
        self._waiting -= 1
        return True

    def reprioritize(self, ticket: Ticket, priority: int) -> bool:
        """Gives a waiting job another priority, behind those that have it already; whether it was waiting."""
        if not ticket.waiting:
            return False
        if priority != ticket.priority:
            ticket.priority = priority
            self._enter(ticket)
        return True

    def peek(self) -> Any:
        """The next job, which stays; IndexError if there is none."""
        while self._heap and self._heap[0][1] != self._heap[0][2].number:
            heapq.heappop(self._heap)
        if not self._heap:
            raise IndexError("no job is waiting")
        return self._heap[0][2].job

    def pop(self) -> Any:
        """Removes the next job and returns it; IndexError if there is none."""
        job = self.peek()
        heapq.heappop(self._heap)[2].number = None
        self._waiting -= 1
        self.popped += 1
        return job

    def drain(self, limit: int) -> list[Any]:
        """Removes up to `limit` jobs, in order."""
        return [self.pop() for _ in range(min(limit, len(self)))]

    def snapshot(self) -> list[tuple[int, Any]]:
        """Priorities and jobs in the order in which they would be popped."""
        live = [entry for entry in self._heap if entry[1] == entry[2].number]
        return [(priority, ticket.job) for priority, _, ticket in sorted(live, key=lambda entry: entry[:2])]
