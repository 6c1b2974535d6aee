"""A discrete-event world of endpoints and clients in virtual time, without asyncio."""

from __future__ import annotations

import heapq
import math
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Protocol

from agentbench_sdk.traffic.attempt import Attempt
from agentbench_sdk.traffic.controller import Controller
from agentbench_sdk.traffic.quota import Quotas


class World:
    """The virtual clock and what is due."""

    def __init__(self) -> None:
        self.now = 0.0
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._order = count()

    def at(self, when: float, action: Callable[[], None]) -> None:
        heapq.heappush(self._due, (max(when, self.now), next(self._order), action))

    def run(self, done: Callable[[], bool], horizon: float = 1e7) -> None:
        while self._due and not done():
            self.now, _, action = heapq.heappop(self._due)
            if self.now > horizon:
                return
            action()


@dataclass
class Reply:
    kind: str  # ok, refused, error, busy
    retry_after: float | None = None


class Server(Protocol):
    def submit(self, size: int, reply: Callable[[Reply], None]) -> None: ...


Latency = Callable[[random.Random], float]


def constant(seconds: float) -> Latency:
    return lambda _: seconds


def lognormal(mean: float, sigma: float = 0.8) -> Latency:
    mu = math.log(mean) - sigma * sigma / 2
    return lambda rng: rng.lognormvariate(mu, sigma)


@dataclass
class Static:
    """Room for `capacity` at once; refuses the rest after a short delay."""

    world: World
    rng: random.Random
    capacity: int
    latency: Latency
    retry_after: float | None = None
    refusal: float = 0.005
    errors: float = 0.0
    status: str = "error"
    in_flight: int = 0

    def submit(self, size: int, reply: Callable[[Reply], None]) -> None:
        if self.in_flight >= self.capacity:
            self.world.at(self.world.now + self.refusal, lambda: reply(Reply("refused", self.retry_after)))
            return
        if self.errors and self.rng.random() < self.errors:
            self.world.at(self.world.now + self.refusal, lambda: reply(Reply(self.status)))
            return
        self.in_flight += 1

        def finish() -> None:
            self.in_flight -= 1
            reply(Reply("ok"))

        self.world.at(self.world.now + self.latency(self.rng), finish)


@dataclass
class Bucket:
    """Tokens flow in at `rate` per second up to `depth`; a request costs 1, or its size."""

    world: World
    rng: random.Random
    rate: float
    depth: float
    latency: Latency
    retry_after: float | None = None
    refusal: float = 0.005
    by_size: bool = False
    level: float = math.inf
    last: float = 0.0

    def submit(self, size: int, reply: Callable[[Reply], None]) -> None:
        now = self.world.now
        self.level = min(self.depth, self.level + (now - self.last) * self.rate)
        self.last = now
        cost = min(size, self.depth) if self.by_size else 1.0
        if self.level < cost - 1e-9:
            self.world.at(now + self.refusal, lambda: reply(Reply("refused", self.retry_after)))
            return
        self.level -= cost
        self.world.at(now + self.latency(self.rng), lambda: reply(Reply("ok")))


@dataclass
class Queueing:
    """`workers` serve first come, first served; nothing is ever refused."""

    world: World
    rng: random.Random
    workers: int
    latency: Latency
    busy: int = 0
    waiting: list[Callable[[Reply], None]] = field(default_factory=list)

    def submit(self, size: int, reply: Callable[[Reply], None]) -> None:
        self.waiting.append(reply)
        self.pump()

    def pump(self) -> None:
        while self.busy < self.workers and self.waiting:
            reply = self.waiting.pop(0)
            self.busy += 1

            def finish(reply: Callable[[Reply], None] = reply) -> None:
                self.busy -= 1
                self.pump()
                reply(Reply("ok"))

            self.world.at(self.world.now + self.latency(self.rng), finish)


class Driver(Protocol):
    """What a client asks before it starts an attempt, and tells afterwards."""

    def ready_at(self, now: float) -> float: ...
    def start(self, now: float, tokens: float = 0.0) -> Attempt: ...
    def answered(self, attempt: Attempt, now: float) -> None: ...
    def refused(self, attempt: Attempt, now: float, retry_after: float | None = None) -> None: ...
    def busy(self, attempt: Attempt, now: float) -> None: ...
    def failed(self, attempt: Attempt, now: float) -> None: ...
    def limit(self, now: float) -> int: ...


class Oracle:
    """The ideal: knows the room and the rate, so what it reaches is what there is to reach."""

    def __init__(self, limit: int = 10**9, rate: float = math.inf) -> None:
        self._limit, self._gap, self._next, self._in_flight = limit, 1 / rate, 0.0, 0

    def limit(self, now: float) -> int:
        return self._limit

    def ready_at(self, now: float) -> float:
        return self._next if self._in_flight < self._limit else math.inf

    def start(self, now: float, tokens: float = 0.0) -> Attempt:
        self._in_flight += 1
        self._next = max(self._next, now) + self._gap
        return Attempt(now, self._in_flight, 0)

    def answered(self, attempt: Attempt, now: float) -> None:
        self._in_flight -= 1

    def refused(self, attempt: Attempt, now: float, retry_after: float | None = None) -> None:
        self._in_flight -= 1

    busy = failed = answered


class Client:
    """As many calls as wanted, through a controller (or an oracle), against a server."""

    def __init__(
        self,
        world: World,
        server: Server,
        calls: int,
        rng: random.Random,
        driver: Driver | None = None,
        quotas: Quotas | None = None,
        sizes: Callable[[random.Random], int] = lambda _: 1,
    ) -> None:
        self.world, self.server, self.rng, self.calls = world, server, rng, calls
        self.controller: Driver = driver or Controller()
        self.quotas, self._sizes = quotas, sizes
        self._todo = [sizes(rng) for _ in range(calls)]
        self._later: list[tuple[float, int]] = []
        self._timer = math.inf
        self.done_at: list[float] = []
        self.refused_at: list[float] = []
        self.started_at: list[float] = []
        self.errors_at: list[float] = []
        self.limits: list[int] = []

    @property
    def finished(self) -> bool:
        return len(self.done_at) >= self.calls

    def pump(self) -> None:
        world = self.world
        while True:
            while self._later and self._later[0][0] <= world.now:
                self._todo.append(heapq.heappop(self._later)[1])
            if not self._todo:
                if self._later:
                    self._wake(self._later[0][0])
                return
            ready = self.controller.ready_at(world.now)
            if self.quotas is not None:
                ready = max(ready, self.quotas.ready_at(self._todo[-1], world.now))
            if ready > world.now:
                if ready < math.inf:
                    self._wake(ready)
                return
            self._launch(self._todo.pop())

    def _wake(self, when: float) -> None:
        if when < self._timer:
            self._timer = when

            def fire() -> None:
                if self._timer == when:
                    self._timer = math.inf
                    self.pump()

            self.world.at(when, fire)

    def _launch(self, size: int) -> None:
        attempt = self.controller.start(self.world.now, float(size))
        reserved = self.quotas.take(size, self.world.now) if self.quotas is not None else 0.0
        self.started_at.append(self.world.now)

        def reply(answer: Reply) -> None:
            now = self.world.now
            if self.quotas is not None:
                self.quotas.settle(reserved, size if answer.kind == "ok" else None, now)
            self._settle(answer, attempt, size)
            self.pump()

        self.server.submit(size, reply)

    def _settle(self, answer: Reply, attempt: Attempt, size: int) -> None:
        now, controller = self.world.now, self.controller
        if answer.kind == "ok":
            controller.answered(attempt, now)
            self.done_at.append(now)
            self.limits.append(controller.limit(now))
            return
        if answer.kind == "refused":
            controller.refused(attempt, now, answer.retry_after)
            self.refused_at.append(now)
        else:
            (controller.busy if answer.kind == "busy" else controller.failed)(attempt, now)
            self.errors_at.append(now)
        heapq.heappush(self._later, (now + self.rng.uniform(0.25, 0.5), size))


Make = Callable[[World, random.Random], Server]


def simulate(
    make: Make,
    calls: int,
    seed: int,
    driver: Driver | None = None,
    quotas: Quotas | None = None,
    sizes: Callable[[random.Random], int] = lambda _: 1,
) -> Client:
    """One client against one server until all calls are answered."""
    world = World()
    server = make(world, random.Random(seed))
    client = Client(world, server, calls, random.Random(seed + 1), driver, quotas, sizes)
    client.pump()
    world.run(lambda: client.finished)
    assert client.finished, f"only {len(client.done_at)} of {calls} calls were answered"
    return client


@dataclass(frozen=True)
class Figures:
    """Efficiency against the oracle (whole run, steady state) and the share refused in the steady state."""

    run: float
    steady: float
    refused: float
    limit: int


def measure(
    make: Make, seed: int, oracle: Callable[[], Oracle], *, run_calls: int = 2000, calls: int = 6000
) -> Figures:
    """A run of `run_calls` and, in a longer one, the steady state between a third and nine tenths of it."""
    run = simulate(make, run_calls, seed)
    ideal = simulate(make, run_calls, seed, oracle())
    long, long_ideal = simulate(make, calls, seed), simulate(make, calls, seed, oracle())
    first, last = calls // 3, calls * 9 // 10
    refused = sum(long.done_at[first] <= when < long.done_at[last] for when in long.refused_at)
    return Figures(
        run=ideal.done_at[-1] / run.done_at[-1],
        steady=(long_ideal.done_at[last] - long_ideal.done_at[first])
        / (long.done_at[last] - long.done_at[first]),
        refused=refused / (last - first),
        limit=sorted(long.limits[first:last])[(last - first) // 2],
    )
