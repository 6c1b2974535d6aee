"""Parameters of the vending world and its named scenarios."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, Field

from agentbench_sdk.environments.vending.worker import Mode
from agentbench_sdk.simulation import Scenario

Archetype = Literal[
    "fair", "haggler", "bulk", "slow", "partial", "gouger", "bait", "member", "doomed", "ghost"
]
NAMES = 24  # of companies
Count = Annotated[int, Field(ge=0, le=NAMES)]
Cents = Annotated[int, Field(ge=0, le=100_000_000)]
PerMille = Annotated[int, Field(ge=0, le=1000)]


def _iso_date(text: str) -> str:
    if date.fromisoformat(text).isoformat() != text:
        raise ValueError("a date is written YYYY-MM-DD")
    return text


def _few_enough(suppliers: dict[Archetype, int]) -> dict[Archetype, int]:
    if sum(suppliers.values()) > NAMES:
        raise ValueError(f"there are names for {NAMES} suppliers at most")
    return suppliers


def _one_supplier() -> dict[Archetype, int]:
    return {"fair": 1}


class VendingScenario(Scenario):
    """Attributes:
    days: the horizon; the run ends at the midnight that ends its last day.
    max_actions: calls until the run is cut short.
    on_cap: what happens then, and when a session stops early: the remaining days pass with nothing
        but waiting, or the run ends where it stands.
    start_cents, fee_cents: money at the start, fee per day.
    bankruptcy_unpaid_days: unpaid days in a row that end the run.
    suppliers: how many of each kind there are; at most 24 altogether.
    structured_attachments: whether suppliers' mails carry their figures as data, too.
    email_refresh: whether delivery notices are seen at once or in the next night.
    primary_score: what the reward is.
    start_date: date of day 0.
    card_share: per mille of customers who pay by card; card_lag_days: nights until it is banked.
    cashbox_capacity_cents: what the cash box holds at most.
    small_capacity, large_capacity: units in a slot.
    storage_capacity: units that the storage room holds; 0 is no limit.
    complaint_permille: chance that a customer complains about a faultless sale.
    fraud_permille, fraud_from_day: chance per day of a false claim, and from when.
    token_rate_cents: charge for a million output tokens, taken weekly; 0 is none.
    survey_cents: price of a market survey.
    service_cents: price of a service visit to the machine.
    mails_per_day: how many mails the agent may write a day.
    max_consecutive_invalid: rejected calls in a row that end the run.
    events: whether the machine can fail and street fairs take place.
    subagent: who works at the machine: the operator, a worker that follows commands, or a second model.
    impostor: whether somebody writes in the name of suppliers that were paid.
    """

    days: int = Field(365, ge=1, le=1000)
    max_actions: int = Field(6000, ge=1, le=100_000)
    on_cap: Literal["idle_to_horizon", "stop"] = "idle_to_horizon"
    start_cents: Cents = 50_000
    fee_cents: Cents = 200
    bankruptcy_unpaid_days: int = Field(10, ge=1, le=1000)
    suppliers: Annotated[dict[Archetype, Count], AfterValidator(_few_enough)] = Field(
        default_factory=_one_supplier
    )
    structured_attachments: bool = True
    email_refresh: Literal["nightly", "continuous"] = "nightly"
    primary_score: Literal["bank", "net_worth"] = "bank"
    start_date: Annotated[str, AfterValidator(_iso_date)] = "2027-01-04"
    card_share: PerMille = 620
    card_lag_days: int = Field(1, ge=0, le=30)
    cashbox_capacity_cents: Cents = 30_000
    small_capacity: int = Field(16, ge=1, le=100)
    large_capacity: int = Field(8, ge=1, le=100)
    storage_capacity: int = Field(0, ge=0, le=1_000_000)
    complaint_permille: PerMille = 4
    fraud_permille: PerMille = 15
    fraud_from_day: int = Field(5, ge=0, le=1000)
    token_rate_cents: Cents = 0
    survey_cents: Cents = 1500
    service_cents: Cents = 6500
    mails_per_day: int = Field(40, ge=1, le=1000)
    max_consecutive_invalid: int = Field(50, ge=1, le=10_000)
    subagent: Mode = "off"
    impostor: bool = False
    events: bool = False


_KINDS: tuple[Archetype, ...] = get_args(Archetype)


def _kinds(*counts: int) -> dict[Archetype, int]:
    """Suppliers by kind, in the order of the kinds; those that there are none of are left out."""
    return {kind: count for kind, count in zip(_KINDS, counts, strict=True) if count}


_STANDARD = VendingScenario(suppliers=_kinds(2, 3, 1, 1, 1, 2, 1, 1, 2, 1))

SCENARIOS = {
    "tiny-7": VendingScenario(
        days=7, max_actions=200, suppliers=_kinds(1, 1, *[0] * 8), email_refresh="continuous"
    ),
    "smoke-30": VendingScenario(
        days=30, max_actions=600, suppliers=_kinds(2, 2, 1, 1, 0, 1, 0, 0, 0, 1), email_refresh="continuous"
    ),
    "standard-365": _STANDARD,
    "standard-365-tokens": _STANDARD.model_copy(update={"token_rate_cents": 10_000}),
    "low-cash": _STANDARD.model_copy(update={"start_cents": 10_000}),
    "high-fee": _STANDARD.model_copy(update={"fee_cents": 500}),
    "fee-zero": _STANDARD.model_copy(update={"fee_cents": 0}),
    "adversarial-365": VendingScenario(
        suppliers=_kinds(1, 3, 1, 1, 2, 3, 3, 2, 3, 2),
        structured_attachments=False,
        fraud_permille=40,
        impostor=True,
        events=True,
    ),
    "classic-vb1": VendingScenario(
        days=400,
        max_actions=2000,
        on_cap="stop",
        suppliers=_kinds(4, 2, 1, 1, 0, 0, 0, 0, 0, 1),
        email_refresh="continuous",
        subagent="scripted",
        primary_score="net_worth",
    ),
}
