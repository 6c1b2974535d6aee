"""How many attempts may be in flight: the window against endpoints that refuse what is beyond their room.

Two phases. *Growing*: in open country the window exceeds what is proven by a quarter, so at most a quarter of
it can be refused at once; a level is proven when an attempt started at it has outlived the time a refusal
takes, which is much sooner than its completion. Completions bound the growth to fourfold a round trip, so
that an endpoint that queues instead of refusing is not buried before its latency can tell. *Holding*: a
refusal has shown where the room ends; the window stays just below and asks for one place more now and then.

Whoever comes first would keep everything that way, so a holder gives places up, in proportion to what it has
(additive increase, proportional decrease: the shares of several clients converge, Chiu and Jain 1989). Alone
it does so for a round trip at a time; when somebody else takes the places meanwhile, with every refusal.
"""

from __future__ import annotations

GROWTH_PER_ROUND = 4
# Before the first answer nothing is known but that no refusal came, and refusals come at once: when none did for
# so long, a full window grows as elsewhere, by a quarter at a time, to what the first answers would allow. An
# endpoint that takes longer to refuse is asked that much too much, once.
OPENING_S = 0.03
OPENING_STEP_S = 0.01
RETREAT = 0.75
# a contended refusal costs a part of the window and a part of a place: about 3 % of the endpoint stands empty
# until the next one asks, and the shares of two clients come closer by a twelfth from refusal to refusal
GIVE = 1 / 16
GIVE_PLACES = 1 / 8
# on the first sign of company, so that a newcomer is not starved for long
GIVE_FIRST = 1 / 4
# a place left empty for a round trip now and then, at most this share of the endpoint
DIP_COST = 0.01
# what was given up and found untouched so often in a row is wanted by nobody; a newcomer with one place asks
# every sixteen round trips and misses it a few times
LONE_AFTER = 8
STEPS_PER_ROUND = 16


class Concurrency:
    """The window, a pure state machine.

    Arguments:
        initial: the window before anything is known.
        ceiling: the window's upper bound.

    Attributes:
        proven: the largest level that is known to be accepted.
        validated: the largest level of an attempt that was answered.
        edge: the level at which the last refusal came, 0 before the first.
        contended: somebody else takes the places that we give up.
    """

    def __init__(self, initial: int, ceiling: int) -> None:
        self.ceiling = max(1, ceiling)
        self.initial = min(initial, self.ceiling)
        self.proven = self.initial
        self.edge = 0
        self.growing = True
        self.probing = False
        self.probe_at = 0.0
        self.wary = False
        self.contended = False
        self.step_at = 0.0
        self.validated = 0
        self._grown_from = self.proven
        self._owed = 0.0
        self._found = 0
        self._gave = 0
        self._settled = False
        self._open_at, self._opened = float("inf"), GROWTH_PER_ROUND * self.initial
        self._dip_until = self._next_dip = float("-inf")

    def limit(self, now: float) -> int:
        """The window at `now`, at least 1."""
        proven = self.proven
        if self.growing:
            if self.wary or now < self.step_at:
                return proven
            room, bound = proven + self._step(), GROWTH_PER_ROUND * self.validated
            if room > bound:
                room = max(self.initial, bound)
                room = min(room, proven + self._step())
            return min(self.ceiling, room)
        if now < self._dip_until:
            return max(1, proven - self._gave)
        if self.probing and now >= self.probe_at:
            return min(self.ceiling, proven + 1)
        return proven

    def open(self, now: float) -> float:
        """Widen a full window of which nothing is known, if it is time; when it will be time (`now`: it was)."""
        opened = min(self._opened, self.ceiling)
        if self.initial >= opened:
            return float("inf")
        if self._open_at == float("inf"):
            self._open_at = now + OPENING_S
        if now < self._open_at:
            return self._open_at
        self._open_at = now + OPENING_STEP_S
        self.initial = self.proven = min(opened, self.proven + max(1, self.proven // 4))
        return now

    def _step(self) -> int:
        """How far beyond what is proven: a quarter in open country, else half of what was gained so far."""
        return max(1, (self.proven - self._grown_from) // 2 if self.edge else self.proven // 4)

    def grows_with_time(self, now: float) -> bool:
        """Whether proving what is in flight would widen the window without any completion."""
        return (
            self.growing
            and not self.wary
            and self.limit(now) < min(self.ceiling, max(self.initial, GROWTH_PER_ROUND * self.validated))
        )

    def accepted(self, level: int, now: float, round_trip: float) -> None:
        """An attempt at this level was not refused."""
        self.wary = False
        if level > self.proven:
            if not self.growing:
                self._grown_from = self.proven
            self.proven = level
            if self.edge:
                # one step at a time, each between two regular starts: a burst would be refused by a shallow
                # bucket, and equal steps in time for all make shares equal
                self.step_at = now + round_trip / min(STEPS_PER_ROUND, 2 * level)
            self.growing, self.probing = True, False

    def hold(self, level: int, now: float, round_trip: float) -> None:
        """A refusal at `level` showed where the room ends: stay below."""
        if self._settled and level < self.edge:
            self.meet()
        elif self._settled and level > self.edge:
            # places were left to us: somebody else is there to leave them
            self.contended, self._found = True, 0
        elif self._gave and self.contended:
            self._found += 1
            self.contended = self._found < LONE_AFTER
        self._gave = 0
        self._settled, self.growing, self.probing = True, False, False
        self.proven, self.edge = max(1, level - 1), level
        self.validated = max(self.validated, self.proven)
        if self.contended:
            self._owed += (self.proven - 1) * GIVE
            self._gave = min(self.proven - 1, int(self._owed))
            self._owed -= self._gave
            self.proven -= self._gave
        elif self.proven > 1:
            give = 1 + int(self.proven * GIVE)
            if now >= self._next_dip > 0.0:
                self._gave, self._dip_until = give, now + round_trip
            if now >= self._next_dip:
                self._next_dip = now + round_trip * give / self.proven / DIP_COST

    def meet(self) -> None:
        """Somebody has taken places that were ours."""
        if not self.contended:
            self._owed = self.proven * GIVE_FIRST
        self.contended, self._found = True, 0
        self._dip_until = float("-inf")

    def narrow(self, level: int) -> None:
        """Another refusal of the same event, at a lower level."""
        if not self.growing:
            self.proven = max(1, min(self.proven, level - 1))
            self.edge = min(self.edge, level)

    def shrink(self, level: int) -> None:
        """A refusal where there used to be room: give up a quarter and feel for the edge again."""
        self._settled, self.edge = False, level
        self.proven = max(1, min(self.proven - 1, int(level * RETREAT)))
        self.validated = self._grown_from = self.proven
        self.growing, self.probing, self.wary = True, False, True

    def release(self) -> None:
        """Refusals turned out to have another cause: grow again."""
        self.growing, self.probing, self.wary = True, False, False
        self.contended = self._settled = False
        self.edge = 0
        self.validated = max(self.validated, self.proven)
