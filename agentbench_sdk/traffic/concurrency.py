"""How many attempts may be in flight: the window against endpoints that refuse what is beyond their room.

Two phases. *Growing*: the window exceeds what is proven by a quarter, so at most a quarter of it can be
refused at once; a level is proven when an attempt started at it has outlived the time a refusal takes,
which is much sooner than its completion. Completions bound the growth to fourfold a round trip, so that
an endpoint that queues instead of refusing is not buried before its latency can tell. *Holding*: a refusal
has shown where the room ends; the window stays just below and asks for one place more now and then.
"""

from __future__ import annotations

GROWTH_PER_ROUND = 4
RETREAT = 0.75
DIP = 0.92
DIP_ROUNDS = 4
DIP_EVERY_ROUNDS = 10
STEPS_PER_ROUND = 16


class Concurrency:
    """The window, a pure state machine.

    Arguments:
        initial: the window before anything is known.
        ceiling: the window's upper bound.
    """

    def __init__(self, initial: int, ceiling: int) -> None:
        self.ceiling = max(1, ceiling)
        self.initial = min(initial, self.ceiling)
        self.proven = self.initial
        self.growing = True
        self.probing = False
        self.probe_at = 0.0
        self.wary = False
        self._refused = 0
        self.step_at = 0.0
        self._validated = 0
        self._dip_started = float("-inf")
        self._dip_from = 0
        self._round = 0.0

    def limit(self, now: float) -> int:
        """The window at `now`, at least 1."""
        if self.growing and (self.wary or now < self.step_at):
            return self.proven
        if self.growing:
            bound = max(self.initial, GROWTH_PER_ROUND * self._validated)
            return max(1, min(self.ceiling, bound, self.proven + self._step()))
        elapsed = now - self._dip_started
        if elapsed < self._round:
            depth = (self.proven - self._dip_from) * (1.0 - elapsed / self._round)
            return max(1, int(self.proven - depth))
        if self.probing and now >= self.probe_at:
            return min(self.ceiling, self.proven + 1)
        return max(1, min(self.ceiling, self.proven))

    def _step(self) -> int:
        """How far beyond what is proven: far in open country, carefully below a level that was refused."""
        return max(1, self.proven // (4 if self.proven >= self._refused else 32))

    def grows_with_time(self, now: float) -> bool:
        """Whether proving what is in flight would widen the window without any completion."""
        return (
            self.growing
            and not self.wary
            and self.limit(now) < min(self.ceiling, max(self.initial, GROWTH_PER_ROUND * self._validated))
        )

    def accepted(self, level: int, now: float, round_trip: float) -> None:
        """An attempt at this level was not refused."""
        self.wary = False
        if level > self.proven:
            self.proven = level
            if level < self._refused:
                # everyone who was pushed back returns at the same pace, so that shares become equal
                self.step_at = now + round_trip / STEPS_PER_ROUND
            self.growing, self.probing = True, False

    def completed(self, level: int) -> None:
        """An attempt at this level was answered."""
        self._validated = max(self._validated, level)

    def hold(self, room: int, now: float, round_trip: float, *, contended: bool) -> None:
        """A refusal showed that `room` is all there is: stay there, at times a little below.

        The dip gives another client of the same endpoint a chance to notice free places; without it the
        one that came first would keep everything.
        """
        self.growing = self.probing = False
        self.proven = max(1, room)
        self._refused = room + 1
        self._validated = max(self._validated, self.proven)
        rounds = DIP_EVERY_ROUNDS // 2 if contended else DIP_EVERY_ROUNDS
        if now - self._dip_started >= rounds * round_trip and self.proven >= 4:
            self._dip_started, self._round = now, round_trip * (DIP_ROUNDS if contended else 1)
            self._dip_from = int(self.proven * DIP)

    def narrow(self, level: int) -> None:
        """Another refusal of the same event, at a lower level."""
        if not self.growing:
            self.proven = max(1, min(self.proven, level - 1))

    def shrink(self, level: int) -> None:
        """A refusal where there used to be room: give up a quarter and feel for the edge again."""
        self._refused = level
        self.proven = max(1, min(self.proven - 1, int(level * RETREAT)))
        self._validated = self.proven
        self.growing, self.probing, self.wary = True, False, True

    def release(self) -> None:
        """Refusals turned out to have another cause: grow again."""
        self.growing, self.probing, self.wary = True, False, False
        self._validated = max(self._validated, self.proven)
