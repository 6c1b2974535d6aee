"""A stream means the same however its bytes are split, and the same as the whole answer."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentbench_sdk.errors import MalformedResponseError
from agentbench_sdk.messages import Message, ToolCall
from agentbench_sdk.models import ModelResponse
from agentbench_sdk.models.openai_compatible.reply import ReplyContext, parse_reply, response_of
from agentbench_sdk.models.openai_compatible.stream import EventReader, StreamedReply
from agentbench_sdk.testing import Reply

CONTEXT = ReplyContext("m at x", 3, lambda text: text)


def read(pieces: list[bytes]) -> list[bytes]:
    reader = EventReader()
    events = [event for piece in pieces for event in reader.feed(piece)]
    return events + reader.finish()


def response(pieces: list[bytes]) -> ModelResponse:
    streamed = StreamedReply(CONTEXT)
    for event in read(pieces):
        streamed.add(event)
    return response_of(streamed.body(), CONTEXT)


AWKWARD = (
    b"\xef\xbb\xbf: a comment\r\n"
    b"event: message\r\nid: 7\r\ndata: one\r\n\r\n"
    b"data:two\ndata:  and a half\n\n\n"
    b"data: p\r\ndata: q\r\n\r\n"
    b":keep-alive\n\n"
    b"retry: 10\rdata: three\r\r"
    b"data: gr\xc3\xbc\xc3\x9fe \xf0\x9f\x8c\xb1\r\n\r\n"
    b"data\n\n"
    b"data: last without its blank line\r\n"
)
EXPECTED = [
    b"one",
    b"two\n and a half",
    b"p\nq",
    b"three",
    "grüße 🌱".encode(),
    b"",
    b"last without its blank line",
]


@pytest.mark.parametrize("cut", range(len(AWKWARD) + 1))
def test_events_are_the_same_wherever_the_bytes_are_cut(cut: int) -> None:
    assert read([AWKWARD[:cut], AWKWARD[cut:]]) == EXPECTED


def test_events_are_the_same_byte_by_byte() -> None:
    assert read([bytes([each]) for each in AWKWARD]) == EXPECTED


@given(
    text=st.text(max_size=60),
    reasoning=st.text(max_size=30),
    calls=st.lists(st.tuples(st.text(min_size=1, max_size=8), st.text(max_size=30)), max_size=3),
    cuts=st.lists(st.integers(0, 4000), max_size=8),
)
def test_a_streamed_answer_is_the_whole_answer(
    text: str, reasoning: str, calls: list[tuple[str, str]], cuts: list[int]
) -> None:
    made = [ToolCall(f"c{place}", name, arguments) for place, (name, arguments) in enumerate(calls)]
    answer = Message.assistant("x" + text, tool_calls=made, reasoning="" if made else reasoning)
    reply = Reply.message(answer)
    raw = b"".join(reply.events("m", 0))
    ends = [0, *sorted(min(cut, len(raw)) for cut in cuts), len(raw)]
    pieces = [raw[start:end] for start, end in itertools.pairwise(ends)]
    assert response(pieces) == parse_reply(reply.whole("m", 0), CONTEXT)


def chunk(delta: Mapping[str, object], finish: str | None = None) -> bytes:
    return b"data: " + json.dumps({"choices": [{"delta": delta, "finish_reason": finish}]}).encode() + b"\n\n"


def test_an_emoji_cut_in_two_by_the_server_is_joined() -> None:
    pieces = [chunk({"content": "a \ud83c"}), chunk({"content": "\udf31"}, "stop")]
    assert response(pieces).text == "a 🌱"


def test_half_an_emoji_that_stays_alone_is_replaced() -> None:
    assert response([chunk({"content": "a \ud83c"}), chunk({"content": "b"}, "stop")]).text == "a \ufffdb"


@pytest.mark.parametrize("arguments", [{"x": "\ud83c"}, {"\ud83c": 1}])
def test_streamed_arguments_with_half_an_emoji_are_malformed(arguments: object) -> None:
    call = {"tool_calls": [{"id": "a", "function": {"name": "f", "arguments": arguments}}]}
    with pytest.raises(MalformedResponseError):
        response([chunk(call), chunk({}, "stop")])


def test_whole_calls_that_all_have_index_zero_stay_apart() -> None:
    def call(call_id: str) -> dict[str, object]:
        return {"tool_calls": [{"index": 0, "id": call_id, "function": {"name": "f", "arguments": "{}"}}]}

    got = response([chunk(call("a")), chunk(call("b")), chunk({}, "tool_calls")])
    assert [each.id for each in got.message.tool_calls] == ["a", "b"]


def test_fragments_without_index_belong_to_the_last_call() -> None:
    opening = {"tool_calls": [{"id": "a", "function": {"name": "f", "arguments": '{"x'}}]}
    rest = {"tool_calls": [{"function": {"arguments": '": 1}'}}]}
    got = response([chunk(opening), chunk(rest), chunk({}, "stop")])
    assert got.message.tool_calls == (ToolCall("a", "f", '{"x": 1}'),)
    assert got.finish_reason == "tool_calls"


def test_the_old_form_of_a_call_is_read() -> None:
    pieces = [
        chunk({"function_call": {"name": "f"}}),
        chunk({"function_call": {"arguments": "{}"}}, "function_call"),
    ]
    (call,) = response(pieces).message.tool_calls
    assert (call.name, call.arguments) == ("f", "{}")


def test_logprobs_of_all_chunks_are_gathered() -> None:
    def token(text: str, finish: str | None) -> bytes:
        entry = {"token": text, "logprob": -0.5, "top_logprobs": [{"token": "z", "logprob": -2}]}
        choice = {"delta": {"content": text}, "logprobs": {"content": [entry]}, "finish_reason": finish}
        return b"data: " + json.dumps({"choices": [choice]}).encode() + b"\n\n"

    got = response([token("a", None), token("b", "stop")])
    assert [(each.token, each.logprob, each.top) for each in got.logprobs] == [
        ("a", -0.5, (("z", -2.0),)),
        ("b", -0.5, (("z", -2.0),)),
    ]


def test_other_choices_are_left_alone() -> None:
    other = json.dumps({"choices": [{"index": 1, "delta": {"content": "no"}, "finish_reason": "stop"}]})
    assert response([b"data: " + other.encode() + b"\n\n", chunk({"content": "yes"}, "stop")]).text == "yes"
