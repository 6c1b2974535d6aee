"""The agent's tools: what they find, change and refuse, in the words of the protocol."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.environments.telecom.conftest import NUMBER, Play


def shown(play: Play, tool: str, **arguments: Any) -> Any:
    answer = play.agent(tool, **arguments)
    assert not answer.error, answer.content
    return json.loads(answer.content)


def test_customers_are_found_by_contact_number_and_by_any_of_their_lines(play: Play) -> None:
    assert shown(play, "get_customer_by_phone", phone_number=NUMBER)["customer_id"] == "C1"
    assert shown(play, "get_customer_by_phone", phone_number="555-0102")["customer_id"] == "C2"
    assert play.agent("get_customer_by_phone", phone_number="1").content == (
        "Error: Customer with phone number 1 not found"
    )


def test_names_are_found_in_any_case_and_birth_dates_as_they_are_written(play: Play) -> None:
    found = shown(play, "get_customer_by_name", full_name="ADA byron", dob="1990-01-02")
    assert [each["customer_id"] for each in found] == ["C1"]
    assert shown(play, "get_customer_by_name", full_name="Ada Byron", dob="1990-1-2") == []


@pytest.mark.parametrize(
    ("id", "key"),
    [("L1", "line_id"), ("D1", "device_id"), ("B1", "bill_id"), ("C1", "customer_id"), ("P1", "plan_id")],
)
def test_details_are_told_by_the_first_letter_of_an_id(play: Play, id: str, key: str) -> None:
    assert shown(play, "get_details_by_id", id=id)[key] == id


@pytest.mark.parametrize(
    ("id", "error"),
    [
        ("l1", "Unknown ID format or type: l1"),
        ("", "Unknown ID format or type: "),
        ("Lost", "Line with ID Lost not found"),
        ("Paul", "Plan with ID Paul not found"),
    ],
)
def test_ids_are_taken_to_the_letter(play: Play, id: str, error: str) -> None:
    answer = play.agent("get_details_by_id", id=id)
    assert (answer.content, answer.error, answer.outcome) == (f"Error: {error}", True, "domain")


def test_bills_come_latest_first_and_as_many_as_are_wanted(play: Play) -> None:
    bills = shown(play, "get_bills_for_customer", customer_id="C1")
    assert [each["bill_id"] for each in bills] == ["B3", "B2", "B1"]
    for limit, count in ((0, 0), (1, 1), (-1, 2), (None, 3)):
        assert len(shown(play, "get_bills_for_customer", customer_id="C1", limit=limit)) == count
    assert play.agent("get_bills_for_customer", customer_id="C1", limit="2").outcome == "type"


def test_a_line_is_suspended_once_and_resumed_once(play: Play) -> None:
    told = shown(play, "suspend_line", customer_id="C1", line_id="L1", reason=None)
    assert told["message"] == "Line suspended successfully. $5/month holding fee will apply."
    assert (told["line"]["status"], told["line"]["suspension_start_date"]) == ("Suspended", "2025-02-25")
    again = play.agent("suspend_line", customer_id="C1", line_id="L1", reason="x")
    assert again.content == "Error: Line must be active to suspend"
    told = shown(play, "resume_line", customer_id="C1", line_id="L1")
    assert (told["line"]["status"], told["line"]["suspension_start_date"]) == ("Active", None)
    again = play.agent("resume_line", customer_id="C1", line_id="L1")
    assert again.content == "Error: Line must be suspended to resume"
    assert shown(play, "resume_line", customer_id="C2", line_id="L3")["line"]["status"] == "Active"


def test_a_line_of_somebody_else_is_not_touched(play: Play) -> None:
    for tool, more in (("suspend_line", {"reason": ""}), ("enable_roaming", {}), ("get_data_usage", {})):
        answer = play.agent(tool, customer_id="C1", line_id="L3", **more)
        assert answer.content == "Error: Line L3 not found for customer C1"
        answer = play.agent(tool, customer_id="C9", line_id="L3", **more)
        assert answer.content == "Error: Customer with ID C9 not found"


def test_one_bill_at_a_time_can_await_its_payment(play: Play) -> None:
    """Whatever its status was; another customer's bill awaits it for ever."""
    answer = play.agent("send_payment_request", customer_id="C1", bill_id="B1")
    assert answer.content == "Payment request sent to the customer for bill B1"
    answer = play.agent("send_payment_request", customer_id="C1", bill_id="none")
    assert answer.content == "Error: A bill is already awaiting payment for this customer"
    answer = play.agent("send_payment_request", customer_id="C2", bill_id="B1")
    assert answer.content == "Error: Bill B1 not found for customer C2"


def test_numbers_directly_in_a_mapping_are_shown_as_texts(play: Play) -> None:
    assert play.agent("get_data_usage", customer_id="C1", line_id="L1").content == (
        '{"line_id": "L1", "data_used_gb": "1.5", "data_limit_gb": "5.0", "data_refueling_gb": "0.0", '
        '"cycle_end_date": "2025-02-28"}'
    )


def test_roaming_is_switched_and_told_if_it_was_already(play: Play) -> None:
    for tool, text in (
        ("enable_roaming", "Roaming enabled successfully"),
        ("enable_roaming", "Roaming was already enabled"),
        ("disable_roaming", "Roaming disabled successfully"),
        ("disable_roaming", "Roaming was already disabled"),
    ):
        assert play.agent(tool, customer_id="C1", line_id="L1").content == text


@pytest.mark.parametrize(("amount", "shown_amount"), [(2, "2"), (2.0, "2.0"), (0.1, "0.1")])
def test_refuelling_keeps_numbers_as_they_were_given(play: Play, amount: Any, shown_amount: str) -> None:
    told = shown(play, "refuel_data", customer_id="C1", line_id="L1", gb_amount=amount)
    assert told["message"].startswith(f"Successfully added {shown_amount} GB of data for line L1 for $")
    (item,) = play.core.agent_state()["bills"][2]["line_items"]
    assert item["description"] == f"Data refueling: {shown_amount} GB at $2.0/GB"
    assert item["amount"] == amount * 2.0


def test_without_a_draft_a_new_bill_is_made_with_an_id_of_the_worlds_seed(play: Play) -> None:
    shown(play, "refuel_data", customer_id="C2", line_id="L3", gb_amount=1)
    (made,) = play.core.generated_bill_ids
    bill = play.core.agent_state()["bills"][-1]
    assert (bill["bill_id"], bill["status"], bill["total_due"]) == (made, "Draft", 2.0)
    assert play.core.agent_state()["customers"][1]["bill_ids"] == ["B4", made]
    shown(play, "refuel_data", customer_id="C2", line_id="L3", gb_amount=1)
    assert len(play.core.agent_state()["bills"]) == 5


@pytest.mark.parametrize(
    ("amount", "outcome"), [(0, "domain"), (-1.0, "domain"), (None, "type"), ("2", "type"), ([2], "type")]
)
def test_what_is_no_amount_changes_nothing(play: Play, amount: Any, outcome: str) -> None:
    before = play.core.agent_hash()
    assert play.agent("refuel_data", customer_id="C1", line_id="L1", gb_amount=amount).outcome == outcome
    assert play.core.agent_hash() == before


def test_a_transfer_changes_nothing(play: Play) -> None:
    before = play.core.agent_hash()
    assert play.agent("transfer_to_human_agents", summary="").content == "Transfer successful"
    assert play.core.agent_hash() == before


@pytest.mark.parametrize(
    ("tool", "arguments", "told"),
    [
        ("get_customer_by_id", {}, "missing 1 required positional argument: 'customer_id'"),
        ("enable_roaming", {}, "missing 2 required positional arguments: 'customer_id' and 'line_id'"),
        (
            "refuel_data",
            {},
            "missing 3 required positional arguments: 'customer_id', 'line_id', and 'gb_amount'",
        ),
        ("get_customer_by_id", {"x": 1, "y": 2}, "got an unexpected keyword argument 'x'"),
        ("get_bills_for_customer", {"limit": 1, "n": 2}, "got an unexpected keyword argument 'n'"),
    ],
)
def test_wrong_signatures_are_told_as_python_does(
    play: Play, tool: str, arguments: dict[str, Any], told: str
) -> None:
    answer = play.agent(tool, **arguments)
    assert answer.content == f"Error: TelecomTools.{tool}() {told}"
    assert answer.outcome == "signature"


@pytest.mark.parametrize("name", ["tool_name", "requestor", "self"])
def test_names_that_the_dispatcher_takes_are_refused(play: Play, name: str) -> None:
    answer = play.core.call("agent", "get_customer_by_id", {"customer_id": "C1", name: "x"})
    assert (answer.error, answer.outcome) == (True, "signature")


@pytest.mark.parametrize("name", ["check_status_bar", "set_data_usage", "assert_line_status", "nothing", ""])
def test_the_agent_has_its_own_tools_alone(play: Play, name: str) -> None:
    answer = play.agent(name)
    assert (answer.content, answer.outcome) == (f"Error: Tool '{name}' not found.", "unknown_tool")
