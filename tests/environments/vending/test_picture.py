"""The picture of a run: the right figures on the right days, stable bytes, and nobody's words as markup."""

from __future__ import annotations

import doctest
import importlib
import xml.etree.ElementTree as ET
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentbench_sdk.environments.vending import Vending
from agentbench_sdk.environments.vending.calendar import DAY
from agentbench_sdk.environments.vending.picture import VendingSketch, svg
from agentbench_sdk.environments.vending.picture.frame import spread
from agentbench_sdk.environments.vending.picture.incidents import Incident
from agentbench_sdk.environments.vending.picture.prices import price_runs
from agentbench_sdk.environments.vending.picture.sheet import Story

SVG = "{http://www.w3.org/2000/svg}"
Start = Callable[..., Any]


def begun(start: Start, *given: Any, **overrides: Any) -> tuple[Any, VendingSketch]:
    player = start(*given, **overrides)
    sketch = player.world.sketch()
    assert isinstance(sketch, VendingSketch)
    return player, sketch


def of_kind(story: Story, kind: str) -> list[Incident]:
    return [mark for mark in story.marks if mark.kind == kind]


@pytest.fixture(scope="module")
def naive() -> tuple[Vending, VendingSketch]:
    """NaiveRestock in smoke-30, seed 1, played to the end."""
    return played("naive-restock", "smoke-30")


def played(policy: str, base: str, seed: int = 1, **overrides: Any) -> tuple[Vending, VendingSketch]:
    world = Vending.create({"base": base, **overrides}, seed)
    sketch = world.sketch()
    assert isinstance(sketch, VendingSketch)
    agent = Vending.policies()[policy](world.opening())
    act = next(agent)
    while not world.ended:
        result = world.call("agent", act.tool, dict(act.arguments))
        sketch.look()
        act = agent.send(result.content)
    return world, sketch


def test_each_day_ends_with_the_money_and_goods_of_its_midnight(start: Start) -> None:
    player, sketch = begun(start)
    player.give("cola_can", 20, unit_cost=60)
    player("stock_machine", moves=[{"slot": "A1", "sku": "cola_can", "qty": 12}])
    player("set_prices", prices=[{"slot": "A1", "price_cents": 200}])
    reports = [player.wait() for _ in range(3)]
    opening, *nights = sketch.series.moments
    assert (opening.day, opening.bank, opening.storage, opening.machine) == (0.0, 50_000, 0, 0)
    assert [each.day for each in nights] == [1.0, 2.0, 3.0]
    assert [each.bank for each in nights] == [report["bank_cents"] for report in reports]
    assert [flow.units for flow in sketch.series.days] == [report["units_sold"] for report in reports]
    sold = 0
    for night, flow in zip(nights, sketch.series.days, strict=True):
        sold += flow.units
        assert (night.storage, night.machine) == (8, 12 - sold)
    assert sold > 0


def test_prices_are_those_at_the_end_of_the_day(start: Start) -> None:
    player, sketch = begun(start)
    player.give("cola_can", 20)
    player("stock_machine", moves=[{"slot": "A1", "sku": "cola_can", "qty": 9}])
    for cents in (150, 200):
        player("set_prices", prices=[{"slot": "A1", "price_cents": cents}])
    player.wait()
    player("set_prices", prices=[{"slot": "A1", "price_cents": 250}])
    player.wait(2)
    assert price_runs(sketch.series.moments, "cola_can") == [[(0.0, 200), (1.0, 200), (1.0, 250), (3.0, 250)]]


def test_a_product_that_was_taken_off_leaves_a_gap(start: Start) -> None:
    player, sketch = begun(start)
    player.give("cola_can", 20)
    player.give("dcola_can", 5)
    for sku, days in (("cola_can", 1), ("dcola_can", 1), ("cola_can", 1)):
        held = player.world.core.machine.slots["A1"].qty
        if held:
            player("remove_from_machine", moves=[{"slot": "A1", "qty": held}], destination="storage")
        player("stock_machine", moves=[{"slot": "A1", "sku": sku, "qty": 4}])
        player("set_prices", prices=[{"slot": "A1", "price_cents": 4000}])
        player.wait(days)
    assert [(run[0][0], run[-1][0]) for run in price_runs(sketch.series.moments, "cola_can")] == [
        (0, 1),
        (2, 3),
    ]


def test_payments_and_deliveries_are_marked_when_they_were(naive: tuple[Vending, VendingSketch]) -> None:
    world, sketch = naive
    story = sketch.story("t")
    orders = sorted(world.core.papers.closed.values(), key=lambda order: order.arrives or 0)
    delivered = [order for order in orders if order.status == "delivered"]
    assert len(delivered) == 2
    assert [mark.day for mark in of_kind(story, "delivery")] == [order.arrives for order in delivered]
    assert [mark.size for mark in of_kind(story, "delivery")] == [order.goods_cents for order in delivered]
    paid = [row for row in world.core.ledger.bank_rows if row[3] == "payment"]
    assert [mark.day for mark in of_kind(story, "payment")] == [row[1] for row in paid]
    assert delivered[0].id in of_kind(story, "payment")[0].text


def test_a_late_delivery_is_a_span_from_the_promise_to_the_arrival(start: Start) -> None:
    player, sketch = begun(start)
    world = player.world
    from agentbench_sdk.environments.vending.suppliers.account import Order

    supplier = next(iter(world.core.tapes.roster))
    facts: dict[str, Any] = {"supplier": supplier, "lines": [["cola_can", 5, 60]], "total": 300, "credit": 0}
    for number, (promised, arrives) in enumerate([(3, 3), (3, 5)], start=1):
        order = Order(f"INV-{number}", ordinal=number, issued=1, due=6, lead=2, status="delivered", **facts)
        order.promised, order.arrives = promised, arrives
        world.core.papers.closed[order.id] = order
    lost = Order("INV-3", ordinal=3, issued=1, due=6, lead=2, status="released", promised=4, **facts)
    world.core.papers.open[lost.id] = lost
    world.core.agenda.now = 7 * DAY
    late = of_kind(sketch.story("t"), "late")
    assert [(mark.since, mark.day) for mark in late] == [(3.0, 5), (4.0, 7)]
    assert "promised for day 3, came on day 5" in late[0].text
    assert "not there at the end" in late[1].text
    assert [mark.day for mark in of_kind(sketch.story("t"), "delivery")] == [3, 5]


@pytest.mark.parametrize(
    ("act", "bad"),
    [("refund", False), ("refuse", True), ("ignore", True), ("promise", True), ("refund a fraud", True)],
)
def test_complaints_say_how_they_ended(start: Start, act: str, bad: bool) -> None:
    player, sketch = begun(start)
    case = player.open_case(fraud=act == "refund a fraud")
    if act.startswith("refund"):
        player("send_payment", to=case.address, amount_cents=case.claimed, reference=case.id)
    elif act != "ignore":
        body = "We refuse a refund." if act == "refuse" else "I will refund you."
        player("send_email", to=case.address, subject=case.id, body=body)
    player.wait(7)
    story = sketch.story("t")
    (mark,) = [mark for mark in of_kind(story, "complaint") if case.id in mark.text]
    assert (mark.day, mark.size, mark.bad) == (0, 200, bad)
    assert ("a false claim" in mark.text) == case.fraud
    assert [(each.day, each.size) for each in of_kind(story, "refund")] == (
        [(0, 200)] if "refund" in act else []
    )


def test_stock_outs_and_losses_are_those_of_their_day(start: Start) -> None:
    player, sketch = begun(start)
    player.wait(2)
    player.give("sandwich", 6, unit_cost=300, expiry=3)
    player("set_prices", prices=[{"slot": "A1", "price_cents": 200}])
    player.wait(3)
    story = sketch.story("t")
    assert {mark.day: mark.size for mark in of_kind(story, "stock-out")} == {2: 4, 3: 4, 4: 4}
    (loss,) = of_kind(story, "loss")
    assert (loss.day, loss.size, loss.text) == (3, 1_800, "$18.00 spoiled or thrown away")


def test_a_bankrupt_business_says_so_on_its_last_day() -> None:
    world, sketch = played("idle", "smoke-30", start_cents=2_000)
    story = sketch.story("t")
    assert (story.ending, story.moments[-1].day, world.core.day) == ("went bankrupt", 20.0, 20)
    root = ET.fromstring(sketch.draw("t"))
    (end,) = [each for each in root.iter() if each.get("data-kind") == "end"]
    assert end.get("data-day") == "19"
    assert "went bankrupt, day 19" in [each.text for each in root.iter(f"{SVG}text")]
    assert "fees owed from day 10 to day 19" in [each.text for each in root.iter(f"{SVG}title")]


def test_days_that_pass_without_the_agent_are_told_apart() -> None:
    world, sketch = played("naive-restock", "smoke-30", max_actions=100)
    story = sketch.story("t")
    assert story.ending == "the agent had used up its calls"
    assert story.stopped is not None
    assert 14 <= story.stopped < 15
    assert len(story.flows) == 30
    assert story.moments[-1].storage == sum(pile.qty for pile in world.core.storage.piles.values())


def test_a_session_that_broke_off_is_drawn_as_far_as_it_went(start: Start) -> None:
    player, sketch = begun(start)
    player.wait(3)
    player("search_web", query="suppliers")
    story = sketch.story("t")
    assert story.ending == "the session broke off"
    assert [flow.day for flow in story.flows] == [0, 1, 2, 3]
    assert 3 < story.moments[-1].day < 4


def test_the_picture_is_well_formed_and_says_in_words_what_it_shows(
    naive: tuple[Vending, VendingSketch],
) -> None:
    world, sketch = naive
    root = ET.fromstring(sketch.draw("smoke-30-seed-1: a model"))
    assert root.get("role") == "img"
    assert root[0].text == "smoke-30-seed-1: a model"
    words = root[1].text or ""
    assert f"to ${world.core.ledger['BANK'] / 100:,.2f};" in words
    assert "2 deliveries, 0 late deliveries, 2 payments" in words
    headings = [each.text for each in root.iter(f"{SVG}text") if each.get("class") == "heading"]
    assert headings == ["Money", "Stock", "Prices", "Sales", "Incidents"]
    lane = next(each for each in root.iter() if each.get("data-kind") == "delivery")
    assert [mark.get("data-day") for mark in lane] == ["5", "13"]


def test_looking_changes_neither_state_nor_picture(naive: tuple[Vending, VendingSketch]) -> None:
    watched, sketch = naive
    again, other = played("naive-restock", "smoke-30")
    bare = Vending.create("smoke-30", 1)
    agent = Vending.policies()["naive-restock"](bare.opening())
    act = next(agent)
    while not bare.ended:
        act = agent.send(bare.call("agent", act.tool, dict(act.arguments)).content)
    assert bare.state_hash() == watched.state_hash() == again.state_hash()
    assert sketch.draw("t") == sketch.draw("t") == other.draw("t")


def test_a_year_stays_below_200_kilobytes() -> None:
    _, sketch = played("naive-restock", "smoke-30", 2, days=365, max_actions=6_000)
    drawn = sketch.draw("a year")
    assert len(drawn.encode()) < 200_000
    ET.fromstring(drawn)


HOSTILE = "</title></text><script>alert(1)</script><!-- \"'&\x00\x1b\ud800\u202e]]>"


def test_hostile_words_stay_words(start: Start) -> None:
    player, sketch = begun(start)
    supplier = next(iter(player.world.core.tapes.roster.values()))
    reference = HOSTILE.replace("\ud800", "")
    player("send_payment", to=supplier.address, amount_cents=100, reference=reference, memo=HOSTILE[:50])
    player.wait()
    drawn = sketch.draw(HOSTILE)
    root = ET.fromstring(drawn.encode())
    assert not list(root.iter(f"{SVG}script"))
    assert "<script" not in drawn.lower()
    (paid,) = of_kind(sketch.story("t"), "payment")
    assert "SCRIPT" in paid.text


@given(st.text(max_size=40))
def test_any_text_can_be_an_attribute_and_a_content(words: str) -> None:
    root = ET.fromstring(svg.element("g", svg.escape(words) + " ", class_=words).encode())
    assert root.tag == "g"


@given(st.lists(st.floats(0, 100), max_size=9))
def test_labels_keep_their_distance_and_their_order(wanted: list[float]) -> None:
    placed = spread(wanted, 10, 0, 100)
    ordered = [place for _, place in sorted(zip(wanted, placed, strict=True))]
    assert all(later - earlier > 10 - 1e-6 for earlier, later in pairwise(ordered))
    assert all(-1e-6 <= place <= 100 + 1e-6 for place in placed)


@pytest.mark.parametrize("module", ["frame", "svg"])
def test_the_examples_in_docstrings_hold(module: str) -> None:
    found = doctest.testmod(importlib.import_module(f"agentbench_sdk.environments.vending.picture.{module}"))
    assert found.attempted > 0
    assert found.failed == 0


def test_a_machine_that_is_out_of_order_is_marked_on_each_day(start: Start) -> None:
    player, sketch = begun(start)
    player.world.core.machine.broken_since = 0
    player.wait(2)
    marks = of_kind(sketch.story("t"), "outage")
    assert [(mark.day, mark.size, mark.bad) for mark in marks] == [(0, 4, True), (1, 4, True)]
