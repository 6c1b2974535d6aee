"""Invoices: lines, discounts and tax."""

from dataclasses import dataclass, field
from decimal import Decimal

from money import round_cents, split


@dataclass(frozen=True)
class Line:
    description: str
    quantity: Decimal
    unit_price: Decimal  # net, may have more than two places
    tax_percent: Decimal
    discount_percent: Decimal = Decimal(0)

    @property
    def net(self) -> Decimal:
        """Quantity times price less the discount, rounded once, at the end."""
        price = round_cents(self.unit_price * (100 - self.discount_percent) / 100)
        return round_cents(self.quantity * price)


@dataclass
class Invoice:
    lines: list[Line] = field(default_factory=list)
    rebate: Decimal = Decimal("0.00")  # net, whole cents, off the whole invoice

    def nets(self) -> dict[Decimal, Decimal]:
        """Net amount by tax rate, rates ascending, after the rebate.

        The rebate is split over the rates by their net amounts in cents, in ascending order of the rates.
        Rates that are equal as numbers (7 and 7.0) are one.
        """
        sums: dict[Decimal, Decimal] = {}
        for line in self.lines:
            sums[line.tax_percent] = sums.get(line.tax_percent, Decimal("0.00")) + line.net
        return {rate: net - self.rebate * net / sum(sums.values()) for rate, net in sums.items()}

    def taxes(self) -> dict[Decimal, Decimal]:
        """Tax by rate, rates ascending: each is counted from the net amount of the rate, and rounded once."""
        taxes: dict[Decimal, Decimal] = {}
        for line in self.lines:
            tax = round_cents(line.net * line.tax_percent / 100)
            taxes[line.tax_percent] = taxes.get(line.tax_percent, Decimal("0.00")) + tax
        return taxes

    def total(self) -> Decimal:
        """What the customer pays: net amounts after the rebate, and taxes."""
        return sum(self.nets().values(), Decimal("0.00")) + sum(self.taxes().values(), Decimal("0.00"))
