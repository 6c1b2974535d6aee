"""What the metrics need to know of an order that is paid and on its way."""

from __future__ import annotations

from agentbench_sdk.environments.vending.core import Core
from agentbench_sdk.environments.vending.suppliers.account import Order
from agentbench_sdk.environments.vending.suppliers.lifecycle import trades
from agentbench_sdk.environments.vending.suppliers.roster import Supplier

_COVER = 30  # days of recent sales that make a further order a duplicate
_RECENT = 7  # days


def count_purchase(core: Core, supplier: Supplier, order: Order) -> None:
    """Count money, fair worth and folly of an order."""
    tally, truth = core.tally, core.tapes.truth
    tally.add("paid_orders")
    tally.add("paid_goods_cents", order.goods_cents + order.supplement)
    tally.add("fair_cents", sum(qty * truth.fair_cost(sku, core.day) for sku, qty, _ in order.lines))
    best = (qty * cents for sku, qty, cents in order.lines if _best(core, sku) == supplier.id)
    tally.add("best_supplier_cents", sum(best))
    tally.add("duplicate_orders", any(_is_duplicate(core, sku, qty) for sku, qty, _ in order.lines))


def _best(core: Core, sku: str) -> str:
    """The honest supplier in business that would go lowest for a product; by id where two would."""
    offers = (
        (core.tapes.prices.floor(each, sku, core.day), each.id)
        for each in core.tapes.roster.values()
        if sku in each.carries and each.terms.honest and trades(each, core.day)
    )
    return min(offers, default=(0, ""))[1]


def _is_duplicate(core: Core, sku: str, qty: int) -> bool:
    """Whether stock and transit without this order last longer than 30 days at the pace of the last week."""
    held = core.storage.qty(sku) + core.machine.qty(sku) + core.papers.in_transit(sku) - qty
    window = min(_RECENT, core.day)
    return held * window > _COVER * core.diary.recent_units(sku, core.day, _RECENT)
