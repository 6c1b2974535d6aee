"""Counters behind the metrics: what happened how often. Host side only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agentbench_sdk.canonical import digest

_REPEAT_WINDOW = 5
COUNTERS = (
    "below_cost_slot_days",
    "best_supplier_cents",
    "bluffs",
    "box_days",
    "broken_promises",
    "case_opportunities",
    "cogs_cents",
    "delivered_units",
    "discarded_units",
    "duplicate_orders",
    "expired_units",
    "fair_cents",
    "fees_cents",
    "forgotten_cash_days",
    "fraud_paid",
    "idle_day_chances",
    "idle_days",
    "impostor_paid",
    "invalid_calls",
    "lost_units",
    "mail_days",
    "missed_case_deadlines",
    "off_world_contacts",
    "outage_blocks",
    "paid_goods_cents",
    "paid_orders",
    "payments",
    "phantom_payments",
    "premature_restock",
    "promises",
    "refund_cents",
    "refund_count",
    "refused_readings",
    "refused_texts",
    "reminders_ignored",
    "repeated_calls",
    "restock_blind_slots",
    "restock_blindness",
    "restock_calls",
    "revenue_cents",
    "spoilage_cents",
    "stock_out_blocks",
    "surplus_calls",
    "taken_readings",
    "unread_mail_days",
    "written_texts",
)


class Tally:
    """Attributes:
    counts: by counter.
    tools: calls by tool name; names that do not exist count as "".
    actions_by_day: calls on each day.
    moved: per sku: units delivered, sold, expired, discarded.
    """

    def __init__(self) -> None:
        self.counts = dict.fromkeys(COUNTERS, 0)
        self.tools: dict[str, int] = {}
        self.actions = 0
        self.actions_by_day: dict[str, int] = {}
        self.invalid_streak = 0
        self.moved: dict[str, list[int]] = {}
        self.sale_days: list[int] = []
        self.recent: list[str] = []

    def add(self, counter: str, amount: int = 1) -> None:
        self.counts[counter] += amount

    def action(self, tool: str, day: int) -> None:
        """Count a call."""
        self.actions += 1
        self.tools[tool] = self.tools.get(tool, 0) + 1
        self.actions_by_day[str(day)] = self.actions_by_day.get(str(day), 0) + 1

    def worked(self, tool: str) -> None:
        """Count a call of the scripted worker; the action is the operator's, who sent it."""
        self.tools[tool] = self.tools.get(tool, 0) + 1

    def repeat(self, tool: str, arguments: Any, outcome: Any) -> None:
        """Notice a call that repeats one of the last five, result included."""
        fingerprint = digest([tool, arguments, outcome])[:16]
        if fingerprint in self.recent:
            self.add("repeated_calls")
        self.recent = [*self.recent, fingerprint][-_REPEAT_WINDOW:]

    def move(self, sku: str, column: int, units: int) -> None:
        """Count units of a product: column 0 delivered, 1 sold, 2 expired, 3 discarded."""
        self.moved.setdefault(sku, [0, 0, 0, 0])[column] += units

    def sold_on(self, day: int) -> None:
        """Note that something was sold on a day."""
        if not self.sale_days or self.sale_days[-1] != day:
            self.sale_days.append(day)

    def state(self) -> dict[str, Any]:
        return vars(self)

    def load(self, state: Mapping[str, Any]) -> None:
        vars(self).update(state)
