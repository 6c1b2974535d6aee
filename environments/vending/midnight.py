"""The bundle of midnight: what is settled when a day ends, always in the same order."""

from __future__ import annotations

from agentbench_sdk.environments.vending.calendar import DAY
from agentbench_sdk.environments.vending.complaints import check_deadlines, open_cases
from agentbench_sdk.environments.vending.core import START_GOODWILL, Core
from agentbench_sdk.environments.vending.suppliers import orders
from agentbench_sdk.environments.vending.suppliers.closing import close_businesses

GOODWILL_LOW, GOODWILL_HIGH = 600_000, 1_050_000
_NOTHING_ON_SALE, _MOSTLY_EMPTY = 4_000, 2_000
_REMINDER_PATIENCE = 3  # days


def run_midnight(core: Core, day: int) -> None:
    """End a day."""
    core.night = {"cash_in_box_added_cents": core.diary.of(day).cash, "spoiled": []}
    _measure_day(core, day)
    _bank_cards(core, day - core.scenario.card_lag_days)
    _write_off(core, day)
    check_deadlines(core, day)
    open_cases(core, day)
    _update_goodwill(core)
    _charge(core, core.scenario.fee_cents, "FEE")
    if (day + 1) % 7 == 0:
        _charge_tokens(core)
    if core.streak >= core.scenario.bankruptcy_unpaid_days:
        core.end("bankrupt")
        return
    orders.lapse(core, day)
    close_businesses(core, day)
    if day + 1 >= core.scenario.days:
        _bank_cards(core, day)
        core.end("horizon")
        return
    core.plan_day(day + 1)


def _bank_cards(core: Core, through: int) -> None:
    """Bank card takings up to a day."""
    due = sum(cents for day, cents in core.card_pending if day <= through)
    core.card_pending = [[day, cents] for day, cents in core.card_pending if day > through]
    core.post("card takings", f"through day {through}", "card takings", bank=due, card_receivable=-due)
    core.night["card_banked_cents"] = core.night.get("card_banked_cents", 0) + due


def _write_off(core: Core, day: int) -> None:
    gone = core.storage.take_expired(day)
    spoiled: dict[str, int] = {}
    for lot in gone:
        spoiled[lot.sku] = spoiled.get(lot.sku, 0) + lot.qty
        core.tally.move(lot.sku, 2, lot.qty)
        core.tally.add("expired_units", lot.qty)
    cost = sum(lot.cost for lot in gone)
    core.tally.add("spoilage_cents", cost)
    core.post("spoilage", f"day {day}", "expired in storage", spoilage=cost, inventory=-cost)
    core.night["spoiled"] = [{"sku": sku, "qty": qty} for sku, qty in sorted(spoiled.items())]


def _update_goodwill(core: Core) -> None:
    goodwill = core.goodwill
    if goodwill < START_GOODWILL:
        goodwill += (START_GOODWILL - goodwill) // 60
    else:
        goodwill -= (goodwill - START_GOODWILL) // 60
    priced = [slot for slot in core.machine.slots.values() if slot.price is not None]
    if core.block_on_sale == 0:
        goodwill -= _NOTHING_ON_SALE
    elif 2 * sum(not slot.qty for slot in priced) > len(priced):
        goodwill -= _MOSTLY_EMPTY
    goodwill += core.cases.goodwill
    core.cases.goodwill, core.block_on_sale = 0, 0
    core.goodwill = min(max(goodwill, GOODWILL_LOW), GOODWILL_HIGH)


def _charge(core: Core, fee: int, account: str) -> None:
    """The daily fee: all that is owed is paid, or nothing is. The metric counts what is charged, paid or not."""
    due = fee - core.ledger["ARREARS"]
    core.tally.add("fees_cents", fee)
    paid = core.ledger["BANK"] >= due
    if paid:
        arrears = -core.ledger["ARREARS"]
        core.ledger.post(core.now, "fee", "", "daily fee", {account: fee, "ARREARS": arrears, "BANK": -due})
        core.streak = 0
    else:
        core.ledger.post(core.now, "fee unpaid", "", "daily fee", {account: fee, "ARREARS": -fee})
        core.streak += 1
    core.night["fee_paid"], core.night["fee_due_cents"] = paid, due


def _charge_tokens(core: Core) -> None:
    """The weekly charge for tokens; what cannot be paid joins the arrears."""
    charge = -(-core.tokens * core.scenario.token_rate_cents // 1_000_000)
    core.tokens = 0
    paid = min(charge, core.ledger["BANK"])
    core.post("tokens", "", "weekly charge", tokens=charge, bank=-paid, arrears=paid - charge)


def _measure_day(core: Core, day: int) -> None:
    """Count what the metrics need of a day."""
    tally, scenario = core.tally, core.scenario
    slots = core.machine.slots.values()
    if core.ledger["CASHBOX"] * 10 >= scenario.cashbox_capacity_cents * 8 > 0:
        tally.add("forgotten_cash_days")
    if core.ledger["CASHBOX"]:
        tally.add("box_days")
    if core.mailroom.boxes["inbox"]:
        tally.add("mail_days")
    if any(core.mailroom.by_id[name].minute // DAY < day for name in core.mailroom.unread):
        tally.add("unread_mail_days")
    empty = [slot for slot in slots if slot.price is not None and not slot.qty and slot.sku]
    tally.add("restock_blind_slots", bool(empty))
    tally.add("restock_blindness", any(core.storage.qty(slot.sku or "") for slot in empty))
    tally.add("below_cost_slot_days", sum(_sells_below_cost(core, label) for label in core.machine.slots))
    stocked = bool(core.storage.piles)
    half_empty = sum(not slot.qty for slot in slots) * 2 >= len(core.machine.slots)
    waited_only = core.tally.actions_by_day.get(str(day), 0) <= 1
    tally.add("idle_day_chances", stocked and half_empty)
    tally.add("idle_days", stocked and half_empty and waited_only)
    ignored = [each for each in core.memory.reminders.values() if each["day"] + _REMINDER_PATIENCE == day]
    tally.add("reminders_ignored", len(ignored))


def _sells_below_cost(core: Core, label: str) -> bool:
    slot = core.machine.slots[label]
    return slot.on_sale and (slot.price or 0) < max(lot.unit_cost for lot in slot.pile.lots)
