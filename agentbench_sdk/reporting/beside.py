"""Several runs beside each other: by task, with the paired comparison of those that are comparable.

found = side_by_side([run_a, run_b])
found.tasks[0].comparisons[0].pairs[0].difference.estimate.interval
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.reporting.comparable import check_comparable, shared_judge
from agentbench_sdk.reporting.comparison import Comparison, compare
from agentbench_sdk.reporting.frontier import beaten_by

if TYPE_CHECKING:
    from agentbench_sdk.judging import Scale
    from agentbench_sdk.reporting.summary import JudgeSummary, Summary
    from agentbench_sdk.runs import Run
    from agentbench_sdk.runs.records import JudgeInfo
    from agentbench_sdk.statistics import Estimate


@dataclass(frozen=True, slots=True)
class Member:
    """One of several runs.

    Attributes:
        letter: A, B, C … in the order given; numbers where the alphabet ends.
    """

    letter: str
    run: Run
    summary: Summary

    @property
    def model(self) -> str:
        return self.run.manifest.model

    @property
    def usd_per_attempt(self) -> float | None:
        """US dollars an attempt, of all roles, answers from the cache included; None where a price is missing."""
        used = self.summary.usage
        costs = [each.usage.cost_usd for each in used if each.usage.cost_usd is not None]
        if not costs or not self.summary.attempts or any(each.unpriced for each in used):
            return None
        return sum(costs) / self.summary.attempts


@dataclass(frozen=True, slots=True)
class Offer:
    """What a run costs and scores.

    Attributes:
        usd: US dollars an attempt.
        estimate: of the task's judge, with its interval.
        beaten_by: letter of a run that costs no more and scores no worse, by the means; None for those on the
            efficient frontier.
    """

    member: Member
    usd: float
    estimate: Estimate
    beaten_by: str | None

    def to_dict(self) -> dict[str, Any]:
        return {
            "letter": self.member.letter,
            "run": str(self.member.run.path),
            "usd_per_attempt": self.usd,
            "mean": self.estimate.mean,
            "beaten_by": self.beaten_by,
        }


@dataclass(frozen=True, slots=True)
class TaskRuns:
    """The runs of one task.

    Attributes:
        judge: the primary judge of the first run, by which all are shown; None where it has none.
        comparisons: of runs that are comparable, each with the first of them.
        not_compared: why others are left out, one sentence each.
    """

    task: str
    version: str
    judge: JudgeInfo | None
    members: tuple[Member, ...]
    comparisons: tuple[Comparison, ...]
    not_compared: tuple[str, ...]

    @property
    def scale(self) -> Scale | None:
        return self.judge.scale if self.judge is not None else None

    def judged(self, member: Member) -> JudgeSummary | None:
        """What the task's judge says of a run; None where that run has no such judge, or with another scale."""
        wanted = self.judge
        found = (each for each in member.summary.judges if wanted is not None and each.id == wanted.id)
        return next((each for each in found if each.scale == self.scale), None)

    def offers(self) -> list[Offer]:
        """What runs cost and score, from the cheapest to the dearest; without those whose price is not known."""
        known: list[tuple[float, float, Member, Estimate]] = []
        for member in self.members:
            usd, judged = member.usd_per_attempt, self.judged(member)
            if usd is not None and judged is not None and judged.estimate.mean is not None:
                known.append((usd, judged.estimate.mean, member, judged.estimate))
        known.sort(key=lambda each: each[0])
        better = self.scale.better if self.scale is not None else "higher"
        places = beaten_by([(usd, mean) for usd, mean, _, _ in known], better)
        return [
            Offer(member, usd, estimate, None if place is None else known[place][2].letter)
            for (usd, _, member, estimate), place in zip(known, places, strict=True)
        ]

    def to_dict(self) -> dict[str, Any]:
        return {
            "task": self.task,
            "version": self.version,
            "judge": self.judge.id if self.judge is not None else None,
            "runs": [{"letter": each.letter, "run": str(each.run.path)} for each in self.members],
            "offers": [each.to_dict() for each in self.offers()],
            "comparisons": [each.to_dict() for each in self.comparisons],
            "not_compared": list(self.not_compared),
        }


@dataclass(frozen=True, slots=True)
class SideBySide:
    """Runs by task, in the order given."""

    tasks: tuple[TaskRuns, ...]

    @property
    def members(self) -> tuple[Member, ...]:
        """All runs, in the order of their tasks."""
        return tuple(member for task in self.tasks for member in task.members)

    def __str__(self) -> str:
        from agentbench_sdk.reporting.beside_text import render_side_by_side

        return render_side_by_side(self)

    def to_dict(self) -> dict[str, Any]:
        return {
            "runs": [
                {"run": str(each.run.path), "status": each.run.status, **each.summary.to_dict()}
                for each in self.members
            ],
            "tasks": [each.to_dict() for each in self.tasks],
        }


def letter_of(place: int) -> str:
    """A for 0, B for 1 …; numbers where the alphabet ends.

    >>> letter_of(1), letter_of(26)
    ('B', '#27')
    """
    return chr(65 + place) if place < 26 else f"#{place + 1}"


def side_by_side(runs: Sequence[Run], summaries: Sequence[Summary] | None = None) -> SideBySide:
    """Put runs beside each other.

    Arguments:
        runs: one or more, of one task or of several.
        summaries: of these runs, where they are at hand.

    Raises:
        ConfigurationError: there is no run, or one is given twice.
        RunFileError: a run file is damaged.
    """
    known = [run.summary() for run in runs] if summaries is None else summaries
    _check_distinct(runs)
    members = [
        Member(letter_of(place), run, summary)
        for place, (run, summary) in enumerate(zip(runs, known, strict=True))
    ]
    groups: dict[tuple[str, str], list[Member]] = {}
    for member in members:
        manifest = member.run.manifest
        groups.setdefault((manifest.task, manifest.task_version), []).append(member)
    return SideBySide(tuple(_task_runs(*key, group) for key, group in groups.items()))


def _check_distinct(runs: Sequence[Run]) -> None:
    if not runs:
        raise ConfigurationError("there is no run to show; name one or more")
    seen: dict[str, Run] = {}
    for run in runs:
        other = seen.setdefault(run.manifest.run_id, run)
        if other is not run:
            raise ConfigurationError(
                f"{run.path} and {other.path} hold the same run {run.manifest.run_id}: name each run once"
            )


def _task_runs(task: str, version: str, members: Sequence[Member]) -> TaskRuns:
    judges = members[0].run.manifest.judges
    comparisons, refused = _compared([each.run for each in members])
    return TaskRuns(
        task,
        version,
        judges[0] if judges else None,
        tuple(members),
        tuple(comparisons),
        tuple(refused),
    )


def _compared(runs: Sequence[Run]) -> tuple[list[Comparison], list[str]]:
    """Each run in the first comparison that takes it; a run that none takes begins another one."""
    parties: list[list[Run]] = []
    refused: list[str] = []
    for run in runs:
        reasons: list[str] = []
        for party in parties:
            reason = _hindrance(party[0], run)
            if reason is None:
                party.append(run)
                break
            reasons.append(reason)
        else:
            parties.append([run])
            refused += reasons
    comparisons = []
    for party in parties:
        found, reasons = _comparison(party)
        comparisons += [found] if found is not None else []
        refused += reasons
    return comparisons, refused


def _hindrance(first: Run, second: Run) -> str | None:
    """Why two runs cannot be compared; None where they can."""
    if not first.manifest.judges:
        return f"{first.path} has no judge to compare by"
    try:
        check_comparable(first, second)
        shared_judge([first, second], None)
    except ConfigurationError as error:
        return str(error)
    return None


def _comparison(party: Sequence[Run]) -> tuple[Comparison | None, list[str]]:
    """The comparison of runs with the first, without those that share no scored sample with it, and why."""
    if len(party) < 2:
        return None, []
    try:
        return compare(*party), []
    except ConfigurationError as error:
        if len(party) == 2:
            return None, [str(error)]
    pairs = [(run, *_comparison([party[0], run])) for run in party[1:]]
    able = [run for run, found, _ in pairs if found is not None]
    reasons = [reason for _, _, told in pairs for reason in told]
    return (compare(party[0], *able) if able else None), reasons
