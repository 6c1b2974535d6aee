"""One run of a comparison: its scores by sample, what it cost and how long it took."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from agentbench_sdk.reporting.categories import category_of
from agentbench_sdk.reporting.columns import number
from agentbench_sdk.reporting.times import Spread, TimeTally
from agentbench_sdk.reporting.usage import RoleUsage, UsageTally

if TYPE_CHECKING:
    from agentbench_sdk.judging import Scale
    from agentbench_sdk.runs import Run
    from agentbench_sdk.runs.records import SampleRecord
    from agentbench_sdk.statistics import Estimate


@dataclass(slots=True)
class Attempts:
    """What one run has of one sample: its scores, and how many attempts there are or should be."""

    cluster: str
    group: str
    expected: int
    recorded: int = 0
    values: list[float] = field(default_factory=list)

    @property
    def missing(self) -> int:
        """Attempts without a score, those that were not run included."""
        return max(self.expected, self.recorded) - len(self.values)

    @property
    def mean(self) -> float:
        """Over the epochs that have a score."""
        return sum(self.values) / len(self.values)

    def filled(self, end: float) -> float:
        """The mean if each attempt without a score had been `end`."""
        return (sum(self.values) + self.missing * end) / (len(self.values) + self.missing)


@dataclass(frozen=True, slots=True)
class Side:
    """One run, beside others.

    Attributes:
        run: the run file; `run_id` and `model` are its manifest's.
        estimate: mean of all its scores, with its interval.
        scored: attempts with a score; `missing` have none: failed, unscored, or not run.
        agent: tokens and cost of the model under test; None when it was never asked.
        total_usd: cost of all roles, None when no price is known; `unpriced` attempts lack one.
        call: seconds of the agent's calls over the wire, None when all came from the cache.
        working: seconds of an attempt, on the wire and in tools.
    """

    run: str
    run_id: str
    model: str
    estimate: Estimate
    scored: int
    missing: int
    agent: RoleUsage | None
    total_usd: float | None
    unpriced: int
    call: Spread | None
    working: Spread | None
    samples: dict[str, Attempts] = field(repr=False, default_factory=dict)

    @property
    def usd_per_attempt(self) -> float | None:
        """US dollars an attempt, over those that are recorded; None where a price is missing."""
        recorded = sum(each.recorded for each in self.samples.values())
        if self.total_usd is None or self.unpriced or not recorded:
            return None
        return self.total_usd / recorded

    def to_dict(self) -> dict[str, Any]:
        return {
            "run": self.run,
            "run_id": self.run_id,
            "model": self.model,
            "estimate": self.estimate.to_dict(),
            "scored": self.scored,
            "missing": self.missing,
            "usage": self.agent.to_dict() if self.agent else None,
            "cost_usd": self.total_usd,
            "usd_per_attempt": self.usd_per_attempt,
            "unpriced_attempts": self.unpriced,
            "call": self.call.to_dict() if self.call else None,
            "working": self.working.to_dict() if self.working else None,
        }


def read_side(run: Run, judge: str, scale: Scale) -> Side:
    """Read a run once.

    Arguments:
        run: finished or not.
        judge: id of the judge whose scores count.
        scale: of that judge.
    """
    samples: dict[str, Attempts] = {}
    usage, times = UsageTally(), TimeTally()
    for record in run.records():
        usage.add(record)
        times.add(record)
        _add(samples, record, judge, run.manifest.epochs)
    for call in run.calls():
        usage.add_call(call)
        times.add_call(call)
    roles = usage.totals()
    costs = [role.usage.cost_usd for role in roles if role.usage.cost_usd is not None]
    calls = [each for each in times.calls() if each.role == "agent"]
    return Side(
        str(run.path),
        run.manifest.run_id,
        run.manifest.model,
        _estimate(samples, scale),
        sum(len(each.values) for each in samples.values()),
        sum(each.missing for each in samples.values()),
        next((role for role in roles if role.role == "agent"), None),
        sum(costs) if costs else None,
        sum(role.unpriced for role in roles),
        calls[0].total if len(calls) == 1 else None,
        times.working,
        samples,
    )


def _add(samples: dict[str, Attempts], record: SampleRecord, judge: str, epochs: int) -> None:
    if record.sample_id not in samples:
        cluster = record.cluster or record.sample_id
        samples[record.sample_id] = Attempts(cluster, category_of(record), epochs)
    attempts, score = samples[record.sample_id], record.scores.get(judge)
    attempts.recorded += 1
    value = number(score.value) if score is not None and record.ending.scorable else None
    if value is not None:
        attempts.values.append(value)


def _estimate(samples: dict[str, Attempts], scale: Scale) -> Estimate:
    from agentbench_sdk.statistics import estimate_mean

    held: list[tuple[str, float]] = [
        (each.cluster, value) for each in samples.values() for value in each.values
    ]
    return estimate_mean([value for _, value in held], [cluster for cluster, _ in held], scale)
