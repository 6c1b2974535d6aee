"""What a run is going to do, settled and checked before anything is sent."""

from __future__ import annotations

import platform
import secrets
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import agentbench_sdk
from agentbench_sdk.benchmark.task import Sample, Task
from agentbench_sdk.canonical import canonical_json
from agentbench_sdk.judging import Judge, model_askers
from agentbench_sdk.messages import CHARACTERS_PER_TOKEN, Text, Usage
from agentbench_sdk.models import Capabilities, GenerateParams, Model
from agentbench_sdk.runs.records import JudgeInfo, Manifest
from agentbench_sdk.runs.sandboxes import world_needs
from agentbench_sdk.sandbox import SandboxNeeds, SandboxPool
from agentbench_sdk.sessions.ending import Limits
from agentbench_sdk.sessions.episode import Agent
from agentbench_sdk.sessions.protocols import ProtocolName
from agentbench_sdk.sessions.tool_loop import ToolLoop
from agentbench_sdk.simulation import Environment


@dataclass(frozen=True)
class Plan:
    """A run, ready to start.

    Attributes:
        samples: those selected, in order.
        agent: drives each session.
        world: class of the environment, None without one.
        user: who plays the users of its sessions; None where they have none.
        user_params: sampling parameters of the user's model.
        seed: sampling seed sent with each request (plus the epoch); None sends none.
        sandboxes: where sandboxes are made; None where neither world nor judges need any.
        sandbox_needs: what those must be able to do.
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
    user: Model | None = None
    user_params: GenerateParams = field(default_factory=GenerateParams)
    sandboxes: SandboxPool | None = None
    sandbox_needs: SandboxNeeds | None = None

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

    def user_params_of(self, epoch: int, able: Capabilities) -> GenerateParams:
        """The sampling parameters of the user's model in an epoch; a seed only where it takes one."""
        if self.seed is None or not able.seed:
            return self.user_params
        return self.user_params.merged(GenerateParams(seed=self.seed + epoch))

    def estimate(self) -> Estimate:
        """What a run would send; see `Estimate`."""
        size = sum(map(self._opening_bytes, self.samples)) * self.epochs
        turns = self.limits.turns
        if self.world is None and isinstance(self.agent, ToolLoop):
            most = 1 + max(len(sample.user_turns) for sample in self.samples)
            turns = most if turns is None else min(turns, most)
        return Estimate(self, size, turns)

    @property
    def drifts(self) -> bool:
        """Whether its world may answer otherwise the next time."""
        return self.world is not None and not self.world.deterministic

    def sandboxed(self, sample: Sample) -> bool:
        """Whether the world of a sample needs a sandbox; nobody knows its opening before there is one."""
        return world_needs(self.world, [sample]) is not None

    def _opening_bytes(self, sample: Sample) -> int:
        """UTF-8 bytes of the first request's texts and tools."""
        size = len(self.task.system.encode()) + sum(len(each.canonical()) for each in sample.messages)
        if self.world is not None and not self.sandboxed(sample):
            world = self.world.create(sample.scenario or "default", sample.seed)
            opening = world.opening()
            size += len(opening.system.encode()) + len(opening.observation.encode())
            size += sum(len(canonical_json(tool.to_dict())) for tool in world.tools())
            world.close()
        return size


@dataclass(frozen=True)
class Estimate:
    """What a run would send, and bounds where there are any.

    Attributes:
        first_turn_bytes: UTF-8 bytes of all first requests together; no tokenizer makes more tokens of
            them, most make a quarter.
        turns: most answers of a session; None when only the world or an own agent ends it.
    """

    plan: Plan
    first_turn_bytes: int
    turns: int | None

    @property
    def calls(self) -> int | None:
        """Most calls to the model under test, retries left out; None when unbounded."""
        return None if self.turns is None else self.plan.total * self.turns

    @property
    def asking_judges(self) -> int:
        """Judges that ask a model, in calls that are not counted here."""
        return sum(1 for _ in model_askers(self.plan.task.judges))

    @property
    def user_asks(self) -> bool:
        """Whether users are played by a model behind an endpoint, whose calls are not counted here."""
        return self.plan.user is not None and bool(self.plan.user.endpoint)

    def cost_bound_usd(self) -> float | None:
        """An upper bound in US dollars of calls that succeed; None when nothing bounds it.

        Needs sessions of one turn, known prices, a limit on the answer's tokens, text alone, no judge that
        asks a model, and no world that opens in a sandbox.
        """
        prices, most = getattr(self.plan.model, "prices", None), self.plan.params.max_tokens
        if prices is None or most is None or self.turns != 1 or self.asking_judges or self._has_media():
            return None
        if self.opened_in_sandbox:
            return None
        used = Usage(self.first_turn_bytes + 16 * self.plan.total, self.plan.total * most)
        bound: float | None = prices.applied(used).cost_usd
        return bound

    @property
    def opened_in_sandbox(self) -> int:
        """Sessions whose world needs a sandbox before it says anything; its words are not counted here."""
        return sum(map(self.plan.sandboxed, self.plan.samples)) * self.plan.epochs

    def _has_media(self) -> bool:
        messages = (each for sample in self.plan.samples for each in sample.messages)
        return any(not isinstance(part, Text) for each in messages for part in each.content)

    def to_dict(self) -> dict[str, Any]:
        return {
            "task": self.plan.task.name,
            "model": self.plan.manifest.model,
            "samples": len(self.plan.samples),
            "epochs": self.plan.epochs,
            "sessions": self.plan.total,
            "first_turn_input_tokens": self.first_turn_bytes // CHARACTERS_PER_TOKEN,
            "calls_at_most": self.calls,
            "judges_that_ask_a_model": self.asking_judges,
            "user_asks_a_model": self.user_asks,
            "sandbox": self.plan.manifest.sandbox,
            "opened_in_sandbox": self.opened_in_sandbox,
            "cost_at_most_usd": self.cost_bound_usd(),
        }


def default_agent(task: Task, agent: Agent | None) -> Agent:
    """The agent given, else the task's, else the default tool loop."""
    return agent or task.agent or ToolLoop()


def agent_name(agent: Agent) -> str:
    """What tells agents apart in a manifest: the id that one gives itself, or else its class."""
    return str(getattr(agent, "id", None) or f"{type(agent).__module__}.{type(agent).__qualname__}")


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
    run_id, created = new_run_name(task.name, model_spec)
    return Manifest(
        run_id=run_id,
        created=created,
        task=task.name,
        task_version=task.version,
        task_fingerprint=task.fingerprint(samples, world),
        environment=task.environment or "",
        headline=list(world.headline) if world is not None else [],
        pictures=world is not None and world.sketch is not Environment.sketch,
        model=model_spec,
        endpoint=model.endpoint,
        judges=judge_infos(task.judges),
        versions=versions_of(world),
        git_revision=_git_revision(),
        **{"draws": run_id, **facts},
    )


def new_run_name(task: str, model: str) -> tuple[str, str]:
    """A unique name of a run that begins now, and when that is (ISO 8601, UTC)."""
    now = datetime.now(UTC)
    name = f"{now:%Y%m%dT%H%M%S}-{_slug(task)}-{_slug(model)}-{secrets.token_hex(3)}"
    return name, now.isoformat(timespec="seconds")


def versions_of(world: type[Environment] | None) -> dict[str, str]:
    """Versions of this package, of Python and of the environment."""
    versions = {"agentbench_sdk": agentbench_sdk.__version__, "python": platform.python_version()}
    return versions if world is None else {**versions, world.name: world.version}


def judge_infos(judges: Iterable[Judge]) -> list[JudgeInfo]:
    """Judges as a manifest names them."""
    return [
        JudgeInfo(
            id=each.id,
            low=each.scale.low,
            high=each.scale.high,
            unit=each.scale.unit,
            better=each.scale.better,
            corpus=[dict(spec) for spec in getattr(each, "corpus", ())],
        )
        for each in judges
    ]


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
