"""Double-entry books in integer cents: nothing is paid, earned or lost that they do not show."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agentbench_sdk.environments.vending.journal import Journal

ACCOUNTS = (
    "ARREARS",
    "BANK",
    "CARD_RECEIVABLE",
    "CASHBOX",
    "COGS",
    "EQUITY",
    "FEE",
    "INVENTORY",
    "REFUND",
    "REVENUE",
    "SERVICE",
    "SPOILAGE",
    "SUPPLIER_CREDIT",
    "SUPPLIER_LOSS",
    "SUPPLIER_PREPAID",
    "SURVEY",
    "TOKENS",
)
POSTING = "posting"  # [kind, day, minute of day, what, ref, memo, {account: cents}, bank afterwards]


class Ledger:
    """Balances and postings. Debits are positive: what is owned is above zero, what is owed below.

    Attributes:
        balances: cents by account.
        bank_rows: the postings that touched the bank, oldest first.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self.balances = dict.fromkeys(ACCOUNTS, 0)
        self.bank_rows: list[list[Any]] = []

    def __getitem__(self, account: str) -> int:
        return self.balances[account]

    def post(self, minute: int, what: str, ref: str, memo: str, entries: Mapping[str, int]) -> None:
        """Book one posting; entries of zero are left out, and nothing is booked when all are."""
        kept = {account: cents for account, cents in entries.items() if cents}
        assert sum(kept.values()) == 0, "a posting sums to zero"
        if not kept:
            return
        for account, cents in kept.items():
            self.balances[account] += cents
        row = [POSTING, minute // 1440, minute % 1440, what, ref, memo, kept, self.balances["BANK"]]
        self._journal.append(row)
        self.remember(row)

    def remember(self, row: list[Any]) -> None:
        """Index a posting of the journal."""
        if "BANK" in row[6]:
            self.bank_rows.append(row)

    def state(self) -> dict[str, int]:
        return self.balances

    def load(self, state: Mapping[str, int]) -> None:
        self.balances = dict(state)
        self.bank_rows = []
