"""What a customer does to the phone, or claims to have done."""

from __future__ import annotations

import re
from typing import Final

from agentbench_sdk.environments.telecom.claims import certain

ASKED_BY: Final = {
    "set_network_mode_preference": r"network|\b[2-5]g\b|mode|lte|prefer|generation",
    "toggle_airplane_mode": r"air ?plane|aeroplane|flight|plane mode|radio",
    "reseat_sim_card": r"\bsim\b|\bcard\b|chip|tray",
    "toggle_data": r"data|internet|cellular|mobile",
    "toggle_roaming": r"roam|abroad|travel",
    "toggle_data_saver_mode": r"saver|saving|restrict|limit|low data",
    "set_apn_settings": r"apn|access point|settings",
    "reset_apn_settings": r"apn|access point|settings|reset|default",
    "toggle_wifi": r"wi-?fi|wireless|wlan",
    "toggle_wifi_calling": r"wi-?fi|calling",
    "connect_vpn": r"vpn|virtual private",
    "disconnect_vpn": r"vpn|virtual private",
    "grant_app_permission": r"permission|allow|access|right|grant|storage|sms",
    "reboot_device": r"boot|re-?start|power|off|new start|cycle|reset|refresh",
    "make_payment": r"pay|bill|settle|due",
}
"""By a tool that changes something: which words can have asked for it, or proposed it. Widely meant."""

_BEGUN: Final = r"\bi(?:'ve| have)?(?: just| now| also| already| then)* "
_CLAIMED: Final = {
    "reboot_device": rf"{_BEGUN}(?:restarted|rebooted)\b(?! it when)",
    "reseat_sim_card": rf"{_BEGUN}(?:(?:re-?seated|re-?inserted|took out|taken out|removed)\b[^.?!]*\bsim\b|(?:took|taken|pulled) (?:the |my )?sim\b[^.?!]*\bout\b)",
    "reset_apn_settings": rf"{_BEGUN}reset (?:the |my )?(?:apn|access point)",
    "make_payment": rf"{_BEGUN}(?:paid (?:it|the (?:bill|payment|request|amount))|made the payment)\b",
    "grant_app_permission": rf"{_BEGUN}(?:granted|given|gave)\b[^.?!]*\bpermissions?\b",
    "run_speed_test": rf"{_BEGUN}(?:ran|run|re-?ran|did) (?:a|the|another) speed ?test\b",
    "set_network_mode_preference": rf"{_BEGUN}(?:set|changed|switched)\b[^.?!]*\b(?:network (?:mode|type|preference)|preferred network)",
    "disconnect_vpn": rf"{_BEGUN}disconnected\b[^.?!]*\bvpn\b",
}
_PATTERNS: Final = {tool: re.compile(pattern) for tool, pattern in _CLAIMED.items()}
_ENOUGH: Final = {"reset_apn_settings": {"set_apn_settings"}, "disconnect_vpn": {"toggle_airplane_mode"}}


def is_unasked(tool: str, spoken: str) -> bool:
    """Whether nothing that either side has said, in the whole conversation, can have asked for a change."""
    words = ASKED_BY.get(tool)
    return words is not None and re.search(words, spoken.lower()) is None


def claimed_without_call(text: str, used: frozenset[str]) -> str | None:
    """The tool behind a deed that a text reports for certain although it was never used; None for none."""
    parts = list(certain(text))
    for tool, pattern in _PATTERNS.items():
        if used.isdisjoint({tool, *_ENOUGH.get(tool, ())}) and any(map(pattern.search, parts)):
            return tool
    return None
