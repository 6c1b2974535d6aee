"""Telecom support: an agent helps a customer whose phone does not work, one session a task."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal

from agentbench_sdk.benchmark import Sample, Task, task
from agentbench_sdk.environments.telecom.evaluation import SUCCESS
from agentbench_sdk.environments.telecom.facts import facts_of
from agentbench_sdk.environments.telecom.official import BASE, OfficialData, data_folder
from agentbench_sdk.environments.telecom.own import OwnData, own_data
from agentbench_sdk.environments.telecom.own import generate as generate_tasks
from agentbench_sdk.environments.telecom.task import TelecomTask
from agentbench_sdk.errors import ConfigurationError, TaskError
from agentbench_sdk.judges.outcome import outcome
from agentbench_sdk.judging import JudgeCase, Score, judge
from agentbench_sdk.models import GenerateParams
from agentbench_sdk.sessions.ending import Limits
from agentbench_sdk.sessions.transcript import MessageEntry

Source = Literal["own", "official"]
_DETERMINISTIC = GenerateParams(temperature=0.0)  # as tau2-bench asks both models by default


def _sets() -> Mapping[str, Mapping[str, int] | str]:
    """Of our own data, and of tau2-bench's where the user has named them."""
    sets: dict[str, Mapping[str, int] | str] = {"own": _sizes(own_data())}
    if data_folder() is not None:
        try:
            sets["tau2-bench"] = _sizes(OfficialData.load())
        except TaskError as error:
            sets["tau2-bench"] = str(error)
    return sets


def _sizes(data: OwnData | OfficialData) -> dict[str, int]:
    return {name: len(ids) for name, ids in data.sets.items()}


@judge(name="rules broken", scale=(0.0, None))
def rules_broken(case: JudgeCase) -> Score:
    """How often the agent broke a rule of the desk: what the world found, and messages with several calls.

    Only the transcript tells which calls came in one message, so the world cannot count those.
    """
    if case.outcome is None:
        return Score.unscored("the session has no world")
    several = [
        place
        for place, entry in enumerate(case.transcript)
        if isinstance(entry, MessageEntry) and entry.speaker == "agent" and len(entry.message.tool_calls) > 1
    ]
    found = str(case.outcome.metrics.get("policy_violation_kinds") or "")
    told = [*([found] if found else []), *([f"several_calls {len(several)}"] if several else [])]
    count = int(case.outcome.metrics.get("policy_violations") or 0) + len(several)
    evidence = {"several_calls_at": several}
    return Score(float(count), explanation=", ".join(told) or "no rule was broken", evidence=evidence)


@task(sets=_sets)
def telecom(
    set: str = BASE,
    data: Source | None = None,
    data_dir: str = "",
    generate: int | str | None = None,
    seed: int | None = None,
    solo: bool = False,
    policy: Literal["manual", "workflow"] = "manual",
    max_steps: int = 200,
    max_errors: int = 10,
    validate_communication: bool = False,
    guard: bool = True,
) -> Task:
    """Telecom support: the agent uses the carrier's back office and leads a customer through phone settings.

    The rules are those of tau2-bench's telecom domain. Without its data the world is our own.

    Arguments:
        set: which tasks, see `agentbench list tasks`: small, base or full; of tau2-bench also train and test.
        data: whose; left out, tau2-bench's where `data_dir` or AGENTBENCH_TAU2_DATA names a folder.
        data_dir: folder of tau2-bench's data: its repository, or data/tau2/domains/telecom in it.
        generate: make so many new tasks of our own, which no set has, in place of a set; "50,seed=7" gives
            their seed along.
        seed: of those tasks; 0 when left out.
        solo: without a customer: the agent has a ticket and uses the phone itself.
        policy: technical guide as prose, or step by step.
        max_steps: messages and tool exchanges after which a session is cut off; it then earns nothing.
        max_errors: refused calls, of both sides together, after which a session is cut off, likewise.
        validate_communication: end a session in which one message holds both text and tool calls.
        guard: hold messages of a model that plays the customer against its script and the phone.

    Raises:
        ConfigurationError: parameters that exclude each other.
        UnknownNameError: no such set.
        TaskError: tau2-bench's data are missing or broken; one sentence says which file.
    """
    source = _source(data, data_dir, generate)
    wanted = _wanted(generate, seed)
    found: OwnData | OfficialData = own_data() if source == "own" else OfficialData.load(data_dir or None)
    tasks = found.tasks(set) if wanted is None else generate_tasks(*wanted)
    scenario: dict[str, Any] = {"data": source, "solo": solo, "policy": policy}
    scenario |= {"validate_communication": validate_communication, "guard": guard}
    scenario |= {"data_sha256": found.sha256}
    if isinstance(found, OfficialData):
        scenario["data_dir"] = str(found.folder)
    return Task(
        name="telecom",
        description="Telecom support with a customer who has a phone; the score is the share of tasks solved.",
        environment="telecom",
        samples=[_sample(each, scenario) for each in tasks],
        judges=[outcome(low=0.0, high=1.0, threshold=SUCCESS, label="reward"), rules_broken()],
        params=_DETERMINISTIC,
        user_params=_DETERMINISTIC,
        limits=Limits(steps=max_steps, tool_errors=max_errors),
    )


def _source(data: Source | None, data_dir: str, generated: int | str | None) -> Source:
    """Whose data are meant; a folder that is named in the environment gives way to what is asked for here."""
    if data_dir and (data == "own" or generated is not None):
        other = "data=own" if data == "own" else "generate"
        raise ConfigurationError(
            f"task 'telecom': data_dir and {other} exclude each other: tasks are generated for our own data"
        )
    if generated is not None and data == "official":
        raise ConfigurationError(
            "task 'telecom': generate and data=official exclude each other: tasks are generated for our own data"
        )
    if data is not None or generated is not None:
        return data or "own"
    return "official" if data_folder(data_dir) is not None else "own"


def _wanted(generate: int | str | None, seed: int | None) -> tuple[int, int] | None:
    """How many tasks to make, and of which seed; None for none."""
    if generate is None:
        if seed is not None:
            raise ConfigurationError("task 'telecom': seed is of generated tasks; give generate=N as well")
        return None
    found = re.fullmatch(r"\s*(\d+)\s*(?:,\s*seed\s*=\s*(-?\d+)\s*)?", str(generate))
    if found is None or int(found[1]) < 1:
        raise ConfigurationError(
            f"task 'telecom': generate is {generate!r}; give a number of tasks from 1 on, or for example 50,seed=7"
        )
    if found[2] is not None and seed is not None:
        raise ConfigurationError(
            "task 'telecom': seed is given twice, by itself and in generate; give it once"
        )
    return int(found[1]), int(found[2] or seed or 0)


def _sample(each: TelecomTask, scenario: Mapping[str, Any]) -> Sample:
    facts = facts_of(each)
    return Sample(
        id=each.id,
        scenario={**scenario, "task": each.model_dump(mode="json", exclude_none=True)},
        metadata=facts.to_dict(),
        cluster=facts.cluster,
    )
