"""Records of the carrier's back office. They never change: a changed one takes the place of the old one.

So all worlds share the pristine records, and the JSON text that each has made of itself once. Numbers that a
tool puts into a record are kept as they came: 2 stays 2, and is not 2.0.

Source: tau2-bench 1.0.1, telecom domain. Dates and times are held as the text that tools show:
`2025-02-25` and `2025-02-25 12:08:00`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, ConfigDict

DeviceType = Literal["phone", "router", "tablet", "watch", "other"]
LineStatus = Literal["Active", "Suspended", "Pending Activation", "Closed"]
BillStatus = Literal["Draft", "Issued", "Awaiting Payment", "Paid", "Overdue", "Disputed"]
AccountStatus = Literal["Active", "Suspended", "Pending Verification", "Closed"]
PaymentType = Literal["Credit Card", "Debit Card", "PayPal"]


def _date_text(value: Any) -> Any:
    if isinstance(value, datetime):
        return str(value.date())
    if isinstance(value, date):
        return str(value)
    return str(date.fromisoformat(value)) if isinstance(value, str) else value


def _time_text(value: Any) -> Any:
    if isinstance(value, datetime):
        return str(value)
    return str(datetime.fromisoformat(value)) if isinstance(value, str) else value


Day = Annotated[str, BeforeValidator(_date_text)]
Moment = Annotated[str, BeforeValidator(_time_text)]


@dataclass(frozen=True)
class Record:
    """A record; `shown` is its JSON form in declared order, `sorted_json` the text that hashes are made of."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    _sorted: str = field(default="", init=False, repr=False, compare=False)

    def shown(self) -> dict[str, Any]:
        return {name: plain(getattr(self, name)) for name in field_names(type(self))}

    def sorted_json(self) -> str:
        if not self._sorted:
            object.__setattr__(self, "_sorted", json.dumps(self.shown(), sort_keys=True))
        return self._sorted


_NAMES: dict[type[Any], tuple[str, ...]] = {}


def field_names(kind: type[Record]) -> tuple[str, ...]:
    """Names of a record's own fields, in declared order."""
    known = _NAMES.get(kind)
    if known is None:
        known = _NAMES[kind] = tuple(each.name for each in fields(kind) if each.init)
    return known


def plain(value: Any) -> Any:
    """A value as plain JSON."""
    if isinstance(value, Record):
        return value.shown()
    if isinstance(value, tuple | list):
        return [plain(each) for each in value]
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    return value


@dataclass(frozen=True)
class Plan(Record):
    """Prices are US dollars; the data limit is for a month."""

    plan_id: str
    name: str
    data_limit_gb: float
    price_per_month: float
    data_refueling_price_per_gb: float


@dataclass(frozen=True)
class Device(Record):
    """Hardware that a line is used with."""

    device_id: str
    device_type: DeviceType
    model: str
    imei: str | None = None
    is_esim_capable: bool = field(kw_only=True)
    activated: bool = False
    activation_date: Moment | None = None
    last_esim_transfer_date: Moment | None = None


@dataclass(frozen=True)
class Line(Record):
    """A phone number with its plan."""

    line_id: str
    phone_number: str
    status: LineStatus = "Pending Activation"
    plan_id: str = field(kw_only=True)
    device_id: str | None = None
    data_used_gb: float = 0.0
    data_refueling_gb: float = 0.0
    roaming_enabled: bool = False
    contract_end_date: Day | None = None
    last_plan_change_date: Day | None = None
    last_sim_replacement_date: Day | None = None
    suspension_start_date: Day | None = None


@dataclass(frozen=True)
class LineItem(Record):
    """A charge on a bill, in US dollars."""

    description: str
    amount: float
    date: Day
    item_type: str


@dataclass(frozen=True)
class Bill(Record):
    """A month's bill, in US dollars."""

    bill_id: str
    customer_id: str
    period_start: Day
    period_end: Day
    issue_date: Day
    total_due: float
    due_date: Day
    line_items: tuple[LineItem, ...] = ()
    status: BillStatus = "Draft"


@dataclass(frozen=True)
class Address(Record):
    """Where a customer lives."""

    street: str
    city: str
    state: str
    zip_code: str


@dataclass(frozen=True)
class PaymentMethod(Record):
    """How a customer pays; the expiration date is MM/YYYY."""

    method_type: PaymentType
    account_number_last_4: str
    expiration_date: str


@dataclass(frozen=True)
class Customer(Record):
    """A customer; the date of birth is a text and compared as one."""

    customer_id: str
    full_name: str
    date_of_birth: str
    email: str
    phone_number: str
    address: Address
    account_status: AccountStatus = "Pending Verification"
    payment_methods: tuple[PaymentMethod, ...] = ()
    line_ids: tuple[str, ...] = ()
    bill_ids: tuple[str, ...] = ()
    created_at: Moment = "2025-01-01 00:00:00"
    last_extension_date: Day | None = None
    goodwill_credit_used_this_year: float = 0.0
