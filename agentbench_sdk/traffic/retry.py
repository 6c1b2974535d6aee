"""Whether and when a failed attempt is repeated.

The decision is taken from the error's type, never from its text. tenacity's strategies say how long and how
often; the waiting itself is the queue's, which is why no tenacity loop sleeps here.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from tenacity import RetryCallState, Retrying
from tenacity.stop import stop_after_attempt
from tenacity.wait import wait_base

from agentbench_sdk.errors import ConfigurationError, ModelError


class JitteredExponential(wait_base):
    """Waits between half and all of base · 2^(attempt-1) seconds, at most `longest`.

    tenacity's own `wait_random_exponential` draws from the global random state; this one draws from the
    source it is given, so that runs repeat. Half of the wait is kept so that no retry comes at once.
    """

    def __init__(self, base: float, longest: float, source: random.Random) -> None:
        self._base, self._longest, self._source = base, longest, source

    def __call__(self, retry_state: RetryCallState) -> float:
        whole = min(self._longest, self._base * 2.0 ** min(retry_state.attempt_number - 1, 60))
        return whole * (0.5 + 0.5 * self._source.random())


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """The budget of a call.

    Attributes:
        max_attempts: attempts in all, the first included.
        max_time_s: seconds from the first failure to the last attempt; an endpoint that is down for as
            long fails the calls that have waited through it.
        base_s: the first backoff, doubled with each further one.
        longest_s: the longest backoff.
    """

    max_attempts: int = 10
    max_time_s: float = 600.0
    base_s: float = 0.5
    longest_s: float = 60.0

    def __post_init__(self) -> None:
        if self.max_attempts < 1 or self.max_time_s < 0 or self.base_s < 0 or self.longest_s < 0:
            raise ConfigurationError(
                f"a retry policy needs max_attempts >= 1 and no negative seconds; this one is {self}"
            )


@dataclass(frozen=True, slots=True)
class Decision:
    """What follows a failed attempt: `retry_at` (seconds of the clock), or None and the reason."""

    retry_at: float | None
    reason: str = ""


class RetryState:
    """The attempts of one call."""

    __slots__ = ("_call", "_first_failure", "_policy", "_stop", "_wait", "attempts")

    def __init__(self, policy: RetryPolicy, source: random.Random) -> None:
        self._policy = policy
        self._wait = JitteredExponential(policy.base_s, policy.longest_s, source)
        self._stop = stop_after_attempt(policy.max_attempts)
        self._call = RetryCallState(_UNUSED, None, (), {})
        self._first_failure: float | None = None

    def failed(self, error: ModelError, attempts: int, now: float) -> Decision:
        """Decide after attempt number `attempts`, which ended with `error` at `now`."""
        if not error.retryable:
            return Decision(None)
        if self._first_failure is None:
            self._first_failure = now
        self._call.attempt_number = attempts
        if self._stop(self._call):
            return Decision(None, f"{attempts} attempts were made")
        wait = self._wait(self._call)
        if error.retry_after is not None and error.retry_after > 0:
            wait = error.retry_after
        if now + wait - self._first_failure > self._policy.max_time_s:
            return Decision(None, f"the next attempt would come after {self._policy.max_time_s:g} s")
        return Decision(now + wait)


_UNUSED = Retrying()
