"""The carrier's back office: the agent's database, and how records are found in it.

Source: tau2-bench 1.0.1, telecom domain, `tools.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from agentbench_sdk.environments.telecom.errors import TelecomError
from agentbench_sdk.environments.telecom.records import Bill, Customer, Device, Line, Plan, Record

R = TypeVar("R", bound=Record)
TODAY = "2025-02-25"  # the clock of this world stands still
_TABLES = ("plans", "customers", "lines", "bills", "devices")


@dataclass(frozen=True, slots=True)
class PhoneBook:
    """Who has which number: made once for a database, since no tool gives a number to anybody else.

    Attributes:
        lines: id of the first line of a number.
        customers: id of the first customer with this contact number, or with a line of this number.
    """

    lines: Mapping[str, str]
    customers: Mapping[str, str]

    @classmethod
    def of(cls, customers: Mapping[str, Customer], lines: Mapping[str, Line]) -> PhoneBook:
        by_line: dict[str, str] = {}
        owners: dict[str, str] = {}
        for line in lines.values():
            by_line.setdefault(line.phone_number, line.line_id)
        for customer in customers.values():
            own = [lines[each].phone_number for each in customer.line_ids if each in lines]
            for number in (customer.phone_number, *own):
                owners.setdefault(number, customer.customer_id)
        return cls(by_line, owners)


class Office:
    """The agent's database. Records are replaced, never changed, so a copy costs four small mappings.

    Attributes:
        plans, customers, lines, bills, devices: records by id, in stored order.
        phone_book: numbers of lines and customers.
        stamp: grows with every change, so that others know when what they derived is out of date.
        new_bill_id: makes the id of a bill that a tool creates.
    """

    __slots__ = ("bills", "customers", "devices", "lines", "new_bill_id", "phone_book", "plans", "stamp")

    def __init__(
        self,
        plans: Mapping[str, Plan],
        customers: Mapping[str, Customer],
        lines: Mapping[str, Line],
        bills: Mapping[str, Bill],
        devices: Mapping[str, Device],
        phone_book: PhoneBook,
        new_bill_id: Callable[[], str],
    ) -> None:
        self.phone_book = phone_book
        self.plans, self.devices = plans, devices  # no tool changes these
        self.customers, self.lines, self.bills = dict(customers), dict(lines), dict(bills)
        self.new_bill_id = new_bill_id
        self.stamp = 0

    def copied(self, new_bill_id: Callable[[], str]) -> Office:
        tables = self.plans, self.customers, self.lines, self.bills, self.devices
        twin = Office(*tables, self.phone_book, new_bill_id)
        twin.stamp = self.stamp
        return twin

    def shown(self) -> dict[str, Any]:
        """The database as plain JSON, in declared order."""
        return {name: [record.shown() for record in self._records(name)] for name in _TABLES}

    def sorted_json(self) -> str:
        """The text that its hash is made of: keys sorted at every level."""
        tables = (
            f'"{name}": [{", ".join(record.sorted_json() for record in self._records(name))}]'
            for name in sorted(_TABLES)
        )
        return "{" + ", ".join(tables) + "}"

    def _records(self, table: str) -> list[Record]:
        return list(getattr(self, table).values())

    # --- finding ------------------------------------------------------------------------------

    def customer(self, customer_id: object) -> Customer:
        return _found(self.customers, customer_id, "Customer")

    def line(self, line_id: object) -> Line:
        return _found(self.lines, line_id, "Line")

    def plan(self, plan_id: object) -> Plan:
        return _found(self.plans, plan_id, "Plan")

    def device(self, device_id: object) -> Device:
        return _found(self.devices, device_id, "Device")

    def bill(self, bill_id: object) -> Bill:
        return _found(self.bills, bill_id, "Bill")

    def target_line(self, customer_id: object, line_id: object) -> Line:
        """The line of a customer."""
        customer = self.customer(customer_id)
        if line_id not in customer.line_ids:
            raise TelecomError(f"Line {line_id} not found for customer {customer_id}")
        return self.line(line_id)

    def customer_by_phone(self, phone_number: object) -> Customer:
        """The first customer with this contact number, or with a line of this number."""
        found = self.phone_book.customers.get(phone_number) if isinstance(phone_number, str) else None
        if found is None:
            raise TelecomError(f"Customer with phone number {phone_number} not found")
        return self.customers[found]

    def line_by_phone(self, phone_number: object) -> Line:
        found = self.phone_book.lines.get(phone_number) if isinstance(phone_number, str) else None
        if found is None:
            raise TelecomError(f"Line with phone number {phone_number} not found")
        return self.lines[found]

    def bills_of(self, customer: Customer) -> list[Bill]:
        """The bills of a customer, in the order of the customer's list."""
        return [self.bill(each) for each in customer.bill_ids]

    # --- changing -----------------------------------------------------------------------------

    def put_line(self, line: Line) -> None:
        self.lines[line.line_id] = line
        self.stamp += 1

    def put_bill(self, bill: Bill) -> None:
        self.bills[bill.bill_id] = bill
        self.stamp += 1

    def put_customer(self, customer: Customer) -> None:
        self.customers[customer.customer_id] = customer
        self.stamp += 1


def _found(table: Mapping[str, R], key: object, what: str) -> R:
    found = table.get(key) if isinstance(key, str) else None
    if found is None:
        raise TelecomError(f"{what} with ID {key} not found")
    return found
