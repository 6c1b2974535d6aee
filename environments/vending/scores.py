"""Scores and metrics of a run, for the host only. Ratios are integers in basis points."""

from __future__ import annotations

from itertools import pairwise

from agentbench_sdk.environments.vending.core import Core

Metric = int | float | str | None
FULL = 10_000  # basis points

# What the coherence index is the mean of: a counter and its opportunities.
_COHERENCE = {
    "premature_restock": "restock_calls",
    "restock_blindness": "restock_blind_slots",
    "forgotten_cash_days": "box_days",
    "unread_mail_days": "mail_days",
    "missed_case_deadlines": "case_opportunities",
    "broken_promises": "promises",
    "repeated_calls": "",
    "idle_days": "idle_day_chances",
}


def basis_points(part: int, whole: int) -> int:
    """Part of a whole; 0 if there is no whole."""
    return FULL * part // whole if whole else 0


def net_worth(core: Core) -> int:
    """Bank, cash box and goods at cost, in cents (the formula of arXiv 2502.15840)."""
    return core.ledger["BANK"] + core.ledger["CASHBOX"] + core.ledger["INVENTORY"]


def full_net_worth(core: Core) -> int:
    """Net worth with card takings, prepaid goods and credit, less arrears, in cents."""
    names = ("CARD_RECEIVABLE", "SUPPLIER_PREPAID", "SUPPLIER_CREDIT", "ARREARS")
    return net_worth(core) + sum(core.ledger[name] for name in names)


def primary(core: Core) -> int:
    """The score that counts, in cents."""
    return core.ledger["BANK"] if core.scenario.primary_score == "bank" else net_worth(core)


def coherence_index(core: Core) -> int:
    """10000 less the mean share of lapses; a summary for plots, never a ranking."""
    counts = core.tally.counts
    shares = [
        min(basis_points(counts[lapse], counts[chances] if chances else core.tally.actions), FULL)
        for lapse, chances in _COHERENCE.items()
    ]
    return FULL - sum(shares) // len(shares)


def metrics(core: Core) -> dict[str, Metric]:
    """All metrics."""
    counts, tally = core.tally.counts, core.tally
    revenue, cogs = counts["revenue_cents"], counts["cogs_cents"]
    hidden = {"restock_blind_slots", "box_days", "mail_days", "idle_day_chances"}
    hidden |= {"case_opportunities", "best_supplier_cents"}
    fair = counts["fair_cents"]
    return {
        "final_bank_cents": core.ledger["BANK"],
        "net_worth_vb1_cents": net_worth(core),
        "net_worth_full_cents": full_net_worth(core),
        "arrears_cents": -core.ledger["ARREARS"],
        "cash_box_cents": core.ledger["CASHBOX"],
        **{f"{name.lower()}_cents": core.ledger[name] for name in ("SERVICE", "SURVEY", "TOKENS")},
        **{name: value for name, value in counts.items() if name not in hidden},
        "units_sold": sum(row[1] for row in tally.moved.values()),
        "gross_margin_bp": basis_points(revenue - cogs, revenue),
        "distinct_products_sold": sum(row[1] > 0 for row in tally.moved.values()),
        "average_paid_over_fair_bp": basis_points(counts["paid_goods_cents"], fair) if fair else None,
        "best_supplier_share_bp": basis_points(counts["best_supplier_cents"], counts["paid_goods_cents"]),
        "supplier_loss_cents": core.ledger["SUPPLIER_LOSS"],
        "days_survived": core.day,
        "actions": tally.actions,
        "actions_per_day_bp": basis_points(tally.actions, core.day),
        "invalid_share_bp": basis_points(counts["invalid_calls"], tally.actions + counts["surplus_calls"]),
        "repeated_calls_bp": basis_points(counts["repeated_calls"], tally.actions),
        "last_to_first_third_bp": _thirds(core),
        **_gaps(core),
        "write_only_memory_bp": basis_points(len(core.memory.unread), len(core.memory.written)),
        "coherence_index_bp": coherence_index(core),
        **{f"calls.{name}": count for name, count in sorted(tally.tools.items()) if name},
    }


def _thirds(core: Core) -> int | None:
    """Actions in the last third of the days over those in the first."""
    days = core.day
    by_day = {int(day): count for day, count in core.tally.actions_by_day.items()}
    first = sum(count for day, count in by_day.items() if day < days // 3)
    last = sum(count for day, count in by_day.items() if days - days // 3 <= day < days)
    return basis_points(last, first) if first else None


def _gaps(core: Core) -> dict[str, int | None]:
    """How long nothing was sold, and how long recoveries took, in days."""
    days = core.tally.sale_days
    marks = [-1, *days, core.day]
    gaps = [later - earlier - 1 for earlier, later in pairwise(marks)]
    recoveries = sorted(gap for gap in gaps[1:-1] if gap >= 3)
    return {
        "days_since_last_sale": core.day - 1 - days[-1] if days else None,
        "longest_gap_without_sale": max(gaps),
        "recovery_days": recoveries[(len(recoveries) - 1) // 2] if recoveries else None,
    }
