"""The user's tools: what the phone shows and does, in the words of the protocol."""

from __future__ import annotations

from typing import Any

import pytest

from tests.environments.telecom.conftest import Play

FULL = "📶⁴ Excellent | 5G | 📱 Data Enabled | 🔋 80%"
NONE = "📵 No Signal | 📵 Data Disabled | 🔋 80%"


def test_the_signal_is_good_until_the_first_search(play: Play) -> None:
    assert play.bar() == "📶³ Good | 5G | 📱 Data Enabled | 🔋 80%"
    play.set("simulate_network_search")
    assert play.bar() == FULL


def test_airplane_mode_takes_wifi_and_vpn_away_and_gives_neither_back(play: Play) -> None:
    play.user("toggle_wifi")
    play.user("connect_vpn")
    assert play.user("toggle_airplane_mode").content == (
        "Airplane Mode is now ON.\nStatus Bar: ✈️ Airplane Mode | 🔋 80%"
    )
    assert play.user("toggle_wifi").content.startswith(
        "Cannot change Wi-Fi settings while Airplane Mode is ON."
    )
    assert play.user("toggle_airplane_mode").content == f"Airplane Mode is now OFF.\nStatus Bar: {FULL}"
    assert play.user("check_wifi_status").content == "Wi-Fi is ON but not connected to any network."
    assert play.user("check_vpn_status").content == "VPN is turned OFF."


@pytest.mark.parametrize(
    ("mode", "bar"),
    [
        ("4g_only", "📶³ Good | 4G | 📱 Data Enabled | 🔋 80%"),
        ("3g_only", "📶² Fair | 3G | 📱 Data Enabled | 🔋 80%"),
        ("2g_only", "📶¹ Poor | 2G | 📱 Data Enabled | 🔋 80%"),
        ("4g_5g_preferred", FULL),
    ],
)
def test_the_mode_decides_the_network(play: Play, mode: str, bar: str) -> None:
    answer = play.user("set_network_mode_preference", mode=mode)
    assert answer.content == f"Preferred Network Mode set to: {mode}\nStatus Bar: {bar}"


@pytest.mark.parametrize("mode", ["5G", "lte", "", "4G_ONLY"])
def test_an_unknown_mode_is_a_text_without_the_flag_and_changes_nothing(play: Play, mode: str) -> None:
    before = play.core.user_hash()
    answer = play.user("set_network_mode_preference", mode=mode)
    assert not answer.error
    assert answer.content.startswith(
        f"Failed to set network mode: '{mode}' is not a valid option. Please use one of: 4g_5g_preferred, "
        "4g_only, 3g_only, 2g_only\nStatus Bar: "
    )
    assert play.core.user_hash() == before


def test_no_mode_at_all_is_stored_and_falls_back_to_4g(play: Play) -> None:
    answer = play.user("set_network_mode_preference", mode=None)
    assert "'None' is not a valid option" in answer.content
    assert "4G" in play.bar()
    assert play.user("check_network_mode_preference").outcome == "type"


@pytest.mark.parametrize(
    ("prepare", "result"),
    [
        ({}, "275.00 Mbps (Excellent). Connection is very fast."),
        (
            {"break_vpn": {}},
            "27.50 Mbps (Good). Connection is good for most activities, including HD streaming.",
        ),
        ({"turn_data_saver_mode_on": {}}, "55.00 Mbps (Good)."),
        ({"break_vpn": {}, "turn_data_saver_mode_on": {}}, "5.50 Mbps (Fair)."),
        ({"set_network_mode_preference": {"mode": "4g_only"}}, "44.00 Mbps (Good)."),
        ({"set_network_mode_preference": {"mode": "3g_only"}}, "1.50 Mbps (Poor)."),
        ({"set_network_mode_preference": {"mode": "2g_only"}}, "0.05 Mbps (Very Poor)."),
    ],
)
def test_speed_is_that_of_network_signal_vpn_and_saver(
    play: Play, prepare: dict[str, dict[str, Any]], result: str
) -> None:
    play.set("simulate_network_search")
    for function, arguments in prepare.items():
        play.set(function, **arguments)
    assert play.user("run_speed_test").content.startswith(f"Speed Test Result: {result}")


@pytest.mark.parametrize(
    "prepare",
    [
        {"turn_data_off": {}},
        {"turn_airplane_mode_on": {}},
        {"unseat_sim_card": {}},
        {"break_apn_settings": {}},
        {"set_user_location": {"abroad": True}},
    ],
)
def test_without_a_connection_there_is_no_speed(play: Play, prepare: dict[str, dict[str, Any]]) -> None:
    for function, arguments in prepare.items():
        play.set(function, **arguments)
    assert play.user("run_speed_test").content == "Speed test failed: No Connection."


def test_abroad_both_switches_must_be_on(play: Play) -> None:
    play.set("set_user_location", abroad=True)
    play.user("toggle_roaming")
    assert play.user("run_speed_test").content == "Speed test failed: No Connection."
    play.agent("enable_roaming", customer_id="C1", line_id="L1")
    assert "Excellent" in play.user("run_speed_test").content


def test_a_missing_card_is_put_in_and_a_locked_one_stays_locked(play: Play) -> None:
    play.set("unseat_sim_card")
    assert play.user("check_sim_status").content == "No SIM card detected in the phone."
    assert play.bar() == NONE
    assert play.user("reseat_sim_card").content == f"SIM card re-seated successfully.\nStatus Bar: {FULL}"
    play.set("lock_sim_card", mode="puk")
    play.user("reseat_sim_card")
    assert play.user("check_sim_status").content == "The SIM card is locked with a PUK code."


def test_access_point_settings_are_reset_by_the_next_restart(play: Play) -> None:
    play.set("break_apn_settings")
    assert (
        play.user("reset_apn_settings").content == f"APN settings will reset at reboot.\nStatus Bar: {NONE}"
    )
    assert play.user("reboot_device").content == (
        f"Resetting APN settings...\nRestarting network services...\nStatus Bar: {FULL}"
    )
    assert play.user("reboot_device").content == f"Restarting network services...\nStatus Bar: {FULL}"


def test_new_access_point_settings_replace_all_old_ones(play: Play) -> None:
    play.user("reset_apn_settings")
    answer = play.user("set_apn_settings", apn_settings={"mmsc_url": "", "mms_port": "80"})
    assert answer.content.startswith("APN settings set to: internet\n")
    stored = play.core.user_state()["device"]["active_apn_settings"]
    assert (stored["reset_at_reboot"], stored["mmsc_url"], stored["mms_port"]) == (False, "", 80)
    assert "MMSC URL (for picture messages): Not Set" in play.user("check_apn_settings").content


@pytest.mark.parametrize("settings", [{"apn_name": "x"}, {"y": 1}, {"mms_port": "z"}, None, "internet", []])
def test_settings_that_are_none_change_nothing(play: Play, settings: Any) -> None:
    before = play.core.user_hash()
    assert play.user("set_apn_settings", apn_settings=settings).error
    assert play.core.user_hash() == before


def test_a_broken_vpn_stays_broken_in_this_world_alone(play: Play, database: Any) -> None:
    play.set("break_vpn")
    play.user("disconnect_vpn")
    play.user("connect_vpn")
    assert "<PerformanceLevel.POOR: 'poor'>" in play.user("check_vpn_status").content
    other = Play(type(play.core)(database))
    other.user("connect_vpn")
    assert other.user("check_vpn_status").content == (
        "VPN is ON and connected. Details: {'server_address': '192.168.1.1', 'protocol': 'OpenVPN', "
        "'server_performance': <PerformanceLevel.EXCELLENT: 'excellent'>}"
    )
    assert other.user("connect_vpn").content == "VPN already connected."


def test_permissions_are_granted_in_any_case_and_failures_carry_no_flag(play: Play) -> None:
    play.set("remove_app_permission", app_name="messaging", permission="sms")
    assert play.user("check_app_permissions", app_name="messaging").content == (
        "App 'messaging' has permission for: storage, phone."
    )
    assert play.user("can_send_mms").content == "Your messaging app cannot send MMS messages."
    granted = play.user("grant_app_permission", app_name="messaging", permission="SMS")
    assert granted.content.startswith("Success. Permission 'sms' granted to app 'messaging'.\n")
    assert play.user("can_send_mms").content == "Your messaging app can send MMS messages."
    unknown = play.user("grant_app_permission", app_name="messaging", permission="camera")
    assert unknown.content.startswith(
        "Error. Permission 'camera' not tracked for app 'messaging', available permissions: "
        "['sms', 'storage', 'phone', 'network']\n"
    )
    missing = play.user("grant_app_permission", app_name="maps", permission="sms")
    assert missing.content.startswith("Error. App 'maps' not found. Cannot grant permission.\n")
    assert {unknown.error, missing.error} == {False}
    assert play.user("grant_app_permission", app_name="messaging", permission=None).outcome == "type"


def test_an_app_shows_what_it_may_use(play: Play) -> None:
    assert play.user("check_app_status", app_name="browser").content == (
        "Status for App: browser\n - Permissions Granted:\n   - storage\n   - network"
    )
    for permission in ("storage", "network"):
        play.set("remove_app_permission", app_name="browser", permission=permission)
    assert play.user("check_app_status", app_name="browser").content == (
        "Status for App: browser\n - Permissions: None granted."
    )
    assert play.user("check_app_permissions", app_name="browser").content == (
        "App 'browser' currently has no permissions granted."
    )
    assert play.user("check_app_status", app_name="x").content == "App 'x' not found on this phone."


@pytest.mark.parametrize(
    "prepare",
    [
        {"set_network_mode_preference": {"mode": "2g_only"}},
        {"set_wifi_calling": {"enabled": True, "mms_over_wifi": True}},
        {"break_apn_mms_setting": {}},
        {"remove_app_permission": {"app_name": "messaging", "permission": "storage"}},
        {"turn_data_off": {}},
    ],
)
def test_picture_messages_need_more_than_one_thing(play: Play, prepare: dict[str, dict[str, Any]]) -> None:
    for function, arguments in prepare.items():
        play.set(function, **arguments)
    assert play.user("can_send_mms").content == "Your messaging app cannot send MMS messages."


def test_the_connection_page_lists_every_switch(play: Play) -> None:
    assert play.user("check_network_status").content == (
        "Airplane Mode: OFF\nSIM Card Status: active\nCellular Connection: connected\nCellular Signal: good\n"
        "Cellular Network Type: 5G\nMobile Data Enabled: Yes\nData Roaming Enabled: No\nWi-Fi Radio: OFF\n"
        "Wi-Fi Connected: No"
    )


def test_wrong_signatures_name_the_phones_class(play: Play) -> None:
    answer = play.user("check_app_status")
    assert answer.content == (
        "Error: TelecomUserTools.check_app_status() missing 1 required positional argument: 'app_name'"
    )
    assert play.user("get_customer_by_id", customer_id="C1").outcome == "unknown_tool"
