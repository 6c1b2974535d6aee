"""The sales log: what was sold in each block, as the agent may read it in reports."""

from __future__ import annotations

from typing import Any

from agentbench_sdk.environments.vending.journal import Journal

SALES = "sales"  # journal records: [kind, day, block, {sku: [units, revenue, cash, highest price]}]


class DaySales:
    """Sales of one day. Attributes: `skus`: [units, revenue, cash, highest price] by sku, in cents."""

    def __init__(self) -> None:
        self.skus: dict[str, list[int]] = {}

    def add(self, rows: dict[str, list[int]]) -> None:
        for sku, (units, revenue, cash, price) in rows.items():
            old = self.skus.setdefault(sku, [0, 0, 0, 0])
            self.skus[sku] = [
                old[0] + units,
                old[1] + revenue,
                old[2] + cash,
                max(old[3], price),
            ]

    def copy(self) -> DaySales:
        """A copy; rows are replaced, never changed, so they are shared."""
        twin = DaySales()
        twin.skus = dict(self.skus)
        return twin

    @property
    def revenue(self) -> int:
        return sum(row[1] for row in self.skus.values())

    @property
    def cash(self) -> int:
        return sum(row[2] for row in self.skus.values())

    def rows(self) -> list[dict[str, Any]]:
        """Units and revenue by sku, as reports show them."""
        return [
            {"sku": sku, "units": row[0], "revenue_cents": row[1]} for sku, row in sorted(self.skus.items())
        ]


class Diary:
    """Sales of all days, derived from the journal."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self.days: dict[int, DaySales] = {}

    def write(self, day: int, block: int, rows: dict[str, list[int]]) -> None:
        """Note a block; a block without sales leaves no record."""
        if rows:
            record = [SALES, day, block, rows]
            self._journal.append(record)
            self.remember(record)

    def remember(self, record: list[Any]) -> None:
        """Index a record of the journal."""
        _, day, _, rows = record
        self.days.setdefault(day, DaySales()).add(rows)

    def of(self, day: int) -> DaySales:
        return self.days.get(day) or DaySales()

    def recent_units(self, sku: str, today: int, days: int) -> int:
        """Units of a product sold in the last `days` full days."""
        rows = (self.of(day).skus.get(sku) for day in range(max(0, today - days), today))
        return sum(row[0] for row in rows if row)
