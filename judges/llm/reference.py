"""`reference`: a model says whether an answer agrees with the reference answer, which it is shown.

reference()                                   # the sample's target is the reference
reference(partial=None)                       # correct or incorrect, nothing between
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.judges.answers import answer_text
from agentbench_sdk.judges.llm.asking import LlmJudge, Question, verdict_form
from agentbench_sdk.judges.llm.fence import shown_text
from agentbench_sdk.judges.llm.verdict import OneOf
from agentbench_sdk.judges.llm.work import in_words, question_text
from agentbench_sdk.judges.targets import alternatives, bad_target
from agentbench_sdk.judging import JudgeCase, Scale, Score

_LEVELS = {
    "correct": "the answer says what the reference says; nothing essential is missing or contradicted",
    "partially_correct": "a part of what the reference says is there and right, another part is missing, "
    "and nothing is contradicted",
    "incorrect": "the answer contradicts the reference, misses it, or gives no result",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceJudge(LlmJudge):
    """Pass if a model says that the answer agrees with the target, which it is shown.

    The label is "correct", "partially_correct" or "incorrect". A list as target holds accepted answers, one of
    which is enough. No answer is incorrect; a sample without a target is unscored.

    Attributes:
        partial: what a partially correct answer is worth, between 0 and 1; None for no such level.
        criteria: what else counts as agreement or does not, in plain words.

    Raises:
        ConfigurationError: `partial` is no number between 0 and 1.
    """

    name: ClassVar[str] = "reference"

    partial: float | None = 0.5
    criteria: str = ""

    def __post_init__(self) -> None:
        value = self.partial
        if value is None:
            return
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1:
            raise ConfigurationError(
                f"judge 'reference': partial is {value!r}; give a number between 0 and 1, or None for no such level"
            )

    @property
    def scale(self) -> Scale:
        return Scale(0.0, 1.0)

    async def judge(self, case: JudgeCase) -> Score:
        """Ask how far the answer agrees.

        Raises:
            ModelError: the judge model did not answer.
            JudgeError: the sample has no target, no judge model was named, or the media that it should see
                are not at hand.
        """
        reference = _reference(case)
        answer = shown_text(answer_text(case))
        if not answer:
            return Score(0.0, passed=False, label="incorrect", explanation="no answer")
        reply = await self.ask(case, self._question(case, reference, answer))
        if reply.verdict is None:
            return reply.unscored()
        label, reasoning = reply.verdict["verdict"], reply.verdict["reasoning"]
        evidence = {**reply.evidence, "reasoning": reasoning}
        return Score(self._values()[label], label == "correct", label, reasoning, evidence)

    def _values(self) -> dict[str, float]:
        values: Mapping[str, float | None]
        values = {"correct": 1.0, "partially_correct": self.partial, "incorrect": 0.0}
        return {label: float(value) for label, value in values.items() if value is not None}

    def _question(self, case: JudgeCase, reference: str, answer: str) -> Question:
        labels = tuple(self._values())
        material = {}
        if question := question_text(case, self.numbers_of(case)):
            material["Question"] = question
        material |= {"Reference answer": reference, "Answer": answer}
        criteria = self.criteria.strip()
        details = {
            "levels": "\n".join(f"- {label}: {_LEVELS[label]}" for label in labels),
            "criteria": f"\nBesides:\n{criteria}\n" if criteria else "",
        }
        form = verdict_form(verdict=OneOf(labels))
        return Question("reference", material, form, details, self.media_of(case))


def _reference(case: JudgeCase) -> str:
    """The target in words, several accepted ones in lines with numbers."""
    accepted = [each for each in alternatives(case) if not _is_nothing(each)]
    if not accepted:
        raise bad_target(case, "reference", "the right answer, or a list of accepted ones")
    texts = [in_words(each) for each in accepted]
    if len(texts) == 1:
        return shown_text(texts[0])
    return shown_text("\n".join(f"{number}. {text}" for number, text in enumerate(texts, 1)))


def _is_nothing(target: object) -> bool:
    if isinstance(target, float) and not math.isfinite(target):
        return True
    return target is None or (isinstance(target, str) and not target.strip())


reference = ReferenceJudge
