"""A tiny carrier for tests of the telecom world: two customers, three lines, four bills."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agentbench_sdk.environments.telecom.core import Answer, TelecomCore
from agentbench_sdk.environments.telecom.database import Database
from agentbench_sdk.environments.telecom.task import TelecomTask

NUMBER = "555-0100"
ADDRESS = {"street": "1 Elm St", "city": "Ely", "state": "CB", "zip_code": "1"}


def bill(bill_id: str, customer: str, status: str, issued: str, due: float) -> dict[str, Any]:
    days = {"period_start": issued, "period_end": issued, "issue_date": issued, "due_date": issued}
    return {
        "bill_id": bill_id,
        "customer_id": customer,
        **days,
        "total_due": due,
        "line_items": [],
        "status": status,
    }


def customer(number: int, name: str, phone: str, lines: list[str], bills: list[str]) -> dict[str, Any]:
    return {
        "customer_id": f"C{number}",
        "full_name": name,
        "date_of_birth": "1990-01-02",
        "email": f"c{number}@example.com",
        "phone_number": phone,
        "address": ADDRESS,
        "account_status": "Active",
        "payment_methods": [],
        "line_ids": lines,
        "bill_ids": bills,
    }


AGENT_DB: dict[str, Any] = {
    "plans": [
        {
            "plan_id": "P1",
            "name": "Plain",
            "data_limit_gb": 5.0,
            "price_per_month": 20.0,
            "data_refueling_price_per_gb": 2.0,
        }
    ],
    "customers": [
        customer(1, "Ada Byron", NUMBER, ["L1", "L2"], ["B1", "B2", "B3"]),
        customer(2, "Bo Diddley", "555-0199", ["L3"], ["B4"]),
    ],
    "lines": [
        {"line_id": "L1", "phone_number": NUMBER, "status": "Active", "plan_id": "P1", "data_used_gb": 1.5},
        {"line_id": "L2", "phone_number": "555-0101", "status": "Suspended", "plan_id": "P1"},
        {"line_id": "L3", "phone_number": "555-0102", "status": "Pending Activation", "plan_id": "P1"},
    ],
    "bills": [
        bill("B1", "C1", "Paid", "2025-01-01", 20.0),
        bill("B2", "C1", "Overdue", "2025-02-01", 22.5),
        bill("B3", "C1", "Draft", "2025-03-01", 0.0),
        bill("B4", "C2", "Issued", "2025-02-01", 20.0),
    ],
    "devices": [{"device_id": "D1", "device_type": "phone", "model": "One", "is_esim_capable": True}],
}


@pytest.fixture(scope="session")
def database() -> Database:
    return Database.from_json({"agent_db": AGENT_DB, "user_db": {"device": {}, "surroundings": {}}})


class Play:
    """A world with short hands."""

    def __init__(self, core: TelecomCore) -> None:
        self.core = core

    def agent(self, name: str, **arguments: Any) -> Answer:
        return self.core.call("agent", name, arguments)

    def user(self, name: str, **arguments: Any) -> Answer:
        return self.core.call("user", name, arguments)

    def set(self, function: str, **arguments: Any) -> object:
        return self.core.run("user", function, arguments)

    def office(self, function: str, **arguments: Any) -> object:
        return self.core.run("assistant", function, arguments)

    def bar(self) -> str:
        return self.user("check_status_bar").content.removeprefix("Status Bar: ")


@pytest.fixture
def play(database: Database) -> Play:
    """Ada's phone, on line L1."""
    core = TelecomCore(database)
    core.run("user", "set_user_info", {"name": "Ada Byron", "phone_number": NUMBER})
    return Play(core)


@pytest.fixture(scope="session")
def make_task() -> Callable[..., TelecomTask]:
    def make(**changes: Any) -> TelecomTask:
        script = {"reason_for_call": "No signal.", "task_instructions": "Do as you are told."}
        record: dict[str, Any] = {"id": "t", "user_scenario": {"instructions": script}}
        return TelecomTask.model_validate({**record, **changes})

    return make
