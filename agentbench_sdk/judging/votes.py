"""Counting votes: pure, exact in its ties, and aware of what the votes still out could change.

count = Count(how="majority", tie="unscored", quorum=2, scale=Scale())
count.verdict([Vote(1.0, "yes"), Vote(1.0, "yes"), Vote(0.0, "no")]).label    # "yes"
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from agentbench_sdk.judging.base import Scale, Score

How = Literal["majority", "mean", "median"]
Tie = Literal["unscored", "low", "high", "mean"]


@dataclass(frozen=True, slots=True)
class Vote:
    """One vote.

    Attributes:
        value: on the panel's scale.
        word: what a majority is counted by.
        passed: the voter's own yes or no, where it gives one.
        weight: what it counts for; exact, so that ties are ties.
    """

    value: float
    word: str
    passed: bool | None = None
    weight: Fraction = Fraction(1)


@dataclass(frozen=True, slots=True)
class Count:
    """A way of counting.

    Attributes:
        how: "majority": the word with most weight behind it; its value is that of the first who voted so.
            "mean": the weighted mean of the values. "median": their median, the mean of the middle two for an
            even number.
        tie: of a majority. "unscored": no verdict. "low", "high": the tied word with the lowest or highest
            value. "mean": the mean of the tied values, without a word.
        quorum: fewest votes for a verdict.
        scale: range of the values.
        threshold: a mean or median passes from this value on; a majority passes as its voters do.
    """

    how: How
    tie: Tie
    quorum: int
    scale: Scale
    threshold: float | None = None

    def verdict(self, votes: Sequence[Vote]) -> Score:
        """What the votes come to; unscored below the quorum and for ties that are to be so."""
        if len(votes) < self.quorum:
            return Score.unscored(f"{len(votes)} votes, and {self.quorum} are needed")
        if self.how == "majority":
            return self._majority(votes)
        value = self._middle(votes)
        passed = None if self.threshold is None else value >= self.threshold
        told = f"{self.how} of {len(votes)} votes"
        return Score(value, passed, explanation=told)

    def is_decided(self, votes: Sequence[Vote], out: Sequence[Fraction]) -> bool:
        """Whether the votes still out, given by their weights, cannot change the verdict, whatever they are.

        A vote that is still out may also never come.
        """
        if not out or len(votes) + len(out) < self.quorum:
            return True
        if len(votes) < self.quorum:
            return False
        if self.how == "majority":
            totals = sorted(_totals(votes).values(), reverse=True)
            return totals[0] > (totals[1] if len(totals) > 1 else 0) + sum(out)
        low, high = self.scale.low, self.scale.high
        if low is None or high is None:
            return False
        # Adding a vote at an end moves a mean and a median furthest to that end, so all else lies between.
        ends = [self._middle([*votes, *(Vote(end, "", weight=each) for each in out)]) for end in (low, high)]
        return ends[0] == ends[1]

    def fewest(self, votes: Sequence[Vote], out: Sequence[Fraction]) -> int:
        """How many of the votes still out, taken in order, could decide at the earliest; 0 when it is decided."""
        if self.is_decided(votes, out):
            return 0
        value, word = self._likeliest(votes)
        for number in range(1, len(out)):
            agreeing = [Vote(value, word, weight=each) for each in out[:number]]
            if self.is_decided([*votes, *agreeing], out[number:]):
                return number
        return len(out)

    def _likeliest(self, votes: Sequence[Vote]) -> tuple[float, str]:
        """The vote that would decide soonest: one for what leads."""
        if not votes:
            return self.scale.low or 0.0, ""
        if self.how == "majority":
            totals = _totals(votes)
            word = max(totals, key=lambda each: totals[each])
            return 0.0, word
        return self._middle(votes), ""

    def _majority(self, votes: Sequence[Vote]) -> Score:
        totals = _totals(votes)
        most = max(totals.values())
        leading = [word for word, total in totals.items() if total == most]
        first = {word: next(vote for vote in votes if vote.word == word) for word in leading}
        if len(leading) > 1:
            return self._tied(first)
        vote = first[leading[0]]
        behind = sum(each.word == vote.word for each in votes)
        return Score(vote.value, vote.passed, vote.word, f"{behind} of {len(votes)} votes for {vote.word!r}")

    def _tied(self, first: dict[str, Vote]) -> Score:
        told = f"a tie of {', '.join(map(repr, first))}"
        if self.tie == "unscored":
            return Score.unscored(told)
        if self.tie == "mean":
            value = sum(vote.value for vote in first.values()) / len(first)
            return Score(value, explanation=f"{told}: the mean of their values")
        choose = min if self.tie == "low" else max
        word = choose(first, key=lambda each: first[each].value)
        vote = first[word]
        return Score(vote.value, vote.passed, word, f"{told}: the {self.tie}est counts")

    def _middle(self, votes: Sequence[Vote]) -> float:
        if self.how == "mean":
            whole = sum((vote.weight for vote in votes), Fraction(0))
            return float(sum((vote.weight * Fraction(vote.value) for vote in votes), Fraction(0)) / whole)
        values = sorted(vote.value for vote in votes)
        half = len(values) // 2
        return values[half] if len(values) % 2 else (values[half - 1] + values[half]) / 2


def _totals(votes: Sequence[Vote]) -> dict[str, Fraction]:
    """The weight behind each word, in the order in which the words came."""
    totals: dict[str, Fraction] = {}
    for vote in votes:
        totals[vote.word] = totals.get(vote.word, Fraction(0)) + vote.weight
    return totals
