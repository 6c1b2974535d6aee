"""Judges with partial credit: `span`, `edit_distance`, `anls`, `items`."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import agentbench_sdk.judges as catalogue
from agentbench_sdk.errors import ConfigurationError, JudgeError, MissingExtraError
from agentbench_sdk.judges.items import read_items
from agentbench_sdk.judges.span import overlap
from agentbench_sdk.judging import JudgeCase, Score


async def score(name: str, answer: str, target: Any, **options: Any) -> Score:
    verdict: Score = await getattr(catalogue, name)(**options).judge(JudgeCase("s1", answer, target))
    return verdict


@pytest.mark.parametrize(
    ("answer", "golds", "f1", "exact"),
    [
        ("Eiffel Tower", ["the Eiffel Tower!"], 1.0, True),
        ("ANSWER: Eiffel Tower", ["Eiffel Tower"], 1.0, True),
        ("Eiffel", ["Eiffel Tower"], 2 / 3, False),
        ("Tower Eiffel", ["Eiffel Tower"], 1.0, False),
        ("Paris", ["Rome", "Paris France"], 2 / 3, False),
        ("a a b", ["a b b c"], 0.5, False),  # one "a" is an article in either text; "b" is common once
        ("Rome", ["Paris"], 0.0, False),
        ("埃菲尔铁塔", ["埃菲尔塔"], 8 / 9, False),
    ],
)
async def test_spans_overlap_as_in_squad(answer: str, golds: list[str], f1: float, exact: bool) -> None:
    verdict = await score("span", answer, golds)
    assert verdict.value == pytest.approx(f1)
    assert verdict.passed is exact
    assert (await score("span", answer, golds, metric="exact")).value == float(exact)


async def test_precision_and_recall_are_of_the_answer_and_of_the_gold() -> None:
    assert (await score("span", "red", "red green", metric="precision")).value == 1.0
    assert (await score("span", "red", "red green", metric="recall")).value == 0.5


async def test_the_whole_reply_counts_when_asked_for() -> None:
    assert (await score("span", "So it goes.\nANSWER: red", "red")).value == 1.0
    assert (await score("span", "So it goes.\nANSWER: red", "red", whole=True)).value == pytest.approx(2 / 6)


@given(st.text(max_size=30), st.text(max_size=30))
def test_overlap_is_symmetric_and_within_its_scale(left: str, right: str) -> None:
    one, other = overlap(left, right), overlap(right, left)
    assert one.f1 == other.f1
    assert (one.precision, one.recall) == (other.recall, other.precision)
    assert 0.0 <= one.f1 <= 1.0
    assert not one.exact or one.f1 == 1.0


@pytest.mark.parametrize(
    ("answer", "target", "options", "value"),
    [
        ("kitten", "sitting", {}, 4 / 7),
        ("kitten", ["sitting", "kitten"], {}, 1.0),
        ("KITTEN", "kitten", {}, 0.0),
        ("KITTEN", "kitten", {"ignore_case": True}, 1.0),
        ("the red cat", "the blue cat", {"unit": "word"}, 2 / 3),
        ("ANSWER: cat", "cat", {}, 1.0),
        ("ANSWER: cat", "cat", {"whole": True}, 3 / 11),
    ],
)
async def test_edit_distance_is_a_share_of_the_longer_text(
    answer: str, target: Any, options: dict[str, Any], value: float
) -> None:
    assert (await score("edit_distance", answer, target, **options)).value == pytest.approx(value)


async def test_a_similarity_may_be_enough_to_pass() -> None:
    assert (await score("edit_distance", "kitten", "sitting", at_least=0.5)).passed is True
    assert (await score("edit_distance", "kitten", "sitting")).passed is False


@pytest.mark.parametrize(
    ("answer", "target", "value"),
    [
        ("ITC Limited", "itc limited", 1.0),
        ("ITC Limted", "ITC Limited", 10 / 11),
        ("ab", "abcd", 0.5),
        ("a", "abcd", 0.0),
        ("xyz", ["abc", "xyy"], 2 / 3),
    ],
)
async def test_anls_drops_what_is_less_than_half_alike(answer: str, target: Any, value: float) -> None:
    assert (await score("anls", answer, target)).value == pytest.approx(value)


@pytest.mark.parametrize("name", ["anls", "edit_distance"])
def test_a_missing_library_is_told_when_the_judge_is_made(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r"agentbench-sdk\[metrics\]"):
        getattr(catalogue, name)()


COLOURS = ["red", "green", "blue"]


@pytest.mark.parametrize(
    "answer",
    [
        "red, green, blue",
        "Red, Green and Blue.",
        "The answer is: red, green, and blue.",
        "ANSWER: red; green; blue",
        '["red", "green", "blue"]',
        '```json\n{"colours": ["red", "green", "blue"]}\n```',
        "- red\n- green\n- blue",
        "The colours are:\n\n1. **red**\n2. green\n3. blue.",
        "a) red\nb) green\nc) blue",
        "\\boxed{\\text{red}, \\text{green}, \\text{blue}}",
        "[red, green, blue]",
        "答案：red、green和blue",
    ],
)
async def test_a_list_is_read_however_it_is_written(answer: str) -> None:
    verdict = await score("items", answer, COLOURS, ordered=True)
    assert verdict.value == 1.0, verdict.evidence


@pytest.mark.parametrize(
    ("answer", "options", "value"),
    [
        ("blue, red, green", {}, 1.0),
        ("blue, red, green", {"ordered": True}, 0.0),
        ("blue, red, green", {"ordered": True, "credit": "f1"}, 2 / 3),
        ("red, green", {}, 0.0),
        ("red, green", {"credit": "recall"}, 2 / 3),
        ("red, green", {"credit": "precision"}, 1.0),
        ("red, green", {"credit": "f1"}, 0.8),
        ("red, green", {"credit": "jaccard"}, 2 / 3),
        ("red, black", {"credit": "precision"}, 0.5),
        ("red, red, green, blue", {}, 1.0),
        ("red, red, green, blue", {"duplicates": True}, 0.0),
        ("red, red, green, blue", {"duplicates": True, "credit": "precision"}, 0.75),
        ("black", {"credit": "f1"}, 0.0),
    ],
)
async def test_credit_for_items(answer: str, options: dict[str, Any], value: float) -> None:
    assert (await score("items", answer, COLOURS, **options)).value == pytest.approx(value)


async def test_numbers_count_by_value_and_evidence_tells_what_is_missing() -> None:
    assert (await score("items", "1,000; 0.50; ½", [1000, 0.5])).value == 1.0
    evidence = (await score("items", "red, black", ["red", "blue"])).evidence
    assert (evidence["missing"], evidence["extra"]) == (["blue"], ["black"])


@pytest.mark.parametrize("target", [None, "red", [], [None], ["red", ""], [True], {"a": 1}])
async def test_items_need_a_list_as_target(target: Any) -> None:
    with pytest.raises(JudgeError, match="target"):
        await score("items", "red", target)


@given(st.lists(st.text(alphabet="abcdefg", min_size=2, max_size=6), min_size=2, max_size=6))
def test_a_written_list_reads_back(items: list[str]) -> None:
    assert read_items(", ".join(items)) == items
    assert read_items("ANSWER: " + "; ".join(items)) == items
    assert read_items("\n".join(f"- {item}" for item in items)) == items


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("span", {"metric": "f2"}),
        ("edit_distance", {"unit": "line"}),
        ("edit_distance", {"at_least": 2}),
        ("anls", {"threshold": True}),
        ("items", {"credit": "some"}),
        ("either", {"pair": "up/down"}),
        ("alias", {"compat": "someone"}),
        ("bbh", {"compat": "someone"}),
        ("choice", {"compat": "someone"}),
        ("exact", {"compat": "someone"}),
        ("slots", {"compat": "someone"}),
        ("slots", {"metric": "some"}),
    ],
)
def test_bad_options_are_refused_before_a_run(name: str, options: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match=f"judge '{name}'"):
        getattr(catalogue, name)(**options)
