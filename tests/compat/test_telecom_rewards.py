"""Rewards of the official evaluator, for every recorded trace: with the task's basis and with all components."""

from __future__ import annotations

from typing import Any

from agentbench_sdk.environments.telecom.evaluation import PARTS, evaluate
from agentbench_sdk.environments.telecom.trajectory import Said, Trajectory
from tests.compat.telecom_corpus import STOP, conversation, fresh, make_calls, needs_corpus, official, records

pytestmark = needs_corpus


def trajectory_of(trace: dict[str, Any], calls: Trajectory) -> Trajectory:
    """Alone, the agent's calls count only, and it ends the run itself."""
    if not trace["solo"]:
        return conversation(calls)
    return [*(call for call in calls if call.actor == "agent"), Said("agent", STOP)]


def test_every_trace_earns_what_it_earned() -> None:
    wrong: list[str] = []
    count = 0
    for trace in records("traces"):
        task = official().task(trace["task_id"])
        core = fresh(task, solo=trace["solo"])
        trajectory = trajectory_of(trace, make_calls(core, trace["calls"]))
        end = "agent_stop" if trace["solo"] else "user_stop"
        for name, basis in (("reward", None), ("reward_all_basis", list(PARTS))):
            reward = evaluate(task, core, trajectory, end, database=official().database, basis=basis)
            if reward.to_dict() != trace[name]:
                wrong.append(f"{trace['trace_id']} {name}: {reward.to_dict()} is not {trace[name]}")
        count += 1
    assert wrong == []
    assert count > 800


def test_a_conversation_without_calls_earns_what_it_earned() -> None:
    wrong = []
    for record in records("init"):
        task = official().task(record["task_id"])
        reward = evaluate(task, fresh(task), conversation([]), "user_stop", database=official().database)
        if reward.to_dict() != record["reward_empty"]:
            wrong.append(f"{task.id}: {reward.to_dict()} is not {record['reward_empty']}")
    assert wrong == []


def test_scoring_changes_neither_world_nor_trajectory() -> None:
    for trace, _ in zip(records("traces"), range(50), strict=False):
        task = official().task(trace["task_id"])
        core = fresh(task, solo=trace["solo"])
        trajectory = trajectory_of(trace, make_calls(core, trace["calls"]))
        before = (core.agent_hash(), core.user_hash(), list(trajectory))
        evaluate(task, core, trajectory, "user_stop", database=official().database)
        assert (core.agent_hash(), core.user_hash(), trajectory) == before
