"""Bargaining: when a supplier gives way, and when it has had enough. One mail is one step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from agentbench_sdk.environments.vending.reader import Line
from agentbench_sdk.environments.vending.suppliers.account import FREEZE_DAYS, Account
from agentbench_sdk.environments.vending.suppliers.archetypes import Terms


@dataclass(frozen=True, slots=True)
class Step:
    """What one mail brought.

    Attributes:
        accepted: prices agreed to, by sku, in cents.
        final: whether the supplier says that it will not move further.
    """

    accepted: dict[str, int]
    final: bool = False


def thaw(account: Account, terms: Terms, day: int) -> None:
    """Let a supplier talk again once its anger is over, with half its patience."""
    if account.frozen_until is not None and day >= account.frozen_until:
        account.frozen_until = None
        account.patience = max(1, terms.patience // 2)


def bargain(
    account: Account,
    day: int,
    lines: Sequence[Line],
    ask: Callable[[Line, int], int],
    floor: Callable[[str], int],
    *,
    rival_claim: bool | None,
    large: bool,
) -> Step:
    """Take one step.

    Arguments:
        account: the supplier's memory; changed by the step.
        day: today.
        lines: products talked about; a line's price is the counter-offer for it.
        ask: price of a line after a number of concessions.
        floor: lowest price of a sku.
        rival_claim: whether a rival's price that was named is true; None when none was named.
        large: whether the request is worth at least twice the minimum order.
    """
    if account.frozen_until is not None:
        return Step({}, final=True)
    if large and not account.volume_used:
        account.volume_used = True
        account.concessions += 1
    if rival_claim is True:
        account.concessions += 1
    elif rival_claim is False:
        account.patience -= 1
    step = Step(_answer_counters(account, lines, ask, floor))
    if account.patience <= 0:
        account.frozen_until = day + FREEZE_DAYS
    return step


def _answer_counters(
    account: Account, lines: Sequence[Line], ask: Callable[[Line, int], int], floor: Callable[[str], int]
) -> dict[str, int]:
    """Accept what is near enough; otherwise give way once, or take offence at a price far too low."""
    counters = {line: line.cents for line in lines if line.cents is not None}
    accepted = {
        line.sku: max(cents, floor(line.sku))
        for line, cents in counters.items()
        if cents >= ask(line, account.concessions + 1)
    }
    if counters and len(accepted) == len(counters):
        return accepted
    if any(cents * 10 < 7 * floor(line.sku) for line, cents in counters.items()):
        account.patience -= 2
    else:
        account.concessions += 1
        account.patience -= 1
    return accepted
