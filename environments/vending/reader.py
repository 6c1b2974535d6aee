"""Reading what an agent writes to a supplier: a documented form, no understanding of language.

Products are found by sku, display name or alias; a line is a quantity next to a product, with an optional
price ("24 x cola_can @ $0.55", "2 cases of cola_can at 55 cents", "cola_can: 24"). Negation is not
understood.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from agentbench_sdk.environments.vending.catalogue import products
from agentbench_sdk.environments.vending.words import normalise, says

MAX_QTY = 100_000
MAX_CENTS = 1_000_000
_INVOICE = re.compile(r"(?<![\w-])inv-\d{2}-\d{4}(?![\w-])")
_TOKEN = re.compile(
    r"\x01(?P<product>\d+)\x02"
    r"|\$ ?(?P<dollars>\d{1,6}(?:\.\d{1,2})?)(?![\d.]*\d)"
    r"|(?P<cents>\d{1,6}) ?(?:cents?|ct|¢)(?!\w)"
    r"|(?P<plain>\d{1,6}\.\d{2})(?![\d.]*\d)"
    r"|(?P<integer>\d{1,3}(?:,\d{3})+|\d+)(?![\d.]*\d)(?! ?%)(?!(?!x\b)\w)"
    r"|(?P<odd>\d[\d.,]*)"
    r"|(?P<word>[^\W\d_][\w'-]*)"
    r"|(?P<other>\S)"
)
_CASES = {"case", "cases"}
_UNITS = {"unit", "units", "piece", "pieces", "pcs", "pc"}
_BEFORE = {"x", "*", "\u00d7", "of", "the"} | _CASES | _UNITS
_BETWEEN = {":", "-", "=", "x", "*", "\u00d7", "qty", "quantity", "(", "\u2013"}
_TO_PRICE = {"@", "at", "for", ",", ":", "-", "=", "(", ")", "price", "each", "is"} | _CASES | _UNITS


@dataclass(frozen=True, slots=True)
class Line:
    """A product that a mail names; quantity in units, price in cents for one unit; None where not given."""

    sku: str
    qty: int | None = None
    cents: int | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What a mail says.

    Attributes:
        intent: CANCEL, CLAIM, JOIN, ORDER, NEGOTIATE, INQUIRY or UNCLEAR.
        lines: products in the order in which they are named, each once.
        invoice: the first invoice id, "" if there is none.
        rivals: ids of other suppliers that are named.
    """

    intent: str
    lines: tuple[Line, ...] = ()
    invoice: str = ""
    rivals: tuple[str, ...] = ()


@dataclass(slots=True)
class _Token:
    kind: str
    text: str
    used: bool = False

    @property
    def number(self) -> int:
        return int(self.text.replace(",", ""))

    def cents(self) -> int | None:
        """The price that this token states."""
        if self.kind == "cents":
            value = int(self.text)
        elif self.kind in ("dollars", "plain"):
            whole, _, part = self.text.partition(".")
            value = int(whole) * 100 + int((part + "00")[:2])
        else:
            return None
        return value if 0 < value <= MAX_CENTS else None


def read_mail(
    text: str,
    *,
    rivals: Mapping[str, str] | None = None,
    order_lines: Sequence[Line] | None = None,
    sells_membership: bool = False,
) -> Reading:
    """Read a mail.

    Arguments:
        text: subject and body.
        rivals: what other suppliers are called (name or address, any case), to their id.
        order_lines: structured lines; they replace those of the text.
        sells_membership: whether words about joining mean something to the reader.
    """
    plain = normalise(text)
    lines = merge_lines(order_lines if order_lines is not None else find_lines(plain))
    invoice = _INVOICE.search(plain)
    named = {known for name, known in (rivals or {}).items() if normalise(name) in plain}
    intent = _intent(plain, lines, invoice is not None, sells_membership)
    return Reading(intent, lines, invoice.group().upper() if invoice else "", tuple(sorted(named)))


def _intent(plain: str, lines: Sequence[Line], invoice: bool, sells_membership: bool) -> str:
    """The first rule that applies decides."""
    haggles = says(plain, "negotiate")
    rules = (
        ("CANCEL", invoice and says(plain, "cancel")),
        ("CLAIM", invoice and says(plain, "claim")),
        ("JOIN", sells_membership and says(plain, "join")),
        ("ORDER", says(plain, "order") and not haggles and any(line.qty for line in lines)),
        ("NEGOTIATE", haggles or any(line.cents for line in lines)),
        ("INQUIRY", bool(lines) or says(plain, "inquire")),
    )
    return next((intent for intent, applies in rules if applies), "UNCLEAR")


def merge_lines(lines: Sequence[Line]) -> tuple[Line, ...]:
    """One line a product: quantities add up, the lower price counts."""
    merged: dict[str, Line] = {}
    for line in lines:
        old = merged.get(line.sku, Line(line.sku))
        quantities = [qty for qty in (old.qty, line.qty) if qty is not None]
        prices = [cents for cents in (old.cents, line.cents) if cents is not None]
        qty = min(sum(quantities), MAX_QTY) if quantities else None
        merged[line.sku] = Line(line.sku, qty, min(prices) if prices else None)
    return tuple(merged.values())


@lru_cache(maxsize=1)
def _names() -> tuple[re.Pattern[str], dict[str, str]]:
    """A pattern for every name of a product, longest first, and the sku of each name."""
    aliases = json.loads(files(__package__).joinpath("data/aliases.json").read_text(encoding="utf-8"))
    names: dict[str, str] = {}
    for sku, product in products().items():
        for name in (sku, product.name, *aliases[sku]):
            names.setdefault(normalise(name), sku)
    ordered = sorted(names, key=lambda name: (-len(name), name))
    pattern = r"(?<![\w-])(" + "|".join(map(re.escape, ordered)) + r")(?![\w-])"
    return re.compile(pattern), names


def find_lines(plain: str) -> list[Line]:
    """The lines of a normalised text."""
    pattern, names = _names()
    skus: list[str] = []

    def mark(match: re.Match[str]) -> str:
        skus.append(names[match.group(1)])
        return f" \x01{len(skus) - 1}\x02 "

    marked = pattern.sub(mark, plain.replace("\x01", " ").replace("\x02", " "))
    tokens = [
        _Token(found.lastgroup or "", found.group(found.lastgroup or 0)) for found in _TOKEN.finditer(marked)
    ]
    return [
        _line(tokens, place, skus[int(token.text)])
        for place, token in enumerate(tokens)
        if token.kind == "product"
    ]


def _line(tokens: list[_Token], place: int, sku: str) -> Line:
    qty, after = _quantity_before(tokens, place, sku), place + 1
    if qty is None:
        qty, after = _quantity_after(tokens, place + 1, sku)
    return Line(sku, qty, _price_after(tokens, after))


def _quantity_before(tokens: list[_Token], place: int, sku: str) -> int | None:
    position, cases = place - 1, False
    while position >= 0 and place - position <= 4 and tokens[position].text in _BEFORE:
        cases = cases or tokens[position].text in _CASES
        position -= 1
    return _quantity(tokens[position], sku, cases) if position >= 0 else None


def _quantity_after(tokens: list[_Token], place: int, sku: str) -> tuple[int | None, int]:
    position = place
    while position < len(tokens) and position - place < 3 and tokens[position].text in _BETWEEN:
        position += 1
    if position >= len(tokens):
        return None, place
    cases = position + 1 < len(tokens) and tokens[position + 1].text in _CASES
    qty = _quantity(tokens[position], sku, cases)
    return (None, place) if qty is None else (qty, position + 1)


def _quantity(token: _Token, sku: str, cases: bool) -> int | None:
    if token.kind != "integer" or token.used or len(token.text) > 9:
        return None
    qty = token.number * (products()[sku].case if cases else 1)
    if not 0 < qty <= MAX_QTY:
        return None
    token.used = True
    return qty


def _price_after(tokens: list[_Token], place: int) -> int | None:
    for token in tokens[place : place + 4]:
        if (cents := token.cents()) is not None and not token.used:
            token.used = True
            return cents
        if token.text not in _TO_PRICE:
            return None
    return None
