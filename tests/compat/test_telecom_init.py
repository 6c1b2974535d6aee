"""How each task of the corpus prepares the world, step by step."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from agentbench_sdk.environments.telecom.core import TelecomCore
from agentbench_sdk.environments.telecom.network import status_bar
from tests.compat.telecom_corpus import fresh, needs_corpus, official, records

pytestmark = needs_corpus


def differences(record: dict[str, Any]) -> Iterator[str]:
    task = official().task(record["task_id"])
    core = TelecomCore(official().database)
    if {"agent_db_sha256": core.agent_hash(), "user_db_sha256": core.user_hash()} != record["constructed"]:
        yield f"{task.id}: constructed differently"
    assert task.initial_state is not None
    actions = task.initial_state.initialization_actions or []
    assert len(actions) == len(record["steps"])
    for action, step in zip(actions, record["steps"], strict=True):
        given = core.run(action.env_type, action.func_name, action.arguments)
        state = core.agent_hash()[:16], core.user_hash()[:16], core.user_state()["surroundings"]
        if (given, *state) != (step["result"], step["agent_db"], step["user_db"], step["surroundings"]):
            yield f"{task.id}, {action.func_name}: {given!r}, recorded {step['result']!r}"
            return


def test_every_step_gives_what_was_recorded() -> None:
    found = list(records("init"))
    assert len(found) > 100
    assert [difference for record in found for difference in differences(record)] == []


def test_the_world_begins_as_it_was_recorded() -> None:
    for record in records("init"):
        task, begun = official().task(record["task_id"]), record["initialized"]
        core = fresh(task)
        assert core.agent_state() == begun["agent_db"], task.id
        assert core.user_state() == begun["user_db"], task.id
        assert (core.agent_hash(), core.user_hash()) == (begun["agent_db_sha256"], begun["user_db_sha256"])
        assert status_bar(core.handset) == record["status_bar"]
        assert task.evaluation_criteria is not None
        met = [core.met(each) for each in task.evaluation_criteria.env_assertions or []]
        assert met == [_met(each) for each in record["assertions_before_any_call"]], task.id


def _met(recorded: Any) -> bool:
    return bool(recorded["met"] if isinstance(recorded, dict) else recorded)
