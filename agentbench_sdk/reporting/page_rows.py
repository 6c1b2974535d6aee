"""The rows of the HTML report's table of attempts, as the page's script is given them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from agentbench_sdk.reporting import wording
from agentbench_sdk.reporting.columns import number
from agentbench_sdk.reporting.markup import Markup, said, tag
from agentbench_sdk.reporting.plain import legible, shown

if TYPE_CHECKING:
    from agentbench_sdk.judging import Score
    from agentbench_sdk.reporting.beside import Member, SideBySide
    from agentbench_sdk.reporting.page_pairs import PairOutcomes
    from agentbench_sdk.runs.records import JudgeInfo, SampleRecord

Key = tuple[int, str, int]  # place of the task, sample id, epoch
Cell = str | list[Any]  # a text, or a text with the number that it is sorted by and a class
_LEFT_OUT, _NO_ATTEMPT = 0, -1  # in the place of a transcript that is not there
_KINDS = {True: "passed", False: "missed", None: ""}


class AttemptRows:
    """Rows of the attempts of runs: those of one run in full, of several the score of each.

    Arguments:
        found: the runs.
        pairs: which of them does better, sample by sample.
    """

    def __init__(self, found: SideBySide, pairs: PairOutcomes) -> None:
        self._found, self._pairs = found, pairs
        self._members = found.members
        self._judges = [task.judge for task in found.tasks for _ in task.members]
        self._tasks = [place for place, task in enumerate(found.tasks) for _ in task.members]

    @property
    def several(self) -> bool:
        """Whether runs stand beside each other."""
        return len(self._members) > 1

    def names(self) -> list[str]:
        """What the script calls the runs."""
        return [f"{each.letter} {shown(each.model, 60)}" if self.several else "" for each in self._members]

    def columns(self) -> list[list[str]]:
        """Name and class of each column."""
        columns = [["sample", ""], ["epoch", "number"]]
        if len(self._found.tasks) > 1:
            columns.append(["task", ""])
        if self.several:
            return columns + [[name, "number"] for name in self.names()]
        return [
            *columns,
            ["ending", ""],
            *([shown(each.id, 60), "number"] for each in self._members[0].run.manifest.judges),
            *([name, "number"] for name in ("tokens", "cost", "time")),
        ]

    def row(self, key: Key, records: Mapping[int, SampleRecord], places: Mapping[int, Any]) -> list[Any]:
        """A row: cells; for each run where its transcript is (None for those of other tasks), its ending and its
        verdict; outcomes of the pairs; and the address by which links name it.

        Arguments:
            key: of the row.
            records: attempts by the place of their run.
            places: of the transcripts that the page holds, by the place of the run.
        """
        task, sample, epoch = key
        cells: list[Cell] = [legible(sample), [str(epoch), epoch]]
        if len(self._found.tasks) > 1:
            cells.append(shown(self._found.tasks[task].task, 60))
        held = [records.get(place) for place in range(len(self._members))]
        if self.several:
            cells += [self._run_cell(self._judges[place], each) for place, each in enumerate(held)]
        else:
            cells += _cells(self._members[0], records[0])
        return [
            cells,
            [
                places.get(place) or (_LEFT_OUT if each else _NO_ATTEMPT) if own == task else None
                for place, (own, each) in enumerate(zip(self._tasks, held, strict=True))
            ],
            ["" if each is None else each.ending.status for each in held],
            "".join(_verdict(self._judges[place], each) for place, each in enumerate(held)),
            self._pairs.of(task, sample),
            address(task, sample),
        ]

    def head(self, place: int, record: SampleRecord) -> Markup | None:
        """What stands above a transcript beside others: whose it is, and what it scored; None where it stands alone."""
        if not self.several:
            return None
        member = self._members[place]
        ending, *scores, tokens, cost, time = [each[0] for each in _cells(member, record)]
        judges = [shown(each.id, 40) for each in member.run.manifest.judges]
        told = [f"{judge} {score}" for judge, score in zip(judges, scores, strict=True)]
        facts = [ending, *told, f"{tokens} tokens", f"cost {cost}", time]
        return tag(
            "header",
            tag("span", member.letter, class_="letter"),
            said(shown(member.model, 120), "model"),
            tag("div", " · ".join(facts), class_="who"),
        )

    def _run_cell(self, judge: JudgeInfo | None, record: SampleRecord | None) -> Cell:
        """The score of one of several runs; what ended the attempt where there is none."""
        if record is None:
            return ""
        score = record.scores.get(judge.id) if judge is not None else None
        if judge is None or score is None or number(score.value) is None:
            status = record.ending.status
            return ["no score" if record.ending.scorable else status, None, status]
        return _score_cell(judge, score)


def address(task: int, sample: str) -> str:
    """By which a link names a sample: the place of its task, and its id."""
    return f"{task}/{sample}"


def _verdict(judge: JudgeInfo | None, record: SampleRecord | None) -> str:
    """What a judge says: passed, failed, no score; a blank where there is no attempt or no such verdict."""
    if record is None or judge is None:
        return " "
    score = record.scores.get(judge.id)
    if score is None or number(score.value) is None:
        return "-"
    return {True: "p", False: "f", None: " "}[score.passed]


def _cells(member: Member, record: SampleRecord) -> Sequence[list[Any]]:
    ending = record.ending
    return [
        [f"{ending.status}: {shown(ending.reason, 60)}", None, ending.status],
        *(_score_cell(each, record.scores.get(each.id)) for each in member.run.manifest.judges),
        *_used(record),
        [wording.duration(record.wall_s), record.wall_s],
    ]


def _score_cell(judge: JudgeInfo, score: Score | None) -> list[Any]:
    value = number(score.value) if score is not None else None
    kind = _KINDS[score.passed] if score is not None else ""
    return ["no score" if value is None else wording.amount(value, judge.unit), value, kind]


def _used(record: SampleRecord) -> tuple[list[Any], list[Any]]:
    tokens = sum(each.total_tokens for each in record.usage.values())
    costs = [each.cost_usd for each in record.usage.values() if each.cost_usd is not None]
    cost = sum(costs) if costs else None
    return [f"{tokens:,}", tokens], ["unknown" if cost is None else wording.dollars(cost), cost]
