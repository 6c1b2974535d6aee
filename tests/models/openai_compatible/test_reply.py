"""What counts as an answer, and what is taken out of it."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentbench_sdk.errors import (
    ConfigurationError,
    MalformedResponseError,
    MissingChoiceError,
    ModelError,
    TruncatedResponseError,
)
from agentbench_sdk.messages import Message, ToolCall, Usage
from agentbench_sdk.models.openai_compatible.failures import MESSAGE_LENGTH, complaint_of_body, failure
from agentbench_sdk.models.openai_compatible.prices import Prices
from agentbench_sdk.models.openai_compatible.reasoning import split_reasoning
from agentbench_sdk.models.openai_compatible.reply import ReplyContext, parse_reply, response_of, usage_of
from agentbench_sdk.models.openai_compatible.secret import Redactor, Secret


def unchanged(text: str) -> str:
    return text


CONTEXT = ReplyContext("m at x", 3, unchanged)


def message(**members: Any) -> Message:
    return response_of({"choices": [{"message": members}]}, CONTEXT).message


@pytest.mark.parametrize(
    ("text", "reasoning", "answer"),
    [
        ("4", "", "4"),
        ("<think>hm</think>4", "hm", "4"),
        ("\n <think>\nhm\n</think>\n\n 4 ", "hm", "4 "),
        ("<think>hm", "hm", ""),
        ("<think></think>4", "", "4"),
        ("hm</think>\n4", "hm", "4"),
        ("Use <think>x</think> tags", "", "Use <think>x</think> tags"),
        ("<think>a</think>b</think>c", "a", "b</think>c"),
        ("  4", "", "  4"),
    ],
)
def test_reasoning_in_the_text_is_told_apart(text: str, reasoning: str, answer: str) -> None:
    assert split_reasoning(text) == (reasoning, answer)


def test_a_closing_tag_is_text_when_reasoning_came_apart() -> None:
    got = message(content="write </think> there", reasoning_content="hm")
    assert (got.text, got.reasoning) == ("write </think> there", "hm")


@pytest.mark.parametrize("field", ["reasoning_content", "reasoning"])
def test_reasoning_in_its_own_field_is_kept_apart(field: str) -> None:
    got = message(content="4", **{field: "hm"})
    assert (got.text, got.reasoning) == ("4", "hm")


def test_a_content_of_parts_is_joined() -> None:
    thinking = {"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}
    got = message(content=[thinking, {"type": "text", "text": "fo"}, {"type": "text", "text": "ur"}])
    assert (got.text, got.reasoning) == ("four", "hm")


def test_arguments_sent_as_an_object_become_canonical_text() -> None:
    call = {"id": "a", "function": {"name": "f", "arguments": {"b": 1, "a": [True]}}}
    assert message(tool_calls=[call]).tool_calls == (ToolCall("a", "f", '{"a":[true],"b":1}'),)


def test_missing_and_doubled_call_ids_are_made_up_alike_each_time() -> None:
    calls = [{"id": name, "function": {"name": "f", "arguments": "{}"}} for name in ("", None, "x", "x")]
    first, again = message(tool_calls=calls).tool_calls, message(tool_calls=calls).tool_calls
    assert first == again
    assert len({call.id for call in first}) == 4
    later = response_of(
        {"choices": [{"message": {"tool_calls": calls}}]}, ReplyContext("m at x", 5, unchanged)
    )
    assert later.message.tool_calls[0].id != first[0].id


@pytest.mark.parametrize("reason", ["stop", "tool_calls", "function_call", None, "eos"])
def test_an_answer_with_calls_ends_in_tool_calls(reason: str | None) -> None:
    call = {"id": "a", "function": {"name": "f", "arguments": ""}}
    body = {"choices": [{"message": {"tool_calls": [call]}, "finish_reason": reason}]}
    assert response_of(body, CONTEXT).finish_reason == "tool_calls"


@pytest.mark.parametrize(
    "call", [{"id": "a"}, {"function": None}, {"function": {"name": 3}}, "f", {"id": 5, "function": {}}]
)
def test_a_call_of_another_shape_is_malformed(call: object) -> None:
    with pytest.raises(MalformedResponseError):
        message(tool_calls=[call])


def test_missing_usage_is_zero_and_nonsense_is_refused() -> None:
    assert usage_of(None) == usage_of({}) == usage_of({"prompt_tokens": None}) == Usage()
    assert usage_of({"prompt_tokens": 3.0, "prompt_cache_hit_tokens": 2}) == Usage(3, 0, 0, 2)
    wrong: list[Any] = [{"prompt_tokens": -1}, {"completion_tokens": "7"}, {"prompt_tokens": True}, [], 0]
    for usage in wrong:
        with pytest.raises(MalformedResponseError):
            response_of({"choices": [{"message": {"content": "x"}}], "usage": usage}, CONTEXT)


ANSWER = '{"choices": [{"message": {"content": "x"}}], "usage": '


@pytest.mark.parametrize("count", ["9007199254740992", "9223372036854775808", "-1", "0.5", "1e300", "1e999"])
@pytest.mark.parametrize("name", ["prompt_tokens", "completion_tokens", "prompt_cache_hit_tokens"])
def test_a_count_that_cannot_be_is_malformed(name: str, count: str) -> None:
    with pytest.raises(MalformedResponseError):
        parse_reply(f'{ANSWER}{{"{name}": {count}}}}}'.encode(), CONTEXT)


@pytest.mark.parametrize("cost", ["-0.01", "1e308", "1000000001", "1e999", "true", '"1"'])
def test_a_cost_that_cannot_be_is_malformed(cost: str) -> None:
    with pytest.raises(MalformedResponseError):
        parse_reply(f'{ANSWER}{{"cost": {cost}}}}}'.encode(), CONTEXT)


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf"), 10**400])
def test_numbers_that_are_none_are_malformed_also_when_another_library_read_them(number: float) -> None:
    token = {"token": "x", "logprob": number}
    for body in (
        {"choices": [{"message": {"content": "x"}}], "usage": {"prompt_tokens": number}},
        {"choices": [{"message": {"content": "x"}}], "usage": {"cost": number}},
        {"choices": [{"message": {"content": "x"}, "logprobs": {"content": [token]}}]},
    ):
        with pytest.raises(MalformedResponseError):
            response_of(body, CONTEXT)


@pytest.mark.parametrize("constant", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_what_json_does_not_know_is_refused_beside_a_surrogate_too(constant: str) -> None:
    body = f'{{"x": "\\ud83c", "y": {constant}, "choices": [{{"message": {{"content": "x"}}}}]}}'
    with pytest.raises(MalformedResponseError):
        parse_reply(body.encode(), CONTEXT)


def test_the_largest_usage_is_read() -> None:
    assert usage_of({"prompt_tokens": 2**53 - 1, "cost": 1e9}) == Usage(2**53 - 1, cost_usd=1e9)


@pytest.mark.parametrize("half", [b"\\ud83c", b"\xed\xa0\xbc"])
def test_a_lone_surrogate_is_replaced_in_texts_and_arguments(half: bytes) -> None:
    call = b'{"id": "a", "function": {"name": "f", "arguments": "' + half + b'"}}'
    message = b'{"content": "a' + half + b'b", "tool_calls": [' + call + b"]}"
    got = parse_reply(b'{"choices": [{"message": ' + message + b"}]}", CONTEXT).message
    assert (got.text, got.tool_calls[0].arguments) == ("a\ufffdb", "\ufffd")


@pytest.mark.parametrize(
    "arguments", ['{"x": "\\ud83c"}', '{"\\ud83c": 1}', '{"x": ' + "[" * 300 + "]" * 300 + "}"]
)
def test_arguments_that_no_file_can_hold_are_malformed(arguments: str) -> None:
    call = f'{{"id": "a", "function": {{"name": "f", "arguments": {arguments}}}}}'
    with pytest.raises(MalformedResponseError):
        parse_reply(f'{{"choices": [{{"message": {{"tool_calls": [{call}]}}}}]}}'.encode(), CONTEXT)


def test_an_error_text_holds_no_lone_surrogate() -> None:
    with pytest.raises(ModelError) as caught:
        parse_reply(b'{"error": {"message": "no \\ud83c", "code": 400}}', CONTEXT)
    assert str(caught.value).encode().endswith("no \ufffd".encode())


@pytest.mark.parametrize("key", ["error", "message"])
def test_an_error_body_that_nests_without_end_is_typed(key: str) -> None:
    body = f'{{"{key}":' * 600 + "1" + "}" * 600
    assert failure(400, complaint_of_body(body.encode(), unchanged), "m at x").status == 400


def test_the_choice_with_index_zero_is_taken() -> None:
    other, first = ({"index": index, "message": {"content": str(index)}} for index in (1, 0))
    assert response_of({"choices": [other, first]}, CONTEXT).text == "0"
    assert response_of({"choices": [other, {"message": {"content": "bare"}}]}, CONTEXT).text == "bare"
    with pytest.raises(MissingChoiceError, match="index 0"):
        response_of({"choices": [other]}, CONTEXT)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1"])
def test_a_body_in_another_encoding_is_malformed(encoding: str) -> None:
    with pytest.raises(MalformedResponseError):
        parse_reply('{"choices": [{"message": {"content": "é"}}]}'.encode(encoding), CONTEXT)


def test_a_body_cut_inside_a_character_is_truncated() -> None:
    with pytest.raises(TruncatedResponseError):
        parse_reply('{"choices": [{"message": {"content": "é'.encode()[:-1], CONTEXT)


json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
FIELDS = ("content", "tool_calls", "refusal", "reasoning", "reasoning_content")
choices = st.fixed_dictionaries(
    {},
    optional={
        "message": st.fixed_dictionaries({}, optional=dict.fromkeys(FIELDS, json_values)) | json_values,
        "finish_reason": st.sampled_from(["stop", "length", "content_filter", None]) | json_values,
        "logprobs": json_values,
        "error": json_values,
    },
)
bodies = st.fixed_dictionaries(
    {},
    optional={
        "choices": st.lists(choices, max_size=2) | json_values,
        "usage": json_values,
        "error": json_values,
        "model": json_values,
    },
)


@given(bodies | json_values)
def test_any_json_is_an_answer_or_a_typed_error(body: Any) -> None:
    try:
        got = response_of(body, CONTEXT)
    except ModelError:
        return
    assert got.text.strip() or got.message.tool_calls or got.message.refusal


@given(st.integers(300, 599), json_values | st.fixed_dictionaries({"error": json_values}))
def test_any_error_body_is_a_typed_error(status: int, body: Any) -> None:
    complaint = complaint_of_body(orjson.dumps(body), unchanged)
    error = failure(status, complaint, "m at x")
    assert error.status == status
    assert len(complaint.message) <= MESSAGE_LENGTH


def test_a_page_of_html_is_reduced_to_its_words() -> None:
    page = b"<html><style>p {}</style><body><h1>502</h1>\n<p>Bad  gateway</p></body></html>"
    assert complaint_of_body(page, unchanged).message == "502 Bad gateway"


@pytest.mark.parametrize(
    ("body", "said", "code"),
    [
        (b'{"error": {"message": "m", "code": "C"}}', "m", "c"),
        (b'{"error": "m"}', "m", None),
        (b'{"message": "m", "type": "T"}', "m", "t"),
        (b'{"detail": "m"}', "m", None),
        (b'[{"error": {"message": "m", "status": "S"}}]', "m", "s"),
        (b'{"error": {"error": {"message": "m"}, "code": "c"}}', "m", "c"),
    ],
)
def test_error_bodies_are_read_in_the_shapes_that_endpoints_use(
    body: bytes, said: str, code: str | None
) -> None:
    complaint = complaint_of_body(body, unchanged)
    assert complaint.message == said
    assert code is None or code in complaint.codes


@pytest.mark.parametrize(
    "prices",
    [
        (1.0, None, None),
        (None, None, 1.0),
        (-1.0, 1.0, None),
        (float("nan"), 1.0, None),
        (1.0, float("inf"), None),
    ],
)
def test_prices_that_do_not_fit_are_refused(prices: tuple[float | None, ...]) -> None:
    with pytest.raises(ConfigurationError, match="price"):
        Prices(*prices)


letters = st.characters(codec="ascii", categories=["L", "N"])


@given(st.text(letters, min_size=8), st.text(), st.text())
def test_a_secret_is_struck_out_wherever_it_stands(secret: str, before: str, after: str) -> None:
    assert secret not in Redactor([secret])(before + secret + after)


def test_a_secret_shows_itself_only_when_asked_by_name() -> None:
    secret = Secret("sk-1234567")
    assert "1234" not in f"{secret} {secret!r}"
    assert secret.reveal() == "sk-1234567"
