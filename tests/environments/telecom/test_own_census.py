"""The carrier's customer base: made again byte for byte, sound, and full of people to be told apart."""

import re
from collections import Counter
from importlib.resources import files
from typing import Any

from agentbench_sdk.environments.telecom.own import census
from agentbench_sdk.environments.telecom.own.callers import callers, records

AGENT: dict[str, Any] = records()["agent_db"]


def test_the_census_that_ships_is_the_one_that_the_script_makes() -> None:
    shipped = files("agentbench_sdk.environments.telecom.own").joinpath("data/database.json")
    assert shipped.read_text(encoding="utf-8") == census.text(census.Census().draw())


def test_every_id_and_number_is_unique() -> None:
    for table in ("plans", "customers", "lines", "bills", "devices"):
        ids = [row[f"{table[:-1]}_id"] for row in AGENT[table]]
        assert len(ids) == len(set(ids)), table
    numbers = [line["phone_number"] for line in AGENT["lines"]]
    assert len(numbers) == len(set(numbers))


def test_every_number_is_kept_free_for_fiction() -> None:
    numbers = [line["phone_number"] for line in AGENT["lines"]]
    numbers += [customer["phone_number"] for customer in AGENT["customers"]]
    assert [number for number in numbers if not re.fullmatch(r"\d{3}-555-01\d\d", number)] == []


def test_records_point_at_records_that_exist_and_belong_to_one_account() -> None:
    known = {table: {row[f"{table[:-1]}_id"] for row in AGENT[table]} for table in AGENT}
    lines = [line for customer in AGENT["customers"] for line in customer["line_ids"]]
    bills = [bill for customer in AGENT["customers"] for bill in customer["bill_ids"]]
    assert Counter(lines) == Counter(known["lines"])
    assert Counter(bills) == Counter(known["bills"])
    assert Counter(line["device_id"] for line in AGENT["lines"]) == Counter(known["devices"])
    assert {line["plan_id"] for line in AGENT["lines"]} == known["plans"]
    for customer in AGENT["customers"]:
        mine = [bill["bill_id"] for bill in AGENT["bills"] if bill["customer_id"] == customer["customer_id"]]
        assert mine == customer["bill_ids"]


def test_bills_add_up() -> None:
    for bill in AGENT["bills"]:
        assert bill["total_due"] == round(sum(item["amount"] for item in bill["line_items"]), 2)


def test_there_are_many_customers_with_one_to_four_lines() -> None:
    sizes = Counter(len(customer["line_ids"]) for customer in AGENT["customers"])
    assert sum(sizes.values()) >= 40
    assert set(sizes) == {1, 2, 3, 4}


def test_every_state_of_bills_and_lines_occurs() -> None:
    assert {bill["status"] for bill in AGENT["bills"]} == {
        "Draft",
        "Issued",
        "Awaiting Payment",
        "Paid",
        "Overdue",
        "Disputed",
    }
    assert {line["status"] for line in AGENT["lines"]} == {
        "Active",
        "Suspended",
        "Closed",
        "Pending Activation",
    }


def test_an_overdue_bill_was_due_before_today_and_an_issued_one_is_not_due_yet() -> None:
    today = census.TODAY.isoformat()
    for bill in AGENT["bills"]:
        if bill["status"] == "Overdue":
            assert bill["due_date"] < today
        if bill["status"] == "Issued":
            assert bill["due_date"] >= today


def test_namesakes_differ_in_their_birth_dates() -> None:
    people = [(customer["full_name"], customer["date_of_birth"]) for customer in AGENT["customers"]]
    names = Counter(name for name, _ in people)
    assert sum(count > 1 for count in names.values()) >= 3
    assert len(set(people)) == len(people)


def test_some_contact_numbers_are_stale_and_some_lead_to_somebody_else() -> None:
    numbers = {line["phone_number"] for line in AGENT["lines"]}
    stale = [customer for customer in AGENT["customers"] if customer["phone_number"] not in numbers]
    assert len(stale) >= 5
    assert sum(caller.misleading for caller in callers()) >= 2


def test_model_and_ending_each_name_one_line_of_an_account() -> None:
    models = {device["device_id"]: device["model"] for device in AGENT["devices"]}
    lines = {line["line_id"]: line for line in AGENT["lines"]}
    for customer in AGENT["customers"]:
        mine = [lines[line_id] for line_id in customer["line_ids"]]
        assert len({models[line["device_id"]] for line in mine}) == len(mine)
        assert len({line["phone_number"][-4:] for line in mine}) == len(mine)


def test_there_are_lines_to_call_about_in_every_state() -> None:
    states = Counter(caller.state for caller in callers())
    assert states["clear"] >= 40
    assert min(states["unpaid"], states["ended"], states["paused"]) >= 3
    assert {len(caller.overdue) for caller in callers() if caller.state == "unpaid"} == {1, 2}
