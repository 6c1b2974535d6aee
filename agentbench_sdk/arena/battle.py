"""A battle: two answers to one sample, and which of them was found better."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agentbench_sdk.judging import Score
from agentbench_sdk.runs.records import SampleRecord

MEMBER = "arena"  # of a battle's metadata: who met, on what, how long their answers are
_POINTS = {"win": 1.0, "tie": 0.5, "loss": 0.0}


@dataclass(frozen=True, slots=True)
class Showing:
    """One verdict on a battle's two answers in one order.

    Attributes:
        in_order: the battle's first answer was shown first.
        score: of the battle's first contestant: 1, 0.5 or 0.
    """

    in_order: bool
    score: float

    @property
    def place(self) -> str:
        """What won: whatever was shown "first", whatever was shown "second", or neither: "tie"."""
        if self.score == 0.5:
            return "tie"
        return "first" if (self.score == 1.0) == self.in_order else "second"


@dataclass(frozen=True, slots=True)
class Battle:
    """A battle as it is recorded.

    Attributes:
        sample_id, epoch: what both answered; `cluster` is what hangs together with it.
        first, second: names of the contestants.
        score: of the first: 1, 0.5 for a tie, 0; None when the judge did not decide.
        why: the judge's words, or why there is no verdict.
        lengths: characters of both answers.
        showings: the verdict in each order; empty where nobody had to be asked.
    """

    sample_id: str
    epoch: int
    cluster: str
    first: str
    second: str
    score: float | None
    why: str
    lengths: tuple[int, int]
    showings: tuple[Showing, ...]

    @property
    def longer(self) -> float:
        """How much longer the first answer is: the difference over the sum, from -1 to 1."""
        one, other = self.lengths
        return (one - other) / (one + other) if one + other else 0.0

    @property
    def flipped(self) -> str:
        """The place that won in both orders, "first" or "second"; "" where the verdict did not flip."""
        places = {each.place for each in self.showings}
        return places.pop() if len(self.showings) == 2 and len(places) == 1 and places != {"tie"} else ""

    def to_dict(self) -> dict[str, Any]:
        return {
            "sample_id": self.sample_id,
            "epoch": self.epoch,
            "cluster": self.cluster,
            "first": self.first,
            "second": self.second,
            "score": self.score,
            "why": self.why,
            "lengths": list(self.lengths),
            "showings": [{"in_order": each.in_order, "score": each.score} for each in self.showings],
        }


def battle_of(record: SampleRecord, judge: str) -> Battle:
    """A battle from its row in the run file.

    Arguments:
        record: the row.
        judge: id of the judge that decided.
    """
    facts = record.metadata[MEMBER]
    score = record.scores.get(judge)
    return Battle(
        str(facts["sample"]),
        record.epoch,
        record.cluster,
        str(facts["first"]),
        str(facts["second"]),
        None if score is None or score.value is None else decided(score.value),
        score.explanation if score is not None else record.ending.detail or "the battle was not judged",
        (int(facts["lengths"][0]), int(facts["lengths"][1])),
        () if score is None else _showings(score),
    )


def decided(value: float) -> float:
    """A judge's value as a verdict: above one half is a win, below it a loss, wherever the judge puts them."""
    if abs(value - 0.5) < 1e-9:
        return 0.5
    return 1.0 if value > 0.5 else 0.0


def _showings(score: Score) -> tuple[Showing, ...]:
    """The verdicts by order, where the judge tells them as `pairwise` does."""
    orders = score.evidence.get("orders")
    if not isinstance(orders, list):
        return ()
    found = []
    for each in orders:
        if not isinstance(each, Mapping) or each.get("result") not in _POINTS:
            return ()
        found.append(Showing(each.get("answer_is") == "first", _POINTS[each["result"]]))
    return tuple(found)
