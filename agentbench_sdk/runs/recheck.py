"""Recheck: judge a run's record again with the task's rule judges; a score that was edited shows.

Judges that ask a model are left out: their verdicts are answers, which are in the response cache, not here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from agentbench_sdk.benchmark import Registry, Sample, select
from agentbench_sdk.canonical import canonical_json
from agentbench_sdk.errors import ConfigurationError, JudgeError, SandboxUnavailableError
from agentbench_sdk.judging import Asks, Judge, Score
from agentbench_sdk.judging.stage import case_of, judge_case, runs_programs
from agentbench_sdk.models import ModelRequest, ModelResponse
from agentbench_sdk.runs.records import SampleRecord
from agentbench_sdk.runs.reenactment import Mismatch
from agentbench_sdk.runs.rejudging import judges_of
from agentbench_sdk.runs.run import Run
from agentbench_sdk.runs.sandboxes import judges_need
from agentbench_sdk.sandbox import SandboxPool


@dataclass(slots=True)
class RecheckReport:
    """What judging again showed.

    Attributes:
        scores: verdicts that came out as recorded.
        asked: verdicts of judges that ask a model; not checked.
        programs: verdicts of judges that need a sandbox, where there is none; not checked.
        skipped: why nothing could be checked, "" when something was.
        mismatches: one for each verdict that differs.
        drifts: those of judges that have programs run, which may print something else the next time.
    """

    scores: int = 0
    asked: int = 0
    programs: int = 0
    skipped: str = ""
    mismatches: list[Mismatch] = field(default_factory=list)
    drifts: list[Mismatch] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        return {
            "scores": self.scores,
            "asked": self.asked,
            "programs": self.programs,
            "skipped": self.skipped,
            "mismatches": [str(each) for each in self.mismatches],
            "drifts": [str(each) for each in self.drifts],
        }


async def recheck(run: Run, registry: Registry, sandboxes: SandboxPool | None = None) -> RecheckReport:
    """Judge all attempts of a run again.

    Arguments:
        run: finished or cut off.
        registry: where its task and judges are looked up.
        sandboxes: for judges that need some; where none can be made their verdicts are not checked.

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
    checking = _Checking(judges, await _usable(sandboxes, judges), report)
    await checking.check(run, {sample.id: sample for sample in samples})
    return report


async def _usable(sandboxes: SandboxPool | None, judges: Sequence[Judge]) -> SandboxPool | None:
    """The sandboxes that judges need, where they can be had."""
    needs = judges_need(judges)
    if sandboxes is None or needs is None:
        return None
    try:
        await sandboxes.check(needs)
    except SandboxUnavailableError:
        return None
    return sandboxes


class _Checking:
    def __init__(self, judges: Sequence[Judge], sandboxes: SandboxPool | None, report: RecheckReport) -> None:
        self._sandboxes, self._report = sandboxes, report
        self._programs = {judge.id for judge in judges if runs_programs(judge)}
        self._judges = [judge for judge in judges if sandboxes or judge.id not in self._programs]

    async def check(self, run: Run, samples: Mapping[str, Sample]) -> None:
        for record in run.records():
            stored = samples.get(record.sample_id)
            if stored is None or not record.ending.scorable:
                for judge, score in record.scores.items():
                    self._report.mismatches.append(_mismatch(record, judge, score, None))
                continue
            again, asked = await self._judged(run, stored, record)
            for judge in {**record.scores, **again}:
                if judge in asked:
                    self._report.asked += 1
                elif judge in self._programs and self._sandboxes is None:
                    self._report.programs += 1
                else:
                    self._compare(record, judge, again.get(judge))

    def _compare(self, record: SampleRecord, judge: str, again: Score | None) -> None:
        recorded = record.scores.get(judge)
        if _form(recorded) == _form(again):
            self._report.scores += 1
            return
        differing = self._report.drifts if judge in self._programs else self._report.mismatches
        differing.append(_mismatch(record, judge, recorded, again))

    async def _judged(
        self, run: Run, sample: Sample, record: SampleRecord
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
        return await judge_case(self._judges, case, asks, self._sandboxes), asked


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
