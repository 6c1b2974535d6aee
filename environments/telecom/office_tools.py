"""The agent's tools, over the back office.

Names, parameters, results and error texts are those of tau2-bench 1.0.1; the descriptions are ours.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from agentbench_sdk.environments.telecom.errors import TelecomError
from agentbench_sdk.environments.telecom.office import TODAY, Office
from agentbench_sdk.environments.telecom.records import Bill, Customer, LineItem, Record
from agentbench_sdk.environments.telecom.tool_facts import F, Kind, Tools, tool_of

CYCLE_END = "2025-02-28"
_CUSTOMER = "The customer's id, for example C1001."
_LINE = "The id of one of the customer's lines, for example L1001."

OFFICE_TOOLS: Tools = {}


def _tool(kind: Kind, **descriptions: str) -> Callable[[F], F]:
    return tool_of(OFFICE_TOOLS, "agent", kind, **descriptions)


@_tool("read", phone_number="The number, written as on the account, for example 555-123-4567.")
def get_customer_by_phone(office: Office, phone_number: str) -> Customer:
    """Find a customer by the contact number of the account or by the number of any of its lines."""
    return office.customer_by_phone(phone_number)


@_tool("read", customer_id=_CUSTOMER)
def get_customer_by_id(office: Office, customer_id: str) -> Customer:
    """Look up a customer's account by its id."""
    return office.customer(customer_id)


@_tool("read", full_name="First and last name; case does not matter.", dob="Date of birth, YYYY-MM-DD.")
def get_customer_by_name(office: Office, full_name: str, dob: str) -> list[Customer]:
    """Find customers by name and date of birth. The list is empty when nobody fits; several may."""
    wanted = full_name.lower()
    return [
        customer
        for customer in office.customers.values()
        if customer.full_name.lower() == wanted and customer.date_of_birth == dob
    ]


@_tool("read", id="The id; its first letter tells what it is: L, D, B, C or P.")
def get_details_by_id(office: Office, id: str) -> Record:
    """Look up a line, device, bill, customer or plan by its id."""
    finders = {
        "L": office.line,
        "D": office.device,
        "B": office.bill,
        "C": office.customer,
        "P": office.plan,
    }
    for letter, find in finders.items():
        if id.startswith(letter):
            return find(id)
    raise TelecomError(f"Unknown ID format or type: {id}")


@_tool("write", customer_id=_CUSTOMER, line_id=_LINE, reason="Why, for the records.")
def suspend_line(office: Office, customer_id: str, line_id: str, reason: str) -> dict[str, Any]:
    """Suspend an active line. It has no service until it is resumed."""
    line = office.target_line(customer_id, line_id)
    if line.status != "Active":
        raise TelecomError("Line must be active to suspend")
    suspended = replace(line, status="Suspended", suspension_start_date=TODAY)
    office.put_line(suspended)
    return {
        "message": "Line suspended successfully. $5/month holding fee will apply.",
        "line": suspended,
    }


@_tool("write", customer_id=_CUSTOMER, line_id=_LINE)
def resume_line(office: Office, customer_id: str, line_id: str) -> dict[str, Any]:
    """Lift the suspension of a line, or activate a pending one. Bills and contract are not looked at here."""
    line = office.target_line(customer_id, line_id)
    if line.status not in ("Suspended", "Pending Activation"):
        raise TelecomError("Line must be suspended to resume")
    resumed = replace(line, status="Active", suspension_start_date=None)
    office.put_line(resumed)
    return {"message": "Line resumed successfully", "line": resumed}


@_tool("read", customer_id=_CUSTOMER, limit="At most so many bills.")
def get_bills_for_customer(office: Office, customer_id: str, limit: int = 12) -> list[Bill]:
    """List a customer's bills, the one issued last first."""
    bills = office.bills_of(office.customer(customer_id))
    return sorted(bills, key=lambda bill: bill.issue_date, reverse=True)[:limit]


@_tool("write", customer_id=_CUSTOMER, bill_id="The bill that is to be paid.")
def send_payment_request(office: Office, customer_id: str, bill_id: str) -> str:
    """Ask the customer to pay a bill, on the phone. One bill at a time; whether it is overdue is not checked."""
    customer = office.customer(customer_id)
    if any(bill.status == "Awaiting Payment" for bill in office.bills_of(customer)):
        raise TelecomError("A bill is already awaiting payment for this customer")
    if bill_id not in customer.bill_ids:
        raise TelecomError(f"Bill {bill_id} not found for customer {customer_id}")
    office.put_bill(replace(office.bill(bill_id), status="Awaiting Payment"))
    return f"Payment request sent to the customer for bill {bill_id}"


@_tool("read", customer_id=_CUSTOMER, line_id=_LINE)
def get_data_usage(office: Office, customer_id: str, line_id: str) -> dict[str, Any]:
    """Tell how much data a line has used this month, the plan's limit and what was refuelled, in GB."""
    line = office.target_line(customer_id, line_id)
    plan = office.plan(line.plan_id)
    return {
        "line_id": line_id,
        "data_used_gb": line.data_used_gb,
        "data_limit_gb": plan.data_limit_gb,
        "data_refueling_gb": line.data_refueling_gb,
        "cycle_end_date": CYCLE_END,
    }


@_tool("write", customer_id=_CUSTOMER, line_id=_LINE)
def enable_roaming(office: Office, customer_id: str, line_id: str) -> str:
    """Allow a line to use data abroad. The phone has a switch of its own for that, which stays as it is."""
    return _roaming(office, customer_id, line_id, wanted=True)


@_tool("write", customer_id=_CUSTOMER, line_id=_LINE)
def disable_roaming(office: Office, customer_id: str, line_id: str) -> str:
    """Forbid a line to use data abroad."""
    return _roaming(office, customer_id, line_id, wanted=False)


def _roaming(office: Office, customer_id: str, line_id: str, *, wanted: bool) -> str:
    line = office.target_line(customer_id, line_id)
    word = "enabled" if wanted else "disabled"
    if line.roaming_enabled is wanted:
        return f"Roaming was already {word}"
    office.put_line(replace(line, roaming_enabled=wanted))
    return f"Roaming {word} successfully"


@_tool("generic", summary="What the customer wants and what was tried.")
def transfer_to_human_agents(office: Office, summary: str) -> str:
    """Hand the customer over to a human colleague. Only where nothing that you can do would help."""
    return "Transfer successful"


@_tool("write", customer_id=_CUSTOMER, line_id=_LINE, gb_amount="How many GB to add, more than 0.")
def refuel_data(office: Office, customer_id: str, line_id: str, gb_amount: float) -> dict[str, Any]:
    """Add data to a line for this month, at the price per GB of its plan; it is charged to the next bill."""
    line = office.target_line(customer_id, line_id)
    if gb_amount <= 0:
        raise TelecomError("Refuel amount must be positive")
    price = office.plan(line.plan_id).data_refueling_price_per_gb
    charge = gb_amount * price
    refuelled = replace(line, data_refueling_gb=line.data_refueling_gb + gb_amount)
    office.put_line(refuelled)
    _charge(office, customer_id, charge, f"Data refueling: {gb_amount} GB at ${price}/GB")
    return {
        "message": f"Successfully added {gb_amount} GB of data for line {line_id} for ${charge:.2f}",
        "new_data_refueling_gb": refuelled.data_refueling_gb,
        "charge": charge,
    }


def _next_bill(bill_id: str, customer_id: str) -> Bill:
    return Bill(
        bill_id,
        customer_id,
        period_start="2025-03-01",
        period_end="2025-03-31",
        issue_date="2025-03-01",
        total_due=0.0,
        due_date="2025-03-15",
    )


def _charge(office: Office, customer_id: str, amount: float, description: str) -> None:
    """Put a charge on the customer's draft bill; without one, on a new draft."""
    customer = office.customer(customer_id)
    bill = next((each for each in office.bills_of(customer) if each.status == "Draft"), None)
    if bill is None:
        bill = _next_bill(office.new_bill_id(), customer.customer_id)
        office.put_customer(replace(customer, bill_ids=(*customer.bill_ids, bill.bill_id)))
    item = LineItem(description, amount, TODAY, "Charge")
    office.put_bill(replace(bill, line_items=(*bill.line_items, item), total_due=bill.total_due + amount))
