"""State: canonical, complete, independent of what has nothing to do with it."""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

import agentbench_sdk.environments.vending as package
from agentbench_sdk.canonical import canonical_json
from agentbench_sdk.environments.vending import Vending
from agentbench_sdk.environments.vending.streams import STREAMS, streams_for
from agentbench_sdk.errors import EnvironmentFaultError

Start = Callable[..., Any]


@pytest.fixture(scope="module")
def busy() -> Vending:
    """A world in the middle of a real game."""
    scenario = {"base": "smoke-30", "complaint_permille": 60, "fraud_permille": 200}
    world = Vending.create(scenario, 2)
    agent = Vending.policies()["naive-restock"](world.opening())
    act = next(agent)
    while world.core.day < 14:
        act = agent.send(world.call("agent", act.tool, dict(act.arguments)).content)
    return world


def _walk(value: Any) -> None:
    assert value is None or type(value) in (bool, int, str, list, dict), type(value)
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _walk(item)


def test_the_state_holds_no_float_and_its_bytes_are_canonical(busy: Vending) -> None:
    _walk(busy.state())
    assert busy.state_bytes() == canonical_json(busy.state())
    kinds = {record[0] for record in busy.state()["archive"]}
    assert {"posting", "mail", "sales", "quote", "order", "case"} <= kinds


def test_the_hash_is_that_of_the_rules(busy: Vending) -> None:
    assert busy.state_hash() == hashlib.sha256(b"vending-state/1\n" + busy.state_bytes()).hexdigest()


def test_the_archive_sorts_before_every_other_key(busy: Vending) -> None:
    assert min(busy.state()) == "archive"


def test_version_scenario_and_seed_are_part_of_the_state(start: Start) -> None:
    hashes = {
        start("tiny-7", 1).world.state_hash(),
        start("tiny-7", 2).world.state_hash(),
        start("tiny-7", 1, mails_per_day=41).world.state_hash(),
    }
    assert len(hashes) == 3


def _random_calls(world: Vending, chance: random.Random, count: int) -> list[str]:
    hashes = []
    for _ in range(count):
        tool, arguments = _random_call(chance)
        world.call("agent", tool, arguments)
        hashes.append(world.state_hash())
    return hashes


def _random_call(chance: random.Random) -> tuple[str, dict[str, Any]]:
    slot = chance.choice(["A1", "B2", "C3", "D1"])
    sku = chance.choice(["cola_can", "water_btl", "chips_salt", "sandwich"])
    to = chance.choice(["goods@graniteroad.example", "pallet@lakeshore.example", "x@y.example"])
    calls: list[tuple[str, dict[str, Any]]] = [
        ("wait_for_next_day", {}),
        ("collect_cash", {}),
        ("send_email", {"to": to, "subject": "order", "body": f"order 48 x {sku}"}),
        ("send_email", {"to": to, "subject": "lower", "body": f"{sku} at 50 cents?"}),
        ("send_payment", {"to": to, "amount_cents": 500, "reference": "INV-09-0001"}),
        ("stock_machine", {"moves": [{"slot": slot, "sku": sku, "qty": 3}]}),
        ("remove_from_machine", {"moves": [{"slot": slot, "qty": 1}], "destination": "discard"}),
        ("set_prices", {"prices": [{"slot": slot, "price_cents": 5 * chance.randint(30, 60)}]}),
        ("note_add", {"text": "abc"}),
        ("set_reminder", {"day": 20, "text": "x"}),
        ("list_emails", {"box": "inbox"}),
        ("run_market_survey", {"sku": sku}),
        ("nonsense", {}),
    ]
    return chance.choice(calls)


def test_a_restored_world_is_the_same_and_goes_on_the_same(busy: Vending) -> None:
    snapshot = busy.snapshot()
    assert len(snapshot) < 1_000_000
    restored = Vending.restore(snapshot)
    assert restored.snapshot() == snapshot
    twin = busy.fork()
    assert _random_calls(restored, random.Random(4), 200) == _random_calls(twin, random.Random(4), 200)
    assert restored.outcome() == twin.outcome()
    assert restored.state() == twin.state()


def test_acting_on_a_fork_leaves_the_original_as_it_was(busy: Vending) -> None:
    before, state = busy.state_hash(), busy.state()
    fork = busy.fork()
    assert fork.state_hash() == before
    _random_calls(fork, random.Random(5), 150)
    assert fork.state_hash() != before
    assert busy.state_hash() == before
    assert busy.state() == state


def test_what_a_fork_did_never_shows_in_the_original(busy: Vending) -> None:
    """Not even in what is derived from the archive: bank rows, boxes, sales, quotes, mail numbers."""
    fresh = Vending.restore(busy.snapshot())
    original = busy.fork()
    _random_calls(original.fork(), random.Random(6), 200)
    for tool, arguments in (
        ("get_balance_and_transactions", {"n": 100}),
        ("list_emails", {"box": "inbox", "limit": 50}),
        ("list_emails", {"box": "sent", "limit": 50}),
        ("get_sales_report", {"from_day": 0, "to_day": 14}),
        ("send_email", {"to": "x@y.example", "subject": "", "body": ""}),
        ("wait_for_next_day", {}),
    ):
        assert original.call("agent", tool, arguments) == fresh.call("agent", tool, arguments)
    assert original.core.papers.quotes == fresh.core.papers.quotes
    assert original.core.papers.closed == fresh.core.papers.closed
    assert original.core.cases.closed == fresh.core.cases.closed
    assert original.truth() == fresh.truth()


def test_a_loaded_state_shares_nothing_with_its_source(busy: Vending) -> None:
    state = busy.state()
    world = Vending(busy.scenario, 2)
    world.load_state(state)
    expected = world.state_hash()
    state["storage"].clear()
    state["ledger"]["BANK"] = 0
    assert world.state_hash() == expected == busy.state_hash()


def test_a_damaged_or_foreign_snapshot_is_refused(busy: Vending) -> None:
    head, _, body = busy.snapshot().partition(b"\n")
    with pytest.raises(EnvironmentFaultError):
        Vending.restore(head + b"\n" + body[:-20])
    header = {**orjson.loads(head), "hash": "0" * 64}
    with pytest.raises(EnvironmentFaultError, match="hash"):
        Vending.restore(canonical_json(header) + b"\n" + body)
    header = {**orjson.loads(head), "version": "agentbench.vending/0"}
    with pytest.raises(EnvironmentFaultError, match="vending/0"):
        Vending.restore(canonical_json(header) + b"\n" + body)


def test_a_seed_of_128_bits_survives_a_snapshot() -> None:
    world = Vending.create("tiny-7", 2**128 - 159)
    world.call("agent", "wait_for_next_day", {})
    assert Vending.restore(world.snapshot()).state_hash() == world.state_hash()


# --- streams ----------------------------------------------------------------------------------


def _sources() -> dict[str, str]:
    root = Path(package.__file__).parent
    return {
        str(path): path.read_text(encoding="utf-8")
        for path in sorted(root.rglob("*.py"))
        if path.name != "streams.py"
    }


@pytest.mark.parametrize("name", sorted(STREAMS))
def test_each_stream_is_drawn_from_in_exactly_one_place(name: str) -> None:
    assert sum(text.count(f'"{name}"') for text in _sources().values()) == 1


def test_no_draw_names_an_unregistered_stream() -> None:
    drawn = [
        name
        for text in _sources().values()
        for call in re.findall(r"(?:uniform64|between)\(([^)]*)", text)
        for name in re.findall(r'"([^"]+)"', call)
    ]
    assert set(drawn) <= set(STREAMS)
    assert len(drawn) > 15
    with pytest.raises(KeyError):
        streams_for(1).uniform64("wx.other", 0)


def test_a_harmless_call_leaves_sales_and_weather_as_they_were(start: Start) -> None:
    """A note more or less never moves a draw; nor does other start money."""
    logs = []
    for extra, money in ((False, 50_000), (True, 50_000), (False, 90_000)):
        player = start("smoke-30", 6, start_cents=money)
        for label, sku in (("A1", "cola_can"), ("B1", "chips_salt"), ("C1", "water_btl")):
            player.give(sku, 8)
            player("stock_machine", moves=[{"slot": label, "sku": sku, "qty": 8}])
            player("set_prices", prices=[{"slot": label, "price_cents": 180}])
        for day in range(8):
            if extra:
                player("kv_set", key=f"k{day}", value="x")
                player("note_add", text="hello")
            player.wait()
        logs.append(player("get_sales_report", from_day=0, to_day=7))
    assert logs[0] == logs[1] == logs[2]
    assert sum(len(day["sales"]) for day in logs[0]["days"]) > 3


def test_an_order_at_one_supplier_leaves_the_draws_of_another_alone(start: Start) -> None:
    letters = []
    for extra in (False, True):
        player = start("smoke-30", 1)
        roster = player.world.core.tapes.roster.values()
        first, second = (each for each in roster if each.archetype == "fair")
        sku, other = min(first.carries), min(second.carries)
        if extra:
            player("send_email", to=second.address, subject="", body=f"order 240 x {other}")
        player("send_email", to=first.address, subject="", body=f"order 240 x {sku}")
        player.wait()
        order = player.world.core.papers.open[f"INV-{first.id[3:]}-0001"]
        player("send_payment", to=first.address, amount_cents=order.total, reference=order.id)
        letters.append((order.lines, order.total, order.promised, order.arrives))
    assert letters[0] == letters[1]


@pytest.mark.parametrize("kind", ["partial", "bait", "member", "doomed", "slow"])
def test_orders_at_one_supplier_leave_every_draw_of_another_alone(start: Start, kind: str) -> None:
    """Prices, delays, shortages, tricks and the end of one company do not depend on what others sold."""
    seen = []
    for extra in (False, True):
        player = start(
            "adversarial-365",
            5,
            impostor=False,
            days=80,
            start_cents=5_000_000,
            fraud_permille=0,
        )
        other = player.company("haggler")
        supplier = [each for each in player.world.core.tapes.roster.values() if each.archetype == kind][-1]
        sku = min(supplier.carries)
        for day in range(70):
            if day % 4 == 0:
                player.write(
                    supplier, f"order 300 x {sku}" if day else "I want to join, your catalogue please"
                )
                if extra:
                    player.write(other, f"order 300 x {min(other.carries)}")
            for one in (supplier, other):
                for order in player.world.core.papers.of(one.id):
                    if order.payable:
                        player.pay(order)
            player.wait()
        core = player.world.core
        mails = [mail for mail in core.mailroom.boxes["inbox"] if mail.sender == supplier.address]
        papers = [*core.papers.closed.values(), *core.papers.open.values()]
        orders = {order.id: order for order in papers if order.supplier == supplier.id}
        seen.append(
            (
                [(mail.subject, mail.body, mail.minute) for mail in mails],
                {name: vars(order) for name, order in orders.items()},
                core.ledger["SUPPLIER_LOSS"],
            )
        )
    assert seen[0] == seen[1]
    assert len(seen[0][1]) > 5


def test_a_scenario_parameter_leaves_the_tapes_as_they_were(start: Start) -> None:
    first = start("smoke-30", 3).world.truth()
    second = start("smoke-30", 3, start_cents=1, fee_cents=900, email_refresh="nightly").world.truth()
    assert first == second
