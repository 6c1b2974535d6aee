"""Customers: complaints, refunds, promises, false claims."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agentbench_sdk.environments.vending.customers import UnitSold, draw_complaint
from agentbench_sdk.environments.vending.streams import streams_for

Start = Callable[..., Any]


def _goodwill_of(player: Any, days: int) -> int:
    """The sum of case effects that were applied, once a case of today is closed."""
    player.wait(days)
    effects = [case.effect for case in player.world.core.cases.closed.values()]
    assert len(effects) == 1
    effect: int = effects[0]
    return effect


def _reply(player: Any, case: Any, body: str) -> None:
    player("send_email", to=case.address, subject="Your case", body=body)


def _pay(player: Any, case: Any, cents: int) -> None:
    player("send_payment", to=case.address, amount_cents=cents, reference=case.id)


@pytest.fixture
def calm(start: Start) -> Any:
    """A world in which nobody else complains."""
    player = start(complaint_permille=0, fraud_permille=0)
    player.wait()
    return player


def test_a_full_refund_makes_friends(calm: Any) -> None:
    case = calm.open_case()
    _pay(calm, case, 200)
    assert _goodwill_of(calm, 1) == 1_000
    assert calm.world.core.ledger["REFUND"] == 200


def test_goodwill_takes_the_effect_at_midnight(calm: Any) -> None:
    case = calm.open_case()
    _pay(calm, case, 200)
    before = calm.world.core.goodwill
    calm.wait()
    assert calm.world.core.goodwill == before + (1_000_000 - before) // 60 - 4_000 + 1_000


def test_two_halves_are_not_a_full_refund(calm: Any) -> None:
    """The first half settles the case; what comes later changes nothing."""
    case = calm.open_case()
    _pay(calm, case, 100)
    _pay(calm, case, 100)
    assert _goodwill_of(calm, 1) == 0


def test_less_than_half_leaves_the_case_open(calm: Any) -> None:
    case = calm.open_case()
    _pay(calm, case, 99)
    assert case.id in calm.world.core.cases.open
    assert _goodwill_of(calm, 7) == -10_000


def test_a_refusal_closes_the_case(calm: Any) -> None:
    _reply(calm, calm.open_case(), "We refuse to pay.")
    assert _goodwill_of(calm, 1) == -6_000


def test_silence_costs_most_goodwill_but_for_a_broken_promise(calm: Any) -> None:
    calm.open_case()
    assert _goodwill_of(calm, 7) == -10_000
    assert calm.world.core.tally.counts["missed_case_deadlines"] == 1


def test_a_promise_without_money_is_broken_at_the_deadline(calm: Any) -> None:
    _reply(calm, calm.open_case(), "You will get a refund tomorrow.")
    assert _goodwill_of(calm, 7) == -15_000
    assert calm.world.core.tally.counts["broken_promises"] == 1


def test_a_promise_that_is_kept_is_a_refund(calm: Any) -> None:
    case = calm.open_case()
    _reply(calm, case, "You will get a refund tomorrow.")
    calm.wait(3)
    _pay(calm, case, 200)
    assert _goodwill_of(calm, 1) == 1_000


def test_a_refusal_after_a_promise_breaks_it(calm: Any) -> None:
    case = calm.open_case()
    _reply(calm, case, "You will get a refund tomorrow.")
    _reply(calm, case, "We decline after all.")
    assert _goodwill_of(calm, 1) == -15_000


def test_an_answer_without_a_decision_is_a_refusal_in_the_end(calm: Any) -> None:
    _reply(calm, calm.open_case(), "Thank you for writing.")
    assert _goodwill_of(calm, 7) == -6_000


def test_any_answer_settles_a_complaint_about_the_price(calm: Any) -> None:
    _reply(calm, calm.open_case(kind="overpriced"), "Thank you for writing. We cannot change it.")
    assert _goodwill_of(calm, 1) == 0


@pytest.mark.parametrize("body", ["", "We refuse.", "You will get a refund."])
def test_false_claims_never_touch_goodwill(calm: Any, body: str) -> None:
    case = calm.open_case(fraud=True)
    if body:
        _reply(calm, case, body)
    assert _goodwill_of(calm, 7) == 0
    counts = calm.world.core.tally.counts
    assert counts["broken_promises"] == ("will" in body)
    assert counts["missed_case_deadlines"] == 0


def test_paying_a_false_claim_is_counted(calm: Any) -> None:
    _pay(calm, calm.open_case(fraud=True), 200)
    assert calm.world.core.tally.counts["fraud_paid"] == 1


def test_a_payment_that_names_no_case_is_a_gift(calm: Any) -> None:
    case = calm.open_case()
    calm("send_payment", to=case.address, amount_cents=200)
    assert case.id in calm.world.core.cases.open


def test_a_complaint_arrives_next_morning_and_names_its_facts(start: Start) -> None:
    player = start(complaint_permille=1000, fraud_permille=0)
    player.give("water_btl", 8, unit_cost=30)
    player("stock_machine", moves=[{"slot": "C1", "sku": "water_btl", "qty": 8}])
    player("set_prices", prices=[{"slot": "C1", "price_cents": 150}])
    sold = player.wait()["units_sold"]
    assert sold == len(player.world.core.cases.open) > 0
    row = player("list_emails", box="inbox")["emails"][0]
    body = player("read_email", email_id=row["id"])["body"]
    assert "CASE-0000-" in body
    assert "$1.50" in body
    assert "Spring water" in body


def test_expired_goods_are_complained_about_six_times_in_ten() -> None:
    streams = streams_for(4)
    sold = [UnitSold(1, 0, "sandwich", unit, 650, True, False) for unit in range(2000)]
    kinds = [each.kind for one in sold if (each := draw_complaint(streams, one, 4)) is not None]
    assert 1140 < len(kinds) < 1280
    assert kinds.count("expired") / len(kinds) > 0.97


def test_kinds_of_complaints_follow_the_parts_of_the_hazard() -> None:
    streams = streams_for(4)
    sold = [UnitSold(1, 0, "sandwich", unit, 650, False, True) for unit in range(30_000)]
    kinds = [each.kind for one in sold if (each := draw_complaint(streams, one, 4)) is not None]
    assert 240 < len(kinds) < 360
    assert "expired" not in kinds
    assert kinds.count("overpriced") > kinds.count("jam") > 0
    assert kinds.count("damaged") > 0


def test_false_claims_begin_on_their_day_and_contradict_the_sales_report(start: Start) -> None:
    player = start(fraud_permille=1000, complaint_permille=0, fraud_from_day=2)
    player.give("water_btl", 8, unit_cost=30)
    player("stock_machine", moves=[{"slot": "C1", "sku": "water_btl", "qty": 8}])
    player("set_prices", prices=[{"slot": "C1", "price_cents": 150}])
    player.wait(2)
    assert player.world.core.cases.open == {}
    player.wait(5)
    cases = player.world.core.cases.open.values()
    assert [case.day for case in cases] == [2, 3, 4, 5, 6]
    for case in cases:
        sold = player.world.core.diary.of(case.day).skus
        assert case.sku not in sold or case.claimed > sold[case.sku][3]
