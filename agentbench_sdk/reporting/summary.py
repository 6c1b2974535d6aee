"""What a run says: estimates with their intervals, what is missing, what it used and how long it took.

    summary = summarize(run.manifest, run.records(), run.calls())
    summary.primary.estimate.interval

Records are read once and not kept: of each attempt a few numbers stay (see `columns`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from agentbench_sdk.reporting.categories import CategoryRows, CategorySummary
from agentbench_sdk.reporting.columns import Column, Rows, number
from agentbench_sdk.reporting.drift import DriftSummary
from agentbench_sdk.reporting.faults import FaultCount, FaultTally
from agentbench_sdk.reporting.figures import FigureSummary, tallies
from agentbench_sdk.reporting.limits import LimitHistory, limit_histories
from agentbench_sdk.reporting.plain import natural_key, plain, shorten
from agentbench_sdk.reporting.repeated import PassOfK, Repeated
from agentbench_sdk.reporting.times import CallTimes, Spread, TimeTally
from agentbench_sdk.reporting.usage import RoleUsage, UsageTally

if TYPE_CHECKING:
    from agentbench_sdk.judging import Scale, Score
    from agentbench_sdk.runs.records import CallRecord, Manifest, SampleRecord
    from agentbench_sdk.simulation import Outcome
    from agentbench_sdk.statistics import Bounds, Estimate, VarianceParts

FEW = 20  # as many attempts as a report shows line by line
MetricKind = Literal["reward", "component", "metric"]
_Key = tuple[Any, int]  # sorts attempts by sample and epoch


@dataclass(frozen=True, slots=True)
class JudgeSummary:
    """What one judge says of the run.

    Attributes:
        scale: range and unit of the values.
        estimate: mean of the scores there are, with its interval.
        scored: attempts with a score.
        unscored: attempts that were judged, but the judge could not tell.
        failed: attempts that a fault ended; there was nothing to judge.
        cancelled: attempts that were interrupted.
        bounds: the mean if all attempts without a score had been worst, or best.
        passed: share of attempts that passed, among those with such a verdict; None when there is none.
        repeats: variance between samples and between epochs; None without repeats.
        pass_at_k, pass_hat_k: chance that at least one, or each, of k epochs passes, over the samples
            that have all k verdicts; None without repeats.
        pass_curve: the same for each k from 1 to the smallest number of verdicts that a sample has, over all
            samples with a verdict; attempts without one (faults, interruptions) are left out before counting.
            Empty without repeats, or while a sample has a single verdict.
        unscored_example: what the judge said of the first attempt that it could not score.
        figures: of the whole task, made of the judge's evidence, such as a word error rate.
        categories: the scores by category, where samples' metadata name some.
    """

    id: str
    scale: Scale
    estimate: Estimate
    scored: int
    unscored: int
    failed: int
    cancelled: int
    bounds: Bounds
    passed: Estimate | None = None
    repeats: VarianceParts | None = None
    k: int | None = None
    pass_at_k: Estimate | None = None
    pass_hat_k: Estimate | None = None
    unscored_example: str = ""
    pass_curve: tuple[PassOfK, ...] = ()
    figures: tuple[FigureSummary, ...] = ()
    categories: tuple[CategorySummary, ...] = ()

    @property
    def without_score(self) -> int:
        return self.unscored + self.failed + self.cancelled

    def to_dict(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "unit": self.scale.unit,
            "scale": {"low": self.scale.low, "high": self.scale.high},
            "better": self.scale.better,
            "estimate": self.estimate.to_dict(),
            "scored": self.scored,
            "unscored": self.unscored,
            "failed": self.failed,
            "cancelled": self.cancelled,
            "bounds": self.bounds.to_dict(),
            "passed": _dict(self.passed),
            "repeats": _dict(self.repeats),
            "k": self.k,
            "pass_at_k": _dict(self.pass_at_k),
            "pass_hat_k": _dict(self.pass_hat_k),
            "pass_curve": [each.to_dict() for each in self.pass_curve],
            "unscored_example": self.unscored_example,
            "figures": [each.to_dict() for each in self.figures],
            "categories": [each.to_dict() for each in self.categories],
        }


@dataclass(frozen=True, slots=True)
class EndingCount:
    """How many attempts ended in one way, and what the first of them said."""

    status: str
    reason: str
    count: int
    example_sample: str
    example_detail: str

    def to_dict(self) -> dict[str, Any]:
        return {
            "status": self.status,
            "reason": self.reason,
            "count": self.count,
            "example_sample": self.example_sample,
            "example_detail": self.example_detail,
        }


@dataclass(frozen=True, slots=True)
class MetricSummary:
    """A number that the environment reports of each attempt."""

    name: str
    kind: MetricKind
    unit: str
    estimate: Estimate
    low: float
    high: float

    def to_dict(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "kind": self.kind,
            "unit": self.unit,
            "estimate": self.estimate.to_dict(),
            "min": self.low,
            "max": self.high,
        }


@dataclass(frozen=True, slots=True)
class AttemptLine:
    """One attempt in one line; `value`, `passed`, `label` and `explanation` are the primary judge's."""

    sample_id: str
    epoch: int
    status: str
    reason: str
    value: float | None
    passed: bool | None
    label: str | None
    explanation: str

    def to_dict(self) -> dict[str, Any]:
        return {
            "sample_id": self.sample_id,
            "epoch": self.epoch,
            "status": self.status,
            "reason": self.reason,
            "value": self.value,
            "passed": self.passed,
            "label": self.label,
            "explanation": self.explanation,
        }


@dataclass(frozen=True, slots=True)
class Summary:
    """A run in numbers.

    Attributes:
        attempts: attempts recorded; `manifest.samples` were planned.
        samples: distinct samples among them.
        judges: in the manifest's order; the first is the primary one.
        endings: how attempts ended, the most frequent first.
        faults: whose doing it was that attempts failed, the most frequent first; see `faults.py`.
        usage: tokens and cost by role.
        wall, working: seconds of the attempts, whole and on the wire and in tools; None without attempts.
        calls: times of calls by role and endpoint.
        metrics: what the environment reports, in the order it was first met.
        limits: how many requests at a time each endpoint took, over the run.
        drift: how often its worlds said something else than recorded; None where they did not.
        lines: each attempt, when there are at most 20 of them.
    """

    manifest: Manifest
    attempts: int
    samples: int
    judges: tuple[JudgeSummary, ...]
    endings: tuple[EndingCount, ...]
    usage: tuple[RoleUsage, ...]
    wall: Spread | None
    working: Spread | None
    calls: tuple[CallTimes, ...]
    metrics: tuple[MetricSummary, ...]
    lines: tuple[AttemptLine, ...]
    limits: tuple[LimitHistory, ...] = ()
    faults: tuple[FaultCount, ...] = ()
    drift: DriftSummary | None = None

    @property
    def primary(self) -> JudgeSummary:
        """The first judge's summary; its scores are the run's."""
        return self.judges[0]

    @property
    def failed(self) -> int:
        """Attempts that a fault ended."""
        return sum(each.count for each in self.endings if each.status == "failed")

    @property
    def not_run(self) -> int:
        """Attempts that were planned and are not recorded."""
        return max(0, self.manifest.samples - self.attempts)

    def __getitem__(self, judge: str) -> JudgeSummary:
        for each in self.judges:
            if each.id == judge:
                return each
        raise KeyError(judge)

    def __str__(self) -> str:
        from agentbench_sdk.reporting.terminal import render

        return render(self)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON: every mean comes with its interval, or with a note that says why there is none."""
        record = {
            "manifest": self.manifest.model_dump(),
            "attempts": self.attempts,
            "samples": self.samples,
            "not_run": self.not_run,
            "scores": [each.to_dict() for each in self.judges],
            "endings": [each.to_dict() for each in self.endings],
            "faults": [each.to_dict() for each in self.faults],
            "usage": {each.role: each.to_dict() for each in self.usage},
            "wall": _dict(self.wall),
            "working": _dict(self.working),
            "calls": [each.to_dict() for each in self.calls],
            "metrics": [each.to_dict() for each in self.metrics],
            "lines": [each.to_dict() for each in self.lines],
            "limits": [each.to_dict() for each in self.limits],
            "drift": _dict(self.drift),
        }
        cleaned: dict[str, Any] = plain(record)
        return cleaned


def summarize(
    manifest: Manifest,
    records: Iterable[SampleRecord],
    calls: Iterable[CallRecord] = (),
    limiters: Mapping[str, Any] | None = None,
    drifts: Sequence[tuple[str, int, int]] | None = None,
) -> Summary:
    """Sum up a run, reading each record and each call once.

    A score that is missing (a judge that could not tell, a fault, an interruption) is counted and shown as
    bounds, never as zero. Epochs of a sample, and samples of a cluster, are not taken as independent.

    Arguments:
        manifest: names the judges, their scales and what was planned.
        records: one a sample and epoch, in any order: the numbers do not depend on it.
        calls: give the counts and times of calls; may be left out.
        limiters: what the run's limiters told, by endpoint, as the run file holds it.
        drifts: sample, epoch and number of results that came out otherwise than recorded.
    """
    gathering = _Gathering(manifest)
    for record in records:
        gathering.add(record)
    for call in calls:
        gathering.usage.add_call(call)
        gathering.times.add_call(call)
    import numpy as np

    with np.errstate(over="ignore", invalid="ignore"):  # absurdly large scores have no mean; null says so
        return replace(
            gathering.summary(), limits=limit_histories(limiters), drift=DriftSummary.from_note(drifts)
        )


@dataclass(slots=True)
class _JudgeTally:
    values: Column = field(default_factory=Column)
    passed: Column = field(default_factory=Column)
    example: tuple[_Key, str] | None = None

    def add(self, row: int, key: _Key, score: Score) -> None:
        value = number(score.value)
        if value is None:
            said = shorten(score.explanation, 200)
            if self.example is None or key < self.example[0]:
                self.example = (key, said)
            return
        self.values.put(row, value)
        if score.passed is not None:
            self.passed.put(row, float(score.passed))


@dataclass(slots=True)
class _EndingTally:
    first: tuple[_Key, str, str]  # its key, sample id and detail
    count: int = 0


@dataclass(slots=True)
class _MetricTally:
    kind: MetricKind
    unit: str
    column: Column = field(default_factory=Column)


class _Gathering:
    """What is kept while records pass by."""

    def __init__(self, manifest: Manifest) -> None:
        self._manifest = manifest
        self._rows, self._categories = Rows(), CategoryRows()
        self._judges = {each.id: _JudgeTally() for each in manifest.judges}
        self._status: Counter[str] = Counter()
        self._endings: dict[tuple[str, str], _EndingTally] = {}
        self._metrics: dict[tuple[MetricKind, str], _MetricTally] = {}
        self._lines: list[AttemptLine] = []
        self._faults = FaultTally()
        self._figures = tallies(manifest.judges)
        self.usage, self.times = UsageTally(), TimeTally()

    def add(self, record: SampleRecord) -> None:
        row, key = len(self._rows), (natural_key(record.sample_id), record.epoch)
        self._rows.add(record.sample_id, record.cluster)
        self._categories.add(record)
        self._status[record.ending.status] += 1
        self._add_ending(record, key)
        self._faults.add(record)
        self.usage.add(record)
        self.times.add(record)
        if record.ending.scorable:
            for judge, score in record.scores.items():
                self._judges.setdefault(judge, _JudgeTally()).add(row, key, score)
            for figure in self._figures:
                figure.add(record)
            if record.outcome is not None:
                self._add_outcome(row, record.outcome)
        if row <= FEW:
            self._lines.append(self._line(record))

    def _add_ending(self, record: SampleRecord, key: _Key) -> None:
        """Count an ending; the example is the first by sample and epoch, whichever ended first."""
        ending = record.ending
        said = (key, record.sample_id, shorten(ending.detail, 300))
        tally = self._endings.setdefault((ending.status, ending.reason), _EndingTally(said))
        tally.count += 1
        tally.first = min(tally.first, said)

    def _add_outcome(self, row: int, outcome: Outcome) -> None:
        found: list[tuple[MetricKind, str, object]] = [("reward", "reward", outcome.reward)]
        found += [("component", name, value) for name, value in outcome.components.items()]
        found += [("metric", name, value) for name, value in outcome.metrics.items()]
        for kind, name, value in found:
            amount = number(value)
            if amount is not None:
                unit = "" if kind == "metric" else outcome.unit
                self._metrics.setdefault((kind, name), _MetricTally(kind, unit)).column.put(row, amount)

    def _line(self, record: SampleRecord) -> AttemptLine:
        ending = record.ending
        primary = next(iter(self._judges), None)
        score = record.scores.get(primary) if primary is not None and ending.scorable else None
        return AttemptLine(
            record.sample_id,
            record.epoch,
            ending.status,
            ending.reason,
            number(score.value) if score else None,
            score.passed if score else None,
            score.label if score else None,
            shorten(score.explanation if score and score.explanation else ending.detail, 300),
        )

    def summary(self) -> Summary:
        lines = self._lines if len(self._rows) <= FEW else []
        return Summary(
            self._manifest,
            len(self._rows),
            len(set(self._rows.samples)),
            tuple(self._judge(name, tally) for name, tally in self._judges.items()),
            self._ending_counts(),
            self.usage.totals(),
            self.times.wall,
            self.times.working,
            self.times.calls(),
            tuple(self._metric(name, tally) for (_, name), tally in self._metrics.items()),
            tuple(sorted(lines, key=lambda line: (natural_key(line.sample_id), line.epoch))),
            faults=self._faults.counts(),
        )

    def _ending_counts(self) -> tuple[EndingCount, ...]:
        counts = [
            EndingCount(status, reason, tally.count, *tally.first[1:])
            for (status, reason), tally in self._endings.items()
        ]
        return tuple(sorted(counts, key=lambda each: (-each.count, each.status, each.reason)))

    def _scale(self, judge: str) -> Scale:
        """A judge that the manifest does not name has a scale of which nothing is known."""
        from agentbench_sdk.judging import Scale

        known = (each.scale for each in self._manifest.judges if each.id == judge)
        return next(known, Scale(None, None))

    def _judge(self, name: str, tally: _JudgeTally) -> JudgeSummary:
        from agentbench_sdk.judging import Scale
        from agentbench_sdk.statistics import bounds, variance_parts

        scale, scores = self._scale(name), tally.values.filled(self._rows)
        verdicts = tally.passed.filled(self._rows)
        attempts, failed, cancelled = len(self._rows), self._status["failed"], self._status["cancelled"]
        repeated = Repeated.of(verdicts) if self._manifest.epochs > 1 and len(verdicts) else None
        full = repeated.passing(self._manifest.epochs) if repeated else None
        return JudgeSummary(
            name,
            scale,
            scores.estimate(scale),
            scored=len(scores),
            unscored=attempts - failed - cancelled - len(scores),
            failed=failed,
            cancelled=cancelled,
            bounds=bounds(scores.values, attempts - len(scores), scale),
            passed=verdicts.estimate(Scale()) if len(verdicts) else None,
            repeats=variance_parts(scores.values, scores.samples) if scores.has_repeats else None,
            k=full.k if full else None,
            pass_at_k=full.at_least_one if full else None,
            pass_hat_k=full.each if full else None,
            unscored_example=tally.example[1] if tally.example else "",
            pass_curve=repeated.curve() if repeated else (),
            figures=tuple(each for tally in self._figures if tally.judge == name for each in tally.figures()),
            categories=tuple(self._categories.summaries(scores, scale, len(set(self._rows.samples)))),
        )

    def _metric(self, name: str, tally: _MetricTally) -> MetricSummary:
        from agentbench_sdk.judging import Scale

        numbers = tally.column.filled(self._rows)
        low, high = float(numbers.values.min()), float(numbers.values.max())
        return MetricSummary(
            name, tally.kind, tally.unit, numbers.estimate(Scale(None, None, tally.unit)), low, high
        )


def _dict(part: Any) -> dict[str, Any] | None:
    record: dict[str, Any] | None = None if part is None else part.to_dict()
    return record
