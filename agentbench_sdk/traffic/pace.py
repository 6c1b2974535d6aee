"""How often an attempt may start: the pace against endpoints that count requests, or tokens, per second.

What refusals and acceptances prove of a bucket are bounds of its rate (`supply`). From refusal to refusal the pace
crosses from the lower bound to the upper, and becomes faster when no refusal comes even then. How slowly it
crosses is a matter of what a refusal costs: half of the width between the bounds is lost on the way, so the
crossing is as long as makes that no more than the pause (Retry-After) at its end, and at least so long that
refusals are rare.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable

from agentbench_sdk.traffic.attempt import Attempt
from agentbench_sdk.traffic.supply import Supply

# from refusal to refusal, for each call that an event costs: 0.8 %; at few calls a second not longer than half a
# minute
CALLS_TO_CROSS = 120
CALLS_PER_REFUSED = 120
LONGEST_CROSSING_S = 30.0
# a pause that costs c calls is worth c / u calls within u of the rate; bounds within 2 % are as good as equal, and
# pauses cost 2 % then
ACCURATE = 0.02
# a rate that has doubled is found within a third of the calls of a crossing
DOUBLINGS_PER_CROSSING = 3.0
MOST_DOUBLINGS = 3.0
# an estimate from fewer calls is off by more than 6 %
ENOUGH = 16
# while the rate is searched, an octave takes as many calls as overdraw a bucket by its depth within it
CALLS_PER_OCTAVE = 4.0
SEARCH_DEPTH = 8.0
# refusals come however slow: ten (late ones count against two early ones) in the first quarter of the way, though
# more than a tenth was lost to pauses, or one at less than a third of what held before
EARLY = 0.25
REFUTED = 10
NOTHING_LOST = 0.9
COLLAPSE = 0.3
PLAUSIBLE_EVENTS = 4
# one try in half a minute, or nothing would ever be learned again
SLOWEST = 1 / 30
# what a timer that fires late costs is made up for, by half of what a bucket holds beyond two calls (one that
# holds one would refuse at once), and by no more than so much
MADE_UP = 0.5
LATEST_S = 0.05


class Pace:
    """The pace, a pure state machine; `rate` is None while it does not bind.

    Attributes:
        next: the earliest time of the next start, in seconds.
        base: starts per second just after the last refusal; None while nothing is paced.
        top: the pace at the end of a crossing, in starts per second.
        spacing: calls of a crossing.
    """

    def __init__(self) -> None:
        self.base: float | None = None
        self.top = 0.0
        self.searching = False
        self.by_tokens = False
        self.supply = Supply()
        self.accepted_total = 0.0
        self.spacing = float(CALLS_TO_CROSS)
        self.next = 0.0
        self._calls = 0
        self._octaves = self._octave_s = 1.0
        self._events: deque[tuple[float, float]] = deque(maxlen=32)
        self._refused_per_event = 1.0
        self._refused = 1
        self._in_vain = 0
        self._between = 0.0
        self._calm_base = 0.0
        self._collapsed = False
        self._bound = 0
        self._spare = 0.0
        self._round_trip = 0.0

    @property
    def active(self) -> bool:
        return self.base is not None

    @property
    def refuted(self) -> bool:
        """Whether refusals keep coming however slow the pace: then they are not about the rate."""
        return self._in_vain >= REFUTED or self._collapsed

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
        return self._crossing()

    def _crossing(self) -> float:
        """Starts per second on the way from the lower bound to the upper, and beyond it."""
        base, top, crossed = self.base or 0.0, self.top, self._calls / self.spacing
        if crossed <= 1.0:
            return base + (top - base) * crossed
        doublings = (DOUBLINGS_PER_CROSSING * (crossed - 1.0)) ** 2
        return top * math.exp2(min(MOST_DOUBLINGS, doublings))

    def started(self, now: float, *, cost: float = 1.0, late: bool) -> None:
        """An attempt started; `late` when only a timer can have delayed it, not a full window."""
        if self.base is not None:
            gap = 1.0 / (self.base if self.searching else self._crossing())
            if now - self.next < gap:
                self._bound += now - self.next < 0.25 * gap
                self._calls += 1  # it went out when the pace let it: the pace is what binds
            if now > self.next:
                self.next = max(self.next, now - min(LATEST_S, self._spare * gap) * late)
            self.next += cost * gap

    def accepted(self, started: float, cost: float, lately: bool) -> None:
        """The attempt that started then was not refused; `lately` when that was after the last refusal."""
        self.accepted_total += cost
        if lately:
            self.supply.accepted(started, cost)
            if self.searching and self.base is not None and self._bound:
                self._bound -= 1
                self.base *= 2.0 ** min(1.0, max(self._octaves, 1.0 / (self.base * self._octave_s)))

    def estimate(self, now: float) -> float | None:
        """Accepted attempts per second between refusals, over at least `ENOUGH` of them; None when too few."""
        for then, accepted in reversed(self._events):
            count = self.accepted_total - accepted
            elapsed = now - then
            if count >= ENOUGH and elapsed > self._round_trip:
                return count / elapsed
        return None

    def plausible(self) -> bool:
        """Whether refusals were rare of late, as they are when only the rate is wrong."""
        recent = list(self._events)[-PLAUSIBLE_EVENTS - 1 : -1]
        return bool(recent) and self.accepted_total - recent[0][1] >= ENOUGH

    def refused(
        self, attempt: Attempt, now: float, flying: Iterable[Attempt], *, pause: float, round_trip: float
    ) -> None:
        """A refusal that is not explained by an earlier one: the bucket, if it is one, is empty now.

        Arguments:
            attempt: the refused one.
            now: the time, in seconds.
            flying: those of which neither is known that started between the last refusal and this one.
            pause: for how long the endpoint wants no starts, in seconds.
            round_trip: the mean latency, in seconds.
        """
        self._refused_per_event = 0.7 * self._refused_per_event + 0.3 * self._refused
        self._refused = 1
        self._between = self.accepted_total - (self._events[-1][1] if self._events else 0)
        since = now - self._events[-1][0] if self._events else 0.0
        self._round_trip = round_trip
        self._events.append((now, self.accepted_total))
        rate = self.rate
        for each in flying:
            self.supply.accepted(each.started, each.cost)
        searched = self.searching
        early = self._calls < EARLY * self.spacing and not searched
        contradicted = self.supply.refused(attempt.started, rate, early=early, cost=attempt.cost)
        if rate is not None:
            # a deep bucket loses nothing in a pause, and one of tokens refuses large calls before it is empty
            soon = self._calls < EARLY * max(self.spacing, pause * rate / ACCURATE)
            soon = soon and self._between < NOTHING_LOST * self.supply.high * since and not self.by_tokens
            self._in_vain = self._in_vain + 1 if soon else max(0, self._in_vain - 2)
            self._collapsed = rate < COLLAPSE * self._calm_base
            self._after_refusal(now, contradicted=contradicted, cost=attempt.cost, pause=pause)
            if not (early or searched or self.by_tokens):
                self._calm_base = self.base or 0.0

    def refused_again(self, cost: float = 1.0) -> None:
        """Another refusal of the same event."""
        self._refused += 1
        if cost > 1.0 and self.base is not None:
            self.next += cost / self.base

    def enter(self, now: float, fallback: float, pause: float) -> None:
        """Begin to pace, at the estimated rate or, without an estimate, at `fallback` per second."""
        self.searching, self._collapsed, self._in_vain, self._calm_base = True, False, 0, 0.0
        self._refused_per_event = 1.0
        self.base = max(SLOWEST, fallback, self.supply.low, self.estimate(now) or 0.0)
        self._octaves = 1.0 / (2.0 + CALLS_PER_OCTAVE * min(self.supply.depth, SEARCH_DEPTH))
        self._octave_s = 0.5 * max(pause or self._round_trip, 1e-3)
        self._restart(now)

    def _after_refusal(self, now: float, *, contradicted: bool, cost: float, pause: float) -> None:
        """Go on below the pace that was refused, where the bounds allow; slowly across what they leave open."""
        supply = self.supply
        self.searching = False
        self.base = max(SLOWEST, supply.low, 0.5 * supply.high)
        if contradicted:
            self.base = max(SLOWEST, supply.low)
        self.top = max(self.base, supply.high)
        whole, uncertain = pause * self.top / ACCURATE, max(ACCURATE, 1.0 - self.base / self.top)
        self.spacing = max(
            min(CALLS_TO_CROSS, max(4.0, LONGEST_CROSSING_S * self.base)),
            CALLS_PER_REFUSED * self._refused_per_event,
            min(whole, max(whole * ACCURATE / uncertain, 0.0 if contradicted else 2.0 * self._calls)),
        )
        self._restart(now, cost)

    def _restart(self, now: float, cost: float = 1.0) -> None:
        self._calls = self._bound = 0
        self._spare = MADE_UP * max(0.0, self.supply.depth - 2.0)
        self.next = now + max(1.0, cost) / (self.base or 1.0)

    def leave(self) -> None:
        self.base = None
