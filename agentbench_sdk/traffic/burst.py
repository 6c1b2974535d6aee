"""A test that tells a bucket of requests from room for attempts: several starts at once, on places already had.

An endpoint with room takes them, whenever they come. A bucket that holds fewer requests refuses the rest,
although starts that are further apart never showed it. A test of n leaves n/2 places empty, in the mean, while
n attempts are answered, which costs n²/2 answers shared among the places of the window.
"""

from __future__ import annotations

# a client begins with 32 attempts at once: a bucket that took them all is found by draining it
SIZES = (2, 2, 4, 8, 16, 32)
# larger bursts than pairs are at most a half of the window
SHARE = 2
# when all were passed, the two largest are made once more with every eighth refusal, should the endpoint have
# become another
AGAIN = 8


class BurstTest:
    """When several attempts are to start at once; pure.

    Attributes:
        under_way: whether free places are being left until there are enough of them, or taken.
    """

    def __init__(self) -> None:
        self.under_way = False
        self._holding = False
        self._next = self._events = 0
        self._due = False
        self._left = self._awaited = 0

    @property
    def pair(self) -> bool:
        """Whether the present test is of two."""
        return self._size == SIZES[0]

    @property
    def _size(self) -> int:
        return SIZES[min(self._next, len(SIZES) - 1)]

    def event(self, *, contended: bool = False) -> None:
        """A congestion event: afterwards the window is full, which is when a test can be made.

        With company, what was passed is not tested again: others take the places that are left.
        """
        self._events += 1
        if self._events % AGAIN == 0 and not contended:
            self._next = min(self._next, len(SIZES) - 2)
        self.under_way, self._holding, self._left, self._awaited = False, False, 0, 0
        self._due = self._next < len(SIZES)

    def pending(self, window: int) -> bool:
        """Whether a test comes before anything else is asked."""
        return self._holding or (self._due and self._fits(window))

    def holds(self, in_flight: int, window: int) -> bool:
        """Whether free places are left until there are enough of them."""
        return self._holding and window - self._size < in_flight

    def freed(self, in_flight: int, window: int) -> None:
        """A place of a full, settled window became free."""
        if self._due and in_flight == window - 1 and self._fits(window):
            self.under_way, self._holding, self._due = True, True, False

    def started(self, in_flight: int, window: int) -> bool:
        """An attempt started; True when it is a further one of a burst."""
        if self._holding:
            self._holding = False
            self._left = self._awaited = self._size - 1
            return False
        if self._left and in_flight <= window:
            self._left -= 1
            return True
        self.under_way, self._left = False, 0
        return False

    def passed(self) -> None:
        """A further attempt of a burst was accepted."""
        self._awaited -= 1
        if self._awaited == 0:
            self._next += 1

    def _fits(self, window: int) -> bool:
        return window >= (self._size if self.pair else SHARE * self._size)
