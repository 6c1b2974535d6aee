"""What is evaluated: samples, how they are put to a model, and who judges."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from agentbench_sdk.canonical import JSON, digest
from agentbench_sdk.errors import TaskError
from agentbench_sdk.judging import Judge
from agentbench_sdk.messages import Message
from agentbench_sdk.models import GenerateParams
from agentbench_sdk.sessions.ending import Limits

if TYPE_CHECKING:
    from agentbench_sdk.sessions import Agent


@dataclass(frozen=True, slots=True)
class Sample:
    """One thing to be attempted.

    Attributes:
        id: unique in the task.
        input: a question, or the messages that begin the session; empty when the environment opens it.
        target: the right answer, in whatever form the task's judges expect.
        choices: options of a multiple-choice question, in the order shown.
        scenario: for the task's environment: a name, or parameters (see `Environment.create`).
        seed: for the environment.
        user_turns: what a scripted user says after each answer; the session ends after the last.
        metadata: whatever judges and reports need: a category, a source.
        cluster: samples that share something (a scenario, a video) share a cluster; "" is its own.
    """

    id: str
    input: str | tuple[Message, ...] = ()
    target: JSON = None
    choices: tuple[str, ...] = ()
    scenario: str | Mapping[str, Any] | None = None
    seed: int = 0
    user_turns: tuple[str, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)
    cluster: str = ""

    @property
    def messages(self) -> tuple[Message, ...]:
        """The input as messages."""
        if isinstance(self.input, str):
            return (Message.user(self.input),) if self.input else ()
        return self.input

    def to_dict(self) -> dict[str, Any]:
        """The stored form; goes into fingerprints and run files."""
        return {
            "id": self.id,
            "input": [message.to_dict() for message in self.messages],
            "target": self.target,
            "choices": list(self.choices),
            "scenario": dict(self.scenario) if isinstance(self.scenario, Mapping) else self.scenario,
            "seed": str(self.seed),
            "user_turns": list(self.user_turns),
            "metadata": dict(self.metadata),
            "cluster": self.cluster,
        }


@dataclass(frozen=True)
class Task:
    """A benchmark, ready to run.

    Attributes:
        name, version: identify it in reports; the fingerprint says whether two are the same.
        samples: the samples, or a function that loads them (called once, when first needed).
        judges: each gives one score a sample; the first is the primary one.
        system: system prompt, put before each sample's messages.
        environment: registered name of the world, or None for plain questions.
        agent: drives the session; None is the default tool loop.
        params: sampling parameters; those given to `evaluate` go on top.
        limits: of each session.
        epochs: how often each sample is attempted, unless `evaluate` says otherwise.
        description: one sentence for `agentbench list`.
    """

    name: str
    samples: Sequence[Sample] | Callable[[], Iterable[Sample]]
    judges: Sequence[Judge]
    version: str = "1"
    system: str = ""
    environment: str | None = None
    agent: Agent | None = None
    params: GenerateParams = field(default_factory=GenerateParams)
    limits: Limits = field(default_factory=Limits)
    epochs: int = 1
    description: str = ""

    def load(self) -> list[Sample]:
        """All samples.

        Raises:
            TaskError: there are none, or two share an id.
        """
        samples = list(self.samples() if callable(self.samples) else self.samples)
        if not samples:
            raise TaskError(f"task {self.name!r} has no samples")
        seen: set[str] = set()
        for sample in samples:
            if sample.id in seen:
                raise TaskError(f"task {self.name!r} has two samples with the id {sample.id!r}", field="id")
            seen.add(sample.id)
        return samples

    def fingerprint(self, samples: Iterable[Sample]) -> str:
        """SHA-256 over everything that shapes a score: prompts, samples, judges, parameters, limits."""
        return digest(
            {
                "name": self.name,
                "version": self.version,
                "system": self.system,
                "environment": self.environment,
                "agent": type(self.agent).__qualname__ if self.agent else None,
                "judges": [each.id for each in self.judges],
                "params": self.params.to_dict(),
                "limits": self.limits.model_dump(),
                "samples": [digest(sample.to_dict()) for sample in samples],
            }
        )
