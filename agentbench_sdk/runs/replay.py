"""Replay: execute a run's recorded tool calls again and prove or refute the record.

No model is asked. Each world is made anew from the stored scenario and seed, is given the recorded calls,
and must answer with the recorded texts and reach the recorded state hashes and outcome. A world that is not
deterministic may answer otherwise: its attempts are then neither proven nor refuted. One that needs a sandbox
is given one; without, nothing can be said of its attempts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

from agentbench_sdk.errors import EnvironmentFaultError, SandboxUnavailableError
from agentbench_sdk.runs.records import SampleRecord
from agentbench_sdk.runs.reenactment import Mismatch, execute_again
from agentbench_sdk.runs.run import Run
from agentbench_sdk.sandbox import SandboxPool
from agentbench_sdk.simulation import Environment

FindEnvironment = Callable[[str], type[Environment]]


@dataclass(slots=True)
class ReplayReport:
    """What a replay showed.

    Attributes:
        proven: attempts whose every call, hash and outcome came out as recorded.
        calls: tool calls executed again.
        without_world: attempts without an environment; there is nothing to execute.
        unfinished: attempts that failed or were cut off; what they recorded was executed as well.
        missing: attempts that a finished run planned and does not hold.
        mismatches: one for each attempt that is refuted.
        drifted: attempts of worlds that are not deterministic, which said something else than recorded.
        drifts: all that they said otherwise.
        unproven: attempts that could not be executed to their end, the first of them for the reason `why_unproven`.
    """

    proven: int = 0
    calls: int = 0
    without_world: int = 0
    unfinished: int = 0
    missing: int = 0
    mismatches: list[Mismatch] = field(default_factory=list)
    drifted: int = 0
    drifts: list[Mismatch] = field(default_factory=list)
    unproven: int = 0
    why_unproven: str = ""

    @property
    def ok(self) -> bool:
        """Nothing is refuted."""
        return not self.mismatches and not self.missing

    def to_dict(self) -> dict[str, Any]:
        return {
            "proven": self.proven,
            "calls": self.calls,
            "without_world": self.without_world,
            "unfinished": self.unfinished,
            "missing": self.missing,
            "mismatches": [str(each) for each in self.mismatches],
            "drifted": self.drifted,
            "drifts": [str(each) for each in self.drifts],
            "unproven": self.unproven,
            "why_unproven": self.why_unproven,
        }


async def replay(
    run: Run, find_environment: FindEnvironment, sandboxes: SandboxPool | None = None
) -> ReplayReport:
    """Execute all recorded calls of a run again.

    Arguments:
        run: finished or cut off.
        find_environment: looks an environment up by name.
        sandboxes: for worlds that need some; without it their attempts are unproven.

    Raises:
        UnknownNameError: the run's environment is not installed.
        RunFileError: a transcript is missing or damaged.
    """
    report = ReplayReport()
    environment = find_environment(run.manifest.environment) if run.manifest.environment else None
    recorded = 0
    for record, (_, _, sample) in zip(run.records(), run.reader.samples(), strict=True):
        recorded += 1
        if environment is None:
            report.without_world += 1
            continue
        try:
            await _replay_attempt(run, world_of(environment, sample), record, report, sandboxes)
        except (EnvironmentFaultError, SandboxUnavailableError) as error:
            report.unproven += 1
            report.why_unproven = report.why_unproven or str(error)
    if run.status == "finished":
        report.missing = max(0, run.manifest.samples - recorded)
    return report


async def _replay_attempt(
    run: Run, world: Environment, record: SampleRecord, report: ReplayReport, sandboxes: SandboxPool | None
) -> None:
    def count() -> None:
        report.calls += 1

    async with AsyncExitStack() as stack:
        stack.callback(world.close)
        if world.sandbox_needs(world.scenario) is not None:
            if sandboxes is None:
                raise SandboxUnavailableError(f"{world.name} needs a sandbox, and none is at hand")
            await world.begin(await stack.enter_async_context(sandboxes.scope()))
        found = await execute_again(run, world, record, count)
    report.drifts += found.drifts
    if found.mismatch is not None:
        report.mismatches.append(found.mismatch)
    elif found.drifts:
        report.drifted += 1
    elif record.ending.scorable:
        report.proven += 1
    else:
        report.unfinished += 1


def world_of(environment: type[Environment], sample: Mapping[str, Any]) -> Environment:
    """The world of a stored sample, as it was before the first call."""
    return environment.create(sample["scenario"] or "default", int(sample["seed"]))
