"""The telecom world as an environment: two sides, their tools, how it ends, what it is worth."""

from __future__ import annotations

from typing import Any

import pytest

from agentbench_sdk.environments.telecom import Telecom, TelecomTask
from agentbench_sdk.environments.telecom.own import own_data
from agentbench_sdk.environments.telecom.world import DONE, GREETING, STOP
from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.messages import Message, ToolCall
from agentbench_sdk.simulation import BadArguments


def world_of(task: TelecomTask | None = None, **more: Any) -> Telecom:
    chosen = task or own_data().tasks("small")[0]
    return Telecom.create({"task": chosen.model_dump(mode="json"), **more})


def solve(world: Telecom) -> None:
    assert world.task.evaluation_criteria is not None
    for action in world.task.evaluation_criteria.actions or []:
        actor = "agent" if action.requestor == "assistant" or world.scenario.solo else "user"
        assert world.call(actor, action.name, action.arguments).ok  # type: ignore[arg-type]


def test_each_side_is_offered_its_own_tools_with_descriptions() -> None:
    world = world_of()
    agent, user = world.tools("agent"), world.tools("user")
    assert len(agent) == 13
    assert not {tool.name for tool in agent} & {tool.name for tool in user}
    for tool in (*agent, *user):
        assert len(tool.description) > 15
        assert all(each["description"] for each in tool.parameters["properties"].values())
    amount = next(tool for tool in agent if tool.name == "refuel_data").parameters["properties"]["gb_amount"]
    assert amount["type"] == "number"


def test_a_task_may_restrict_what_the_user_is_offered() -> None:
    task = own_data().tasks("small")[0].model_copy(update={"user_tools": ["check_status_bar"]})
    assert [tool.name for tool in world_of(task).tools("user")] == ["check_status_bar"]


def test_the_user_side_knows_its_script_and_the_markers() -> None:
    world = world_of()
    side = world.user_side()
    assert side is not None
    assert side.greeting == GREETING
    assert side.stop_in("fine ###TRANSFER###") == "###TRANSFER###"
    assert side.stop_in("###stop###") == ""
    instructions = world.task.user_scenario.instructions
    assert not isinstance(instructions, str)
    assert instructions.reason_for_call.split(".")[0] in side.system


def test_solved_and_stopped_earns_everything() -> None:
    world = world_of()
    solve(world)
    world.abandon("user_stop")
    outcome = world.outcome()
    assert (outcome.reward, outcome.end_reason) == (1.0, "user_stop")
    assert "fault" not in outcome.metrics


@pytest.mark.parametrize(
    ("reason", "termination"),
    [("steps", "max_steps"), ("tool_errors", "too_many_errors"), ("agent_error", "agent_error")],
)
def test_solved_and_cut_off_earns_nothing(reason: str, termination: str) -> None:
    world = world_of()
    solve(world)
    world.abandon(reason)
    assert (world.outcome().reward, world.outcome().end_reason) == (0.0, termination)


def test_failures_are_put_down_to_somebody() -> None:
    world = world_of()
    world.abandon("user_stop")
    metrics = world.outcome().metrics
    assert metrics["fault"] in ("agent", "user")
    assert metrics["fault_evidence"]


def test_alone_the_agent_has_all_tools_and_a_ticket() -> None:
    world = world_of(solo=True)
    assert world.user_side() is None
    assert world.tools("user") == []
    names = [tool.name for tool in world.tools("agent")]
    assert {"refuel_data", "check_status_bar", DONE} <= set(names)
    assert (world.task.ticket or "") in world.opening().observation
    assert world.call("user", "check_status_bar", {}).content == (
        "Error: User tool calls are not allowed in solo mode"
    )


def test_alone_done_ends_the_session_and_talk_is_a_mistake() -> None:
    world = world_of(solo=True)
    solve(world)
    world.call("agent", DONE, {})
    assert world.ended
    assert (world.outcome().reward, world.termination) == (1.0, "agent_stop")
    for text, termination in (("hello", "agent_error"), (f"bye {STOP}", "agent_stop")):
        world = world_of(solo=True)
        assert world.hear("agent", text) is None
        assert world.termination == termination


def test_done_is_a_tool_of_solo_mode_alone() -> None:
    world = world_of()
    assert world.call("agent", DONE, {}).error == "unknown_tool"
    assert not world.ended


def test_arguments_that_cannot_be_read_call_nothing() -> None:
    world = world_of()
    before = world.core.user_hash()
    result = world.call("user", "toggle_data", BadArguments("the arguments are not valid JSON"))
    assert result.content == "Error: bad_arguments: the arguments are not valid JSON"
    assert (result.ok, result.error) == (False, "bad_arguments")
    assert world.core.user_hash() == before
    assert world.outcome().metrics["user_errors"] == 1


def test_a_message_of_two_kinds_passes_unless_validation_is_on() -> None:
    both = Message.assistant("text", tool_calls=[ToolCall("1", "get_customer_by_id", "{}")])
    assert world_of().objection("agent", both) is None
    world = world_of(validate_communication=True)
    for actor, fault in (("agent", "agent_error"), ("user", "user_error")):
        objection = world.objection(actor, both)  # type: ignore[arg-type]
        assert objection is not None
        assert (objection.fault, objection.repairs) == (fault, 0)
    assert world.objection("agent", Message.assistant("text")) is None


def test_the_guard_can_be_left_out() -> None:
    false = Message.assistant("My phone number is 555-000-0000 and I am Nobody Atall. ###STOP###")
    assert world_of().objection("user", false) is not None
    assert world_of(guard=False).objection("user", false) is None


def test_what_is_said_and_called_changes_the_hash() -> None:
    world = world_of()
    hashes = [world.state_hash()]
    for act in (
        lambda: world.overhear("agent", "hello"),
        lambda: world.overhear("user", "hello"),
        lambda: world.call("agent", "nothing", {}),
        lambda: world.abandon("user_stop"),
    ):
        act()
        hashes.append(world.state_hash())
    assert len(set(hashes)) == len(hashes)


def test_other_data_than_recorded_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="other databases or policies"):
        world_of(data_sha256="0" * 64)
    assert world_of(data_sha256=own_data().sha256).task.id


def test_a_task_that_cannot_be_set_up_is_named() -> None:
    step = {"env_type": "user", "func_name": "no_such_thing", "arguments": {}}
    task = own_data().tasks("small")[0].model_dump(mode="json")
    task["initial_state"]["initialization_actions"] = [step]
    with pytest.raises(ConfigurationError, match="cannot be set up: there is no function 'no_such_thing'"):
        Telecom.create({"task": task})


def test_where_the_data_lie_does_not_change_the_fingerprint() -> None:
    one, other = (Telecom.resolve_scenario({"data_dir": each}) for each in ("/a", "/b"))
    assert one.fingerprint() == other.fingerprint()
    assert one.fingerprint() != Telecom.resolve_scenario({"solo": True}).fingerprint()
