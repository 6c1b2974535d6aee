"""Bargaining: one mail is one step, so all patience of a firm is used up before anything is bought from it."""

from __future__ import annotations

from agentbench_sdk.environments.vending.policies.planner.knowledge import Firm
from agentbench_sdk.environments.vending.policies.planner.shop import FREEZE_DAYS, Shop, Steps, call
from agentbench_sdk.environments.vending.policies.planner.sourcing import gap_left

_SMALL_GAP = 6_000  # ppm of the fair cost; less is not worth a mail
_CASES = 5
_MAIL_MINUTES = 25


def gap(shop: Shop, firm: Firm) -> int:
    """What more bargaining could still bring, in ppm of the fair cost."""
    terms = firm.terms
    whole = (terms.list_price - terms.floor) * 1000
    return gap_left(whole, terms.step, shop.talk(firm).concessions)


def haggle(shop: Shop, firm: Firm, reserve: int) -> Steps:
    """Write to a firm until it will not hear any more; so many minutes of the day are left over."""
    talk, terms = shop.talk(firm), firm.terms
    if talk.frozen_until >= 0 and shop.day + 1 >= talk.frozen_until:
        talk.frozen_until, talk.patience = -1, max(1, terms.patience // 2)
    while talk.frozen_until < 0 and gap(shop, firm) > _SMALL_GAP and terms.step:
        if shop.minutes_left < reserve + _MAIL_MINUTES:
            return
        sent = yield from call(
            shop,
            "send_email",
            to=firm.address,
            subject="Your prices",
            body=f"Good day, please lower your prices for these products.\n{_lines(shop, firm)}",
        )
        if not sent:
            return
        _note(shop, firm)


def _lines(shop: Shop, firm: Firm) -> str:
    """Enough goods that the request is a large one."""
    wanted = [sku for sku in shop.targets if sku in firm.carries]
    more = [sku for sku in sorted(firm.carries) if sku not in shop.targets]
    skus = (wanted + more)[:12]
    return "\n".join(f"{shop.good(sku).case * _CASES} x {sku}" for sku in skus)


def _note(shop: Shop, firm: Firm) -> None:
    """Count what the firm will do when it reads the mail."""
    talk = shop.talk(firm)
    if firm.terms.minimum and not talk.large:
        talk.large = True
        talk.concessions += 1
    talk.concessions += 1
    talk.patience -= 1
    if talk.patience <= 0:
        talk.frozen_until = shop.day + firm.terms.reply_days[1] + FREEZE_DAYS
