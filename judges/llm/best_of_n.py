"""`best_of_n`: a model chooses the best of several answers; the score says how often it is the candidate's.

best_of_n(others="drafts")                        # the others are a list in the sample's metadata
best_of_n(other_runs=["runs/a.db", "runs/b.db"])  # or what other runs answered
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from agentbench_sdk.errors import ConfigurationError, JudgeError
from agentbench_sdk.judges.answers import answer_text
from agentbench_sdk.judges.llm.asking import LlmJudge, Question, Reply, checked_texts, verdict_form
from agentbench_sdk.judges.llm.fence import shown_text
from agentbench_sdk.judges.llm.pairwise import BETTER
from agentbench_sdk.judges.llm.rivals import RunAnswers, check_run
from agentbench_sdk.judges.llm.verdict import Whole
from agentbench_sdk.judges.llm.work import question_text
from agentbench_sdk.judging import JudgeCase, Scale, Score
from agentbench_sdk.judging.gathering import gathered

_MOST = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class BestOfNJudge(LlmJudge):
    """Score in how many of several orders a model chooses the answer as the best of all, from 0 to 1.

    Each order begins with another answer, so that a preference for a place is shared out. The label is "best",
    "not_best", or "undecided" where the choice changes with the order. No answer is never the best, and nothing
    is asked about it; other answers that are empty are left out.

    Attributes:
        criteria: what makes an answer the best, in plain words.
        others: the member of the sample's metadata that holds the other answers, a list of texts.
        other_runs: files of other runs whose answers are the others, in place of `others`.
        orders: how many orders are asked; at most as many as there are answers.

    Raises:
        ConfigurationError: an option has no sense, or there is no such run file.
    """

    name: ClassVar[str] = "best_of_n"

    criteria: str = BETTER
    others: str = "others"
    other_runs: Sequence[str] = ()
    orders: int = 2
    _runs: RunAnswers = field(default_factory=RunAnswers, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        checked_texts(self.name, criteria=self.criteria, others=self.others)
        object.__setattr__(self, "other_runs", tuple(self.other_runs))
        for path in self.other_runs:
            check_run(self.name, path)
        if isinstance(self.orders, bool) or not isinstance(self.orders, int) or self.orders < 1:
            raise ConfigurationError(
                f"judge {self.name!r}: orders is {self.orders!r}; give a whole number from 1"
            )

    @property
    def scale(self) -> Scale:
        return Scale(0.0, 1.0)

    async def judge(self, case: JudgeCase) -> Score:
        """Ask which answer is the best.

        Raises:
            ModelError: the judge model did not answer.
            JudgeError: there are no other answers, or too many; no judge model was named; or the media that it
                should see are not at hand.
            RunFileError: a run file cannot be read.
        """
        others = [text for each in await self._others(case) if (text := shown_text(each))]
        answer = shown_text(answer_text(case))
        if not answer:
            return Score(0.0, label="not_best", explanation="no answer")
        if not others:
            return Score(1.0, label="best", explanation="no other answer says anything")
        orders = _orders(1 + len(others), self.orders)
        answers = [answer, *others]
        questions = [self._question(case, [answers[place] for place in order]) for order in orders]
        replies = await gathered(self.ask(case, each) for each in questions)
        return _chosen(answers, orders, replies)

    async def _others(self, case: JudgeCase) -> list[str]:
        if self.other_runs:
            found = [await self._runs.of(path, case) for path in self.other_runs]
        else:
            found = case.metadata.get(self.others)  # type: ignore[assignment]
        if (
            not isinstance(found, list | tuple)
            or not found
            or not all(isinstance(each, str) for each in found)
        ):
            raise JudgeError(
                f"sample {case.sample_id!r}: judge {self.name!r} compares with the list of texts in "
                f"metadata[{self.others!r}], and there is none"
            )
        if len(found) >= _MOST:
            raise JudgeError(
                f"sample {case.sample_id!r}: {len(found)} other answers are too many; give {_MOST - 1} at most"
            )
        return [each.strip() for each in found]

    def _question(self, case: JudgeCase, answers: list[str]) -> Question:
        question = question_text(case, self.numbers_of(case))
        material = {"Question": question} if question else {}
        material |= {f"Answer {number}": text for number, text in enumerate(answers, 1)}
        form = verdict_form(best=Whole(1, len(answers)))
        details = {"criteria": self.criteria.strip(), "count": str(len(answers))}
        return Question("best_of_n", material, form, details, self.media_of(case))


def _orders(count: int, orders: int) -> list[list[int]]:
    """Orders of so many answers, each begun with another one, evenly apart."""
    wanted = min(orders, count)
    starts = [step * count // wanted for step in range(wanted)]
    return [[(start + place) % count for place in range(count)] for start in starts]


def _chosen(answers: list[str], orders: list[list[int]], replies: list[Reply]) -> Score:
    """The share of orders in which the candidate's answer, or one equal to it, was chosen."""
    choices = []
    for order, reply in zip(orders, replies, strict=True):
        if reply.verdict is None:
            return reply.unscored()
        chosen = order[reply.verdict["best"] - 1]
        choices.append({"order": order, "chosen": chosen, "reasoning": reply.verdict["reasoning"]})
    wins = sum(answers[int(str(each["chosen"]))] == answers[0] for each in choices)
    label = "best" if wins == len(choices) else "not_best" if wins == 0 else "undecided"
    evidence = {
        **replies[0].evidence,
        "repaired": any(reply.evidence["repaired"] for reply in replies),
        "orders": choices,  # 0 is the candidate's answer, the others follow as they were given
    }
    why = str(choices[0]["reasoning"])
    if label == "undecided":
        why = f"chosen in {wins} of {len(choices)} orders"
    return Score(wins / len(choices), None, label, why, evidence)


best_of_n = BestOfNJudge
