"""Requests reach the wire whole, each message encoded once, and media without blocking the loop."""

from __future__ import annotations

import asyncio
import base64
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.messages import Audio, Image, Message, Part, Text, ToolCall, ToolSpec, Video
from agentbench_sdk.models import GenerateParams, ModelRequest
from agentbench_sdk.models.openai_compatible import OpenAICompatible
from agentbench_sdk.models.openai_compatible import encoding as encoding_module
from agentbench_sdk.models.openai_compatible.encoding import MediaEncoder, RequestEncoder
from agentbench_sdk.testing import FakeEndpoint, Reply
from agentbench_sdk.testing.wire import request_of


async def body_of(request: ModelRequest, **options: Any) -> dict[str, Any]:
    encoded = await RequestEncoder("m", **options).encode(request)
    body: dict[str, Any] = orjson.loads(encoded)
    return body


async def test_all_parameters_have_their_names_on_the_wire() -> None:
    params = GenerateParams(
        temperature=0.0,
        top_p=0.9,
        max_tokens=5,
        stop=("a", "b"),
        seed=0,
        frequency_penalty=0.1,
        presence_penalty=-0.1,
        logprobs=True,
        top_logprobs=2,
        reasoning_effort="low",
        response_format={"type": "json_object"},
        tool_choice="required",
        extra_body={"top_k": 3},
    )
    body = await body_of(ModelRequest((Message.user("x"),), params=params), extra_body={"top_k": 1, "a": 2})
    messages = body.pop("messages")
    assert messages == [{"role": "user", "content": "x"}]
    assert body == {
        "model": "m",
        "temperature": 0.0,
        "top_p": 0.9,
        "max_tokens": 5,
        "stop": ["a", "b"],
        "seed": 0,
        "frequency_penalty": 0.1,
        "presence_penalty": -0.1,
        "logprobs": True,
        "top_logprobs": 2,
        "reasoning_effort": "low",
        "response_format": {"type": "json_object"},
        "tool_choice": "required",
        "top_k": 3,
        "a": 2,
    }


async def test_what_is_not_set_is_not_sent() -> None:
    assert await body_of(ModelRequest((Message.user("x"),))) == {
        "model": "m",
        "messages": [{"role": "user", "content": "x"}],
    }


async def test_a_tool_session_has_the_form_of_the_protocol() -> None:
    call = ToolCall("c1", "look", '{"a":')
    messages = (
        Message.system("s"),
        Message.assistant(tool_calls=[call], reasoning="secretly"),
        Message.tool("c1", ""),
        Message.assistant("text", tool_calls=[call]),
    )
    tools = (ToolSpec("look", "Looks.", {"type": "object", "properties": {}}),)
    body = await body_of(ModelRequest(messages, tools))
    wire_call = {"id": "c1", "type": "function", "function": {"name": "look", "arguments": '{"a":'}}
    assert body["messages"] == [
        {"role": "system", "content": "s"},
        {"role": "assistant", "content": None, "tool_calls": [wire_call]},
        {"role": "tool", "content": "", "tool_call_id": "c1"},
        {"role": "assistant", "content": "text", "tool_calls": [wire_call]},
    ]
    function = {"name": "look", "description": "Looks.", "parameters": {"type": "object", "properties": {}}}
    assert body["tools"] == [{"type": "function", "function": function}]


async def test_reasoning_goes_back_only_where_asked_for() -> None:
    request = ModelRequest((Message.assistant("4", reasoning="2 and 2"),))
    (kept,) = (await body_of(request, send_reasoning=True))["messages"]
    (left,) = (await body_of(request))["messages"]
    assert kept["reasoning_content"] == "2 and 2"
    assert left == {"role": "assistant", "content": "4"}


async def test_media_have_the_form_of_the_protocol() -> None:
    parts: list[str | Part] = [
        "look:",
        Image(b"PNG!", media_type="image/png"),
        Image(url="https://x/y.png?a=1"),
        Audio(b"RIFF", media_type="audio/x-wav"),
        Audio(b"ID3", media_type="audio/mpeg"),
        Video(b"mp4", media_type="video/mp4"),
    ]
    (message,) = (await body_of(ModelRequest((Message.user(parts),))))["messages"]

    def b64(data: bytes) -> str:
        return base64.b64encode(data).decode()

    assert message["content"] == [
        {"type": "text", "text": "look:"},
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{b64(b'PNG!')}"}},
        {"type": "image_url", "image_url": {"url": "https://x/y.png?a=1"}},
        {"type": "input_audio", "input_audio": {"data": b64(b"RIFF"), "format": "wav"}},
        {"type": "input_audio", "input_audio": {"data": b64(b"ID3"), "format": "mp3"}},
        {"type": "video_url", "video_url": {"url": f"data:video/mp4;base64,{b64(b'mp4')}"}},
    ]


async def test_media_without_type_or_bytes_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="media_type"):
        await body_of(ModelRequest((Message.user([Image(b"x")]),)))
    with pytest.raises(ConfigurationError, match="not at hand"):
        await body_of(ModelRequest((Message.user([Image(sha256="ab", media_type="image/png")]),)))


@pytest.mark.parametrize("size", [0, 1, 196_607, 196_608, 196_609, 700_001])
async def test_base64_in_pieces_is_base64(size: int) -> None:
    data = bytes(index % 251 for index in range(size))
    (message,) = (await body_of(ModelRequest((Message.user([Image(data, media_type="image/png")]),))))[
        "messages"
    ]
    assert message["content"][0]["image_url"]["url"].partition(",")[2] == base64.b64encode(data).decode()


async def test_large_media_are_encoded_once_and_off_the_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    threads: list[int] = []
    here = asyncio.get_running_loop()
    real = encoding_module._base64

    def counting(data: bytes) -> bytes:
        try:
            threads.append(int(asyncio.get_running_loop() is here))
        except RuntimeError:
            threads.append(0)
        return real(data)

    monkeypatch.setattr(encoding_module, "_base64", counting)
    encoder = RequestEncoder("m")
    image = Image(b"x" * 300_000, media_type="image/png")
    for turn in range(3):
        await encoder.encode(ModelRequest((Message.user([image]), Message.user(str(turn)))))
    assert threads == [0]


async def test_a_message_is_encoded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    encoder = RequestEncoder("m")
    history = tuple(
        Message.assistant(tool_calls=[ToolCall(f"c{place}", "look", "{}")]) for place in range(50)
    )
    first = await encoder.encode(ModelRequest(history))
    monkeypatch.setattr(RequestEncoder, "_encode_message", lambda *_: pytest.fail("encoded again"))
    assert await encoder.encode(ModelRequest(history)) == first


def test_kept_media_stay_within_their_bytes() -> None:
    encoder = MediaEncoder(memory_bytes=10_000)
    for number in range(50):
        encoder.part(Image(bytes([number]) * 1000, media_type="image/png"))
    assert sum(map(len, encoder._parts.values())) == encoder._held_bytes <= 10_000


@pytest.mark.parametrize("name", ["model", "messages", "tools", "stream", "n"])
async def test_reserved_members_cannot_be_overridden(name: str) -> None:
    with pytest.raises(ConfigurationError, match=name):
        OpenAICompatible("m", base_url="http://x/v1", extra_body={name: 1})
    params = GenerateParams(extra_body={name: 1})
    with pytest.raises(ConfigurationError, match=name):
        await body_of(ModelRequest((Message.user("x"),), params=params))


async def test_a_value_that_is_not_json_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="not JSON"):
        await body_of(ModelRequest((Message.user("x"),), params=GenerateParams(extra_body={"a": {1}})))


@pytest.mark.parametrize(
    ("base_url", "option", "name"),
    [
        ("https://api.openai.com/v1", "auto", "max_completion_tokens"),
        ("https://me.openai.azure.com/openai/v1", "auto", "max_completion_tokens"),
        ("https://evil-api.openai.com.example/v1", "auto", "max_tokens"),
        ("http://localhost:8000/v1", "auto", "max_tokens"),
        ("http://localhost:8000/v1", "max_completion_tokens", "max_completion_tokens"),
        ("https://api.openai.com/v1", "max_tokens", "max_tokens"),
    ],
)
async def test_the_token_limit_has_the_name_that_the_endpoint_wants(
    base_url: str, option: Any, name: str
) -> None:
    model = OpenAICompatible("m", base_url=base_url, api_key="sk-test", max_tokens_field=option)
    request = ModelRequest((Message.user("x"),), params=GenerateParams(max_tokens=9))
    body = orjson.loads(await model._encoder.encode(request))
    assert {key: body[key] for key in body if "max" in key} == {name: 9}


async def test_a_body_of_megabytes_arrives_whole() -> None:
    text = "é" * 2_000_000
    async with FakeEndpoint(Reply.text("4")) as endpoint:
        model = OpenAICompatible("m", base_url=endpoint.base_url)
        await model.generate(ModelRequest((Message.user(text),)))
        await model.close()
    assert endpoint.bodies[0]["messages"][0]["content"] == text


texts = st.text(max_size=20)
parts = st.one_of(
    texts.map(Text),
    st.binary(max_size=30).map(lambda data: Image(data, media_type="image/png")),
    st.binary(max_size=30).map(lambda data: Audio(data, media_type="audio/wav")),
    texts.map(lambda text: Video(url=f"http://x/{text}")),
)
calls = st.builds(ToolCall, st.text(min_size=1), st.text(min_size=1), texts)
messages = st.one_of(
    st.builds(Message.system, texts),
    st.builds(Message.user, st.lists(parts, min_size=2, max_size=4)),
    st.builds(
        lambda text, made, thought: Message.assistant(text, tool_calls=made, reasoning=thought),
        texts,
        st.lists(calls, max_size=3),
        texts,
    ),
    st.builds(Message.tool, texts.filter(bool), texts),
)


@given(st.lists(messages, max_size=5))
def test_a_request_read_back_from_the_wire_is_the_same(conversation: list[Message]) -> None:
    encoder = RequestEncoder("m", send_reasoning=True)
    encoded = asyncio.run(encoder.encode(ModelRequest(tuple(conversation))))
    assert request_of(orjson.loads(encoded)).messages == tuple(conversation)
