"""One thing to be done with the phone, and which tool does it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Final

from agentbench_sdk.environments.telecom.users.conditions import Condition

TOGGLES: Final = {
    "airplane": "toggle_airplane_mode",
    "data": "toggle_data",
    "roaming": "toggle_roaming",
    "saver": "toggle_data_saver_mode",
    "wifi": "toggle_wifi",
    "wifi_calling": "toggle_wifi_calling",
}
LOOKS: Final = {
    "airplane": "check_network_status",
    "data": "check_network_status",
    "roaming": "check_network_status",
    "network": "check_network_status",
    "saver": "check_data_restriction_status",
    "wifi": "check_wifi_status",
    "wifi_calling": "check_wifi_calling_status",
    "vpn": "check_vpn_status",
    "sim": "check_sim_status",
    "apn": "check_apn_settings",
    "mode": "check_network_mode_preference",
    "bar": "check_status_bar",
    "signal": "check_status_bar",
    "speed": "run_speed_test",
    "mms": "can_send_mms",
    "apps": "check_installed_apps",
    "app_status": "check_app_status",
    "permission": "check_app_permissions",
    "payment_request": "check_payment_request",
}
CHANGES: Final = frozenset(
    {*TOGGLES.values(), "set_network_mode_preference", "reseat_sim_card", "set_apn_settings", "reset_apn_settings",
     "connect_vpn", "disconnect_vpn", "grant_app_permission", "reboot_device", "make_payment"}
)  # fmt: skip
"""Tools that change something."""

GOAL: Final = "(goal)"
AGAIN: Final = "(again)"
"""Stand-ins for tools: to see whether the trouble is gone; to look at the same thing again."""

TESTS: Final = frozenset({"can_send_mms", "run_speed_test", "check_status_bar"})
NAMES: Final = frozenset({*LOOKS.values(), *CHANGES})
TOPIC_OF: Final = {tool: topic for table in (LOOKS, TOGGLES) for topic, tool in table.items()} | {
    "set_network_mode_preference": "mode",
    "reseat_sim_card": "sim",
    "set_apn_settings": "apn",
    "reset_apn_settings": "apn",
    "connect_vpn": "vpn",
    "disconnect_vpn": "vpn",
    "grant_app_permission": "permission",
    "reboot_device": "phone",
    "make_payment": "payment_request",
    "check_network_status": "network",
    "check_status_bar": "bar",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to be done with the phone.

    Attributes:
        tool: its tool, or GOAL or AGAIN.
        want: how a switch shall stand afterwards; None to turn it over.
        condition: only if this holds.
        missing: an argument that was not told; "" for none.
    """

    topic: str
    tool: str
    arguments: dict[str, Any] = field(default_factory=dict)
    want: bool | None = None
    condition: Condition | None = None
    missing: str = ""

    @property
    def changes(self) -> bool:
        return self.tool in CHANGES


@dataclass(frozen=True, slots=True)
class Steps:
    """What a text asks for, in its order.

    Attributes:
        steps: to be done now.
        hints: what "may" have to be done.
        asked_done: tools of which the agent wants to know whether they have been used.
        vague: something is asked for that no tool does.
        topic: the last switch or setting that was spoken of.
    """

    steps: tuple[Step, ...] = ()
    hints: tuple[Step, ...] = ()
    asked_done: tuple[str, ...] = ()
    vague: bool = False
    topic: str = ""


def distinct(steps: Iterable[Step]) -> list[Step]:
    """Each step once; one that says more takes the place of one that says less."""
    found: list[Step] = []
    for step in steps:
        same = [place for place, other in enumerate(found) if _same(other, step)]
        if not same:
            found.append(step)
        elif found[same[0]].want is None and step.want is not None and step.changes:
            found[same[0]] = replace(found[same[0]], want=step.want)
        elif found[same[0]].missing and not step.missing:
            found[same[0]] = step
    return found


def _same(one: Step, other: Step) -> bool:
    if one.tool != other.tool:
        return False
    if one.missing or other.missing:
        return True
    return one.arguments == other.arguments and (
        one.want == other.want or one.want is None or other.want is None
    )


def _turns(step: Step, topic: str) -> bool:
    return step.topic == topic and step.changes and step.want is not None


def due(steps: list[Step]) -> Iterator[Step]:
    """Without what is for later: what follows if the trouble persists after another step."""
    for place, step in enumerate(steps):
        condition = step.condition
        if (
            not step.changes
            and step.topic in TOGGLES
            and any(_turns(later, step.topic) for later in steps[place + 1 :])
        ):
            continue  # turning it is looking first
        if condition is None or not place or condition.topic not in {"goal", ""}:
            yield step
