"""Whole evaluations on small tasks: what was answered is scored, what failed is typed, nothing is lost."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from agentbench_sdk import Bench, Run, Sample, Task, evaluate
from agentbench_sdk.benchmark import Registry
from agentbench_sdk.errors import ConfigurationError, TaskError, UnknownNameError
from agentbench_sdk.judging import JudgeCase, Score, judge
from agentbench_sdk.messages import Image, Message, Text, Usage
from agentbench_sdk.models import Capabilities, GenerateParams, ModelRequest
from agentbench_sdk.models.openai_compatible import OpenAICompatible
from agentbench_sdk.testing import FakeEndpoint, Reply, ScriptedModel
from agentbench_sdk.testing.counter import Counter, by_threes


@judge
def says(case: JudgeCase) -> bool:
    return case.answer == case.target


@judge
def broken(case: JudgeCase) -> bool:
    raise RuntimeError("judge out of order")


SUMS = [Sample(f"sum-{n}", f"{n} + {n}?", target=str(2 * n)) for n in range(6)]


def sums(*judges: Any, samples: list[Sample] | None = None) -> Task:
    return Task("sums", samples or SUMS, judges=judges or [says()])


def adds(body: dict[str, Any], number: int) -> Reply:
    """Answers right, except that it thinks 3 + 3 is 7."""
    n = int(body["messages"][-1]["content"].split()[0])
    return Reply.text(str(2 * n + (n == 3)), usage=Usage(7, 1))


Connect = Callable[..., OpenAICompatible]


@pytest.fixture
async def client() -> AsyncIterator[Connect]:
    """Makes models of an endpoint and closes them in the end."""
    made: list[OpenAICompatible] = []

    def connect(endpoint: FakeEndpoint, **options: Any) -> OpenAICompatible:
        made.append(OpenAICompatible("tiny", base_url=endpoint.base_url, api_key="sk-very-secret", **options))
        return made[-1]

    yield connect
    for model in made:
        await model.close()


async def test_a_run_scores_what_the_model_answered(tmp_path: Path, client: Connect) -> None:
    async with FakeEndpoint(adds) as endpoint:
        run = await evaluate(sums(), client(endpoint), cache=None, runs=tmp_path)
    values = {sample_id: score.value for (sample_id, _), score in run.scores["says"].items()}
    assert values == {f"sum-{n}": float(n != 3) for n in range(6)}
    assert run.status == "finished"
    assert run.summary()["says"].scored == 6
    assert [record.usage["agent"].total_tokens for record in run.records()] == [8] * 6


FAULTS: dict[str, Callable[[], Reply]] = {
    "malformed_response": Reply.malformed,
    "missing_choice": Reply.no_choices,
    "empty_response": Reply.empty,
    "truncated_response": Reply.truncated,
    "transport": Reply.reset,
    "request_rejected": lambda: Reply.error(400, "no"),
    "authentication": lambda: Reply.error(401, "who?"),
    "model_not_found": lambda: Reply.error(404, "what?"),
    "server": lambda: Reply.error(500, "oops"),
    "rate_limited": lambda: Reply.error(429, "later"),
}


@pytest.mark.parametrize("kind", FAULTS)
async def test_a_fault_is_typed_and_never_a_zero(kind: str, tmp_path: Path, client: Connect) -> None:
    """One sample's endpoint is broken: that sample fails by name, the others are scored, bounds are shown."""

    def behave(body: dict[str, Any], number: int) -> Reply:
        return FAULTS[kind]() if body["messages"][-1]["content"].startswith("1 ") else adds(body, number)

    async with FakeEndpoint(behave) as endpoint, bench(tmp_path) as made:
        run = await made.evaluate(sums(), client(endpoint))
    records = {record.sample_id: record for record in run.records()}
    assert (records["sum-1"].ending.status, records["sum-1"].ending.reason) == ("failed", kind)
    assert records["sum-1"].scores == {}
    summary = run.summary()
    assert summary.failed == 1
    assert summary["says"].scored == 5
    bounds = summary["says"].bounds
    assert bounds is not None
    assert bounds.low == pytest.approx(4 / 6)
    assert bounds.high == pytest.approx(5 / 6)


def bench(folder: Path, **options: Any) -> Bench:
    """A bench that gives up soon, so that tests of faults are quick."""
    from agentbench_sdk.traffic import RetryPolicy

    retry = RetryPolicy(max_attempts=2, base_s=0.001, longest_s=0.002)
    return Bench(cache=options.pop("cache", None), runs=folder, retry=retry, **options)


async def test_a_passing_fault_is_retried(tmp_path: Path, client: Connect) -> None:
    def behave(body: dict[str, Any], number: int) -> Reply:
        return Reply.error(503, "busy") if number < 2 else adds(body, number)

    async with FakeEndpoint(behave) as endpoint, Bench(cache=None, runs=tmp_path) as made:
        run = await made.evaluate(sums(), client(endpoint))
    assert run.summary().failed == 0


async def test_a_broken_judge_leaves_the_sample_unscored(tmp_path: Path) -> None:
    run = await evaluate(
        sums(says(), broken()), ScriptedModel(lambda request: "4"), cache=None, runs=tmp_path
    )
    summary = run.summary()
    assert summary["says"].scored == 6
    assert summary["broken"].scored == 0
    score = run.scores["broken"]["sum-0", 0]
    assert score.value is None
    assert "judge out of order" in score.explanation


async def test_the_cache_answers_a_second_time_and_no_call_is_made(tmp_path: Path, client: Connect) -> None:
    """Deterministic requests are shared between runs; an answer is asked for once."""
    options: dict[str, Any] = {"params": GenerateParams(temperature=0)}
    async with FakeEndpoint(adds) as endpoint:
        for _ in range(2):
            run = await evaluate(sums(), client(endpoint), cache=tmp_path / "c.db", runs=tmp_path, **options)
        assert len(endpoint.requests) == 6
    assert all(call.cached for call in run.calls())
    assert all(record.cached_usage["agent"] == record.usage["agent"] for record in run.records())


async def test_a_resumed_run_makes_just_the_missing_calls(tmp_path: Path, client: Connect) -> None:
    """Sampled answers belong to their run: a new run draws anew, a resumed one takes up the old draws."""
    failing = True

    def behave(body: dict[str, Any], number: int) -> Reply:
        if failing and body["messages"][-1]["content"].startswith(("4", "5")):
            return Reply.error(400, "out of order")
        return adds(body, number)

    async with FakeEndpoint(behave) as endpoint, bench(tmp_path, cache=tmp_path / "c.db") as made:
        first = await made.evaluate(sums(), client(endpoint))
        assert first.summary().failed == 2
        failing = False
        before = len(endpoint.requests)
        second = await made.evaluate(sums(), client(endpoint), resume=first)
        assert len(endpoint.requests) == before + 2
        await made.evaluate(sums(), client(endpoint))
        assert len(endpoint.requests) == before + 2 + 6
    assert second.summary().failed == 0
    assert second.manifest.draws == first.manifest.draws


async def test_another_task_cannot_be_resumed(tmp_path: Path) -> None:
    first = await evaluate(sums(), ScriptedModel(lambda request: "4"), cache=None, runs=tmp_path)
    async with Bench(cache=None, runs=tmp_path) as made:
        with pytest.raises(ConfigurationError, match="task fingerprint"):
            await made.evaluate(sums(samples=SUMS[:2]), ScriptedModel(lambda request: "4"), resume=first)


async def test_the_key_is_in_no_file(tmp_path: Path, client: Connect) -> None:
    async with FakeEndpoint(lambda body, n: Reply.error(401, "the key sk-very-secret is wrong")) as endpoint:
        run = await evaluate(sums(), client(endpoint), cache=tmp_path / "c.db", runs=tmp_path)
        assert endpoint.requests[0].headers["authorization"] == "Bearer sk-very-secret"
    assert "sk-very-secret" not in str(list(run.records()))
    for path in await asyncio.to_thread(lambda: list(tmp_path.iterdir())):
        assert b"sk-very-secret" not in await asyncio.to_thread(path.read_bytes)


async def test_judges_ask_the_judge_model_and_are_booked_to_it(tmp_path: Path) -> None:
    @judge
    async def asking(case: JudgeCase) -> Score:
        response = await case.ask(ModelRequest((Message.user(case.answer),)))
        return Score(float(response.text))

    model, grader = ScriptedModel(lambda r: "x", id="m"), ScriptedModel(lambda r: "0.5", id="g")
    run = await evaluate(sums(asking()), model, judge_model=grader, cache=None, runs=tmp_path)
    assert run.summary()["asking"].scored == 6
    assert {(call.role, call.model) for call in run.calls()} == {("agent", "m"), ("judge", "g")}
    run = await evaluate(sums(asking()), model, cache=None, runs=tmp_path)
    assert "--judge-model" in run.scores["asking"]["sum-0", 0].explanation


async def test_a_cost_limit_stops_spending(tmp_path: Path, client: Connect) -> None:
    samples = [Sample(f"sum-{n}", f"{n} + {n}?", target=str(2 * n)) for n in range(50)]
    async with FakeEndpoint(adds) as endpoint, bench(tmp_path, max_connections=1) as made:
        priced = client(endpoint, price_in=1_000_000 / 8, price_out=1_000_000 / 8)  # a dollar a call
        run = await made.evaluate(sums(samples=samples), priced, max_cost=10.0)
        assert len(endpoint.requests) <= 11
        assert run.summary().failed >= 39
        with pytest.raises(ConfigurationError, match="price_in"):
            await made.evaluate(sums(), client(endpoint), max_cost=10.0)
    assert {r.ending.reason for r in run.records() if r.ending.status == "failed"} == {"budget_exceeded"}


async def test_epochs_and_selection(tmp_path: Path) -> None:
    model = ScriptedModel(lambda request: "4")
    run = await evaluate(
        sums(), model, cache=None, runs=tmp_path, epochs=3, sample_ids=["sum-2", "sum-4"], limit=1
    )
    assert [(r.sample_id, r.epoch) for r in run.records()] == [("sum-2", 0), ("sum-2", 1), ("sum-2", 2)]
    with pytest.raises(UnknownNameError, match="sum-2"):
        await evaluate(sums(), model, cache=None, runs=tmp_path, sample_ids=["sum2"])


async def test_a_seed_is_sent_with_each_request_and_moves_with_the_epoch(
    tmp_path: Path, client: Connect
) -> None:
    async with FakeEndpoint(adds) as endpoint:
        await evaluate(sums(), client(endpoint), cache=None, runs=tmp_path, seed=100, epochs=2, limit=1)
        assert sorted(body["seed"] for body in endpoint.bodies) == [100, 101]


async def test_what_a_model_cannot_take_is_found_before_anything_is_sent(tmp_path: Path) -> None:
    seen = Sample("a", (Message("user", (Text("what?"), Image(url="http://127.0.0.1/x.png"))),), target="x")
    model = ScriptedModel(lambda request: "x", capabilities=Capabilities(images=False))
    with pytest.raises(ConfigurationError, match="sample 'a' holds image"):
        await evaluate(sums(samples=[seen]), model, cache=None, runs=tmp_path)
    assert model.calls == []


async def test_unknown_options_are_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"epoch.*accepted are .*epochs"):
        await evaluate(sums(), ScriptedModel(lambda request: "x"), cache=None, runs=tmp_path, epoch=2)


async def test_ten_runs_share_a_bench_and_one_limiter(tmp_path: Path, client: Connect) -> None:
    async with FakeEndpoint(adds) as endpoint, Bench(cache=None, runs=tmp_path, max_connections=3) as made:
        runs = await asyncio.gather(*(made.evaluate(sums(), client(endpoint)) for _ in range(10)))
        assert len(made.limiters.statistics()) == 1
        assert endpoint.most_in_flight <= 3
    assert len({run.manifest.run_id for run in runs}) == 10
    assert all(run.summary()["says"].scored == 6 for run in runs)


async def test_an_interrupted_run_keeps_what_was_answered(tmp_path: Path, client: Connect) -> None:
    """Calls in flight finish and are cached, nothing new starts, and resuming asks for the rest alone."""
    answered = asyncio.Event()

    async def behave(body: dict[str, Any], number: int) -> Reply:
        if number >= 2:
            answered.set()
            return adds(body, number).after(0.2)
        return adds(body, number)

    async with (
        FakeEndpoint(behave) as endpoint,
        Bench(cache=tmp_path / "c.db", runs=tmp_path, max_connections=1) as made,
    ):
        under_way = asyncio.create_task(made.evaluate(sums(), client(endpoint)))
        await answered.wait()
        await made.interrupt()
        first = await under_way
        assert first.status == "interrupted"
        done = len(endpoint.requests)
        assert 3 <= done < 6
        second = await made.evaluate(sums(), client(endpoint), resume=first)
        assert len(endpoint.requests) == 6
    assert second.status == "finished"
    assert second.summary()["says"].scored == 6


async def test_a_cancelled_evaluation_leaves_nothing_behind(tmp_path: Path, client: Connect) -> None:
    async with FakeEndpoint(Reply.hang()) as endpoint, Bench(cache=tmp_path / "c.db", runs=tmp_path) as made:
        task = asyncio.create_task(made.evaluate(sums(), client(endpoint)))
        while not endpoint.requests:  # noqa: ASYNC110 - the endpoint has no event for it
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        statistics = next(iter(made.limiters.statistics().values()))
        assert (statistics.in_flight, statistics.waiting) == (0, 0)
    assert {each for each in asyncio.all_tasks() if each is not asyncio.current_task()} == set()


async def test_a_world_is_played_over_http_as_it_is_offline(tmp_path: Path, client: Connect) -> None:
    registry = Registry()
    registry.add("environment", "counter", Counter)

    @judge
    def outcome(case: JudgeCase) -> float:
        assert case.outcome is not None
        return case.outcome.reward or 0.0

    task = Task(
        "count", [Sample("a", scenario={"goal": 20}, seed=1)], judges=[outcome()], environment="counter"
    )
    async with (
        FakeEndpoint.of_policy(by_threes) as endpoint,
        Bench(cache=None, runs=tmp_path, registry=registry) as made,
    ):
        run = await made.evaluate(task, client(endpoint))
        assert len(endpoint.requests) == 7
    assert run.scores["outcome"]["a", 0].value == 1.0


def test_the_run_is_readable_by_anybody_with_sqlite(tmp_path: Path) -> None:
    import sqlite3

    from agentbench_sdk import evaluate_sync

    run: Run = evaluate_sync(sums(), ScriptedModel(lambda request: "4"), cache=None, runs=tmp_path)
    connection = sqlite3.connect(run.path)
    rows = connection.execute("SELECT sample_id, value FROM scores ORDER BY sample_id").fetchall()
    connection.close()
    assert rows == [(f"sum-{n}", float(n == 2)) for n in range(6)]


async def test_an_attempt_that_no_file_takes_fails_alone(tmp_path: Path) -> None:
    """What an own agent leaves in its transcript cannot take the other samples with it."""

    class Odd:
        async def run(self, episode: Any) -> None:
            text = episode.history[0].text
            if text.startswith("2"):
                await episode.call_tool("\ud800", {})
            episode.submit("4")

    model = ScriptedModel(lambda request: "4")
    run = await evaluate(sums(), model, cache=None, runs=tmp_path, agent=Odd())
    endings = {record.sample_id: record.ending.status for record in run.records()}
    assert endings.pop("sum-2") == "failed"
    assert set(endings.values()) == {"completed"}
    assert run.status == "finished"


@pytest.mark.parametrize("judges", [[], [says(), says()]])
async def test_judges_that_cannot_be_told_apart_are_refused(judges: list[Any], tmp_path: Path) -> None:
    task = Task("sums", SUMS, judges=judges)
    with pytest.raises(TaskError, match="judges"):
        await evaluate(task, ScriptedModel(lambda request: "4"), cache=None, runs=tmp_path)


async def test_what_asks_a_model_wants_one_before_anything_is_sent(tmp_path: Path) -> None:
    from agentbench_sdk.judges import rating

    model = ScriptedModel(lambda request: "4")
    with pytest.raises(ConfigurationError, match="--judge-model"):
        await evaluate(sums(rating(criteria="short")), model, cache=None, runs=tmp_path)
    assert model.calls == []


@pytest.mark.parametrize(
    ("params", "what"),
    [
        (GenerateParams(logprobs=True), "log prob"),
        (GenerateParams(response_format={"type": "json_object"}), "response_format"),
    ],
)
async def test_capabilities_are_checked_before_a_run(
    params: GenerateParams, what: str, tmp_path: Path
) -> None:
    model = ScriptedModel(lambda r: "4", capabilities=Capabilities(logprobs=False, response_format=False))
    with pytest.raises(ConfigurationError, match=what):
        await evaluate(sums(), model, cache=None, runs=tmp_path, params=params)


@pytest.mark.parametrize(
    "options", [{"epochs": 0}, {"epochs": -1}, {"limit": 0}, {"max_cost": float("nan")}, {"max_cost": -1.0}]
)
async def test_numbers_out_of_range_are_refused(options: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=next(iter(options))):
        await evaluate(sums(), ScriptedModel(lambda r: "4"), cache=None, runs=tmp_path, **options)


async def test_a_run_with_another_agent_is_not_resumed(tmp_path: Path) -> None:
    class Own:
        async def run(self, episode: Any) -> None:
            episode.submit("4")

    first = await evaluate(sums(), ScriptedModel(lambda r: "4"), cache=None, runs=tmp_path, agent=Own())
    assert first.manifest.agent.endswith("Own")
    async with Bench(cache=None, runs=tmp_path) as made:
        with pytest.raises(ConfigurationError, match="agent"):
            await made.evaluate(sums(), ScriptedModel(lambda r: "4"), resume=first)
