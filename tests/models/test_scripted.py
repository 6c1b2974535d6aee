"""Scripted models answer from the conversation alone, as fast as they can and always the same."""

from __future__ import annotations

import asyncio
from collections.abc import Generator

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentbench_sdk.errors import AgentFaultError, RequestRejectedError
from agentbench_sdk.messages import Message, Usage
from agentbench_sdk.models import Model, ModelRequest
from agentbench_sdk.models.openai_compatible import OpenAICompatible
from agentbench_sdk.models.scripted import FAREWELL, ConstantModel, PolicyModel
from agentbench_sdk.simulation import Act, Opening
from agentbench_sdk.testing import FakeEndpoint


def chatty(opening: Opening) -> Generator[Act, str, None]:
    """Its acts depend on all that it has heard; ends when told "bye"."""
    heard = [opening.system, opening.observation]
    while heard[-1] != "bye":
        if len(heard[-1]) % 3 == 0:
            heard.append((yield Act(text=f"heard {len(heard)}: {heard[-1]}")))
        else:
            heard.append((yield Act("note", {"all": "|".join(heard), "n": len(heard)})))


def directly(opening: Opening, answers: list[str]) -> list[Act]:
    run = chatty(opening)
    acts = [next(run)] if opening.observation != "bye" else []
    for answer in answers:
        try:
            acts.append(run.send(answer) if acts else next(run))
        except StopIteration:
            break
    return acts


def as_act(message: Message) -> Act:
    if not message.tool_calls:
        return Act(text=message.text)
    (call,) = message.tool_calls
    return Act(call.name, orjson.loads(call.arguments))


def reaction(message: Message, text: str) -> Message:
    return Message.tool(message.tool_calls[0].id, text) if message.tool_calls else Message.user(text)


async def play(model: Model, opening: Opening, answers: list[str]) -> list[Message]:
    history = [Message.system(opening.system), Message.user(opening.observation)]
    for answer in answers:
        said = (await model.generate(ModelRequest(tuple(history)))).message
        history += [said, reaction(said, answer)]
    return history


words = st.sampled_from(["a", "bb", "ccc", "bye", ""]) | st.text(max_size=4)


@given(st.builds(Opening, words, words), st.lists(words, max_size=8), st.integers(0, 4))
def test_a_policy_as_a_model_does_what_it_does_by_itself(
    opening: Opening, answers: list[str], kept: int
) -> None:
    history = asyncio.run(play(PolicyModel(chatty, kept=kept), opening, answers))
    acts = [as_act(message) for message in history if message.role == "assistant"]
    expected = directly(opening, answers)[: len(answers)]
    assert acts[: len(expected)] == expected
    assert all(act.text == FAREWELL for act in acts[len(expected) :])


@given(st.lists(words, min_size=1, max_size=6), st.randoms(use_true_random=False), st.integers(0, 3))
def test_equal_sessions_and_forks_beside_each_other_stay_apart(
    answers: list[str], order: object, kept: int
) -> None:
    """Sessions with the same beginning, advanced in any order by one model, each go their own way."""
    import random

    assert isinstance(order, random.Random)
    model = PolicyModel(chatty, kept=kept)
    scripts = [answers, list(answers), [*answers[:-1], answers[-1] + "!"]]
    histories = [[Message.system("s"), Message.user("o")] for _ in scripts]

    async def go() -> None:
        open_ones = [place for place, script in enumerate(scripts) for _ in script]
        order.shuffle(open_ones)
        for place in open_ones:
            history = histories[place]
            said = (await model.generate(ModelRequest(tuple(history)))).message
            history += [said, reaction(said, scripts[place][len(history) // 2 - 1])]

    asyncio.run(go())
    for script, history in zip(scripts, histories, strict=True):
        alone = asyncio.run(play(PolicyModel(chatty), Opening("s", "o"), script))
        assert history == alone


async def test_a_long_session_steps_its_policy_once_a_turn() -> None:
    steps = 0

    def counting(opening: Opening) -> Generator[Act, str, None]:
        nonlocal steps
        while True:
            steps += 1
            yield Act("go")

    model = PolicyModel(counting)
    sessions = [[Message.system("s"), Message.user("o")] for _ in range(5)]
    for _ in range(100):
        for history in sessions:
            said = (await model.generate(ModelRequest(tuple(history)))).message
            history += [said, reaction(said, "ok")]
    assert steps == 500


async def test_any_prefix_is_answered_by_a_model_that_never_saw_it() -> None:
    history = await play(PolicyModel(chatty), Opening("s", "o"), ["x", "yy", "zzz", "q"])
    for place in range(2, len(history), 2):
        fresh = PolicyModel(chatty)
        answer = await fresh.generate(ModelRequest(tuple(history[:place])))
        assert answer.message == history[place]


async def test_the_same_over_http() -> None:
    offline = await play(PolicyModel(chatty), Opening("s", "o"), ["x", "yy", "zzz", "q"])
    async with FakeEndpoint.of_policy(chatty) as endpoint:
        for stream in (False, True):
            model = OpenAICompatible("m", base_url=endpoint.base_url, stream=stream)
            assert await play(model, Opening("s", "o"), ["x", "yy", "zzz", "q"]) == offline
            await model.close()


async def test_a_conversation_of_somebody_else_is_refused() -> None:
    request = ModelRequest((Message.user("o"), Message.assistant("I never said so"), Message.user("x")))
    with pytest.raises(RequestRejectedError, match="did not act so"):
        await PolicyModel(chatty).generate(request)


async def test_a_policy_that_raises_is_the_agents_fault() -> None:
    def broken(opening: Opening) -> Generator[Act, str, None]:
        yield Act("go", {"n": 1 // len(opening.observation)})

    with pytest.raises(AgentFaultError, match="ZeroDivisionError"):
        await PolicyModel(broken).generate(ModelRequest(()))


async def test_arguments_that_are_not_json_are_the_agents_fault() -> None:
    def broken(opening: Opening) -> Generator[Act, str, None]:
        yield Act("go", {"n": {1}})

    with pytest.raises(AgentFaultError, match="not JSON"):
        await PolicyModel(broken).generate(ModelRequest(()))


async def test_usage_is_estimated_the_same_each_time() -> None:
    request = ModelRequest((Message.system("s"), Message.user("o")))
    one, two = [(await PolicyModel(chatty).generate(request)).usage for _ in range(2)]
    assert one == two
    assert one.input_tokens > 0 < one.output_tokens
    assert one.cost_usd is None


async def test_a_constant_model_says_the_same() -> None:
    model = ConstantModel("yes")
    first = await model.generate(ModelRequest((Message.user("a"),)))
    assert (first.text, first.usage) == ("yes", Usage(len(Message.user("a").canonical()) // 4, 9))
    assert isinstance(model, Model)
