"""Goods that find no room: a storage room with a limit takes what fits of a delivery, the rest is lost."""

from __future__ import annotations

from agentbench_sdk.environments.vending.core import Core
from agentbench_sdk.environments.vending.mailroom import STOREKEEPER, Draft


def discard_overflow(core: Core, invoice: str) -> None:
    """Throw away what a delivery has brought beyond the limit, the last products first."""
    capacity = core.scenario.storage_capacity
    over = core.storage.units - capacity if capacity else 0
    lost: list[tuple[str, int]] = []
    for sku in sorted(core.storage.piles, reverse=True):
        if over <= 0:
            break
        lots = core.storage.take_from(sku, invoice, over)
        if units := sum(lot.qty for lot in lots):
            cost = sum(lot.cost for lot in lots)
            over -= units
            lost.append((sku, units))
            core.tally.move(sku, 3, units)
            core.tally.add("discarded_units", units)
            core.tally.add("spoilage_cents", cost)
            core.post("no room", invoice, "thrown away", spoilage=cost, inventory=-cost)
    if lost:
        goods = "\n".join(f"{units} x {sku}" for sku, units in sorted(lost))
        body = f"The storage room holds {capacity} units. There was no room for these, and they are gone:\n\n{goods}"
        core.mailroom.wait(core.day + 1, Draft(STOREKEEPER, f"No room for all of {invoice}", body))
