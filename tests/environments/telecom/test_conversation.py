"""Conversations of scripted sides take the course that the protocol gives them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agentbench_sdk.environments.telecom.conversation import Conversation, Record, converse
from agentbench_sdk.environments.telecom.own import facts, own_data
from agentbench_sdk.environments.telecom.task import TelecomTask

DATA = own_data()
TASK = next(task for task in DATA.tasks("full") if facts(task).faults == ("airplane_mode",))
ASK = {"content": "Please turn airplane mode off."}
HELLO, STOP = {"content": "No signal."}, {"content": "Thanks ###STOP###"}


def calling(*names: str, text: str | None = None) -> dict[str, Any]:
    return {"content": text, "tool_calls": [{"name": name, "arguments": {}} for name in names]}


async def play(*, agent: Any, user: Any, task: TelecomTask = TASK, **more: Any) -> Conversation:
    return await converse(task, DATA, agent=agent, user=user, **more)


def course(talk: Conversation) -> tuple[str | None, int, int]:
    return talk.termination_reason, talk.steps, talk.num_errors


async def test_a_solved_case_earns_one_and_is_told_in_order() -> None:
    talk = await play(agent=[ASK], user=[HELLO, calling("toggle_airplane_mode"), STOP])
    assert course(talk) == ("user_stop", 5, 0)
    assert talk.reward is not None
    assert talk.reward.reward == 1.0
    assert [record["role"] for record in talk.trajectory] == [
        *("assistant", "user", "assistant", "user", "tool", "user"),
    ]
    assert talk.agent_inputs == [{"type": "user", "content": "No signal."}]
    assert [given["type"] for given in talk.user_inputs if given] == ["assistant", "assistant", "tool"]


async def test_the_sides_see_only_their_own_calls() -> None:
    twice = calling("check_status_bar", "check_sim_status")
    talk = await play(agent=[ASK], user=[HELLO, twice, STOP])
    assert all("check" not in str(given) and "Status Bar" not in str(given) for given in talk.agent_inputs)
    assert talk.user_inputs[-1] is not None
    assert (talk.user_inputs[-1]["type"], talk.user_inputs[-1]["n"]) == ("multi_tool", 2)


async def test_a_stop_on_the_step_that_reaches_the_limit_counts_as_the_limit() -> None:
    assert course(await play(agent=[ASK], user=[HELLO, HELLO, STOP], max_steps=5)) == ("max_steps", 5, 0)
    assert course(await play(agent=[ASK], user=[HELLO, HELLO, STOP], max_steps=6)) == ("user_stop", 5, 0)


async def test_calls_are_followed_by_their_results_even_beyond_the_limit() -> None:
    talk = await play(agent=[calling("get_details_by_id")], user=[HELLO], max_steps=6, max_errors=99)
    assert course(talk) == ("max_steps", 7, 3)
    assert talk.trajectory[-1]["role"] == "tool"


async def test_errors_of_both_sides_add_up_and_a_message_is_carried_out_whole() -> None:
    wrong = calling("no_such_tool", "no_such_tool")
    talk = await play(agent=[wrong], user=[wrong, HELLO], max_errors=3)
    assert course(talk) == ("too_many_errors", 5, 4)
    assert talk.reward is not None
    assert talk.reward.basis is None


async def test_text_with_calls_is_a_call_unless_communication_is_validated() -> None:
    both = calling("get_details_by_id", text="let me see")
    assert course(await play(agent=[both, ASK], user=[HELLO, STOP])) == ("user_stop", 5, 1)
    strict = await play(agent=[both], user=[HELLO], validate_communication=True)
    assert course(strict) == ("agent_error", 2, 0)
    assert strict.trajectory[-1]["tool_calls"][0]["requestor"] == "assistant"
    mixed = calling("check_status_bar", text="hm")
    user = await play(agent=[ASK], user=[HELLO, mixed], validate_communication=True)
    assert course(user) == ("user_error", 3, 0)


async def test_a_side_that_says_nothing_breaks_the_conversation() -> None:
    for agent, user in (({"content": ""}, HELLO), (ASK, {"content": " "}), ({"tool_calls": []}, HELLO)):
        talk = await play(agent=[agent], user=[user])
        assert (talk.exception, talk.termination_reason, talk.reward) == ("empty_response", None, None)


async def test_an_agent_stops_by_its_own_marker() -> None:
    assert (
        await play(agent=[{"content": "bye ###STOP###"}], user=[HELLO])
    ).termination_reason == "agent_stop"
    marked = await play(agent=[{"content": "over"}], user=[HELLO], agent_stops="over")
    assert course(marked) == ("agent_stop", 2, 0)
    never = await play(agent=[{"content": "###STOP###"}], user=[HELLO], agent_stops="", max_steps=4)
    assert never.termination_reason == "max_steps"


async def test_alone_the_agent_uses_both_kinds_of_tools_and_may_not_talk() -> None:
    off, end = calling("toggle_airplane_mode"), {"content": "###STOP###"}
    solved = await play(agent=[off, end], user=None)
    assert course(solved) == ("agent_stop", 2, 0)
    assert solved.reward is not None
    assert solved.reward.reward == 1.0
    assert solved.agent_inputs[0] is None
    assert course(await play(agent=[{"content": "hello"}], user=None)) == ("agent_error", 0, 0)
    assert course(await play(agent=[end], user=None)) == ("agent_stop", 0, 0)
    assert course(await play(agent=[calling("done")], user=None))[0] == "agent_stop"


async def test_a_side_may_be_a_function_of_what_it_is_given() -> None:
    def agent(given: Record | None) -> Record:
        assert given is not None
        return {"content": f"You said: {given['content']}"}

    def user(given: Mapping[str, Any] | None) -> Record:
        assert given is not None
        return STOP if "You said" in given["content"] else HELLO

    talk = await play(agent=agent, user=user)
    assert [record["content"] for record in talk.trajectory][2] == "You said: No signal."
    assert talk.termination_reason == "user_stop"


async def test_conversations_leave_no_trace_in_each_other() -> None:
    first = await play(agent=[ASK], user=[HELLO, calling("toggle_airplane_mode"), STOP])
    second = await play(agent=[ASK], user=[HELLO, calling("toggle_airplane_mode"), STOP])
    assert first == second
