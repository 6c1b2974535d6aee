"""Votes are counted as they are said to be, and nothing is called decided that the rest could change."""

from collections.abc import Sequence
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentbench_sdk.judging import Scale, Score
from agentbench_sdk.judging.votes import Count, Tie, Vote

WORDS = {"bad": 0.0, "fair": 0.5, "good": 1.0}


def vote(word: str, weight: str = "1") -> Vote:
    return Vote(WORDS[word], word, word == "good", Fraction(weight))


def majority(*words: str, tie: Tie = "unscored", quorum: int = 1) -> Score:
    return Count("majority", tie, quorum, Scale()).verdict([vote(each) for each in words])


def test_most_votes_win_and_bring_their_value() -> None:
    score = majority("bad", "good", "good")
    assert (score.value, score.label, score.passed) == (1.0, "good", True)
    assert score.explanation == "2 of 3 votes for 'good'"


@pytest.mark.parametrize(
    ("tie", "value", "label"),
    [("unscored", None, None), ("low", 0.0, "bad"), ("high", 1.0, "good"), ("mean", 0.5, None)],
)
@pytest.mark.parametrize("words", [("good", "bad"), ("bad", "good"), ("bad", "good", "fair", "good", "bad")])
def test_a_tie_goes_by_its_rule_and_never_by_order(
    words: tuple[str, ...], tie: Tie, value: float | None, label: str | None
) -> None:
    score = majority(*words, tie=tie)
    assert (score.value, score.label) == (value, label)
    assert "a tie of" in score.explanation


def test_weights_count_exactly() -> None:
    count = Count("majority", "unscored", 1, Scale())
    even = [vote("good", "0.1"), vote("good", "0.2"), vote("bad", "0.3")]
    assert count.verdict(even).value is None
    assert count.verdict([*even, vote("bad", "0.0001")]).label == "bad"
    mean = Count("mean", "unscored", 1, Scale())
    assert mean.verdict([vote("good", "3"), vote("bad")]).value == 0.75


def test_a_median_of_an_even_number_is_between_the_middle_two() -> None:
    count = Count("median", "unscored", 1, Scale(), threshold=0.25)
    score = count.verdict([vote("bad"), vote("fair"), vote("good"), vote("bad")])
    assert (score.value, score.passed) == (0.25, True)
    assert count.verdict([vote("bad"), vote("good"), vote("good")]).value == 1.0


def test_below_the_quorum_there_is_no_verdict() -> None:
    score = majority("good", "good", quorum=3)
    assert score.value is None
    assert score.explanation == "2 votes, and 3 are needed"


@pytest.mark.parametrize(
    ("how", "words", "out", "expected"),
    [
        ("majority", "", 5, 3),
        ("majority", "good good", 3, 1),
        ("majority", "good good good", 2, 0),
        ("majority", "good bad", 3, 2),
        ("majority", "good bad good", 2, 1),
        ("majority", "good bad good bad", 1, 1),
        ("majority", "good bad fair", 2, 2),
        ("mean", "good", 4, 4),
        ("median", "", 5, 3),
        ("median", "fair fair fair", 2, 0),
        ("median", "fair bad", 3, 2),
        ("median", "fair fair bad", 2, 1),
    ],
)
def test_as_few_are_asked_next_as_could_decide(how: str, words: str, out: int, expected: int) -> None:
    count = Count(how, "unscored", 1, Scale())  # type: ignore[arg-type]
    assert count.fewest([vote(each) for each in words.split()], [Fraction(1)] * out) == expected


def test_a_quorum_is_waited_for_and_given_up_when_it_cannot_be_reached() -> None:
    count = Count("majority", "unscored", 3, Scale())
    assert not count.is_decided([vote("good"), vote("good")], [Fraction(1)])
    assert count.is_decided([vote("good")], [Fraction(1)])
    assert count.is_decided([vote("good")] * 3, [Fraction(1)] * 2)


COUNTS = st.builds(
    Count,
    how=st.sampled_from(["majority", "mean", "median"]),
    tie=st.sampled_from(["unscored", "low", "high", "mean"]),
    quorum=st.integers(1, 4),
    scale=st.just(Scale()),
    threshold=st.sampled_from([None, 0.5]),
)
WEIGHTS = st.lists(st.sampled_from(["1", "2", "0.5", "0.1"]).map(Fraction), max_size=4)


@given(COUNTS, st.lists(st.tuples(st.sampled_from(list(WORDS)), st.sampled_from("12")), max_size=5), WEIGHTS)
def test_what_is_decided_stays_whatever_the_others_say_or_if_they_say_nothing(
    count: Count, said: Sequence[tuple[str, str]], out: list[Fraction]
) -> None:
    votes = [vote(word, weight if count.how != "median" else "1") for word, weight in said]
    out = [Fraction(1)] * len(out) if count.how == "median" else out
    ends = set()
    for words in product((None, *WORDS), repeat=len(out)):
        more = [
            Vote(WORDS[each], each, each == "good", w) for each, w in zip(words, out, strict=True) if each
        ]
        score = count.verdict([*votes, *more])
        ends.add((score.value, score.passed, score.label))
    if count.is_decided(votes, out):
        assert len(ends) == 1


@given(COUNTS, st.lists(st.sampled_from(list(WORDS)), max_size=5), st.integers(0, 5))
def test_something_is_asked_exactly_while_it_is_undecided(count: Count, said: list[str], out: int) -> None:
    votes, weights = [vote(each) for each in said], [Fraction(1)] * out
    assert (count.fewest(votes, weights) == 0) is count.is_decided(votes, weights)
    assert count.fewest(votes, weights) <= out
