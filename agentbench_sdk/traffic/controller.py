"""The adaptive limit: events in, limit out; no clock, no I/O, no randomness of its own."""

from __future__ import annotations

from collections import deque

from agentbench_sdk.traffic.attempt import Attempt, Fate
from agentbench_sdk.traffic.concurrency import Concurrency
from agentbench_sdk.traffic.outage import Outage
from agentbench_sdk.traffic.pace import Pace
from agentbench_sdk.traffic.saturation import Saturation

INITIAL = 32
CEILING = 4096
HOLD_COMPLETIONS = 80
SOON_S = 1e-4
STRIKES = 6
PAUSES_APART = 40
SHUT_S = 0.5
CONTENDED_ROUNDS = 8
CONTENTION_ROUNDS = 512
SHUT_PATIENCE = 16
NO_PACE_ROUNDS = 100
INFINITY = float("inf")


class Controller:
    """The adaptive limit of one endpoint: how many attempts may be in flight, and when the next may start.

    Every event is given with its time, in seconds of one clock that never goes back. A refusal is put down
    to room (`concurrency`) until it is contradicted often enough by attempts accepted with as many in
    flight; then it is put down to the rate (`pace`), until pacing proves in vain.

    Arguments:
        max_connections: an upper bound for the limit; the adaptation is the same below it.
        initial: attempts that may be in flight before anything is known of the endpoint.
    """

    def __init__(self, *, max_connections: int | None = None, initial: int = INITIAL) -> None:
        self.in_flight = 0
        self.events = 0
        self.concurrency = Concurrency(initial, max_connections or CEILING)
        self.pace = Pace()
        self.saturation = Saturation()
        self.outage = Outage()
        self.not_before = -INFINITY
        self.barren_since: float | None = None
        self.latency = 0.0
        self._refill_at = self._refill_until = -INFINITY
        self._refill_gap = 0.0
        self._shut_until = -INFINITY
        self._shut = 0
        self._contended_until = self._no_pace_until = -INFINITY
        self._answers = 0
        self._refusal_delay = 0.0
        self._fresh: deque[Attempt] = deque()
        self._good = 0
        self._since_event = 0
        self._patience = 4
        self._last_pause = 0.0
        self._strikes = 0
        self._refused_level = 0
        self._same_level = 0

    # what may happen

    def limit(self, now: float) -> int:
        """Attempts that may be in flight at `now`."""
        if self.outage.down:
            return 1
        window = self.concurrency.limit(now)
        queue = self.saturation.limit
        return window if queue is None else min(window, int(queue))

    def ready_at(self, now: float) -> float:
        """The earliest time at which an attempt may start: not later than `now` means now, infinity means after the next event."""
        if self._fresh:
            self._settle(now)
        earliest = max(
            self.not_before, self.pace.ready_at(), self.outage.not_before, self._refill_at, self._shut_until
        )
        if self.in_flight < self.limit(now):
            return earliest
        if self.concurrency.probing and self.in_flight == self.concurrency.proven < self.concurrency.ceiling:
            return max(earliest, self.concurrency.probe_at, now + SOON_S)
        if self.concurrency.step_at > now and not self.outage.down:
            return max(earliest, self.concurrency.step_at)
        if self._fresh and self.concurrency.grows_with_time(now) and not self.outage.down:
            # a time to look again, not leave to start: strictly later than now
            return max(earliest, self._fresh[0].started + self._proof(), now + SOON_S)
        return INFINITY

    # events

    def start(self, now: float) -> Attempt:
        self.in_flight += 1
        attempt = Attempt(now, self.in_flight, self.events)
        self._fresh.append(attempt)
        self.pace.started(now)
        if now < self._refill_until:
            self._refill_at = now + self._refill_gap
        # a probe goes out between two regular starts: next to one, a bucket of depth one would refuse it
        self.concurrency.probe_at = now + 0.5 * self.latency / self.concurrency.proven
        return attempt

    def answered(self, attempt: Attempt, now: float, *, timed: bool = True) -> None:
        """The endpoint answered; `timed` is False for an answer whose latency says nothing (a 4xx)."""
        self.in_flight -= 1
        attempt.fate = Fate.ACCEPTED
        self.barren_since = None
        self._since_event += 1
        if self.outage.answered():
            self.concurrency.shrink(max(2 * self.concurrency.initial, self.concurrency.proven) * 2 // 3)
        if timed:
            latency = now - attempt.started
            self._answers += 1
            self.latency += (latency - self.latency) * max(0.05, 1.0 / self._answers)
            if not self.pace.active and (self.concurrency.growing or self.saturation.limit is not None):
                self.saturation.observe(attempt.level, latency, now)
        self.concurrency.completed(attempt.level)
        if not self.concurrency.growing and not self.concurrency.probing:
            patience = self._patience
            if now < self._contended_until:
                patience = min(patience, CONTENDED_ROUNDS * self.concurrency.proven)
            lost = self._last_pause * self.concurrency.proven / (self.latency or 1.0)
            self.concurrency.probing = self._since_event >= max(patience, PAUSES_APART * lost)
        self._settle(now)

    def refused(self, attempt: Attempt, now: float, retry_after: float | None = None) -> None:
        self.in_flight -= 1
        attempt.fate = Fate.REFUSED
        first = self._refusal_delay == 0.0
        delay = now - attempt.started
        self._refusal_delay = max(delay, 0.9 * self._refusal_delay + 0.1 * delay, 1e-9)
        self._settle(now)
        if attempt.epoch == self.events:
            self._congestion(attempt.level, now, retry_after or 0.0, first)
        else:
            self.pace.refused_again()
            self.concurrency.narrow(attempt.level)
        self.hold_back(now, retry_after or 0.0)
        if self.barren_since is None:
            self.barren_since = now

    def busy(self, attempt: Attempt, now: float) -> None:
        """A time-out, or a 503 that names no time: one may be noise, several together are congestion."""
        self._lost(attempt, now)
        if self.outage.busy(now) and attempt.epoch == self.events and not self.outage.down:
            self._begin_event(now, 0.0)
            self.concurrency.shrink(max(attempt.level, self.in_flight + 1))

    def failed(self, attempt: Attempt, now: float) -> None:
        """A 5xx, a broken connection: says nothing of room unless it is most of what comes back."""
        self._lost(attempt, now)
        if self.outage.failed(now) and attempt.epoch == self.events and not self.outage.down:
            self._begin_event(now, 0.0)
            self.concurrency.shrink(max(attempt.level, self.in_flight + 1))

    def abandoned(self, attempt: Attempt, now: float) -> None:
        """The caller was cancelled."""
        self.in_flight -= 1
        attempt.fate = Fate.LOST

    # inside

    def _lost(self, attempt: Attempt, now: float) -> None:
        self.in_flight -= 1
        attempt.fate = Fate.LOST
        if self.barren_since is None:
            self.barren_since = now

    def hold_back(self, now: float, retry_after: float) -> None:
        """The endpoint asked for a pause of `retry_after` seconds: nothing starts before it is over."""
        if retry_after <= 0:
            return
        until = now + retry_after
        if until > self.not_before:
            self.pace.paused_s += until - max(now, self.not_before)
            self.not_before = until
            # what a pause has emptied is refilled over half a round trip: a bucket that has filled up
            # meanwhile looks like room, and a burst would be refused in numbers
            self._refill_until = until + self.latency
            self._refill_gap = 0.5 * self.latency / self.concurrency.proven

    def _proof(self) -> float:
        """How long an attempt must be out to count as accepted, in seconds."""
        if not self._answers:
            return INFINITY
        return max(3.0 * self._refusal_delay, self.latency / 32)

    def _settle(self, now: float) -> None:
        """Take the attempts that were not refused, in the order of their start."""
        fresh = self._fresh
        proof = self._proof()
        while fresh and (fresh[0].fate is not Fate.FLYING or fresh[0].started + proof <= now):
            attempt = fresh.popleft()
            if attempt.fate is Fate.REFUSED or attempt.fate is Fate.LOST:
                continue
            self.pace.accepted(lately=attempt.epoch == self.events)
            if attempt.epoch != self.events:
                continue
            self._shut = 0
            self.concurrency.accepted(attempt.level, now, self.latency)
            if attempt.level >= self._refused_level > 0:
                # there is room where a refusal said there was none: it was not about room
                self._strikes, self._refused_level = self._strikes + 1, 0
            self._good = max(self._good, attempt.level)

    def _begin_event(self, now: float, pause: float) -> int:
        good, self._good = self._good, 0
        self.events += 1
        self._since_event = 0
        self.pace.mark(now)
        self.saturation.forget()
        self._patience = min(HOLD_COMPLETIONS, 2 * self._patience)
        self._last_pause = pause
        return good

    def _congestion(self, level: int, now: float, pause: float, first: bool) -> None:
        good = self._begin_event(now, pause)
        # a place that was ours, and is not: somebody else has it, or there are fewer
        asked = self.concurrency.probing and level > self.concurrency.proven
        lost = not self.concurrency.growing and level <= self.concurrency.proven
        if not first and (level == 1 or good >= level or lost):
            self._contended_until = now + CONTENTION_ROUNDS * (self.latency or 1.0)
        contradicted = (good >= level or lost) and not first
        if self.pace.active:
            self._paced_congestion(level, now, pause, contradicted, good)
        elif level == 1 and not good:
            # no room at all: others have it, and may leave some soon
            self._shut_until = now + SHUT_S * 2.0 ** min(5, self._shut // SHUT_PATIENCE)
            self._shut += 1
            if now >= self._no_pace_until + NO_PACE_ROUNDS * (self.latency or 1.0):
                self._no_pace_until = now + NO_PACE_ROUNDS * (self.latency or 1.0)
            self.concurrency.shrink(1)
        elif (
            self._strikes >= STRIKES and now >= self._no_pace_until and (level == 1 or self.pace.plausible())
        ):
            self.pace.enter(now, 0.5 * level / self.latency if self.latency else 1.0)
            self.concurrency.release()
            self.saturation = Saturation()
            self._same_level = 0
        elif contradicted:
            self._strikes += 1
            self.concurrency.shrink(level)
        elif first or asked or good >= 0.8 * (level - 1):
            if level == self._refused_level and self.concurrency.probing:
                self._strikes = 0
            self.concurrency.hold(level - 1, now, self.latency, contended=now < self._contended_until)
        else:
            self.concurrency.shrink(level)
        self._refused_level = level

    def _paced_congestion(self, level: int, now: float, pause: float, contradicted: bool, good: int) -> None:
        near = abs(level - self._refused_level) <= max(1, 0.03 * level)
        if contradicted or not near:
            self._same_level = 0
        elif self.pace.between >= 3 * level:
            self._same_level += 1
        if self._same_level >= 2 or self.pace.refuted:
            if self.pace.refuted:
                self._no_pace_until = now + NO_PACE_ROUNDS * (self.latency or 1.0)
            self.pace.leave()
            self._strikes = 0
            self.concurrency.hold(level - 1, now, self.latency, contended=now < self._contended_until)
        else:
            self.pace.congested(now, pause)
