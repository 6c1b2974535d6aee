"""What a run file holds, as data: one manifest, one record a sample and epoch, one record a call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from agentbench_sdk.canonical import JSON
from agentbench_sdk.judging import Scale, Score
from agentbench_sdk.messages import Usage
from agentbench_sdk.models import Timing
from agentbench_sdk.sessions.ending import Ending
from agentbench_sdk.simulation import Outcome

CallRole = Literal["agent", "user", "judge"]


class JudgeInfo(BaseModel):
    """A judge as the manifest names it; `corpus` are the figures of the whole task made of its evidence."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    low: float | None = 0.0
    high: float | None = 1.0
    unit: str = ""
    better: Literal["higher", "lower"] = "higher"
    corpus: list[dict[str, Any]] = []

    @property
    def scale(self) -> Scale:
        return Scale(self.low, self.high, self.unit, self.better)


class ContestantInfo(BaseModel):
    """One run in an arena.

    Attributes:
        name: what tells it apart from the others: its model, with the run's id where the model is not enough.
        model: as its run's manifest has it.
        run_id: of the run.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    model: str
    run_id: str


class ArenaInfo(BaseModel):
    """What makes a run file that of an arena: its attempts are battles of two contestants.

    Attributes:
        contestants: in the order given.
        baseline: name of the one that all others met; None where everybody met everybody.
        by: id of the judge whose recorded scores decided; "" where a judge was asked.
        unanswered: battles that could not be, because the session of one side failed.
        remarks: what differs between the runs and is no hindrance.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    contestants: list[ContestantInfo]
    baseline: str | None = None
    by: str = ""
    unanswered: int = 0
    remarks: list[str] = []


class Manifest(BaseModel):
    """Everything needed to know what a run was, and to repeat it. Holds no secret.

    Attributes:
        run_id: unique name of the run.
        created: when it began, ISO 8601 in UTC.
        task, task_version, task_fingerprint: what was evaluated.
        task_source: the registered name or the file that it was loaded from.
        task_params: parameters given to the task.
        agent: what drove the sessions.
        model, user_model, judge_model: specs as the user named them, keys left out.
        endpoint: address of the model under test.
        headline: metrics of the environment that a report shows, in this order; empty for the first ones.
        pictures: whether the environment draws pictures of its sessions.
        judges: in order; the first is the primary one.
        params, user_params: sampling parameters of agent and user, merged.
        epochs, limit, sample_ids: what was selected.
        seed: sampling seed that was sent, plus the epoch; None for none.
        protocol: how tools were put to the model.
        sandbox: what ran the programs of models; "" where there were none.
        cache: file of the response cache, None for none.
        draws: namespace of its sampled answers in the response cache; a resumed run has that of the
            run that it resumes, so that what was answered is found again.
        samples: how many attempts (samples times epochs) were planned.
        judged_from: id of the run whose sessions were judged again; "" for a run of its own.
        judge_specs: the judges as they were named, where a run was judged again by named ones; empty where
            these were made in Python, None for those of the task.
        arena: contestants, where the attempts are battles of an arena; None for any other run.
        warnings: what a reader of the scores should know, one sentence each: a judge that judges itself.
        versions: of this package, Python and the environment.
        git_revision: of the working directory, "" outside a repository.
    """

    model_config = ConfigDict(extra="forbid")

    run_id: str
    created: str
    task: str
    task_version: str
    task_fingerprint: str
    task_source: str = ""
    task_params: dict[str, Any] = {}
    environment: str = ""
    headline: list[str] = []
    pictures: bool = False
    agent: str = ""
    model: str
    endpoint: str = ""
    user_model: str | None = None
    judge_model: str | None = None
    judges: list[JudgeInfo]
    params: dict[str, Any] = {}
    user_params: dict[str, Any] = {}
    limits: dict[str, Any] = {}
    sandbox: str = ""
    cache: str | None = None
    epochs: int = 1
    limit: int | None = None
    sample_ids: list[str] | None = None
    seed: int | None = None
    protocol: Literal["auto", "native", "text"] = "auto"
    draws: str = ""
    samples: int = 0
    judged_from: str = ""
    judge_specs: list[dict[str, Any]] | None = None
    arena: ArenaInfo | None = None
    warnings: list[str] = []
    versions: dict[str, str] = {}
    git_revision: str = ""


@dataclass(frozen=True, slots=True)
class SampleRecord:
    """One attempt at one sample.

    Attributes:
        scores: by judge id, in the manifest's order; empty when the session failed.
        usage: tokens and cost by role, answers from the cache included.
        cached_usage: the part of `usage` that came from the cache and so was not paid for again.
        wall_s: from the session's start to its last score, in seconds.
        working_s: the part spent on the wire and in tools.
    """

    sample_id: str
    epoch: int
    ending: Ending
    cluster: str = ""
    scores: Mapping[str, Score] = field(default_factory=dict)
    outcome: Outcome | None = None
    answer: str = ""
    target: JSON = None
    usage: Mapping[CallRole, Usage] = field(default_factory=dict)
    cached_usage: Mapping[CallRole, Usage] = field(default_factory=dict)
    wall_s: float = 0.0
    working_s: float = 0.0
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One answered call to a model.

    Attributes:
        speaker: id of the judge that asked; "" for agent and user.
    """

    sample_id: str
    epoch: int
    role: CallRole
    turn: int
    model: str
    endpoint: str
    usage: Usage
    timing: Timing
    cached: bool
    speaker: str = ""
