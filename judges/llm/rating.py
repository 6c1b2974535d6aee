"""`rating`: a model rates an answer, or a whole session, on a scale of whole numbers.

rating(criteria="The reply answers the customer's question and promises nothing the policy forbids.")
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.judges.llm.asking import Question, checked_texts, verdict_form
from agentbench_sdk.judges.llm.verdict import Whole
from agentbench_sdk.judges.llm.work import WorkJudge
from agentbench_sdk.judging import JudgeCase, Scale, Score


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingJudge(WorkJudge):
    """Pass on a model's rating of an answer or a session, from `low` to `high`, as 0 to 1.

    The verdict is a checked schema; what is none is unscored. No answer is worth the lowest rating.

    Attributes:
        criteria: what is rated, in plain words.
        low: worst rating, a whole number.
        high: best rating, a whole number.
        normalise: values from 0 to 1 instead of `low` to `high`.
        threshold: passed from this rating on.

    Raises:
        ConfigurationError: an option has no sense.
    """

    name: ClassVar[str] = "rating"

    criteria: str
    low: int = 1
    high: int = 5
    normalise: bool = True
    threshold: int | None = None

    def __post_init__(self) -> None:
        checked_texts(self.name, criteria=self.criteria)
        check_scale(self.name, self.low, self.high, self.threshold)

    @property
    def scale(self) -> Scale:
        return Scale(0.0, 1.0) if self.normalise else Scale(float(self.low), float(self.high), "points")

    async def judge(self, case: JudgeCase) -> Score:
        """Ask for a rating.

        Raises:
            ModelError: the judge model did not answer.
            JudgeError: no judge model was named, or the media that it should see are not at hand.
        """
        work = self.work(case)
        if not work:
            return self.nothing()
        reply = await self.ask(case, self._question(case, work))
        if reply.verdict is None:
            return reply.unscored()
        rating, reasoning = reply.verdict["rating"], reply.verdict["reasoning"]
        evidence = {**reply.evidence, "rating": rating, "reasoning": reasoning}
        return replace(self._score(rating), explanation=reasoning, evidence=evidence)

    def nothing(self) -> Score:
        """What doing nothing is worth."""
        return replace(self._score(self.low), explanation="no answer", evidence={"rating": self.low})

    def _score(self, rating: int) -> Score:
        value = (rating - self.low) / (self.high - self.low) if self.normalise else float(rating)
        passed = None if self.threshold is None else rating >= self.threshold
        return Score(value, passed, str(rating))

    def _question(self, case: JudgeCase, work: str) -> Question:
        details = {"criteria": self.criteria.strip(), "low": str(self.low), "high": str(self.high)}
        form = verdict_form(rating=Whole(self.low, self.high))
        return Question("rating", self.material(case, work), form, details, self.media_of(case))


rating = RatingJudge


def check_scale(judge: str, low: int, high: int, threshold: int | None) -> None:
    """Refuse a scale or threshold that has no sense, in the name of a judge.

    Raises:
        ConfigurationError: they are no whole numbers, or do not fit each other.
    """
    for name, value in (("low", low), ("high", high), ("threshold", threshold)):
        if isinstance(value, bool) or not (isinstance(value, int) or (name == "threshold" and value is None)):
            raise ConfigurationError(f"judge {judge!r}: {name} is {value!r}; give a whole number")
    if not low < high or high - low > 100:
        raise ConfigurationError(f"judge {judge!r}: the scale {low} to {high} must rise, by 100 at most")
    if threshold is not None and not low <= threshold <= high:
        raise ConfigurationError(f"judge {judge!r}: threshold {threshold} is outside {low} to {high}")
