"""Which battles there are: two answers to one sample in one epoch, read from the runs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from agentbench_sdk.arena.battle import MEMBER
from agentbench_sdk.benchmark.task import Sample
from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.messages import Usage
from agentbench_sdk.models.openai_compatible.reasoning import split_reasoning
from agentbench_sdk.reporting.plain import natural_key
from agentbench_sdk.runs.execution import Played
from agentbench_sdk.runs.records import CallRecord, ContestantInfo
from agentbench_sdk.runs.run import Run
from agentbench_sdk.sessions.ending import Ending
from agentbench_sdk.sessions.session import SessionResult
from agentbench_sdk.sessions.transcript import Transcript

Key = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Answer:
    """What one run has of one attempt: its final text, and the score by which it may be compared."""

    text: str
    score: float | None


class BattleSessions:
    """The battles of an arena in the place of sessions: what was answered is at hand.

    Arguments:
        runs: the contestants' runs.
        contestants: their names, in the same order.
        pairs: who meets whom, by place.
        by: id of the judge whose scores decide; "" where a judge is asked.
        limit: only the first so many samples, by id; None for all.
        all_epochs: one battle an epoch; otherwise the first epoch's alone.

    Attributes:
        battles: as samples, each with its epoch.
        unanswered: battles that cannot be, because one side has no answer.

    Raises:
        ConfigurationError: two contestants share no sample that both answered.
    """

    def __init__(
        self,
        runs: Sequence[Run],
        contestants: Sequence[ContestantInfo],
        pairs: Sequence[tuple[int, int]],
        by: str,
        *,
        limit: int | None,
        all_epochs: bool,
    ) -> None:
        self._names = [each.name for each in contestants]
        self._answers = [_answers(run, by, all_epochs=all_epochs) for run in runs]
        stored: dict[str, dict[str, Any]] = {}
        for run in reversed(runs):
            stored.update({sample_id: sample for sample_id, _, sample in run.reader.samples()})
        self._samples = {sample_id: Sample.from_dict(each) for sample_id, each in stored.items()}
        held = [{*found} for found in self._answers]
        shared = {key[0] for one, other in pairs for key in held[one] & held[other]}
        self._chosen = {*sorted(shared, key=natural_key)[:limit]}
        self.battles: list[tuple[Sample, int]] = []
        self._texts: dict[Key, str] = {}
        self.unanswered = 0
        for one, other in pairs:
            self._pair(runs, one, other)

    def _pair(self, runs: Sequence[Run], one: int, other: int) -> None:
        keys = [key for key in self._answers[one] if key in self._answers[other] and key[0] in self._chosen]
        both = [key for key in keys if self._answers[one][key] and self._answers[other][key]]
        if not both:
            raise ConfigurationError(
                f"{runs[one].path} and {runs[other].path} share no sample that both have answered"
            )
        self.unanswered += len(keys) - len(both)
        for key in sorted(both, key=lambda key: (key[1], natural_key(key[0]))):
            self.battles.append((self._battle(key, one, other), key[1]))

    def _battle(self, key: Key, one: int, other: int) -> Sample:
        """A battle as a sample: the first answer is the candidate's, the second the target."""
        sample = self._samples[key[0]]
        first, second = self._answers[one][key], self._answers[other][key]
        assert first is not None
        assert second is not None
        facts = {
            "sample": sample.id,
            "first": self._names[one],
            "second": self._names[other],
            "lengths": [_length(first.text), _length(second.text)],
            "scores": [first.score, second.score],
        }
        name = f"{sample.id} ({one + 1} and {other + 1})"
        self._texts[name, key[1]] = first.text
        return Sample(
            name,
            sample.messages,
            target=second.text,
            metadata={**sample.metadata, MEMBER: facts},
            cluster=sample.cluster or sample.id,
        )

    def attempts(self) -> Iterator[tuple[Sample, int]]:
        """Each battle, pair by pair."""
        return iter(self.battles)

    async def play(self, sample: Sample, epoch: int, calls: list[CallRecord]) -> Played:
        """What is judged: the first contestant's answer."""
        answer, ending = self._texts[sample.id, epoch], Ending("completed", "answered")
        result = SessionResult(Transcript(), ending, answer, None, Usage(), Usage(), 0.0)
        return Played(result, frozenset())


def _answers(run: Run, by: str, *, all_epochs: bool) -> dict[Key, Answer | None]:
    """The attempts of a run by sample and epoch; None where there is nothing to judge."""
    found: dict[Key, Answer | None] = {}
    for record in run.records():
        if record.epoch and not all_epochs:
            continue
        score = record.scores.get(by)
        answer = Answer(record.answer, score.value if score is not None else None)
        found[record.sample_id, record.epoch] = answer if record.ending.scorable else None
    return found


def _length(answer: str) -> int:
    return len(split_reasoning(answer)[1].strip())
