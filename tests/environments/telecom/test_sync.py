"""What one side does reaches the other: line, roaming, data, payments; and no more than that."""

from __future__ import annotations

from typing import Any

import pytest

from agentbench_sdk.environments.telecom.core import TelecomCore
from agentbench_sdk.environments.telecom.database import Database
from agentbench_sdk.environments.telecom.errors import TelecomError
from tests.environments.telecom.conftest import NUMBER, Play


def around(play: Play) -> Any:
    return play.core.user_state()["surroundings"]


def test_a_suspended_line_is_noticed_at_the_next_search(play: Play) -> None:
    play.agent("suspend_line", customer_id="C1", line_id="L1", reason="")
    assert around(play)["line_active"] is False
    assert "5G" in play.bar()
    assert "No Signal" in play.user("reboot_device").content
    play.agent("resume_line", customer_id="C1", line_id="L1")
    assert "No Signal" in play.bar()
    assert "5G" in play.user("reboot_device").content


def test_data_at_the_limit_are_used_up_until_refuelled(play: Play) -> None:
    for used, exceeded in ((4.9, False), (5.0, True), (5.1, True)):
        play.office("set_data_usage", customer_id="C1", line_id="L1", data_used_gb=used)
        assert around(play)["mobile_data_usage_exceeded"] is exceeded
    play.agent("refuel_data", customer_id="C1", line_id="L1", gb_amount=0.2)
    assert around(play)["mobile_data_usage_exceeded"] is False


def test_a_bill_is_paid_on_the_phone_and_noted_in_the_office(play: Play) -> None:
    assert play.user("check_payment_request").content == "No payment request has been made."
    assert play.user("make_payment").content == "You do not have a payment request."
    play.agent("send_payment_request", customer_id="C1", bill_id="B2")
    assert play.user("check_payment_request").content == "You have a payment request for bill B2 of 22.5 USD."
    assert play.user("make_payment").content == "Payment of 22.5 USD has been made for bill B2."
    assert around(play)["payment_request"] is None
    assert play.core.agent_state()["bills"][1]["status"] == "Paid"


def test_the_amount_is_that_of_the_moment_of_the_request(play: Play) -> None:
    play.agent("send_payment_request", customer_id="C1", bill_id="B3")
    play.agent("refuel_data", customer_id="C1", line_id="L1", gb_amount=1)
    assert around(play)["payment_request"]["amount_due"] == 0.0


def test_another_customers_bill_reaches_no_phone(play: Play) -> None:
    play.agent("send_payment_request", customer_id="C2", bill_id="B4")
    assert around(play)["payment_request"] is None
    assert play.core.agent_state()["bills"][3]["status"] == "Awaiting Payment"


def test_a_phone_without_an_owner_is_left_alone(database: Database) -> None:
    core = TelecomCore(database)
    core.call("agent", "suspend_line", {"customer_id": "C1", "line_id": "L1", "reason": ""})
    assert core.user_state()["surroundings"]["line_active"] is True
    with pytest.raises(TelecomError, match="Line with phone number 1 not found"):
        core.run("user", "set_user_info", {"name": "x", "phone_number": "1"})


def test_references_are_executed_without_a_sync(play: Play) -> None:
    play.core.attempt_unsynced(
        "assistant", "suspend_line", {"customer_id": "C1", "line_id": "L1", "reason": ""}
    )
    play.core.attempt_unsynced("assistant", "nothing", {})
    assert around(play)["line_active"] is True
    before = play.core.user_hash()
    play.core.sync()
    assert around(play)["line_active"] is False
    assert play.core.user_hash() != before


def test_an_overdue_bill_suspends_the_line_and_may_end_its_contract(play: Play) -> None:
    play.agent("send_payment_request", customer_id="C1", bill_id="B2")
    play.user("make_payment")
    given = play.office(
        "suspend_line_for_overdue_bill", customer_id="C1", line_id="L1", new_bill_id="B9", contract_ended=True
    )
    assert given == "Line L1 suspended for unpaid bill B9. Contract ended: True"
    line, bill = play.core.agent_state()["lines"][0], play.core.agent_state()["bills"][-1]
    assert (line["status"], line["contract_end_date"]) == ("Suspended", "2025-01-31")
    assert (bill["bill_id"], bill["status"], bill["total_due"]) == ("B9", "Overdue", 20.0)
    with pytest.raises(TelecomError, match="Line must be active to suspend for unpaid bill"):
        play.office(
            "suspend_line_for_overdue_bill",
            customer_id="C1",
            line_id="L1",
            new_bill_id="B8",
            contract_ended=False,
        )


def test_what_no_function_is_called_is_refused(play: Play) -> None:
    with pytest.raises(TelecomError, match="no function 'x' on the side of the user"):
        play.set("x")
    with pytest.raises(TelecomError, match="no function 'get_customer_by_id' on the side of the user"):
        play.set("get_customer_by_id", customer_id="C1")
    assert play.office("enable_roaming", customer_id="C1", line_id="L1") == "Roaming enabled successfully"
    assert around(play)["phone_number"] == NUMBER
