"""Each failed conversation has one side at fault, by the first rule that applies, with what shows it."""

from __future__ import annotations

from typing import Any

import pytest

from agentbench_sdk.environments.telecom.attribution import Attribution, asks_for, attribute
from agentbench_sdk.environments.telecom.core import TelecomCore
from agentbench_sdk.environments.telecom.evaluation import evaluate
from agentbench_sdk.environments.telecom.own import facts, own_data
from agentbench_sdk.environments.telecom.requests import REQUESTS, request_for
from agentbench_sdk.environments.telecom.task import TelecomTask
from agentbench_sdk.environments.telecom.termination import SCORED, TERMINATIONS
from agentbench_sdk.environments.telecom.toolbox import TOOLS
from agentbench_sdk.environments.telecom.trajectory import Called, Said, Trajectory
from agentbench_sdk.reporting.faults import SIDES
from agentbench_sdk.simulation import Actor

DATA = own_data()
Step = tuple[Actor, str, dict[str, Any]] | Said
HELLO = (Said("agent", "Hello, what can I do for you?"), Said("user", "My phone does not work."))
LEFT = Said("user", "Never mind. ###STOP###")
CLOSED = Said("agent", "All is done, goodbye.")
OFF: Step = ("user", "toggle_airplane_mode", {})


def with_fault(*names: str) -> TelecomTask:
    return next(task for task in DATA.tasks("full") if facts(task).faults == names)


def blamed(task: TelecomTask, *steps: Step, end: str = "user_stop", solo: bool = False) -> Attribution | None:
    core = TelecomCore(DATA.database, solo=solo)
    core.initialise(task)
    done: Trajectory = []
    for step in steps:
        if isinstance(step, Said):
            done.append(step)
            continue
        answer = core.call(*step)
        done.append(Called(*step, answer.content, answer.error, answer.outcome))
    reward = evaluate(task, core, done, end, database=DATA.database)
    return attribute(task, done, end, reward, database=DATA.database, solo=solo)


def told(found: Attribution | None) -> tuple[str, str]:
    assert found is not None
    assert found.evidence
    return found.side, found.rule


AIRPLANE, ROAMING = with_fault("airplane_mode"), with_fault("roaming_line_off")
LOCKED = with_fault("sim_locked_pin")
WHO = {"customer_id": facts(ROAMING).customer, "line_id": facts(ROAMING).line}
ENABLE: Step = ("agent", "enable_roaming", WHO)


def test_a_success_is_nobodys_fault() -> None:
    assert blamed(AIRPLANE, *HELLO, OFF, LEFT) is None


def test_every_end_that_is_no_stop_names_a_side() -> None:
    sides = {end: told(blamed(AIRPLANE, *HELLO, end=end))[0] for end in TERMINATIONS if end not in SCORED}
    assert sides == {
        "max_steps": "limit",
        "timeout": "limit",
        "too_many_errors": "limit",
        "context_window_exceeded": "limit",
        "agent_error": "agent",
        "user_error": "user",
        "infrastructure_error": "endpoint",
        "unexpected_error": "environment",
    }
    assert set(sides.values()) <= set(SIDES)


def test_the_errors_that_used_up_the_limit_are_told_by_side() -> None:
    wrong: Step = ("agent", "no_such_tool", {})
    found = blamed(AIRPLANE, *HELLO, wrong, wrong, ("user", "no_such_tool", {}), end="too_many_errors")
    assert found is not None
    assert found.evidence == "2 calls of the agent and 1 of the user were refused"


def test_a_customer_who_does_not_do_what_it_was_asked_for_is_at_fault() -> None:
    ask = Said("agent", request_for("toggle_airplane_mode", on=False))
    found = blamed(AIRPLANE, *HELLO, ask, Said("user", "I did. Still nothing."), CLOSED, LEFT)
    assert told(found) == ("user", "request_ignored")
    assert found is not None
    assert found.entry == 2


def test_a_customer_who_leaves_at_once_or_in_the_middle_is_at_fault() -> None:
    assert told(blamed(AIRPLANE, HELLO[0], LEFT)) == ("user", "left_early")
    asks = Said("agent", "What does your phone show?")
    assert told(blamed(AIRPLANE, *HELLO, asks, LEFT)) == ("user", "left_early")
    assert told(blamed(LOCKED, *HELLO, asks, LEFT)) == ("user", "left_early")


def test_a_question_that_the_agent_does_not_answer_is_the_agents() -> None:
    ask = Said("agent", request_for("toggle_airplane_mode", on=False))
    why = Said("user", "Why should I do that?")
    found = blamed(AIRPLANE, *HELLO, ask, why, CLOSED, LEFT)
    assert told(found) == ("agent", "question_unanswered")
    assert found is not None
    assert found.entry == 3
    assert told(blamed(AIRPLANE, *HELLO, ask, why, ask, Said("user", "No."), CLOSED, LEFT)) == (
        "user",
        "request_ignored",
    )


def test_a_closing_question_wants_nothing() -> None:
    closing = Said("agent", "All is well. Is there anything else that I can do for you?")
    assert told(blamed(AIRPLANE, *HELLO, closing, LEFT)) == ("agent", "step_not_asked_for")


def test_an_agent_that_never_asks_for_a_step_is_at_fault() -> None:
    assert told(blamed(AIRPLANE, *HELLO, CLOSED, LEFT)) == ("agent", "step_not_asked_for")


def test_an_agent_that_never_takes_its_own_step_is_at_fault() -> None:
    assert told(blamed(ROAMING, *HELLO, CLOSED, LEFT)) == ("agent", "step_not_taken")
    wrong: Step = ("agent", "enable_roaming", {"customer_id": "C0", "line_id": "L0"})
    assert told(blamed(ROAMING, *HELLO, wrong, CLOSED, LEFT)) == ("agent", "step_refused")


def test_an_agent_that_hands_over_what_can_be_solved_is_at_fault() -> None:
    transfer: Step = ("agent", "transfer_to_human_agents", {"summary": "x"})
    goodbye = Said("user", "###TRANSFER###")
    assert told(blamed(AIRPLANE, *HELLO, transfer, CLOSED, goodbye)) == ("agent", "handed_over_solvable")
    assert blamed(LOCKED, *HELLO, transfer, CLOSED, goodbye) is None


def test_an_agent_that_does_not_hand_over_what_it_cannot_solve_is_at_fault() -> None:
    assert told(blamed(LOCKED, *HELLO, CLOSED, LEFT)) == ("agent", "not_handed_over")


def test_who_undoes_what_was_reached_is_at_fault_unless_asked_for_it() -> None:
    ask = Said("agent", "Please turn airplane mode on again.")
    assert told(blamed(AIRPLANE, *HELLO, OFF, OFF, LEFT)) == ("user", "undone")
    assert told(blamed(AIRPLANE, *HELLO, OFF, ask, OFF, LEFT)) == ("agent", "undone")
    disable: Step = ("agent", "disable_roaming", WHO)
    assert told(blamed(ROAMING, *HELLO, ENABLE, disable, LEFT)) == ("agent", "undone")


def test_alone_every_missing_step_is_the_agents() -> None:
    end = Said("agent", "###STOP###")
    assert told(blamed(AIRPLANE, end, end="agent_stop", solo=True)) == ("agent", "step_not_taken")


def test_what_had_to_be_said_and_was_not_is_the_agents() -> None:
    record = AIRPLANE.model_dump(mode="json")
    record["evaluation_criteria"].update(communicate_info=["42"], reward_basis=["COMMUNICATE"])
    task = TelecomTask.model_validate(record)
    assert told(blamed(task, *HELLO, OFF, CLOSED, LEFT)) == ("agent", "not_said")


def test_the_rule_and_the_entry_go_into_the_metrics() -> None:
    found = Attribution("user", "left_early", "the customer left", 7)
    assert found.to_metrics() == {
        "fault": "user",
        "fault_rule": "left_early",
        "fault_evidence": "entry 7: the customer left",
    }


@pytest.mark.parametrize("tool", sorted(REQUESTS))
def test_the_sentence_that_asks_for_a_write_is_understood_as_one(tool: str) -> None:
    arguments = {"mode": "4g_5g_preferred", "apn_settings": {}, "app_name": "messaging", "permission": "sms"}
    wanted = TOOLS[tool].kind == "write"
    assert asks_for(request_for(tool, arguments), tool) is wanted


@pytest.mark.parametrize(
    ("text", "tool", "asked"),
    [
        ("Is airplane mode turned on?", "toggle_airplane_mode", False),
        ("Thanks for turning airplane mode off. What do you see?", "toggle_airplane_mode", False),
        ("Call toggle_airplane_mode now.", "toggle_airplane_mode", True),
        ("Please switch off Airplane Mode.", "toggle_airplane_mode", True),
        ("Does the SIM card work? Please restart your phone.", "reseat_sim_card", False),
        ("Could you restart it?", "reboot_device", True),
    ],
)
def test_a_topic_alone_is_no_request(text: str, tool: str, asked: bool) -> None:
    assert asks_for(text, tool) is asked
