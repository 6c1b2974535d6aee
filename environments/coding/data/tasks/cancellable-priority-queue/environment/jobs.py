"""Jobs by priority: a smaller number comes first."""

import heapq
from typing import Any


class JobQueue:
    def __init__(self) -> None:
        self._heap: list[tuple[int, Any]] = []
        self.popped = 0

    def __len__(self) -> int:
        return len(self._heap)

    def push(self, priority: int, job: Any) -> None:
        heapq.heappush(self._heap, (priority, job))

    def pop(self) -> Any:
        """Removes the next job and returns it; IndexError if there is none."""
        if not self._heap:
            raise IndexError("no job is waiting")
        self.popped += 1
        return heapq.heappop(self._heap)[1]

    def drain(self, limit: int) -> list[Any]:
        """Removes up to `limit` jobs, in order."""
        return [self.pop() for _ in range(min(limit, len(self)))]
