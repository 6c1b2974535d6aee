"""Stopping a run without losing what was paid for: no new call starts, calls on the wire may finish."""

from __future__ import annotations

import asyncio


class _Inside:
    """A context manager; one made by `contextlib` would cost more than all that it does."""

    __slots__ = ("_gate",)

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    def __enter__(self) -> None:
        self._gate.enter()

    def __exit__(self, *exc: object) -> None:
        self._gate.leave()


class Gate:
    """Every call of a run passes it; closed, it lets nobody in and waits for those inside."""

    def __init__(self) -> None:
        self.closed = False
        self.inside = 0
        self._empty = asyncio.Event()
        self._empty.set()
        self._never = asyncio.Event()

    async def wait_open(self) -> None:
        """Return at once while the gate is open; once it is closed, wait to be cancelled."""
        if self.closed:
            await self._never.wait()

    def call(self) -> _Inside:
        """Be inside for one call, from its first attempt until its answer is durable."""
        return _Inside(self)

    def enter(self) -> None:
        self.inside += 1
        self._empty.clear()

    def leave(self) -> None:
        self.inside -= 1
        if not self.inside:
            self._empty.set()

    async def close(self, grace_s: float) -> bool:
        """Close and wait for those inside, `grace_s` seconds at most; True when all came out."""
        self.closed = True
        # Tasks made in this turn of the loop begin first: cancelled before, they would clean nothing up.
        await asyncio.sleep(0)
        try:
            await asyncio.wait_for(self._empty.wait(), grace_s)
        except TimeoutError:
            return False
        return True
