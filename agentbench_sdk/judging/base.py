"""The contract of judges: a case goes in, a score comes out, and "cannot tell" is not a zero."""

from __future__ import annotations

import asyncio
import functools
import inspect
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, overload, runtime_checkable

from agentbench_sdk.canonical import JSON
from agentbench_sdk.errors import JudgeError
from agentbench_sdk.messages import Message, Usage
from agentbench_sdk.models import ModelRequest, ModelResponse
from agentbench_sdk.sandbox import Sandbox, SandboxNeeds, SandboxSpec
from agentbench_sdk.sessions.ending import Ending
from agentbench_sdk.sessions.transcript import Transcript
from agentbench_sdk.simulation import Outcome


@dataclass(frozen=True, slots=True)
class Score:
    """A verdict.

    Attributes:
        value: the score on the judge's scale; None when unscored.
        passed: verdict as yes or no, where the judge gives one.
        label: verdict as a word, where the judge gives one (the letter chosen, the level reached).
        explanation: one sentence for the reader.
        evidence: what the verdict rests on: extracted text, votes, metrics; plain JSON.
    """

    value: float | None
    passed: bool | None = None
    label: str | None = None
    explanation: str = ""
    evidence: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def unscored(cls, reason: str, **evidence: Any) -> Score:
        """A judge that failed or could not be understood; counted apart, never as zero."""
        return cls(None, explanation=reason, evidence=evidence)

    @classmethod
    def of(cls, verdict: bool | float | Score) -> Score:
        """A score from a plain verdict: True and False are 1 and 0, a number is itself."""
        if isinstance(verdict, Score):
            return verdict
        if isinstance(verdict, bool):
            return cls(float(verdict), passed=verdict)
        if not isinstance(verdict, int | float):
            raise JudgeError(f"a judge returned {verdict!r}; it must be a bool, a number or a Score")
        return cls(float(verdict))

    @property
    def is_scored(self) -> bool:
        return self.value is not None

    def to_dict(self) -> dict[str, Any]:
        return {
            "value": self.value,
            "passed": self.passed,
            "label": self.label,
            "explanation": self.explanation,
            "evidence": dict(self.evidence),
        }

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> Score:
        return cls(**record)


class Asks(Protocol):
    """How a judge reaches a model: attributed to the case, limited, cached and retried like any call."""

    async def __call__(self, request: ModelRequest, *, model: str | None = None) -> ModelResponse:
        """Ask the judge model of the run, or another one by name.

        A `response_format` is left out for a model that does not take one, so the prompt has to state the
        form as well. The same request asked again is a new draw, never the first one's answer from the cache.

        Raises:
            ModelError: there is no answer.
            JudgeError: no judge model was named for the run.
        """
        ...


class MakesSandbox(Protocol):
    """How a judge has programs run: in a sandbox that is closed once its verdict is there, at the latest."""

    async def __call__(self, spec: SandboxSpec) -> Sandbox:
        """Make a sandbox.

        Raises:
            SandboxUnavailableError: not with this specification.
            EnvironmentFaultError: it broke while starting.
            JudgeError: the judge does not say that it needs one (`needs_sandbox`).
        """
        ...


async def _no_sandbox(spec: SandboxSpec) -> Sandbox:
    raise JudgeError("this judge was given no sandbox: it has to say needs_sandbox=True before the run")


async def _no_judge_model(request: ModelRequest, *, model: str | None = None) -> ModelResponse:
    raise JudgeError("this judge needs a model of its own: name one with --judge-model or judge_model=…")


@dataclass(frozen=True, slots=True)
class JudgeCase:
    """All that a judge may look at.

    Attributes:
        sample_id, epoch: which attempt at which sample this is.
        answer: the agent's final text, reasoning removed.
        target: what the sample holds as the right answer; its form is the task's.
        choices: the texts of the options of a multiple-choice question, in the order shown.
        input: what the sample asked.
        transcript: the whole session.
        ending: how it ended.
        outcome: what the environment says of it; None without one.
        metadata: the sample's own.
        model: id of the model under test, so that a judge can tell whether it judges itself.
        usage: tokens and cost of the session by role, "agent" and "user"; answers from the cache included.
        working_s: seconds of the session on the wire and in tools; None where answers came from the cache, so
            that it is not known.
        ask: the way to a model.
        sandbox: the way to a sandbox, for judges that say `needs_sandbox`.
    """

    sample_id: str
    answer: str
    target: JSON = None
    choices: tuple[str, ...] = ()
    input: tuple[Message, ...] = ()
    epoch: int = 0
    transcript: Transcript = field(default_factory=Transcript)
    ending: Ending = field(default_factory=lambda: Ending("completed", "answered"))
    outcome: Outcome | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    model: str = ""
    usage: Mapping[str, Usage] = field(default_factory=dict)
    working_s: float | None = None
    ask: Asks = _no_judge_model
    sandbox: MakesSandbox = _no_sandbox

    def asking(self, ask: Asks, sandbox: MakesSandbox = _no_sandbox) -> JudgeCase:
        """The same case with this way to a model, and to a sandbox."""
        # Spelled out: `dataclasses.replace` takes three times as long, for every judge of every sample.
        return JudgeCase(
            self.sample_id,
            self.answer,
            self.target,
            self.choices,
            self.input,
            self.epoch,
            self.transcript,
            self.ending,
            self.outcome,
            self.metadata,
            self.model,
            self.usage,
            self.working_s,
            ask,
            sandbox,
        )


@dataclass(frozen=True, slots=True)
class Scale:
    """The range of a judge's values; None where it is open. `unit` "" is a share or points.

    `better` says which end is good: "lower" for an error rate.
    """

    low: float | None = 0.0
    high: float | None = 1.0
    unit: str = ""
    better: Literal["higher", "lower"] = "higher"


@runtime_checkable
class Judge(Protocol):
    """A judge: an id that names it with its options, a scale, and one method.

    Attributes:
        id: for example "exact" or "numeric(tolerance=0.01)"; goes into run files and fingerprints.
        scale: range of the values; gives the bounds when samples are unscored.

    A judge that asks a model says so before a run starts by further attributes, read where they are there:
    `asks_model` (True), `model` (its model's specification, None for the run's judge model) and `media`
    (whether the sample's images, sounds and films are shown to that model). One that has programs run says
    `needs_sandbox` (True, or `SandboxNeeds`). One that is made of other judges names them as `members`.
    """

    @property
    def id(self) -> str: ...
    @property
    def scale(self) -> Scale: ...

    async def judge(self, case: JudgeCase) -> Score: ...


def with_members(judges: Iterable[Judge]) -> Iterator[Judge]:
    """Judges and those that they are made of, each before its members."""
    for each in judges:
        yield each
        yield from with_members(getattr(each, "members", ()))


def model_askers(judges: Iterable[Judge]) -> Iterator[Judge]:
    """The judges, members of others included, that ask a model."""
    return (each for each in with_members(judges) if getattr(each, "asks_model", False))


def models_asked(judge: Judge) -> frozenset[str | None]:
    """Names of the models that a judge and its members ask, None for the judge model of the run."""
    return frozenset(getattr(each, "model", None) or None for each in model_askers([judge]))


SLOW_S = 0.02  # a rule that holds the event loop this long holds up every other session
Verdict = bool | float | Score
Rule = Callable[..., Verdict | Awaitable[Verdict]]


@dataclass(frozen=True, slots=True)
class RuleJudge:
    """A judge made of a function of a case; see `judge`."""

    rule: Rule
    id: str
    scale: Scale
    options: Mapping[str, Any] = field(default_factory=dict)
    corpus: Sequence[Mapping[str, Any]] = ()
    needs_sandbox: bool | SandboxNeeds = False
    _slow: list[bool] = field(default_factory=list, repr=False, compare=False)

    async def judge(self, case: JudgeCase) -> Score:
        """The rule's verdict. One that took long once runs beside the event loop from then on."""
        if self._slow:
            verdict = await asyncio.to_thread(self.rule, case, **self.options)
        else:
            started = time.perf_counter()
            verdict = self.rule(case, **self.options)
            if time.perf_counter() - started > SLOW_S and not inspect.iscoroutine(verdict):
                self._slow.append(True)
        if isinstance(verdict, Score):
            return verdict
        return Score.of(await verdict if inspect.isawaitable(verdict) else verdict)


CorpusSpecs = Sequence[Mapping[str, Any]] | Callable[..., Sequence[Mapping[str, Any]]]


class JudgeFactory:
    """What `@judge` makes of a function: call it with options to get a judge."""

    def __init__(
        self,
        rule: Rule,
        name: str,
        scale: Scale,
        check: Callable[..., None] | None = None,
        corpus: CorpusSpecs = (),
        needs_sandbox: bool | SandboxNeeds = False,
    ) -> None:
        self.rule, self.name, self.scale, self.check, self.corpus = rule, name, scale, check, corpus
        self.needs_sandbox = needs_sandbox
        functools.update_wrapper(self, rule)

    def __call__(self, **options: Any) -> Judge:
        """A judge with these options.

        Raises:
            TypeError: the function has no such option, or one that it needs is missing.
            ConfigurationError: the judge's check refuses a value.
        """
        inspect.signature(self.rule).bind(None, **options)
        if self.check is not None:
            self.check(**options)
        shown = ", ".join(f"{key}={value!r}" for key, value in sorted(options.items()))
        name = f"{self.name}({shown})" if shown else self.name
        corpus = self.corpus(**options) if callable(self.corpus) else self.corpus
        return RuleJudge(self.rule, name, self.scale, options, corpus, self.needs_sandbox)


@overload
def judge(rule: Rule) -> JudgeFactory: ...
@overload
def judge(
    *,
    name: str | None = None,
    scale: Sequence[float | None] = (0.0, 1.0),
    unit: str = "",
    better: Literal["higher", "lower"] = "higher",
    check: Callable[..., None] | None = None,
    corpus: CorpusSpecs = (),
    needs_sandbox: bool | SandboxNeeds = False,
) -> Callable[[Rule], JudgeFactory]: ...
def judge(
    rule: Rule | None = None,
    *,
    name: str | None = None,
    scale: Sequence[float | None] = (0.0, 1.0),
    unit: str = "",
    better: Literal["higher", "lower"] = "higher",
    check: Callable[..., None] | None = None,
    corpus: CorpusSpecs = (),
    needs_sandbox: bool | SandboxNeeds = False,
) -> JudgeFactory | Callable[[Rule], JudgeFactory]:
    """Make a judge of a function that takes a `JudgeCase` and returns a bool, a number or a `Score`.

    Keyword parameters of the function are the judge's options. May be a coroutine function. `check` takes
    the same keyword parameters and raises ConfigurationError, so that a bad option stops nothing half-way.
    `corpus` names the figures of a whole task that are made of the scores' evidence (see `judging.corpus`), as
    they are or as a function of the options. A coroutine function that has programs run says `needs_sandbox`
    and has one made by `await case.sandbox(spec)`.

    >>> @judge
    ... def short(case: JudgeCase, words: int = 10) -> bool:
    ...     return len(case.answer.split()) <= words
    >>> short(words=3).id
    'short(words=3)'
    """

    def decorate(rule: Rule) -> JudgeFactory:
        return JudgeFactory(
            rule,
            name or rule.__name__,
            Scale(scale[0], scale[1], unit, better),
            check,
            corpus,
            needs_sandbox,
        )

    return decorate if rule is None else decorate(rule)
