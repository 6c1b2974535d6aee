"""What a world that is not deterministic said the first time, kept apart from what it says now.

Each call is executed, so that the world comes to the same state; what the session goes on with is what was
said the first time. A place in a session is told by all that models said before it, and by what was asked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from hashlib import sha256
from typing import NamedTuple

from agentbench_sdk.canonical import JSON, canonical_json, digest
from agentbench_sdk.messages import Message

Settle = Callable[[Mapping[str, JSON], Mapping[str, JSON]], Awaitable[Mapping[str, JSON]]]
"""Given what was asked and what came now: what counts, which is what came first."""


class Recalled(NamedTuple):
    """What the session goes on with.

    Attributes:
        given: what counts.
        drift: those parts that came out otherwise now; empty where nothing did.
    """

    given: Mapping[str, JSON]
    drift: Mapping[str, JSON]


class Memory:
    """The memory of one session.

    Arguments:
        settle: records what came now, or gives what came first.
    """

    def __init__(self, settle: Settle) -> None:
        self._settle = settle
        self._said = sha256()
        self._turn = 0
        self._asked: Counter[str] = Counter()

    def answered(self, message: Message) -> None:
        """A model said something; what is asked after it is another place."""
        self._said.update(message.canonical() + b"\n")
        self._turn += 1
        self._asked.clear()

    def place(self, **asked: JSON) -> Mapping[str, JSON]:
        """Where in the session something is asked; to be called before it is answered."""
        identity = digest(asked)
        again = self._asked[identity]
        self._asked[identity] += 1
        return {**asked, "turn": self._turn, "after": self._said.hexdigest(), "again": again}

    async def recall(self, place: Mapping[str, JSON], now: Mapping[str, JSON]) -> Recalled:
        """What counts of what came now at a place.

        Raises:
            CacheError: it cannot be recorded.
            EnvironmentFaultError: it is no valid Unicode or JSON.
        """
        given = await self._settle(place, now)
        drift = {name: found for name, found in now.items() if not _same(given.get(name), found)}
        return Recalled(given, drift)


def _same(one: JSON, other: JSON) -> bool:
    return canonical_json(one) == canonical_json(other)
