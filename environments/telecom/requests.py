"""In which words an agent asks a customer to use the phone: one sentence for each of the user's tools.

The reference agents ask so, and the scripted user understands it (among much else):

    >>> request_for("check_sim_status")
    'Could you check whether your phone recognises its SIM card, and tell me exactly what it says?'
    >>> request_for("toggle_roaming", on=True)
    'Please turn data roaming on, and tell me what your phone says.'
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from string import Formatter
from typing import Any, Final

REQUESTS: Final[Mapping[str, str]] = {
    "check_status_bar": (
        "Could you look at the bar at the top of your phone's screen and tell me exactly what it shows?"
    ),
    "check_network_status": (
        "Could you open the network overview in your phone's settings and read me everything it lists?"
    ),
    "check_network_mode_preference": (
        "Could you look up which preferred network type your phone is set to, and tell me?"
    ),
    "set_network_mode_preference": (
        "Please set the preferred network type of your phone to {mode}, and tell me what your phone says."
    ),
    "run_speed_test": "Could you run an internet speed test on your phone and tell me the exact result?",
    "toggle_data": "Please turn mobile data {turn}, and tell me what your phone says.",
    "toggle_roaming": "Please turn data roaming {turn}, and tell me what your phone says.",
    "check_data_restriction_status": (
        "Could you check whether data saver, or anything else that limits data, is on, and tell me?"
    ),
    "toggle_data_saver_mode": "Please turn data saver mode {turn}, and tell me what your phone says.",
    "toggle_airplane_mode": "Please turn airplane mode {turn}, and tell me what your phone says.",
    "check_sim_status": (
        "Could you check whether your phone recognises its SIM card, and tell me exactly what it says?"
    ),
    "reseat_sim_card": "Please take the SIM card out, put it back in, and tell me what your phone says.",
    "check_apn_settings": (
        "Could you open the access point (APN) settings and read me all that they show, without changing them?"
    ),
    "set_apn_settings": (
        "Please enter these access point (APN) settings, and tell me what your phone says: {apn_settings}"
    ),
    "reset_apn_settings": (
        "Please reset the access point (APN) settings to their defaults, and tell me what your phone says."
    ),
    "check_wifi_status": "Could you check whether Wi-Fi is on and connected, and tell me what your phone says?",
    "toggle_wifi": "Please turn Wi-Fi {turn}, and tell me what your phone says.",
    "check_wifi_calling_status": "Could you check whether Wi-Fi calling is turned on, and tell me?",
    "toggle_wifi_calling": "Please turn Wi-Fi calling {turn}, and tell me what your phone says.",
    "check_vpn_status": (
        "Could you check whether a VPN is in use on your phone, and read me all the details that it shows?"
    ),
    "connect_vpn": "Please connect to your VPN, and tell me what your phone says.",
    "disconnect_vpn": "Please disconnect from your VPN, and tell me what your phone says.",
    "check_installed_apps": "Could you tell me which apps are installed on your phone?",
    "check_app_status": "Could you look up the status of the {app_name} app and read me what it shows?",
    "check_app_permissions": (
        "Could you look up which permissions the {app_name} app has been given, and read them to me?"
    ),
    "grant_app_permission": (
        "Please give the {app_name} app the {permission} permission, and tell me what your phone says."
    ),
    "can_send_mms": "Could you try to send a picture message (MMS) and tell me whether it works?",
    "reboot_device": "Please restart your phone, and tell me what it shows afterwards.",
    "check_payment_request": (
        "Could you check whether you have received a payment request, and tell me the bill and the amount?"
    ),
    "make_payment": "If you agree, please pay the payment request now, and tell me what your phone says.",
}
"""By the tool's name; what stands in braces is an argument, or `turn`, which is "on" or "off"."""

REASONS: Final[Mapping[str, str]] = {
    "check_status_bar": "The small signs there show whether your phone has a signal.",
    "check_network_status": "That page shows at a glance what may keep your phone from the network.",
    "check_network_mode_preference": "An old network type makes everything slow or stops pictures.",
    "set_network_mode_preference": "This lets your phone use the fastest network there is; nothing is lost.",
    "run_speed_test": "The test measures how fast the internet is on your phone; it changes nothing.",
    "toggle_data": "Without this switch your phone cannot go online.",
    "toggle_roaming": "Abroad your phone may only go online when this switch is on.",
    "check_data_restriction_status": "Such a setting slows the internet down; looking at it changes nothing.",
    "toggle_data_saver_mode": "This setting holds the speed down, and you can turn it on again at any time.",
    "toggle_airplane_mode": "While it is on, your phone is cut off from every network.",
    "check_sim_status": "The SIM is the small chip card that connects your phone to us; looking is safe.",
    "reseat_sim_card": "The SIM is the small chip card that connects your phone to us; it may sit loose.",
    "check_apn_settings": "They tell the phone how to reach our network; just look, nothing can break.",
    "set_apn_settings": "They tell the phone how to reach our network.",
    "reset_apn_settings": "They tell the phone how to reach our network; photos and contacts are not touched.",
    "check_wifi_status": "This tells us which way your phone goes online.",
    "toggle_wifi": "This tells us which way your phone goes online.",
    "check_wifi_calling_status": "This setting can draw picture messages away from our network.",
    "toggle_wifi_calling": "This setting can draw picture messages away from our network.",
    "check_vpn_status": "A VPN is a detour for your internet traffic, and a slow one slows down everything.",
    "connect_vpn": "A VPN is a protected detour for your internet traffic.",
    "disconnect_vpn": "A VPN is a detour for your internet traffic, and this one slows everything down.",
    "check_installed_apps": "I would like to know which app sends your messages.",
    "check_app_status": "An app that is not allowed enough cannot send pictures.",
    "check_app_permissions": "An app that is not allowed enough cannot send pictures.",
    "grant_app_permission": "Without it the app cannot send pictures.",
    "can_send_mms": "This shows whether the trouble is still there.",
    "reboot_device": "Only a new start puts the change into effect; photos and contacts are not touched.",
    "check_payment_request": "It shows which bill it is about before you decide.",
    "make_payment": "Once it is paid I can go on.",
}
"""Why an agent asks for it, for customers who want to know before they touch anything."""

REPAIRING: Final[Mapping[str, bool]] = {
    "toggle_data": True,
    "toggle_roaming": True,
    "toggle_data_saver_mode": False,
    "toggle_airplane_mode": False,
    "toggle_wifi": True,
    "toggle_wifi_calling": False,
}
"""Which way a switch is turned when something is wrong with it: on is True."""

NETWORK_MODES: Final[Mapping[str, str]] = {
    "4g_5g_preferred": "4G/5G preferred",
    "4g_only": "4G only",
    "3g_only": "3G only",
    "2g_only": "2G only",
}


def request_for(tool: str, arguments: Mapping[str, Any] | None = None, *, on: bool | None = None) -> str:
    """The sentence that asks for a tool of the user's.

    Arguments:
        tool: its name.
        arguments: what it is to be called with.
        on: which way a switch is to be turned; None for the way that repairs.

    Raises:
        KeyError: no such tool, or an argument is missing.
    """
    given = dict(arguments or {})
    turned = REPAIRING.get(tool, True) if on is None else on
    slots = {**{name: _spoken(name, value) for name, value in given.items()}, "turn": _turn(turned)}
    return REQUESTS[tool].format(**slots)


def slots_of(tool: str) -> list[str]:
    """Names of the arguments that a tool's sentence has room for, `turn` apart."""
    named = (field for _, field, _, _ in Formatter().parse(REQUESTS[tool]))
    return [field for field in named if field and field != "turn"]


def _turn(on: bool) -> str:
    return "on" if on else "off"


def _spoken(name: str, value: object) -> str:
    if name == "mode":
        known = NETWORK_MODES.get(str(value))
        return f'"{known}" ({value})' if known else f'"{value}"'
    if isinstance(value, str):
        return value
    return json.dumps(value)
