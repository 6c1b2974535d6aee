"""When an answer from the cache counts, and when a new one is asked for."""

from __future__ import annotations

from enum import StrEnum


class CachePolicy(StrEnum):
    """What the cache is used for.

    Attributes:
        REUSE: a recorded answer is used, a missing one is asked for and recorded.
        REFRESH: only what this run (its draw namespace) recorded is used; older answers are asked for
            again and replaced. A refreshing run can so be resumed.
        REPLAY: only recorded answers are used; a missing one is a `CacheMissError`. Makes no call.
        OFF: nothing is read or written; every request is a call of its own.
    """

    REUSE = "reuse"
    REFRESH = "refresh"
    REPLAY = "replay"
    OFF = "off"
