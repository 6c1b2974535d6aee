"""Assertions: statements about the state of the world that a task may make; each says whether it is so.

Names and meanings are those of tau2-bench 1.0.1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from agentbench_sdk.environments.telecom import network
from agentbench_sdk.environments.telecom.errors import TelecomError
from agentbench_sdk.environments.telecom.office import Office
from agentbench_sdk.environments.telecom.phone import Handset

_CLOSE = 1e-6


# --- of the phone -----------------------------------------------------------------------------------


def assert_airplane_mode_status(handset: Handset, expected_status: bool) -> bool:
    return handset.phone.airplane_mode == expected_status


def assert_service_status(handset: Handset, expected_status: str) -> bool:
    return handset.phone.network_connection_status == expected_status


def assert_mobile_data_status(handset: Handset, expected_status: bool) -> bool:
    return network.data_works(handset) == expected_status


def assert_mobile_roaming_status(handset: Handset, expected_status: bool) -> bool:
    return handset.phone.roaming_enabled == expected_status


def assert_mobile_data_saver_mode_status(handset: Handset, expected_status: bool) -> bool:
    return handset.phone.data_saver_mode == expected_status


def assert_internet_speed(handset: Handset, expected_speed: float, expected_desc: str | None = None) -> bool:
    speed, label = network.speed(handset)
    if (speed or 0.0) < expected_speed:
        return False
    return expected_desc is None or label.lower() == expected_desc.lower()


def assert_internet_not_excellent(handset: Handset) -> bool:
    return network.speed(handset)[1] != "Excellent"


def assert_can_send_mms(handset: Handset, expected_status: bool) -> bool:
    return network.mms_works(handset) == expected_status


def assert_mobile_data_usage_exceeded(handset: Handset, expected_status: bool) -> bool:
    return handset.surroundings.mobile_data_usage_exceeded == expected_status


# --- of the back office -----------------------------------------------------------------------------


def assert_data_refueling_amount(
    office: Office, customer_id: str, line_id: str, expected_amount: float
) -> bool:
    line = office.target_line(customer_id, line_id)
    return abs(line.data_refueling_gb - expected_amount) < _CLOSE


def assert_line_status(office: Office, customer_id: str, line_id: str, expected_status: str) -> bool:
    return office.target_line(customer_id, line_id).status == expected_status


def assert_overdue_bill_exists(office: Office, overdue_bill_id: str) -> bool:
    if office.bill(overdue_bill_id).status != "Overdue":
        raise TelecomError(f"Bill {overdue_bill_id} is not overdue")
    return True


def assert_no_overdue_bill(office: Office, overdue_bill_id: str) -> bool:
    """Whether there is no such bill, or it is paid: one that awaits its payment still counts."""
    bill = office.bills.get(overdue_bill_id)
    return bill is None or bill.status == "Paid"


def _table(*functions: Callable[..., bool]) -> Mapping[str, Callable[..., Any]]:
    return {function.__name__: function for function in functions}


USER_ASSERTIONS = _table(
    assert_airplane_mode_status,
    assert_service_status,
    assert_mobile_data_status,
    assert_mobile_roaming_status,
    assert_mobile_data_saver_mode_status,
    assert_internet_speed,
    assert_internet_not_excellent,
    assert_can_send_mms,
    assert_mobile_data_usage_exceeded,
)
OFFICE_ASSERTIONS = _table(
    assert_data_refueling_amount,
    assert_line_status,
    assert_overdue_bill_exists,
    assert_no_overdue_bill,
)
