"""The customer's phone, as far as its own tools tell: how its switches stand, and whether the trouble is gone."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from agentbench_sdk.environments.telecom.users.conditions import Condition
from agentbench_sdk.environments.telecom.users.script import Family
from agentbench_sdk.environments.telecom.users.step import LOOKS

_STANDS: Final = (
    ("airplane", re.compile(r"Airplane Mode(?: is now|:) (?P<on>ON)?")),
    ("data", re.compile(r"Mobile Data (?:is now|Enabled:) (?P<on>ON|Yes)?")),
    ("roaming", re.compile(r"Data Roaming (?:is now|Enabled:) (?P<on>ON|Yes)?")),
    ("saver", re.compile(r"Data Saver [Mm]ode is (?:now )?(?P<on>ON)?")),
    ("wifi", re.compile(r"(?:Wi-Fi is (?:now |turned )?|Wi-Fi Radio: )(?P<on>ON)?")),
    ("wifi_calling", re.compile(r"Wi-Fi Calling is (?:now |currently turned )(?P<on>ON)?")),
    ("vpn", re.compile(r"(?P<on>VPN is ON and connected|VPN connected|VPN already connected)|VPN is turned|VPN disconnected|No active VPN")),
)  # fmt: skip
_SIM: Final = (
    ("missing", re.compile(r"No SIM card detected|SIM Card Status: missing")),
    ("locked", re.compile(r"SIM card is locked|SIM Card Status: locked")),
    ("active", re.compile(r"SIM card is active|SIM Card Status: active")),
)
GOAL_TOOLS: Final = {"service": "check_status_bar", "mobile_data": "run_speed_test", "mms": "can_send_mms"}
"""By which tool each kind of trouble is seen to be gone."""

_REACHED: Final = {
    "service": re.compile(r"Status Bar: 📶"),
    "mobile_data": re.compile(r"Mbps \(Excellent\)"),
    "mms": re.compile(r"can send MMS"),
}


@dataclass(slots=True)
class Phone:
    """What is known of the phone; nobody but the customer changes its switches.

    Attributes:
        stands: which switches are known to be on or off.
        sim: the card's state; "" while it is not known.
        signal: whether there is any; None while it is not known.
    """

    stands: dict[str, bool] = field(default_factory=dict)
    sim: str = ""
    signal: bool | None = None

    def showed(self, tool: str, result: str) -> None:
        """Take in what a tool gave."""
        for topic, pattern in _STANDS:
            if found := pattern.search(result):
                self.stands[topic] = found["on"] is not None
        if tool == "toggle_airplane_mode":
            self.stands.pop("vpn", None)
        self.sim = next((state for state, pattern in _SIM if pattern.search(result)), self.sim)
        if "Status Bar: " in result:
            self.signal = "📶" in result

    def fulfils(self, condition: Condition) -> bool | None:
        """Whether a condition holds; None while that is not known."""
        if condition.topic in self.stands and condition.state in {"on", "off"}:
            return self.stands[condition.topic] == (condition.state == "on")
        if condition.topic == "sim" and self.sim and condition.state:
            return self.sim == condition.state
        if condition.topic in {"signal", "bar"} and self.signal is not None and condition.state == "none":
            return not self.signal
        return None


def reached(family: Family, result: str) -> bool:
    """Whether what a tool gave shows that the trouble is gone."""
    return bool(family) and _REACHED[family].search(result) is not None


def look_for(topic: str, family: Family) -> str:
    """The tool that tells about a topic; "" where none does."""
    return GOAL_TOOLS.get(family, "") if topic == "goal" else LOOKS.get(topic, "")
