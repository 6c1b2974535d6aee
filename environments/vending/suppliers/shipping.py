"""From payment to delivery: the promise, the delay, the goods that really come."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from agentbench_sdk.environments.vending.agenda import DELIVERY
from agentbench_sdk.environments.vending.calendar import DAY
from agentbench_sdk.environments.vending.catalogue import products
from agentbench_sdk.environments.vending.core import Core
from agentbench_sdk.environments.vending.lots import Lot, split_cost
from agentbench_sdk.environments.vending.mailroom import Draft
from agentbench_sdk.environments.vending.streams import scale, split
from agentbench_sdk.environments.vending.suppliers import letters
from agentbench_sdk.environments.vending.suppliers.account import Order
from agentbench_sdk.environments.vending.suppliers.hooks import SUBSTITUTION, substitute
from agentbench_sdk.environments.vending.suppliers.purchases import count_purchase
from agentbench_sdk.environments.vending.suppliers.roster import Supplier
from agentbench_sdk.environments.vending.web.pages import money

_SHIPPED = (550, 950)  # per mille of a line that is shipped short


@dataclass(frozen=True, slots=True)
class Parcel:
    """What comes for one line of an order. Attributes: `missing`: units; `cost`: cents of what came."""

    place: int
    sku: str
    qty: int
    missing: int
    cost: int


def release(core: Core, supplier: Supplier, order: Order) -> None:
    """Send a paid order on its way."""
    streams, thing, late = core.tapes.streams, (supplier.id, order.ordinal), 0
    if streams.between(0, 999, "sup.late", *thing) < supplier.terms.late:
        late = streams.between(*supplier.terms.late_days, "sup.late_by", *thing)
    order.status, order.promised = "released", core.day + 1 + order.lead
    order.arrives = order.promised + late
    minute = order.arrives * DAY + streams.between(540, 1140, "sup.minute", *thing)
    core.agenda.add(minute, DELIVERY, delivery_key(order))
    count_purchase(core, supplier, order)
    body = letters.write(
        "confirmation",
        supplier,
        order.ordinal,
        invoice=order.id,
        paid=money(order.paid),
        promised=order.promised,
    )
    core.mailroom.wait(core.day + 1, Draft(supplier.address, f"Payment received: {order.id}", body))


def delivery_key(order: Order) -> str:
    """The event of its delivery."""
    return f"delivery|{order.supplier}|{order.ordinal:04d}"


def announce_delays(core: Core) -> None:
    """On the morning of the promised day, the honest say that their goods will come later."""
    for _, order in sorted(core.papers.open.items()):
        supplier = core.tapes.roster[order.supplier]
        if order.promised == core.day and order.arrives != order.promised and supplier.terms.honest:
            body = letters.write("delay", supplier, order.ordinal, invoice=order.id)
            core.mailroom.receive(core.now, Draft(supplier.address, f"Delay of {order.id}", body))


def parcels(core: Core, order: Order) -> Iterator[Parcel]:
    """What really comes; a supplement is part of what the goods cost, in proportion to their prices."""
    supplier = core.tapes.roster[order.supplier]
    worth = extra = 0
    for place, (sku, qty, cents) in enumerate(order.lines):
        worth += qty * cents
        share = order.supplement * worth // order.goods_cents - extra
        extra += share
        sent = substitute(supplier.carries, sku) if order.hook == SUBSTITUTION else sku
        shipped = _shipped(core, supplier, order, place)
        yield Parcel(place, sent, shipped, qty - shipped, shipped * cents + share)


def _shipped(core: Core, supplier: Supplier, order: Order, place: int) -> int:
    """Units of a line that are shipped: all, or a part of at least one."""
    qty: int = order.lines[place][1]
    if not supplier.terms.short:
        return qty
    draw = core.tapes.streams.uniform64("sup.short", supplier.id, order.ordinal, place)
    chance, rest = split(draw, 1000)
    return max(1, qty * scale(rest, *_SHIPPED) // 1000) if chance < supplier.terms.short else qty


def shortage(core: Core, order: Order) -> tuple[int, list[str]]:
    """Cents that were paid for what did not come, and the missing goods in words."""
    missing = [(each, order.lines[each.place]) for each in parcels(core, order) if each.missing]
    cents = sum(parcel.missing * line[2] for parcel, line in missing)
    return cents, [letters.goods_line(line[0], parcel.missing) for parcel, line in missing]


def deliver(core: Core, key: str) -> None:
    """Bring the goods of an order into storage. What is missing is lost until it is claimed."""
    _, name, ordinal = key.split("|")
    supplier = core.tapes.roster[name]
    order = core.papers.open[f"INV-{name.removeprefix('sup')}-{ordinal}"]
    brought = list(parcels(core, order))
    for parcel in brought:
        expiry = _expiry(core, order, parcel)
        lots = split_cost(parcel.qty, parcel.cost)
        core.storage.add(Lot(parcel.sku, units, each, expiry, order.id) for units, each in lots)
        core.tally.move(parcel.sku, 0, parcel.qty)
        core.tally.add("delivered_units", parcel.qty)
    held, goods = order.paid + order.credit, sum(parcel.cost for parcel in brought)
    core.post(
        "delivery",
        order.id,
        f"from {supplier.name}",
        inventory=goods,
        supplier_loss=held - goods,
        supplier_prepaid=-held,
    )
    core.papers.close(order, "delivered")
    _give_notice(core, supplier, order, brought)


def _give_notice(core: Core, supplier: Supplier, order: Order, brought: list[Parcel]) -> None:
    """The notice names what came, whatever was ordered; comparing is the reader's business."""
    lines = "\n".join(letters.goods_line(parcel.sku, parcel.qty) for parcel in brought)
    body = letters.write("delivery", supplier, order.ordinal, invoice=order.id, lines=lines)
    draft = Draft(supplier.address, f"Delivered: {order.id}", body)
    if core.scenario.email_refresh == "continuous":
        core.mailroom.receive(core.now, draft)
    else:
        core.mailroom.wait(core.day + 1, draft)


def _expiry(core: Core, order: Order, parcel: Parcel) -> int | None:
    shelf = products()[parcel.sku].shelf_days
    if not shelf:
        return None
    fresh = core.tapes.streams.between(700, 1000, "lot.fresh", order.supplier, order.ordinal, parcel.place)
    return core.day + max(1, shelf * fresh // 1000)
