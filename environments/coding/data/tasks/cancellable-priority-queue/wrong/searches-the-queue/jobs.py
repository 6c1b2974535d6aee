"""Jobs by priority: a smaller number comes first, and of equal ones the one that was pushed first."""

import bisect
from typing import Any


class Ticket:
    def __init__(self, priority: int, number: int, job: Any) -> None:
        self.priority = priority
        self.number = number
        self.job = job
        self.waiting = True


def _place(ticket: Ticket) -> tuple[int, int]:
    return ticket.priority, ticket.number


class JobQueue:
    def __init__(self) -> None:
        self._tickets: list[Ticket] = []
        self._pushes = 0
        self.popped = 0

    def __len__(self) -> int:
        return len(self._tickets)

    def push(self, priority: int, job: Any) -> Ticket:
        self._pushes += 1
        ticket = Ticket(priority, self._pushes, job)
        bisect.insort(self._tickets, ticket, key=_place)
        return ticket

    def cancel(self, ticket: Ticket) -> bool:
        if not ticket.waiting:
            return False
        self._tickets = [other for other in self._tickets if other is not ticket]
        ticket.waiting = False
        return True

    def reprioritize(self, ticket: Ticket, priority: int) -> bool:
        if not ticket.waiting:
            return False
        if priority != ticket.priority:
            self._tickets = [other for other in self._tickets if other is not ticket]
            self._pushes += 1
            ticket.priority, ticket.number = priority, self._pushes
            bisect.insort(self._tickets, ticket, key=_place)
        return True

    def peek(self) -> Any:
        if not self._tickets:
            raise IndexError("no job is waiting")
        return self._tickets[0].job

    def pop(self) -> Any:
        job = self.peek()
        self._tickets.pop(0).waiting = False
        self.popped += 1
        return job

    def drain(self, limit: int) -> list[Any]:
        return [self.pop() for _ in range(min(limit, len(self)))]

    def snapshot(self) -> list[tuple[int, Any]]:
        return [(ticket.priority, ticket.job) for ticket in self._tickets]
