"""A ranking of models: strengths with their intervals, places, and who can be told apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from agentbench_sdk.statistics.interval import Interval

Ties = Literal["davidson", "half"]


@dataclass(frozen=True, slots=True)
class Strength:
    """One model's place.

    Attributes:
        elo: 400 points more are odds of 10 to 1 in battles that are decided; the anchor, or else the mean of
            all models, is 1000.
        interval: of `elo`; None together with a note.
        score: expected share of points against the anchor, a tie being half a point; None without an anchor.
        score_interval: of `score`.
        rank: by `elo`, from 1; equal ones share it.
        best_rank, worst_rank: 1 and the number of models, less those that are told apart from it: worse ones are
            below it, better ones above, whatever else is true.
        points: share of points won in all battles of the data.
        battles: their number.
        note: why something is missing.
    """

    name: str
    elo: float
    interval: Interval | None
    score: float | None
    score_interval: Interval | None
    rank: int
    best_rank: int
    worst_rank: int
    points: float
    battles: int
    note: str = ""

    def to_dict(self) -> dict[str, Any]:
        return {
            "model": self.name,
            "rank": self.rank,
            "best_rank": self.best_rank,
            "worst_rank": self.worst_rank,
            "elo": self.elo,
            "interval": self.interval.to_dict() if self.interval else None,
            "score": self.score,
            "score_interval": self.score_interval.to_dict() if self.score_interval else None,
            "points": self.points,
            "battles": self.battles,
            "note": self.note,
        }


@dataclass(frozen=True, slots=True)
class Difference:
    """Two models: by how many Elo points the first is stronger.

    Attributes:
        told_apart: whether the interval leaves 0 out; where there is none because one of them never lost, whether
            that of its share of points in their own battles leaves one half out.
    """

    first: str
    second: str
    elo: float
    interval: Interval | None
    told_apart: bool

    def to_dict(self) -> dict[str, Any]:
        return {
            "first": self.first,
            "second": self.second,
            "elo": self.elo,
            "interval": self.interval.to_dict() if self.interval else None,
            "told_apart": self.told_apart,
        }


@dataclass(frozen=True, slots=True)
class Effect:
    """What a covariate is worth: Elo points for a difference of 1 in it."""

    elo: float
    interval: Interval | None

    def to_dict(self) -> dict[str, Any]:
        return {"elo": self.elo, "interval": self.interval.to_dict() if self.interval else None}


@dataclass(frozen=True, slots=True)
class Ranking:
    """Models by strength.

    Attributes:
        strengths: the strongest first.
        anchor: the model that is at 1000; None where the mean is.
        ties: how ties were taken.
        tie_parameter: Davidson's ν; two equals tie with probability ν/(2+ν). None for half wins.
        effect: of the covariate that was controlled for; None without one.
        differences: of all pairs, the stronger first.
        battles, prompts: what the ranking rests on.
        groups: models whose distances are finite, the strongest first; more than one group where some never lost
            to the others, so that the likelihood has no maximum.
        level: nominal coverage of the intervals.
    """

    strengths: tuple[Strength, ...]
    anchor: str | None
    ties: Ties
    tie_parameter: float | None
    effect: Effect | None
    differences: tuple[Difference, ...]
    battles: int
    prompts: int
    groups: tuple[tuple[str, ...], ...]
    level: float

    def strength(self, name: str) -> Strength:
        """The place of one model."""
        return next(each for each in self.strengths if each.name == name)

    def difference(self, first: str, second: str) -> Difference:
        """The difference of two models, whichever is the stronger."""
        return next(each for each in self.differences if {each.first, each.second} == {first, second})

    def to_dict(self) -> dict[str, Any]:
        return {
            "strengths": [each.to_dict() for each in self.strengths],
            "anchor": self.anchor,
            "ties": self.ties,
            "tie_parameter": self.tie_parameter,
            "effect": self.effect.to_dict() if self.effect else None,
            "differences": [each.to_dict() for each in self.differences],
            "battles": self.battles,
            "prompts": self.prompts,
            "groups": [list(group) for group in self.groups],
            "level": self.level,
        }
