"""A scripted model gives what its script says and remembers what it was asked."""

from __future__ import annotations

import pytest

from agentbench_sdk.errors import ConfigurationError, RateLimitedError
from agentbench_sdk.messages import Message, ToolCall
from agentbench_sdk.models import Model, ModelRequest, ModelResponse
from agentbench_sdk.testing import ScriptedModel

ASK = ModelRequest((Message.user("2 + 2?"),))


async def test_answers_come_in_order_and_requests_are_remembered() -> None:
    call = Message.assistant(tool_calls=[ToolCall("c", "look", "{}")])
    model = ScriptedModel(["4", call, ModelResponse(Message.assistant("x")), RateLimitedError("slow down")])
    assert isinstance(model, Model)
    assert (await model.generate(ASK)).text == "4"
    assert (await model.generate(ASK)).finish_reason == "tool_calls"
    assert (await model.generate(ASK)).text == "x"
    with pytest.raises(RateLimitedError):
        await model.generate(ASK)
    assert model.calls == [ASK] * 4


async def test_a_script_that_is_used_up_says_so() -> None:
    model = ScriptedModel(["4"])
    await model.generate(ASK)
    with pytest.raises(ConfigurationError, match="script of 1 answers"):
        await model.generate(ASK)


async def test_a_function_answers_from_the_request() -> None:
    async def slowly(request: ModelRequest) -> str:
        return request.messages[-1].text.upper()

    assert (await ScriptedModel(slowly).generate(ASK)).text == "2 + 2?"
    assert (await ScriptedModel(lambda request: f"{len(request.messages)}").generate(ASK)).text == "1"
