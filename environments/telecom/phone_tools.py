"""The user's tools, over the phone.

Names, parameters, results and error texts are those of tau2-bench 1.0.1; the descriptions are ours.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from agentbench_sdk.environments.telecom import network
from agentbench_sdk.environments.telecom.phone import (
    NETWORK_MODES,
    PERMISSIONS,
    Apn,
    ApnSettings,
    App,
    Handset,
    Permissions,
)
from agentbench_sdk.environments.telecom.records import plain
from agentbench_sdk.environments.telecom.tool_facts import F, Kind, Tools, tool_of

_APP = 'The name of the app, for example "messaging".'

PHONE_TOOLS: Tools = {}


def _tool(kind: Kind, **descriptions: str) -> Callable[[F], F]:
    return tool_of(PHONE_TOOLS, "user", kind, **descriptions)


def with_bar(handset: Handset, text: str) -> str:
    """A text, and below it what the status bar shows now."""
    return f"{text}\nStatus Bar: {network.status_bar(handset)}"


def _on(value: object) -> str:
    return "ON" if value else "OFF"


def _yes(value: object) -> str:
    return "Yes" if value else "No"


# --- network and data -------------------------------------------------------------------------------


@_tool("read")
def check_status_bar(handset: Handset) -> str:
    """Look at the bar at the top of the screen: signal, network type, mobile data, VPN, battery."""
    return f"Status Bar: {network.status_bar(handset)}"


@_tool("read")
def check_network_status(handset: Handset) -> str:
    """Look at the connection page of the settings: airplane mode, SIM, signal, network type, data, roaming, Wi-Fi."""
    phone = handset.phone
    lines = [
        f"Airplane Mode: {_on(phone.airplane_mode)}",
        f"SIM Card Status: {phone.sim}",
        f"Cellular Connection: {phone.network_connection_status}",
        f"Cellular Signal: {phone.network_signal_strength}",
        f"Cellular Network Type: {phone.network_technology_connected}",
        f"Mobile Data Enabled: {_yes(phone.data_enabled)}",
        f"Data Roaming Enabled: {_yes(phone.roaming_enabled)}",
        f"Wi-Fi Radio: {_on(phone.wifi_enabled)}",
        f"Wi-Fi Connected: {_yes(phone.wifi_connected)}",
    ]
    if phone.wifi_connected:
        lines.append(f"Connected Wi-Fi Network: {phone.wifi_ssid}")
    return "\n".join(lines)


@_tool("read")
def check_network_mode_preference(handset: Handset) -> str:
    """Look up which network types the phone is set to prefer."""
    mode = handset.phone.network_mode_preference
    if not isinstance(mode, str):
        raise TypeError(f"'{type(mode).__name__}' object has no attribute 'value'")
    return f"Network Mode Preference: {mode}"


@_tool("write", mode=f"One of {', '.join(NETWORK_MODES)}.")
def set_network_mode_preference(handset: Handset, mode: str) -> str:
    """Choose which network types the phone prefers."""
    if isinstance(mode, str) and mode not in NETWORK_MODES:
        return _no_such_mode(handset, mode)
    handset.phone.network_mode_preference = plain(mode)  # what is no text is stored unchecked
    network.search(handset)
    return _no_such_mode(handset, mode) if mode is None else _mode_is_set(handset, mode)


def _mode_is_set(handset: Handset, mode: object) -> str:
    if not isinstance(mode, str):
        raise TypeError(f"'{type(mode).__name__}' object has no attribute 'value'")
    return with_bar(handset, f"Preferred Network Mode set to: {mode}")


def _no_such_mode(handset: Handset, mode: object) -> str:
    return with_bar(
        handset,
        f"Failed to set network mode: '{mode}' is not a valid option. "
        f"Please use one of: {', '.join(NETWORK_MODES)}",
    )


_ADVICE = {
    "Very Poor": "Connection is very slow. Basic web browsing might be difficult.",
    "Poor": "Connection is slow. Web browsing may be sluggish, streaming difficult.",
    "Fair": "Connection is okay for web browsing and some standard definition streaming.",
    "Good": "Connection is good for most activities, including HD streaming.",
    "Excellent": "Connection is very fast.",
}


@_tool("read")
def run_speed_test(handset: Handset) -> str:
    """Measure how fast mobile data is at the moment."""
    found, label = network.speed(handset)
    if found is None:
        return "Speed test failed: No Connection."
    return f"Speed Test Result: {found:.2f} Mbps ({label}). {_ADVICE[label]}"


@_tool("write")
def toggle_data(handset: Handset) -> str:
    """Switch mobile data on if it is off, and off if it is on."""
    handset.phone.data_enabled = not handset.phone.data_enabled
    network.search(handset)
    return with_bar(handset, f"Mobile Data is now {_on(handset.phone.data_enabled)}.")


@_tool("write")
def toggle_roaming(handset: Handset) -> str:
    """Switch data roaming on the phone on if it is off, and off if it is on."""
    handset.phone.roaming_enabled = not handset.phone.roaming_enabled
    network.search(handset)
    return with_bar(handset, f"Data Roaming is now {_on(handset.phone.roaming_enabled)}.")


@_tool("read")
def check_data_restriction_status(handset: Handset) -> str:
    """Look up whether the phone saves data."""
    if handset.phone.data_saver_mode:
        return "Data Saver mode is ON (limits data usage)."
    return "Data Saver mode is OFF."


@_tool("write")
def toggle_data_saver_mode(handset: Handset) -> str:
    """Switch the data saver on if it is off, and off if it is on."""
    handset.phone.data_saver_mode = not handset.phone.data_saver_mode
    return with_bar(handset, f"Data Saver Mode is now {_on(handset.phone.data_saver_mode)}.")


# --- airplane mode and SIM --------------------------------------------------------------------------


@_tool("write")
def toggle_airplane_mode(handset: Handset) -> str:
    """Switch airplane mode on if it is off, and off if it is on. On, it cuts every connection, the VPN too."""
    phone = handset.phone
    phone.airplane_mode = not phone.airplane_mode
    if phone.airplane_mode or phone.wifi_enabled:
        _leave_wifi(handset)
    if phone.airplane_mode and phone.vpn_connected:
        phone.vpn_connected, phone.vpn_details = False, None
    network.search(handset)
    return with_bar(handset, f"Airplane Mode is now {_on(phone.airplane_mode)}.")


_SIM = {
    "active": "Your SIM card is active and working.",
    "missing": "No SIM card detected in the phone.",
    "locked_pin": "The SIM card is locked with a PIN code.",
    "locked_puk": "The SIM card is locked with a PUK code.",
}


@_tool("read")
def check_sim_status(handset: Handset) -> str:
    """Look up whether the SIM card works, is missing, or is locked."""
    return _SIM[handset.phone.sim]


@_tool("write")
def reseat_sim_card(handset: Handset) -> str:
    """Take the SIM card out and put it in again."""
    handset.phone.sim_card_missing = False
    network.search(handset)
    return with_bar(handset, "SIM card re-seated successfully.")


# --- access point -----------------------------------------------------------------------------------


@_tool("read")
def check_apn_settings(handset: Handset) -> str:
    """Look up the access point settings, with which the phone reaches mobile data and picture messages."""
    apn = handset.phone.active_apn_settings
    return (
        f"Current APN Name: {apn.apn_name}\n"
        f"MMSC URL (for picture messages): {apn.mmsc_url or 'Not Set'}\n"
        "(These are technical settings, usually best left unchanged.)"
    )


@_tool(
    "write",
    apn_settings="The settings: apn_name, reset_at_reboot, mms_apn, mmsc_url, mms_proxy, mms_port; whatever is "
    "left out takes its factory value.",
)
def set_apn_settings(handset: Handset, apn_settings: dict[str, Any]) -> str:
    """Replace all access point settings."""
    if not isinstance(apn_settings, dict):
        raise TypeError(f"apn_settings must be an object, not {type(apn_settings).__name__}")
    apn = ApnSettings.model_validate(apn_settings).record()
    handset.phone.active_apn_settings = apn
    network.search(handset)
    return with_bar(handset, f"APN settings set to: {apn.apn_name}")


@_tool("write")
def reset_apn_settings(handset: Handset) -> str:
    """Let the phone go back to the factory's access point settings when it restarts next."""
    phone = handset.phone
    phone.active_apn_settings = replace(phone.active_apn_settings, reset_at_reboot=True)
    network.search(handset)
    return with_bar(handset, "APN settings will reset at reboot.")


# --- Wi-Fi ------------------------------------------------------------------------------------------


@_tool("read")
def check_wifi_status(handset: Handset) -> str:
    """Look up whether Wi-Fi is on and connected."""
    phone = handset.phone
    if not phone.wifi_enabled:
        return "Wi-Fi is turned OFF."
    if not phone.wifi_connected:
        return "Wi-Fi is ON but not connected to any network."
    return f"Wi-Fi is ON and connected to '{phone.wifi_ssid}'. Signal strength: {phone.wifi_signal_strength}."


@_tool("write")
def toggle_wifi(handset: Handset) -> str:
    """Switch Wi-Fi on if it is off, and off if it is on."""
    phone = handset.phone
    if phone.airplane_mode:
        return with_bar(handset, "Cannot change Wi-Fi settings while Airplane Mode is ON.")
    phone.wifi_enabled = not phone.wifi_enabled
    if not phone.wifi_enabled:
        _leave_wifi(handset)
    return with_bar(handset, f"Wi-Fi is now {_on(phone.wifi_enabled)}.")


def _leave_wifi(handset: Handset) -> None:
    phone = handset.phone
    phone.wifi_connected, phone.wifi_ssid, phone.wifi_signal_strength = False, None, "none"


@_tool("read")
def check_wifi_calling_status(handset: Handset) -> str:
    """Look up whether calls go through Wi-Fi."""
    return f"Wi-Fi Calling is currently turned {_on(handset.phone.wifi_calling_enabled)}."


@_tool("write")
def toggle_wifi_calling(handset: Handset) -> str:
    """Switch calls through Wi-Fi on if they are off, and off if they are on."""
    handset.phone.wifi_calling_enabled = not handset.phone.wifi_calling_enabled
    return with_bar(handset, f"Wi-Fi Calling is now {_on(handset.phone.wifi_calling_enabled)}.")


# --- VPN --------------------------------------------------------------------------------------------


@_tool("read")
def check_vpn_status(handset: Handset) -> str:
    """Look up whether a VPN is connected, and how it performs."""
    phone = handset.phone
    if phone.vpn_connected:
        if phone.vpn_details is None:
            return "VPN is ON and connected (no specific details available)."
        return f"VPN is ON and connected. Details: {phone.vpn_details.as_python()}"
    if phone.vpn_enabled_setting:
        return "VPN is turned ON in settings, but currently not connected."
    return "VPN is turned OFF."


@_tool("write")
def connect_vpn(handset: Handset) -> str:
    """Connect to the VPN that is set up on the phone."""
    phone = handset.phone
    if phone.vpn_connected:
        return "VPN already connected."
    phone.vpn_connected, phone.vpn_details = True, handset.vpn_profile
    return with_bar(handset, "VPN connected successfully.")


@_tool("write")
def disconnect_vpn(handset: Handset) -> str:
    """Disconnect the VPN."""
    phone = handset.phone
    if not phone.vpn_connected:
        return with_bar(handset, "No active VPN connection to disconnect.")
    phone.vpn_connected, phone.vpn_details = False, None
    return with_bar(handset, "VPN disconnected successfully.")


# --- apps and picture messages ----------------------------------------------------------------------


@_tool("read")
def check_installed_apps(handset: Handset) -> str:
    """List the apps on the phone."""
    return f"The following apps are installed on the phone: {', '.join(handset.phone.app_statuses)}"


@_tool("read", app_name=_APP)
def check_app_status(handset: Handset, app_name: str) -> str:
    """Look up an app, with what it may use."""
    app = handset.phone.app_statuses.get(app_name)
    if app is None:
        return _no_app(app_name)
    granted = _granted(app)
    if not granted:
        return f"Status for App: {app_name}\n - Permissions: None granted."
    lines = [f"Status for App: {app_name}", " - Permissions Granted:", *(f"   - {each}" for each in granted)]
    return "\n".join(lines)


@_tool("read", app_name=_APP)
def check_app_permissions(handset: Handset, app_name: str) -> str:
    """Look up what an app may use."""
    app = handset.phone.app_statuses.get(app_name)
    if app is None:
        return _no_app(app_name)
    granted = _granted(app)
    if not granted:
        return f"App '{app_name}' currently has no permissions granted."
    return f"App '{app_name}' has permission for: {', '.join(granted)}."


def _no_app(app_name: object) -> str:
    return f"App '{app_name}' not found on this phone."


def _granted(app: App) -> list[str]:
    return [name for name in PERMISSIONS if getattr(app.permissions, name)]


@_tool("write", app_name=_APP, permission=f"One of {', '.join(PERMISSIONS)}.")
def grant_app_permission(handset: Handset, app_name: str, permission: str) -> str:
    """Allow an app to use something."""
    permission = permission.lower()
    app = handset.phone.app_statuses.get(app_name)
    if app is None:
        return with_bar(handset, f"Error. App '{app_name}' not found. Cannot grant permission.")
    if permission not in PERMISSIONS:
        return with_bar(
            handset,
            f"Error. Permission '{permission}' not tracked for app '{app_name}', "
            f"available permissions: {list(PERMISSIONS)}",
        )
    set_permission(handset, app_name, permission, granted=True)
    return with_bar(handset, f"Success. Permission '{permission}' granted to app '{app_name}'.")


def set_permission(handset: Handset, app_name: str, permission: str, *, granted: bool) -> None:
    """Replace an app's record by one with or without a permission."""
    app = handset.phone.app_statuses[app_name]
    permissions = Permissions(**{**app.permissions.shown(), permission: granted})
    handset.phone.app_statuses[app_name] = replace(app, permissions=permissions)


@_tool("read")
def can_send_mms(handset: Handset) -> str:
    """Try whether a picture message can be sent."""
    can = "can" if network.mms_works(handset) else "cannot"
    return f"Your messaging app {can} send MMS messages."


# --- restart and payment ----------------------------------------------------------------------------


@_tool("write")
def reboot_device(handset: Handset) -> str:
    """Restart the phone."""
    phone = handset.phone
    text = "Restarting network services..."
    if phone.active_apn_settings.reset_at_reboot:
        phone.active_apn_settings = Apn()
        text = f"Resetting APN settings...\n{text}"
    phone.network_connection_status = "searching"
    network.search(handset)
    return with_bar(handset, text)


@_tool("read")
def check_payment_request(handset: Handset) -> str:
    """Look whether the carrier has asked for a payment."""
    request = handset.surroundings.payment_request
    if request is None:
        return "No payment request has been made."
    return f"You have a payment request for bill {request.bill_id} of {request.amount_due} USD."


@_tool("write")
def make_payment(handset: Handset) -> str:
    """Pay the bill that the carrier has asked to be paid."""
    request = handset.surroundings.payment_request
    if request is None:
        return "You do not have a payment request."
    handset.surroundings.payment_request = replace(request, paid=True)
    return f"Payment of {request.amount_due} USD has been made for bill {request.bill_id}."
