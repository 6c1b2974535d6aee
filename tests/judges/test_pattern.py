"""The `pattern` judge."""

from typing import Any

import pytest

from agentbench_sdk.errors import ConfigurationError, JudgeError
from agentbench_sdk.judges.pattern import TEXT_LIMIT, is_quick, pattern
from agentbench_sdk.judging import JudgeCase, Score


async def score(answer: str, target: Any = None, **options: Any) -> Score:
    verdict: Score = await pattern(**options).judge(JudgeCase("s1", answer, target))
    return verdict


async def test_a_match_anywhere_is_enough_without_a_group() -> None:
    assert (await score("it says yes!", pattern="yes|no")).passed is True
    assert (await score("it says maybe", pattern="yes|no")).passed is False


async def test_a_full_match_must_cover_the_answer() -> None:
    assert (await score("yes", pattern="yes|no", full=True)).passed is True
    assert (await score("yes!", pattern="yes|no", full=True)).passed is False


async def test_a_group_is_compared_with_the_target() -> None:
    options: dict[str, Any] = {"pattern": r"total: (?P<sum>\d+)", "group": "sum"}
    verdict = await score("The total: 12 of 30", ["12", "13"], **options)
    assert verdict.passed is True
    assert verdict.evidence["extracted"] == "12"
    assert (await score("The total: 30", "12", **options)).passed is False
    assert (await score("no sum", "12", **options)).passed is False


async def test_flags_are_options() -> None:
    assert (await score("YES", pattern="yes")).passed is False
    assert (await score("YES", pattern="yes", ignore_case=True)).passed is True
    assert (await score("YES", "yes", pattern="y..", group=0, ignore_case=True)).passed is True
    assert (await score("a\nb", pattern="^b$")).passed is False
    assert (await score("a\nb", pattern="^b$", multiline=True)).passed is True


async def test_a_slow_pattern_runs_apart_and_gives_the_same_verdicts() -> None:
    options: dict[str, Any] = {"pattern": r"(\w+\s)*end (\w+) (\w+)", "group": 2}
    assert not is_quick(options["pattern"])
    assert (await score("to the end of it 北", "of", **options)).passed is True
    assert (await score("to the end of it \ud800", "it", **options)).passed is False
    assert (await score("nothing", "of", **options)).passed is False


async def test_a_catastrophic_pattern_is_ended_and_leaves_the_sample_unscored() -> None:
    with pytest.raises(JudgeError, match="took more than"):
        await score("a" * 60 + "!", pattern="(a+)+$", time_limit_s=0.5)


@pytest.mark.parametrize(
    ("text", "quick"),
    [
        (r"answer: (\d+)", True),
        (r"[a+*(]+", True),
        (r"\(\*\+x", True),
        (r"(?:yes|no)", True),
        (r"(?P<x>a)b?", True),
        (r"(a+)+$", False),
        (r"(a|a)*", False),
        (r"a*a*b", False),
        (r"(a{1,9}){1,9}", False),
        (r"a?a?a?a?aaaa", False),
    ],
)
def test_only_patterns_without_nested_or_repeated_repetition_are_quick(text: str, quick: bool) -> None:
    assert is_quick(text) is quick


async def test_an_empty_answer_is_wrong_even_for_a_pattern_that_matches_it() -> None:
    verdict = await score("  ", pattern=".*")
    assert (verdict.value, verdict.explanation) == (0.0, "no answer")


async def test_an_answer_beyond_the_limit_is_not_judged() -> None:
    with pytest.raises(JudgeError, match="characters"):
        await score("a" * (TEXT_LIMIT + 1), pattern="a")


async def test_a_group_needs_a_text_as_target() -> None:
    with pytest.raises(JudgeError, match="target"):
        await score("a", 5, pattern="a", group=0)


@pytest.mark.parametrize(
    "options",
    [
        {"pattern": "a", "time_limit_s": 0},
        {"pattern": "("},
        {"pattern": 5},
        {"pattern": "a", "group": 1},
        {"pattern": "a", "group": "n"},
    ],
)
def test_bad_options_are_refused_before_a_run(options: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match="judge 'pattern'"):
        pattern(**options)
