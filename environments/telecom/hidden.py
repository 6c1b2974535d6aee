"""Hidden functions: how a task prepares the world. Nobody can call them as tools.

Names, parameters and results are those of tau2-bench 1.0.1. Each returns what its step of the initialisation
shows: a text, null, or a list.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from agentbench_sdk.environments.telecom import network
from agentbench_sdk.environments.telecom.errors import TelecomError
from agentbench_sdk.environments.telecom.office import TODAY, Office
from agentbench_sdk.environments.telecom.phone import Handset
from agentbench_sdk.environments.telecom.phone_tools import (
    connect_vpn,
    set_permission,
    toggle_airplane_mode,
    toggle_data,
    toggle_data_saver_mode,
    toggle_roaming,
)
from agentbench_sdk.environments.telecom.records import Bill, LineItem

_CONTRACT_ENDED = "2025-01-31"


def _on(value: object) -> str:
    return "ON" if value else "OFF"


# --- the user's side --------------------------------------------------------------------------------


def set_user_info(handset: Handset, name: str, phone_number: str) -> None:
    handset.surroundings.name, handset.surroundings.phone_number = name, phone_number


def set_user_location(handset: Handset, abroad: bool) -> None:
    handset.surroundings.is_abroad = abroad


def _switch(handset: Handset, toggle: Callable[[Handset], str], field: str, *, wanted: bool) -> None:
    """Toggle; once more when that was the wrong way, with all that toggling brings with it."""
    toggle(handset)
    if getattr(handset.phone, field) is not wanted:
        toggle(handset)


def _airplane(handset: Handset, *, wanted: bool) -> str:
    _switch(handset, toggle_airplane_mode, "airplane_mode", wanted=wanted)
    return f"Airplane Mode is now {_on(wanted)}."


def turn_airplane_mode_on(handset: Handset) -> str:
    return _airplane(handset, wanted=True)


def turn_airplane_mode_off(handset: Handset) -> str:
    return _airplane(handset, wanted=False)


def turn_data_on(handset: Handset) -> str:
    handset.phone.data_enabled = True  # without a search
    return "Data connection restored."


def turn_data_off(handset: Handset) -> str:
    _switch(handset, toggle_data, "data_enabled", wanted=False)
    return "Data connection broken."


def _roaming(handset: Handset, *, wanted: bool) -> str:
    _switch(handset, toggle_roaming, "roaming_enabled", wanted=wanted)
    return f"Data Roaming is now {_on(wanted)}."


def turn_roaming_on(handset: Handset) -> str:
    return _roaming(handset, wanted=True)


def turn_roaming_off(handset: Handset) -> str:
    return _roaming(handset, wanted=False)


def _data_saver(handset: Handset, *, wanted: bool) -> str:
    _switch(handset, toggle_data_saver_mode, "data_saver_mode", wanted=wanted)
    return f"Data Saver Mode is now {_on(wanted)}."


def turn_data_saver_mode_on(handset: Handset) -> str:
    return _data_saver(handset, wanted=True)


def turn_data_saver_mode_off(handset: Handset) -> str:
    return _data_saver(handset, wanted=False)


def unseat_sim_card(handset: Handset) -> str:
    handset.phone.sim_card_missing = True
    network.search(handset)
    return "SIM card un-seated successfully."


def lock_sim_card(handset: Handset, mode: str) -> str:
    if mode not in ("pin", "puk"):
        raise TelecomError(f"a SIM card is locked by pin or puk, not by {mode!r}")
    handset.phone.sim_card_status = "locked_pin" if mode == "pin" else "locked_puk"
    network.search(handset)
    return f"SIM card locked successfully in {mode} mode."


def break_apn_settings(handset: Handset) -> str:
    phone = handset.phone
    phone.active_apn_settings = replace(phone.active_apn_settings, apn_name="broken")
    network.search(handset)
    return "APN settings broken. Please call reset_apn_settings() to fix."


def break_apn_mms_setting(handset: Handset) -> str:
    phone = handset.phone
    phone.active_apn_settings = replace(phone.active_apn_settings, mmsc_url=None)
    return "APN MMS setting broken. Please call reset_apn_settings() to fix."


def set_wifi_calling(handset: Handset, enabled: bool, mms_over_wifi: bool | None = None) -> str:
    handset.phone.wifi_calling_enabled = enabled
    text = f"Wi-Fi Calling is now {_on(enabled)}."
    if mms_over_wifi is None:
        return text
    handset.phone.wifi_calling_mms_over_wifi = mms_over_wifi
    return f"{text}\nMMS over Wi-Fi is now {_on(mms_over_wifi)}."


def break_vpn(handset: Handset) -> str:
    """Spoil the connection and the profile: whoever connects again gets a poor one again."""
    connect_vpn(handset)
    if handset.phone.vpn_details is None:
        raise TelecomError("the VPN is connected without details, which cannot be broken")
    handset.vpn_profile = replace(handset.vpn_profile, server_performance="poor")
    handset.phone.vpn_details = replace(handset.phone.vpn_details, server_performance="poor")
    return "VPN connection broken."


def remove_app_permission(handset: Handset, app_name: str, permission: str) -> list[Any]:
    app = handset.phone.app_statuses.get(app_name)
    if app is None:
        return [False, f"App '{app_name}' not found."]
    if permission.lower() not in app.permissions.shown():
        return [False, f"Permission '{permission}' not tracked for app '{app_name}'."]
    set_permission(handset, app_name, permission.lower(), granted=False)
    return [True, f"Permission '{permission}' removed from app '{app_name}'."]


def simulate_network_search(handset: Handset) -> None:
    network.search(handset)


# --- the agent's side -------------------------------------------------------------------------------


def set_data_usage(office: Office, customer_id: str, line_id: str, data_used_gb: float) -> str:
    line = office.target_line(customer_id, line_id)
    office.put_line(replace(line, data_used_gb=data_used_gb))
    return f"Data usage set to {data_used_gb} GB for line {line_id}"


def suspend_line_for_overdue_bill(
    office: Office, customer_id: str, line_id: str, new_bill_id: str, contract_ended: bool
) -> str:
    line = office.line(line_id)
    if line.status != "Active":
        raise TelecomError("Line must be active to suspend for unpaid bill")
    price = office.plan(line.plan_id).price_per_month
    if price <= 0:
        raise TelecomError("Plan price must be positive")
    customer = office.customer(customer_id)
    if any(bill.status == "Overdue" for bill in office.bills_of(customer)):
        raise TelecomError("Customer already has an overdue bill")
    if new_bill_id in office.bills:
        raise TelecomError(f"there is a bill {new_bill_id} already")
    bill = _january_bill(line_id, customer_id, new_bill_id, price)
    office.put_bill(bill)
    office.put_customer(replace(customer, bill_ids=(*customer.bill_ids, new_bill_id)))
    end = _CONTRACT_ENDED if contract_ended else line.contract_end_date
    office.put_line(replace(line, status="Suspended", suspension_start_date=TODAY, contract_end_date=end))
    return f"Line {line_id} suspended for unpaid bill {new_bill_id}. Contract ended: {contract_ended}"


def _january_bill(line_id: str, customer_id: str, bill_id: str, price: float) -> Bill:
    return Bill(
        bill_id,
        customer_id,
        period_start="2025-01-01",
        period_end="2025-01-31",
        issue_date="2025-01-01",
        total_due=price,
        due_date="2025-01-15",
        line_items=(LineItem(f"Charge for line {line_id}", price, TODAY, "Charge"),),
        status="Overdue",
    )


def _table(*functions: Callable[..., Any]) -> Mapping[str, Callable[..., Any]]:
    return {function.__name__: function for function in functions}


USER_FUNCTIONS = _table(
    set_user_info,
    set_user_location,
    turn_airplane_mode_on,
    turn_airplane_mode_off,
    turn_data_on,
    turn_data_off,
    turn_roaming_on,
    turn_roaming_off,
    turn_data_saver_mode_on,
    turn_data_saver_mode_off,
    unseat_sim_card,
    lock_sim_card,
    break_apn_settings,
    break_apn_mms_setting,
    set_wifi_calling,
    break_vpn,
    remove_app_permission,
    simulate_network_search,
)
OFFICE_FUNCTIONS = _table(set_data_usage, suspend_line_for_overdue_bill)
