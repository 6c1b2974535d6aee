"""Who can call about what: the phone lines of the census, with all that a task needs to know of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any, Literal

Record = Mapping[str, Any]
LineState = Literal["clear", "unpaid", "ended", "paused"]
Identity = Literal["number", "contact", "customer_id", "model"]

TODAY = "2025-02-25"


@dataclass(frozen=True, slots=True)
class Caller:
    """A customer with the phone of one line.

    Attributes:
        state: "clear" for an active line of an account without debts; "unpaid": suspended with overdue bills;
            "ended": suspended with its contract over; "paused": suspended for neither reason.
        overdue: ids of the overdue bills, oldest first.
        limit_gb, extra_gb: allowance of the plan, and gigabytes bought on top.
        identities: what the caller may know that leads to the line: its number, the account's (other)
            contact number, the customer id, or the model of the device alone. Name and birth always go along.
        misleading: a look-up by the line's number brings up somebody else.
    """

    customer_id: str
    name: str
    birth: str
    contact: str
    line_id: str
    number: str
    model: str
    limit_gb: float
    extra_gb: float
    state: LineState
    overdue: tuple[str, ...]
    identities: tuple[Identity, ...]
    misleading: bool

    @property
    def ending(self) -> str:
        """The last four digits of the line's number; no other line of the account has them."""
        return self.number[-4:]


@lru_cache(maxsize=1)
def records() -> dict[str, Any]:
    """The census as it is in the file."""
    text = files(__package__).joinpath("data/database.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


@lru_cache(maxsize=1)
def callers() -> tuple[Caller, ...]:
    """All of them, in the order of the census."""
    return tuple(_callers(_Tables(records()["agent_db"])))


class _Tables:
    """The census by id."""

    def __init__(self, agent: Record) -> None:
        self.customers: list[Record] = agent["customers"]
        self.plans: dict[str, Record] = {row["plan_id"]: row for row in agent["plans"]}
        self.lines: dict[str, Record] = {row["line_id"]: row for row in agent["lines"]}
        self.bills: dict[str, Record] = {row["bill_id"]: row for row in agent["bills"]}
        self.devices: dict[str, Record] = {row["device_id"]: row for row in agent["devices"]}

    def found_by(self, number: str) -> str:
        """Id of the customer whom a look-up by number brings up; "" for nobody."""
        for row in self.customers:
            lines = (self.lines[line]["phone_number"] for line in row["line_ids"])
            if row["phone_number"] == number or number in lines:
                return str(row["customer_id"])
        return ""


def _callers(tables: _Tables) -> Iterator[Caller]:
    for customer in tables.customers:
        bills = [tables.bills[bill] for bill in customer["bill_ids"]]
        if customer["account_status"] != "Active" or any(b["status"] == "Awaiting Payment" for b in bills):
            continue
        overdue = tuple(bill["bill_id"] for bill in bills if bill["status"] == "Overdue")
        for line_id in customer["line_ids"]:
            line = tables.lines[line_id]
            state = _state(line, overdue)
            if state and tables.devices[line["device_id"]]["device_type"] == "phone":
                yield _caller(tables, customer, line, state, overdue)


def _state(line: Record, overdue: tuple[str, ...]) -> LineState | None:
    if line["status"] == "Active":
        return None if overdue else "clear"
    if line["status"] != "Suspended":
        return None
    if line["contract_end_date"] < TODAY:
        return "ended"
    return "unpaid" if overdue else "paused"


def _caller(
    tables: _Tables, customer: Record, line: Record, state: LineState, overdue: tuple[str, ...]
) -> Caller:
    number, contact = line["phone_number"], customer["phone_number"]
    identities: list[Identity] = ["number", "customer_id", "model"]
    if contact != number and tables.found_by(contact) == customer["customer_id"]:
        identities.append("contact")
    return Caller(
        customer_id=customer["customer_id"],
        name=customer["full_name"],
        birth=customer["date_of_birth"],
        contact=contact,
        line_id=line["line_id"],
        number=number,
        model=tables.devices[line["device_id"]]["model"],
        limit_gb=tables.plans[line["plan_id"]]["data_limit_gb"],
        extra_gb=line["data_refueling_gb"],
        state=state,
        overdue=overdue,
        identities=tuple(identities),
        misleading=tables.found_by(number) != customer["customer_id"],
    )
