"""`pairwise`: a model compares an answer with a baseline's, in both orders.

pairwise()                                  # the baseline is the sample's target
pairwise(baseline="old_answer")             # or a member of its metadata
pairwise(baseline_run="runs/yesterday.db")  # or what another run answered

A model that prefers whatever stands first says so by a verdict that flips with the order; such a verdict is a
tie, and recorded as flipped (Zheng et al. 2023, "Judging LLM-as-a-Judge with MT-Bench and Chatbot Arena", 3.4).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.judges.answers import answer_text
from agentbench_sdk.judges.llm.asking import LlmJudge, Question, Reply, checked_texts, verdict_form
from agentbench_sdk.judges.llm.fence import shown_text
from agentbench_sdk.judges.llm.rivals import RunAnswers, check_run, own_text
from agentbench_sdk.judges.llm.verdict import OneOf
from agentbench_sdk.judges.llm.work import question_text
from agentbench_sdk.judging import JudgeCase, Scale, Score
from agentbench_sdk.judging.gathering import gathered

Place = Literal["first", "second"]
_VALUES = {"win": 1.0, "tie": 0.5, "loss": 0.0}
BETTER = "The better answer is the one that is right, complete and to the point, and claims nothing that is untrue."


@dataclass(frozen=True, slots=True, kw_only=True)
class PairwiseJudge(LlmJudge):
    """Compare the answer with a baseline's, in both orders: a win is 1, a tie 0.5, a loss 0.

    A verdict that flips with the order is a tie. An empty answer loses against one that is none, two equal
    answers are a tie, and neither is asked about.

    Attributes:
        criteria: what makes an answer the better one, in plain words.
        baseline: "target", or the member of the sample's metadata that holds the baseline's answer.
        baseline_run: file of another run whose answers are the baseline, in place of `baseline`.
        ties: whether the judge model may call a tie itself.
        both_orders: ask twice; False asks once, the answer first for one half of the samples.

    Raises:
        ConfigurationError: an option has no sense, or there is no such run file.
    """

    name: ClassVar[str] = "pairwise"

    criteria: str = BETTER
    baseline: str = "target"
    baseline_run: str | None = None
    ties: bool = True
    both_orders: bool = True
    _runs: RunAnswers = field(default_factory=RunAnswers, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        checked_texts(self.name, criteria=self.criteria, baseline=self.baseline)
        if self.baseline_run is not None:
            if self.baseline != "target":
                raise ConfigurationError(
                    f"judge {self.name!r}: baseline and baseline_run are both given; give one of them"
                )
            check_run(self.name, self.baseline_run)

    @property
    def scale(self) -> Scale:
        return Scale(0.0, 1.0)

    async def judge(self, case: JudgeCase) -> Score:
        """Ask which answer is the better one.

        Raises:
            ModelError: the judge model did not answer.
            JudgeError: there is no baseline, no judge model was named, or the media that it should see are not
                at hand.
            RunFileError: the baseline's run file cannot be read.
        """
        baseline = shown_text(await self._baseline(case))
        answer = shown_text(answer_text(case))
        if not answer or not baseline or answer == baseline:
            return _unasked(answer, baseline)
        places: list[Place] = ["first", "second"] if self.both_orders else [_drawn(case)]
        questions = [self._question(case, answer, baseline, place) for place in places]
        replies = await gathered(self.ask(case, each) for each in questions)
        return _compared(places, replies)

    async def _baseline(self, case: JudgeCase) -> str:
        if self.baseline_run is not None:
            return await self._runs.of(self.baseline_run, case)
        return own_text(case, self.name, self.baseline)

    def _question(self, case: JudgeCase, answer: str, baseline: str, place: Place) -> Question:
        first, second = (answer, baseline) if place == "first" else (baseline, answer)
        material = {"First answer": first, "Second answer": second}
        if question := question_text(case, self.numbers_of(case)):
            material = {"Question": question, **material}
        tie = ', or "tie" if they are equally good' if self.ties else ""
        options = ("first", "second", "tie") if self.ties else ("first", "second")
        form = verdict_form(verdict=OneOf(options))
        details = {"criteria": self.criteria.strip(), "tie": tie}
        return Question("pairwise", material, form, details, self.media_of(case))


def _unasked(answer: str, baseline: str) -> Score:
    """A comparison that needs no judge."""
    if answer == baseline:
        why = "both answers are the same" if answer else "there is neither an answer nor a baseline's"
        return _score("tie", why, {})
    if answer:
        return _score("win", "the baseline gave no answer", {})
    return _score("loss", "no answer", {})


def _compared(places: list[Place], replies: list[Reply]) -> Score:
    """The verdict of both orders; one of them without a verdict leaves the comparison undecided."""
    votes = []
    for place, reply in zip(places, replies, strict=True):
        if reply.verdict is None:
            return reply.unscored()
        verdict = reply.verdict["verdict"]
        result = "tie" if verdict == "tie" else "win" if verdict == place else "loss"
        votes.append({"answer_is": place, "result": result, "reasoning": reply.verdict["reasoning"]})
    evidence = {
        **replies[0].evidence,
        "repaired": any(reply.evidence["repaired"] for reply in replies),
        "orders": votes,
        "flipped": {vote["result"] for vote in votes} == {"win", "loss"},
    }
    results = {vote["result"] for vote in votes}
    label = results.pop() if len(results) == 1 else "tie"
    why = votes[0]["reasoning"]
    if len({vote["result"] for vote in votes}) > 1:
        why = f"{votes[0]['result']} in one order and {votes[1]['result']} in the other"
    return _score(label, why, evidence)


def _score(label: str, why: str, evidence: dict[str, Any]) -> Score:
    return Score(_VALUES[label], None, label, why, evidence)


def _drawn(case: JudgeCase) -> Place:
    """Where the answer stands when only one order is asked: even over samples, the same in every run."""
    digest = hashlib.sha256(f"{case.sample_id}\0{case.epoch}".encode("utf-8", "replace")).digest()
    return "first" if digest[0] % 2 else "second"


pairwise = PairwiseJudge
