"""Wording of what suppliers write: templates, chosen by the supplier's own ordinals."""

from __future__ import annotations

import json
from functools import lru_cache
from importlib.resources import files

from agentbench_sdk.environments.vending.catalogue import products
from agentbench_sdk.environments.vending.suppliers.account import QuoteLine
from agentbench_sdk.environments.vending.suppliers.roster import Supplier
from agentbench_sdk.environments.vending.web.pages import money


@lru_cache(maxsize=1)
def templates() -> dict[str, list[str]]:
    """All templates by what they say."""
    root = files("agentbench_sdk.environments.vending")
    result: dict[str, list[str]] = json.loads(root.joinpath("data/letters.json").read_text(encoding="utf-8"))
    return result


def write(what: str, supplier: Supplier, ordinal: int, **facts: str | int) -> str:
    """The body of a letter."""
    variants = templates()[what]
    signature = {"company": supplier.name, "contact": supplier.contact, "address": supplier.address}
    return variants[ordinal % len(variants)].format(**{**signature, **facts})


def quote_line(line: QuoteLine) -> str:
    """One price as it is written: "cola_can | Classic cola, 12 oz can | $0.55 a unit"."""
    least = f" for {line.min_qty} units or more" if line.min_qty > 1 else ""
    return f"{line.sku} | {products()[line.sku].name} | {money(line.unit_cents)} a unit{least}"


def goods_line(sku: str, qty: int) -> str:
    """Goods without a price."""
    return f"{qty} x {sku} | {products()[sku].name}"


def invoice_line(sku: str, qty: int, cents: int) -> str:
    """Goods with price and sum."""
    return f"{goods_line(sku, qty)} | {money(cents)} each | {money(qty * cents)}"


def terms_text(supplier: Supplier) -> str:
    """Conditions as every quote states them."""
    terms = supplier.terms
    least = f"The smallest order is {money(terms.minimum)}." if terms.minimum else "No order is too small."
    sentences = [least]
    if terms.min_cases:
        sentences.append(f"We sell full cases only, at least {terms.min_cases} of each product.")
    if not terms.says_binding:
        sentences.append("Prices are subject to change until we invoice.")
    return " ".join(sentences)
