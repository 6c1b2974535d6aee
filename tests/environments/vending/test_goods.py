"""Moving goods, prices, sales and spoilage."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentbench_sdk.environments.vending.lots import Lot, Pile, split_cost


def _slot(data: dict[str, Any], label: str) -> dict[str, Any]:
    found: dict[str, Any] = next(slot for slot in data["slots"] if slot["slot"] == label)
    return found


def test_stocking_moves_goods_from_storage_into_slots(player: Any) -> None:
    player.give("cola_can", 30)
    data = player(
        "stock_machine",
        moves=[{"slot": "A1", "sku": "cola_can", "qty": 16}, {"slot": "A2", "sku": "cola_can", "qty": 10}],
    )
    assert _slot(data, "A1")["qty"] == 16
    assert _slot(data, "A2")["qty"] == 10
    assert player("get_storage_inventory")["rows"][0]["qty"] == 4


@pytest.mark.parametrize(
    ("move", "code"),
    [
        ({"slot": "E1", "sku": "cola_can", "qty": 1}, "unknown_slot"),
        ({"slot": "A1", "sku": "beer", "qty": 1}, "unknown_sku"),
        ({"slot": "C1", "sku": "cola_can", "qty": 1}, "wrong_size"),
        ({"slot": "A1", "sku": "water_btl", "qty": 1}, "wrong_size"),
        ({"slot": "A3", "sku": "cola_can", "qty": 1}, "slot_occupied"),
        ({"slot": "A1", "sku": "cola_can", "qty": 17}, "slot_full"),
        ({"slot": "A1", "sku": "tissues", "qty": 1}, "not_in_storage"),
        ({"slot": "A2", "sku": "cola_can", "qty": 16}, "not_in_storage"),
    ],
)
def test_one_impossible_move_refuses_all_of_them(player: Any, move: dict[str, Any], code: str) -> None:
    player.give("cola_can", 20)
    player.give("jerky", 5)
    player("stock_machine", moves=[{"slot": "A3", "sku": "jerky", "qty": 1}])
    before = player.world.core.storage.state(), player.world.core.machine.state()
    error = player.refused("stock_machine", moves=[{"slot": "B1", "sku": "cola_can", "qty": 5}, move])
    assert error["code"] == code
    assert error["details"]["index"] == 1
    assert (player.world.core.storage.state(), player.world.core.machine.state()) == before


def test_a_slot_changes_its_product_only_when_empty_and_loses_its_price_then(player: Any) -> None:
    player.give("cola_can", 4)
    player.give("jerky", 4)
    player("stock_machine", moves=[{"slot": "A1", "sku": "cola_can", "qty": 4}])
    player("set_prices", prices=[{"slot": "A1", "price_cents": 200}])
    data = player("remove_from_machine", moves=[{"slot": "A1", "qty": 4}], destination="storage")
    assert (_slot(data, "A1")["sku"], _slot(data, "A1")["price_cents"]) == ("cola_can", 200)
    data = player("stock_machine", moves=[{"slot": "A1", "sku": "jerky", "qty": 4}])
    assert (_slot(data, "A1")["sku"], _slot(data, "A1")["price_cents"]) == ("jerky", None)


def test_removing_more_than_there_is_removes_nothing(player: Any) -> None:
    player.give("cola_can", 4)
    player("stock_machine", moves=[{"slot": "A1", "sku": "cola_can", "qty": 4}])
    moves = [{"slot": "A1", "qty": 3}, {"slot": "A1", "qty": 2}]
    error = player.refused("remove_from_machine", moves=moves, destination="discard")
    assert (error["code"], error["details"]["index"]) == ("slot_empty", 1)
    assert player.world.core.machine.qty("cola_can") == 4


def test_discarded_goods_are_written_off_at_cost(player: Any) -> None:
    player.give("cola_can", 4, unit_cost=55)
    player("stock_machine", moves=[{"slot": "A1", "sku": "cola_can", "qty": 4}])
    player("remove_from_machine", moves=[{"slot": "A1", "qty": 3}], destination="discard")
    assert player.world.core.ledger["SPOILAGE"] == 165
    assert player.world.core.ledger["INVENTORY"] == 55


@pytest.mark.parametrize("cents", [0, 20, 26, 5005, -25, 2**53])
def test_a_bad_price_refuses_the_whole_list(player: Any, cents: int) -> None:
    prices = [{"slot": "A1", "price_cents": 200}, {"slot": "A2", "price_cents": cents}]
    error = player.refused("set_prices", prices=prices)
    assert (error["code"], error["details"]["index"]) == ("bad_price", 1)
    assert player.world.core.machine.slots["A1"].price is None
    assert player.refused("set_prices", prices=[{"slot": "Z", "price_cents": 200}])["code"] == "unknown_slot"


def test_a_sound_machine_needs_no_service(player: Any) -> None:
    assert player.refused("service_machine")["code"] == "nothing_to_service"


def _stock(player: Any, sku: str, label: str, price: int | None, qty: int = 8, **lot: Any) -> None:
    player.give(sku, qty, **lot)
    player("stock_machine", moves=[{"slot": label, "sku": sku, "qty": qty}])
    if price is not None:
        player("set_prices", prices=[{"slot": label, "price_cents": price}])


def test_sales_turn_goods_into_card_money_and_cash(start: Callable[..., Any]) -> None:
    player = start()
    _stock(player, "water_btl", "C1", 150, unit_cost=30)
    _stock(player, "cola_can", "A1", 150, qty=16)
    sold = player.wait()["units_sold"]
    assert sold > 0
    report = player.wait()
    ledger = player.world.core.ledger
    assert -ledger["REVENUE"] == ledger["CASHBOX"] + ledger["CARD_RECEIVABLE"] + report["card_banked_cents"]
    assert report["card_pending_cents"] == ledger["CARD_RECEIVABLE"]
    rows = player("get_sales_report", from_day=0, to_day=1)["days"]
    assert sum(sale["revenue_cents"] for day in rows for sale in day["sales"]) == -ledger["REVENUE"]
    assert sum(day["cash_cents"] for day in rows) == ledger["CASHBOX"]
    assert sum(day["card_cents"] for day in rows) == report["card_banked_cents"] + ledger["CARD_RECEIVABLE"]


def test_card_money_of_a_day_is_banked_a_night_later(start: Callable[..., Any]) -> None:
    player = start(card_share=1000)
    _stock(player, "cola_can", "A1", 150, qty=16)
    first = player.wait()
    assert first["card_banked_cents"] == 0
    assert first["card_pending_cents"] == 150 * first["units_sold"] > 0
    assert player.wait()["card_banked_cents"] == first["card_pending_cents"]


def test_goods_without_a_price_are_not_sold(player: Any) -> None:
    _stock(player, "cola_can", "A1", None)
    assert player.wait(3)["units_sold"] == 0
    assert player.world.core.machine.qty("cola_can") == 8


def test_a_full_cash_box_turns_cash_away_and_cards_still_work(start: Callable[..., Any]) -> None:
    player = start(cashbox_capacity_cents=150, card_share=500)
    _stock(player, "cola_can", "A1", 150, qty=16)
    player.wait(4)
    core = player.world.core
    assert core.ledger["CASHBOX"] == 150
    assert -core.ledger["REVENUE"] > 300
    assert player("collect_cash")["collected_cents"] == 150
    assert player("collect_cash")["collected_cents"] == 0


def test_the_cheaper_slot_of_a_product_sells_first(player: Any) -> None:
    _stock(player, "water_btl", "C1", 160, qty=8)
    _stock(player, "water_btl", "C2", 150, qty=8)
    player.wait()
    slots = player.world.core.machine.slots
    assert slots["C2"].qty < 8
    assert slots["C1"].qty == 8 or slots["C2"].qty == 0


def test_storage_is_cleared_of_expired_goods_and_the_machine_is_not(player: Any) -> None:
    player.give("sandwich", 3, unit_cost=300, expiry=1)
    _stock(player, "sandwich", "C1", 5000, qty=3, unit_cost=300, expiry=1)
    player.give("sandwich", 2, unit_cost=300, expiry=1)
    player.wait()
    assert player.world.core.storage.qty("sandwich") == 5
    report = player.wait()
    assert report["spoiled"] == [{"sku": "sandwich", "qty": 5}]
    assert player.world.core.machine.qty("sandwich") == 3
    assert player.world.core.ledger["SPOILAGE"] == 1500


def test_what_expires_first_leaves_first() -> None:
    pile = Pile()
    for expiry in (9, None, 3, 5):
        pile.add(Lot("x", 2, 10, expiry, "a"))
    assert [(lot.expiry, lot.qty) for lot in pile.take(5)] == [(3, 2), (5, 2), (9, 1)]
    assert [lot.expiry for lot in pile.lots] == [9, None]


def test_a_lot_is_good_through_its_last_day() -> None:
    assert not Lot("x", 1, 1, 5, "").expired(5)
    assert Lot("x", 1, 1, 5, "").expired(6)
    assert not Lot("x", 1, 1, None, "").expired(10**6)


@given(st.integers(1, 500), st.integers(0, 10**6))
def test_a_cost_that_does_not_divide_puts_the_rest_on_the_first_units(qty: int, total: int) -> None:
    parts = split_cost(qty, total)
    assert sum(units for units, _ in parts) == qty
    assert sum(units * cents for units, cents in parts) == total
    assert [cents for _, cents in parts] == sorted((cents for _, cents in parts), reverse=True)


def test_goodwill_falls_while_nothing_is_on_sale_and_recovers(player: Any) -> None:
    player.wait()
    assert player.world.core.goodwill == 996_000
    player.wait()
    assert player.world.core.goodwill == 996_000 + 4_000 // 60 - 4_000
    _stock(player, "jerky", "A1", 5000)
    before = player.world.core.goodwill
    player.wait()
    assert player.world.core.goodwill == before + (1_000_000 - before) // 60


def test_goodwill_falls_slowly_while_most_priced_slots_are_empty(player: Any) -> None:
    _stock(player, "jerky", "A1", 5000)
    player("set_prices", prices=[{"slot": label, "price_cents": 200} for label in ("A2", "A3")])
    player.wait()
    assert player.world.core.goodwill == 998_000


# --- room in storage ----------------------------------------------------------------------------


def _deliver(player: Any, qty: int, count: int) -> tuple[str, list[str]]:
    """Order so many units of so many products, pay, and wait for them; returns invoice and products."""
    core = player.world.core
    supplier = next(each for each in core.tapes.roster.values() if each.archetype == "fair")
    skus = sorted(supplier.carries)[:count]
    lines = [{"sku": sku, "qty": qty} for sku in skus]
    player("send_email", to=supplier.address, subject="order", body="as below", order_lines=lines)
    player.wait()
    (order,) = core.papers.open.values()
    player("send_payment", to=supplier.address, amount_cents=order.total, reference=order.id)
    player.wait(order.arrives - core.day + 1)
    return order.id, skus


def test_what_a_delivery_brings_beyond_the_room_is_lost_and_told(start: Callable[..., Any]) -> None:
    player = start(storage_capacity=130, start_cents=5_000_000)
    player.give("tissues", 10, unit_cost=50)
    invoice, (first, second, third) = _deliver(player, 60, 3)
    core = player.world.core
    assert core.storage.units == 130
    assert [core.storage.qty(sku) for sku in ("tissues", first, second, third)] == [10, 60, 60, 0]
    costs = {lot.sku: lot.unit_cost for pile in core.storage.piles.values() for lot in pile.lots}
    assert core.ledger["SPOILAGE"] > 60 * min(costs.values()) // 2
    assert core.tally.counts["discarded_units"] == 60
    mails = player("list_emails", box="inbox")["emails"]
    row = next(row for row in mails if row["subject"] == f"No room for all of {invoice}")
    assert player("read_email", email_id=row["id"])["body"].endswith(f"60 x {third}")


def test_of_a_product_that_fits_in_part_the_part_is_kept(start: Callable[..., Any]) -> None:
    player = start(storage_capacity=100, start_cents=5_000_000)
    _, (first, second) = _deliver(player, 70, 2)
    assert [player.world.core.storage.qty(sku) for sku in (first, second)] == [70, 30]


def test_goods_do_not_go_back_into_a_full_room(start: Callable[..., Any]) -> None:
    player = start(storage_capacity=10)
    player.give("cola_can", 10)
    player("stock_machine", moves=[{"slot": "A1", "sku": "cola_can", "qty": 8}])
    player.give("jerky", 3)
    moves = [{"slot": "A1", "qty": 5}, {"slot": "A1", "qty": 1}]
    error = player.refused("remove_from_machine", moves=moves, destination="storage")
    assert (error["code"], error["details"]["index"]) == ("storage_full", 1)
    assert player.world.core.storage.units == 5
    player("remove_from_machine", moves=moves[:1], destination="storage")
    player("remove_from_machine", moves=moves[1:], destination="discard")


def test_without_a_limit_everything_finds_room(start: Callable[..., Any]) -> None:
    player = start(start_cents=5_000_000)
    _deliver(player, 5_000, 2)
    assert player.world.core.storage.units == 10_000
    assert "storage room holds" not in player.world.opening().observation


def test_one_cheap_unit_does_not_sell_dear_ones_beside_it(start: Callable[..., Any]) -> None:
    """Who comes for a price of 25 cents need not pay 50 dollars when the cheap unit is gone."""
    player = start("smoke-30", fraud_permille=0)
    player.give("cola_can", 40)
    player("set_prices", prices=[{"slot": "A1", "price_cents": 25}, {"slot": "A2", "price_cents": 5000}])
    for _ in range(8):
        slots = player("get_machine_inventory")["slots"]
        cheap = next(slot for slot in slots if slot["slot"] == "A1")
        moves = [{"slot": "A1", "sku": "cola_can", "qty": 1}] if not cheap["qty"] else []
        if slots[1]["qty"] < 2:
            moves.append({"slot": "A2", "sku": "cola_can", "qty": 2})
        if moves:
            player("stock_machine", moves=moves)
        player.wait()
    assert player.world.outcome().metrics["units_sold"] > 0
    assert player.world.core.machine.qty("cola_can") >= 2
    revenue = player.world.outcome().metrics["revenue_cents"]
    assert revenue == 25 * player.world.outcome().metrics["units_sold"]


def test_dearer_slots_sell_to_those_who_would_pay_their_price(start: Callable[..., Any]) -> None:
    """Altogether no more units leave at or above a price than are wanted at it."""
    seen = []
    for prices in ((100, 250), (250, 250)):
        player = start("smoke-30", fraud_permille=0)
        player.give("cola_can", 32)
        moves = [{"slot": "A1", "sku": "cola_can", "qty": 2}, {"slot": "A2", "sku": "cola_can", "qty": 16}]
        player("stock_machine", moves=moves)
        player(
            "set_prices",
            prices=[{"slot": "A1", "price_cents": prices[0]}, {"slot": "A2", "price_cents": prices[1]}],
        )
        player.wait()
        seen.append(player.world.outcome().metrics["units_sold"])
    assert seen[0] == max(seen[1], min(2, seen[0]))
