"""A worker that uses the queue; it must go on working as it is."""

from collections.abc import Callable

from jobs import JobQueue


def run_all(queue: JobQueue, work: Callable[[str], None]) -> int:
    """Works until no job is left; how many there were."""
    before = queue.popped
    while len(queue):
        work(queue.pop())
    return queue.popped - before
