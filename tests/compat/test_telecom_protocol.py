"""Recorded conversations of the official loop, played again by our own sessions; and rules of scoring."""

from __future__ import annotations

from collections import Counter
from typing import Any

from agentbench_sdk.environments.telecom.conversation import Conversation, converse
from agentbench_sdk.environments.telecom.evaluation import evaluate
from agentbench_sdk.environments.telecom.task import TelecomTask
from agentbench_sdk.environments.telecom.trajectory import Called, Said
from tests.compat.telecom_corpus import (
    GREETING,
    conversation,
    fresh,
    make_calls,
    needs_corpus,
    official,
    only,
    records,
)

pytestmark = needs_corpus
SCORING = ("communicate", "termination_reason", "action_match")
COMPARED = ("termination_reason", "steps", "num_errors", "trajectory", "agent_inputs", "user_inputs")


def changed(task: TelecomTask, **criteria: Any) -> TelecomTask:
    """The task with other criteria, read as from a file."""
    record = task.model_dump(mode="json")
    record["evaluation_criteria"].update(criteria)
    return TelecomTask.model_validate(record)


async def play(record: dict[str, Any]) -> Conversation:
    return await converse(
        official().task(record["task_id"]),
        official(),
        agent=record["agent_script"],
        user=record["user_script"],
        max_steps=record["max_steps"],
        max_errors=record["max_errors"],
        validate_communication=record["validate_communication"],
    )


def differences(record: dict[str, Any], played: Conversation) -> list[str]:
    if record["exception"] is not None:
        return [] if played.exception else [f"{record['scenario']}: nothing was raised"]
    found = {name: getattr(played, name) for name in COMPARED}
    found["reward"] = played.reward.to_dict() if played.reward else None
    return [
        f"{record['scenario']} on {record['task_id']}: {name} is {found[name]}, not {record[name]}"
        for name in (*COMPARED, "reward")
        if name in record and found[name] != record[name]
    ]


async def test_every_recorded_conversation_takes_the_same_course() -> None:
    wrong: list[str] = []
    count = 0
    for record in records("protocol"):
        if record["scenario"] not in SCORING:
            wrong += differences(record, await play(record))
            count += 1
    assert wrong == []
    assert count > 80


def test_every_rule_of_scoring_gives_what_it_gave() -> None:
    wrong: list[str] = []
    counts: Counter[str] = Counter()
    for record in records("protocol"):
        if record["scenario"] not in SCORING:
            continue
        counts[record["scenario"]] += 1
        reward = SCORED[record["scenario"]](record)
        if only(record["reward"], reward) != record["reward"]:
            wrong.append(f"{record['scenario']} on {record['task_id']}: {reward} is not {record['reward']}")
    assert wrong == []
    assert all(counts[scenario] > 5 for scenario in SCORING)


def communicated(record: dict[str, Any]) -> dict[str, Any]:
    task = official().task(record["task_id"])
    task = changed(task, communicate_info=record["communicate_info"], reward_basis=["COMMUNICATE"])
    texts = [Said("agent", text) for text in record["assistant_texts_after_greeting"]]
    first, *rest = [Said("user", text) for text in record["user_texts"]]
    trajectory = [Said("agent", GREETING), first, *texts, *rest]
    return evaluate(task, fresh(task), trajectory, "user_stop", database=official().database).to_dict()


def ended(record: dict[str, Any]) -> dict[str, Any]:
    task = official().task(record["task_id"])
    core = fresh(task)
    trajectory = conversation(make_calls(core, record["calls"]))
    reason = record["termination_reason"]
    return evaluate(task, core, trajectory, reason, database=official().database).to_dict()


def matched(record: dict[str, Any]) -> dict[str, Any]:
    task = changed(official().task(record["task_id"]), actions=record["actions"], reward_basis=["ACTION"])
    core = fresh(task)
    calls = make_calls(core, record["calls"])
    assert [call.error for call in calls if isinstance(call, Called)] == record["call_errors"]
    reward = evaluate(task, core, conversation(calls), "user_stop", database=official().database)
    return reward.to_dict()


SCORED = {"communicate": communicated, "termination_reason": ended, "action_match": matched}
