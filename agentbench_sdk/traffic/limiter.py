"""`Limiter`: the asynchronous edge of the controller, the quotas, the retries and the queue.

    limiter = limiters.of("https://api.openai.com/v1")
    admitted = await limiter.call(lambda: model.generate(request), order=Order(run="r1", stage=2))
    admitted.value, admitted.queue_s, admitted.attempts

A permit is held while one attempt is on the wire. Everything else (a backoff, a Retry-After, a quota) is
waited for in the queue without one.
"""

from __future__ import annotations

import asyncio
import random as random_module
from collections.abc import Awaitable, Callable
from copy import copy
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from itertools import count
from typing import Generic, TypeVar

from agentbench_sdk.errors import (
    ModelError,
    RateLimitedError,
    RequestTimeoutError,
    ServerError,
    TransportError,
)
from agentbench_sdk.models.base import ModelResponse
from agentbench_sdk.traffic.attempt import Attempt
from agentbench_sdk.traffic.clock import Clock, MonotonicClock
from agentbench_sdk.traffic.controller import Controller
from agentbench_sdk.traffic.queue import Entry, Order, WaitingQueue
from agentbench_sdk.traffic.quota import Quotas
from agentbench_sdk.traffic.retry import RetryPolicy, RetryState
from agentbench_sdk.traffic.statistics import History, LimiterStatistics

T = TypeVar("T")
INFINITY = float("inf")
OVERLOADED = (503, 529)


@dataclass(frozen=True, slots=True)
class Admitted(Generic[T]):
    """What an attempt returned, how long the call waited in all (seconds), and how many attempts it took."""

    value: T
    queue_s: float
    attempts: int


class _Permit:
    """The right to one attempt."""

    __slots__ = ("attempt", "reserved")

    def __init__(self, attempt: Attempt, reserved: float) -> None:
        self.attempt, self.reserved = attempt, reserved


class _Waiter:
    """A call in the queue, or resting until it may line up again."""

    __slots__ = ("entry", "future", "order", "since", "tokens")

    def __init__(self, order: Order, tokens: int, since: float, future: asyncio.Future[_Permit]) -> None:
        self.order, self.tokens, self.since, self.future = order, tokens, since, future
        self.entry: Entry[_Waiter] | None = None


class Limiter:
    """Admits attempts to one endpoint as fast as it takes them.

    Arguments:
        endpoint: the endpoint's key, for statistics and error messages.
        max_connections: an upper bound for the adaptive limit; None leaves it to the controller.
        rpm, tpm: requests and tokens per minute; None learns them from `x-ratelimit-*` headers.
        retry: the budget of each call.
        clock, random: time and the source of jitter; injected by tests.
    """

    def __init__(
        self,
        endpoint: str,
        *,
        max_connections: int | None = None,
        rpm: float | None = None,
        tpm: float | None = None,
        retry: RetryPolicy | None = None,
        clock: Clock | None = None,
        random: random_module.Random | None = None,
    ) -> None:
        self.endpoint = endpoint
        self.policy = retry or RetryPolicy()
        self._clock = clock or MonotonicClock()
        self._random = random or random_module.Random(0)
        self._born = self._clock.time()
        self.controller = Controller(max_connections=max_connections)
        self.quotas = Quotas(rpm=rpm, tpm=tpm, now=self._born)
        self._queue: WaitingQueue[_Waiter] = WaitingQueue()
        self._head: _Waiter | None = None
        self._resting: list[tuple[float, int, _Waiter]] = []
        self._waiters: dict[_Waiter, None] = {}
        self._arrivals = count()
        self._timer: asyncio.Task[None] | None = None
        self._timer_at = INFINITY
        self._history = History()
        self._attempts = self._completed = self._refused = self._errors = self._given_up = 0
        self._held_s = self._waited_s = 0.0
        self._last_error = ""

    async def call(
        self, attempt: Callable[[], Awaitable[T]], *, order: Order | None = None, tokens: int = 0
    ) -> Admitted[T]:
        """Run `attempt` when its turn comes, again after errors that may pass.

        Arguments:
            attempt: one try on the wire; raises a ModelError when it fails.
            order: where the call stands in the queue.
            tokens: estimate of the tokens that the call will use, for token quotas; 0 when unknown.

        Raises:
            ModelError: the last attempt's error: repeating would not change it, or attempts or time ran out.
        """
        began = self._clock.time()
        on_wire, attempts = 0.0, 0
        state: RetryState | None = None
        retry_at = began
        error: ModelError | None = None
        while True:
            permit = self._start_at_once(tokens) if attempts == 0 else None
            if permit is None:
                permit = await self._wait(order or _ANY, tokens, began, retry_at, error)
            attempts += 1
            try:
                value = await attempt()
            except ModelError as raised:
                error = raised
            except BaseException:
                self._abandon(permit)
                raise
            else:
                now = self._answered(permit, value)
                queue_s = now - began - on_wire - (now - permit.attempt.started)
                self._waited_s += queue_s
                return Admitted(value, queue_s, attempts)
            now = self._failed(permit, error)
            on_wire += now - permit.attempt.started
            state = state or RetryState(self.policy, self._random)
            decision = state.failed(error, attempts, now)
            self._pump()
            if decision.retry_at is None:
                self._waited_s += now - began - on_wire
                raise self._final(error, decision.reason)
            retry_at = decision.retry_at

    def statistics(self) -> LimiterStatistics:
        """The limiter's state and counts."""
        now = self._clock.time()
        return LimiterStatistics(
            endpoint=self.endpoint,
            limit=self.controller.limit(now),
            rate=self.controller.pace.rate,
            in_flight=self.controller.in_flight,
            waiting=len(self._waiters),
            attempts=self._attempts,
            completed=self._completed,
            refused=self._refused,
            errors=self._errors,
            given_up=self._given_up,
            held_s=self._held_s,
            waited_s=self._waited_s,
            history=tuple(self._history.points),
            last_error=self._last_error,
        )

    # permits

    def _start_at_once(self, tokens: int) -> _Permit | None:
        """A permit without waiting: nobody is before us, and there is room."""
        if self._waiters and (self._head is not None or len(self._queue)):
            return None
        now = self._clock.time()
        if self.controller.ready_at(now) > now:
            return None
        if self.quotas.active and self.quotas.ready_at(tokens, now) > now:
            return None
        return self._permit(tokens, now)

    def _permit(self, tokens: int, now: float) -> _Permit:
        self._attempts += 1
        reserved = self.quotas.take(tokens, now)
        return _Permit(self.controller.start(now, reserved), reserved)

    def _release(self, permit: _Permit, used: float | None) -> float:
        now = self._clock.time()
        self._held_s += now - permit.attempt.started
        self.quotas.settle(permit.reserved, used, now)
        return now

    def _abandon(self, permit: _Permit) -> None:
        now = self._release(permit, None)
        self.controller.abandoned(permit.attempt, now)
        self._pump()

    def _answered(self, permit: _Permit, value: object) -> float:
        used: float | None = None
        quota = None
        if isinstance(value, ModelResponse):
            used, quota = float(value.usage.total_tokens), value.quota
        now = self._release(permit, used)
        if quota is not None:
            self.quotas.learn(quota, now)
        self._completed += 1
        self.controller.answered(permit.attempt, now)
        self._history.note(now - self._born, self.controller.limit(now))
        if self._waiters:
            self._pump()
        return now

    def _failed(self, permit: _Permit, error: ModelError) -> float:
        now = self._release(permit, None)
        self._last_error = str(error)
        controller, attempt = self.controller, permit.attempt
        overloaded = isinstance(error, ServerError) and error.status in OVERLOADED
        if isinstance(error, RateLimitedError) or (overloaded and error.retry_after):
            self._refused += 1
            controller.refused(attempt, now, error.retry_after)
        else:
            self._errors += 1
            if overloaded or isinstance(error, RequestTimeoutError):
                controller.busy(attempt, now)
            elif isinstance(error, ServerError | TransportError):
                controller.failed(attempt, now)
            else:
                controller.answered(attempt, now, timed=False)
            controller.hold_back(now, error.retry_after or 0.0)
        if error.quota is not None:
            self.quotas.learn(error.quota, now)
        self._history.note(now - self._born, controller.limit(now))
        self._expire(now, error)
        return now

    def _final(self, error: ModelError, reason: str) -> ModelError:
        if not reason:
            return error
        self._given_up += 1
        return _given_up(self.endpoint, reason, error)

    # waiting

    async def _wait(
        self, order: Order, tokens: int, since: float, not_before: float, error: ModelError | None
    ) -> _Permit:
        asked = self.controller.not_before - self._clock.time()
        if asked > self.policy.max_time_s:
            raise error or RateLimitedError(
                f"{self.endpoint} asked for a pause of which {asked:.0f} s are left, more than a call may wait "
                f"({self.policy.max_time_s:g} s); run again later",
                retry_after=asked,
            )
        waiter = _Waiter(order, tokens, since, asyncio.get_running_loop().create_future())
        in_line = self._head is not None or len(self._queue) > 0
        self._waiters[waiter] = None
        if not_before > self._clock.time():
            heappush(self._resting, (not_before, next(self._arrivals), waiter))
            self._pump()
        else:
            waiter.entry = self._queue.push(order, waiter)
            if not in_line:  # else the next event, or the timer, looks after those in line already
                self._pump()
        try:
            return await waiter.future
        except BaseException:
            self._leave(waiter)
            raise

    def _leave(self, waiter: _Waiter) -> None:
        """A waiter was cancelled or failed; one that had its permit already gives it back."""
        future = waiter.future
        if future.done() and not future.cancelled() and future.exception() is None:
            self._attempts -= 1
            self._abandon(future.result())
        elif self._waiters.pop(waiter, _GONE) is not _GONE:
            if waiter.entry is not None:
                self._queue.leave(waiter.entry)
            if self._head is waiter:
                self._head = None
            if len(self._resting) > 64 + 2 * len(self._waiters):
                self._resting = [each for each in self._resting if each[2] in self._waiters]
                heapify(self._resting)
            self._pump()

    def _pump(self) -> None:
        """Give permits to those whose turn it is, and see to it that we look again in time."""
        if not self._waiters:
            self._cancel_timer()
            return
        now = self._clock.time()
        if self._resting:
            self._wake_resting(now)
        look_again = self._resting[0][0] if self._resting else INFINITY
        while (ready := self.controller.ready_at(now)) <= now and (waiter := self._next()) is not None:
            if self.quotas.active and (allowed := self.quotas.ready_at(waiter.tokens, now)) > now:
                ready = allowed
                break
            self._head = None
            del self._waiters[waiter]
            waiter.future.set_result(self._permit(waiter.tokens, now))
        if self._head is not None or len(self._queue):
            look_again = min(look_again, ready)
        if self._waiters:
            self._look_again_at(look_again, now)
        else:
            self._cancel_timer()

    def _next(self) -> _Waiter | None:
        """The waiter whose turn it is, at the head until it has its permit; None when nobody is in line."""
        while True:
            head = self._head
            if head is None:
                if not len(self._queue):
                    return None
                head = self._head = self._queue.pop()
                head.entry = None
            if not head.future.done():
                return head
            del self._waiters[head]  # cancelled, and not yet awake to leave by itself
            self._head = None

    def _wake_resting(self, now: float) -> None:
        while self._resting and self._resting[0][0] <= now:
            waiter = heappop(self._resting)[2]
            if waiter in self._waiters:
                waiter.entry = self._queue.push(waiter.order, waiter)

    def _expire(self, now: float, error: ModelError) -> None:
        """Fail the calls whose time ended while nothing came back but failures."""
        barren = self.controller.barren_since
        budget = self.policy.max_time_s
        asked = self.controller.not_before - now
        if asked > budget:
            reason, late = f"the endpoint asked for a pause of {asked:.0f} s", list(self._waiters)
        elif barren is not None and now - barren >= budget and not self.controller.in_flight:
            reason = f"the endpoint has given no answer for {now - barren:.0f} s"
            late = [each for each in self._waiters if now - max(each.since, barren) >= budget]
        else:
            return
        for waiter in late:
            del self._waiters[waiter]
            if waiter.entry is not None:
                self._queue.leave(waiter.entry)
            if self._head is waiter:
                self._head = None
            if not waiter.future.done():
                self._given_up += 1
                waiter.future.set_exception(_given_up(self.endpoint, reason, error))

    # the timer

    def _look_again_at(self, when: float, now: float) -> None:
        if when >= self._timer_at:
            return
        self._cancel_timer()
        if when < INFINITY:
            self._timer_at = when
            self._timer = asyncio.get_running_loop().create_task(self._sleep(when - now))

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer, self._timer_at = None, INFINITY

    async def _sleep(self, seconds: float) -> None:
        await self._clock.sleep(seconds)
        self._timer, self._timer_at = None, INFINITY
        self._pump()


_ANY = Order()
_GONE = object()


def _given_up(endpoint: str, reason: str, error: ModelError) -> ModelError:
    """The last error once more, so that it keeps its type, with why it was not tried again."""
    final = copy(error)
    final.args = (f"{error} (gave up on {endpoint}: {reason})",)
    final.__cause__ = error
    return final


class Limiters:
    """One limiter for each endpoint key; a Bench owns it, so that its runs share limits.

    Arguments: defaults for the limiters it makes, as for `Limiter`.
    """

    def __init__(
        self,
        *,
        max_connections: int | None = None,
        rpm: float | None = None,
        tpm: float | None = None,
        retry: RetryPolicy | None = None,
        clock: Clock | None = None,
        random: random_module.Random | None = None,
    ) -> None:
        self._max_connections, self._rpm, self._tpm = max_connections, rpm, tpm
        self._retry, self._clock, self._random = retry, clock, random
        self._limiters: dict[str, Limiter] = {}

    def of(self, endpoint: str) -> Limiter:
        """The endpoint's limiter, made on first use."""
        limiter = self._limiters.get(endpoint)
        if limiter is None:
            limiter = self._limiters[endpoint] = Limiter(
                endpoint,
                max_connections=self._max_connections,
                rpm=self._rpm,
                tpm=self._tpm,
                retry=self._retry,
                clock=self._clock,
                random=self._random,
            )
        return limiter

    def statistics(self) -> dict[str, LimiterStatistics]:
        """The statistics of every limiter, by endpoint."""
        return {name: limiter.statistics() for name, limiter in self._limiters.items()}
