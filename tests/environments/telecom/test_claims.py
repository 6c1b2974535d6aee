"""Facts about a phone, read out of what is said of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentbench_sdk.environments.telecom.claims import Value, claims, hearing

BAR = "Status Bar: 📶⁴ Excellent | 5G | 📱 Data Enabled | 🔽 Data Saver | 🔒 VPN Connected | 🔋 80%"
OVERVIEW = (
    "Airplane Mode: ON\nSIM Card Status: locked_pin\nCellular Connection: no_service\nCellular Signal: none\n"
    "Cellular Network Type: none\nMobile Data Enabled: Yes\nData Roaming Enabled: No\nWi-Fi Radio: OFF\n"
    "Wi-Fi Connected: No"
)
SLOW_VPN = (
    "VPN is ON and connected. Details: {'server_address': '192.168.1.1', 'protocol': 'OpenVPN', "
    "'server_performance': <PerformanceLevel.POOR: 'poor'>}"
)

OUTPUTS: list[tuple[str, dict[str, Value]]] = [
    (
        BAR,
        {
            "signal": "excellent",
            "technology": "5g",
            "bar_data": True,
            "data_saver": True,
            "vpn": True,
            "battery": 80.0,
        },
    ),
    ("Status Bar: ✈️ Airplane Mode | 🔋 80%", {"airplane": True, "battery": 80.0}),
    (
        "Status Bar: 📵 No Signal | 📵 Data Disabled | 🔋 80%",
        {"signal": "none", "bar_data": False, "battery": 80.0},
    ),
    (
        OVERVIEW,
        {
            "airplane": True,
            "sim": "locked_pin",
            "signal": "none",
            "technology": "none",
            "data": True,
            "roaming": False,
            "wifi": False,
        },
    ),
    ("Network Mode Preference: 2g_only", {"mode": "2g_only"}),
    ("Preferred Network Mode set to: 4g_5g_preferred", {"mode": "4g_5g_preferred"}),
    ("Your SIM card is active and working.", {"sim": "active"}),
    ("No SIM card detected in the phone.", {"sim": "missing"}),
    ("The SIM card is locked with a PIN code.", {"sim": "locked_pin"}),
    ("The SIM card is locked with a PUK code.", {"sim": "locked_puk"}),
    (
        "Speed Test Result: 5.50 Mbps (Fair). Connection is okay for web browsing.",
        {"speed": 5.5, "speed_label": "fair"},
    ),
    ("Speed test failed: No Connection.", {"speed_label": "no connection"}),
    ("Data Saver mode is ON (limits data usage).", {"data_saver": True}),
    ("Data Saver mode is OFF.", {"data_saver": False}),
    ("Mobile Data is now OFF.", {"data": False}),
    ("Data Roaming is now ON.", {"roaming": True}),
    ("Wi-Fi Calling is currently turned ON.", {"wifi_calling": True}),
    ("Wi-Fi is turned OFF.", {"wifi": False}),
    ("Wi-Fi is ON but not connected to any network.", {"wifi": True}),
    (SLOW_VPN, {"vpn": True, "vpn_quality": "poor"}),
    ("VPN is turned OFF.", {"vpn": False}),
    ("VPN disconnected successfully.", {"vpn": False}),
    (
        "App 'messaging' has permission for: sms, storage, phone.",
        {"permissions": frozenset({"sms", "storage", "phone"})},
    ),
    ("App 'messaging' currently has no permissions granted.", {"permissions": frozenset()}),
    (
        "Status for App: messaging\n - Permissions Granted:\n   - sms\n   - phone",
        {"permissions": frozenset({"sms", "phone"})},
    ),
    (
        "Current APN Name: broken\nMMSC URL (for picture messages): Not Set\n(These are technical settings.)",
        {"apn": "broken", "mmsc": False},
    ),
    (
        "Current APN Name: internet\nMMSC URL (for picture messages): http://mms.carrier.com/mms/wapenc",
        {"apn": "internet", "mmsc": True},
    ),
    ("Your messaging app cannot send MMS messages.", {"mms": False}),
    ("Your messaging app can send MMS messages.", {"mms": True}),
    ("You have a payment request for bill B1234321 of 65.0 USD.", {"requested": "B1234321", "amount": 65.0}),
    ("Payment of 65.0 USD has been made for bill B1234321.", {"paid": "B1234321"}),
]


@pytest.mark.parametrize(("output", "facts"), OUTPUTS, ids=[text[:30] for text, _ in OUTPUTS])
def test_each_output_of_the_phone_is_read_completely(output: str, facts: dict[str, Value]) -> None:
    """No more facts than it states, and no fewer."""
    assert hearing(output) == facts


@pytest.mark.parametrize(("output", "facts"), OUTPUTS, ids=[text[:30] for text, _ in OUTPUTS])
def test_an_output_is_read_out_of_a_customers_sentence(output: str, facts: dict[str, Value]) -> None:
    """Customers quote what their phone says."""
    assert hearing(f'Okay, I looked. It says: "{output}"') == facts


SAID: list[tuple[str, dict[str, Value]]] = [
    ("Airplane mode is off now, but there is still no signal.", {"airplane": False, "signal": "none"}),
    ("I turned off data saver and disabled roaming.", {"data_saver": False, "roaming": False}),
    ("Wi-Fi calling isn't on.", {"wifi_calling": False}),
    ("It shows 5G excellent.", {"technology": "5g", "signal": "excellent"}),
    ("The speed test says Excellent, 275 Mbps.", {"speed_label": "excellent", "speed": 275.0}),
    ("I disconnected from the VPN.", {"vpn": False}),
    ("I can send pictures now.", {"mms": True}),
]


@pytest.mark.parametrize(("text", "facts"), SAID)
def test_plain_statements_are_claims(text: str, facts: dict[str, Value]) -> None:
    """What is said for certain about the present is held against the phone."""
    assert claims(text) == facts


@pytest.mark.parametrize(
    "text",
    [
        "Should I turn airplane mode off?",
        "If airplane mode is on, what then?",
        "I will turn data saver off.",
        "Data roaming was on before.",
        "I want the speed test to say excellent.",
        "You said that roaming is on.",
        "I don't know whether the VPN is on.",
        "It doesn't show no signal any more.",
        "Is my SIM card locked with a PIN?",
        "I'll tell you when I can send pictures.",
        "Make sure that mobile data is on, right.",
    ],
)
def test_questions_conditions_wishes_and_memories_claim_nothing(text: str) -> None:
    """Nobody is held to what he did not state."""
    assert claims(text) == {}


@given(st.text(max_size=300))
def test_any_text_can_be_read(text: str) -> None:
    """A model may write anything."""
    facts = {fact for _, found in OUTPUTS for fact in found}
    assert facts.issuperset(claims(text))
    assert facts.issuperset(hearing(text))


@pytest.mark.parametrize(
    ("begin", "word"), [("", "wi-fi "), ("", "sim "), ("permissions granted: ", "sms, "), ("", "vpn ")]
)
def test_long_texts_are_read_quickly(begin: str, word: str) -> None:
    """No pattern goes back and forth over a long text; the test's time-out is the bound."""
    assert hearing(begin + word * 3000) == hearing(begin + word * 3)
