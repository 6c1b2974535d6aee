"""What a supplier asks for a product: a list price that comes down towards a floor, step by step."""

from __future__ import annotations

from dataclasses import dataclass

from agentbench_sdk.environments.vending.catalogue import Truth, products
from agentbench_sdk.environments.vending.suppliers.roster import Supplier
from agentbench_sdk.simulation import SeededStreams

# From how many full cases a line is priced at how many per mille.
TIERS = ((10, 930), (5, 955), (2, 980))
_LOYALTY_STEP, _LOYALTY_MOST = 5, 40  # per mille of the list price


def ceil_div(number: int, divisor: int) -> int:
    """Division rounded up."""
    return -(-number // divisor)


def tier(sku: str, qty: int) -> tuple[int, int]:
    """(per mille, smallest quantity) of the tier that a line falls into."""
    case = products()[sku].case
    for cases, rate in TIERS:
        if qty >= cases * case:
            return rate, cases * case
    return 1000, 1


@dataclass(frozen=True, slots=True)
class Prices:
    """Prices of one seed; derived, so never part of the state. All results are cents a unit."""

    streams: SeededStreams
    truth: Truth
    noises: dict[tuple[str, str], int]

    def _noise(self, supplier: str, sku: str) -> int:
        if (supplier, sku) not in self.noises:
            self.noises[supplier, sku] = self.streams.between(950, 1050, "sup.price", supplier, sku)
        return self.noises[supplier, sku]

    def _scaled(self, supplier: Supplier, sku: str, day: int, rate: int) -> int:
        """A rate of the fair cost, in ppm, with the supplier's noise."""
        fair = self.truth.fair_cost(sku, day)
        return ceil_div(fair * rate * self._noise(supplier.id, sku), 1_000_000_000)

    def floor(self, supplier: Supplier, sku: str, day: int, *, joined: bool = False) -> int:
        """Below this it never sells."""
        return self._scaled(supplier, sku, day, supplier.terms_when(joined=joined).floor * 1000)

    def ask(
        self,
        supplier: Supplier,
        sku: str,
        day: int,
        concessions: int,
        paid_orders: int,
        *,
        joined: bool = False,
    ) -> int:
        """What it asks for small quantities after some concessions and fully paid orders."""
        terms = supplier.terms_when(joined=joined)
        loyal = 1000 - min(_LOYALTY_STEP * paid_orders, _LOYALTY_MOST)
        floor = self.floor(supplier, sku, day, joined=joined)
        top = max(self._scaled(supplier, sku, day, terms.list_price * loyal), floor)
        left, steps = 1000 - terms.step, min(concessions, 60)
        return floor + ceil_div((top - floor) * left**steps, 1000**steps)

    def price(
        self,
        supplier: Supplier,
        sku: str,
        qty: int,
        day: int,
        concessions: int,
        paid_orders: int,
        *,
        joined: bool = False,
    ) -> int:
        """What it asks for a line of this quantity."""
        ask = self.ask(supplier, sku, day, concessions, paid_orders, joined=joined)
        rate = tier(sku, qty)[0] if supplier.terms.tiers else 1000
        return max(self.floor(supplier, sku, day, joined=joined), ceil_div(ask * rate, 1000))
