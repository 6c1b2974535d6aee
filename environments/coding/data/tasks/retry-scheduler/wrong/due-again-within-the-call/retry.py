"""Jobs that are tried again when they fail. Times are seconds on any clock; the caller says what time it is."""

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
        try:
            return min(self.cap, self.base * self.factor ** (failed - 1))
        except OverflowError:
            return self.cap if self.base else 0.0


class RetryAfter(Exception):
    """Raised by a job that failed and knows how long to wait: that long, if it is longer than the policy's delay."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"try again after {seconds} seconds")
        self.seconds = seconds


class GiveUp(Exception):
    """Raised by a job that failed for good: it is not tried again."""


@dataclass
class _Entry:
    """A submitted job, as long as no other of its name takes its place."""

    number: int
    name: str
    job: Callable[[], object]
    due: float
    state: str = "waiting"
    attempts: int = 0


class Scheduler:
    """Jobs under unique names. A job is waiting, and later done, failed or cancelled."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self._entries: dict[str, _Entry] = {}
        self._submitted = 0

    def submit(self, name: str, job: Callable[[], object], at: float) -> None:
        """A job to run at that time. ValueError if one of that name is waiting.

        If one of that name has ended, the new job takes its place and starts with no attempts made.
        """
        if name in self._entries and self._entries[name].state == "waiting":
            raise ValueError(f"a job named {name!r} is waiting")
        self._submitted += 1
        self._entries[name] = _Entry(self._submitted, name, job, at)

    def cancel(self, name: str) -> bool:
        """A waiting job will not run (again); whether it was waiting. Jobs may cancel others, and themselves."""
        entry = self._entries.get(name)
        if entry is None or entry.state != "waiting":
            return False
        entry.state = "cancelled"
        return True

    def state(self, name: str) -> str:
        """'waiting', 'done', 'failed' or 'cancelled'; KeyError for a name never submitted."""
        return self._entries[name].state

    def attempts(self, name: str) -> int:
        """How often the job was run so far; KeyError for a name never submitted."""
        return self._entries[name].attempts

    def next_due(self) -> float | None:
        """When the next waiting job is due; None without one."""
        return min((entry.due for entry in self._waiting()), default=None)

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
        while due := [e for e in self._waiting() if e.due <= now]:
            entry = min(due, key=lambda e: (e.due, e.number))
            ran.append(entry.name)
            self._run(entry, now)
        return ran

    def _waiting(self) -> list[_Entry]:
        return [entry for entry in self._entries.values() if entry.state == "waiting"]

    def _run(self, entry: _Entry, now: float) -> None:
        entry.attempts += 1
        error: Exception | None = None
        try:
            entry.job()
        except Exception as raised:
            error = raised
        except BaseException:
            entry.attempts -= 1
            raise
        if entry.state != "waiting":
            return
        if error is None:
            entry.state = "done"
        elif isinstance(error, GiveUp) or entry.attempts >= self.policy.attempts:
            entry.state = "failed"
        else:
            delay = self.policy.delay(entry.attempts)
            if isinstance(error, RetryAfter):
                delay = max(delay, error.seconds)
            entry.due = now + delay
