"""The sessions of a run file in the place of new ones: what judging again judges.

Judging again is a run like any other whose sessions have been played already, so its judges run side by side,
go through the same cache and limits, and are written to a run file of their own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Protocol

from agentbench_sdk.benchmark.task import Sample, Task
from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.messages import Usage
from agentbench_sdk.models import Capabilities, ModelRequest, ModelResponse
from agentbench_sdk.runs.execution import Played
from agentbench_sdk.runs.plan import Plan
from agentbench_sdk.runs.records import CallRecord, Manifest, SampleRecord
from agentbench_sdk.runs.run import Run
from agentbench_sdk.sessions.ending import Limits
from agentbench_sdk.sessions.session import SessionResult
from agentbench_sdk.sessions.tool_loop import ToolLoop
from agentbench_sdk.simulation import Environment

_Key = tuple[str, int]


class SilentModel:
    """Stands for the model under test, which nobody asks: its sessions are recorded.

    Attributes:
        id: of the model that was under test.
    """

    capabilities = Capabilities()
    endpoint = ""

    def __init__(self, id: str) -> None:
        self.id = id

    async def generate(self, request: ModelRequest) -> ModelResponse:
        raise ConfigurationError(f"{self.id} is not asked when a run is judged again")

    async def close(self) -> None:
        """Nothing is held."""


class Sessions(Protocol):
    """Attempts whose sessions have been played already."""

    def attempts(self) -> Iterator[tuple[Sample, int]]:
        """Each attempt, in order."""
        ...

    async def play(self, sample: Sample, epoch: int, calls: list[CallRecord]) -> Played:
        """The session of an attempt that `attempts` has just given."""
        ...


class RecordedSessions:
    """The sessions of a run, read as they are needed."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._open: dict[_Key, tuple[SampleRecord, list[CallRecord]]] = {}

    def samples(self) -> list[Sample]:
        """The samples that were attempted, each once."""
        stored = {sample_id: sample for sample_id, _, sample in self._run.reader.samples()}
        return [Sample.from_dict(each) for each in stored.values()]

    def attempts(self) -> Iterator[tuple[Sample, int]]:
        """Each attempt of the run, in the order of sample and epoch."""
        for (_, epoch, stored), record, calls in self._run.reader.attempts():
            self._open[record.sample_id, epoch] = record, calls
            yield Sample.from_dict(stored), epoch

    async def play(self, sample: Sample, epoch: int, calls: list[CallRecord]) -> Played:
        """The session of an attempt that `attempts` has just given."""
        record, made = self._open.pop((sample.id, epoch))
        reader = self._run.reader
        transcript = await asyncio.to_thread(reader.transcript, sample.id, epoch)
        # Calls of judges belong to verdicts that are given anew; the others were paid for in that run.
        kept = [call for call in made if call.role != "judge"]
        calls.extend(replace(call, cached=True) for call in kept)
        result = SessionResult(
            transcript,
            record.ending,
            record.answer,
            record.outcome,
            record.usage.get("agent", Usage()),
            record.cached_usage.get("agent", Usage()),
            record.working_s,
        )
        return Played(result, frozenset(call.role for call in kept if call.cached), record.wall_s)


@dataclass(frozen=True)
class RecordedPlan(Plan):
    """A plan whose attempts are those of run files."""

    sessions: Sessions | None = None

    def attempts(self) -> Iterator[tuple[Sample, int]]:
        assert self.sessions is not None
        return self.sessions.attempts()

    @property
    def total(self) -> int:
        return self.manifest.samples


def recorded_plan(
    task: Task,
    samples: list[Sample],
    manifest: Manifest,
    sessions: Sessions,
    world: type[Environment] | None = None,
) -> RecordedPlan:
    """The plan of a run whose sessions have been played already: only its task's judges have work to do."""
    return RecordedPlan(
        task=task,
        samples=samples,
        epochs=manifest.epochs,
        model=SilentModel(manifest.model),
        agent=ToolLoop(),
        world=world,
        params=task.params,
        limits=Limits(),
        protocol="auto",
        seed=None,
        manifest=manifest,
        sessions=sessions,
    )
