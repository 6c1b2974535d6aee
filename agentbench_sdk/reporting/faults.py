"""Whose doing it was that an attempt failed: what the record says, without a guess.

    fault_of(record)            # None, or a Fault: side, rule and evidence

A fault that ended the session names its side by its kind. Where the session ended in order and the primary
judge did not let it pass, the world may know more (the metrics `fault`, `fault_rule` and `fault_evidence` of its
outcome); a world that says nothing leaves it open.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, get_args

from agentbench_sdk.errors import ModelError
from agentbench_sdk.reporting.plain import natural_key, shorten

if TYPE_CHECKING:
    from agentbench_sdk.runs.records import SampleRecord
    from agentbench_sdk.sessions.ending import Ending

FaultSide = Literal["agent", "user", "environment", "endpoint", "judge", "limit"]
SIDES: tuple[FaultSide, ...] = get_args(FaultSide)
# Errors of models that are the endpoint's are not listed: see `_is_endpoint`.
_BY_REASON: Mapping[str, FaultSide] = {
    "agent_fault": "agent",
    "agent_error": "agent",
    "user_fault": "user",
    "user_error": "user",
    "judge": "judge",
    "budget_exceeded": "limit",
    "context_length": "limit",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """Why an attempt failed.

    Attributes:
        side: whose doing it was.
        rule: the reason of the ending, or the name of the world's rule that found it.
        evidence: one sentence: which turn, which call, which text.
    """

    side: FaultSide
    rule: str
    evidence: str

    def to_dict(self) -> dict[str, Any]:
        return {"side": self.side, "rule": self.rule, "evidence": self.evidence}


@dataclass(frozen=True, slots=True)
class FaultCount:
    """How many attempts failed in one way, and the first of them by sample and epoch."""

    side: FaultSide
    rule: str
    count: int
    example_sample: str
    example_evidence: str

    def to_dict(self) -> dict[str, Any]:
        return {
            "side": self.side,
            "rule": self.rule,
            "count": self.count,
            "example_sample": self.example_sample,
            "example_evidence": self.example_evidence,
        }


def fault_of(record: SampleRecord) -> Fault | None:
    """Why an attempt failed.

    Returns:
        None for an attempt that passed or was interrupted, and where nothing on record tells.
    """
    ending = record.ending
    if ending.status == "failed":
        return Fault(_side_of(ending), ending.reason, ending.detail)
    if not ending.scorable:
        return None
    score = next(iter(record.scores.values()), None)
    if score is not None and not score.is_scored:
        return Fault("judge", "unscored", score.explanation)
    if score is None or score.passed is not False or record.outcome is None:
        return None
    return _as_told(record.outcome.metrics)


def _side_of(ending: Ending) -> FaultSide:
    if ending.reason in _BY_REASON:
        return _BY_REASON[ending.reason]
    return "endpoint" if ending.reason in _model_errors() else "environment"


@cache
def _model_errors() -> frozenset[str]:
    def kinds(error: type[ModelError]) -> Iterator[str]:
        yield error.kind
        for narrower in error.__subclasses__():
            yield from kinds(narrower)

    return frozenset(kinds(ModelError))


def _as_told(metrics: Mapping[str, Any]) -> Fault | None:
    for side in SIDES:
        if metrics.get("fault") == side:
            return Fault(side, str(metrics.get("fault_rule", "")), str(metrics.get("fault_evidence", "")))
    return None


@dataclass(slots=True)
class FaultTally:
    """Counts faults while records pass by."""

    _found: dict[tuple[FaultSide, str], tuple[int, tuple[Any, str, str]]] = field(default_factory=dict)

    def add(self, record: SampleRecord) -> None:
        fault = fault_of(record)
        if fault is None:
            return
        place = (natural_key(record.sample_id), record.epoch)
        said = (place, record.sample_id, shorten(fault.evidence, 300))
        count, first = self._found.get((fault.side, fault.rule), (0, said))
        self._found[fault.side, fault.rule] = (count + 1, min(first, said))

    def counts(self) -> tuple[FaultCount, ...]:
        """The most frequent first."""
        counts = [
            FaultCount(side, rule, count, *first[1:]) for (side, rule), (count, first) in self._found.items()
        ]
        return tuple(sorted(counts, key=lambda each: (-each.count, each.side, each.rule)))
