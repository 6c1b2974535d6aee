"""Seams: a model may reword what is written and read what is meant, and can decide nothing by it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentbench_sdk.environments.vending import Vending
from agentbench_sdk.environments.vending.figures import figures, objection
from agentbench_sdk.environments.vending.replay import replay_trace
from agentbench_sdk.environments.vending.seams import Letter, Seams
from agentbench_sdk.environments.vending.trace import Trace

Start = Callable[..., Any]


def _polite(letter: Letter) -> str:
    return "Hi there!\n" + letter.text.replace("Dear operator,", "").replace("thank you", "many thanks")


def _supplier(player: Any) -> Any:
    return next(each for each in player.world.core.tapes.roster.values() if each.archetype == "fair")


def _quote(player: Any, body: str = "Your catalogue please") -> dict[str, Any]:
    supplier = _supplier(player)
    player("send_email", to=supplier.address, subject="Hello", body=body)
    player.wait()
    rows = player("list_emails", box="inbox", limit=50)["emails"]
    row = next(row for row in rows if row["from"] == supplier.address)
    mail: dict[str, Any] = player("read_email", email_id=row["id"])
    return mail


def _counts(player: Any) -> list[int]:
    names = ("written_texts", "refused_texts", "taken_readings", "refused_readings")
    return [player.world.core.tally.counts[name] for name in names]


def _noting(asked: list[Any], function: Callable[[Any], object]) -> Callable[[Any], object]:
    """The function, and what it was asked."""

    def noting(about: Any) -> object:
        asked.append(about)
        return function(about)

    return noting


# --- writer -------------------------------------------------------------------------------------


def test_without_seams_the_rules_write_and_read(player: Any) -> None:
    _quote(player)
    assert player.world.seams == Seams()
    assert _counts(player) == [0, 0, 0, 0]


def test_a_writer_rewords_what_suppliers_and_customers_write_and_nothing_else(start: Start) -> None:
    plain, worded = start(complaint_permille=1000), start(complaint_permille=1000)
    asked: list[Letter] = []
    worded.world.seams = Seams(writer=_noting(asked, _polite))
    quotes = []
    for player in (plain, worded):
        player.give("water_btl", 8)
        player("stock_machine", moves=[{"slot": "C1", "sku": "water_btl", "qty": 8}])
        player("set_prices", prices=[{"slot": "C1", "price_cents": 150}])
        player("send_email", to="nobody@nowhere.example", subject="", body="")
        quotes.append(_quote(player))
    assert quotes[1]["body"].startswith("Hi there!")
    assert quotes[1]["attachments"] == quotes[0]["attachments"]
    assert {letter.sender.partition("@")[2] for letter in asked} > {"mailbox.example"}
    assert "postmaster" not in {letter.sender.partition("@")[0] for letter in asked}
    assert _counts(worded) == [len(asked), 0, 0, 0]
    assert plain.world.core.ledger.balances == worded.world.core.ledger.balances


def test_the_facts_that_a_writer_gets_are_a_copy(player: Any) -> None:
    def spoil(letter: Letter) -> str:
        letter.attachments.clear()
        return letter.text

    player.world.seams = Seams(writer=spoil)
    assert _quote(player)["attachments"][0]["kind"] == "quote"


def _raise(letter: Letter) -> str:
    raise TimeoutError("the model is away")


def _endless(letter: Letter) -> str:
    return _endless(letter)


HOSTILE: dict[str, Callable[[Letter], Any]] = {
    "another price": lambda letter: re.sub(r"\$(\d+)", r"$1\1", letter.text, count=1),
    "swapped prices": lambda letter: "\n".join(reversed(letter.text.splitlines())),
    "no figures": lambda letter: "We will see.",
    "more figures": lambda letter: letter.text + "\nOnly 3 left.",
    "in words": lambda letter: letter.text + "\nEverything is half the price today.",
    "other digits": lambda letter: letter.text + "\n\u0663",
    "another currency": lambda letter: letter.text.replace("$", "\u20ac"),
    "another address": lambda letter: letter.text + "\nPay to boss@crook.example",
    "another product": lambda letter: re.sub(r"^\w+ \|", "jerky |", letter.text, count=1, flags=re.MULTILINE),
    "another kind of it": lambda letter: letter.text + "\nYour bulk supplier",
    "empty": lambda letter: "",
    "blank": lambda letter: " \n ",
    "too long": lambda letter: letter.text + "a" * 20_000,
    "no text": lambda letter: None,
    "bytes": lambda letter: letter.text.encode(),
    "lone surrogate": lambda letter: letter.text + "\ud800",
    "control": lambda letter: letter.text + "\x1b[2J",
    "raises": _raise,
    "recursion": _endless,
}


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_a_hostile_writer_changes_nothing_and_is_counted(start: Start, name: str) -> None:
    plain, attacked = start(), start()
    attacked.world.seams = Seams(writer=HOSTILE[name])
    assert _quote(attacked) == _quote(plain)
    assert _counts(attacked) == [0, 1, 0, 0]


def test_figures_are_found_in_order() -> None:
    text = "Pay $1.05 for 2 x cola_can (20 oz) by day 7 to A.B@C-d.example, INV-07-0001, half off, 4.5 %."
    assert figures(text) == [
        "$", "1.05", "2", "cola_can", "20", "7", "a.b@c-d.example", "inv-07-0001", "half", "4.5", "%",
    ]  # fmt: skip


@given(st.text(max_size=300))
def test_the_checker_takes_any_text(text: str) -> None:
    assert objection(text, text) in ("", "empty", "control")
    if text.strip():
        assert objection(text, text + " 7") == "figures"


# --- reader -------------------------------------------------------------------------------------


def test_a_reader_says_what_a_mail_means(player: Any) -> None:
    supplier = _supplier(player)
    sku = min(supplier.carries)
    asked: list[str] = []
    found = {"intent": "INQUIRY", "lines": [{"sku": sku}]}
    player.world.seams = Seams(reader=_noting(asked, lambda text: found))
    mail = _quote(player, "Do not order 24 x jerky; what would the usual thing cost me?")
    assert [line["sku"] for line in mail["attachments"][0]["lines"]] == [sku]
    assert asked == ["Hello \n Do not order 24 x jerky; what would the usual thing cost me?"]
    assert _counts(player) == [0, 0, 1, 0]


def test_lines_given_as_data_are_not_read_anew(player: Any) -> None:
    supplier = _supplier(player)
    first, second = sorted(supplier.carries)[:2]
    player.world.seams = Seams(reader=lambda text: {"intent": "ORDER", "lines": [{"sku": second, "qty": 5}]})
    lines = [{"sku": first, "qty": 500}]
    player("send_email", to=supplier.address, subject="", body="as below", order_lines=lines)
    player.wait()
    (order,) = player.world.core.papers.open.values()
    assert [line[:2] for line in order.lines] == [[first, 500]]


READINGS: dict[str, Any] = {
    "none": None,
    "a list": [],
    "no intent": {"lines": []},
    "another intent": {"intent": "PRAISE"},
    "more fields": {"intent": "INQUIRY", "price": 1},
    "unknown product": {"intent": "INQUIRY", "lines": [{"sku": "beer"}]},
    "no quantity": {"intent": "ORDER", "lines": [{"sku": "jerky"}]},
    "negative": {"intent": "ORDER", "lines": [{"sku": "jerky", "qty": -5}]},
    "text as number": {"intent": "ORDER", "lines": [{"sku": "jerky", "qty": "5"}]},
    "huge": {"intent": "ORDER", "lines": [{"sku": "jerky", "qty": 10**9}]},
    "float": {"intent": "NEGOTIATE", "lines": [{"sku": "jerky", "cents": 5.0}]},
    "many": {"intent": "INQUIRY", "lines": [{"sku": "jerky"}] * 61},
    "no invoice": {"intent": "CANCEL"},
    "wrong invoice": {"intent": "CLAIM", "invoice": "INV-07-0001\n"},
    "nothing to join": {"intent": "JOIN"},
}


@pytest.mark.parametrize("name", sorted(READINGS))
def test_a_reading_that_the_rules_do_not_know_is_counted_and_theirs_is_taken(start: Start, name: str) -> None:
    plain, attacked = start(), start()
    attacked.world.seams = Seams(reader=lambda text: READINGS[name])
    assert _quote(attacked) == _quote(plain)
    assert _counts(attacked) == [0, 0, 0, 1]


# --- record -------------------------------------------------------------------------------------


def _moody(mood: dict[str, int]) -> Seams:
    """Seams that succeed, lie and fail in turn, and never the same again."""

    def write(letter: Letter) -> str:
        mood["texts"] = mood.get("texts", 0) + 1
        if mood["texts"] % 3 == 0:
            raise TimeoutError
        return f"{_polite(letter)}\n{'7' * (mood['texts'] % 3 - 1)}{'x' * mood['texts']}"

    def read(text: str) -> object:
        mood["mails"] = mood.get("mails", 0) + 1
        return {"intent": "INQUIRY"} if mood["mails"] % 2 else {"intent": "SHOUT"}

    return Seams(write, read)


def test_what_seams_gave_is_replayed_from_the_trace_without_them(start: Start) -> None:
    player = start(complaint_permille=500, fraud_permille=500, events=True)
    player.world.seams = _moody({})
    trace = player.world.begin_trace()
    player.play("naive-restock")
    counts = _counts(player)
    assert counts[0] > 0
    assert counts[1] > 0
    assert counts[3] > 0
    again = replay_trace(Trace.of(trace.to_bytes()))
    assert again.state_hash() == player.world.state_hash()
    assert again.outcome() == player.world.outcome()
    assert again.trace is not None
    assert again.trace.to_bytes() == trace.to_bytes()


def test_seams_stay_with_forks_and_are_set_anew_after_a_restore(start: Start) -> None:
    player = start()
    player.world.seams = Seams(writer=_polite)
    assert player.world.fork().seams == player.world.seams
    assert Vending.restore(player.world.snapshot()).seams == Seams()
    _quote(player.__class__(twin := player.world.fork()))
    assert twin.core.tally.counts["written_texts"] == 1
    assert player.world.core.tally.counts["written_texts"] == 0
