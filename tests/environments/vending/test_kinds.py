"""What each kind of supplier does that others do not: short shipments, tricks, fees, ends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agentbench_sdk.environments.vending.catalogue import products
from agentbench_sdk.environments.vending.streams import streams_for
from agentbench_sdk.environments.vending.suppliers.archetypes import TERMS
from agentbench_sdk.environments.vending.suppliers.roster import draw_roster
from agentbench_sdk.environments.vending.suppliers.shipping import parcels

Start = Callable[..., Any]


@pytest.fixture
def alone(start: Start) -> Start:
    """A rich operator, fair suppliers and one kind: `alone("bait", seed=3)`."""

    def begin(kind: str, seed: int = 1, **more: Any) -> Any:
        scenario = {"suppliers": {"fair": 1, kind: 1}, "start_cents": 10_000_000, **more}
        return start("standard-365", seed, complaint_permille=0, fraud_permille=0, **scenario)

    return begin


def _stored(player: Any) -> dict[str, int]:
    return {row["sku"]: row["qty"] for row in player("get_storage_inventory")["rows"]}


def _await_delivery(player: Any, order: Any) -> None:
    """Wait until the morning after the delivery."""
    player.wait(order.arrives + 1 - player.world.core.day)


def _lines(order: Any) -> dict[str, int]:
    return {sku: qty for sku, qty, _ in order.lines}


def test_the_table_of_kinds_is_that_of_the_rules() -> None:
    rows = {
        kind: (each.list_price, each.floor, each.step, each.patience, each.minimum, each.lead_days, each.late)
        for kind, each in TERMS.items()
    }
    assert rows == {
        "fair": (1080, 1000, 250, 2, 4_000, (2, 4), 60),
        "haggler": (1480, 900, 350, 5, 6_000, (2, 5), 80),
        "bulk": (1020, 860, 150, 2, 25_000, (3, 6), 80),
        "slow": (980, 920, 200, 3, 5_000, (7, 12), 250),
        "partial": (960, 930, 150, 2, 5_000, (2, 5), 100),
        "gouger": (2400, 1850, 100, 2, 0, (1, 3), 40),
        "bait": (780, 740, 100, 2, 3_000, (3, 6), 150),
        "member": (700, 690, 0, 1, 0, (3, 5), 60),
        "doomed": (930, 880, 250, 3, 4_000, (2, 4), 60),
        "ghost": (0, 0, 0, 0, 0, (0, 0), 0),
    }
    counts = [TERMS[kind].categories for kind in TERMS if kind != "ghost"]
    assert counts == [5, 6, 4, 6, 5, 8, 6, 7, 5]
    assert [TERMS[kind].late_days for kind in ("slow", "gouger", "bait", "member")] == [
        (2, 6), (1, 2), (1, 4), (1, 3),
    ]  # fmt: skip


# --- partial: short shipments and claims --------------------------------------------------------


def test_half_of_the_lines_come_short_by_5_to_45_percent(alone: Start) -> None:
    shares = []
    for seed in range(1, 9):
        player = alone("partial", seed)
        order = player.buy(player.company("partial"), 400_000, skus=10)
        for parcel, (sku, qty, _) in zip(parcels(player.world.core, order), order.lines, strict=True):
            assert parcel.sku == sku
            assert parcel.qty + parcel.missing == qty
            shares.append(1000 * parcel.qty // qty)
    short = [share for share in shares if share < 1000]
    assert 0.35 < len(short) / len(shares) < 0.65
    assert 540 <= min(short) < 620
    assert 880 < max(short) <= 950


def _short_order(alone: Start) -> tuple[Any, Any]:
    """A delivered order with a shortage, and a player on the morning after."""
    for seed in range(1, 9):
        player = alone("partial", seed)
        order = player.buy(player.company("partial"), 60_000, skus=4)
        if any(parcel.missing for parcel in parcels(player.world.core, order)):
            _await_delivery(player, order)
            return player, order
    raise AssertionError("one of eight orders is short")


def test_what_is_missing_is_lost_and_the_notice_tells_what_came(alone: Start) -> None:
    player, order = _short_order(alone)
    came = {parcel.sku: parcel.qty for parcel in parcels(player.world.core, order)}
    assert _stored(player) == came != _lines(order)
    ledger = player.world.core.ledger
    lost = sum((qty - came[sku]) * cents for sku, qty, cents in order.lines)
    assert (ledger["SUPPLIER_LOSS"], ledger["SUPPLIER_PREPAID"]) == (lost, 0)
    assert ledger["INVENTORY"] == order.paid - lost
    assert player.world.outcome().metrics["supplier_loss_cents"] == lost
    body = player.latest(player.company("partial"))["body"]
    for sku, qty in came.items():
        assert f"{qty} x {sku}" in body


def test_a_claim_within_seven_days_is_credited_once_and_used_on_the_next_invoice(alone: Start) -> None:
    player, order = _short_order(alone)
    supplier, lost = player.company("partial"), player.world.core.ledger["SUPPLIER_LOSS"]
    player.wait(order.arrives + 7 - player.world.core.day)
    mail = player.ask(supplier, f"{order.id} came short, goods are missing.")
    assert f"${lost // 100}.{lost % 100:02d}" in mail["body"]
    ledger = player.world.core.ledger
    assert (ledger["SUPPLIER_LOSS"], ledger["SUPPLIER_CREDIT"]) == (0, lost)
    player.ask(supplier, f"{order.id} came short!")
    assert ledger["SUPPLIER_CREDIT"] == lost
    again = player.order(supplier, 60_000)
    assert (again.credit, again.total) == (lost, again.goods_cents - lost)


def test_a_claim_after_seven_days_comes_too_late(alone: Start) -> None:
    player, order = _short_order(alone)
    player.wait(order.arrives + 8 - player.world.core.day)
    mail = player.ask(player.company("partial"), f"{order.id}: goods are missing")
    assert "7 days" in mail["body"]
    assert player.world.core.ledger["SUPPLIER_CREDIT"] == 0


def test_a_claim_without_a_shortage_or_to_another_company_brings_nothing(alone: Start) -> None:
    player = alone("haggler")
    order = player.buy(player.company("haggler"), 20_000)
    _await_delivery(player, order)
    assert "complete" in player.ask(player.company("haggler"), f"{order.id} came short")["body"]
    assert "no such invoice" in player.ask(player.company("fair"), f"{order.id} came short")["body"]
    assert player.world.core.ledger["SUPPLIER_CREDIT"] == 0


# --- bait: demands and swaps after the payment --------------------------------------------------


def _hooked(alone: Start, hook: str) -> tuple[Any, Any]:
    """A large first order that has just been paid and met this trick."""
    for seed in range(1, 12):
        player = alone("bait", seed)
        order = player.buy(player.company("bait"), 60_000, skus=5)
        if order.hook == hook:
            return player, order
    raise AssertionError("each trick comes up in eleven draws")


def test_the_first_small_order_is_delivered_and_the_second_is_hooked(alone: Start) -> None:
    for seed in range(1, 5):
        player = alone("bait", seed)
        first = player.buy(player.company("bait"), 15_000)
        assert (first.hook, first.status) == ("", "released")
        _await_delivery(player, first)
        assert _stored(player) == _lines(first)
        second = player.buy(player.company("bait"), 5_000)
        third = player.buy(player.company("bait"), 5_000)
        assert "" not in (second.hook, third.hook)


def test_an_order_above_200_dollars_is_hooked_at_once_in_either_way(alone: Start) -> None:
    found = []
    for seed in range(1, 13):
        player = alone("bait", seed)
        order = player.buy(player.company("bait"), 25_000)
        assert order.goods_cents > 20_000
        found.append(order.hook)
        if order.hook == "hold-up":
            assert 250 * order.goods_cents <= 1000 * order.supplement <= 400 * order.goods_cents + 1000
    assert set(found) == {"hold-up", "substitution"}


def test_paying_the_supplement_releases_the_goods_at_that_cost(alone: Start) -> None:
    player, order = _hooked(alone, "hold-up")
    supplier = player.company("bait")
    assert (order.status, player.world.core.papers.in_transit(order.lines[0][0])) == ("held", 0)
    player.wait()
    mail = player.latest(supplier)
    assert mail["subject"] == f"Supplement to {order.id}"
    assert f"${order.supplement // 100}.{order.supplement % 100:02d}" in mail["body"]
    player.wait(3)
    player.pay(order, 1)
    assert order.status == "held"
    player.pay(order)
    assert (order.status, order.promised) == ("released", player.world.core.day + 1 + order.lead)
    _await_delivery(player, order)
    assert _stored(player) == _lines(order)
    ledger = player.world.core.ledger
    assert ledger["INVENTORY"] == order.goods_cents + order.supplement
    assert (ledger["SUPPLIER_LOSS"], ledger["SUPPLIER_PREPAID"]) == (0, 0)
    metrics = player.world.outcome().metrics
    assert metrics["paid_goods_cents"] == order.goods_cents + order.supplement


def test_cancelling_instead_costs_300_per_mille(alone: Start) -> None:
    player, order = _hooked(alone, "hold-up")
    bank = player.world.core.ledger["BANK"]
    player.ask(player.company("bait"), f"I cancel {order.id}")
    ledger, fees = player.world.core.ledger, player.world.core.scenario.fee_cents
    paid = order.goods_cents
    assert ledger["BANK"] == bank + paid * 700 // 1000 - fees
    assert ledger["SUPPLIER_LOSS"] == paid - paid * 700 // 1000
    assert player.world.core.papers.closed[order.id].status == "cancelled"


def test_without_action_for_ten_days_all_is_lost(alone: Start) -> None:
    player, order = _hooked(alone, "hold-up")
    player.wait(10)
    assert order.status == "held"
    player.wait()
    assert player.world.core.papers.closed[order.id].status == "lost"
    assert player.world.core.ledger["SUPPLIER_LOSS"] == order.paid
    assert _stored(player) == {}
    mail = player.ask(player.company("bait"), f"I cancel {order.id}")
    assert "lost" in mail["body"]


def test_other_goods_come_in_place_of_those_ordered(alone: Start) -> None:
    player, order = _hooked(alone, "substitution")
    supplier = player.company("bait")
    assert "on its way" in player.ask(supplier, f"I cancel {order.id}")["body"]
    _await_delivery(player, order)
    expected: dict[str, int] = {}
    for sku, qty, _ in order.lines:
        same = [each for each in supplier.carries if products()[each].category == products()[sku].category]
        worst = min(same, key=lambda each: (products()[each].base, each))
        expected[worst] = expected.get(worst, 0) + qty
    assert _stored(player) == expected != _lines(order)
    assert player.world.core.ledger["INVENTORY"] == order.paid
    player.ask(supplier, f"{order.id}: these are the wrong goods")
    assert player.world.core.ledger["SUPPLIER_CREDIT"] == 0


def test_what_is_paid_too_much_is_credit_with_the_honest_and_lost_with_cheats(alone: Start) -> None:
    for kind, credit, loss in (("haggler", 500, 0), ("bait", 0, 500)):
        player = alone(kind)
        order = player.order(player.company(kind), 15_000)
        player.pay(order, order.total + 500)
        ledger = player.world.core.ledger
        assert (ledger["SUPPLIER_CREDIT"], ledger["SUPPLIER_LOSS"]) == (credit, loss)
        assert player.world.core.tally.counts["phantom_payments"] == 0


def test_a_cheat_calls_its_quotes_binding_and_does_not_keep_them(alone: Start) -> None:
    """What it agreed to, it forgets; what an honest one agreed to holds for a week."""
    for kind, kept in (("doomed", True), ("bait", False)):
        player = alone(kind)
        supplier = player.company(kind)
        prices, day = player.world.core.tapes.prices, player.world.core.day + 1
        sku = max(supplier.carries, key=lambda sku: prices.floor(supplier, sku, day))
        counter = prices.ask(supplier, sku, day, 1, 0)
        (quote,) = player.ask(supplier, f"My counter-offer: {sku} at {counter} cents")["attachments"]
        assert quote["binding"] is True
        assert quote["lines"][0]["unit_cents"] == counter
        (invoice,) = player.ask(supplier, f"order 50 x {sku}")["attachments"]
        assert (invoice["lines"][0]["unit_cents"] <= counter) == kept


# --- member: a fee before the first order -------------------------------------------------------


def test_who_has_not_joined_cannot_order_and_pays_more_afterwards(alone: Start) -> None:
    player = alone("member")
    supplier = player.company("member")
    sku = min(supplier.carries)
    cheap = player.ask(supplier, f"price of {sku}?")["attachments"][0]["lines"][0]["unit_cents"]
    (refusal,) = player.ask(supplier, f"order 100 x {sku}")["attachments"]
    assert refusal["reason"] == "joining_first"
    assert "$90.00" in refusal["text"]
    (invoice,) = player.ask(supplier, "I want to join.")["attachments"]
    assert (invoice["total_cents"], invoice["lines"]) == (9_000, [])
    assert player.ask(supplier, "I want to join.")["attachments"][0]["id"] == invoice["id"]
    player("send_payment", to=supplier.address, amount_cents=9_000, reference=invoice["id"])
    assert player.world.core.ledger["SUPPLIER_LOSS"] == 9_000
    player.wait()
    assert player.latest(supplier)["subject"] == "Welcome"
    dear = player.ask(supplier, f"price of {sku}?")["attachments"][0]["lines"][0]["unit_cents"]
    assert abs(dear * 700 - cheap * 1250) < 2 * 1250
    order = player.order(supplier, 20_000)
    assert order.lines[0][2] >= dear
    player.pay(order)
    assert order.status == "released"
    assert player.world.core.tally.counts["paid_orders"] == 1


def test_an_unpaid_joining_fee_lapses_and_a_part_of_it_is_lost(alone: Start) -> None:
    player = alone("member")
    supplier = player.company("member")
    invoice = player.ask(supplier, "membership please")["attachments"][0]["id"]
    player("send_payment", to=supplier.address, amount_cents=4_000, reference=invoice)
    player.wait(6)
    assert player.world.core.papers.closed[invoice].status == "lapsed"
    assert player.world.core.ledger["SUPPLIER_LOSS"] == 4_000
    assert not player.world.core.accounts[supplier.id].joined
    other = player.ask(supplier, "membership please")["attachments"][0]["id"]
    assert other != invoice
    assert (
        "cancel" in player.ask(supplier, f"cancel {other}")["body"]
        or other in player.latest(supplier)["body"]
    )
    assert player.world.core.papers.closed[other].status == "cancelled"


def test_words_about_joining_mean_nothing_to_others(alone: Start) -> None:
    player = alone("member")
    mail = player.ask(player.company("fair"), "I want to join and order.")
    assert mail["subject"] == "Your message"


# --- doomed: the end of a business --------------------------------------------------------------


@pytest.mark.parametrize(("days", "low", "high"), [(365, 60, 240), (100, 16, 65), (30, 12, 19), (7, 12, 12)])
def test_the_end_lies_in_proportion_to_the_run_and_not_before_day_12(days: int, low: int, high: int) -> None:
    ends = [
        each.closes
        for seed in range(60)
        for each in draw_roster(streams_for(seed), {"fair": 1, "doomed": 2}, days).values()
        if each.archetype == "doomed"
    ]
    assert all(end is not None and low <= end <= high for end in ends)
    assert max(filter(None, ends)) - min(filter(None, ends)) >= (high - low) * 8 // 10


def _doomed(alone: Start, before: int, **more: Any) -> tuple[Any, Any]:
    """A player so many days before the end of a business."""
    player = alone("doomed", 2, days=60, **more)
    supplier = player.company("doomed")
    player.wait(supplier.closes - before)
    return player, supplier


def test_lead_times_double_and_answers_slow_down_ten_days_before_the_end(alone: Start) -> None:
    low, high = TERMS["doomed"].lead_days
    player, supplier = _doomed(alone, 12)
    assert low <= player.order(supplier, 9_000).lead <= high
    player.write(supplier, "price list please")  # 11 days before: answered next morning
    player.wait()
    assert player.subjects(supplier.address)[0].startswith("Quote")
    seen = len(player.subjects(supplier.address))
    player.write(supplier, f"order 200 x {min(supplier.carries)}")  # 10 days before: a day later
    player.wait()
    assert len(player.subjects(supplier.address)) == seen
    player.wait()
    invoice = player.latest(supplier)["attachments"][0]
    assert invoice["delivery_days_after_payment"] - 1 in (2 * low, 2 * low + 2, 2 * high)
    player("send_payment", to=supplier.address, amount_cents=invoice["total_cents"], reference=invoice["id"])
    order = player.world.core.papers.open[invoice["id"]]
    assert order.promised == player.world.core.day + invoice["delivery_days_after_payment"]


def test_at_the_end_paid_goods_and_credit_are_lost_and_customers_are_told(alone: Start) -> None:
    player, supplier = _doomed(alone, 3)
    player.write(supplier, f"order 200 x {min(supplier.carries)}")
    player.wait(2)
    invoice = player.latest(supplier)["attachments"][0]
    player("send_payment", to=supplier.address, amount_cents=invoice["total_cents"], reference=invoice["id"])
    player("send_payment", to=supplier.address, amount_cents=777)
    player.write(supplier, "price list please")
    player.wait(2)
    core = player.world.core
    assert core.day == supplier.closes + 1
    assert core.papers.closed[invoice["id"]].status == "lost"
    assert core.ledger["SUPPLIER_LOSS"] == invoice["total_cents"] + 777
    assert (core.ledger["SUPPLIER_CREDIT"], core.ledger["SUPPLIER_PREPAID"]) == (0, 0)
    mail = player.latest(supplier)
    assert mail["subject"] == "We have closed"
    assert invoice["id"] in mail["body"]
    assert len(player.subjects("postmaster@lobbyvend.example")) == 1
    player.write(supplier, "hello?")
    player("send_payment", to=supplier.address, amount_cents=300, reference=invoice["id"])
    player.wait()
    assert len(player.subjects("postmaster@lobbyvend.example")) == 2
    assert core.ledger["SUPPLIER_LOSS"] == invoice["total_cents"] + 1077
    assert core.tally.counts["phantom_payments"] == 2
    player.wait(25)
    assert _stored(player) == {}
    assert player.subjects(supplier.address)[0] == "We have closed"


def test_who_has_nothing_open_is_told_nothing(alone: Start) -> None:
    player, supplier = _doomed(alone, 1)
    player.wait(3)
    assert player.subjects(supplier.address) == []


def test_the_news_speak_of_a_company_from_seven_days_before_its_end(alone: Start) -> None:
    player, supplier = _doomed(alone, 8)
    page, query = f"news-{supplier.id}", f"{supplier.name} news unpaid bills drivers bank loan"
    assert player.refused("open_page", page_id=page)["code"] == "unknown_page"
    assert page not in [hit["page_id"] for hit in player("search_web", query=query)["hits"]]
    player.wait()
    assert supplier.name in player("open_page", page_id=page)["title"]
    assert page in [hit["page_id"] for hit in player("search_web", query=query)["hits"]]
    assert player.refused("open_page", page_id=f"news-{player.company('fair').id}")["code"] == "unknown_page"


# --- promises -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "tells"), [("slow", True), ("partial", True), ("bait", False)])
def test_only_honest_suppliers_announce_a_delay(alone: Start, kind: str, tells: bool) -> None:
    late = 0
    for seed in range(1, 100):
        player = alone(kind, seed)
        supplier = player.company(kind)
        sku = min(supplier.carries)
        player.write(supplier, "order", order_lines=[{"sku": sku, "qty": 9_000 // products()[sku].cost_low}])
        player.wait(3)
        (order,) = player.world.core.papers.of(supplier.id)
        player.pay(order)
        if order.arrives == order.promised:
            continue
        late += 1
        player.wait(order.promised - player.world.core.day)
        assert player("get_storage_inventory")["rows"] == []
        assert (f"Delay of {order.id}" in player.subjects(supplier.address)) == tells
        if late == 2:
            break
    assert late == 2


def test_goods_promised_for_a_day_come_some_time_during_it(alone: Start) -> None:
    """The date has come, the goods have not: stocking in the morning is premature."""
    player = alone("haggler")
    order = player.buy(player.company("haggler"), 20_000)
    player.wait(order.arrives - player.world.core.day)
    sku = order.lines[0][0]
    label = "A1" if products()[sku].size == "S" else "C1"
    error = player.refused("stock_machine", moves=[{"slot": label, "sku": sku, "qty": 1}])
    assert error["code"] == "not_in_storage"
    assert player.world.core.tally.counts["premature_restock"] == 1
    while player("get_storage_inventory")["rows"] == []:
        assert player.world.core.day == order.arrives
    player("stock_machine", moves=[{"slot": label, "sku": sku, "qty": 1}])
