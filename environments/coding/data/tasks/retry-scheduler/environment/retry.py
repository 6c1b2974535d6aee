"""Jobs that are tried again when they fail. Times are seconds on any clock; the caller says what time it is."""

import heapq
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Policy:
    """How long to wait after a failed attempt, and how many attempts a job has in all."""

    base: float = 1.0
    factor: float = 2.0
    cap: float = 60.0
    attempts: int = 5

    def delay(self, failed: int) -> float:
        """Seconds to wait after the failed attempt of that number (1, 2, …): base, base * factor, base * factor ** 2, …

        Never more than `cap`, however large the number is; `factor` is 1 or more.
        """
        return min(self.cap, self.base * self.factor**failed)


class RetryAfter(Exception):
    """Raised by a job that failed and knows how long to wait: that long, if it is longer than the policy's delay."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"try again after {seconds} seconds")
        self.seconds = seconds


class GiveUp(Exception):
    """Raised by a job that failed for good: it is not tried again."""


class Scheduler:
    """Jobs under unique names. A job is waiting, and later done, failed or cancelled."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self._due: list[tuple[float, str, Callable[[], object]]] = []
        self._states: dict[str, str] = {}
        self._attempts: dict[str, int] = {}

    def submit(self, name: str, job: Callable[[], object], at: float) -> None:
        """A job to run at that time. ValueError if one of that name is waiting.

        If one of that name has ended, the new job takes its place and starts with no attempts made.
        """
        heapq.heappush(self._due, (at, name, job))
        self._states[name] = "waiting"
        self._attempts.setdefault(name, 0)

    def cancel(self, name: str) -> bool:
        """A waiting job will not run (again); whether it was waiting. Jobs may cancel others, and themselves."""
        was_waiting = self._states.get(name) == "waiting"
        self._states[name] = "cancelled"
        return was_waiting

    def state(self, name: str) -> str:
        """'waiting', 'done', 'failed' or 'cancelled'; KeyError for a name never submitted."""
        return self._states[name]

    def attempts(self, name: str) -> int:
        """How often the job was run so far; KeyError for a name never submitted."""
        return self._attempts[name]

    def next_due(self) -> float | None:
        """When the next waiting job is due; None without one."""
        return self._due[0][0] if self._due else None

    def run_due(self, now: float) -> list[str]:
        """Runs the jobs that were waiting and due, at `now` or before, when the call began; each once. Their names.

        They run in the order in which they were due, those due at the same time in the order of their `submit`.
        A job that was cancelled meanwhile, by one that ran before it, does not run.

        A job that raises an Exception has failed: after the last attempt of the policy, or by GiveUp, for good.
        Otherwise it is due again at `now` plus the delay. A job that cancelled itself stays cancelled, whether it
        then fails or not. What is not an Exception (such as KeyboardInterrupt) goes through at once: the job that
        raised it stays waiting as it was and the attempt does not count; jobs that did not run yet stay waiting, too.
        """
        ran = []
        while self._due and self._due[0][0] < now:
            at, name, job = heapq.heappop(self._due)
            if self._states[name] == "cancelled":
                continue
            ran.append(name)
            self._attempts[name] += 1
            try:
                job()
                self._states[name] = "done"
            except GiveUp:
                self._states[name] = "failed"
            except BaseException as error:
                self._failed(name, job, at, error)
        return ran

    def _failed(self, name: str, job: Callable[[], object], at: float, error: BaseException) -> None:
        if self._attempts[name] > self.policy.attempts:
            self._states[name] = "failed"
            return
        delay = self.policy.delay(self._attempts[name])
        if isinstance(error, RetryAfter):
            delay = error.seconds
        heapq.heappush(self._due, (at + delay, name, job))
