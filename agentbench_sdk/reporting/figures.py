"""Figures of a whole task in a summary: what `judging.corpus` promises, with intervals from resampling."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from agentbench_sdk.errors import UsageError
from agentbench_sdk.reporting.columns import label_code

if TYPE_CHECKING:
    from agentbench_sdk.judging import CorpusMetric, Scale
    from agentbench_sdk.runs.records import JudgeInfo, SampleRecord
    from agentbench_sdk.statistics import Estimate

SEED = 20_240_101  # of the bootstrap: a report of a run says the same whenever it is made
_Key = tuple[int, int, int]  # cluster, sample, epoch: sorts attempts, whichever ended first


@dataclass(frozen=True, slots=True)
class FigureSummary:
    """A figure of the whole task.

    Attributes:
        name: of the figure, for example "WER".
        estimate: its value as `mean`, over the attempts that have a score.
    """

    name: str
    scale: Scale
    estimate: Estimate

    def to_dict(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "unit": self.scale.unit,
            "better": self.scale.better,
            "estimate": self.estimate.to_dict(),
        }


@dataclass(slots=True)
class FigureTally:
    """One metric of one judge, while records pass by."""

    judge: str
    metric: CorpusMetric | None
    name: str
    problem: str = ""
    kept: list[tuple[_Key, Any]] = field(default_factory=list)

    def add(self, record: SampleRecord) -> None:
        """Keep of an attempt what the metric needs."""
        score = record.scores.get(self.judge)
        if self.metric is None or score is None or score.value is None or self.problem:
            return
        try:
            kept = self.metric.keep(score, record.target, record.metadata)
        except (TypeError, ValueError, KeyError, AttributeError) as error:
            self.problem = (
                f"sample {record.sample_id!r} has no such evidence ({type(error).__name__}: {error})"
            )
            return
        if kept is not None:
            sample = label_code("sample:" + record.sample_id)
            cluster = label_code("cluster:" + record.cluster) if record.cluster else sample
            self.kept.append(((cluster, sample, record.epoch), kept))

    def figures(self) -> list[FigureSummary]:
        """The figures, or one that says why there is none."""
        from agentbench_sdk.judging import Scale
        from agentbench_sdk.statistics import Estimate

        if self.metric is None or self.problem:
            note = f"no value: {self.problem}"
            return [FigureSummary(self.name, Scale(None, None), Estimate(None, None, 0, 0, note=note))]
        if not self.kept:
            note = "no interval: nothing was scored"
            return [
                FigureSummary(name, scale, Estimate(None, None, 0, 0, note=note))
                for name, scale in self.metric.figures
            ]
        return self._figures(self.metric)

    def _figures(self, metric: CorpusMetric) -> list[FigureSummary]:
        import numpy as np

        from agentbench_sdk.statistics import bootstrap_sums

        self.kept.sort(key=lambda each: each[0])
        clusters = np.array([key[0] for key, _ in self.kept], dtype=np.uint64)
        rows = np.asarray(metric.rows([kept for _, kept in self.kept]), dtype=np.float64)
        n, groups = len(rows), len(np.unique(clusters))
        with np.errstate(all="ignore"):  # a resample may leave nothing to divide by; nan says so
            values = metric.values(rows.sum(axis=0, keepdims=True))[0]
            intervals = bootstrap_sums(rows, metric.values, clusters, seed=SEED) if groups > 1 else None
        return [
            FigureSummary(
                name, scale, _estimate(float(value), intervals[at] if intervals else None, n, groups, scale)
            )
            for at, ((name, scale), value) in enumerate(zip(metric.figures, values, strict=True))
        ]


def _estimate(value: float, interval: Any, n: int, groups: int, scale: Scale) -> Estimate:
    import math

    from agentbench_sdk.statistics import Estimate

    if not math.isfinite(value):
        return Estimate(None, None, n, groups, note="no value: it is not defined on these attempts")
    if interval is None:
        reason = "one cluster shows no spread" if groups < 2 else "resampling shows no spread"
        return Estimate(value, None, n, groups, note=f"no interval: {reason}")
    interval = interval.clipped(scale.low, scale.high)
    return Estimate(value, interval, n, groups, interval.method)


def tallies(judges: Sequence[JudgeInfo]) -> list[FigureTally]:
    """A tally for each metric that the judges of a run name; one that is not installed says so."""
    specs = [(judge.id, spec) for judge in judges for spec in judge.corpus]
    if not specs:
        return []
    from agentbench_sdk.benchmark import Registry

    registry = Registry.discover()
    return [_tally(registry, judge, spec) for judge, spec in specs]


def _tally(registry: Any, judge: str, spec: Mapping[str, Any]) -> FigureTally:
    name = str(spec.get("name", ""))
    try:
        return FigureTally(judge, registry.metric_from(spec), name)
    except UsageError as error:
        return FigureTally(judge, None, name, str(error))
