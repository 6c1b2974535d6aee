"""Every recorded call of the official simulator, made again: texts, flags, hashes, states, assertions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import pytest

from agentbench_sdk.environments.telecom import Telecom
from agentbench_sdk.environments.telecom.core import TelecomCore
from agentbench_sdk.environments.telecom.task import EnvAssertion
from tests.compat.telecom_corpus import ACTORS, fresh, needs_corpus, official, records, scenario_of

pytestmark = needs_corpus
PARTS = 8  # so that several workers share the corpus


def named(core: TelecomCore, text: str) -> str:
    """A text with the ids of generated bills as the corpus has them: by order of creation."""
    for number, bill_id in enumerate(core.generated_bill_ids, 1):
        text = text.replace(bill_id, f"BGEN{number:04d}")
    return text


def agent_hash(core: TelecomCore) -> str:
    if not core.generated_bill_ids:
        return core.agent_hash()
    return sha256(named(core, core.office.sorted_json()).encode()).hexdigest()


def differences(trace: dict[str, Any]) -> Iterator[str]:
    """The first difference of a trace, if there is any."""
    core = fresh(official().task(trace["task_id"]), solo=trace["solo"])
    start = {"agent_db_sha256": core.agent_hash(), "user_db_sha256": core.user_hash()}
    if start != trace["start"]:
        yield f"{trace['trace_id']}: starts differently"
        return
    for call in trace["calls"]:
        found = list(_call_differences(core, call))
        if found:
            yield f"{trace['trace_id']}, call {call['i']} {call['name']}({call['arguments']}): {found}"
            return
    yield from _final_differences(core, trace)


def _call_differences(core: TelecomCore, call: dict[str, Any]) -> Iterator[str]:
    answer = core.call(ACTORS[call["requestor"]], call["name"], call["arguments"])
    before = core.agent_hash(), core.user_hash()
    core.sync()
    if (core.agent_hash(), core.user_hash()) != before:
        yield "a second sync changes something"
    if call["match"] == "exact" and named(core, answer.content) != call["content"]:
        yield f"{answer.content!r}, recorded {call['content']!r}"
    if (answer.error, answer.outcome) != (call["error"], call["outcome"]):
        yield f"{answer.error} {answer.outcome}, recorded {call['error']} {call['outcome']}"
    if (agent_hash(core)[:16], core.user_hash()[:16]) != (call["agent_db"], call["user_db"]):
        yield "another state"
    if "surroundings" in call and core.user_state()["surroundings"] != call["surroundings"]:
        yield "other surroundings"


def _final_differences(core: TelecomCore, trace: dict[str, Any]) -> Iterator[str]:
    final = trace["final"]
    if json.loads(named(core, json.dumps(core.agent_state()))) != final["agent_db"]:
        yield f"{trace['trace_id']}: another final state of the agent's database"
    if core.user_state() != final["user_db"]:
        yield f"{trace['trace_id']}: another final state of the user's database"
    if (agent_hash(core), core.user_hash()) != (final["agent_db_sha256"], final["user_db_sha256"]):
        yield f"{trace['trace_id']}: other final hashes"
    for each in trace["assertions"]:
        given = {key: each[key] for key in ("env_type", "func_name", "arguments", "assert_value")}
        if core.met(EnvAssertion.model_validate(given)) is not each["met"]:
            yield f"{trace['trace_id']}: assertion {each['index']} is not {each['met']}"


@pytest.mark.parametrize("part", range(PARTS))
def test_every_call_gives_what_was_recorded(part: int) -> None:
    traces = [trace for number, trace in enumerate(records("traces")) if number % PARTS == part]
    assert len(traces) > 100
    assert [found for trace in traces for found in differences(trace)] == []


def test_the_environment_gives_what_its_core_gives() -> None:
    """The same through the public class, for every tenth trace; its errors are refusals for the caller."""
    for number, trace in enumerate(records("traces")):
        if number % 10:
            continue
        world = Telecom.create(scenario_of(official().task(trace["task_id"]), solo=trace["solo"]))
        for call in trace["calls"]:
            result = world.call(ACTORS[call["requestor"]], call["name"], call["arguments"])
            assert result.ok is not call["error"]
            if call["match"] == "exact":
                assert named(world.core, result.content) == call["content"]
        assert world.core.user_state() == trace["final"]["user_db"]
