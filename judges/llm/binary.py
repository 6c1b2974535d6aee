"""`binary`: a model says whether an answer, or a whole session, meets criteria, and why.

binary(criteria="The reply names the city, and does not name a country.")
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from agentbench_sdk.judges.llm.asking import LlmJudge, Question, checked_texts, verdict_form
from agentbench_sdk.judges.llm.verdict import OneOf
from agentbench_sdk.judges.llm.work import WorkJudge
from agentbench_sdk.judging import JudgeCase, Scale, Score

YES_NO = verdict_form(verdict=OneOf(("yes", "no")))


@dataclass(frozen=True, slots=True, kw_only=True)
class BinaryJudge(WorkJudge):
    """Pass if a model says that the answer or the session meets all criteria; the label is "yes" or "no".

    No answer meets none. What is no verdict is unscored.

    Attributes:
        criteria: what must be so, in plain words.

    Raises:
        ConfigurationError: there are no criteria.
    """

    name: ClassVar[str] = "binary"

    criteria: str

    def __post_init__(self) -> None:
        checked_texts(self.name, criteria=self.criteria)

    @property
    def scale(self) -> Scale:
        return Scale(0.0, 1.0)

    async def judge(self, case: JudgeCase) -> Score:
        """Ask for yes or no.

        Raises:
            ModelError: the judge model did not answer.
            JudgeError: no judge model was named, or the media that it should see are not at hand.
        """
        work = self.work(case)
        if not work:
            return Score(0.0, passed=False, label="no", explanation="no answer")
        details = {"criteria": self.criteria.strip()}
        material = self.material(case, work)
        question = Question("binary", material, YES_NO, details, self.media_of(case))
        return await decided(self, case, question)


async def decided(judge: LlmJudge, case: JudgeCase, question: Question) -> Score:
    """The score of a question that is answered with yes or no."""
    reply = await judge.ask(case, question)
    if reply.verdict is None:
        return reply.unscored()
    label, reasoning = reply.verdict["verdict"], reply.verdict["reasoning"]
    passed = label == "yes"
    return Score(float(passed), passed, label, reasoning, {**reply.evidence, "reasoning": reasoning})


binary = BinaryJudge
