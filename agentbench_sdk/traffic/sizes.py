"""Tells an endpoint that counts tokens from one that counts requests, by whom it refuses.

A bucket of tokens that is nearly empty still takes small calls and refuses large ones; one that counts
requests refuses without regard to size. So the refused are compared with the accepted.
"""

from __future__ import annotations

import math

ENOUGH_REFUSED = 8
SIGMAS = 4.0
MEMORY = 256
LARGEST = 20.0


class Sizes:
    """Compares the sizes of refused and accepted calls, as logarithms (they are near lognormal); pure.

    Attributes:
        count: True when large calls are refused more often: the pace then goes by tokens.
    """

    def __init__(self) -> None:
        self.count = False
        self._mean = self._spread = self._typical = 0.0
        self._accepted = self._refused = 0
        self._refused_mean = 0.0

    def cost(self, tokens: float) -> float:
        """What a call counts for the pace: 1, or its size in calls of typical size."""
        if not self.count or tokens <= 0 or self._typical <= 0:
            return 1.0
        return min(LARGEST, tokens / self._typical)

    def accepted(self, tokens: float) -> None:
        """A call of about `tokens` tokens was accepted; 0 when unknown."""
        if tokens <= 0:
            return
        self._accepted = min(self._accepted + 1, MEMORY)
        weight = 1.0 / self._accepted
        delta = math.log(tokens) - self._mean
        self._mean += weight * delta
        self._spread += weight * (delta * delta * (1.0 - weight) - self._spread)
        if not self.count:
            # frozen when it becomes the unit of the pace: a unit that moves would move the rate
            self._typical += weight * (tokens - self._typical)

    def refused(self, tokens: float) -> None:
        """A call of about `tokens` tokens was refused; 0 when unknown."""
        if tokens <= 0 or self._accepted < ENOUGH_REFUSED:
            return
        self._refused = min(self._refused + 1, MEMORY)
        self._refused_mean += (math.log(tokens) - self._refused_mean) / self._refused
        error = math.sqrt(self._spread / self._refused)
        if self._refused >= ENOUGH_REFUSED and error > 0:
            self.count = self.count or self._refused_mean - self._mean > SIGMAS * error
