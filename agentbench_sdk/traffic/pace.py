"""How often an attempt may start: the pace against endpoints that count requests, or tokens, per second.

A bucket that refuses is empty. Between two refusals it has therefore handed out what flowed in, less what
flowed over: accepted over time elapsed is its rate when it is deep, and a little less when it is shallow or
was full during a pause. A shallow bucket refuses as soon as the pace exceeds its rate, so there the pace at
the refusal is the rate; a deep one refuses only when it has been emptied, which a second refusal soon after
tells. The pace stays just below, goes slowly across, and becomes faster when no refusal comes.
"""

from __future__ import annotations

import math
from collections import deque

# from refusal to refusal: one in 120 calls, or in 110 for each call that an event costs, is below 1 %; at few
# calls a second not longer than half a minute
CALLS_TO_CROSS = 120
CALLS_PER_REFUSED = 110
LONGEST_CROSSING_S = 30.0
# 40 pauses apart, a pause (Retry-After) costs a shallow bucket 2.5 %
PAUSES_APART = 40
# the mean of what is crossed is 0.99 of the rate; beyond it, a rate that has doubled is found within a third
# of the calls of a crossing
AFTER_REFUSAL = 0.975
CROSSED = 1.01
DOUBLINGS_PER_CROSSING = 3.0
MOST_DOUBLINGS = 5.0
# a refusal before two thirds of the way means that the pace was above the rate all along
EARLY = 0.65
# an estimate from fewer calls is off by more than 6 %
ENOUGH = 16
# no faster than what was accepted lately, or a bucket that fills during pauses would drive the pace up for
# ever; the calls are as few as tell it within a quarter
CEILING = 1.1
RECENT = 24
# the estimate lags behind while the pace is found, by no more than this
MOST_OVER_ESTIMATE = 2.0
# the search overshoots by the calls that were out when the rate was reached, one or two of them
SEARCH_GROWTH = 1.1
# a deep bucket takes what it has stored at any pace, so the search must also take its time
DOUBLINGS_PER_ROUND = 4.0
FOUND_AFTER = 3
RETREAT = 0.9
# refusals come however slow: so many halvings, or a fall to less than a third of what held before
REFUTED = 5
COLLAPSE = 0.3
PLAUSIBLE_EVENTS = 4
# one try in half a minute, or nothing would ever be learned again
SLOWEST = 1 / 30
# how late a timer may fire without loss of rate, at most half of the gap between two starts
CATCH_UP_S = 0.005


class Pace:
    """The pace, a pure state machine; `rate` is None while it does not bind."""

    def __init__(self) -> None:
        self.base: float | None = None
        self.searching = False
        self.by_tokens = False
        self.accepted_total = 0.0
        self.paused_s = 0.0
        self.spacing = float(CALLS_TO_CROSS)
        self._next = 0.0
        self._calls = 0
        self._events: deque[tuple[float, float]] = deque(maxlen=32)
        self._refused_per_event = 1.0
        self._refused = 1
        self._quick = self._in_vain = 0
        self._between = 0.0
        self._calm_base = 0.0
        self._congestions = self._bound = 0
        self._round_trip = self._grown_at = 0.0
        self._marks: deque[tuple[float, float, float]] = deque(maxlen=5)

    @property
    def active(self) -> bool:
        return self.base is not None

    @property
    def refuted(self) -> bool:
        """Whether refusals keep coming however slow the pace: then they are not about the rate."""
        collapsed = self.base is not None and self.base < COLLAPSE * self._calm_base
        return self._in_vain >= REFUTED or collapsed

    @property
    def between(self) -> float:
        """Attempts accepted between the last two refusals."""
        return self._between

    @property
    def rate(self) -> float | None:
        """Starts per second at present."""
        if self.base is None:
            return None
        if self.searching:
            return self.base
        crossed = self._calls / self.spacing
        if crossed <= 1.0:
            return self.base * (AFTER_REFUSAL + (CROSSED - AFTER_REFUSAL) * crossed)
        doublings = (DOUBLINGS_PER_CROSSING * (crossed - 1.0)) ** 2
        return float(self.base * CROSSED * 2.0 ** min(MOST_DOUBLINGS, doublings))

    def ready_at(self) -> float:
        """The earliest time of the next start."""
        return self._next if self.base is not None else float("-inf")

    def started(self, now: float, *, cost: float = 1.0, late: bool) -> None:
        """An attempt started; `late` when only a timer can have delayed it, not a full window."""
        rate = self.rate
        if rate is not None:
            # a timer that fires late must not cost rate, so a little of the delay may be made up for
            gap = 1.0 / rate
            if now - self._next < gap:
                self._bound += now - self._next < 0.25 * gap
                self._calls += 1  # it went out when the pace let it: the pace is what binds
            self._next = max(self._next, now - min(CATCH_UP_S, 0.5 * gap) * late) + cost * gap

    def accepted(self, now: float, *, cost: float = 1.0, lately: bool) -> None:
        """An attempt was not refused; `lately` when it started after the last congestion event."""
        self.accepted_total += cost
        if not self._marks or self.accepted_total - self._marks[-1][1] >= RECENT / 4:
            self._marks.append((now, self.accepted_total, self.paused_s))
        if lately and self.searching and self.base is not None and self._bound:
            self._bound -= 1
            rounds = min(1.0, (now - self._grown_at) / (self._round_trip or 1.0))
            self.base *= min(SEARCH_GROWTH, 2.0 ** (DOUBLINGS_PER_ROUND * rounds))
            self._grown_at = now

    def estimate(self, now: float) -> float | None:
        """Accepted attempts per second between refusals, over at least `ENOUGH` of them; None when too few."""
        for then, accepted in reversed(self._events):
            count = self.accepted_total - accepted
            elapsed = now - then
            if count >= ENOUGH and elapsed > self._round_trip:
                return count / elapsed
        return None

    def recent(self, now: float) -> float:
        """Attempts accepted per second by the last `RECENT`, without pauses; infinite when too few were."""
        if len(self._marks) < 5:
            return math.inf
        then, accepted, paused = self._marks[0]
        count = self.accepted_total - accepted
        elapsed = now - then - (self.paused_s - paused)
        return count / elapsed if elapsed > 0 else math.inf

    def plausible(self) -> bool:
        """Whether refusals were rare of late, as they are when only the rate is wrong."""
        recent = list(self._events)[-PLAUSIBLE_EVENTS - 1 : -1]
        return bool(recent) and self.accepted_total - recent[0][1] >= ENOUGH

    def mark(self, now: float, round_trip: float) -> None:
        """Remember a congestion event: the bucket, if it is one, is empty now."""
        self._refused_per_event = 0.7 * self._refused_per_event + 0.3 * self._refused
        self._refused = 1
        self._between = self.accepted_total - (self._events[-1][1] if self._events else 0)
        self._round_trip = round_trip
        self._events.append((now, self.accepted_total))

    def refused_again(self, cost: float = 1.0) -> None:
        """Another refusal of the same event."""
        self._refused += 1
        if cost > 1.0 and self.base is not None:
            self._next += cost / self.base

    def enter(self, now: float, fallback: float) -> None:
        """Begin to pace, at the estimated rate or, without an estimate, at `fallback` per second."""
        known = self.estimate(now)
        self.searching, self._quick, self._in_vain, self._calm_base = True, 0, 0, 0.0
        self._congestions = 0
        self.base = max(SLOWEST, fallback, known or 0.0)
        self._restart(now)

    def congested(self, now: float, pause: float, cost: float = 1.0) -> None:
        """A refusal in spite of the pace."""
        assert self.base is not None
        known, current = self.estimate(now), self.rate or self.base
        self.base = max(SLOWEST, self._after_refusal(now, known, current, pause))
        self._congestions += 1
        self.spacing = max(
            min(CALLS_TO_CROSS, max(4.0, LONGEST_CROSSING_S * self.base)),
            CALLS_PER_REFUSED * self._refused_per_event,
            min(PAUSES_APART * pause * self.base, CALLS_TO_CROSS * 2.0 ** min(20, self._congestions)),
        )
        self._restart(now, cost)

    def _after_refusal(self, now: float, known: float | None, current: float, pause: float) -> float:
        early = self._calls < EARLY * self.spacing
        searched, self.searching = self.searching, known is None
        if known is None:
            self._in_vain += 1
            return current * 0.5
        if self.by_tokens:
            # such a bucket holds many calls, so nothing flows over and the estimate is the rate
            self._in_vain, self._calm_base = 0, 0.0
            return min(known, AFTER_REFUSAL * current) if early else known
        if searched or self._congestions <= FOUND_AFTER or (early and pause):
            # the estimate still covers the time before the search, or much of it was lost to pauses
            return max(known, RETREAT * current)
        if early:
            self._quick += 1
            return self._slower(known, current)
        self._quick = self._in_vain = 0
        current = min(current, MOST_OVER_ESTIMATE * known, CEILING * self.recent(now))
        self._calm_base = max(known, current)
        return self._calm_base

    def _slower(self, known: float, current: float) -> float:
        """Refused twice in short order: first half-way to the estimate, then the estimate, then below it."""
        if self._quick <= 2 and current > known:
            return math.sqrt(known * current)
        if current > known:
            return known
        self._in_vain += 1
        return 0.8 * current

    def _restart(self, now: float, cost: float = 1.0) -> None:
        self._calls = self._bound = 0
        self._next = now + max(1.0, cost) / (self.base or 1.0)

    def leave(self) -> None:
        self.base = None
