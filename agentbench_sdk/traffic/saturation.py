"""Recognises endpoints that queue instead of refusing: more in flight, no more done, each one slower.

By Little's law throughput is level / latency. If latency grows with more than the square root of the level,
throughput grows with less than it, and the surplus waits in the endpoint's queue. Latencies are averaged as
logarithms (they are near lognormal) in octaves of the level at which attempts started, and a difference
counts only beyond three and a half standard errors.
"""

from __future__ import annotations

import math

QUEUE_FACTOR = 2.0
EVALUATE_EVERY = 16
ENOUGH = 8
SIGMAS = 3.5
MEMORY = 256


class _Octave:
    __slots__ = ("latency", "level", "n", "spread", "updated")

    def __init__(self) -> None:
        self.n = 0.0
        self.latency = self.level = self.spread = self.updated = 0.0

    def add(self, log_latency: float, log_level: float, now: float) -> None:
        self.n = min(self.n + 1.0, MEMORY)
        weight = 1.0 / self.n
        delta = log_latency - self.latency
        self.latency += weight * delta
        self.spread += weight * (delta * delta * (1.0 - weight) - self.spread)
        self.level += weight * (log_level - self.level)
        self.updated = now


class Saturation:
    """Finds the level at which an endpoint is busy; `limit` is None until there is a sign of a queue."""

    def __init__(self) -> None:
        self.limit: float | None = None
        self._octaves: dict[int, _Octave] = {}
        self._seen = 0
        self._base = self._changed = 0.0
        self._sample = _Octave()
        self._previous: tuple[float, float] | None = None

    def observe(self, level: int, latency: float, now: float) -> None:
        """Count one answered attempt."""
        log_latency, log_level = math.log(max(latency, 1e-6)), math.log(level)
        if self.limit is not None:
            if now - latency < self._changed:
                return  # it started under another limit
            self._sample.add(log_latency, log_level, now)
            if self._sample.n >= max(24.0, min(self.limit, MEMORY)):
                self._adjust(now)
            return
        key = level.bit_length()
        octave = self._octaves.get(key)
        if octave is None:
            octave = self._octaves[key] = _Octave()
        octave.add(log_latency, log_level, now)
        self._seen += 1
        if self._seen % EVALUATE_EVERY == 0:
            self._evaluate(now)

    def forget(self) -> None:
        """The endpoint refuses: what it does not take does not wait in a queue."""
        self._octaves.clear()

    def _evaluate(self, now: float) -> None:
        """Look for two octaves between which latency grew too much for throughput to have grown.

        All pairs are looked at: against the lowest levels the knee of the curve is averaged away, and of the
        highest level only the fast attempts may have come back.
        """
        octaves = [octave for _, octave in sorted(self._octaves.items())]
        for index, top in enumerate(octaves):
            if top.n < ENOUGH:
                continue
            bases = [_merged(octaves[:index], ENOUGH), *octaves[:index]]
            for base in bases:
                if base is not None and base.n >= ENOUGH and _saturated(base, top):
                    self._base = base.latency
                    self._set(math.exp(top.level - (top.latency - base.latency)), now)
                    return

    def _set(self, busy: float, now: float) -> None:
        self.limit = max(2.0, QUEUE_FACTOR * busy)
        self._sample, self._changed = _Octave(), now
        self._previous = None
        self._octaves.clear()

    def _adjust(self, now: float) -> None:
        """Steer towards a queue as long as the work itself, and question the base when steering has no effect."""
        assert self.limit is not None
        latency, level = self._sample.latency, self._sample.level
        error = math.sqrt(self._sample.spread / self._sample.n)
        if self._previous is not None:
            level_before, latency_before = self._previous
            fuller, slower = level - level_before, latency - latency_before
            if fuller < -0.1 and slower > 0.5 * fuller + error:
                # fewer in flight, hardly faster: no queue there, so this is how long the work takes now
                self._base = latency
                self.limit, self._changed = math.exp(level_before), now
        self._base = min(self._base, latency + error)
        factor = QUEUE_FACTOR / math.exp(latency - self._base)
        self._previous = (level, latency)
        if factor < 0.8 or factor > 1.25:
            self.limit = max(2.0, self.limit * min(1.5, max(0.7, factor)))
            self._changed = now
        self._sample = _Octave()


def _saturated(base: _Octave, top: _Octave) -> bool:
    slower, fuller = top.latency - base.latency, top.level - base.level
    error = math.sqrt((base.spread + top.spread) / 2 * (1 / base.n + 1 / top.n))
    return fuller >= math.log(2) and slower > max(0.5 * fuller, math.log(1.5), SIGMAS * error)


def _merged(octaves: list[_Octave], enough: int) -> _Octave | None:
    """The lowest octaves together, as many as hold `enough` samples."""
    whole = _Octave()
    for each in octaves:
        total = whole.n + each.n
        if total:
            share = each.n / total
            delta = each.latency - whole.latency
            whole.spread = (
                (1 - share) * whole.spread + share * each.spread + share * (1 - share) * delta * delta
            )
            whole.latency += share * delta
            whole.level += share * (each.level - whole.level)
            whole.n = total
        if whole.n >= enough:
            return whole
    return None
