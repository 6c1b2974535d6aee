"""The workflow agent with customers who never quote their phone, but tell in their own words what they see."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Mapping
from typing import Any

import pytest

from agentbench_sdk.environments.telecom.core import TelecomCore
from agentbench_sdk.environments.telecom.own import own_data
from agentbench_sdk.environments.telecom.policies import POLICIES
from agentbench_sdk.environments.telecom.requests import REQUESTS
from agentbench_sdk.environments.telecom.task import Instructions, TelecomTask
from agentbench_sdk.environments.telecom.trajectory import Called, Said
from agentbench_sdk.environments.telecom.users.goal import goal_met
from agentbench_sdk.environments.telecom.users.guard import objection_to
from agentbench_sdk.messages import Message
from agentbench_sdk.simulation import Act, Actor, Opening

TASKS = own_data().tasks("base")
TURNS = 120
SLOT = re.compile(r"\\\{(\w+)\\\}")


def _pattern(sentence: str) -> re.Pattern[str]:
    words = SLOT.sub(lambda m: "(?:on|off)" if m[1] == "turn" else f"(?P<{m[1]}>.+?)", re.escape(sentence))
    return re.compile(words + "$")


ASKED = {tool: _pattern(sentence) for tool, sentence in REQUESTS.items()}
Report = Callable[[dict[str, Any], str], str]


def _on(value: object) -> str:
    return "on" if value else "off"


def _bar(device: dict[str, Any], said: str) -> str:
    if device["airplane_mode"]:
        return "I see a little plane up there: airplane mode is on. And the battery, 80%."
    if device["network_signal_strength"] == "none":
        return "There's no signal, it says."
    strength, kind = device["network_signal_strength"], device["network_technology_connected"]
    return f"Up there it shows {strength} signal, and {kind}."


def _overview(device: dict[str, Any], said: str) -> str:
    card = "missing" if device["sim_card_missing"] else device["sim_card_status"].replace("_", " by its ")
    kind = device["network_technology_connected"]
    return (
        f"Let me see… airplane mode is {_on(device['airplane_mode'])}, the SIM card is {card}, the signal is "
        f"{device['network_signal_strength']}. The network type is {kind}. Mobile data is "
        f"{_on(device['data_enabled'])} and roaming is {_on(device['roaming_enabled'])}. Wi-Fi is off."
    )


def _card(device: dict[str, Any], said: str) -> str:
    if device["sim_card_missing"]:
        return "Oh, it says there's no SIM card!"
    state = device["sim_card_status"]
    return (
        "My SIM is active." if state == "active" else f"The SIM is locked, it wants the {state[-3:].upper()}."
    )


def _speed(device: dict[str, Any], said: str) -> str:
    found = re.search(r"([\d.]+) Mbps \((.*?)\)", said)
    if not found:
        return "The speed test failed. There's no connection."
    return f"It came out at {found[1]} Mbps, so the speed is {found[2].lower()}."


def _access_point(device: dict[str, Any], said: str) -> str:
    point = device["active_apn_settings"]
    server = f"MMSC is {point['mmsc_url']}" if point["mmsc_url"] else "the MMSC address is empty, not set"
    return f"The APN name is {point['apn_name']}, and {server}."


def _rights(device: dict[str, Any], said: str) -> str:
    given = [name for name, right in device["app_statuses"]["messaging"]["permissions"].items() if right]
    return (
        f"The app has permission for {' and '.join(given)}." if given else "No permissions granted, it says."
    )


def _done(device: dict[str, Any], said: str) -> str:
    return "Done."


REPORTS: dict[str, Report] = {
    "check_status_bar": _bar,
    "check_network_status": _overview,
    "check_sim_status": _card,
    "run_speed_test": _speed,
    "check_apn_settings": _access_point,
    "check_app_permissions": _rights,
    "check_network_mode_preference": lambda d, _: (
        f"The preferred network type is {d['network_mode_preference']}."
    ),
    "check_data_restriction_status": lambda d, _: f"Data saver? It's {_on(d['data_saver_mode'])}.",
    "check_wifi_calling_status": lambda d, _: f"It's {_on(d['wifi_calling_enabled'])}.",
    "check_vpn_status": lambda d, _: "Yes, a VPN is connected." if d["vpn_connected"] else "No, none.",
    "can_send_mms": lambda _, said: "It failed again." if "cannot" in said else "Yes! It went through.",
    "check_payment_request": lambda _, said: f"Yes. {said}",
    "make_payment": lambda _, said: "I have paid it.",
}


class Customer:
    """Does what is asked and tells it in other words; asks back at first, where it is told to."""

    def __init__(self, task: TelecomTask, world: Conversation, *, wary: bool) -> None:
        assert isinstance(task.user_scenario.instructions, Instructions)
        self._task, self._world, self._told = task, world, task.user_scenario.instructions
        self._wary, self._asked = wary, set[str]()

    def begin(self) -> str:
        return self._first_person(self._told.reason_for_call)

    def answer(self, text: str) -> str:
        """What it says to a text of the agent's; "" when it leaves."""
        for tool, pattern in ASKED.items():
            if asked := pattern.search(text):
                if self._wary and tool not in self._asked:
                    self._asked.add(tool)
                    return "What is that, and why do you need it?"
                return self._use(tool, asked.groupdict())
        return self._talk(text)

    def _use(self, tool: str, arguments: dict[str, str]) -> str:
        if tool == "set_network_mode_preference":
            arguments = {"mode": "4g_5g_preferred"}
        said = self._world.call("user", tool, arguments)
        return REPORTS.get(tool, _done)(self._world.core.user_state()["device"], said)

    def _talk(self, text: str) -> str:
        if "TRANSFERRED" in text or ("anything else" in text and goal_met(self._world.core, self._task)):
            return ""
        if "extra data" in text:
            wanted = re.search(r"(\d+(?:\.\d+)?) GB", self._told.task_instructions)
            if not wanted:
                return "No, I won't buy any."
            return f"{wanted[1]} gigabytes, please." if "How many" in text else "Yes, go ahead."
        if "overdue" in text:
            return "All right, send it."
        return self._first_person(self._told.known_info or "")

    @staticmethod
    def _first_person(text: str) -> str:
        text = re.sub(r"\bYou are\b", "I am", text)
        text = re.sub(r"\bYou were\b", "I was", text)
        text = re.sub(r"\bYour\b", "My", re.sub(r"\byour\b", "my", text))
        return re.sub(r"\b[Yy]ou\b", "I", text)


class Conversation:
    """The workflow agent and a customer in one world; what the customer says passes the guard."""

    def __init__(self, task: TelecomTask, *, wary: bool) -> None:
        self.task, self.core = task, TelecomCore(own_data().database)
        self.core.initialise(task)
        self.trajectory: list[Said | Called] = [Said("agent", "Hi! How can I help you today?")]
        self.objections: list[str] = []
        self._customer = Customer(task, self, wary=wary)

    def play(self) -> None:
        """Until the customer leaves."""
        run: Generator[Act, str, None] = POLICIES["workflow"](
            Opening("policy", self._told(self._customer.begin()))
        )
        act = next(run)
        for _ in range(TURNS):
            heard = self._heard(act)
            if not heard:
                return
            act = run.send(heard)
        raise AssertionError(f"{self.task.id}: no end after {TURNS} turns")

    def call(self, actor: Actor, tool: str, arguments: Mapping[str, Any]) -> str:
        """Call a tool for one of the two."""
        answer = self.core.call(actor, tool, arguments)
        self.trajectory.append(Called(actor, tool, arguments, answer.content, answer.error))
        return answer.content

    @property
    def solved(self) -> bool:
        criteria = self.task.evaluation_criteria
        assert criteria is not None
        met = all(self.core.met(assertion) for assertion in criteria.env_assertions or ())
        handed_over = any(
            isinstance(s, Called) and s.name == "transfer_to_human_agents" for s in self.trajectory
        )
        return met and (handed_over or "ACTION" not in criteria.reward_basis)

    def _heard(self, act: Act) -> str:
        if act.tool:
            return self.call("agent", act.tool, act.arguments)
        self.trajectory.append(Said("agent", act.text))
        return self._told(self._customer.answer(act.text))

    def _told(self, text: str) -> str:
        objection = objection_to(self, Message.assistant(text)) if text else None
        if objection is not None:
            self.objections.append(f"{text} | {objection.reason}")
        self.trajectory.append(Said("user", text))
        return text


@pytest.mark.parametrize("wary", [False, True], ids=["willing", "wary"])
def test_customers_who_paraphrase_are_understood_and_pass_the_guard(wary: bool) -> None:
    """Models that play customers do not quote; what they mean must be enough, and what is true must pass."""
    failed, objections = [], []
    for task in TASKS:
        conversation = Conversation(task, wary=wary)
        conversation.play()
        failed += [] if conversation.solved else [task.id]
        objections += conversation.objections
    assert failed == []
    assert objections == []
