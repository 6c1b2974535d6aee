"""What makes two requests the same."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentbench_sdk.cache import Origin, draw_for, identify, request_key
from agentbench_sdk.cache.key import SHARED_DRAW, RecentShapes, key_of
from agentbench_sdk.messages import Image, Message, Text, ToolCall, ToolSpec
from agentbench_sdk.models import GenerateParams, ModelRequest

TOOL = ToolSpec("look", "Looks.", {"type": "object", "properties": {"x": {"type": "integer"}, "y": {}}})
PARAMS = GenerateParams(temperature=0.7, max_tokens=100, extra_body={"top_k": 5, "nested": {"a": 1, "b": 2}})
REQUEST = ModelRequest((Message.system("Be brief."), Message.user("Hello")), (TOOL,), PARAMS)

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
messages = st.one_of(
    st.builds(Message.system, texts),
    st.builds(Message.user, texts),
    st.builds(lambda text, why: Message.assistant(text, reasoning=why), texts, texts),
    st.builds(Message.tool, texts, texts),
    st.builds(lambda name, args: Message.assistant(tool_calls=[ToolCall("c", name, args)]), texts, texts),
)
requests = st.builds(
    ModelRequest,
    st.lists(messages, max_size=4).map(tuple),
    st.lists(st.builds(ToolSpec, texts, texts, st.just({"type": "object"})), max_size=2).map(tuple),
    st.builds(
        GenerateParams,
        temperature=st.none() | st.sampled_from([0.0, 0.5]),
        max_tokens=st.none() | st.integers(1, 9),
        stop=st.lists(texts, max_size=2).map(tuple),
        seed=st.none() | st.integers(0, 3),
    ),
)
calls = st.tuples(texts, texts, requests, texts)


def key(model: str = "m", endpoint: str = "e", request: ModelRequest = REQUEST, draw: str = "") -> str:
    return request_key(model_id=model, endpoint=endpoint, request=request, draw=draw)


@given(calls, calls)
def test_keys_are_equal_exactly_when_the_requests_are(a: Any, b: Any) -> None:
    assert (key(*a) == key(*b)) == (a == b)


@given(calls)
def test_a_key_is_sha256_and_stable(call: Any) -> None:
    assert key(*call) == key(*call)
    assert len(bytes.fromhex(key(*call))) == 32


CHANGES: list[dict[str, Any]] = [
    {"temperature": 0.8},
    {"top_p": 0.9},
    {"max_tokens": 101},
    {"stop": ("x",)},
    {"seed": 0},
    {"frequency_penalty": 0.1},
    {"presence_penalty": 0.1},
    {"logprobs": True},
    {"top_logprobs": 2},
    {"reasoning_effort": "low"},
    {"response_format": {"type": "json_object"}},
    {"tool_choice": "required"},
    {"extra_body": {"top_k": 6}},
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: next(iter(change)))
def test_every_parameter_is_in_the_key(change: dict[str, Any]) -> None:
    assert key(request=replace(REQUEST, params=replace(PARAMS, **change))) != key()


def test_there_is_a_change_for_every_parameter() -> None:
    assert {name for change in CHANGES for name in change} == set(GenerateParams.__dataclass_fields__)


@pytest.mark.parametrize(
    "tool",
    [
        replace(TOOL, name="see"),
        replace(TOOL, description="Looks again."),
        replace(TOOL, parameters={"type": "object"}),
    ],
)
def test_every_part_of_a_tool_is_in_the_key(tool: ToolSpec) -> None:
    assert key(request=replace(REQUEST, tools=(tool,))) != key()


def test_remembered_shapes_make_the_same_keys() -> None:
    """Each of many kinds of requests has the key that it has without the memory, also when asked for again."""
    shapes = RecentShapes()
    others = [replace(REQUEST, params=replace(PARAMS, **change)) for change in CHANGES]
    tools = [replace(REQUEST, tools=(TOOL,) * number) for number in range(70)]
    for request in [REQUEST, *others, *tools] * 2:
        for model in ("m/1", "m/2"):
            asked: dict[str, Any] = {"model_id": model, "endpoint": "http://e", "request": request}
            assert identify(**asked, draw="d", shapes=shapes) == identify(**asked, draw="d")


def test_the_order_of_members_is_not_in_the_key() -> None:
    properties = {"y": {}, "x": {"type": "integer"}}
    tool = replace(TOOL, parameters={"properties": properties, "type": "object"})
    params = replace(PARAMS, extra_body={"nested": {"b": 2, "a": 1}, "top_k": 5})
    assert key(request=replace(REQUEST, tools=(tool,), params=params)) == key()


def test_the_order_of_messages_and_tools_is_in_the_key() -> None:
    assert key(request=replace(REQUEST, messages=REQUEST.messages[::-1])) != key()
    two = (TOOL, replace(TOOL, name="see"))
    assert key(request=replace(REQUEST, tools=two)) != key(request=replace(REQUEST, tools=two[::-1]))


def test_parameters_that_are_equal_numbers_are_equal_in_the_key() -> None:
    """A temperature given as 0, 0.0 or -0.0 is one request."""
    keys = {key(request=replace(REQUEST, params=GenerateParams(temperature=t))) for t in (0, 0.0, -0.0)}
    assert len(keys) == 1


def test_media_count_by_content() -> None:
    def seeing(data: bytes) -> ModelRequest:
        return ModelRequest((Message.user(["What is this?", Image(data=data, media_type="image/png")]),))

    assert key(request=seeing(b"a")) == key(request=seeing(bytes([97])))
    assert key(request=seeing(b"a")) != key(request=seeing(b"b"))
    assert b"data" not in identify(model_id="m", endpoint="e", request=seeing(b"a"), draw="").messages[0]


def test_texts_cannot_be_moved_between_the_parts_of_a_request() -> None:
    """Neither line breaks nor JSON in a text make one request look like another."""
    one = ModelRequest((Message.user("a\nb"),))
    line = Message.user("b").canonical().decode()
    two = ModelRequest((Message.user("a"), Message.user("b")))
    three = ModelRequest((Message.user(f"a\n{line}"),))
    parts = ModelRequest((Message("user", (Text("a"), Text("b"))),))
    keys = {key(request=request) for request in (one, two, three, parts)}
    assert len(keys | {key(draw="x"), key(draw='"x"'), key(draw="")}) == 7


def test_the_key_can_be_computed_again_from_its_parts() -> None:
    identity = identify(model_id="m", endpoint="e", request=REQUEST, draw="d")
    assert key_of(identity.shape, identity.draw, identity.messages) == identity.key


def test_text_that_is_not_unicode_has_no_key() -> None:
    with pytest.raises(TypeError):
        key(request=ModelRequest((Message.user("\ud800"),)))


SAMPLED = GenerateParams(temperature=0.7)
HERE = Origin("r1", "s1", 1, "agent", 3, 0)


@pytest.mark.parametrize("params", [GenerateParams(temperature=0), GenerateParams(temperature=0.0, seed=4)])
def test_deterministic_requests_share_one_draw_an_epoch(params: GenerateParams) -> None:
    """Runs and samples share it; a repeat is asked for anew, since endpoints differ even at temperature 0."""
    assert draw_for(params, HERE) == draw_for(params, Origin("r2", "s2", 1)) == f"{SHARED_DRAW} 1"
    assert draw_for(params, HERE) != draw_for(params, Origin("r1", "s1", 2, "agent", 3, 0))


@pytest.mark.parametrize(
    "params",
    [
        SAMPLED,
        GenerateParams(),
        GenerateParams(seed=1),
        GenerateParams(temperature=0, extra_body={"temperature": 1}),
    ],
)
@pytest.mark.parametrize(
    "elsewhere",
    [{"run": "r2"}, {"sample": "s2"}, {"epoch": 2}, {"role": "user"}, {"turn": 4}, {"ordinal": 1}],
)
def test_sampled_requests_draw_for_themselves(params: GenerateParams, elsewhere: dict[str, Any]) -> None:
    assert draw_for(params, HERE) == draw_for(params, replace(HERE))
    assert draw_for(params, replace(HERE, **elsewhere)) != draw_for(params, HERE)


def test_a_resumed_run_draws_from_the_namespace_of_the_run_that_it_resumes() -> None:
    assert draw_for(SAMPLED, replace(HERE, run="r9", namespace="r1")) == draw_for(SAMPLED, HERE)


@given(texts, texts, texts, texts)
def test_draws_of_different_places_differ(a: str, b: str, c: str, d: str) -> None:
    assert (draw_for(SAMPLED, Origin(a or "r", b)) == draw_for(SAMPLED, Origin(c or "r", d))) == (
        (a or "r", b) == (c or "r", d)
    )
