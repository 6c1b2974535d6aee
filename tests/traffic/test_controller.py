"""The adaptive limit against simulated endpoints, in virtual time, from the pure controller.

Efficiency is measured against an oracle that knows the room and the rate, in the same world and with the
same seeds: what a server's latencies cost at the start and the end of a run costs both alike.
"""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from agentbench_sdk.traffic.controller import Controller
from agentbench_sdk.traffic.quota import Quotas
from tests.traffic.simulation import (
    Bucket,
    Client,
    Figures,
    Latency,
    Make,
    Oracle,
    Queueing,
    Server,
    Static,
    World,
    constant,
    lognormal,
    measure,
    simulate,
)

LATENCIES = {"constant": constant(1.0), "lognormal": lognormal(1.0)}
SEEDS = (11, 12, 13)
latencies = pytest.mark.parametrize("latency", LATENCIES.values(), ids=LATENCIES)


def static(capacity: int, latency: Latency, **options: float) -> Make:
    def make(world: World, rng: random.Random) -> Server:
        return Static(world, rng, capacity, latency, errors=options.get("errors", 0.0))

    return make


def reached(client: Client, completions: int) -> Callable[[], bool]:
    return lambda: len(client.done_at) >= completions


def worst(make: Make, oracle: Callable[[], Oracle], calls: int = 5000) -> Figures:
    figures = [measure(make, seed, oracle, calls=calls) for seed in SEEDS]
    return Figures(
        run=min(each.run for each in figures),
        steady=min(each.steady for each in figures),
        refused=max(each.refused for each in figures),
        limit=max(each.limit for each in figures),
    )


@latencies
@pytest.mark.parametrize(
    ("capacity", "run"), [(1, 0.95), (8, 0.95), (32, 0.95), (128, 0.95), (300, 0.85), (512, 0.7)]
)
def test_a_static_capacity_is_used_and_hardly_ever_exceeded(
    capacity: int, run: float, latency: Latency
) -> None:
    """0.95 in the steady state with at most 2 % refused, and 0.90 of a run with its ramp.

    A run of 2,000 calls at 512 at once lasts four round trips. In the first of them at most 128 are out, for
    nothing is known of the endpoint, so that with constant latency five are needed: 0.80 is all there is, 0.93 at
    300. The steady state is taken over twenty round trips at least: with constant latency answers come in bursts
    of the whole capacity, and over a few of them where a burst falls says more than the controller does.
    """
    figures = worst(static(capacity, latency), lambda: Oracle(capacity), max(5000, 20 * capacity))
    assert figures.steady >= 0.95
    assert figures.refused <= 0.02
    assert figures.run >= run


@latencies
@pytest.mark.parametrize("capacity", [8, 32, 100])
def test_room_that_asks_for_pauses_is_not_asked_again_at_once(capacity: int, latency: Latency) -> None:
    """`Retry-After: 1` stops all places for a round trip: 0.94 of a run of 2,000 calls, what is learned included.

    A second question that comes as soon as it may without pauses would leave 0.91.
    """

    def make(world: World, rng: random.Random) -> Server:
        return Static(world, rng, capacity, latency, retry_after=1.0)

    for seed in SEEDS:
        run, ideal = simulate(make, 2000, seed), simulate(make, 2000, seed, Oracle(capacity))
        assert ideal.done_at[-1] / run.done_at[-1] >= 0.94


@latencies
@pytest.mark.parametrize("rate", [5, 20, 100])
def test_a_token_bucket_is_emptied_and_hardly_ever_overdrawn(rate: int, latency: Latency) -> None:
    """0.95 of the rate in the steady state with at most 2 % refused, and 0.90 of a run with its ramp."""
    figures = worst(lambda world, rng: Bucket(world, rng, rate, rate, latency), lambda: Oracle(rate=rate))
    assert figures.steady >= 0.95
    assert figures.refused <= 0.02
    assert figures.run >= 0.9


@latencies
@pytest.mark.parametrize("rate", [5, 20, 100, 200])
def test_a_bucket_without_depth_is_found_and_used(rate: int, latency: Latency) -> None:
    """A bucket that allows no two requests at once looks at first like room for one; 0.94 is reached.

    No bound is put on the first run: with a window of one it takes a round trip to learn anything. In the
    steady state each refusal costs up to half a second until the call comes again, in which nothing is stored.
    """
    figures = worst(lambda world, rng: Bucket(world, rng, rate, 1, latency), lambda: Oracle(rate=rate), 6000)
    assert figures.steady >= 0.94
    assert figures.refused <= 0.02


@latencies
@pytest.mark.parametrize("depth", [3, 10, 30])
@pytest.mark.parametrize("rate", [20, 100])
def test_a_bucket_of_some_depth_is_found_by_a_burst(rate: int, depth: int, latency: Latency) -> None:
    """With evenly spaced starts it looks like room, whatever its depth; the steady state is the rate."""
    figures = worst(
        lambda world, rng: Bucket(world, rng, rate, min(rate, depth), latency),
        lambda: Oracle(rate=rate),
        6000,
    )
    assert figures.steady >= 0.95
    assert figures.refused <= 0.02


@latencies
@pytest.mark.parametrize("rate", [5, 20, 100])
def test_a_deep_bucket_that_asks_for_pauses_is_emptied(rate: int, latency: Latency) -> None:
    """`Retry-After: 1` stops everybody for a second; a deep bucket fills meanwhile, so nothing is lost."""
    figures = worst(
        lambda world, rng: Bucket(world, rng, rate, rate, latency, retry_after=1.0), lambda: Oracle(rate=rate)
    )
    assert figures.steady >= 0.95
    assert figures.refused <= 0.02


@latencies
@pytest.mark.parametrize("rate", [5, 20, 100, 200])
def test_a_shallow_bucket_that_asks_for_pauses_is_asked_rarely_too_often(rate: int, latency: Latency) -> None:
    """Each refusal costs such a bucket a second for good, so it is asked too much once in 50 times what it costs.

    Of a second in fifty 0.98 would be left, and half a per cent goes to the way up to the rate. But the calls that
    are measured, 3,300, are less than fifty seconds' worth from 66 a second on; at 200 they take 16 s, and the one
    pause with which the bounds close on the rate is 6 % of them if it falls among them.
    """
    figures = worst(
        lambda world, rng: Bucket(world, rng, rate, 1, latency, retry_after=1.0),
        lambda: Oracle(rate=rate),
        6000,
    )
    assert figures.steady >= (0.90 if rate == 200 else 0.93)
    assert figures.refused <= 0.02


@latencies
@pytest.mark.parametrize("pause", [0.1, 1.0])
@pytest.mark.parametrize("depth", [3, 10, 30])
@pytest.mark.parametrize("rate", [20, 100])
def test_a_bucket_of_some_depth_that_asks_for_pauses_is_asked_rarely_too_often(
    rate: int, depth: int, pause: float, latency: Latency
) -> None:
    """A pause costs what flows over meanwhile; one pause of a second is 3 % of what is measured at 100 a second."""
    figures = worst(
        lambda world, rng: Bucket(world, rng, rate, min(rate, depth), latency, retry_after=pause),
        lambda: Oracle(rate=rate),
        6000,
    )
    assert figures.steady >= 0.95
    assert figures.refused <= 0.02


@pytest.mark.parametrize("pause", [None, 0.1])
@pytest.mark.parametrize("depth", [1, 10, 50])
@pytest.mark.parametrize(("before", "after"), [(20, 40), (40, 20)])
def test_a_change_of_rate_is_followed(before: int, after: int, depth: int, pause: float | None) -> None:
    """What was known of the bucket is contradicted then, and learned anew."""
    for seed in SEEDS:
        world = World()
        server = Bucket(world, random.Random(seed), before, depth, lognormal(0.3, 0.5), retry_after=pause)
        client = Client(world, server, 10**6, random.Random(seed + 1))
        client.pump()
        world.run(reached(client, 3000))
        server.rate = after
        world.run(reached(client, 4000))
        since = world.now
        world.run(reached(client, 7000))
        assert 3000 / (world.now - since) / after >= 0.88
        assert sum(when > since for when in client.refused_at) <= 0.025 * 3000


@pytest.mark.parametrize("rate", [20, 200])
def test_pauses_never_drive_the_pace_beyond_what_is_accepted(rate: int) -> None:
    """What a bucket stores during pauses is accepted afterwards in a burst, which is not its rate."""

    def make(world: World, rng: random.Random) -> Server:
        return Bucket(world, rng, rate, rate, LATENCIES["lognormal"], retry_after=1.0)

    for seed in SEEDS:
        controller = Controller()
        simulate(make, 6000, seed, controller)
        assert controller.pace.base is None or controller.pace.base <= 3 * rate


@latencies
@pytest.mark.parametrize("workers", [1, 8, 32, 128])
def test_a_server_that_queues_is_kept_busy_and_not_buried(workers: int, latency: Latency) -> None:
    """Nothing is refused, so only latency tells: full throughput, and a limit of a few times the optimum.

    With one worker the first attempts all wait in the queue and there is no unloaded latency to compare
    with; the limit then stays within twice the 32 attempts that a client begins with.
    """
    figures = worst(lambda world, rng: Queueing(world, rng, workers, latency), lambda: Oracle(workers))
    assert figures.steady >= 0.95
    assert figures.run >= 0.9
    assert figures.limit <= max(64, 3 * workers)


@pytest.mark.parametrize("given", [True, False])
@pytest.mark.parametrize("seconds", [1, 6])
def test_a_token_per_minute_bucket_with_lognormal_sizes(given: bool, seconds: int) -> None:
    """With the quota given nothing is refused; without it the sizes of the refused tell, and 2 % is kept.

    The first calls pay for what is learned, so that a whole run of 4,000 calls reaches 0.85 without the number.
    """

    def sizes(rng: random.Random) -> int:
        return int(rng.lognormvariate(6, 0.8)) + 1

    def make(world: World, rng: random.Random) -> Server:
        return Bucket(world, rng, 10_000, 10_000 * seconds, LATENCIES["lognormal"], by_size=True)

    for seed in SEEDS:
        quotas = Quotas(tpm=600_000.0) if given else None
        client = simulate(make, 4000, seed, None, quotas, sizes)
        rng = random.Random(seed + 1)
        total = sum(sizes(rng) for _ in range(4000))
        efficiency = (total - 10_000 * seconds) / 10_000 / client.done_at[-1]
        assert efficiency >= (0.93 if given else 0.85)
        steady = sum(client.done_at[1300] <= when < client.done_at[3600] for when in client.refused_at)
        assert steady <= (0 if given else 0.02 * 2300)


@latencies
def test_a_limit_of_128_is_reached_within_150_completions(latency: Latency) -> None:
    """The growth is bounded by the endpoint's answers, not by a timetable."""
    for seed in SEEDS:
        client = simulate(static(4000, latency), 3000, seed)
        assert max(client.limits[:150]) >= 128


@pytest.mark.parametrize(("before", "after"), [(8, 16), (32, 64), (64, 128), (128, 64), (64, 32), (16, 8)])
@latencies
def test_a_change_of_capacity_is_followed_within_200_completions(
    before: int, after: int, latency: Latency
) -> None:
    """Doubled or halved in mid-run: the places in use are 90 % of what there is, averaged over a while after."""
    for seed in SEEDS:
        world = World()
        server = Static(world, random.Random(seed), before, latency)
        client = Client(world, server, 10**6, random.Random(seed + 1))
        client.pump()
        world.run(reached(client, 3000))
        server.capacity = after
        world.run(reached(client, 3200))
        area, since, last = 0.0, world.now, world.now
        while len(client.done_at) < 3200 + 6 * after:
            in_use = server.in_flight
            world.run(reached(client, len(client.done_at) + 1))
            area, last = area + in_use * (world.now - last), world.now
        assert area / (last - since) / after >= 0.9


@latencies
@pytest.mark.parametrize("capacity", [8, 32, 128])
@pytest.mark.parametrize("status", ["error", "busy"])
def test_random_server_errors_never_halve_the_limit(capacity: int, status: str, latency: Latency) -> None:
    """2 % random 500s or 503s are noise: the limit stays above half of the optimum and throughput holds."""
    for seed in SEEDS:

        def make(world: World, rng: random.Random) -> Server:
            return Static(world, rng, capacity, latency, errors=0.02, status=status)

        client = simulate(make, 5000, seed)
        assert client.errors_at
        assert min(client.limits[300:4700]) >= capacity / 2
        elapsed = client.done_at[4500] - client.done_at[1500]
        assert 3000 / elapsed / capacity >= 0.90


def test_calls_of_a_tenth_of_a_second_on_32_places_waste_little() -> None:
    """2,000 calls, 32 at once, beyond it 429 with Retry-After: 0.93 with the ramp, at most 1 % refused.

    A pause is a round trip here, in which all places stand empty, and there are 62 of them: each costs 1.6 %.
    """
    client = simulate(
        lambda world, rng: Static(world, rng, 32, constant(0.1), retry_after=0.1, refusal=0.001), 2000, 11
    )
    assert 2000 * 0.1 / 32 / client.done_at[-1] >= 0.93
    assert len(client.refused_at) <= 0.01 * 2000


def test_a_bucket_of_200_a_second_is_found_in_seconds() -> None:
    """5,000 calls at 200 a second with ten at once, beyond it 429 with Retry-After: 0.95 with the ramp, 1 % refused."""
    client = simulate(
        lambda world, rng: Bucket(world, rng, 200, 10, constant(0.05), retry_after=0.1, refusal=0.001),
        5000,
        11,
    )
    assert (4990 / 200 + 0.05) / client.done_at[-1] >= 0.95
    assert len(client.refused_at) <= 0.01 * 5000


def test_an_endpoint_that_takes_any_number_is_opened_within_the_first_round_trip() -> None:
    """Of 200 sessions 128 are out before the first answer, and the rest soon after it."""
    client = simulate(static(10**6, constant(0.1)), 200, 11)
    assert client.done_at[-1] <= 0.235
    assert sum(when < 0.1 for when in client.started_at) >= 121


def test_a_refusal_ends_the_opening() -> None:
    """Nothing is known before the first answer but whether refusals come, and they come at once."""
    controller = Controller()
    first = [controller.start(0.0) for _ in range(32)]
    opens = controller.ready_at(0.0)
    assert 0.0 < opens < 0.1
    controller.refused(first[-1], 0.005)
    assert controller.limit(opens) < 32


def shares(capacity: int, latency: Latency, seed: int, late: float) -> tuple[list[int], float, float]:
    """Completions of two clients in 450 round trips, the efficiency of both together, the share refused."""
    world = World()
    server = Static(world, random.Random(seed), capacity, latency)
    clients = [Client(world, server, 10**6, random.Random(seed + each)) for each in (1, 2)]
    clients[0].pump()
    world.at(late, clients[1].pump)
    world.run(lambda: world.now > 600)
    done = [sum(150 < when <= 600 for when in each.done_at) for each in clients]
    refused = sum(150 < when <= 600 for each in clients for when in each.refused_at)
    return done, sum(done) / 450 / capacity, refused / sum(done)


def jain(done: list[int]) -> float:
    """Jain's index of fairness: 1 when all have the same, 1/n when one has everything."""
    return sum(done) ** 2 / len(done) / sum(each * each for each in done)


@latencies
@pytest.mark.parametrize("capacity", [8, 16, 32, 64, 128])
@pytest.mark.parametrize("late", [0.0, 20.0])
def test_two_clients_share_what_there_is(capacity: int, late: float, latency: Latency) -> None:
    """Jain index 0.9, 2 % refused and 0.95 together (0.94 at 8, where a place is 12.5 %), also for a latecomer."""
    for seed in SEEDS[:2]:
        done, efficiency, refused = shares(capacity, latency, seed, late)
        assert jain(done) >= 0.9
        assert efficiency >= (0.94 if capacity == 8 else 0.95)
        assert refused <= 0.02


@latencies
def test_two_clients_at_four_places_are_both_served(latency: Latency) -> None:
    """Three places to one is a Jain index of 0.8, and the step between that and equal shares is one place.

    Each asks every sixteen round trips, which is one refusal in 32 completions with two of four places (3 %);
    to ask less often would leave a newcomer with one place for hundreds of round trips.
    """
    for seed in SEEDS[:2]:
        done, efficiency, refused = shares(4, latency, seed, 20.0)
        assert jain(done) >= 0.7
        assert efficiency >= 0.9
        assert refused <= 0.045


def run_until(world: World, time: float) -> None:
    world.run(lambda: world.now > time)


def test_company_is_not_taken_for_a_rate() -> None:
    """A client whose places are taken by another holds on to its window and never paces."""
    for seed in (11, 22):  # with 22 the two collide early, just when bursts are tried
        world = World()
        server = Static(world, random.Random(seed), 8, LATENCIES["lognormal"])
        clients = [Client(world, server, 10**6, random.Random(seed + each)) for each in (1, 2)]
        for client in clients:
            client.pump()
        for second in range(10, 300, 10):
            run_until(world, second)
            for client in clients:
                assert isinstance(client.controller, Controller)
                assert not client.controller.pace.active


def test_a_lone_client_is_not_taken_for_two() -> None:
    """Without company the places that are left for a moment are found again, and nothing more is given up."""
    client = simulate(static(64, LATENCIES["lognormal"]), 5000, 11)
    assert isinstance(client.controller, Controller)
    assert not client.controller.concurrency.contended
    assert sum(client.limits[1000:]) / 4000 >= 0.98 * 64


def test_a_steady_503_is_taken_for_the_refusal_that_it_is() -> None:
    """An endpoint that says 503 instead of 429 is backed off from when several come together."""
    controller, now = Controller(), 0.0
    attempts = [controller.start(now) for _ in range(32)]
    for attempt in attempts[:20]:
        controller.answered(attempt, 1.0)
    for attempt in attempts[20:26]:
        controller.busy(attempt, 1.0)
    assert controller.limit(1.0) < 32


def test_one_congestion_event_backs_off_once() -> None:
    """Refusals of attempts that started before the first one was known belong to the same event."""
    controller = Controller()
    attempts = [controller.start(0.0) for _ in range(32)]
    for attempt in attempts[:24]:
        controller.answered(attempt, 1.0)
    for attempt in attempts[24:]:
        controller.refused(attempt, 1.0)
    assert controller.events == 1


def test_nothing_starts_before_a_retry_after_is_over() -> None:
    """The pause is the endpoint's, and a shorter one does not end a longer one."""
    controller = Controller()
    first, second = controller.start(0.0), controller.start(0.0)
    controller.refused(first, 0.1, 20.0)
    controller.refused(second, 0.1, 5.0)
    assert controller.ready_at(0.2) >= 20.1


def test_max_connections_is_a_cap_only() -> None:
    """Below it the limit adapts as without it."""
    controller = Controller(max_connections=8)
    assert controller.limit(0.0) == 8
