"""The text protocol carries the same sessions as native tools do."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentbench_sdk.messages import Message, ToolCall, ToolSpec
from agentbench_sdk.models import Capabilities, ModelRequest, ModelResponse
from agentbench_sdk.sessions import SessionPlan, SessionResult, TextTools, ToolLoop, run_session
from agentbench_sdk.testing.counter import Counter

TOOLS = (ToolSpec("add", "Add.", {"type": "object", "properties": {}}),)


async def play(*answers: str, environment: Counter | None) -> tuple[SessionResult, list[ModelRequest]]:
    asked: list[ModelRequest] = []

    async def generate(request: ModelRequest, turn: int) -> ModelResponse:
        asked.append(request)
        return ModelResponse(Message.assistant(answers[min(turn, len(answers) - 1)]))

    plan = SessionPlan(
        messages=(), agent=ToolLoop(), environment=environment, capabilities=Capabilities(tools=False)
    )
    return await run_session(plan, generate), asked


async def test_a_model_without_tools_plays_a_world() -> None:
    answer = 'Adding.\n<tool_call>{"name": "add", "arguments": {"number": 5}}</tool_call>'
    result, asked = await play(answer, environment=Counter.create())
    assert result.ending.reason == "world_ended"
    assert [entry.content for entry in result.transcript.tool_calls] == ["sum 5", "sum 10"]
    assert all(request.tools == () for request in asked)
    assert '"name": "add"' in asked[0].messages[0].text
    assert asked[1].messages[-1] == Message.user("<tool_result>sum 5</tool_result>")
    assert all(message.role != "tool" and not message.tool_calls for message in asked[1].messages)


async def test_a_submission_ends_the_session() -> None:
    result, _ = await play('<submit>{"answer": "42"}</submit>', environment=Counter.create())
    assert (result.answer, result.ending.reason) == ("42", "answered")


@pytest.mark.parametrize(
    "block",
    [
        "<tool_call>{not json}</tool_call>",
        '<tool_call>["add"]</tool_call>',
        '<tool_call>{"arguments": {}}</tool_call>',
        '<tool_call>{"name": "add", "arguments": {"number": "5"}}</tool_call>',
        '<tool_call>{"name": "add", "arguments": {"number": 1, "number": 2}}</tool_call>',
        '<tool_call>{"name": "add", "arguments": [1]}</tool_call>',
        '<tool_call>{"name": "add"',
        '<tool_call>{"name": "add", "arguments": ' + "[" * 1000 + "</tool_call>",
        '<tool_call>{"name": "add", "arguments": ' + "[" * 1000 + "]" * 1000 + "}</tool_call>",
        '<tool_call>{"name": "add", "arguments": {"number": 5}} {"name": "add"}</tool_call>',
        '<tool_call>{"name": "add", "arguments": {"number": 5}}</submit>',
    ],
)
async def test_malformed_blocks_are_answered_with_an_error(block: str) -> None:
    right = '<tool_call>{"name": "add", "arguments": {"number": 5}}</tool_call>'
    result, asked = await play(block, right, environment=Counter.create())
    first = result.transcript.tool_calls[0]
    assert (first.ok, first.error) == (False, "bad_arguments")
    assert "error" in asked[1].messages[-1].text
    assert result.ending.reason == "world_ended"


def decoded(text: str) -> list[tuple[str, str]]:
    return [(call.name, call.arguments) for call in TextTools().decode(Message.assistant(text)).tool_calls]


@pytest.mark.parametrize("nested", ["[" * 1000, "[" * 1000 + "]" * 1000, '{"a":' * 1000 + "1" + "}" * 1000])
def test_endless_nesting_is_a_malformed_call(nested: str) -> None:
    ((name, raw),) = decoded(f'<tool_call>{{"name": "add", "arguments": {nested}}}</tool_call>')
    assert (name, nested in raw) == ("", True)


def test_a_closing_tag_inside_a_text_does_not_end_the_call() -> None:
    arguments = '{"text": "a </tool_call> b <tool_call> \\" } ]"}'
    block = f'<tool_call>{{"name": "say", "arguments": {arguments}}}</tool_call>'
    assert decoded(f"first {block} then {block}") == [("say", arguments)] * 2
    handed_in = '{"answer": "</submit>"}'
    assert decoded(f"<submit>{handed_in}</submit>") == [("submit", handed_in)]


@pytest.mark.parametrize("fence", ["```json\n{}\n```", "\n```\n{}\n```\n", " ```json {}``` ", "```json\n{}"])
def test_a_fence_inside_the_tag_is_left_out(fence: str) -> None:
    call = '{"name": "add", "arguments": {"number": 5}}'
    assert decoded(f"<tool_call>{fence.replace('{}', call)}</tool_call>") == [("add", '{"number": 5}')]


def test_a_tag_that_is_never_closed_ends_at_the_next() -> None:
    one, two = (f'{{"name": "add", "arguments": {{"number": {number}}}}}' for number in (1, 2))
    wanted = [("add", '{"number": 1}'), ("add", '{"number": 2}')]
    assert decoded(f"<tool_call>{one}\n<tool_call>{two}") == wanted


def test_a_long_text_of_half_open_calls_is_read_at_once() -> None:
    assert len(decoded('<tool_call>{"a</tool_call>' * 1000)) == 1000


@given(st.text())
def test_any_text_is_decoded(text: str) -> None:
    message = TextTools().decode(Message.assistant(f"<tool_call>{text}</tool_call>{text}"))
    assert all(isinstance(call, ToolCall) for call in message.tool_calls)


@given(st.dictionaries(st.sampled_from(["name", "arguments", "x"]), st.text() | st.integers() | st.none()))
def test_any_object_is_decoded(record: dict[str, Any]) -> None:
    import json

    message = TextTools().decode(Message.assistant(f"<tool_call>{json.dumps(record)}</tool_call>"))
    assert len(message.tool_calls) == 1


def test_an_agents_own_calls_are_shown_as_text() -> None:
    history = [
        Message.assistant(tool_calls=[ToolCall("1", "add", '{"number": 2}')]),
        Message.tool("1", "sum 2"),
    ]
    sent, _ = TextTools().encode(history, TOOLS)
    assert sent[1].text == '<tool_call>{"name": "add", "arguments": {"number": 2}}</tool_call>'
    assert sent[2].text == "<tool_result>sum 2</tool_result>"


def test_without_tools_nothing_is_added() -> None:
    sent, tools = TextTools().encode([Message.user("hello")], ())
    assert (sent, tools) == ((Message.user("hello"),), ())
