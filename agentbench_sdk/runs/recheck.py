"""Recheck: judge a run's record again with the task's rule judges; a score that was edited shows.

Judges that ask a model are left out: their verdicts are answers, which are in the response cache, not here.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from agentbench_sdk.benchmark import Registry, Sample, select
from agentbench_sdk.canonical import canonical_json
from agentbench_sdk.errors import ConfigurationError, JudgeError
from agentbench_sdk.judging import Asks, Judge, Score
from agentbench_sdk.judging.stage import case_of, judge_case
from agentbench_sdk.models import ModelRequest, ModelResponse
from agentbench_sdk.runs.records import SampleRecord
from agentbench_sdk.runs.reenactment import Mismatch
from agentbench_sdk.runs.rejudging import judges_of
from agentbench_sdk.runs.run import Run


@dataclass(slots=True)
class RecheckReport:
    """What judging again showed.

    Attributes:
        scores: verdicts that came out as recorded.
        asked: verdicts of judges that ask a model; not checked.
        skipped: why nothing could be checked, "" when something was.
        mismatches: one for each verdict that differs.
    """

    scores: int = 0
    asked: int = 0
    skipped: str = ""
    mismatches: list[Mismatch] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        return {
            "scores": self.scores,
            "asked": self.asked,
            "skipped": self.skipped,
            "mismatches": [str(each) for each in self.mismatches],
        }


async def recheck(run: Run, registry: Registry) -> RecheckReport:
    """Judge all attempts of a run again.

    Raises:
        UsageError: the run's task cannot be made any more.
    """
    manifest = run.manifest
    report = RecheckReport()
    try:
        judges = judges_of(manifest, registry)
    except ConfigurationError as error:
        report.skipped = str(error)
        return report
    if not manifest.task_source:
        report.skipped = "the task was made in Python and is not at hand"
        return report
    task = registry.task(manifest.task_source, manifest.task_params, texts=True)
    world = registry.environment(task.environment) if task.environment else None
    samples = select(task.load(), limit=manifest.limit, sample_ids=manifest.sample_ids)
    if task.fingerprint(samples, world) != manifest.task_fingerprint:
        report.skipped = "the task is not the one that was run any more (its fingerprint differs)"
        return report
    async for mismatch in _differences(run, judges, {sample.id: sample for sample in samples}, report):
        report.mismatches.append(mismatch)
    return report


async def _differences(
    run: Run, judges: Sequence[Judge], samples: dict[str, Sample], report: RecheckReport
) -> AsyncIterator[Mismatch]:
    for record in run.records():
        stored = samples.get(record.sample_id)
        if stored is None or not record.ending.scorable:
            for judge, score in record.scores.items():
                yield _mismatch(record, judge, score, None)
            continue
        again, asked = await _judged(run, judges, stored, record)
        for judge in {**record.scores, **again}:
            if judge in asked:
                report.asked += 1
            elif not _equal(record.scores.get(judge), again.get(judge)):
                yield _mismatch(record, judge, record.scores.get(judge), again.get(judge))
            else:
                report.scores += 1


async def _judged(
    run: Run, judges: Sequence[Judge], sample: Sample, record: SampleRecord
) -> tuple[dict[str, Score], set[str]]:
    """The verdicts of all judges, and the ids of those that wanted a model."""
    asked: set[str] = set()

    def asks(judge: Judge) -> Asks:
        async def ask(request: ModelRequest, *, model: str | None = None) -> ModelResponse:
            asked.add(judge.id)
            raise JudgeError("no model is asked when a record is checked")

        return ask

    case = case_of(
        sample,
        record.epoch,
        answer=record.answer,
        transcript=run.reader.transcript(record.sample_id, record.epoch),
        ending=record.ending,
        outcome=record.outcome,
        model=run.manifest.model,
        usage=record.usage,
        cached=record.cached_usage.keys(),
        working_s=record.working_s,
    )
    return await judge_case(judges, case, asks), asked


def _equal(recorded: Score | None, again: Score | None) -> bool:
    return _form(recorded) == _form(again)


def _form(score: Score | None) -> bytes:
    return canonical_json(score.to_dict() if score is not None else None)


def _mismatch(record: SampleRecord, judge: str, recorded: Score | None, again: Score | None) -> Mismatch:
    return Mismatch(
        record.sample_id,
        record.epoch,
        None,
        f"the score of {judge}",
        _form(recorded).decode(),
        _form(again).decode(),
    )
