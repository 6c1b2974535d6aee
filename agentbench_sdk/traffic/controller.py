"""The adaptive limit: events in, limit out; no clock, no I/O, no randomness of its own."""

from __future__ import annotations

from collections import deque
from itertools import takewhile

from agentbench_sdk.traffic.attempt import Attempt, Fate
from agentbench_sdk.traffic.burst import BurstTest
from agentbench_sdk.traffic.concurrency import Concurrency
from agentbench_sdk.traffic.outage import Outage
from agentbench_sdk.traffic.pace import Pace
from agentbench_sdk.traffic.saturation import Saturation
from agentbench_sdk.traffic.sizes import Sizes

INITIAL = 32
CEILING = 4096
# one refusal in 80 calls is 1.2 %, within the 2 % that are allowed, and a place more is found soon
HOLD_COMPLETIONS = 80
# with company a window of 20 and more asks every four round trips, so that all ask equally often in time, and
# a small one, whose 80 completions take long, every sixteen (two of four places: 1.6 % refused)
CONTENDED_ROUNDS = 4
SMALL_ROUNDS = 16
# a newcomer that found no room at all asks oftener for a while: others leave places for a round trip only
EAGER = 24
EAGER_ROUNDS = 4
# a start this soon after an answer, in round trips, has taken the answered one's place
AT_ONCE = 0.01
# contradictions until refusals are put down to the rate; a refused pair is nearly proof, and counts double;
# during a longer burst others may have taken a place
STRIKES = 6
PAIR_STRIKES = 2
# where each contradiction costs a pause, fewer are waited for: it is cheaper to pace in vain, after which twice
# as many are
PAUSED_STRIKES = 2
# a pause (Retry-After) is risked again when 40 times as much was done as it cost: 2.5 %
PAUSES_APART = 40
# while little is known yet, 16 times: 6 %
FIRST_PAUSES_APART = 16
# a client without any room looks again after half a second, after 16 tries less and less often
SHUT_S = 0.5
SHUT_PATIENCE = 16
# after pacing in vain, and for a newcomer without room, the rate is not suspected for as many round trips
NO_PACE_ROUNDS = 100
SOON_S = 1e-4
INFINITY = float("inf")
FLYING, ACCEPTED = Fate.FLYING, Fate.ACCEPTED


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
        self.sizes = Sizes()
        self.saturation = Saturation()
        self.outage = Outage()
        self.not_before = -INFINITY
        self.barren_since: float | None = None
        self.latency = 0.0
        self._refill_at = self._refill_until = -INFINITY
        self._refill_gap = 0.0
        self._shut_until = -INFINITY
        self._shut = 0
        self._no_pace_until = -INFINITY
        self._freed_at, self._freed_level = -INFINITY, 0
        self._was_full = False
        self._answers = 0
        self._refusal_delay = 0.0
        self._fresh: deque[Attempt] = deque()
        self._good = 0
        self._since_event = 0
        self._patience = 1
        self._last_pause = 0.0
        self._strikes = 0
        self._refused_level = 0
        self._same_level = 0
        self._trials = 0
        self._unfair_level = 0
        self._eager = 0
        self._burst = BurstTest()

    # what may happen

    def limit(self, now: float) -> int:
        """Attempts that may be in flight at `now`."""
        if self.outage.down:
            return 1
        window, queue = self.concurrency.limit(now), self.saturation.limit
        return window if queue is None or window < queue else int(queue)

    def ready_at(self, now: float) -> float:
        """The earliest time at which an attempt may start: not later than `now` means now, infinity means after the next event."""
        if self._fresh:
            self._settle(now)
        in_flight, window = self.in_flight, self.concurrency
        if self._burst.under_way and self._burst.holds(in_flight, window.proven):
            return INFINITY
        earliest = self._earliest()
        if in_flight < self.limit(now):
            return earliest
        self._was_full = True
        if not self._answers and not self.events and self.outage.since is None:
            return max(earliest, window.open(now))
        if window.probing and in_flight == window.proven < window.ceiling:
            return max(earliest, window.probe_at, now + SOON_S)
        if window.step_at > now and not self.outage.down:
            return max(earliest, window.step_at)
        if self._fresh and window.grows_with_time(now) and not self.outage.down:
            # a time to look again, not leave to start: strictly later than now
            return max(earliest, self._fresh[0].started + self._proof(), now + SOON_S)
        return INFINITY

    # events

    def start(self, now: float, tokens: float = 0.0) -> Attempt:
        """An attempt goes out; `tokens` is an estimate of what it will use, 0 when unknown."""
        self.in_flight = level = self.in_flight + 1
        attempt = Attempt(now, level, self.events)
        attempt.replaces = level <= self._freed_level and now - self._freed_at <= AT_ONCE * self.latency
        self._fresh.append(attempt)
        window = self.concurrency
        if tokens > 0.0:
            attempt.tokens, attempt.cost = tokens, self.sizes.cost(tokens)
        if self.pace.base is not None:
            self.pace.started(now, cost=attempt.cost, late=not self._was_full)
            self._was_full = False
        if self._burst.under_way:
            attempt.burst = self._burst.started(level, window.proven)
        if now < self._refill_until:
            self._refill_at = now + self._refill_gap
        if self.events % 2 or not window.probing:
            # between two regular starts: next to one, a bucket of depth one would refuse it
            window.probe_at = now + 0.5 * self.latency / window.proven
        return attempt

    def answered(self, attempt: Attempt, now: float, *, timed: bool = True) -> None:
        """The endpoint answered; `timed` is False for an answer whose latency says nothing (a 4xx)."""
        if now - self._freed_at > AT_ONCE * self.latency or self.in_flight > self._freed_level:
            self._freed_level = self.in_flight
        self._freed_at = now
        self.in_flight -= 1
        attempt.fate = Fate.ACCEPTED
        self.barren_since = None
        self._since_event += 1
        window, level = self.concurrency, attempt.level
        if self.outage.answered():
            window.shrink(max(2 * window.initial, window.proven) * 2 // 3)
        if timed:
            latency = now - attempt.started
            self._answers += 1
            self.latency += (latency - self.latency) * (0.05 if self._answers > 20 else 1.0 / self._answers)
            looking = window.growing or self.saturation.limit is not None
            # of the attempts that began before a refusal only the slow ones are left
            if looking and attempt.epoch == self.events and self.pace.base is None:
                self.saturation.observe(level, latency, now)
        window.validated = max(window.validated, level)
        if not (window.growing or window.probing):
            self._ask(now)
        self._settle(now)

    def refused(self, attempt: Attempt, now: float, retry_after: float | None = None) -> None:
        self.in_flight -= 1
        attempt.fate = Fate.REFUSED
        first = self._refusal_delay == 0.0
        self.sizes.refused(attempt.tokens)
        delay = now - attempt.started
        self._refusal_delay = max(delay, 0.9 * self._refusal_delay + 0.1 * delay, 1e-9)
        self._settle(now)
        if attempt.epoch == self.events:
            self._congestion(attempt, now, retry_after or 0.0, first)
        else:
            self.pace.refused_again(attempt.cost)
            if not attempt.burst:
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

    def _earliest(self) -> float:
        """The earliest time at which nothing but a full window keeps an attempt from starting."""
        earliest, pace = self.not_before, self.pace
        if pace.base is not None and pace.next > earliest:
            earliest = pace.next
        earliest = max(earliest, self.outage.not_before)
        earliest = max(earliest, self._refill_at)
        return max(earliest, self._shut_until)

    def _ask(self, now: float) -> None:
        """With a window that holds, ask for one place more when enough was done since the last refusal."""
        window = self.concurrency
        if not self.pace.active and now >= self._refill_until:
            self._burst.freed(self.in_flight, window.proven)
        if not self._burst.pending(window.proven):
            patience = self._patience_for(window)
            pause = self._last_pause * window.proven / (self.latency or 1.0)
            apart = max(FIRST_PAUSES_APART, min(self._patience, PAUSES_APART))
            window.probing = self._since_event >= max(patience, apart * pause)
            if window.probing and self.events % 2 == 0:
                # every other time away from all of them: starts in a cluster leave a bucket empty behind them
                window.probe_at = now + 0.5 * self.latency

    def _patience_for(self, window: Concurrency) -> int:
        """Completions from a refusal to the next attempt to get a place more."""
        if self._eager:
            return EAGER_ROUNDS * window.proven
        if window.contended:
            most = max(self._patience, CONTENDED_ROUNDS * window.proven)
            return min(SMALL_ROUNDS * window.proven, most)
        return self._patience

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
            self.not_before = until
            self.pace.next = max(self.pace.next, until)
            # what a pause has emptied is refilled over half a round trip: a bucket that has filled up
            # meanwhile looks like room, and a burst would be refused in numbers
            self._refill_until = until + self.latency
            self._refill_gap = 0.5 * self.latency / self.concurrency.proven

    def _proof(self) -> float:
        """How long an attempt must be out to count as accepted, in seconds."""
        if not self._answers:
            return INFINITY
        quick, slow = self.latency / 32, 3.0 * self._refusal_delay
        return max(quick, slow)

    def _settle(self, now: float) -> None:
        """Take the attempts that were not refused, in the order of their start."""
        fresh = self._fresh
        since = now - self._proof()
        while fresh:
            attempt = fresh[0]
            if attempt.fate is FLYING and attempt.started > since:
                break
            fresh.popleft()
            if attempt.fate > ACCEPTED:
                continue
            if attempt.tokens:
                self.sizes.accepted(attempt.tokens)
            lately = attempt.epoch == self.events
            self.pace.accepted(attempt.started, attempt.cost, lately)
            if lately:
                self._prove(attempt, now)

    def _prove(self, attempt: Attempt, now: float) -> None:
        """The attempt started after the last refusal, and was not refused."""
        level = attempt.level
        self._shut = 0
        if attempt.burst:
            self._burst.passed()
        if level > self.concurrency.proven or self.concurrency.wary:
            self.concurrency.accepted(level, now, self.latency)
        if level >= self._unfair_level > 0:
            # there is room where a refusal said there was none: it was not about room
            self._strikes, self._unfair_level = self._strikes + 1, 0
        self._good = max(self._good, level)

    def _begin_event(self, now: float, pause: float) -> int:
        good, self._good = self._good, 0
        self.events += 1
        self._since_event = 0
        self.saturation.forget()
        self._patience = min(HOLD_COMPLETIONS, 2 * self._patience)
        self._burst.event(contended=self.concurrency.contended)
        self._last_pause = pause
        return good

    def _congestion(self, attempt: Attempt, now: float, pause: float, first: bool) -> None:
        good = self._begin_event(now, pause)
        was_paced = self.pace.active
        self.pace.by_tokens = self.sizes.count
        # once settled, it is among the fresh only if something before it is
        before = takewhile(lambda each: each is not attempt, self._fresh) if attempt in self._fresh else ()
        flying = [each for each in before if each.epoch == attempt.epoch and each.fate <= Fate.ACCEPTED]
        self.pace.refused(attempt, now, flying, pause=pause, round_trip=self.latency)
        level, window = attempt.level, self.concurrency
        asked = window.probing and level > window.proven
        # a place that was ours, and is not: somebody else has it, or there are fewer
        lost = not window.growing and level <= window.proven
        # somebody else can take a place that stood empty, hardly one that we filled again at once: when that
        # is refused although as many were taken before, refusals are not about room
        contradicted = (good >= level or lost) and not first
        unfair = contradicted and (attempt.replaces or pause > 0)
        if pause > 0 and good >= self._refused_level > 0:
            self._strikes += 1
            unfair = True
        if attempt.burst and not self.pace.active and self._strikes < STRIKES and now >= self._no_pace_until:
            # the window is as good as before, but the next start must not come on the heels of this one
            self._strikes += PAIR_STRIKES if self._burst.pair else 1
            self._refill_at = now + 0.5 * self.latency / window.proven
        elif was_paced:
            self._paced_congestion(attempt, now, pause, contradicted)
        elif level == 1 and not good:
            self._shut_out(now)
        elif self.sizes.count or ((unfair or attempt.burst) and self._about_rate(attempt, now, pause)):
            self.pace.enter(now, 0.5 * level / self.latency if self.latency else 1.0, pause)
            window.release()
            self.saturation = Saturation()
            self._same_level = 0
        elif unfair:
            self._strikes += 1
            window.shrink(level)
        elif first or asked or lost or good >= 0.8 * (level - 1):
            if asked:
                # what room explains speaks against the rate, the same edge again refutes it
                self._strikes = 0 if level == self._refused_level else max(0, self._strikes - 1)
            self._eager = max(0, self._eager - 1)
            if lost:
                window.meet()
            window.hold(level, now, self.latency)
        else:
            window.shrink(level)
        self._refused_level, self._unfair_level = level, level if unfair else 0

    def _shut_out(self, now: float) -> None:
        """No room at all: others have it, and may leave some soon."""
        self._shut_until = now + SHUT_S * 2.0 ** min(5, self._shut // SHUT_PATIENCE)
        self._shut += 1
        quiet = NO_PACE_ROUNDS * (self.latency or 1.0)
        if now >= self._no_pace_until + quiet:
            self._no_pace_until = now + quiet
        self._eager = EAGER
        self.concurrency.meet()
        self.concurrency.shrink(1)

    def _about_rate(self, attempt: Attempt, now: float, pause: float) -> bool:
        """Whether refusals have been contradicted often enough, and are rare enough, to be about the rate."""
        if now < self._no_pace_until:
            return False
        if pause > 0:
            return self._strikes >= PAUSED_STRIKES << self._trials
        certain = attempt.level == 1 or attempt.burst or self._strikes >= 2 * STRIKES
        return self._strikes >= STRIKES and (certain or self.pace.plausible())

    def _paced_congestion(self, attempt: Attempt, now: float, pause: float, contradicted: bool) -> None:
        level = attempt.level
        near = abs(level - self._refused_level) <= max(1, 0.03 * level)
        if contradicted or not near:
            self._same_level = 0
        elif self.pace.between >= 3 * level:
            self._same_level += 1
        if (self._same_level >= 2 and not self.sizes.count) or self.pace.refuted:
            self._trials = min(self._trials + 1, 4)
            if self.pace.refuted or pause > 0:
                self._no_pace_until = now + NO_PACE_ROUNDS * (self.latency or 1.0)
            if self.sizes.count:
                self.sizes = Sizes()
            self.pace.leave()
            self._strikes = 0
            self.concurrency.hold(level, now, self.latency)
