"""The `json_schema` judge and the JSON values that it rests on."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentbench_sdk.errors import ConfigurationError, JudgeError
from agentbench_sdk.judges.json_schema import json_schema
from agentbench_sdk.judges.json_values import contains, objects_in, same, whole_json
from agentbench_sdk.judging import JudgeCase, Score

PERSON = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "age": {"type": "integer"}},
    "required": ["name"],
}


async def score(answer: str, target: Any = None, **options: Any) -> Score:
    verdict: Score = await json_schema(**options).judge(JudgeCase("s1", answer, target))
    return verdict


@pytest.mark.parametrize(
    "answer",
    [
        '{"name": "Ada", "age": 36}',
        ' \n{"name": "Ada"}\n',
        '```json\n{"name": "Ada"}\n```',
        '```\n{"name": "Ada"}\n```',
        '~~~json\r\n{"name": "Ada"}\r\n~~~',
        '<think>{"name": 1}</think>{"name": "Ada"}',
    ],
)
async def test_one_value_that_the_schema_accepts_passes(answer: str) -> None:
    assert (await score(answer, schema=PERSON)).passed is True


@pytest.mark.parametrize(
    "answer",
    [
        '{"name": 5}',
        '{"age": 36}',
        "[]",
        'Here it is: {"name": "Ada"}',
        '{"name": "Ada"} {"name": "Bob"}',
        '{"name": "Ada"',
        '{"name": "Ada", "name": "Bob"}',
        '{"name": "Ada", "age": NaN}',
        "{'name': 'Ada'}",
        '```json\n{"name": "Ada"}\n```\n```json\n{"name": "Bob"}\n```',
        "[" * 100_000,
        "",
    ],
)
async def test_anything_else_is_wrong_and_says_why(answer: str) -> None:
    verdict = await score(answer, schema=PERSON)
    assert (verdict.value, verdict.passed) == (0.0, False)
    assert verdict.explanation


async def test_the_whole_value_can_be_compared_with_the_target() -> None:
    assert (await score('{"a": 1.0, "b": [1]}', {"b": [1], "a": 1}, match="whole")).passed is True
    assert (await score('{"a": true, "b": [1]}', {"b": [1], "a": 1}, match="whole")).passed is False
    assert (await score('{"a": 1, "b": [1], "c": 0}', {"b": [1], "a": 1}, match="whole")).passed is False


async def test_fields_share_the_value() -> None:
    verdict = await score('{"a": 1, "b": "x", "c": 0}', {"a": 1, "b": "y"}, match="fields", schema={})
    assert (verdict.value, verdict.passed, verdict.evidence["wrong"]) == (0.5, False, ["b"])
    assert (await score('{"a": 1, "b": "y", "c": 0}', {"a": 1, "b": "y"}, match="fields")).passed is True
    assert (await score("[1]", {"a": 1}, match="fields")).value == 0.0
    refused = await score('{"a": 1}', {"a": 1}, match="fields", schema={"required": ["z"]})
    assert refused.value == 0.0


@pytest.mark.parametrize("target", [None, {}, "a", [1]])
async def test_fields_need_an_object_as_target(target: Any) -> None:
    with pytest.raises(JudgeError, match="target"):
        await score("{}", target, match="fields")


@pytest.mark.filterwarnings("ignore")  # the library would fetch it with no more than a warning
async def test_a_foreign_reference_is_not_fetched(tmp_path: Path) -> None:
    foreign = tmp_path / "schema.json"
    foreign.write_text("{}", encoding="utf-8")
    with pytest.raises(JudgeError, match="refers to"):
        await score("{}", schema={"$ref": foreign.as_uri()})


@pytest.mark.parametrize("options", [{}, {"schema": {"type": "objekt"}}, {"schema": {}, "match": "some"}])
def test_bad_options_are_refused_before_a_run(options: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match="judge 'json_schema'"):
        json_schema(**options)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.floats(-5, 5) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3),
    max_leaves=8,
)


@given(VALUES, VALUES)
def test_equality_is_symmetric_and_a_value_contains_itself(left: Any, right: Any) -> None:
    assert same(left, left)
    assert same(left, right) == same(right, left)
    assert contains(left, left)
    assert not same(left, [left])


def test_true_is_not_one_and_text_is_no_number() -> None:
    assert same(1, 1.0)
    assert not same(True, 1)
    assert not same([True], [1])
    assert not same("1", 1)
    assert not same(None, 0)
    assert contains({"a": {"b": 1, "c": 2}, "d": 3}, {"a": {"b": 1}})
    assert not contains({"a": [1, 2]}, {"a": [1]})


@given(st.text(max_size=60), st.text(alphabet='{}[]":,1a ', max_size=60))
def test_no_text_makes_the_parsers_raise_anything_but_value_errors(free: str, near: str) -> None:
    for text in (free, near):
        objects_in(text)
        try:
            whole_json(text)
        except ValueError as error:
            assert str(error)  # noqa: PT017 - either outcome is right, another exception is not
