"""A request that missed is compared with its nearest relative, and what differs is named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from agentbench_sdk.cache import Origin, ResponseCache, draw_for, identify
from agentbench_sdk.cache.explain import explain_miss
from agentbench_sdk.messages import Image, Message, ToolCall, ToolSpec
from agentbench_sdk.models import GenerateParams, ModelRequest

TALK = (
    Message.system("Be brief."),
    Message.user("How many red boxes?"),
    Message.assistant("Two."),
    Message.user("Sure?"),
)
LOOK = ToolSpec("look", "Looks.")


async def explained(cache: ResponseCache, sent: Any) -> str:
    return await cache.inspect(lambda file: explain_miss(file, sent.identity, sent.origin))


def replaced(index: int, message: Message) -> tuple[Message, ...]:
    return (*TALK[:index], message, *TALK[index + 1 :])


@pytest.mark.parametrize(
    ("change", "said", "expected"),
    [
        ({"params": GenerateParams(temperature=0.7)}, TALK, "parameter temperature 0.0 → 0.7"),
        ({"params": GenerateParams(temperature=0, seed=3)}, TALK, "parameter seed unset → 3"),
        ({"model_id": "mock/other"}, TALK, "model 'mock/m' → 'mock/other'"),
        ({"endpoint": "http://b"}, TALK, "endpoint 'http://mock' → 'http://b'"),
        ({"tools": (ToolSpec("see", "Sees."),)}, TALK, "tools differ: see is new, look is gone"),
        ({"tools": (ToolSpec("look", "Stares."),)}, TALK, "tools differ: look is described differently"),
        ({}, replaced(1, Message.user("How many red cars?")), "message 2 (user) differs from character 14: 'How many red boxes?' → 'How many red cars?'"),
        ({}, replaced(1, Message.user(["How many?", Image(data=b"x", media_type="image/png")])), "message 2 (user) differs from character 1"),
        ({}, replaced(2, Message.assistant(tool_calls=[ToolCall("1", "look", "{}")])), "message 3 (assistant) differs"),
        ({}, replaced(2, Message.assistant("Two.", reasoning="I counted.")), "differs in reasoning from character 1: '' → 'I counted.'"),
        ({}, TALK[:2], "4 messages → 2"),
        ({}, (*TALK, Message.assistant("Yes.")), "4 messages → 5"),
    ],
)  # fmt: skip
async def test_what_differs_is_named(
    path: Path, sender: Any, change: dict[str, Any], said: tuple[Message, ...], expected: str
) -> None:
    usual = {"params": GenerateParams(temperature=0), "tools": (LOOK,)}
    async with ResponseCache.open(path) as cache:
        recorded = sender(**usual)(*TALK)
        await cache.put(recorded.key, recorded.answered())
        text = await explained(cache, sender(**{**usual, **change})(*said))
    assert expected in text
    assert f"the nearest one is {recorded.key[:12]} (run r1, sample s1, epoch 1, agent turn 0)" in text


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ({"run": "r2"}, "draw differs: run r1 → r2"),
        ({"epoch": 2}, "draw differs: epoch 1 → 2"),
        ({"turn": 5}, "draw differs: turn 0 → 5"),
        ({"sample": "s9", "run": "r2"}, "draw differs: run r1 → r2, sample s1 → s9"),
    ],
)
async def test_a_draw_that_differs_is_named(
    path: Path, send: Any, where: dict[str, Any], expected: str
) -> None:
    async with ResponseCache.open(path) as cache:
        await cache.put(send("x").key, send("x").answered())
        text = await explained(cache, send("x", **where))
    assert text.endswith(f"; {expected}")


async def test_of_several_relatives_the_nearest_is_chosen(path: Path, send: Any) -> None:
    """The same sample and turn first, then the longest common beginning."""
    async with ResponseCache.open(path) as cache:
        for sent in (
            send("other sample", "b", sample="s2", turn=1),
            send("x", "b", turn=0),
            send("a", "x", "c", turn=1),
            send("a", "b", "x", turn=1),
            send("z", "z", "z", turn=9),
        ):
            await cache.put(sent.key, sent.answered())
        text = await explained(cache, send("a", "b", "c", turn=1))
    assert "message 3 (user) differs from character 1: 'x' → 'c'" in text


async def test_deep_in_a_long_session_the_one_message_that_differs_is_found(path: Path, send: Any) -> None:
    history = [Message.user(f"day {number}") for number in range(300)]
    async with ResponseCache.open(path) as cache:
        for turn in range(50, 300, 50):
            sent = send(*history[:turn], turn=turn)
            await cache.put(sent.key, sent.answered())
        history[123] = Message.user("day 124, with rain")
        text = await explained(cache, send(*history[:200], turn=200))
    assert "message 124 (user) differs from character 7: 'day 123' → 'day 124, with rain'" in text
    assert "agent turn 200" in text


async def test_only_what_surrounds_a_difference_in_a_long_text_is_shown(path: Path, send: Any) -> None:
    before, after = "a" * 500 + "red" + "b" * 500, "a" * 500 + "blue" + "b" * 500
    async with ResponseCache.open(path) as cache:
        await cache.put(send(before).key, send(before).answered())
        text = await explained(cache, send(after))
    assert f"differs from character 501: '…{'a' * 20}red{'b' * 37}…' → '…{'a' * 20}blue{'b' * 36}…'" in text


async def test_an_empty_cache_says_so(path: Path, send: Any) -> None:
    async with ResponseCache.open(path) as cache:
        assert await explained(cache, send("x")) == "the cache holds no other answer"


async def test_a_deterministic_request_that_became_sampled_says_so(path: Path, sender: Any) -> None:
    origin = Origin("r1", "s1")
    request = ModelRequest((Message.user("x"),), params=GenerateParams(temperature=0))
    async with ResponseCache.open(path) as cache:
        sent = sender(params=request.params)("x")
        await cache.put(sent.key, sent.answered())
        asked = identify(
            model_id="mock/m",
            endpoint="http://mock",
            request=request,
            draw=draw_for(GenerateParams(), origin),
        )
        text = await cache.inspect(lambda file: explain_miss(file, asked, origin))
    assert 'draw differs: shared (deterministic), epoch 1 → private ["r1","s1",0,"agent",0,0]' in text
