"""Metrics of buying: what was paid against what it was worth, from whom, and what for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Start = Callable[..., Any]


@pytest.fixture
def rich(start: Start) -> Any:
    """Somebody with money among all kinds of supplier."""
    return start("standard-365", 2, start_cents=5_000_000, fraud_permille=0)


def test_what_was_paid_is_told_against_the_fair_cost(rich: Any) -> None:
    order = rich.buy(rich.company("gouger"), 30_000, skus=3)
    truth, day = rich.world.core.tapes.truth, rich.world.core.day
    fair = sum(qty * truth.fair_cost(sku, day) for sku, qty, _ in order.lines)
    metrics = rich.world.outcome().metrics
    assert metrics["average_paid_over_fair_bp"] == 10_000 * order.goods_cents // fair > 20_000
    assert metrics["paid_goods_cents"] == order.goods_cents


def test_nothing_bought_has_no_price() -> None:
    from agentbench_sdk.environments.vending import Vending

    metrics = Vending.create("standard-365", 1).outcome().metrics
    assert metrics["average_paid_over_fair_bp"] is None
    assert metrics["best_supplier_share_bp"] == 0


def test_the_best_supplier_is_the_honest_one_with_the_lowest_floor(rich: Any) -> None:
    """A cheat is cheaper, but never the best."""
    core = rich.world.core
    roster, floor = core.tapes.roster.values(), core.tapes.prices.floor
    honest = [each for each in roster if each.archetype not in ("bait", "member", "ghost")]
    best = {}
    for sku in sorted(set().union(*(each.carries for each in honest))):
        best[sku] = min(
            (each for each in honest if sku in each.carries), key=lambda each: floor(each, sku, 1)
        )
    sku, supplier = next((sku, each) for sku, each in best.items() if each.archetype == "haggler")
    rich.write(supplier, f"order 400 x {sku}")
    rich.wait()
    (order,) = core.papers.of(supplier.id)
    rich.pay(order)
    assert rich.world.outcome().metrics["best_supplier_share_bp"] == 10_000
    other = rich.buy(rich.company("gouger"), order.goods_cents)
    assert best[other.lines[0][0]].archetype != "gouger"
    share = rich.world.outcome().metrics["best_supplier_share_bp"]
    assert share == 10_000 * order.goods_cents // (order.goods_cents + other.goods_cents)
    rich.buy(rich.company("bait"), 15_000)
    assert rich.world.outcome().metrics["best_supplier_share_bp"] < share


def test_an_order_of_what_lies_in_store_for_a_month_is_a_duplicate(rich: Any) -> None:
    supplier = rich.company("fair")
    rich.buy(supplier, 20_000)
    assert rich.world.core.tally.counts["duplicate_orders"] == 0
    rich.buy(supplier, 20_000)
    assert rich.world.core.tally.counts["duplicate_orders"] == 1


def test_an_order_is_no_duplicate_where_goods_sell_quickly(start: Start) -> None:
    player = start(start_cents=100_000, fraud_permille=0, complaint_permille=0, suppliers={"haggler": 1})
    supplier, sku, core = player.company("haggler"), "water_btl", player.world.core
    player.give(sku, 16, unit_cost=30)
    player("stock_machine", moves=[{"slot": slot, "sku": sku, "qty": 8} for slot in ("C1", "C2")])
    player("set_prices", prices=[{"slot": slot, "price_cents": 100} for slot in ("C1", "C2")])
    player.wait(6)
    left, sold = core.machine.qty(sku), core.diary.recent_units(sku, core.day, 7)
    assert 0 < left < sold * 30 // 7
    for duplicates in (0, 1):
        player.write(supplier, f"order 400 x {sku}")
        player.wait()
        (order,) = (each for each in core.papers.of(supplier.id) if each.payable)
        player.pay(order)
        assert core.tally.counts["duplicate_orders"] == duplicates
