"""The texts that an agent is given name every tool that its work needs, and fit how the agent works."""

from importlib.resources import files

import pytest

from agentbench_sdk.environments.telecom.own import own_data

DESK = {
    "get_customer_by_phone",
    "get_customer_by_id",
    "get_customer_by_name",
    "get_details_by_id",
    "suspend_line",
    "resume_line",
    "get_bills_for_customer",
    "send_payment_request",
    "get_data_usage",
    "enable_roaming",
    "refuel_data",
    "transfer_to_human_agents",
}
CHECKS = {
    "check_status_bar",
    "check_network_status",
    "check_network_mode_preference",
    "run_speed_test",
    "check_data_restriction_status",
    "check_sim_status",
    "check_apn_settings",
    "check_wifi_status",
    "check_wifi_calling_status",
    "check_vpn_status",
    "check_installed_apps",
    "check_app_status",
    "check_app_permissions",
    "can_send_mms",
    "check_payment_request",
}
REPAIRS = {
    "toggle_airplane_mode",
    "reseat_sim_card",
    "toggle_data",
    "toggle_roaming",
    "toggle_data_saver_mode",
    "set_network_mode_preference",
    "reset_apn_settings",
    "set_apn_settings",
    "toggle_wifi",
    "toggle_wifi_calling",
    "connect_vpn",
    "disconnect_vpn",
    "grant_app_permission",
    "reboot_device",
    "make_payment",
}
VARIANTS = [(solo, workflow) for solo in (False, True) for workflow in (False, True)]


@pytest.mark.parametrize(("solo", "workflow"), VARIANTS)
def test_every_variant_names_all_tools_of_desk_and_phone(solo: bool, workflow: bool) -> None:
    text = own_data().policy(solo=solo, workflow=workflow)
    assert [tool for tool in sorted(DESK | CHECKS | REPAIRS) if f"`{tool}`" not in text] == []


@pytest.mark.parametrize(("solo", "workflow"), VARIANTS)
def test_rules_and_guide_stand_in_their_tags(solo: bool, workflow: bool) -> None:
    text = own_data().policy(solo=solo, workflow=workflow)
    rules, guide = text.split("\n</main_policy>\n<tech_support_policy>\n")
    assert rules.startswith("<main_policy>\n")
    assert guide.endswith("\n</tech_support_policy>")


def test_only_an_agent_with_a_customer_announces_a_transfer() -> None:
    announcement = "YOU ARE BEING TRANSFERRED TO A HUMAN AGENT. PLEASE HOLD ON."
    assert announcement in own_data().policy()
    assert announcement not in own_data().policy(solo=True)


def test_only_an_agent_on_tickets_calls_done_and_needs_the_ticket_s_consent() -> None:
    assert "`done`" in own_data().policy(solo=True)
    assert "`done`" not in own_data().policy()


@pytest.mark.parametrize("name", ["policy.md", "policy_solo.md"])
def test_the_rules_tell_what_the_tools_do_not_enforce(name: str) -> None:
    """No tool checks an overdue state, a contract's end, a limit of extra data or a birth date."""
    text = files("agentbench_sdk.environments.telecom.own").joinpath("data", name).read_text(encoding="utf-8")
    for said in ("2 GB", "Overdue", "ontract ended", "PIN or PUK", "date of birth", "25 February 2025"):
        assert said in text, said


def test_the_same_manual_serves_with_and_without_a_customer() -> None:
    guides = [own_data().policy(solo=solo).split("<tech_support_policy>")[1] for solo in (False, True)]
    assert guides[0] == guides[1]
