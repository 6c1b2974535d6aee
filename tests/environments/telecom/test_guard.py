"""The guard of a simulated customer: honest messages pass, broken scripts do not."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentbench_sdk.environments.telecom.core import TelecomCore
from agentbench_sdk.environments.telecom.own import own_data
from agentbench_sdk.environments.telecom.task import Instructions, Side, TelecomTask, UserScenario
from agentbench_sdk.environments.telecom.trajectory import Called, Said
from agentbench_sdk.environments.telecom.users.guard import objection_to
from agentbench_sdk.messages import Message, ToolCall
from agentbench_sdk.simulation import Actor

SITUATIONS: dict[str, dict[str, Any]] = json.loads(
    (Path(__file__).parent / "data" / "guard.json").read_text(encoding="utf-8")
)
GREETING = "Hi! How can I help you today?"
ABROAD = "You are abroad at the moment, travelling in Kenya."


def script(family: str) -> TelecomTask:
    """Tobias Eastlake's script for one family of trouble."""
    told = Instructions(
        reason_for_call="Your phone does not work as it should. The internet is slow, or there is no service.",
        known_info=f"You are Tobias Eastlake. You were born on 1976-04-02. Your number is 617-555-0133. {ABROAD}",
        task_instructions="You take 1.5 GB of extra data if needed. You do not want to change your plan.",
    )
    return TelecomTask(id=f"[{family}]test", user_scenario=UserScenario(instructions=told))


@dataclass
class Stage:
    """A conversation at one moment."""

    core: TelecomCore
    task: TelecomTask
    trajectory: list[Said | Called] = field(default_factory=list)

    def run(self, side: Side, function: str, **arguments: Any) -> None:
        self.core.run(side, function, arguments)

    def call(self, actor: Actor, name: str, arguments: Mapping[str, Any] | None = None) -> None:
        given = dict(arguments or {})
        answer = self.core.call(actor, name, given)
        self.trajectory.append(Called(actor, name, given, answer.content, answer.error, answer.outcome))

    def say(self, actor: Actor, text: str) -> None:
        self.trajectory.append(Said(actor, text))

    def objects_to(self, text: str) -> str:
        """Why a text may not pass; "" when it may."""
        objection = objection_to(self, Message.assistant(text))
        return objection.reason if objection else ""

    def objects_to_call(self, name: str, **arguments: object) -> str:
        call = ToolCall("c1", name, json.dumps(arguments))
        objection = objection_to(self, Message.assistant(tool_calls=[call]))
        return objection.reason if objection else ""


def stage(family: str = "mobile_data_issue") -> Stage:
    """A stage on which nothing is broken, after the greeting."""
    here = Stage(TelecomCore(own_data().database), script(family))
    here.run("user", "set_user_info", name="Tobias Eastlake", phone_number="617-555-0133")
    here.run("user", "set_user_location", abroad=True)
    here.run("user", "turn_roaming_on")
    here.run("assistant", "enable_roaming", customer_id="C87299", line_id="L84935")
    here.say("agent", GREETING)
    return here


def set_up(name: str) -> Stage:
    """The stage of a situation of the table: faults, what the desk has said, what was called since.

    Tobias Eastlake may take 1.5 GB of extra data and keeps his plan.
    """
    situation = SITUATIONS[name]
    here = stage(situation["family"])
    for function, arguments in situation["faults"]:
        here.run("user", function, **arguments)
    for text in situation["desk"]:
        here.say("user", "Okay.")
        here.say("agent", text)
    for tool, arguments in situation["calls"]:
        here.call("user", tool, arguments)
    return here


def rows(kind: str) -> list[tuple[str, str]]:
    """The table's messages that pass, or fail, each with its situation."""
    return [(name, text) for name, situation in SITUATIONS.items() for text in situation[kind]]


@pytest.mark.parametrize(("name", "text"), rows("passes"))
def test_an_honest_message_passes(name: str, text: str) -> None:
    """The guard never stands in the way of somebody who keeps to the script."""
    assert set_up(name).objects_to(text) == ""


@pytest.mark.parametrize(("name", "text"), rows("fails"))
def test_a_message_that_breaks_the_script_is_objected_to(name: str, text: str) -> None:
    """With one sentence to whoever plays the customer."""
    assert set_up(name).objects_to(text).endswith(".")


def test_the_table_is_long_enough_to_mean_something() -> None:
    """Each row is a way to speak; a table that shrinks protects less."""
    assert len(rows("passes")) >= 120
    assert len(rows("fails")) >= 80


def test_an_objection_may_be_repaired_twice_and_is_then_the_users_fault() -> None:
    """The session is not held against the agent."""
    objection = objection_to(stage(), Message.assistant("How can I help you today?"))
    assert objection is not None
    assert (objection.repairs, objection.fault) == (2, "user_fault")


# --- calls --------------------------------------------------------------------------------------------------


def test_a_switch_is_not_touched_before_anybody_has_spoken_of_it() -> None:
    """A customer who repairs the phone alone hides what the agent can do."""
    here = stage()
    assert here.objects_to_call("toggle_airplane_mode")
    here.say("agent", "Please turn off flight mode.")
    assert here.objects_to_call("toggle_airplane_mode") == ""


@pytest.mark.parametrize(
    "name", ["check_status_bar", "run_speed_test", "can_send_mms", "no_such_tool", "refuel_data"]
)
def test_looking_is_free_and_wrong_names_are_the_worlds_business(name: str) -> None:
    """The world answers an unknown tool with an error that the model can read."""
    assert stage().objects_to_call(name) == ""


# --- endings ------------------------------------------------------------------------------------------------


def broken(*said: str) -> Stage:
    """A stage with a slow phone, whose agent has said something."""
    here = stage()
    here.run("user", "turn_data_saver_mode_on")
    for text in said:
        here.say("user", "Okay.")
        here.say("agent", text)
    return here


def test_a_customer_may_leave_an_agent_that_does_nothing() -> None:
    """Three turns without a tool on either side are enough."""
    assert broken("I see.").objects_to("###STOP###")
    assert broken("I see.", "I understand.").objects_to("###STOP###") == ""


@pytest.mark.parametrize(
    "text",
    [
        "I'm sorry, I can't help you with that.",
        "Have a nice day. Goodbye!",
        "I will escalate this to a specialist.",
    ],
)
def test_a_customer_may_leave_an_agent_that_gives_up(text: str) -> None:
    """Nobody has to talk to somebody who has said goodbye."""
    here = broken(text)
    here.call("user", "run_speed_test")
    here.say("agent", text)
    assert here.objects_to("Okay. ###STOP###") == ""


def test_a_transfer_is_believed_when_the_desk_has_called_for_it() -> None:
    """Even if it has not been said yet."""
    here = broken("One moment.")
    assert here.objects_to("###TRANSFER###")
    here.call("agent", "transfer_to_human_agents", {"summary": "x"})
    assert here.objects_to("###TRANSFER###") == ""


def test_thanks_without_end_are_ended() -> None:
    """Once the phone has shown that all is well, the third thanks is one too many."""
    here = stage()
    here.call("user", "run_speed_test")
    for _ in range(2):
        here.say("agent", "You are welcome!")
        assert here.objects_to("Thank you very much!") == ""
        here.say("user", "Thank you very much!")
    here.say("agent", "You are welcome!")
    assert "###STOP###" in here.objects_to("Thanks again!")
    assert here.objects_to("Thanks again! ###STOP###") == ""


# --- what was true, and is no more --------------------------------------------------------------------------


def test_what_the_customer_saw_last_may_be_told_although_the_desk_has_changed_it_since() -> None:
    """An honest report is not a lie because the world has moved on."""
    here = stage("mms_issue")
    here.run("assistant", "disable_roaming", customer_id="C87299", line_id="L84935")
    here.call("user", "can_send_mms")
    here.call("agent", "enable_roaming", {"customer_id": "C87299", "line_id": "L84935"})
    assert here.objects_to("I still can't send pictures.") == ""
    assert here.objects_to("Data roaming is on.") == ""


def test_what_the_customer_has_turned_itself_is_no_longer_as_it_was() -> None:
    """Its own call has shown the new state."""
    here = stage()
    here.call("user", "check_data_restriction_status")
    here.call("user", "toggle_data_saver_mode")
    assert here.objects_to("Data saver is off.")
    assert here.objects_to("Data saver is on.") == ""


@given(st.text(max_size=200))
def test_any_message_can_be_judged(text: str) -> None:
    """A model may write anything; the guard answers, and answers the same again."""
    assert stage().objects_to(text) == stage().objects_to(text)
