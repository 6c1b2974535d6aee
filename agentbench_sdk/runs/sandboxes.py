"""What the sandboxes of a run must be able to do, as its world and its judges say."""

from __future__ import annotations

from collections.abc import Iterable

from agentbench_sdk.benchmark.task import Sample
from agentbench_sdk.judging import Judge, with_members
from agentbench_sdk.sandbox import SandboxNeeds
from agentbench_sdk.simulation import Environment


def world_needs(world: type[Environment] | None, samples: Iterable[Sample]) -> SandboxNeeds | None:
    """What a world needs for samples; None where it needs no sandbox.

    Raises:
        UsageError: a sample's scenario is wrong.
    """
    if world is None or not _may_need(world):
        return None
    scenarios = (world.resolve_scenario(sample.scenario or "default") for sample in samples)
    return SandboxNeeds.all_of(map(world.sandbox_needs, scenarios))


def judges_need(judges: Iterable[Judge]) -> SandboxNeeds | None:
    """What judges and those that they are made of need; None where they need no sandbox."""
    asked = (getattr(each, "needs_sandbox", False) for each in with_members(judges))
    return SandboxNeeds.all_of(map(SandboxNeeds.of, asked))


def _may_need(world: type[Environment]) -> bool:
    """Spares most worlds the look at every sample."""
    asks = world.sandbox_needs.__func__  # type: ignore[attr-defined]
    return world.needs_sandbox is not False or asks is not Environment.sandbox_needs.__func__  # type: ignore[attr-defined]
