"""The one way in: policy, single flight and recording together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agentbench_sdk.cache import CachePolicy, Origin, ResponseCache, fetch
from agentbench_sdk.errors import CacheError, CacheMissError, ServerError
from agentbench_sdk.messages import Message, Usage
from agentbench_sdk.models import GenerateParams, ModelRequest, ModelResponse, Quota, Timing

HERE = Origin("r1", "s1")
DETERMINISTIC = GenerateParams(temperature=0)


class FakeModel:
    """Answers with a counter; holds its answers back until told otherwise."""

    def __init__(self) -> None:
        self.calls = self.now = 0
        self.go = asyncio.Event()
        self.go.set()
        self.error: Exception | None = None

    async def __call__(self) -> ModelResponse:
        self.calls += 1
        answer = self.calls
        await self.go.wait()
        if self.error is not None:
            raise self.error
        timing = Timing(queue_s=1.0, wire_s=2.0, first_token_s=0.5, attempts=3)
        usage = Usage(10, answer)
        return ModelResponse(
            Message.assistant(f"answer {answer}"), usage=usage, timing=timing, quota=Quota(9)
        )


def asking(
    cache: ResponseCache | None,
    model: FakeModel,
    policy: CachePolicy = CachePolicy.REUSE,
    *,
    text: str = "hello",
    origin: Origin = HERE,
    params: GenerateParams = DETERMINISTIC,
) -> Any:
    request = ModelRequest((Message.user(text),), params=params)
    return fetch(cache, policy, model_id="m", endpoint="e", request=request, origin=origin, call=model)


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0.001)


async def test_an_answer_is_paid_for_once(path: Path) -> None:
    model = FakeModel()
    async with ResponseCache.open(path) as cache:
        paid, hit = await asking(cache, model), await asking(cache, model)
    async with ResponseCache.open(path) as cache:
        later = await asking(cache, model, origin=Origin("r2", "s9"))
    assert model.calls == 1
    assert (paid.cached, paid.timing.attempts, paid.quota) == (False, 3, Quota(9))
    assert hit == later == replace(paid, cached=True, timing=Timing(attempts=0), quota=None)


async def test_what_was_paid_for_is_recorded_with_where_when_and_how_long(path: Path) -> None:
    async with ResponseCache.open(path, clock=lambda: 77.5) as cache:
        origin = Origin("r2", "s1", 2, "judge", 3, namespace="r1")
        await asking(cache, FakeModel(), origin=origin)
        keys = await cache.inspect(lambda file: file.execute("SELECT key FROM entries").fetchall())
        entry = await cache.get(keys[0][0])
    assert entry is not None
    assert (entry.origin, entry.created, entry.wire_s, entry.first_token_s) == (origin, 77.5, 2.0, 0.5)


async def test_no_answer_is_handed_on_before_it_is_recorded(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with ResponseCache.open(path) as cache:

        async def broken(*_: Any, **__: Any) -> None:
            raise CacheError("the disk is full")

        monkeypatch.setattr(cache, "put", broken)
        with pytest.raises(CacheError, match="full"):
            await asking(cache, FakeModel())


async def test_a_sampled_request_is_drawn_anew_by_a_new_run_and_found_by_a_resumed_one(path: Path) -> None:
    model, params = FakeModel(), GenerateParams(temperature=1.0)
    async with ResponseCache.open(path) as cache:
        first = await asking(cache, model, params=params)
        new = await asking(cache, model, params=params, origin=Origin("r2", "s1"))
        resumed = await asking(cache, model, params=params, origin=Origin("r3", "s1", namespace="r1"))
        epoch = await asking(cache, model, params=params, origin=Origin("r1", "s1", epoch=2))
    assert [each.text for each in (first, new, resumed, epoch)] == [f"answer {n}" for n in (1, 2, 1, 3)]


async def test_identical_requests_under_way_are_one_call(path: Path) -> None:
    model = FakeModel()
    model.go.clear()
    async with ResponseCache.open(path) as cache:
        tasks = [asyncio.create_task(asking(cache, model)) for _ in range(30)]
        other = asyncio.create_task(asking(cache, model, text="something else"))
        await settle()
        model.go.set()
        answers = await asyncio.gather(*tasks)
        await other
    assert model.calls == 2
    assert {each.text for each in answers} == {"answer 1"}
    assert [each.cached for each in answers].count(False) == 1


async def test_errors_are_shared_but_never_recorded(path: Path) -> None:
    model = FakeModel()
    model.error = ServerError("500")
    async with ResponseCache.open(path) as cache:
        errors = await asyncio.gather(*(asking(cache, model) for _ in range(5)), return_exceptions=True)
        assert all(isinstance(each, ServerError) for each in errors)
        assert model.calls == 1
        model.error = None
        assert (await asking(cache, model)).cached is False


async def test_cancelling_the_one_who_calls_leaves_the_others_their_answer(path: Path) -> None:
    model = FakeModel()
    model.go.clear()
    async with ResponseCache.open(path) as cache:
        tasks = [asyncio.create_task(asking(cache, model)) for _ in range(4)]
        await settle()
        tasks[0].cancel()
        await settle()
        model.go.set()
        answers = await asyncio.gather(*tasks, return_exceptions=True)
        assert cache.flights.statistics().in_flight == 0
    assert isinstance(answers[0], asyncio.CancelledError)
    assert [isinstance(each, ModelResponse) and each.text for each in answers[1:]] == ["answer 2"] * 3


async def test_an_answer_that_had_arrived_when_its_caller_was_cancelled_is_not_paid_for_again(
    path: Path,
) -> None:
    model = FakeModel()
    async with ResponseCache.open(path) as cache:
        recording = asyncio.Event()
        real = cache._writes.add

        def add(item: Any) -> Any:
            recording.set()
            return real(item)

        cache._writes.add = add  # type: ignore[method-assign]
        leader = asyncio.create_task(asking(cache, model))
        follower = asyncio.create_task(asking(cache, model))
        await recording.wait()
        leader.cancel()
        answer = await follower
    assert leader.cancelled()
    assert (model.calls, answer.text, answer.cached) == (1, "answer 1", True)


async def test_refresh_asks_again_once_a_run_and_replaces(path: Path) -> None:
    model = FakeModel()
    async with ResponseCache.open(path) as cache:
        await asking(cache, model)
        again = Origin("r2", "s1")
        fresh = await asking(cache, model, CachePolicy.REFRESH, origin=again)
        resumed = await asking(cache, model, CachePolicy.REFRESH, origin=Origin("r3", "s1", namespace="r2"))
        reused = await asking(cache, model)
    assert [each.text for each in (fresh, resumed, reused)] == ["answer 2"] * 3
    assert [each.cached for each in (fresh, resumed, reused)] == [False, True, True]


async def test_replay_makes_no_call_and_says_what_differs(path: Path) -> None:
    model = FakeModel()
    async with ResponseCache.open(path) as cache:
        await asking(cache, model, text="How many red boxes are there?")
        hit = await asking(cache, model, CachePolicy.REPLAY, text="How many red boxes are there?")
        assert hit.cached
        with pytest.raises(CacheMissError) as caught:
            await asking(cache, model, CachePolicy.REPLAY, text="How many blue boxes are there?")
    assert model.calls == 1
    message = str(caught.value)
    assert str(path) in message
    assert "message 1 (user) differs from character 10: 'How many red boxes are there?'" in message


async def test_replay_without_a_cache_is_an_error() -> None:
    with pytest.raises(CacheMissError):
        await asking(None, FakeModel(), CachePolicy.REPLAY)


@pytest.mark.parametrize("policy", [CachePolicy.OFF, CachePolicy.REUSE])
async def test_without_a_cache_every_request_is_a_call(policy: CachePolicy) -> None:
    model = FakeModel()
    answers = await asyncio.gather(*(asking(None, model, policy) for _ in range(3)))
    assert sorted(each.text for each in answers) == ["answer 1", "answer 2", "answer 3"]
    assert not any(each.cached for each in answers)


async def test_off_neither_reads_nor_writes(path: Path) -> None:
    model = FakeModel()
    async with ResponseCache.open(path) as cache:
        await asking(cache, model, CachePolicy.OFF)
        await asking(cache, model)
        await asking(cache, model, CachePolicy.OFF)
        assert model.calls == 3
        assert cache.statistics().writes.calls == 1


async def test_the_answer_on_file_counts_when_another_process_was_first(path: Path) -> None:
    """Both pay, both go on with the same answer, and each books what it paid itself."""
    here, there = FakeModel(), FakeModel()
    there.calls = 40
    here.go.clear()
    async with ResponseCache.open(path) as one, ResponseCache.open(path) as other:
        late = asyncio.create_task(asking(one, here))
        await settle()
        await asking(other, there)
        here.go.set()
        answer = await late
    assert (answer.text, answer.cached, answer.usage, answer.timing.attempts) == (
        "answer 41",
        False,
        Usage(10, 1),
        3,
    )


async def test_a_request_that_is_no_unicode_is_refused_with_its_place(path: Path) -> None:
    async with ResponseCache.open(path) as cache:
        with pytest.raises(CacheError, match="agent's request in turn 0 of sample 's1'"):
            await asking(cache, FakeModel(), text="\ud800")


async def test_a_damaged_answer_is_an_error_and_not_a_new_call(path: Path) -> None:
    model = FakeModel()
    async with ResponseCache.open(path) as cache:
        await asking(cache, model)
        change: Callable[..., Any] = lambda file: file.execute("UPDATE entries SET hash = 'x'").rowcount  # noqa: E731
        await cache._writer.submit(change)
        with pytest.raises(CacheError, match="damaged"):
            await asking(cache, model)
    assert model.calls == 1
