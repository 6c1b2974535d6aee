"""The `tool_calls` judge."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentbench_sdk.errors import ConfigurationError, JudgeError
from agentbench_sdk.judges.tool_calls import tool_calls
from agentbench_sdk.judging import JudgeCase, Score
from agentbench_sdk.sessions.transcript import ToolEntry, Transcript


def call(name: str, arguments: Any = None, **rest: Any) -> ToolEntry:
    raw = arguments if isinstance(arguments, str) else json.dumps(arguments or {})
    return ToolEntry(rest.pop("actor", "agent"), "c1", name, raw, "done", rest.pop("ok", True), **rest)


CALLS = [
    call("lookup", {"order": "A-17"}),
    call("note", "{broken"),
    call("refund", {"order": "A-17", "amount": {"cents": 500, "currency": "USD"}}),
    call("refund", {"order": "A-18"}, ok=False),
    call("ship", {}, surplus=True, ok=False),
    call("reboot", {}, actor="user"),
]


async def score(target: Any, calls: list[ToolEntry] = CALLS, **options: Any) -> Score:
    case = JudgeCase("s1", "", target, transcript=Transcript(list(calls)))
    verdict: Score = await tool_calls(**options).judge(case)
    return verdict


@pytest.mark.parametrize(
    "target",
    [
        {"used": ["lookup"]},
        {"used": [{"name": "refund", "arguments": {"order": "A-17"}}]},
        {"used": [{"name": "refund", "arguments": {"amount": {"cents": 500.0}}}]},
        {"used": [{"name": "refund", "min": 1, "max": 1}]},
        {"used": [{"name": "note"}]},
        {"used": [{"name": "cancel", "min": 0, "max": 0}]},
        {"order": ["lookup", "refund"]},
        {"order": ["lookup", "note", {"name": "refund", "arguments": {"order": "A-17"}}]},
        {"forbidden": ["cancel", {"name": "refund", "arguments": {"order": "A-99"}}]},
        {"forbidden": ["ship", "reboot"]},
        {"min": 4, "max": 4},
        {"used": [{"name": "lookup", "arguments": {"order": "A-17"}, "exact": True}]},
        {"used": [{"name": "refund", "schema": {"required": ["order", "amount"]}}]},
        {"forbidden": [{"name": "refund", "schema": {"required": ["amount", "reason"]}}]},
        {"only": ["lookup", "note", "refund"]},
        {"used": [{"name": "lookup", "actor": "agent"}]},
    ],
)
async def test_expectations_that_hold_pass(target: Any) -> None:
    assert (await score(target)).passed is True


@pytest.mark.parametrize(
    "target",
    [
        {"used": ["cancel"]},
        {"used": ["reboot"]},
        {"used": ["ship"]},
        {"used": [{"name": "refund", "arguments": {"order": "A-18"}}]},
        {"used": [{"name": "refund", "arguments": {"amount": {"cents": True}}}]},
        {"used": [{"name": "note", "arguments": {"text": "x"}}]},
        {"used": [{"name": "lookup", "min": 2}]},
        {"used": [{"name": "lookup", "min": 0, "max": 0}]},
        {"order": ["refund", "lookup"]},
        {"order": ["lookup", "lookup"]},
        {"forbidden": ["lookup"]},
        {"forbidden": [{"name": "refund", "arguments": {"order": "A-18"}}]},
        {"min": 5},
        {"max": 3},
        {"used": [{"name": "refund", "arguments": {"order": "A-17"}, "exact": True}]},
        {"used": [{"name": "lookup", "exact": True}]},
        {"used": [{"name": "lookup", "schema": {"properties": {"order": {"type": "integer"}}}}]},
        {"used": [{"name": "note", "schema": {"type": "object"}}]},
        {"used": [{"name": "lookup", "actor": "user"}]},
        {"only": ["lookup", "note"]},
        {"only": []},
    ],
)
async def test_expectations_that_do_not_hold_fail_and_are_named(target: Any) -> None:
    verdict = await score(target)
    assert (verdict.value, verdict.passed) == (0.0, False)
    assert verdict.explanation != "the calls are as expected"
    assert False in verdict.evidence["checks"].values()


async def test_partial_gives_the_share_of_checks_that_hold() -> None:
    target = {"used": ["lookup", "cancel"], "forbidden": ["delete"], "max": 9}
    assert (await score(target, partial=True)).value == 0.75
    assert (await score(target)).value == 0.0


async def test_the_users_calls_can_be_judged() -> None:
    assert (await score({"used": ["reboot"]}, actor="user")).passed is True


async def test_both_sides_can_be_judged_together() -> None:
    target = {"order": ["lookup", {"name": "reboot", "actor": "user"}], "max": 5}
    assert (await score(target, actor="both")).passed is True
    assert (await score({"order": [{"name": "reboot", "actor": "agent"}]}, actor="both")).passed is False
    assert (await score({"max": 4}, actor="both")).passed is False


async def test_expectations_may_come_from_the_task() -> None:
    assert (await score(None, expect={"used": ["lookup"]})).passed is True


async def test_no_call_at_all_fails_what_is_to_be_used() -> None:
    assert (await score({"used": ["lookup"]}, [])).passed is False
    assert (await score({"forbidden": ["lookup"]}, [])).passed is True


@pytest.mark.parametrize(
    "target",
    [
        None,
        "lookup",
        [],
        {},
        {"use": ["a"]},
        {"used": [5]},
        {"used": [{"nam": "a"}]},
        {"min": -1},
        {"used": [{"name": "a", "schema": {"type": 5}}]},
        {"used": [{"name": "a", "actor": "nobody"}]},
        {"max": "3"},
    ],
)
async def test_a_target_of_another_form_is_the_tasks_fault(target: Any) -> None:
    with pytest.raises(JudgeError, match="sample 's1'"):
        await score(target)


def test_bad_options_are_refused_before_a_run() -> None:
    with pytest.raises(ConfigurationError, match="used"):
        tool_calls(expect={"used": "lookup"})
    with pytest.raises(ConfigurationError, match="actor"):
        tool_calls(actor="nobody")


@given(st.lists(st.sampled_from("abc"), max_size=8), st.lists(st.sampled_from("abc"), min_size=1, max_size=4))
async def test_order_is_that_of_a_subsequence(made: list[str], wanted: list[str]) -> None:
    rest = iter(made)
    holds = all(name in rest for name in wanted)
    assert (await score({"order": wanted}, [call(name) for name in made])).passed is holds


@given(st.text(max_size=40))
async def test_no_raw_arguments_make_it_raise(raw: str) -> None:
    verdict = await score({"used": [{"name": "a", "arguments": {"k": 1}}]}, [call("a", raw or "x")])
    assert verdict.passed is False
