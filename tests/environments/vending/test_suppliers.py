"""Suppliers: asking, bargaining, ordering, paying, receiving."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from agentbench_sdk.environments.vending.catalogue import products
from agentbench_sdk.environments.vending.reader import Line
from agentbench_sdk.environments.vending.streams import streams_for
from agentbench_sdk.environments.vending.suppliers.account import Account
from agentbench_sdk.environments.vending.suppliers.archetypes import TERMS
from agentbench_sdk.environments.vending.suppliers.bargaining import bargain, thaw
from agentbench_sdk.environments.vending.suppliers.letters import templates
from agentbench_sdk.environments.vending.suppliers.pricing import tier
from agentbench_sdk.environments.vending.suppliers.roster import draw_roster

Start = Callable[..., Any]


def _some(supplier: Any, count: int = 2) -> list[str]:
    return sorted(supplier.carries)[:count]


def test_a_catalogue_request_brings_a_binding_quote_next_morning(player: Any) -> None:
    supplier = player.company("fair")
    mail = player.ask(supplier, "Please send me your catalogue.")
    (quote,) = mail["attachments"]
    assert quote["kind"] == "quote"
    assert quote["binding"] is True
    assert quote["valid_until"] == 8
    assert {line["sku"] for line in quote["lines"]} == supplier.carries
    prices = player.world.core.tapes.prices
    for line in quote["lines"]:
        assert line["unit_cents"] == prices.ask(supplier, line["sku"], 1, 0, 0)
        assert f"{line['sku']} | " in mail["body"]
        assert f"${line['unit_cents'] // 100}.{line['unit_cents'] % 100:02d} a unit" in mail["body"]


def test_without_structured_attachments_the_text_alone_holds_the_numbers(start: Start) -> None:
    player = start(structured_attachments=False)
    mail = player.ask(player.company("fair"), "Please send me your catalogue.")
    assert mail["attachments"] == []
    assert " a unit" in mail["body"]


def test_prices_come_down_step_by_step_and_never_below_the_floor(player: Any) -> None:
    prices = player.world.core.tapes.prices
    for supplier in player.world.core.tapes.roster.values():
        for sku in supplier.carries:
            floor = prices.floor(supplier, sku, 3)
            asks = [prices.price(supplier, sku, 1, 3, step, 0) for step in range(9)]
            assert asks == sorted(asks, reverse=True)
            assert asks[-1] >= floor
            assert prices.price(supplier, sku, 10_000, 3, 60, 99) >= floor
            assert prices.ask(supplier, sku, 3, 0, 4) <= asks[0]


def test_tiers_begin_at_two_five_and_ten_full_cases() -> None:
    case = products()["cola_can"].case
    assert [tier("cola_can", cases * case)[0] for cases in (1, 2, 4, 5, 9, 10)] == [
        1000,
        980,
        980,
        955,
        955,
        930,
    ]
    assert tier("cola_can", 2 * case - 1) == (1000, 1)
    assert tier("cola_can", 2 * case) == (980, 2 * case)


def _bargain(account: Account, cents: int | None, **more: Any) -> Any:
    """One step about one product: asks 100, 90, 80 … with a floor of 50."""
    facts: dict[str, Any] = {"rival_claim": None, "large": False, **more}
    lines = [Line("cola_can", 24, cents)]
    return bargain(account, 5, lines, lambda _, k: max(50, 100 - 10 * k), lambda _: 50, **facts)


def test_a_counter_near_the_next_step_is_accepted_without_giving_way() -> None:
    account = Account(3)
    assert _bargain(account, 90).accepted == {"cola_can": 90}
    assert (account.concessions, account.patience) == (0, 3)


def test_a_low_counter_brings_one_step_and_costs_patience() -> None:
    account = Account(3)
    assert _bargain(account, 60).accepted == {}
    assert (account.concessions, account.patience) == (1, 2)
    _bargain(account, None)
    assert (account.concessions, account.patience) == (2, 1)


def test_an_insult_costs_two_and_brings_nothing() -> None:
    account = Account(3)
    _bargain(account, 34)
    assert (account.concessions, account.patience) == (0, 1)


def test_a_true_rival_price_brings_an_extra_step_and_a_bluff_costs_patience() -> None:
    honest, bluffer = Account(5), Account(5)
    _bargain(honest, 60, rival_claim=True)
    _bargain(bluffer, 60, rival_claim=False)
    assert (honest.concessions, honest.patience) == (2, 4)
    assert (bluffer.concessions, bluffer.patience) == (1, 3)


def test_a_large_request_brings_an_extra_step_once() -> None:
    account = Account(9)
    _bargain(account, 55, large=True)
    _bargain(account, 55, large=True)
    assert account.concessions == 3


def test_lost_patience_freezes_prices_for_two_weeks_and_comes_back_by_half() -> None:
    account, terms = Account(5), TERMS["haggler"]
    for _ in range(5):
        _bargain(account, None)
    assert account.frozen_until == 19
    before = account.concessions
    assert _bargain(account, None).final
    assert account.concessions == before
    thaw(account, terms, 18)
    assert account.frozen_until == 19
    thaw(account, terms, 19)
    assert vars(account) | {"frozen_until": None, "patience": 2} == vars(account)


def test_a_rival_claim_is_checked_against_real_quotes(player: Any) -> None:
    buyer, rival = player.company("haggler"), player.company("fair")
    sku = min(buyer.carries & rival.carries)
    quote = player.ask(rival, f"Price of {sku}?")["attachments"][0]["lines"][0]["unit_cents"]
    player.ask(buyer, f"{rival.name} sells {sku} at {quote} cents, can you match it?")
    account = player.world.core.accounts[buyer.id]
    assert player.world.core.tally.counts["bluffs"] == 0
    assert account.concessions in (1, 2)
    player.ask(buyer, f"{rival.name} sells {sku} at {quote * 9 // 10} cents, can you match it?")
    assert player.world.core.tally.counts["bluffs"] == 1


def test_an_order_becomes_an_invoice_and_after_payment_goods(player: Any) -> None:
    supplier = player.company("fair")
    skus = _some(supplier)
    body = "Please order " + ", ".join(f"2 cases of {sku}" for sku in skus)
    mail = player.ask(supplier, body)
    (invoice,) = mail["attachments"]
    assert invoice["kind"] == "invoice"
    assert invoice["due_day"] == 6
    assert [line["qty"] for line in invoice["lines"]] == [2 * products()[sku].case for sku in skus]
    total = invoice["total_cents"]
    assert total == sum(line["qty"] * line["unit_cents"] for line in invoice["lines"])
    half = total // 2
    player("send_payment", to=supplier.address, amount_cents=half, reference=invoice["id"])
    player.wait()
    assert player.world.core.papers.open[invoice["id"]].status == "open"
    player("send_payment", to=supplier.address, amount_cents=total - half, reference=invoice["id"].lower())
    order = player.world.core.papers.open[invoice["id"]]
    assert order.promised == 2 + invoice["delivery_days_after_payment"]
    assert (
        540
        <= next(
            event[0] % 1440 for event in player.world.core.agenda.state()["events"] if "delivery" in event[2]
        )
        <= 1140
    )
    player.wait(order.arrives - 2)
    assert player("get_storage_inventory")["rows"] == []
    player.wait()
    rows = {row["sku"]: row for row in player("get_storage_inventory")["rows"]}
    assert {sku: rows[sku]["qty"] for sku in skus} == {sku: 2 * products()[sku].case for sku in skus}
    assert player.world.core.ledger["INVENTORY"] == total
    for sku in skus:
        shelf, expiry = products()[sku].shelf_days, rows[sku]["nearest_expiry_day"]
        assert (
            (expiry is None)
            if not shelf
            else order.arrives + shelf * 7 // 10 <= expiry <= order.arrives + shelf
        )


def test_a_binding_quote_is_kept_and_a_highest_price_is_respected(player: Any) -> None:
    supplier = player.company("haggler")
    sku = _some(supplier, 1)[0]
    qty = 20_000 // player.world.core.tapes.prices.floor(supplier, sku, 0)
    quote = player.ask(supplier, f"Discount on {sku} please")["attachments"][0]["lines"][0]["unit_cents"]
    lines = [{"sku": sku, "qty": qty, "max_unit_cents": 1}]
    refusal = player.ask(supplier, "I order this.", order_lines=lines)["attachments"][0]
    assert refusal["reason"] == "above_your_price"
    invoice = player.ask(supplier, f"order {qty} x {sku}")["attachments"][0]
    assert invoice["lines"][0]["unit_cents"] <= quote


@pytest.mark.parametrize(
    ("kind", "order", "reason"),
    [
        ("fair", "1 x {sku}", "below_minimum"),
        ("bulk", "100001 x {sku}", ""),
        ("bulk", "{odd} x {sku}", "not_full_cases"),
        ("bulk", "2 cases of {sku}", "too_few_cases"),
        ("bulk", "3 cases of {small}", "below_minimum"),
        ("fair", "24 x {missing}", "not_carried"),
    ],
)
def test_an_order_that_does_not_fit_is_refused_with_its_reason(
    player: Any, kind: str, order: str, reason: str
) -> None:
    supplier = player.company(kind)
    prices = player.world.core.tapes.prices
    cheap = min(supplier.carries, key=lambda sku: prices.floor(supplier, sku, 0) * products()[sku].case)
    missing = min(set(products()) - supplier.carries)
    facts = {"sku": cheap, "odd": 4 * products()[cheap].case + 1, "small": cheap, "missing": missing}
    mail = player.ask(supplier, "order " + order.format(**facts))
    kinds = [each.get("reason", each["kind"]) for each in mail["attachments"]]
    assert kinds == [reason or "quote"]


def test_an_unpaid_invoice_lapses_and_what_was_paid_becomes_credit(player: Any) -> None:
    supplier = player.company("fair")
    sku = _some(supplier, 1)[0]
    qty = 2 * 6_000 // player.world.core.tapes.prices.floor(supplier, sku, 0)
    invoice = player.ask(supplier, f"order {qty} x {sku}")["attachments"][0]
    player("send_payment", to=supplier.address, amount_cents=1_000, reference=invoice["id"])
    player.wait(6)
    assert player.world.core.papers.closed[invoice["id"]].status == "lapsed"
    assert player.world.core.ledger["SUPPLIER_CREDIT"] == 1_000
    again = player.ask(supplier, f"order {qty} x {sku}")["attachments"][0]
    assert again["credit_cents"] == 1_000
    assert again["total_cents"] == sum(line["qty"] * line["unit_cents"] for line in again["lines"]) - 1_000


def test_an_unpaid_order_can_be_cancelled_and_a_paid_one_cannot(player: Any) -> None:
    supplier = player.company("fair")
    sku = _some(supplier, 1)[0]
    qty = 6_000 // player.world.core.tapes.prices.floor(supplier, sku, 0) + 1
    invoice = player.ask(supplier, f"order {qty} x {sku}")["attachments"][0]
    player.ask(supplier, f"Please cancel {invoice['id']}")
    assert player.world.core.papers.closed[invoice["id"]].status == "cancelled"
    second = player.ask(supplier, f"order {qty} x {sku}")["attachments"][0]
    player("send_payment", to=supplier.address, amount_cents=second["total_cents"], reference=second["id"])
    mail = player.ask(supplier, f"Please cancel {second['id']}")
    assert second["id"] in mail["body"]
    assert player.world.core.tally.counts["paid_orders"] == 1


def test_money_without_an_invoice_is_credit_at_a_company_and_lost_at_a_mailbox_that_is_none(
    player: Any,
) -> None:
    honest, ghost = player.company("fair"), player.company("ghost")
    player("send_payment", to=honest.address.upper(), amount_cents=700)
    player("send_payment", to=ghost.address, amount_cents=300, reference="INV-01-0001")
    ledger = player.world.core.ledger
    assert (ledger["SUPPLIER_CREDIT"], ledger["SUPPLIER_LOSS"]) == (700, 300)
    assert player.world.core.tally.counts["phantom_payments"] == 2


def test_money_goes_to_known_payees_only_and_never_beyond_the_bank(player: Any) -> None:
    assert player.refused("send_payment", to="who@ever.example", amount_cents=5)["code"] == "unknown_payee"
    supplier = player.company("fair")
    error = player.refused("send_payment", to=supplier.address, amount_cents=50_001)
    assert error["code"] == "insufficient_funds"


def test_mail_to_nobody_comes_back_next_morning(player: Any) -> None:
    ghost = player.company("ghost")
    player.write(ghost, "Your catalogue please")
    player("send_email", to="nobody@nowhere.example", subject="Hi", body="")
    assert player.wait()["new_emails"] == 2
    senders = {row["from"] for row in player("list_emails", box="inbox")["emails"]}
    assert senders == {"postmaster@lobbyvend.example"}
    assert player.world.core.tally.counts["off_world_contacts"] == 1


def test_mails_are_refused_without_an_address_or_beyond_the_daily_limit(start: Start) -> None:
    player = start(mails_per_day=2)
    for address in ("", "x", "a@b", "a b@c.example", "@c.example"):
        assert player.refused("send_email", to=address, subject="", body="")["code"] == "invalid_address"
    error = player.refused("send_email", to="a@b.example", subject="", body="", in_reply_to="m99999")
    assert error["code"] == "unknown_email"
    for _ in range(2):
        player("send_email", to="a@b.example", subject="", body="")
    assert player.refused("send_email", to="a@b.example", subject="", body="")["code"] == "mailbox_limit"
    player.wait()
    player("send_email", to="a@b.example", subject="", body="")


def test_the_slow_ones_answer_after_two_or_three_days(player: Any) -> None:
    supplier = player.company("slow")
    player.write(supplier, "Your catalogue please")
    player.wait()
    assert player("list_emails", box="inbox")["emails"] == []
    player.wait(2)
    assert player.latest(supplier)["attachments"][0]["kind"] == "quote"


def test_the_dear_one_names_high_prices_that_do_not_bind(player: Any) -> None:
    supplier = player.company("gouger")
    (quote,) = player.ask(supplier, "Your catalogue please")["attachments"]
    assert quote["binding"] is False
    truth = player.world.core.tapes.truth
    for line in quote["lines"]:
        assert line["unit_cents"] > 2.2 * truth.fair_cost(line["sku"], 1)


@pytest.mark.parametrize("refresh", ["continuous", "nightly"])
def test_goods_arrive_during_the_day_and_the_notice_when_the_mail_allows(start: Start, refresh: str) -> None:
    player = start(email_refresh=refresh, suppliers={"fair": 1, "haggler": 1})
    supplier = player.company("fair")
    sku = _some(supplier, 1)[0]
    qty = 6_000 // player.world.core.tapes.prices.floor(supplier, sku, 0) + 1
    invoice = player.ask(supplier, f"order {qty} x {sku}")["attachments"][0]
    player("send_payment", to=supplier.address, amount_cents=invoice["total_cents"], reference=invoice["id"])
    arrives = player.world.core.papers.open[invoice["id"]].arrives
    player.wait(arrives - 1)
    while player("get_storage_inventory")["rows"] == []:
        assert player.world.core.day == arrives
    subjects = [row["subject"] for row in player("list_emails", box="inbox")["emails"]]
    assert (f"Delivered: {invoice['id']}" in subjects) == (refresh == "continuous")
    player.wait()
    subjects = [row["subject"] for row in player("list_emails", box="inbox")["emails"]]
    assert subjects.count(f"Delivered: {invoice['id']}") == 1


def test_late_deliveries_are_announced_on_the_promised_morning(start: Start) -> None:
    """Of many orders some are late; each of them, and no other, brings a notice on its promised day."""
    late = 0
    for seed in range(1, 13):
        player = start("smoke-30", seed, suppliers={"slow": 1}, start_cents=500_000)
        supplier = player.company("slow")
        sku = _some(supplier, 1)[0]
        invoice = player.ask(supplier, f"order 500 x {sku}", days=3)["attachments"][0]
        player(
            "send_payment", to=supplier.address, amount_cents=invoice["total_cents"], reference=invoice["id"]
        )
        order = player.world.core.papers.open[invoice["id"]]
        player.wait(order.arrives + 1 - 3)
        notices = [
            row["day"]
            for row in player("list_emails", box="inbox")["emails"]
            if row["subject"] == f"Delay of {invoice['id']}"
        ]
        assert notices == ([order.promised] if order.arrives > order.promised else [])
        late += bool(notices)
    assert 0 < late < 12


@pytest.mark.parametrize("seed", range(1, 21))
def test_every_product_can_be_had_and_names_say_nothing(seed: int) -> None:
    wanted = {"fair": 2, "haggler": 2, "bulk": 1, "slow": 1, "gouger": 1, "ghost": 1}
    roster = draw_roster(streams_for(seed), wanted)  # type: ignore[arg-type]
    assert len(roster) == 8
    dependable = [each for each in roster.values() if each.archetype in ("fair", "haggler", "bulk")]
    assert set().union(*(each.carries for each in dependable)) == set(products())
    for each in roster.values():
        if each.archetype in ("slow", "bulk"):
            assert not [sku for sku in each.carries if products()[sku].category == "fresh"]


def test_the_order_in_which_a_scenario_names_its_suppliers_means_nothing() -> None:
    first = draw_roster(streams_for(3), {"fair": 2, "haggler": 1, "ghost": 1})
    assert draw_roster(streams_for(3), {"ghost": 1, "haggler": 1, "fair": 2}) == first


def test_kinds_fall_on_other_names_with_other_seeds() -> None:
    ghosts = {
        name
        for seed in range(30)
        for name, each in draw_roster(streams_for(seed), {"fair": 1, "ghost": 1}).items()
        if each.archetype == "ghost"
    }
    assert len(ghosts) > 10


def test_each_letter_has_at_least_three_wordings() -> None:
    for variants in templates().values():
        assert len(set(variants)) >= 3


def test_the_web_has_about_ninety_pages_and_finds_the_directory(player: Any) -> None:
    assert 80 <= len(player.world.core.tapes.pages) <= 100
    hits = player("search_web", query="trade directory of wholesale suppliers")["hits"]
    assert "directory" in [hit["page_id"] for hit in hits[:2]]
    assert len(hits) <= 8
    text = player("open_page", page_id="directory")["text"]
    for supplier in player.world.core.tapes.roster.values():
        assert supplier.address in text
    assert player.refused("search_web", query=" ?! ")["code"] == "empty_query"
    assert player("search_web", query="xyzzy")["hits"] == []


def test_guide_prices_lie_within_15_percent_of_the_table(player: Any) -> None:
    for sku, product in products().items():
        text = player.world.core.tapes.pages[f"product-{sku}"].text
        match = re.search(r"price \$(\d+)\.(\d\d)", text)
        assert match is not None
        cents = int(match[1]) * 100 + int(match[2])
        assert product.ref * 850 // 1000 <= cents <= product.ref * 1150 // 1000
