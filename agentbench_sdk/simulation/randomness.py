"""Seeded randomness without state: each draw is a pure function of what is decided.

There is no generator object whose position an extra action could shift. A draw names its *stream* (what
kind of thing is decided) and the thing itself (a day, a product, a supplier), so two runs that differ in
one act see the same weather.

    >>> streams = SeededStreams("agentbench.vending/1", 1, {"wx.draw"})
    >>> streams.uniform64("wx.draw", 0)
    16140553951183940208
    >>> streams.between(0, 999, "wx.draw", 0)
    874
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection


class SeededStreams:
    """Draws for one world and seed.

    Arguments:
        domain: name and version of the world; worlds never share draws.
        seed: any integer, 128 bits and more included.
        names: the streams there are; drawing from another one raises KeyError, so that every
            stream is registered in one place.
    """

    __slots__ = ("_keyed", "names")

    def __init__(self, domain: str, seed: int, names: Collection[str]) -> None:
        key = hashlib.sha256(f"{domain}|{seed}".encode()).digest()
        # Copying a keyed state is cheaper than keying anew for each draw.
        self._keyed = hashlib.blake2b(digest_size=8, key=key)
        self.names = frozenset(names)

    def uniform64(self, stream: str, *thing: int | str) -> int:
        """A uniform integer in [0, 2**64): BLAKE2b-64 of "stream|a1|…|an" under the world's key."""
        if stream not in self.names:
            raise KeyError(f"stream {stream!r} is not registered")
        state = self._keyed.copy()
        state.update("|".join((stream, *map(str, thing))).encode())
        return int.from_bytes(state.digest(), "big")

    def between(self, low: int, high: int, stream: str, *thing: int | str) -> int:
        """A uniform integer in [low, high], by multiplication and shift (bias below 2**-40)."""
        return low + ((self.uniform64(stream, *thing) * (high - low + 1)) >> 64)
