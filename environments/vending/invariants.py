"""What must hold after every event; checked in debug mode and by the tests."""

from __future__ import annotations

from agentbench_sdk.environments.vending.catalogue import products
from agentbench_sdk.environments.vending.core import Core


class InvariantError(AssertionError):
    """The world is in a state that cannot be: a bug of ours, never the agent's doing."""


def check_invariants(core: Core) -> None:
    """Check money, stock and slots.

    Raises:
        InvariantError: says which rule is broken.
    """
    _check_money(core)
    _check_stock(core)
    _check_slots(core)


def _require(holds: bool, rule: str) -> None:
    if not holds:
        raise InvariantError(rule)


def _check_money(core: Core) -> None:
    ledger = core.ledger
    _require(sum(ledger.balances.values()) == 0, "all accounts sum to zero")
    _require(ledger["BANK"] >= 0, "the bank is never below zero")
    _require(0 <= ledger["CASHBOX"] <= core.scenario.cashbox_capacity_cents, "the cash box holds its limit")
    pending = sum(cents for _, cents in core.card_pending)
    _require(ledger["CARD_RECEIVABLE"] == pending >= 0, "card takings are those not banked yet")
    _require(ledger["ARREARS"] <= 0, "arrears are owed")
    credit = sum(account.credit for account in core.accounts.values())
    _require(ledger["SUPPLIER_CREDIT"] == credit, "supplier credit is that of all suppliers")
    prepaid = sum(order.paid + order.credit for order in core.papers.open.values())
    _require(ledger["SUPPLIER_PREPAID"] == prepaid, "prepaid money belongs to open orders")


def _check_stock(core: Core) -> None:
    slots = core.machine.slots.values()
    piles = [*core.storage.piles.values(), *(slot.pile for slot in slots)]
    value = sum(pile.cost for pile in piles)
    _require(core.ledger["INVENTORY"] == value, "inventory is what the lots cost")
    _require(all(lot.qty > 0 for pile in piles for lot in pile.lots), "no lot is empty or negative")
    seen = {lot.sku for pile in piles for lot in pile.lots} | set(core.tally.moved)
    for sku in sorted(seen):
        delivered, *gone = core.tally.moved.get(sku, (0, 0, 0, 0))
        held = core.storage.qty(sku) + core.machine.qty(sku)
        _require(delivered == held + sum(gone), f"units of {sku} are all accounted for")


def _check_slots(core: Core) -> None:
    for slot in core.machine.slots.values():
        _require(0 <= slot.qty <= slot.capacity, f"slot {slot.label} holds its capacity")
        kinds = {lot.sku for lot in slot.pile.lots}
        _require(kinds <= {slot.sku}, f"slot {slot.label} holds one product")
        if slot.sku is not None:
            _require(products()[slot.sku].size == slot.size, f"slot {slot.label} holds its size")
