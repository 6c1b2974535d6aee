"""One attempt on the wire, as the controller remembers it."""

from __future__ import annotations

from enum import IntEnum


class Fate(IntEnum):
    """What became of an attempt, as far as the endpoint's room for it is concerned."""

    FLYING = 0
    ACCEPTED = 1
    REFUSED = 2
    LOST = 3


class Attempt:
    """The ticket that `Controller.start` hands out and that the end of the attempt gives back.

    Attributes:
        started: when it went out, in seconds of the injected clock.
        level: attempts in flight when it started, itself included.
        epoch: number of congestion events known when it started; a refusal of an older epoch belongs
            to an event that has been answered already.
        fate: what became of it.
        replaces: whether it took the place of one that was answered a moment before.
        burst: whether it tests if several may start at once.
        tokens: estimate of the tokens it uses, 0 when unknown.
        cost: what it counts for the pace, in calls of typical size.
    """

    __slots__ = ("burst", "cost", "epoch", "fate", "level", "replaces", "started", "tokens")

    def __init__(self, started: float, level: int, epoch: int) -> None:
        self.started, self.level, self.epoch = started, level, epoch
        self.fate = Fate.FLYING
        self.replaces = self.burst = False
        self.tokens, self.cost = 0.0, 1.0
