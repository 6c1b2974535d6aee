"""What is evaluated: samples, how they are put to a model, and who judges."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from agentbench_sdk.canonical import JSON, digest
from agentbench_sdk.errors import AgentbenchError, TaskError
from agentbench_sdk.judging import Judge
from agentbench_sdk.messages import Message
from agentbench_sdk.models import GenerateParams
from agentbench_sdk.sessions.ending import Limits

if TYPE_CHECKING:
    from agentbench_sdk.sessions import Agent
    from agentbench_sdk.simulation import Environment


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

    def _stored_input(self) -> list[dict[str, Any]]:
        if isinstance(self.input, str):
            return [{"role": "user", "content": self.input}] if self.input else []
        return [message.to_dict() for message in self.input]

    def to_dict(self) -> dict[str, Any]:
        """The stored form; goes into fingerprints and run files."""
        return {
            "id": self.id,
            "input": self._stored_input(),
            "target": self.target,
            "choices": list(self.choices),
            "scenario": dict(self.scenario) if isinstance(self.scenario, Mapping) else self.scenario,
            "seed": str(self.seed),
            "user_turns": list(self.user_turns),
            "metadata": dict(self.metadata),
            "cluster": self.cluster,
        }

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> Sample:
        """Read a sample back from its stored form; media come back without their bytes."""
        fields = {
            **record,
            "input": tuple(map(Message.from_dict, record["input"])),
            "choices": tuple(record["choices"]),
            "user_turns": tuple(record["user_turns"]),
            "seed": int(record["seed"]),
        }
        return cls(**fields)


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
        user_params: sampling parameters of the model that plays the user, where the world has one.
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
    user_params: GenerateParams = field(default_factory=GenerateParams)
    limits: Limits = field(default_factory=Limits)
    epochs: int = 1
    description: str = ""

    def load(self) -> list[Sample]:
        """All samples.

        Raises:
            TaskError: there are none, an id is empty, two share one, one is no `Sample`, or the function
                that gives them raised something.
        """
        with blaming_function(self.name, "the function of its samples"):
            samples: list[Any] = list(self.samples() if callable(self.samples) else self.samples)
        if not samples:
            raise TaskError(f"task {self.name!r} has no samples")
        seen: set[str] = set()
        for sample in samples:
            if not isinstance(sample, Sample):
                kind = type(sample).__name__
                raise TaskError(
                    f"sample {len(seen) + 1} of task {self.name!r} is of type {kind}, not a Sample"
                )
            if not sample.id:
                raise TaskError(f"sample {len(seen) + 1} of task {self.name!r} has an empty id", field="id")
            if sample.id in seen:
                raise TaskError(f"task {self.name!r} has two samples with the id {sample.id!r}", field="id")
            seen.add(sample.id)
        return samples

    def fingerprint(self, samples: Iterable[Sample], world: type[Environment] | None = None) -> str:
        """SHA-256 over everything that shapes a score: prompts, samples, judges, parameters, limits.

        Media count by their content, mappings without their order. Epochs, name of the model and what
        is merely said about the task do not count.

        Arguments:
            samples: those that are run, in order.
            world: class of the task's environment; its version and all parameters of the scenarios
                count then, not their names alone.

        Raises:
            TaskError: a sample holds something that is not JSON.
        """
        return digest(
            {
                "name": self.name,
                "version": self.version,
                "system": self.system,
                "environment": self.environment,
                "world": world.version if world else None,
                "agent": _identity(self.agent),
                "judges": [
                    [each.id, each.scale.low, each.scale.high, each.scale.unit] for each in self.judges
                ],
                "params": self.params.to_dict(),
                "user_params": self.user_params.to_dict(),
                "limits": self.limits.model_dump(),
                "samples": [self._sample_digest(sample, world) for sample in samples],
            }
        )

    def _sample_digest(self, sample: Sample, world: type[Environment] | None) -> str:
        scenario = world.resolve_scenario(sample.scenario or "default").fingerprint() if world else None
        try:
            return digest({**sample.to_dict(), "scenario_fingerprint": scenario})
        except TypeError as error:
            raise TaskError(
                f"sample {sample.id!r} of task {self.name!r} holds something that is not JSON ({error}): "
                "targets, metadata and scenarios are made of text, numbers, true, false, null, lists and "
                "mappings with text as keys"
            ) from error


@contextlib.contextmanager
def blaming_function(task: str, what: str) -> Iterator[None]:
    """A boundary to a task's own code: whatever it raises becomes one sentence that names the task.

    Raises:
        TaskError: the code raised something that is no error of this package.
    """
    try:
        yield
    except AgentbenchError:
        raise
    except Exception as error:
        reason = " ".join(str(error).split())
        shown = f"{type(error).__name__}: {reason}" if reason else type(error).__name__
        raise TaskError(f"task {task!r}: {what} raised {shown}") from error


def _identity(agent: Agent | None) -> str | None:
    """What tells agents apart: the id that one gives itself, or else its class."""
    if agent is None:
        return None
    given = getattr(agent, "id", None)
    return str(given) if given else f"{type(agent).__module__}.{type(agent).__qualname__}"
