"""Battles without a judge model: the recorded score of one judge decides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from agentbench_sdk.arena.battle import MEMBER
from agentbench_sdk.judging import JudgeCase, Scale, Score

_EQUAL = 1e-12


@dataclass(frozen=True, slots=True)
class ScoreJudge:
    """The better recorded score wins, equal ones are a tie; without one of them there is no verdict.

    Attributes:
        by: id of the judge whose scores they are.
        better: which end of its scale is good.
    """

    by: str
    better: Literal["higher", "lower"] = "higher"

    @property
    def id(self) -> str:
        return f"score of {self.by}"

    @property
    def scale(self) -> Scale:
        return Scale(0.0, 1.0)

    async def judge(self, case: JudgeCase) -> Score:
        """Compare the two scores that the battle holds."""
        first, second = case.metadata[MEMBER]["scores"]
        if first is None or second is None:
            return Score.unscored(
                f"{self.by} gave no score to the {'first' if first is None else 'second'} answer"
            )
        told = f"{first:g} and {second:g}"
        if abs(first - second) <= _EQUAL:
            return Score(0.5, None, "tie", told)
        won = (first > second) == (self.better == "higher")
        return Score(float(won), None, "win" if won else "loss", told)
