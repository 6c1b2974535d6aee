"""Reading the mails of this world: what a quote, an invoice or a delivery notice says in its text.

The text holds all figures, whether or not a scenario also gives them as data.
"""

from __future__ import annotations

import re

INVOICE = re.compile(r"INV-\d+-\d+")
CASE = re.compile(r"CASE-(\d+)-\d+")
MONEY = re.compile(r"\$(\d+)\.(\d\d)")
TOTAL = re.compile(r"Total to pay: \$(\d+)\.(\d\d)")
MINIMUM = re.compile(r"smallest order is \$(\d+)\.(\d\d)")
FULL_CASES = re.compile(r"full cases only, at least (\d+)")
HORIZON = re.compile(r"for (\d+) days")
CALLS = re.compile(r"Limits: (\d+) calls")
CAPACITIES = re.compile(r"small products \(up to (\d+) units each\).*large ones \(up to (\d+) units")
_QUOTED = re.compile(r"^(\w+) \| .* \| \$(\d+)\.(\d\d) a unit(?: for (\d+) units)?", re.MULTILINE)
_GOODS = re.compile(r"^(\d+) x (\w+) \|", re.MULTILINE)
_INVOICED = re.compile(r"^(\d+) x (\w+) \| .* \| \$(\d+)\.(\d\d) each", re.MULTILINE)


def cents(match: re.Match[str]) -> int:
    """The first two groups of a match, dollars and cents, as cents."""
    return int(match[1]) * 100 + int(match[2])


def quoted(body: str) -> dict[str, int]:
    """Cents by sku in a quote."""
    return {row[1]: int(row[2]) * 100 + int(row[3]) for row in _QUOTED.finditer(body)}


def goods(body: str) -> dict[str, int]:
    """Units by sku in an invoice or a delivery notice."""
    return {row[2]: int(row[1]) for row in _GOODS.finditer(body)}


def invoiced(body: str) -> dict[str, int]:
    """Cents a unit by sku in an invoice."""
    return {row[2]: int(row[3]) * 100 + int(row[4]) for row in _INVOICED.finditer(body)}
