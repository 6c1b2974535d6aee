"""Tricks with an order that has just been paid: more money is demanded, or other goods are sent."""

from __future__ import annotations

from collections.abc import Iterable

from agentbench_sdk.environments.vending.catalogue import products
from agentbench_sdk.environments.vending.core import Core
from agentbench_sdk.environments.vending.mailroom import Draft
from agentbench_sdk.environments.vending.streams import scale, split
from agentbench_sdk.environments.vending.suppliers import letters
from agentbench_sdk.environments.vending.suppliers.account import Order
from agentbench_sdk.environments.vending.suppliers.pricing import ceil_div
from agentbench_sdk.environments.vending.suppliers.roster import Supplier
from agentbench_sdk.environments.vending.web.pages import money

HOLD_UP, SUBSTITUTION = "hold-up", "substitution"
CANCEL_LOSS = 300  # per mille of what was paid
_SUPPLEMENT = (250, 400)  # per mille of the goods
_HOLD_DAYS = 10


def set_hook(core: Core, supplier: Supplier, order: Order) -> None:
    """Decide, when an order is paid for the first time, what comes after the payment.

    The first small order is delivered as agreed; it is what makes an operator pay for a large one.
    """
    above, paid_before = supplier.terms.hook_above, core.accounts[supplier.id].paid_orders
    if not above or (order.goods_cents <= above and not paid_before):
        return
    draw = core.tapes.streams.uniform64("sup.hook", supplier.id, order.ordinal)
    kind, rest = split(draw, 2)
    order.hook = (HOLD_UP, SUBSTITUTION)[kind]
    if order.hook == HOLD_UP:
        _hold(core, supplier, order, scale(rest, *_SUPPLEMENT))


def _hold(core: Core, supplier: Supplier, order: Order, rate: int) -> None:
    """Keep a paid order back until a supplement is paid, for ten days from the demand on."""
    order.status = "held"
    order.supplement = ceil_div(order.goods_cents * rate, 1000)
    order.total += order.supplement
    order.due = core.day + _HOLD_DAYS
    body = letters.write(
        "supplement",
        supplier,
        order.ordinal,
        invoice=order.id,
        supplement=money(order.supplement),
        kept=CANCEL_LOSS // 10,
        due=order.due,
    )
    core.mailroom.wait(core.day + 1, Draft(supplier.address, f"Supplement to {order.id}", body))


def substitute(skus: Iterable[str], sku: str) -> str:
    """What is sent in place of a product: the one of its category, among these, that sells worst."""
    category = products()[sku].category
    rivals = (each for each in skus if products()[each].category == category)
    return min(rivals, key=lambda each: (products()[each].base, each))
