"""What the phone makes of its surroundings: the search for a network, mobile data, speed, picture messages.

Source: tau2-bench 1.0.1, telecom domain, `user_tools.py`.
"""

from __future__ import annotations

from agentbench_sdk.environments.telecom.phone import Handset, Technology

POOR_VPN = 0.1
DATA_SAVER = 0.2
NO_CONNECTION = "No Connection"

_BY_MODE: dict[object, Technology] = {"4g_only": "4G", "3g_only": "3G", "2g_only": "2G"}
_RANGES = {"none": (0.0, 0.0), "2G": (0.1, 0.4), "3G": (1.0, 5.0), "4G": (10.0, 100.0), "5G": (50.0, 500.0)}
_BY_SIGNAL = {"none": 0.0, "poor": 0.2, "fair": 0.5, "good": 0.8, "excellent": 1.0}
_LABELS = ((1.0, "Very Poor"), (5.0, "Poor"), (25.0, "Fair"), (100.0, "Good"))


def search(handset: Handset) -> None:
    """Look for a network; nothing else changes signal, technology and connection."""
    phone, around = handset.phone, handset.surroundings
    served = (
        phone.sim == "active"
        and not phone.airplane_mode
        and phone.active_apn_settings.apn_name != "broken"
        and around.line_active
    )
    if not served:
        phone.network_connection_status = "no_service"
        phone.network_technology_connected = phone.network_signal_strength = "none"
        return
    phone.network_connection_status = "connected"
    technology = _technology(handset)
    phone.network_technology_connected = technology
    phone.network_signal_strength = around.signal_strength.get(technology, "none")


def _technology(handset: Handset) -> Technology:
    mode = handset.phone.network_mode_preference
    if mode == "4g_5g_preferred":
        has_5g = handset.surroundings.signal_strength.get("5G", "none") != "none"
        return "5G" if has_5g else "4G"
    return _BY_MODE.get(mode, "4G") if isinstance(mode, str) else "4G"


def data_works(handset: Handset) -> bool:
    """Whether mobile data gets through at all."""
    phone, around = handset.phone, handset.surroundings
    if phone.airplane_mode or phone.network_signal_strength == "none":
        return False
    if phone.network_connection_status == "no_service":
        return False
    if around.is_abroad and not (phone.roaming_enabled and around.roaming_allowed):
        return False
    return phone.data_enabled and not around.mobile_data_usage_exceeded


def speed(handset: Handset) -> tuple[float | None, str]:
    """Megabits a second and their label; None without a connection."""
    if not data_works(handset):
        return None, NO_CONNECTION
    phone = handset.phone
    factor = 1.0
    if phone.vpn_connected and phone.vpn_details is not None:
        factor = POOR_VPN if phone.vpn_details.server_performance == "poor" else 1.0
    if phone.data_saver_mode:
        factor *= DATA_SAVER
    low, high = _RANGES[phone.network_technology_connected]
    found = round((low + high) / 2 * _BY_SIGNAL[phone.network_signal_strength] * factor, 2)
    return found, next((label for limit, label in _LABELS if found < limit), "Excellent")


def mms_works(handset: Handset) -> bool:
    """Whether picture messages can be sent."""
    phone = handset.phone
    if not data_works(handset) or phone.network_technology_connected == "2G":
        return False
    if phone.wifi_calling_enabled and phone.wifi_calling_mms_over_wifi:
        return False
    messaging = phone.app_statuses.get("messaging")
    if phone.active_apn_settings.mmsc_url is None or messaging is None:
        return False
    return messaging.permissions.storage and messaging.permissions.sms


def status_bar(handset: Handset) -> str:
    """What the bar at the top of the screen shows."""
    phone = handset.phone
    parts = ["✈️ Airplane Mode"] if phone.airplane_mode else _cellular(handset)
    if phone.wifi_enabled and phone.wifi_connected:
        parts.append(f"📡 Connected to {phone.wifi_ssid}" if phone.wifi_ssid else "📡 Enabled")
    if phone.vpn_connected:
        parts.append("🔒 VPN Connected")
    parts.append(f"🔋 {phone.battery_level}%")
    return " | ".join(parts)


_BARS = {
    "none": "📵 No Signal",
    "poor": "📶¹ Poor",
    "fair": "📶² Fair",
    "good": "📶³ Good",
    "excellent": "📶⁴ Excellent",
}


def _cellular(handset: Handset) -> list[str]:
    phone = handset.phone
    technology = phone.network_technology_connected
    parts = [_BARS[phone.network_signal_strength]]
    if technology != "none":
        parts.append(technology)
    if phone.data_enabled and technology != "none":
        parts.append("📱 Data Enabled")
        if phone.data_saver_mode:
            parts.append("🔽 Data Saver")
    else:
        parts.append("📵 Data Disabled")
    return parts
