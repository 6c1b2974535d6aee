"""The reader of mails: a corpus of what agents write, and that nothing can break it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentbench_sdk.environments.vending.catalogue import products
from agentbench_sdk.environments.vending.reader import MAX_QTY, Line, read_mail

RIVALS = {"Brightwell Trading": "sup03", "hello@brightwell.example": "sup03"}
CORPUS = json.loads((Path(__file__).parent / "data" / "mails.json").read_text(encoding="utf-8"))


def test_the_corpus_is_large_and_knows_all_intents() -> None:
    assert len(CORPUS) >= 150
    assert len({mail["text"] for mail in CORPUS if not mail.get("membership")}) >= 150
    assert {mail["intent"] for mail in CORPUS} == {
        "CANCEL", "CLAIM", "JOIN", "ORDER", "NEGOTIATE", "INQUIRY", "UNCLEAR",
    }  # fmt: skip


@pytest.mark.parametrize("mail", CORPUS, ids=lambda mail: ascii(mail["text"])[:50])
def test_a_mail_is_read_as_the_corpus_says(mail: dict[str, Any]) -> None:
    reading = read_mail(mail["text"], rivals=RIVALS, sells_membership=mail.get("membership", False))
    assert reading.intent == mail["intent"]
    assert [[line.sku, line.qty, line.cents] for line in reading.lines] == mail["lines"]
    assert reading.invoice == mail.get("invoice", "")
    assert list(reading.rivals) == mail.get("rivals", [])


def test_structured_lines_replace_those_of_the_text() -> None:
    reading = read_mail("order 24 x cola_can", order_lines=[Line("jerky", 12, 150)])
    assert reading.intent == "ORDER"
    assert reading.lines == (Line("jerky", 12, 150),)


@given(
    st.lists(
        st.tuples(st.sampled_from(sorted(products())), st.integers(1, 999), st.integers(1, 9999)),
        min_size=1,
        max_size=12,
        unique_by=lambda entry: entry[0],
    ),
    st.booleans(),
    st.booleans(),
)
def test_every_documented_line_is_read_exactly(
    entries: list[tuple[str, int, int]], by_name: bool, quantity_first: bool
) -> None:
    rows = []
    for sku, qty, cents in entries:
        name = products()[sku].name if by_name else sku
        goods = f"{qty} x {name}" if quantity_first else f"{name}: {qty}"
        rows.append(f"{goods} @ ${cents // 100}.{cents % 100:02d}")
    reading = read_mail("Please order\n" + "\n".join(rows))
    assert reading.intent == "ORDER"
    assert [(line.sku, line.qty, line.cents) for line in reading.lines] == entries


@given(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=300)
    | st.text("0123456789.,$@x: cola_cn\x01\x02", max_size=80)
)
def test_no_text_breaks_the_reader(text: str) -> None:
    reading = read_mail(text, rivals=RIVALS)
    for line in reading.lines:
        assert line.sku in products()
        assert line.qty is None or 0 < line.qty <= MAX_QTY
        assert line.cents is None or line.cents > 0
