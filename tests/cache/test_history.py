"""Requests are kept whole, in space that grows with the session and not with its square."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from agentbench_sdk.cache import ResponseCache
from agentbench_sdk.cache.history import RecentHistories, load_request
from agentbench_sdk.messages import Message, ToolSpec


async def load(cache: ResponseCache, key: str) -> tuple[bytes, ...] | None:
    request = await cache.inspect(lambda file: load_request(file, key))
    assert request is not None
    identity = request.identity()
    return None if identity is None else identity.messages


def said(number: int) -> tuple[Message, Message]:
    text = random.Random(number).randbytes(150).hex()
    return Message.assistant(f"turn {number} {text}"), Message.user(f"report {number} {text}")


async def session(path: Path, send: Any, turns: int) -> list[Any]:
    history = [Message.system("You run a kiosk. " * 50), Message.user("begin")]
    sents = []
    async with ResponseCache.open(path) as cache:
        for turn in range(turns):
            sent = send(*history, turn=turn)
            sents.append(sent)
            await cache.put(sent.key, sent.answered(history[-1].text))
            history += said(turn)
    return sents


async def test_the_file_of_a_long_session_grows_with_its_length(tmp_path: Path, send: Any) -> None:
    """Twice the turns take twice the space; kept whole, 250 turns (500 messages) would take 40 MB."""
    sizes = []
    for turns in (125, 250):
        await session(tmp_path / f"{turns}.db", send, turns)
        sizes.append((tmp_path / f"{turns}.db").stat().st_size)
    assert sizes[1] < 2.3 * sizes[0]
    assert sizes[1] < 700_000


async def test_every_request_of_a_session_can_be_put_together_again(path: Path, send: Any) -> None:
    sents = await session(path, send, 40)
    async with ResponseCache.open(path) as cache:
        for sent in sents:
            assert await load(cache, sent.key) == sent.identity.messages


@pytest.mark.parametrize("seed", range(15))
async def test_histories_that_are_cut_edited_and_interleaved_come_back_as_they_were(
    path: Path, send: Any, seed: int
) -> None:
    draw = random.Random(seed)
    histories: dict[str, list[Message]] = {name: [] for name in "abc"}
    sents = []
    async with ResponseCache.open(path) as cache:
        for turn in range(40):
            sample = draw.choice("abc")
            history = histories[sample]
            if draw.random() < 0.3:
                del history[draw.randrange(len(history) + 1) :]
            if draw.random() < 0.2:
                history.insert(0, Message.system(f"rule {draw.randrange(3)}"))
            history += [Message.user(f"{draw.randrange(5)}") for _ in range(draw.randrange(3))]
            sent = send(*history, sample=sample, turn=turn)
            sents.append(sent)
            await cache.put(sent.key, sent.answered())
        for sent in sents:
            assert await load(cache, sent.key) == sent.identity.messages


async def test_system_prompt_and_tools_are_stored_once(path: Path, sender: Any) -> None:
    noise = random.Random(0).randbytes(20_000).hex()
    send = sender(tools=(ToolSpec("look", noise, {"type": "object"}),))
    async with ResponseCache.open(path) as cache:
        for number in range(30):
            sent = send(Message.system(noise[::-1]), Message.user("hi"), sample=f"s{number}")
            await cache.put(sent.key, sent.answered())
            assert await load(cache, sent.key) == sent.identity.messages
    assert path.stat().st_size < 200_000  # noqa: ASYNC240 - nothing else runs


async def test_a_resumed_session_goes_on_in_a_file_that_it_did_not_begin(path: Path, send: Any) -> None:
    sents = await session(path, send, 10)
    more = send(*said(1), *said(2), turn=99)
    async with ResponseCache.open(path) as cache:
        await cache.put(more.key, more.answered())
        assert await load(cache, more.key) == more.identity.messages
        assert await load(cache, sents[3].key) == sents[3].identity.messages


async def test_sessions_that_are_forgotten_cost_space_and_nothing_else(send: Any) -> None:
    recent = RecentHistories(sessions=2, messages=10)
    for sample in "abc":
        recent.remember(send("x", "y", sample=sample).identity, send("x", sample=sample).origin)
    kept = {
        s: recent.delta(send("x", "y", "z", sample=s).identity, send("x", sample=s).origin)[0].keep
        for s in "abc"
    }
    assert kept == {"a": 0, "b": 2, "c": 2}
    recent.remember(send(*"0123456789", sample="d").identity, send("x", sample="d").origin)
    assert recent.delta(send("x", "y", sample="c").identity, send("x", sample="c").origin)[0].keep == 0
    assert recent.delta(send(*"0123", sample="d").identity, send("x", sample="d").origin)[0].keep == 4
