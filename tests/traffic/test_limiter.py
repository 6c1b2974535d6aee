"""The asynchronous edge, in virtual time."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable

import pytest

from agentbench_sdk.errors import (
    ModelError,
    RateLimitedError,
    RequestRejectedError,
    ServerError,
    TransportError,
)
from agentbench_sdk.messages import Message, Text, Usage
from agentbench_sdk.models.base import ModelResponse, Quota
from agentbench_sdk.traffic import Limiter, Limiters, Order, RetryPolicy
from agentbench_sdk.traffic.queue import FIRST_TURN, JUDGE, LATER_TURN
from tests.traffic.virtual import VirtualClock, run


class Endpoint:
    """A static capacity with a fixed latency; counts what is on the wire and when attempts began."""

    def __init__(self, capacity: int = 10**6, latency: float = 1.0, retry_after: float | None = None) -> None:
        self.capacity, self.latency, self.retry_after = capacity, latency, retry_after
        self.on_wire = self.most = self.served = 0
        self.began: list[float] = []
        self.failures: list[ModelError] = []
        self.broken: Callable[[], ModelError] | None = None

    async def __call__(self) -> int:
        self.began.append(asyncio.get_running_loop().time())
        self.on_wire += 1
        self.most = max(self.most, self.on_wire)
        try:
            if self.broken is not None or self.failures:
                error = self.broken() if self.broken is not None else self.failures.pop(0)
                await asyncio.sleep(0.01)
                raise error
            if self.on_wire > self.capacity:
                await asyncio.sleep(0.005)
                raise RateLimitedError("full", status=429, retry_after=self.retry_after)
            await asyncio.sleep(self.latency)
            self.served += 1
            return self.served
        finally:
            self.on_wire -= 1


def limiter(retry: RetryPolicy | None = None, **options: float | None) -> Limiter:
    cap = options.get("max_connections")
    return Limiter(
        "http://model",
        max_connections=None if cap is None else int(cap),
        rpm=options.get("rpm"),
        tpm=options.get("tpm"),
        retry=retry,
        clock=VirtualClock(),
        random=random.Random(1),
    )


def assert_at_rest(one: Limiter) -> None:
    figures = one.statistics()
    assert (figures.in_flight, figures.waiting) == (0, 0)


def test_a_call_returns_its_value_its_wait_and_its_attempts() -> None:
    """A free endpoint answers at once."""

    async def main() -> None:
        admitted = await limiter().call(Endpoint())
        assert (admitted.value, admitted.queue_s, admitted.attempts) == (1, 0.0, 1)

    run(main())


def test_max_connections_is_never_exceeded() -> None:
    """The cap holds from the first attempt on, also for one that is smaller than the initial limit."""

    async def main() -> None:
        one, endpoint = limiter(max_connections=5), Endpoint()
        await asyncio.gather(*(one.call(endpoint) for _ in range(100)))
        assert endpoint.most == 5
        assert_at_rest(one)

    run(main())


def test_no_permit_is_held_during_a_wait() -> None:
    """At every moment the permits out are the attempts on the wire, backoffs and pauses included."""

    async def main() -> None:
        one, endpoint = limiter(), Endpoint(capacity=7, latency=0.3, retry_after=2.0)
        endpoint.failures = [ServerError("x", status=500) for _ in range(20)]
        calls = asyncio.gather(*(one.call(endpoint) for _ in range(200)))
        while not calls.done():
            await asyncio.sleep(0.0137)
            # a task that was given its permit in this very iteration has not begun yet
            await asyncio.sleep(0)
            assert one.statistics().in_flight == endpoint.on_wire
        assert endpoint.served == 200
        assert one.statistics().held_s == pytest.approx(
            200 * 0.3 + 20 * 0.01 + one.statistics().refused * 0.005, rel=1e-6
        )
        assert_at_rest(one)

    run(main())


def test_retry_after_stops_the_whole_endpoint() -> None:
    """After one refusal with Retry-After nobody starts before it is over, and the wait is told as queueing."""

    async def main() -> None:
        one, endpoint = limiter(), Endpoint(latency=0.1)
        endpoint.failures = [RateLimitedError("slow down", status=429, retry_after=30.0)]
        first = asyncio.create_task(one.call(endpoint))
        await asyncio.sleep(0.02)
        admitted = await asyncio.gather(first, *(one.call(endpoint) for _ in range(5)))
        assert min(endpoint.began[1:]) >= 30.01
        assert admitted[0].attempts == 2
        assert admitted[0].queue_s == pytest.approx(30.0, abs=0.5)

    run(main())


def test_an_error_that_cannot_pass_is_raised_at_once() -> None:
    """A 400 is not repeated and frees its permit."""

    async def main() -> None:
        one, endpoint = limiter(), Endpoint()
        endpoint.failures = [RequestRejectedError("bad", status=400)]
        with pytest.raises(RequestRejectedError, match="bad"):
            await one.call(endpoint)
        assert len(endpoint.began) == 1
        assert_at_rest(one)

    run(main())


def test_the_budget_of_attempts_ends_in_one_typed_error() -> None:
    """It is the last error, and names the endpoint and the reason."""

    async def main() -> None:
        one, endpoint = limiter(RetryPolicy(max_attempts=3)), Endpoint()
        endpoint.failures = [ServerError(f"broken {index}", status=500) for index in range(3)]
        with pytest.raises(ServerError, match=r"broken 2.*http://model.*3 attempts"):
            await one.call(endpoint)
        assert one.statistics().given_up == 1
        assert_at_rest(one)

    run(main())


@pytest.mark.parametrize(
    ("kind", "status"), [(TransportError, None), (ServerError, 503), (RateLimitedError, 429)]
)
def test_a_server_that_is_down_is_not_hammered(kind: type[ModelError], status: int | None) -> None:
    """A thousand waiting calls end within their budget, and the server saw a few hundred attempts at most.

    Without the outage state it would be ten thousand: ten attempts for each call.
    """

    async def main() -> None:
        one, endpoint = limiter(RetryPolicy(max_time_s=300.0)), Endpoint()
        endpoint.broken = lambda: kind("down", status=status)
        results = await asyncio.gather(*(one.call(endpoint) for _ in range(1000)), return_exceptions=True)
        assert all(isinstance(each, kind) for each in results)
        assert len(endpoint.began) <= 150
        assert asyncio.get_running_loop().time() <= 700
        assert_at_rest(one)

    run(main())


def test_an_endpoint_that_comes_back_is_used_again() -> None:
    """After an outage every call is answered, and full speed returns soon."""

    async def main() -> None:
        one, endpoint = limiter(), Endpoint(capacity=64)
        await asyncio.gather(*(one.call(endpoint) for _ in range(500)))
        endpoint.failures = [TransportError("refused") for _ in range(60)]
        began = asyncio.get_running_loop().time()
        await asyncio.gather(*(one.call(endpoint) for _ in range(2000)))
        assert asyncio.get_running_loop().time() - began < 2000 / 64 + 45
        assert_at_rest(one)

    run(main())


def test_a_pause_longer_than_the_budget_fails_the_calls_instead_of_hanging_them() -> None:
    """A Retry-After of a day is an answer, not a reason to wait a day."""

    async def main() -> None:
        one, endpoint = limiter(max_connections=1), Endpoint()
        endpoint.broken = lambda: RateLimitedError("tomorrow", status=429, retry_after=86400.0)
        results = await asyncio.gather(*(one.call(endpoint) for _ in range(20)), return_exceptions=True)
        late = await asyncio.gather(one.call(endpoint), return_exceptions=True)
        assert all(isinstance(each, RateLimitedError) for each in [*results, *late])
        assert asyncio.get_running_loop().time() < 1
        assert_at_rest(one)

    run(main())


def test_the_queue_serves_judges_then_later_turns_then_first_turns() -> None:
    """The order holds through the limiter."""

    async def main() -> None:
        one, served = limiter(max_connections=1), list[str]()

        def attempt(name: str) -> Callable[[], Awaitable[None]]:
            async def go() -> None:
                await asyncio.sleep(1)
                served.append(name)

            return go

        stages = {"first": FIRST_TURN, "later": LATER_TURN, "judge": JUDGE}
        blocker = asyncio.create_task(one.call(attempt("blocker")))
        await asyncio.sleep(0)
        await asyncio.gather(
            blocker, *(one.call(attempt(name), order=Order(stage=stage)) for name, stage in stages.items())
        )
        assert served == ["blocker", "judge", "later", "first"]

    run(main())


@pytest.mark.parametrize("seed", range(25))
def test_random_cancellations_leak_no_permit_and_no_task(seed: int) -> None:
    """Calls cancelled in the queue, on the wire, in a backoff, or in the instant of admission, free all."""

    async def main() -> None:
        rng = random.Random(seed)
        one, endpoint = (
            limiter(rpm=rng.choice([None, 3000])),
            Endpoint(rng.randint(1, 20), rng.choice([0.01, 0.2])),
        )
        endpoint.failures = [ServerError("x", status=500) for _ in range(rng.randint(0, 30))]
        calls = [asyncio.create_task(one.call(endpoint)) for _ in range(150)]
        for victim in rng.sample(calls, 100):
            for _ in range(rng.randint(0, 4)):
                await asyncio.sleep(0)
            await asyncio.sleep(rng.choice([0, 0, 0.003, 0.05]))
            victim.cancel()
        results = await asyncio.gather(*calls, return_exceptions=True)
        assert all(
            isinstance(each, asyncio.CancelledError) or not isinstance(each, BaseException)
            for each in results
        )
        assert_at_rest(one)
        assert endpoint.on_wire == 0
        assert (await one.call(endpoint)).value == endpoint.served

    run(main())


def test_an_error_that_is_no_model_error_frees_the_permit_and_passes_through() -> None:
    """A bug in an attempt is not retried and not hidden."""

    async def main() -> None:
        one = limiter(max_connections=1)

        async def broken() -> None:
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await one.call(broken)
        assert_at_rest(one)

    run(main())


def test_quotas_are_learned_from_responses_and_obeyed() -> None:
    """With nothing remaining, calls come at the rate at which the quota flows back, without a refusal."""

    async def main() -> None:
        one = limiter()
        quota = Quota(requests_limit=120, requests_remaining=0, requests_reset_s=60.0)
        response = ModelResponse(Message("assistant", (Text("hi"),)), usage=Usage(10, 5), quota=quota)

        async def attempt() -> ModelResponse:
            await asyncio.sleep(0.1)
            return response

        await one.call(attempt)
        before = asyncio.get_running_loop().time()
        await asyncio.gather(*(one.call(attempt) for _ in range(20)))
        assert asyncio.get_running_loop().time() - before >= 20 / 2 - 1

    run(main())


def test_a_given_tpm_slows_down_before_the_refusal() -> None:
    """6,000 tokens a minute are a hundred a second, whatever the sizes of the calls."""

    async def main() -> None:
        one, endpoint, rng = limiter(tpm=6000), Endpoint(latency=0.1), random.Random(3)
        sizes = [int(rng.lognormvariate(4, 1)) + 1 for _ in range(300)]
        await asyncio.gather(*(one.call(endpoint, tokens=size) for size in sizes))
        ideal = sum(sizes) / 100
        assert ideal - 5 <= asyncio.get_running_loop().time() <= ideal / 0.95

    run(main())


@pytest.mark.parametrize("capacity", [8, 32, 100])
def test_the_real_limiter_is_as_efficient_as_the_simulated_one(capacity: int) -> None:
    """2,000 calls of one second against a static capacity: 0.90 of the ideal, few refusals, all answered."""

    async def main() -> None:
        one, endpoint = limiter(), Endpoint(capacity)
        await asyncio.gather(*(one.call(endpoint) for _ in range(2000)))
        ideal = -(-2000 // capacity)
        assert ideal / asyncio.get_running_loop().time() >= 0.90
        assert one.statistics().refused <= 0.03 * 2000
        assert_at_rest(one)

    run(main())


def test_statistics_tell_the_counts_and_a_thinned_history() -> None:
    """The history is bounded, ordered in time and ends near the present limit."""

    async def main() -> None:
        one, endpoint = limiter(), Endpoint(40, 0.1)
        await asyncio.gather(*(one.call(endpoint) for _ in range(5000)))
        figures = one.statistics()
        assert figures.completed == 5000
        assert figures.attempts == 5000 + figures.refused
        assert 1 < len(figures.history) <= 513
        assert [time for time, _ in figures.history] == sorted(time for time, _ in figures.history)
        assert figures.to_dict()["history"][0] == list(figures.history[0])

    run(main())


def test_one_limiter_for_each_endpoint() -> None:
    """Models of one endpoint share a limit; endpoints share nothing."""

    async def main() -> None:
        limiters = Limiters(max_connections=3, clock=VirtualClock())
        assert limiters.of("a") is limiters.of("a")
        assert limiters.of("a") is not limiters.of("b")
        assert set(limiters.statistics()) == {"a", "b"}

    run(main())


def test_statistics_tell_what_the_newest_failed_attempt_said() -> None:
    """So that whoever waits for an endpoint that is silent learns why."""

    async def main() -> None:
        one, endpoint = limiter(), Endpoint()
        assert one.statistics().last_error == ""
        endpoint.failures = [ServerError("first", status=500), TransportError("the host is not known")]
        await one.call(endpoint)
        assert one.statistics().last_error == "the host is not known"

    run(main())
