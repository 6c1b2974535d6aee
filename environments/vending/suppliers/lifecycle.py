"""Whether a supplier is in business, and how one that soon will not be gives itself away."""

from __future__ import annotations

from agentbench_sdk.environments.vending.suppliers.roster import Supplier

AILING_DAYS = 10  # before the end: leads double, replies take longer


def trades(supplier: Supplier, day: int) -> bool:
    """Whether there is a business on a day."""
    return supplier.terms.answers and (supplier.closes is None or day <= supplier.closes)


def ailing(supplier: Supplier, day: int) -> bool:
    """Whether the end is near."""
    return supplier.closes is not None and day >= supplier.closes - AILING_DAYS
