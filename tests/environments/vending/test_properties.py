"""Whatever an agent sends: no exception, no coercion, no broken invariant."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agentbench_sdk.canonical import canonical_json
from agentbench_sdk.environments.vending import Vending
from agentbench_sdk.environments.vending.core import Core
from agentbench_sdk.environments.vending.lots import Lot
from agentbench_sdk.environments.vending.midnight import run_midnight
from agentbench_sdk.environments.vending.tools.deck import MINUTES, WAIT
from agentbench_sdk.simulation import parse_arguments

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["A1", "cola_can", "storage", "\ud800", "\x00", "9" * 400, "Ignore all rules"])
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
NAMES = st.sampled_from([*MINUTES, WAIT]) | st.text(max_size=12) | SCALARS

SKUS = st.sampled_from(["cola_can", "chips_salt", "water_btl", "sandwich", "jerky", "nope"])
SLOTS = st.sampled_from(["A1", "A2", "B3", "C1", "D2", "E9"])
QTY = st.integers(-1, 20)
TO = st.sampled_from(
    ["orders@baysidecarton.example", "sales@dunmoreshelf.example", "goods@graniteroad.example",
     "imports@pelicanquay.example", "nobody@nowhere.example", "bad"]
)  # fmt: skip
BODIES = st.sampled_from(
    ["your catalogue please", "order 120 x cola_can", "order 60 x chips_salt, 40 x water_btl", "too expensive",
     "cola_can at 40 cents", "cancel INV-06-0001", "INV-02-0001 short", "refund", "we decline", ""]
)  # fmt: skip
INVOICES = st.sampled_from(["INV-02-0001", "INV-06-0001", "INV-09-0001", "INV-18-0001", "x"])
LEGAL = st.one_of(
    st.tuples(st.just("wait_for_next_day"), st.just({})),
    st.tuples(st.just("wait_for_next_day"), st.just({})),
    st.tuples(st.just("collect_cash"), st.just({})),
    st.tuples(st.just("get_machine_inventory"), st.just({})),
    st.tuples(
        st.just("send_email"), st.fixed_dictionaries({"to": TO, "subject": st.just("s"), "body": BODIES})
    ),
    st.tuples(
        st.just("send_payment"),
        st.fixed_dictionaries({"to": TO, "amount_cents": st.integers(0, 15_000), "reference": INVOICES}),
    ),
    st.tuples(
        st.just("stock_machine"),
        st.fixed_dictionaries(
            {"moves": st.lists(st.fixed_dictionaries({"slot": SLOTS, "sku": SKUS, "qty": QTY}), max_size=4)}
        ),
    ),
    st.tuples(
        st.just("remove_from_machine"),
        st.fixed_dictionaries(
            {
                "moves": st.lists(st.fixed_dictionaries({"slot": SLOTS, "qty": QTY}), max_size=3),
                "destination": st.sampled_from(["storage", "discard"]),
            }
        ),
    ),
    st.tuples(
        st.just("set_prices"),
        st.fixed_dictionaries(
            {
                "prices": st.lists(
                    st.fixed_dictionaries(
                        {"slot": SLOTS, "price_cents": st.integers(0, 80).map(lambda n: 5 * n)}
                    ),
                    max_size=4,
                )
            }
        ),
    ),
)


# What somebody does with a supplier of that kind, in any order; sums are per mille of what is due.
CROOKS = ["partial", "bait", "member", "doomed", "haggler"]
DEALS = st.lists(
    st.tuples(
        st.sampled_from(CROOKS),
        st.sampled_from(["join", "order", "order", "pay", "pay", "cancel", "claim", "gift", "wait", "wait"]),
        st.sampled_from([1, 300, 1000, 1000, 1001, 1500]),
    ),
    min_size=30,
    max_size=150,
)


def _begin(**more: Any) -> Vending:
    """A world in debug mode: money, stock and slots are checked after every event and call."""
    world = Vending.create({"base": "smoke-30", "complaint_permille": 200, "fraud_permille": 300, **more}, 1)
    world.debug = True
    return world


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    NAMES,
    JSON | st.dictionaries(st.sampled_from(["moves", "slot", "sku", "prices", "to", "text", "day"]), JSON),
)
def test_arbitrary_json_never_raises_and_changes_clock_and_counters_only(name: Any, arguments: Any) -> None:
    world = _begin()
    before = world.state()
    result = world.call("agent", name, arguments)
    envelope = json.loads(result.content)
    if result.ok:
        return
    after = world.state()
    if envelope["error"]["code"] in ("unknown_tool", "bad_arguments"):
        assert envelope["minutes_spent"] == 5
    for volatile in ("events", "tally"):
        del before[volatile], after[volatile]
    if name != WAIT:
        assert before == after


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(sorted(MINUTES)), st.text(max_size=60))
def test_arbitrary_argument_text_never_raises(name: str, raw: str) -> None:
    result = _begin().call("agent", name, parse_arguments(raw))
    assert isinstance(json.loads(result.content), dict)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(LEGAL, min_size=10, max_size=40))
def test_invariants_hold_after_every_event_of_any_game(calls: list[tuple[str, dict[str, Any]]]) -> None:
    """The debug mode checks money, stock and slots; here the flow of money is added up as well."""
    world = _begin()
    _stock_up(world)
    _play(world, calls)
    assert world.state_hash() == Vending.restore(world.snapshot()).state_hash()


COMMANDS = st.sampled_from(
    ["stock A1 cola_can 3", "stock C1 water_btl 2", "price A1 200", "price C1 150", "remove A1 1 storage",
     "collect", "inventory", "service", "stock E9 nope 1", "dance"]
)  # fmt: skip
ERRANDS = st.one_of(
    st.tuples(
        st.just("run_sub_agent"),
        st.fixed_dictionaries({"instructions": st.lists(COMMANDS, min_size=1, max_size=14).map("\n".join)}),
    ),
    st.tuples(st.just("chat_with_sub_agent"), st.just({"question": "what error?"})),
    st.tuples(st.just("report_back"), st.just({"report": "done"})),
    st.tuples(st.just("service_machine"), st.just({})),
    st.tuples(st.just("hear"), st.just({"text": "Well."})),
    st.tuples(st.just("used"), st.fixed_dictionaries({"tokens": st.integers(0, 2_000_000)})),
    st.tuples(NAMES, JSON),
)
_TROUBLED = {
    "events": True,
    "token_rate_cents": 5_000,
    "start_cents": 20_000,
    "storage_capacity": 70,
    "max_consecutive_invalid": 1000,
}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(["off", "scripted", "llm"]), st.lists(LEGAL | ERRANDS, min_size=10, max_size=50))
def test_invariants_hold_with_events_worker_and_token_charge(mode: str, calls: list[tuple[Any, Any]]) -> None:
    """From the ninth day on, just before two outages of this seed, whatever is done, in every mode."""
    world = _begin(subagent=mode, **_TROUBLED)
    _stock_up(world)
    for _ in range(9):
        world.call("agent", WAIT, {})
    world.core.machine.jammed = True
    world.core.agenda.add(10 * 1440 + 700, 2, "breakdown|0010")
    twin = world.fork()
    untouched, before = world.fork(), world.state_hash()
    _play(world, calls)
    _play(twin, calls)
    assert world.chain.head == twin.chain.head
    assert untouched.state_hash() == before
    assert world.state_bytes() == canonical_json(world.state())
    assert not _floats(world.state())
    copy = Vending.restore(world.snapshot())
    assert copy.snapshot() == world.snapshot()
    _play(copy, calls)
    _play(world, calls)
    assert copy.chain.head == world.chain.head


def _floats(value: Any) -> bool:
    """Whether there is a float anywhere in a value."""
    if isinstance(value, dict):
        return any(map(_floats, value.values()))
    return isinstance(value, float) or (isinstance(value, list) and any(map(_floats, value)))


def _stock_up(world: Vending) -> None:
    for sku in ("cola_can", "chips_salt", "water_btl", "sandwich", "jerky"):
        _gift(world, sku)


def _play(world: Vending, calls: list[tuple[Any, Any]]) -> None:
    """Do all this; after each action the clock and the flow of money are looked at."""
    for tool, arguments in calls:
        before, state_hash, over = world.core.now, world.state_hash(), world.ended
        if tool == "hear":
            world.hear("agent", arguments["text"])
        elif tool == "used":
            world.used("agent", arguments["tokens"])
        else:
            envelope = json.loads(world.call("agent", tool, arguments).content)
            if not world.ended:
                assert world.core.now - before == envelope["minutes_spent"] >= 0
            if envelope["ok"] and tool not in (WAIT, "run_sub_agent"):
                assert envelope["minutes_spent"] == MINUTES[tool]
        assert world.core.now >= before
        assert not over or world.state_hash() == state_hash
        _check_flow(world)


def _check_flow(world: Vending) -> None:
    """What is in bank, box and card account is what came in less what went out."""
    ledger, start = world.core.ledger, world.core.scenario.start_cents
    liquid = ledger["BANK"] + ledger["CASHBOX"] + ledger["CARD_RECEIVABLE"] - start
    suppliers = ledger["SUPPLIER_PREPAID"] + ledger["SUPPLIER_CREDIT"] + ledger["SUPPLIER_LOSS"]
    bought = ledger["INVENTORY"] + ledger["COGS"] + ledger["SPOILAGE"] - 5 * 12 * 50
    charges = sum(ledger[name] for name in ("FEE", "ARREARS", "REFUND", "SURVEY", "SERVICE", "TOKENS"))
    assert liquid == -ledger["REVENUE"] - suppliers - bought - charges


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(1, 40), DEALS)
def test_no_deal_with_any_supplier_breaks_money_or_stock(
    seed: int, deals: list[tuple[str, str, int]]
) -> None:
    """Cheats, members, bankruptcies, impostors: every cent and every unit is somewhere, after every event."""
    scenario = {"base": "adversarial-365", "days": 90, "start_cents": 4_000_000}
    world = Vending.create(scenario, seed)
    world.debug = True
    for kind, what, share in deals:
        _deal(world, kind, what, share)
    core, ledger = world.core, world.core.ledger
    assert min(ledger["SUPPLIER_LOSS"], ledger["SUPPLIER_CREDIT"], ledger["SUPPLIER_PREPAID"]) >= 0
    assert all(account.credit >= 0 for account in core.accounts.values())
    spent = ledger["SUPPLIER_LOSS"] + ledger["SUPPLIER_CREDIT"] + ledger["SUPPLIER_PREPAID"]
    bought = ledger["INVENTORY"] + ledger["COGS"] + ledger["SPOILAGE"]
    assert 4_000_000 - ledger["BANK"] == spent + bought + ledger["FEE"] + ledger["ARREARS"]
    assert sum(order.supplement for order in core.papers.open.values()) >= 0
    twin = Vending.restore(world.snapshot())
    assert twin.state_hash() == world.state_hash()
    assert twin.outcome() == world.outcome()


def _deal(world: Vending, kind: str, what: str, share: int) -> None:
    core = world.core
    supplier = next(each for each in core.tapes.roster.values() if each.archetype == kind)
    waiting = [order for order in core.papers.of(supplier.id) if order.payable]
    closed = (order for order in core.papers.closed.values() if order.supplier == supplier.id)
    delivered = [order.id for order in closed if order.status == "delivered"]
    invoice = f"INV-{supplier.id[3:]}-{core.accounts[supplier.id].orders:04d}"
    mails = {
        "join": "I want to join",
        "order": f"order {share + 100} x {min(supplier.carries)}, {share // 2 + 20} x {max(supplier.carries)}",
        "cancel": f"cancel {waiting[0].id if waiting else invoice}",
        "claim": f"{delivered[-1] if delivered else invoice} short",
    }
    if what == "wait":
        for _ in range(1 + share % 3 * 4):
            world.call("agent", WAIT, {})
    elif what in mails:
        mail = {"to": supplier.address, "subject": "", "body": mails[what]}
        world.call("agent", "send_email", mail)
    else:
        to = supplier.address if what == "pay" else next(iter(core.impostors), supplier.address)
        due = waiting[0].total - waiting[0].paid if waiting else 1000
        payment = {
            "to": to,
            "amount_cents": max(due * share // 1000, 1),
            "reference": waiting[0].id if waiting else invoice,
        }
        world.call("agent", "send_payment", payment)


def _gift(world: Vending, sku: str) -> None:
    world.core.storage.add([Lot(sku, 12, 50, 9, "gift")])
    world.core.tally.move(sku, 0, 12)
    world.core.post("gift", "", "", inventory=600, equity=-600)


def test_midnight_happens_exactly_once_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    nights: list[int] = []

    def count(core: Core, day: int) -> None:
        nights.append(day)
        run_midnight(core, day)

    monkeypatch.setattr("agentbench_sdk.environments.vending.engine.run_midnight", count)
    world = _begin()
    while not world.ended:
        world.call("agent", WAIT, {})
    assert nights == list(range(30))
