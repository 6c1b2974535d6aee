"""JSON answers compared field by field (`fields`), and intents with slots (`slots`)."""

import json
from typing import Any

import pytest

from agentbench_sdk.errors import ConfigurationError, JudgeError
from agentbench_sdk.judges import fields, slots
from agentbench_sdk.judging import JudgeCase, Score

INVOICE = {"buyer": {"name": "Ada Ltd", "vat": "GB 1"}, "total": 12.5, "tags": ["a", "b"], "paid": True}


async def score(answer: Any, target: Any = INVOICE, **options: Any) -> Score:
    text = answer if isinstance(answer, str) else json.dumps(answer)
    verdict: Score = await fields(**options).judge(JudgeCase("s1", text, target))
    return verdict


async def test_equal_fields_pass_without_regard_to_case_and_the_form_of_numbers() -> None:
    answer = {
        "paid": True,
        "total": "12.50",
        "tags": ["A", "b"],
        "buyer": {"vat": "gb 1", "name": " ADA  Ltd"},
    }
    assert (await score(answer)).value == 1.0
    assert (await score(f"```json\n{json.dumps(answer)}\n```")).passed is True


async def test_each_leaf_counts_and_the_evidence_names_what_differs() -> None:
    verdict = await score({"buyer": {"name": "Bob"}, "total": 12.5, "tags": ["a", "b"], "paid": 1})
    assert verdict.value == pytest.approx(2 / 5)
    assert verdict.evidence["wrong"] == ["buyer.name", "paid"]
    assert verdict.evidence["missing"] == ["buyer.vat"]


@pytest.mark.parametrize(
    ("rules", "value"),
    [
        ({}, 0.0),
        ({"total": {"rule": "number", "absolute": 0.1}}, 1.0),
        ({"total": {"rule": "number", "relative": 0.01}}, 1.0),
        ({"total": {"rule": "number", "absolute": 0.01}}, 0.0),
        ({"total": "present"}, 1.0),
    ],
)
async def test_numbers_have_tolerances(rules: dict[str, Any], value: float) -> None:
    assert (await score({"total": 12.55}, {"total": 12.5}, rules=rules)).value == value


@pytest.mark.parametrize(
    ("rule", "found", "wanted", "agrees"),
    [
        ("exact", "A", "a", False),
        ("text", "A", "a", True),
        ("text", 1, "1", False),
        ("number", "1,000", 1000, True),
        ("number", "10%", 10, False),
        ("number", True, 1, False),
        ("set", ["b", "a"], ["a", "b"], True),
        ("set", ["a", "a"], ["a"], False),
        ("list", ["b", "a"], ["a", "b"], False),
        ("list", "a", ["a"], False),
        ("contains", "the Red Sea", "red", True),
        ("contains", "Red", "red sea", False),
        ("present", None, "x", False),
        ("auto", [1, "2.0"], [1.0, 2], True),
        ("auto", [{"a": 1}], [{"a": 1}], True),
        ("auto", None, None, True),
        ("auto", {}, {}, True),
    ],
)
async def test_the_rules_of_fields(rule: str, found: Any, wanted: Any, agrees: bool) -> None:
    assert (await score({"x": found}, {"x": wanted}, default=rule)).passed is agrees


async def test_weights_and_ignored_fields() -> None:
    rules = {"a": {"rule": "exact", "weight": 3}, "c": "ignore"}
    assert (await score({"a": 1, "b": 0}, {"a": 1, "b": 1, "c": 1}, rules=rules)).value == 0.75
    whole = {"buyer": "ignore", "tags": "ignore", "paid": "ignore"}
    assert (await score({"total": 12.5}, rules=whole)).value == 1.0


@pytest.mark.parametrize(
    ("extra", "value", "passed"), [("allow", 1.0, True), ("count", 0.5, False), ("forbid", 0.0, False)]
)
async def test_extra_fields(extra: str, value: float, passed: bool) -> None:
    verdict = await score({"a": 1, "b": {"c": 2}}, {"a": 1}, extra=extra)
    assert (verdict.value, verdict.passed, verdict.evidence["extra"]) == (value, passed, ["b.c"])


async def test_a_schema_comes_first_and_prose_only_when_allowed() -> None:
    schema = {"required": ["z"]}
    assert (await score({"a": 1}, {"a": 1}, schema=schema)).value == 0.0
    prose = 'Here it is: {"a": 1}. Bye.'
    assert (await score(prose, {"a": 1})).value == 0.0
    assert (await score(prose, {"a": 1}, embedded=True)).value == 1.0
    assert (await score(prose + ' {"a": 1}', {"a": 1}, embedded=True)).value == 0.0
    assert (await score("[1]", {"a": 1})).value == 0.0


@pytest.mark.parametrize("target", [None, {}, "a", [1]])
async def test_fields_need_an_object_as_target(target: Any) -> None:
    with pytest.raises(JudgeError, match="target"):
        await score("{}", target)


@pytest.mark.parametrize(
    "options",
    [
        {"rules": {"a": "near"}},
        {"rules": {"a": {"rule": "number", "tolerance": 1}}},
        {"rules": {"a": {"weight": -1}}},
        {"rules": {"a": {"absolute": True}}},
        {"default": "near"},
        {"extra": "some"},
        {"schema": {"type": "objekt"}},
    ],
)
def test_bad_options_are_refused_before_a_run(options: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match="judge 'fields'"):
        fields(**options)


PLAY: dict[str, Any] = {"intent": "PlayMusic", "slots": [{"artist": "кино"}, {"track": "группа крови"}]}


@pytest.mark.parametrize(
    ("answer", "intent", "f1"),
    [
        (PLAY, 1.0, 1.0),
        ({"intent": "playmusic", "slots": [{"track": "Группа  крови", "artist": "кино"}]}, 1.0, 1.0),
        ({"intent": "PlayMusic", "slots": {"artist": "кино"}}, 1.0, 2 / 3),
        ({"intent": "PlayMusic"}, 1.0, 0.0),
        ({"intent": "Stop", "slots": PLAY["slots"]}, 0.0, 1.0),
        ([PLAY], 0.0, 0.0),
        ({"intent": 5, "slots": 5}, 0.0, 0.0),
    ],
)
async def test_intent_and_slots(answer: Any, intent: float, f1: float) -> None:
    case = JudgeCase("s1", json.dumps(answer, ensure_ascii=False), PLAY)
    assert (await slots(metric="intent").judge(case)).value == intent
    assert (await slots().judge(case)).value == pytest.approx(f1)
    assert (await slots(metric="both").judge(case)).passed is (intent == 1.0 and f1 == 1.0)


async def test_no_slots_are_right_only_beside_the_right_intent() -> None:
    target = {"intent": "stop", "slots": []}
    assert (await slots().judge(JudgeCase("s1", '{"intent": "stop", "slots": []}', target))).value == 1.0
    assert (await slots().judge(JudgeCase("s1", '{"intent": "play"}', target))).value == 0.0
    with pytest.raises(JudgeError, match="target"):
        await slots().judge(JudgeCase("s1", "{}", {"slots": []}))
