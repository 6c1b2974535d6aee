"""The guard of a simulated customer: does a message keep to the script and to what the phone shows?

A model that plays the customer breaks its part in known ways: it invents what the phone shows, ends too early,
agrees to what it must not, or begins to speak as the desk. Each such message is shown back with one sentence
that says what is wrong. The guard would rather let something pass than stop an honest message.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Protocol

from agentbench_sdk.environments.telecom.claims import claims
from agentbench_sdk.environments.telecom.core import TelecomCore
from agentbench_sdk.environments.telecom.task import TelecomTask
from agentbench_sdk.environments.telecom.trajectory import Called, Said
from agentbench_sdk.environments.telecom.users import deeds, endings, offers, parts
from agentbench_sdk.environments.telecom.users.evidence import Evidence, own_calls, results_of
from agentbench_sdk.environments.telecom.users.goal import can_send, data_works, goal_met
from agentbench_sdk.environments.telecom.users.licence import Licence, foreign_identity, foreign_place
from agentbench_sdk.messages import Message
from agentbench_sdk.simulation import Objection

FAULT: Final = "user_fault"
REPAIRS: Final = 2


class Watched(Protocol):
    """The parts of a telecom world that the guard looks at."""

    @property
    def core(self) -> TelecomCore: ...
    @property
    def task(self) -> TelecomTask: ...
    @property
    def trajectory(self) -> Sequence[Said | Called]: ...


def objection_to(world: Watched, message: Message) -> Objection | None:
    """Why a message of the customer's may not pass, or None.

    Calls with wrong names or arguments are not the guard's business: the world answers them with an error.
    """
    view = View(world.core, world.task, world.trajectory)
    reason = _called(view, message) if message.tool_calls else _said(view, message.text)
    return Objection(reason, FAULT, REPAIRS) if reason else None


@dataclass(frozen=True)
class View:
    """A conversation at the moment of a message; everything is computed when a check asks for it."""

    core: TelecomCore
    task: TelecomTask
    trajectory: Sequence[Said | Called]

    @cached_property
    def licence(self) -> Licence:
        return Licence.of(self.task)

    @cached_property
    def desk_said(self) -> list[str]:
        return [step.text for step in self.trajectory if isinstance(step, Said) and step.actor == "agent"]

    @cached_property
    def heard(self) -> str:
        return "\n".join(self.desk_said)

    @cached_property
    def user_said(self) -> list[str]:
        return [step.text for step in self.trajectory if isinstance(step, Said) and step.actor == "user"]

    @cached_property
    def used(self) -> frozenset[str]:
        """Names of the tools that the customer has called without an error."""
        return frozenset(call.name for call in own_calls(self.trajectory) if not call.error)

    @cached_property
    def evidence(self) -> Evidence:
        calls = own_calls(self.trajectory)
        seen, speeds = results_of(calls)
        state = self.core.user_state()
        return Evidence(
            device=state["device"],
            surroundings=state["surroundings"],
            seen=seen,
            speeds=speeds,
            line_roams=any(
                isinstance(step, Called) and step.name == "enable_roaming" for step in self.trajectory
            ),
            can_send=can_send(self.core),
            data_works=data_works(self.core),
        )

    @cached_property
    def goal_met(self) -> bool:
        return goal_met(self.core, self.task)


def _called(view: View, message: Message) -> str | None:
    for call in message.tool_calls:
        if deeds.is_unasked(call.name, "\n".join([*view.desk_said, *view.user_said])):
            return f"Nobody has asked you for {call.name}: touch a switch only when the desk asks you to."
    return None


def _said(view: View, text: str) -> str | None:
    return next((reason for check in _CHECKS if (reason := check(view, text))), None)


def _speaks_as_desk(view: View, text: str) -> str | None:
    if phrase := parts.spoken_as_desk(text):
        return f'You are the customer, not the desk: do not say things like "{phrase}".'
    return None


def _invents_identity(view: View, text: str) -> str | None:
    if fact := foreign_identity(text, view.licence, view.heard):
        return f"Your script does not contain {fact}: say only what it does contain, or that you do not know."
    if place := foreign_place(text, view.licence, view.heard):
        return f"Your script does not place you in {place}."
    said = parts.whereabouts(text)
    abroad = view.licence.abroad
    if said is not None and abroad is not None and said != abroad:
        return f"By your script you are {'abroad' if abroad else 'at home'}."
    return None


def _contradicts_phone(view: View, text: str) -> str | None:
    for fact, value in claims(text).items():
        if not view.evidence.bears(fact, value):
            return (
                f"What you say about {_WORDS.get(fact, fact)} is not what your phone shows: use the function that "
                "shows it, and report its result."
            )
    return None


def _invents_deed(view: View, text: str) -> str | None:
    if tool := deeds.claimed_without_call(text, view.used):
        return f"You have not done that: call {tool} first, then report its result."
    return None


def _offers_too_much(view: View, text: str) -> str | None:
    licence = view.licence
    if licence.amounts is not None and (wanted := offers.accepted_amounts(text) - licence.amounts):
        allowed = " or ".join(f"{amount:g} GB" for amount in sorted(licence.amounts)) or "no extra data"
        return f"Your script allows {allowed}, not {min(wanted):g} GB."
    if licence.keeps_plan and offers.wants_another_plan(text):
        return "Your script does not let you change your plan."
    return None


def _ends_wrongly(view: View, text: str) -> str | None:
    if endings.STOP in text and not view.goal_met and not endings.may_give_up(view.trajectory):
        return "Your goal is not reached yet: do not end the conversation, go on with the desk."
    if endings.TRANSFER in text and not endings.was_transferred(view.trajectory):
        return f"You have not been transferred to anybody: leave {endings.TRANSFER} out and go on."
    if endings.idles_on(text, view.user_said, view.trajectory) and view.goal_met:
        return f"Your goal is reached and your phone has shown it: end with {endings.STOP}."
    return None


Check = Callable[[View, str], str | None]
_CHECKS: Final[Iterable[Check]] = (
    _speaks_as_desk,
    _invents_identity,
    _contradicts_phone,
    _invents_deed,
    _offers_too_much,
    _ends_wrongly,
)
_WORDS: Final = {
    "airplane": "airplane mode",
    "data": "mobile data",
    "bar_data": "mobile data",
    "data_saver": "data saver",
    "roaming": "data roaming",
    "vpn": "the VPN",
    "vpn_quality": "the VPN",
    "wifi": "Wi-Fi",
    "wifi_calling": "Wi-Fi calling",
    "sim": "the SIM card",
    "signal": "the signal",
    "technology": "the type of network",
    "mode": "the preferred network type",
    "apn": "the access point",
    "mmsc": "the access point",
    "permissions": "the permissions of the messaging app",
    "speed": "the speed",
    "speed_label": "the speed test",
    "mms": "picture messages",
    "requested": "the payment request",
    "amount": "the amount of the payment request",
    "paid": "the payment",
    "battery": "the battery",
}
