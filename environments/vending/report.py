"""The daily report: what the operator is told at 07:00 about the day before."""

from __future__ import annotations

from typing import Any

from agentbench_sdk.environments.vending.calendar import DAY
from agentbench_sdk.environments.vending.core import Core


def daily_report(core: Core) -> dict[str, Any]:
    """The report after a night. It says how many mails came, not what they say."""
    yesterday = core.day - 1
    night = core.night
    return {
        "day": core.day,
        "date": core.tapes.calendar.iso(core.day),
        "weather_yesterday": core.tapes.weather.name(yesterday),
        "units_sold": sum(row[0] for row in core.diary.of(yesterday).skus.values()),
        "sales": core.diary.of(yesterday).rows(),
        "cash_in_box_added_cents": night["cash_in_box_added_cents"],
        "card_pending_cents": core.ledger["CARD_RECEIVABLE"],
        "card_banked_cents": night["card_banked_cents"],
        "fee_paid": night["fee_paid"],
        "fee_due_cents": night["fee_due_cents"],
        "bank_cents": core.ledger["BANK"],
        "spoiled": night["spoiled"],
        "new_emails": _new_mails(core),
        "reminders": core.memory.due(core.day),
        "machine_status": core.machine.status,
        "run_status": f"ended: {core.end_reason}" if core.end_reason else "running",
    }


def _new_mails(core: Core) -> int:
    """Mails that came since yesterday's 07:00."""
    since, count = core.now - DAY, 0
    for mail in reversed(core.mailroom.boxes["inbox"]):
        if mail.minute <= since:
            break
        count += 1
    return count
