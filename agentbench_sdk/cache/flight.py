"""Single flight: identical requests that are under way become one.

The first caller leads, the others follow. What happens to the leader decides:

- it succeeds: the followers are given its result;
- it fails: the followers are given the same error, since theirs would have been the same attempt; each
  decides for itself whether to try again;
- it is cancelled: that is nobody else's affair, so one of the followers takes the lead and calls anew.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class FlightStatistics:
    """How often callers led, followed, and took over from a cancelled leader; and what is under way."""

    led: int
    followed: int
    taken_over: int
    in_flight: int


class _Abandoned:
    """The leader was cancelled before it had a result."""


class _Flight(Generic[T]):
    __slots__ = ("followers",)

    def __init__(self) -> None:
        self.followers: list[asyncio.Future[T | _Abandoned]] = []

    def follow(self) -> asyncio.Future[T | _Abandoned]:
        future: asyncio.Future[T | _Abandoned] = asyncio.get_running_loop().create_future()
        self.followers.append(future)
        return future

    def land(self, result: T | _Abandoned) -> None:
        for future in self.followers:
            if not future.done():
                future.set_result(result)

    def crash(self, error: Exception) -> None:
        for future in self.followers:
            if not future.done():
                future.set_exception(error)


class SingleFlight(Generic[T]):
    """At most one call in flight a key, on one event loop.

    result, followed = await flights.run(key, call)
    """

    def __init__(self) -> None:
        self._flights: dict[str, _Flight[T]] = {}
        self._led = self._followed = self._taken_over = 0

    def __contains__(self, key: str) -> bool:
        return key in self._flights

    def statistics(self) -> FlightStatistics:
        return FlightStatistics(self._led, self._followed, self._taken_over, len(self._flights))

    async def run(self, key: str, call: Callable[[], Awaitable[T]]) -> tuple[T, bool]:
        """Make the call, or wait for the same call of somebody else.

        Returns:
            The result, and whether it was somebody else's.

        Raises:
            Exception: whatever the call that was waited for raised.
        """
        abandoned = False
        while (flight := self._flights.get(key)) is not None:
            result = await flight.follow()
            if not isinstance(result, _Abandoned):
                self._followed += 1
                return result, True
            abandoned = True
        self._taken_over += abandoned
        return await self._lead(key, call), False

    async def _lead(self, key: str, call: Callable[[], Awaitable[T]]) -> T:
        flight: _Flight[T] = _Flight()
        self._flights[key] = flight
        self._led += 1
        outcome: T | _Abandoned = _Abandoned()
        try:
            outcome = await call()
        except Exception as error:
            flight.crash(error)
            raise
        finally:
            # Removed before anybody wakes: a follower that takes over must find the place free.
            del self._flights[key]
            flight.land(outcome)
        return outcome
