"""`exact` and `includes`, and what they share: normal forms, targets, reasoning removed."""

import unicodedata
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from agentbench_sdk.errors import ConfigurationError, JudgeError
from agentbench_sdk.judges.answers import strip_reasoning
from agentbench_sdk.judges.exact import exact
from agentbench_sdk.judges.includes import find_word, includes
from agentbench_sdk.judges.normalisation import normalised
from agentbench_sdk.judging import Judge, JudgeCase, Score


async def score(judge: Judge, answer: str, target: Any) -> Score:
    return await judge.judge(JudgeCase("s1", answer, target))


@pytest.mark.parametrize(
    ("answer", "target", "options", "passed"),
    [
        ("Paris", "Paris", {}, True),
        (" Paris\n", "Paris", {}, True),
        ("New \t York", "New York", {}, True),
        ("Cafe\u0301", "Caf\u00e9", {}, True),
        ("<think>Rome</think>Paris", "Paris", {}, True),
        ("Lyon", ["Paris", "Lyon"], {}, True),
        ("STRASSE", "straße", {"ignore_case": True}, True),
        ("paris", "Paris", {}, False),
        ("Paris.", "Paris", {}, False),
        ("It is Paris", "Paris", {}, False),
        (" Paris", "Paris", {"strip": False}, False),
        ("New  York", "New York", {"whitespace": False}, False),
        ("1.0", "1", {}, False),
    ],
)
async def test_exact_compares_normal_forms(
    answer: str, target: Any, options: dict[str, bool], passed: bool
) -> None:
    verdict = await score(exact(**options), answer, target)
    assert (verdict.passed, verdict.value) == (passed, float(passed))


@pytest.mark.parametrize(
    ("answer", "target", "passed"),
    [
        ("It is Paris.", "Paris", True),
        ("it is PARIS", "Paris", True),
        ("the **Paris** one", "Paris", True),
        ("答案是北京。", "北京", True),
        ("答案是6。", "6", True),
        ("It is 10.", "10", True),
        ("(10)", "10", True),
        ("costs $10, then", "10", True),
        ("C++ and more", "C++", True),
        ("Lyon or Nice", ["Paris", "Nice"], True),
        ("the New\nYork times", "new york", True),
        ("0 (the gold answer is 10)", "1", False),
        ("10.5", "10", False),
        ("10.5", "5", False),
        ("1,000", "1", False),
        ("1,000", "000", False),
        ("-5", "5", False),
        ("12:30", "30", False),
        ("H2O", "2", False),
        ("Parisian", "Paris", False),
        ("comParis", "Paris", False),
        ("snake_case", "snake", False),
        ("cafe\u0327", "cafe", False),
        ("Pari s", "Paris", False),
        ("q\u0301", "q", False),
    ],
)
async def test_includes_finds_whole_words_and_numbers_only(answer: str, target: Any, passed: bool) -> None:
    assert (await score(includes(), answer, target)).passed is passed


async def test_includes_can_require_all_targets_and_names_the_missing_ones() -> None:
    judge = includes(require="all")
    assert (await score(judge, "red and blue", ["red", "blue"])).passed is True
    verdict = await score(judge, "red", ["red", "blue"])
    assert verdict.passed is False
    assert verdict.evidence["missing"] == ["blue"]


async def test_includes_respects_case_when_asked() -> None:
    assert (await score(includes(ignore_case=False), "us", "US")).passed is False


@pytest.mark.parametrize("make", [exact, includes])
@pytest.mark.parametrize("answer", ["", "  \n", "<think>Paris</think>", "<think>Paris"])
async def test_an_empty_answer_is_wrong_and_says_so(make: Any, answer: str) -> None:
    verdict = await score(make(), answer, "Paris")
    assert (verdict.value, verdict.passed, verdict.explanation) == (0.0, False, "no answer")


@pytest.mark.parametrize("make", [exact, includes])
@pytest.mark.parametrize("target", [None, 5, "", " ", [], ["a", 1], ["a", ""], {"a": "b"}, True])
async def test_a_target_that_is_no_text_is_the_tasks_fault(make: Any, target: Any) -> None:
    with pytest.raises(JudgeError, match="sample 's1'"):
        await score(make(), "x", target)


def test_bad_options_are_refused_before_a_run() -> None:
    with pytest.raises(ConfigurationError, match="require"):
        includes(require="some")
    with pytest.raises(TypeError):
        exact(case_sensitive=True)


def test_ids_name_the_options() -> None:
    assert exact().id == "exact"
    assert includes(require="all").id == "includes(require='all')"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("<think>1</think>2", "2"),
        ("<THINKING>1</THINKING>2", "2"),
        ("1</think>2", "2"),
        ("a<think>1</think>b<think>2</think>c", "abc"),
        ("a<think>1", "a"),
        ("<think>a<think>b</think>c", "c"),
        ("a<think>1</think>b</think>c", "c"),
        ("no tags < here", "no tags < here"),
    ],
)
def test_reasoning_is_removed_whether_its_tags_are_complete_or_not(text: str, left: str) -> None:
    assert strip_reasoning(text) == left


@given(st.text(), st.booleans())
@example("\u01f0", True)
def test_normal_forms_are_stable(text: str, ignore_case: bool) -> None:
    once = normalised(text, ignore_case=ignore_case)
    assert unicodedata.is_normalized("NFC", once)
    assert normalised(once, ignore_case=ignore_case) == once


WORDS = st.text(alphabet="abcé12.-北 ", min_size=1, max_size=8)


@given(WORDS, st.text(alphabet="abcé12.-北 ,(", max_size=30))
def test_a_word_is_found_where_it_stands_between_spaces_and_only_where_it_stands(
    word: str, text: str
) -> None:
    word = word.strip()
    if word:
        assert find_word(f"{text} {word} {text}", word) >= 0
    at = find_word(text, word)
    assert at < 0 or text[at : at + len(word)] == word


@given(st.text(max_size=60), st.text(min_size=1, max_size=10).filter(str.strip))
async def test_no_text_makes_the_rules_raise(answer: str, target: str) -> None:
    for judge in (exact(), exact(ignore_case=True), includes()):
        assert (await score(judge, answer, target)).is_scored
