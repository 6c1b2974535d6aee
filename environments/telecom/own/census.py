"""Who the carrier's customers are: makes `data/database.json`.

    python -m agentbench_sdk.environments.telecom.own.census > environments/telecom/own/data/database.json

Everything is drawn from one seed, so the file can be made again, byte for byte. The numbers are fictional
(555-01xx is kept free for fiction). The records have the form of tau2-bench's telecom domain.

Some customers are there to be told apart: namesakes with other birth dates, contact numbers that are stale or
belong to somebody else's line, accounts with lines that are closed, suspended or not yet activated, and
accounts in each state of payment (`Role`).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from enum import Enum
from typing import Any, TypeVar

from agentbench_sdk.environments.telecom.own import names
from agentbench_sdk.simulation import SeededStreams

Record = dict[str, Any]
Item = TypeVar("Item")

SEED = 20250225
TODAY = date(2025, 2, 25)
AREAS = ("203", "312", "404", "509", "617", "704", "808", "915")
PHONE_PLANS = ("P21", "P22", "P23", "P24", "P25", "P26")

_PLANS = (
    ("P21", "Trickle", 2.0, 18.0, 6.0),
    ("P22", "Brook", 6.0, 29.0, 4.5),
    ("P23", "River", 12.0, 44.0, 3.0),
    ("P24", "Delta", 24.0, 58.5, 2.25),
    ("P25", "Tide", 45.0, 74.0, 1.5),
    ("P26", "Ocean", 110.0, 96.0, 0.75),
    ("P27", "Beacon", 1.0, 9.5, 8.0),
    ("P28", "Harbour", 60.0, 63.0, 1.25),
)


class Role(Enum):
    """What an account is there for."""

    ORDINARY = "ordinary"
    ONE_UNPAID = "a suspended line and one overdue bill"
    TWO_UNPAID = "a suspended line and two overdue bills"
    ENDED = "a suspended line whose contract is over"
    IN_ARREARS = "an overdue bill, but a first line that is active"
    ASKED_TO_PAY = "a bill awaits payment"
    IN_DISPUTE = "a bill is disputed"
    LEFT = "account closed"

    @property
    def suspended(self) -> bool:
        return self in {Role.ONE_UNPAID, Role.TWO_UNPAID, Role.ENDED}


_ACCOUNTS = {
    Role.ORDINARY: 35,
    Role.ONE_UNPAID: 5,
    Role.TWO_UNPAID: 4,
    Role.ENDED: 4,
    Role.IN_ARREARS: 2,
    Role.ASKED_TO_PAY: 2,
    Role.IN_DISPUTE: 2,
    Role.LEFT: 2,
}


class Census:
    """One drawing of the whole customer base."""

    def __init__(self, seed: int = SEED) -> None:
        self._streams = SeededStreams("agentbench.telecom.census/1", seed, {"draw"})
        self._taken: set[str] = set()
        self.devices: list[Record] = []
        self.lines: list[Record] = []
        self.customers: list[Record] = []
        self.bills: list[Record] = []

    # Draws: each is keyed by what it is for, so that a new customer moves nobody else's.

    def _below(self, count: int, *thing: int | str) -> int:
        return self._streams.between(0, count - 1, "draw", *thing)

    def _one(self, items: Sequence[Item], *thing: int | str) -> Item:
        return items[self._below(len(items), *thing)]

    def _day(self, first: date, last: date, *thing: int | str) -> str:
        return (first + timedelta(self._below((last - first).days + 1, *thing))).isoformat()

    def _id(self, letter: str, *thing: int | str) -> str:
        for attempt in range(10_000):
            found = f"{letter}{30000 + self._below(60000, 'id', letter, attempt, *thing)}"
            if found not in self._taken:
                self._taken.add(found)
                return found
        raise AssertionError("ids have run out")

    def _number(self, taken_endings: set[str], *thing: int | str) -> str:
        """A number that nobody has, with an ending that no other line of the account has."""
        for attempt in range(10_000):
            ending = f"01{self._below(100, 'ending', attempt, *thing):02d}"
            number = f"{self._one(AREAS, 'area', attempt, *thing)}-555-{ending}"
            if number not in self._taken and ending not in taken_endings:
                self._taken.add(number)
                taken_endings.add(ending)
                return number
        raise AssertionError("numbers have run out")

    # The records.

    def draw(self) -> Record:
        """The database: `{"agent_db": …, "user_db": …}`."""
        roles = [role for role, count in _ACCOUNTS.items() for _ in range(count)]
        order = sorted(range(len(roles)), key=lambda index: self._below(2**32, "order", index))
        for index, place in enumerate(order):
            self._account(index, roles[place])
        self._share_contacts()
        return {"agent_db": self._agent(), "user_db": _phone()}

    def _agent(self) -> Record:
        keys = ("plan_id", "name", "data_limit_gb", "price_per_month", "data_refueling_price_per_gb")
        plans = [dict(zip(keys, plan, strict=True)) for plan in _PLANS]
        return {
            "plans": plans,
            "customers": self.customers,
            "lines": self.lines,
            "bills": self.bills,
            "devices": self.devices,
        }

    def _account(self, index: int, role: Role) -> None:
        name, birth = names.customer(index)
        customer_id = self._id("C", index)
        lines = list(self._account_lines(index, role))
        bills = list(self._account_bills(index, role, customer_id, lines))
        self.customers.append(
            {
                "customer_id": customer_id,
                "full_name": name,
                "date_of_birth": birth,
                "email": f"{name.lower().replace(' ', '.').replace(chr(39), '')}{index}@mail.example",
                "phone_number": self._contact(index, lines),
                "address": self._address(index),
                "account_status": "Closed" if role is Role.LEFT else "Active",
                "payment_methods": list(self._payment_methods(index)),
                "line_ids": [line["line_id"] for line in lines],
                "bill_ids": [bill["bill_id"] for bill in bills],
                "created_at": f"{self._day(date(2016, 1, 4), date(2024, 9, 30), 'created', index)}T09:15:00",
                "last_extension_date": None,
                "goodwill_credit_used_this_year": float(self._one((0, 0, 0, 5, 10), "goodwill", index)),
            }
        )

    def _contact(self, index: int, lines: list[Record]) -> str:
        """The first line's number; for one account in four a number that is no line (any more)."""
        if self._below(4, "stale", index) == 0:
            return self._number(set(), "contact", index)
        return str(lines[0]["phone_number"])

    def _share_contacts(self) -> None:
        """Two customers have given the number of a housemate's line, and stand before the housemate."""
        plain = [customer for customer in self.customers if self._is_plain(customer)]
        for giver, housemate in ((plain[0], plain[7]), (plain[3], plain[12])):
            first = next(line for line in self.lines if line["line_id"] == housemate["line_ids"][0])
            giver["phone_number"] = first["phone_number"]

    def _is_plain(self, customer: Record) -> bool:
        mine = [bill for bill in self.bills if bill["customer_id"] == customer["customer_id"]]
        return customer["account_status"] == "Active" and all(
            bill["status"] in {"Paid", "Draft", "Issued"} for bill in mine
        )

    def _address(self, index: int) -> Record:
        city, state, zip_code = self._one(names.TOWNS, "town", index)
        house = 1 + self._below(980, "house", index)
        return {
            "street": f"{house} {self._one(names.STREETS, 'street', index)}",
            "city": city,
            "state": state,
            "zip_code": zip_code,
        }

    def _payment_methods(self, index: int) -> Iterator[Record]:
        for turn in range(1 + self._below(2, "methods", index)):
            kind = self._one(("Credit Card", "Debit Card", "PayPal"), "method", index, turn)
            month, year = (
                1 + self._below(12, "month", index, turn),
                2026 + self._below(4, "year", index, turn),
            )
            yield {
                "method_type": kind,
                "account_number_last_4": f"{self._below(10_000, 'card', index, turn):04d}",
                "expiration_date": f"{month:02d}/{year}",
            }

    def _account_lines(self, index: int, role: Role) -> Iterator[Record]:
        count = 1 + self._below(4, "lines", index)
        endings: set[str] = set()
        for turn in range(count):
            device = self._device(index, turn)
            line = self._line(index, turn, device, self._number(endings, "line", index, turn))
            line["status"] = self._status(index, turn, role)
            if line["status"] == "Suspended":
                line["suspension_start_date"] = self._day(date(2025, 2, 3), date(2025, 2, 20), "since", index)
            if turn == 0 and role is Role.ENDED:
                line["contract_end_date"] = self._day(date(2024, 11, 1), date(2025, 2, 2), "ended", index)
            self.lines.append(line)
            yield line

    def _status(self, index: int, turn: int, role: Role) -> str:
        """The first line has the state that the account is there for."""
        if role is Role.LEFT:
            return "Closed"
        if turn == 0:
            return "Suspended" if role.suspended else "Active"
        return self._one(
            ("Active",) * 9 + ("Suspended", "Closed", "Pending Activation"), "state", index, turn
        )

    def _device(self, index: int, turn: int) -> Record:
        kinds = ("phone",) if turn == 0 else ("phone", "phone", "phone", "tablet", "watch", "router", "other")
        kind = self._one(kinds, "kind", index, turn)
        # An account has no model twice, so that the model names one of its lines.
        models = names.MODELS[kind]
        model = models[(self._below(len(models), "model", index) + turn) % len(models)]
        activated = self._day(date(2022, 3, 1), date(2025, 1, 31), "activated", index, turn)
        record = {
            "device_id": self._id("D", index, turn),
            "device_type": kind,
            "model": model,
            "imei": "99" + "".join(str(self._below(10, "imei", index, turn, digit)) for digit in range(13)),
            "is_esim_capable": self._below(3, "esim", index, turn) > 0,
            "activated": True,
            "activation_date": f"{activated}T{8 + self._below(10, 'hour', index, turn):02d}:30:00",
            "last_esim_transfer_date": None,
        }
        self.devices.append(record)
        return record

    def _line(self, index: int, turn: int, device: Record, number: str) -> Record:
        plan_id = (
            self._one(PHONE_PLANS, "plan", index, turn)
            if device["device_type"] == "phone"
            else self._one(("P27", "P27", "P28"), "plan", index, turn)
        )
        limit = next(plan[2] for plan in _PLANS if plan[0] == plan_id)
        changed = self._below(3, "changed", index, turn) == 0
        return {
            "line_id": self._id("L", index, turn),
            "phone_number": number,
            "status": "Active",
            "plan_id": plan_id,
            "device_id": device["device_id"],
            "data_used_gb": round(limit * (5 + self._below(81, "used", index, turn)) / 100, 2),
            "data_refueling_gb": float(self._one((0, 0, 0, 0, 1, 1.5), "extra", index, turn)),
            "roaming_enabled": self._below(2, "roaming", index, turn) == 1,
            "contract_end_date": self._day(date(2025, 6, 30), date(2027, 12, 31), "contract", index, turn),
            "last_plan_change_date": self._day(date(2023, 1, 9), date(2024, 12, 20), "change", index, turn)
            if changed
            else None,
            "last_sim_replacement_date": None,
            "suspension_start_date": None,
        }

    def _account_bills(
        self, index: int, role: Role, customer_id: str, lines: list[Record]
    ) -> Iterator[Record]:
        for month, status in enumerate(self._states(index, role)):
            if not status:
                continue
            start = (date(2024, 11, 1), date(2024, 12, 1), date(2025, 1, 1), date(2025, 2, 1))[month]
            bill = self._bill(index, month, status, customer_id, start, lines)
            self.bills.append(bill)
            yield bill

    def _states(self, index: int, role: Role) -> tuple[str, str, str, str]:
        """States of the bills for November to February; "" for no bill."""
        february = "" if role is Role.LEFT or self._below(4, "draft", index) == 0 else "Draft"
        january = {
            Role.ORDINARY: self._one(("Paid", "Paid", "Issued"), "january", index),
            Role.ENDED: self._one(("Overdue", "Paid"), "january", index),
            Role.ASKED_TO_PAY: "Awaiting Payment",
            Role.IN_DISPUTE: "Disputed",
            Role.LEFT: "Paid",
        }.get(role, "Overdue")
        december = "Overdue" if role is Role.TWO_UNPAID else "Paid"
        november = "Paid" if self._below(2, "november", index) else ""
        return november, december, january, february

    def _bill(
        self, index: int, month: int, status: str, customer_id: str, start: date, lines: list[Record]
    ) -> Record:
        end = (start + timedelta(31)).replace(day=1) - timedelta(1)
        issued = end + timedelta(1)
        items = [self._charge(line, end) for line in lines if line["status"] != "Pending Activation"]
        fee = self._one((0.0, 0.0, 1.75, 3.2), "fee", index, month)
        if fee:
            items.append(_item("Calls to special numbers", fee, end, "Fee"))
        # An issued bill is not due yet; one that is overdue was due before today.
        due = issued + timedelta(38 if status == "Issued" else 17)
        return {
            "bill_id": self._id("B", index, month),
            "customer_id": customer_id,
            "period_start": start.isoformat(),
            "period_end": end.isoformat(),
            "issue_date": issued.isoformat(),
            "total_due": round(sum(item["amount"] for item in items), 2),
            "due_date": due.isoformat(),
            "line_items": items,
            "status": status,
        }

    def _charge(self, line: Record, day: date) -> Record:
        price = next(plan[3] for plan in _PLANS if plan[0] == line["plan_id"])
        return _item(f"Monthly price, line {line['line_id']}", price, day, "Charge")


def _item(description: str, amount: float, day: date, kind: str) -> Record:
    return {"description": description, "amount": amount, "date": day.isoformat(), "item_type": kind}


def _phone() -> Record:
    """A healthy phone in nobody's hand; each task says whose it is."""
    return {
        "device": {
            "sim_card_status": "active",
            "sim_card_missing": False,
            "airplane_mode": False,
            "network_signal_strength": "good",
            "network_technology_connected": "5G",
            "network_connection_status": "connected",
            "battery_level": 80,
            "data_enabled": True,
            "roaming_enabled": False,
            "network_mode_preference": "4g_5g_preferred",
            "active_apn_settings": {
                "apn_name": "internet",
                "reset_at_reboot": False,
                "mms_apn": "mms",
                "mmsc_url": "http://mms.carrier.com/mms/wapenc",
                "mms_proxy": None,
                "mms_port": None,
            },
            "wifi_enabled": False,
            "wifi_connected": False,
            "wifi_ssid": None,
            "wifi_signal_strength": "none",
            "wifi_calling_enabled": False,
            "wifi_calling_mms_over_wifi": False,
            "data_saver_mode": False,
            "vpn_enabled_setting": False,
            "vpn_connected": False,
            "vpn_details": None,
            "app_statuses": {
                "messaging": _app("messaging", sms=True, storage=True, phone=True, network=False),
                "browser": _app("browser", sms=False, storage=True, phone=False, network=True),
            },
        },
        "surroundings": {
            "name": None,
            "phone_number": None,
            "is_abroad": False,
            "roaming_allowed": False,
            "signal_strength": {"2G": "poor", "3G": "fair", "4G": "good", "5G": "excellent"},
            "mobile_data_usage_exceeded": False,
            "line_active": True,
            "payment_request": None,
        },
    }


def _app(name: str, **permissions: bool) -> Record:
    return {"app_name": name, "permissions": permissions}


def text(database: Record) -> str:
    """The database as JSON with a record on each line."""

    def rows(records: list[Record]) -> str:
        return "[\n" + ",\n".join(json.dumps(record, ensure_ascii=False) for record in records) + "\n]"

    tables = ",\n".join(f'"{name}": {rows(records)}' for name, records in database["agent_db"].items())
    phone = json.dumps(database["user_db"], ensure_ascii=False)
    return f'{{"agent_db": {{\n{tables}\n}},\n"user_db": {phone}}}\n'


if __name__ == "__main__":
    sys.stdout.write(text(Census().draw()))
