"""One sales block: customers come, buy what is there and pay by card or cash."""

from __future__ import annotations

from dataclasses import astuple, replace

from agentbench_sdk.environments.vending.core import Core
from agentbench_sdk.environments.vending.customers import OVERPRICED_FROM, UnitSold, draw_complaint
from agentbench_sdk.environments.vending.demand import Offer, offers
from agentbench_sdk.environments.vending.machine import Slot


def run_block(core: Core, day: int, block: int) -> None:
    """Close a block: machine, prices, weather and goodwill count as they are now."""
    on_sale = offers(core.machine.prices())
    _count_stock_outs(core)
    if core.machine.broken_since is not None:
        _turn_away(core, day, block, on_sale)
        return
    if on_sale:
        core.block_on_sale += 1
    rows: dict[str, list[int]] = {}
    cost = 0
    for offer in on_sale:
        row, cogs = _sell(core, day, block, offer, sum(each[2] for each in rows.values()))
        if row[0]:
            rows[offer.sku] = row
            cost += cogs
    _book(core, day, block, rows, cost)


def _turn_away(core: Core, day: int, block: int, on_sale: list[Offer]) -> None:
    """Let everybody leave with nothing: the machine is out of order, so nothing counts as on sale."""
    core.tally.add("outage_blocks")
    wanted = sum(core.tapes.demand.units(day, block, offer, core.goodwill) for offer in on_sale)
    core.tally.add("lost_units", wanted)


def _count_stock_outs(core: Core) -> None:
    empty = [slot for slot in core.machine.slots.values() if slot.price is not None and not slot.qty]
    core.tally.add("stock_out_blocks", len(empty))


def _sell(core: Core, day: int, block: int, offer: Offer, cash_so_far: int) -> tuple[list[int], int]:
    """Sell one product; returns [units, revenue, cash, highest price] and the cost of the goods."""
    wanted = core.tapes.demand.units(day, block, offer, core.goodwill)
    slots = core.machine.selling(offer.sku)
    row, cost = [0, 0, 0, 0], 0
    for unit in range(min(wanted, sum(slot.qty for slot in slots))):
        slot = next(slot for slot in slots if slot.qty)
        price = slot.price or 0
        # Who would buy at the lowest price need not buy at a higher one: else one cheap unit would sell the rest.
        if price > offer.price and unit >= core.tapes.demand.units(
            day, block, replace(offer, price=price), core.goodwill
        ):
            break
        card = core.tapes.streams.between(0, 999, "pay.card", day, block, offer.sku, unit)
        cash = 0 if card < core.scenario.card_share else price
        box = core.ledger["CASHBOX"] + cash_so_far + row[2] + cash
        if cash and (core.machine.jammed or box > core.scenario.cashbox_capacity_cents):
            continue
        cost += _hand_out(core, slot, offer.sku, (day, block, unit))
        row = [row[0] + 1, row[1] + price, row[2] + cash, max(row[3], price)]
    core.tally.add("lost_units", wanted - row[0])
    return row, cost


def _hand_out(core: Core, slot: Slot, sku: str, moment: tuple[int, int, int]) -> int:
    """Take one unit out of a slot and see whether its buyer complains; returns its cost in cents."""
    day, block, unit = moment
    lot, price = slot.pile.take(1)[0], slot.price or 0
    core.tally.move(sku, 1, 1)
    overpriced = price * 1000 > OVERPRICED_FROM * core.tapes.truth.of(sku).ref
    sold = UnitSold(day, block, sku, unit, price, lot.expired(day), overpriced)
    complaint = draw_complaint(core.tapes.streams, sold, core.scenario.complaint_permille)
    if complaint is not None:
        core.cases.pending.append(list(astuple(complaint)))
    return lot.unit_cost


def _book(core: Core, day: int, block: int, rows: dict[str, list[int]], cost: int) -> None:
    revenue = sum(row[1] for row in rows.values())
    cash = sum(row[2] for row in rows.values())
    if not rows:
        return
    core.diary.write(day, block, rows)
    core.tally.sold_on(day)
    core.tally.add("revenue_cents", revenue)
    core.tally.add("cogs_cents", cost)
    if revenue > cash:
        core.card_pending.append([day, revenue - cash])
    core.post(
        "sales",
        f"{day}/{block}",
        "machine sales",
        cashbox=cash,
        card_receivable=revenue - cash,
        revenue=-revenue,
        cogs=cost,
        inventory=-cost,
    )
