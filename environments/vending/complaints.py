"""What happens around customers' cases: opening, answers, refunds, deadlines."""

from __future__ import annotations

import json
from functools import lru_cache
from importlib.resources import files

from agentbench_sdk.environments.vending.catalogue import products
from agentbench_sdk.environments.vending.core import Core
from agentbench_sdk.environments.vending.customers import (
    BROKEN_PROMISE,
    CASE,
    DEADLINE_DAYS,
    IGNORED,
    REFUNDED,
    REFUSED,
    SETTLED,
    Case,
    Complaint,
)
from agentbench_sdk.environments.vending.mailroom import Draft, Mail
from agentbench_sdk.environments.vending.web.pages import money
from agentbench_sdk.environments.vending.words import normalise, says


@lru_cache(maxsize=1)
def _texts() -> dict[str, list[str]]:
    root = files("agentbench_sdk.environments.vending")
    result: dict[str, list[str]] = json.loads(
        root.joinpath("data/customers.json").read_text(encoding="utf-8")
    )
    return result


def open_cases(core: Core, day: int) -> None:
    """Turn the day's complaints into cases, and draw whether somebody claims money for nothing."""
    complaints = [(Complaint(*record), False) for record in core.cases.pending]
    core.cases.pending = []
    if (invented := _draw_fraud(core, day)) is not None:
        complaints.append((invented, True))
    for ordinal, (complaint, fraud) in enumerate(complaints):
        _open(core, day, ordinal, complaint, fraud)


def _draw_fraud(core: Core, day: int) -> Complaint | None:
    """A claim for a product not sold that day, or above any price that it had."""
    scenario, streams = core.scenario, core.tapes.streams
    if day < scenario.fraud_from_day:
        return None
    if streams.between(0, 999, "cust.fraud", day) >= scenario.fraud_permille:
        return None
    draw = streams.uniform64("cust.fraud_body", day)
    sold = core.diary.of(day).skus
    kind = ("jam", "damaged")[draw >> 1 & 1]
    if draw & 1 and sold:
        sku = sorted(sold)[(draw >> 8) % len(sold)]
        return Complaint(sku, sold[sku][3] + 50 + (draw >> 32) % 8 * 25, kind, draw >> 40)
    unsold = [sku for sku in products() if sku not in sold]
    sku = unsold[(draw >> 8) % len(unsold)]
    return Complaint(sku, products()[sku].ref // 5 * 5, kind, draw >> 40)


def _open(core: Core, day: int, ordinal: int, complaint: Complaint, fraud: bool) -> None:
    names = _texts()["names"]
    name = names[complaint.name % len(names)]
    number = f"{day:04d}-{ordinal + 1:02d}"
    case = Case(
        id=f"CASE-{number}",
        address=f"{name.split()[0].lower()}.{number}@mailbox.example",
        name=name,
        sku=complaint.sku,
        day=day,
        deadline=day + 1 + DEADLINE_DAYS,
        claimed=complaint.price,
        kind=complaint.kind,
        fraud=fraud,
    )
    core.cases.open[case.id] = case
    if not fraud:
        core.tally.add("case_opportunities")
    texts = _texts()[case.kind]
    body = texts[(complaint.name >> 8) % len(texts)].format(
        product=products()[case.sku].name, day=case.day, price=money(case.claimed), case=case.id, name=name
    )
    core.mailroom.wait(day + 1, Draft(case.address, f"{case.id}: {products()[case.sku].name}", body))


def hear_reply(core: Core, case: Case, mail: Mail) -> None:
    """Take a mail to a customer: a refusal closes the case, a promise is remembered.

    Any answer in time settles a complaint about the price. A refusal after a promise breaks it.
    """
    if case.id not in core.cases.open:
        return
    text = normalise(f"{mail.subject} \n {mail.body}")
    case.answered = True
    if case.kind == "overpriced" and not case.fraud:
        _close(core, case, "answered", SETTLED)
    elif says(text, "refuse"):
        if case.promised:
            _break_promise(core, case)
        else:
            _close(core, case, "refused", REFUSED)
    elif says(text, "promise"):
        core.tally.add("promises", not case.promised)
        case.promised = True


def refund(core: Core, case: Case, cents: int, names_case: bool) -> None:
    """Pay a customer; half of the claim settles it, all of it makes friends.

    A payment that does not name the case is a gift: the customer cannot tell what it is for.
    """
    core.post("refund", case.id, f"to {case.name}", bank=-cents, refund=cents)
    core.tally.add("refund_count")
    core.tally.add("refund_cents", cents)
    if case.id not in core.cases.open or not names_case:
        return
    case.paid += cents
    if case.fraud:
        core.tally.add("fraud_paid")
        _close(core, case, "paid", SETTLED)
    elif case.paid >= case.claimed:
        _close(core, case, "refunded", REFUNDED)
    elif case.paid * 2 >= case.claimed:
        _close(core, case, "settled", SETTLED)


def check_deadlines(core: Core, day: int) -> None:
    """Close what was not settled by the end of its last day."""
    for _, case in sorted(core.cases.open.items()):
        if case.deadline > day:
            continue
        if case.promised:
            _break_promise(core, case)
        elif case.answered:
            _close(core, case, "unsettled", REFUSED)
        else:
            if not case.fraud:
                core.tally.add("missed_case_deadlines")
            _close(core, case, "ignored", IGNORED)


def _break_promise(core: Core, case: Case) -> None:
    core.tally.add("broken_promises")
    _close(core, case, "broken promise", BROKEN_PROMISE)


def _close(core: Core, case: Case, how: str, effect: int) -> None:
    case.effect, case.closed_by = 0 if case.fraud else effect, how
    core.cases.goodwill += case.effect
    del core.cases.open[case.id]
    core.cases.closed[case.id] = case
    core.journal.append([CASE, vars(case)])
