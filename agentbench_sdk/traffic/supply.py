"""What acceptances and refusals say of a bucket: bounds of its rate and of what it can hold.

A token bucket of rate R and depth d takes n calls in t seconds only if n <= d + R t, whatever the window
(Cruz, A Calculus for Network Delay, 1991). Turned round, an accepted stretch bounds the rate from below,
(n - d) / t, and so does the time since the last refusal, which left less than one call behind: (n - 1) / t,
the pause included. A refusal at a steady pace bounds the rate from above by that pace, and what was accepted
beyond the inflow bounds what a pause can store. The bounds close after a few refusals, however shallow the
bucket; a bucket that has become another one contradicts them, and the newest evidence wins.
"""

from __future__ import annotations

from collections import deque

# accepted starts that are remembered of a stretch; of a longer one every other, every fourth, and so on
REMEMBERED = 256
STRETCHES = 8
# a bucket has been full if twice as much flowed in as can be accounted for
LOST = 2.0
# starts are not quite as even on arrival as they were sent
SLACK = 0.5
# a lower bound this near the pace that was refused is refuted, and moved down by a gap that becomes wider while
# refusals keep coming soon
CLOSE = 1.005
NARROWEST = 0.01
WIDEST = 0.5
WIDER = 4.0
# a pace so far beyond the one that was refused before means another bucket
BEYOND = 1.1
INFINITY = float("inf")

Part = tuple[float, float]


class Supply:
    """Bounds of a bucket's rate and depth, from the stretches between its refusals; pure.

    Attributes:
        low, high: bounds of the rate, in calls per second; 0 and infinity when nothing is known.
        total: calls accepted since the last refusal.
    """

    __slots__ = (
        "_empty_at",
        "_first",
        "_gap",
        "_refused_pace",
        "_starts",
        "_stretches",
        "_stride",
        "high",
        "low",
        "total",
    )

    def __init__(self) -> None:
        self.low, self.high = 0.0, INFINITY
        self.total = 0.0
        self._empty_at, self._refused_pace = -INFINITY, INFINITY
        self._first = INFINITY
        self._gap = NARROWEST
        self._stretches: deque[tuple[list[Part], float, float, float]] = deque(maxlen=STRETCHES)
        self._starts: list[tuple[float, float]] = []
        self._stride = 1.0

    def accepted(self, started: float, cost: float) -> None:
        """An attempt that started after the last refusal was not refused."""
        starts = self._starts
        if not starts or self.total >= starts[-1][1] + self._stride:
            if len(starts) == REMEMBERED:
                del starts[1::2]
                self._stride *= 2
            starts.append((started, self.total))
        self.total += cost

    def refused(self, started: float, pace: float | None, *, early: bool = False, cost: float = 1.0) -> bool:
        """The attempt that started then was refused; True when that contradicts the lower bound.

        Arguments:
            started: when it started, in seconds.
            pace: starts per second at that time; None when nothing paced them.
            early: whether it came long before the crossing from the lower to the upper bound was done.
            cost: what it counts, in calls.
        """
        accepted = self.total
        since = started - self._empty_at
        overall = (accepted - cost) / since if 0.0 < since < INFINITY else 0.0
        parts = self._parts(started, accepted, cost)
        contradicted = pace is not None and pace <= CLOSE * self.low
        if contradicted and pace is not None:
            self._stretches.clear()
            self._gap = min(WIDEST, WIDER * self._gap)
            self.high, self.low = pace, max(min(pace, overall), min(pace, self.low) * (1.0 - self._gap))
        elif pace is not None and pace > BEYOND * self._refused_pace:
            self._stretches.clear()
        if since == INFINITY:
            self._first = accepted + cost
        else:
            self._stretches.append((parts, accepted + cost, since, self._stride - 1.0))
        if not contradicted:
            self._close(parts, overall, cost, pace or INFINITY)
            gap = 1.0 - self.low / self.high
            self._gap = max(NARROWEST, gap, self._gap if early else 0.0)
        self._empty_at, self._refused_pace = started, pace or INFINITY
        self.total, self._stride = 0.0, 1.0
        self._starts.clear()
        return contradicted

    @property
    def depth(self) -> float:
        """Upper bound of what the bucket holds, in calls.

        A bucket that was full at some time in a stretch has since been overdrawn by what was accepted from then
        on beyond the inflow; from when is not known, so the part with the greatest excess counts. It was full
        when clearly less was accepted than has flowed in, and before anything was asked.
        """
        least = self._first
        for parts, total, seconds, missed in self._stretches:
            excess = missed + max(count - self.low * span for count, span in parts)
            if LOST * (total + excess) < self.low * seconds:
                least = min(least, excess)
        return max(1.0, least)

    def _parts(self, now: float, accepted: float, cost: float) -> list[Part]:
        """Calls and seconds of the last parts of the stretch that ends now, the refused call included.

        Only those on the upper convex hull: whatever rate they are held against, one of them exceeds it most.
        """
        hull: list[Part] = [(cost, 0.0)]
        for then, before in reversed(self._starts):
            count, span = accepted + cost - before, now - then
            while len(hull) > 1:
                (before_last, since), (last, till) = hull[-2], hull[-1]
                if (last - before_last) * (span - till) > (count - last) * (till - since):
                    break
                hull.pop()
            hull.append((count, span))
        return hull

    def _close(self, parts: list[Part], overall: float, cost: float, pace: float) -> None:
        """Narrow the bounds by the last stretch; each of them narrows the depth, and that the rate."""
        self.low, self.high = min(pace, max(self.low, overall)), pace
        for _ in range(2):
            depth = self.depth + SLACK
            for count, span in parts:
                if span > 0 and count - cost - depth > self.low * span:
                    self.low = min(pace, (count - cost - depth) / span)
                    self.high = count / span if pace < INFINITY else INFINITY
        self.high = max(self.low, min(pace, self.high))
