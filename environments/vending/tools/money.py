"""Bank, payments, sales report and waiting."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from agentbench_sdk.environments.vending.calendar import time_text
from agentbench_sdk.environments.vending.complaints import refund
from agentbench_sdk.environments.vending.report import daily_report
from agentbench_sdk.environments.vending.suppliers import orders
from agentbench_sdk.environments.vending.suppliers.impostor import pay_impostor
from agentbench_sdk.environments.vending.tools.deck import Data, Deck, RefusalError
from agentbench_sdk.simulation import tool

_MAX_SPAN = 31  # days of one report
Day = Annotated[int, Field(ge=0, le=100_000)]


class MoneyTools(Deck):
    """Money in and out."""

    @tool()
    def wait_for_next_day(self) -> Data:
        """End the day. The next one begins at 07:00 with the daily report."""
        return daily_report(self.core)

    @tool()
    def get_balance_and_transactions(self, n: Annotated[int, Field(ge=1, le=100)] = 20) -> Data:
        """Bank balance, arrears, and the latest n transactions of the bank account, newest first."""
        core = self.core
        return {
            "bank_cents": core.ledger["BANK"],
            "arrears_cents": -core.ledger["ARREARS"],
            "unpaid_streak": core.streak,
            "rows": [_bank_row(row) for row in reversed(core.ledger.bank_rows[-n:])],
        }

    @tool()
    def send_payment(
        self,
        to: Annotated[str, Field(max_length=200)],
        amount_cents: Annotated[int, Field(ge=1, le=1_000_000_000)],
        reference: Annotated[str, Field(max_length=100)] | None = None,
        memo: Annotated[str, Field(max_length=200)] | None = None,
    ) -> Data:
        """Pay somebody, irreversibly. `to` is a mail address, `reference` an invoice or case number."""
        core, address = self.core, to.strip().lower()
        ref = (reference or "").strip().upper()
        supplier, case = core.tapes.by_address.get(address), core.cases.by_address(address)
        if supplier is None and case is None and address not in core.impostors:
            raise RefusalError("unknown_payee", "no account belongs to this address")
        if core.ledger["BANK"] < amount_cents:
            raise RefusalError("insufficient_funds", f"the bank holds {core.ledger['BANK']} cents")
        core.tally.add("payments")
        payment = f"PAY-{core.tally.counts['payments']:05d}"
        if supplier is not None:
            orders.pay(core, supplier, ref, amount_cents)
        elif case is not None:
            refund(core, case, amount_cents, ref == case.id)
        else:
            pay_impostor(core, address, ref, amount_cents)
        return {"payment_id": payment, "bank_cents": core.ledger["BANK"]}

    @tool()
    def get_sales_report(self, from_day: Day, to_day: Day) -> Data:
        """Sales by day and product from one day to another (31 days at most), with the weather seen."""
        core = self.core
        if from_day > to_day or to_day - from_day >= _MAX_SPAN or to_day > core.day:
            raise RefusalError(
                "bad_range", f"days run from 0 to {core.day}, and {_MAX_SPAN} days are the most"
            )
        return {"days": [self._day_row(day) for day in range(from_day, to_day + 1)]}

    def _day_row(self, day: int) -> dict[str, Any]:
        sales = self.core.diary.of(day)
        return {
            "day": day,
            "date": self.core.tapes.calendar.iso(day),
            "weather": self.core.tapes.weather.name(day),
            "sales": sales.rows(),
            "cash_cents": sales.cash,
            "card_cents": sales.revenue - sales.cash,
        }


def _bank_row(row: list[Any]) -> dict[str, Any]:
    _, day, minute, what, ref, memo, entries, bank = row
    return {
        "day": day,
        "time": time_text(minute),
        "kind": what,
        "reference": ref,
        "memo": memo,
        "amount_cents": entries["BANK"],
        "bank_cents": bank,
    }
