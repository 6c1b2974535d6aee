"""What a run is going to do, settled and checked before anything is sent."""

from __future__ import annotations

import platform
import secrets
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import agentbench_sdk
from agentbench_sdk.benchmark.task import Sample, Task
from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.messages import estimated_tokens
from agentbench_sdk.models import GenerateParams, Model
from agentbench_sdk.runs.records import JudgeInfo, Manifest
from agentbench_sdk.sessions.ending import Limits
from agentbench_sdk.sessions.episode import Agent
from agentbench_sdk.sessions.protocols import ProtocolName
from agentbench_sdk.sessions.tool_loop import ToolLoop
from agentbench_sdk.simulation import Environment


@dataclass(frozen=True, slots=True)
class Selection:
    """Which part of a task is run, and how often.

    Attributes:
        limit: the first so many samples.
        sample_ids: just these samples.
        epochs: attempts at each sample; the task's own number when None.
    """

    limit: int | None = None
    sample_ids: Sequence[str] | None = None
    epochs: int | None = None


@dataclass(frozen=True)
class Plan:
    """A run, ready to start.

    Attributes:
        samples: those selected, in order.
        agent: drives each session.
        world: class of the environment, None without one.
        seed: sampling seed sent with each request (plus the epoch); None sends none.
    """

    task: Task
    samples: Sequence[Sample]
    epochs: int
    model: Model
    agent: Agent
    world: type[Environment] | None
    params: GenerateParams
    limits: Limits
    protocol: ProtocolName
    seed: int | None
    manifest: Manifest

    def attempts(self) -> Iterator[tuple[Sample, int]]:
        """All (sample, epoch), epoch by epoch, so that an interrupted run has seen every sample once."""
        for epoch in range(self.epochs):
            for sample in self.samples:
                yield sample, epoch

    @property
    def total(self) -> int:
        return len(self.samples) * self.epochs

    def params_of(self, epoch: int) -> GenerateParams:
        """The sampling parameters of an epoch."""
        if self.seed is None:
            return self.params
        return self.params.merged(GenerateParams(seed=self.seed + epoch))

    def check(self) -> None:
        """Find what would fail half-way.

        Raises:
            ConfigurationError: a scenario is wrong, or the model cannot take what the samples hold.
        """
        for sample in self.samples:
            if self.world is not None:
                self.world.resolve_scenario(sample.scenario or "default")
            elif sample.scenario is not None:
                raise ConfigurationError(
                    f"sample {sample.id!r} has a scenario, but task {self.task.name!r} has no environment"
                )
        self._check_media()

    def _check_media(self) -> None:
        can = self.model.capabilities
        able = {"image": can.images, "audio": can.audio, "video": can.video}
        for sample in self.samples:
            for message in sample.messages:
                for part in message.content:
                    kind = getattr(part, "kind", "text")
                    if not able.get(kind, True):
                        raise ConfigurationError(
                            f"sample {sample.id!r} holds {kind}, which model {self.model.id!r} does not take"
                        )

    def estimate(self) -> Estimate:
        """What a run would send; see `Estimate`."""
        first = 0
        for sample in self.samples:
            world = self.world.create(sample.scenario or "default", sample.seed) if self.world else None
            opening = world.opening() if world else None
            texts = [self.task.system, *((opening.system, opening.observation) if opening else ())]
            tools = sum(len(str(tool.to_dict())) for tool in world.tools()) if world else 0
            first += (sum(map(len, texts)) + tools) // 4
            first += sum(estimated_tokens(message) for message in sample.messages)
            if world is not None:
                world.close()
        turns = 1 if self.world is None else self.limits.turns
        if turns is not None and self.world is None:
            turns += max((len(sample.user_turns) for sample in self.samples), default=0)
        return Estimate(self, first * self.epochs, turns)


@dataclass(frozen=True)
class Estimate:
    """A bound on what a run would cost.

    Attributes:
        first_turn_tokens: input tokens of all first requests together, at four characters a token.
        turns: most answers of a session; None when only the world ends it.
    """

    plan: Plan
    first_turn_tokens: int
    turns: int | None

    @property
    def calls(self) -> int | None:
        """Most calls to the model under test, retries left out; None when unbounded."""
        return None if self.turns is None else self.plan.total * self.turns

    def cost_bound_usd(self) -> float | None:
        """An upper bound in US dollars for sessions of one turn; None when nothing bounds it.

        Needs known prices and a limit on the answer's tokens.
        """
        prices = getattr(self.plan.model, "prices", None)
        most = self.plan.params.max_tokens
        if prices is None or most is None or self.turns != 1:
            return None
        output = self.plan.total * most
        return float(self.first_turn_tokens * prices.input + output * prices.output) / 1e6

    def to_dict(self) -> dict[str, Any]:
        return {
            "task": self.plan.task.name,
            "model": self.plan.manifest.model,
            "samples": len(self.plan.samples),
            "epochs": self.plan.epochs,
            "sessions": self.plan.total,
            "first_turn_input_tokens": self.first_turn_tokens,
            "calls_at_most": self.calls,
            "cost_at_most_usd": self.cost_bound_usd(),
        }


def default_agent(task: Task, agent: Agent | None) -> Agent:
    """The agent given, else the task's, else the default tool loop."""
    return agent or task.agent or ToolLoop()


def new_manifest(
    task: Task,
    samples: Sequence[Sample],
    *,
    model: Model,
    model_spec: str,
    world: type[Environment] | None,
    facts: Mapping[str, Any],
) -> Manifest:
    """A manifest for a run that begins now; `facts` are further fields of it."""
    now = datetime.now(UTC)
    versions = {"agentbench_sdk": agentbench_sdk.__version__, "python": platform.python_version()}
    if world is not None:
        versions[world.name] = world.version
    run_id = f"{now:%Y%m%dT%H%M%S}-{_slug(task.name)}-{_slug(model_spec)}-{secrets.token_hex(3)}"
    return Manifest(
        run_id=run_id,
        created=now.isoformat(timespec="seconds"),
        task=task.name,
        task_version=task.version,
        task_fingerprint=task.fingerprint(samples, world),
        environment=task.environment or "",
        headline=list(world.headline) if world is not None else [],
        model=model_spec,
        endpoint=model.endpoint,
        judges=[
            JudgeInfo(id=each.id, low=each.scale.low, high=each.scale.high, unit=each.scale.unit)
            for each in task.judges
        ],
        versions=versions,
        git_revision=_git_revision(),
        **{"draws": run_id, **facts},
    )


def _slug(text: str) -> str:
    kept = "".join(char if char.isalnum() or char in ".-" else "-" for char in text.partition("?")[0])
    return kept.strip("-")[:40]


def _git_revision() -> str:
    if not any((folder / ".git").exists() for folder in (Path.cwd(), *Path.cwd().parents)):
        return ""
    try:
        found = subprocess.run(
            ["git", "rev-parse", "HEAD"],  # noqa: S607 - whichever git the user has
            capture_output=True,
            text=True,
            timeout=5,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return found.stdout.strip()
