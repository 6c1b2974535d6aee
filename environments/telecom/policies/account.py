"""Finding the customer's record and the line that the trouble is about."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from agentbench_sdk.environments.telecom.policies.desk import Desk, HandOver
from agentbench_sdk.environments.telecom.words import (
    CUSTOMER_ID,
    dates,
    endings,
    introduced,
    names,
    numbers,
)
from agentbench_sdk.simulation import Act

Record = Mapping[str, Any]

_WHO = (
    "I am sorry about the trouble, and glad to help. So that I can find your account: what is your full name, "
    "and what is the phone number of the line with the trouble?"
)
_WHICH = (
    "There are several lines on your account. Which one is it: what are the last four digits of its number, and "
    "which model of phone is it in?"
)


@dataclass(slots=True)
class Account:
    """The record of a customer, and of the line that is looked after."""

    customer: Record
    line: Record

    @property
    def key(self) -> dict[str, str]:
        """The arguments that most tools of the back office want."""
        return {"customer_id": self.customer["customer_id"], "line_id": self.line["line_id"]}

    def reread(self, desk: Desk) -> Generator[Act, str, None]:
        """Take over what the line's record says now."""
        self.line = (yield from desk.office("get_details_by_id", id=self.line["line_id"])) or self.line


def find_account(desk: Desk) -> Generator[Act, str, Account]:
    """Ask for what is needed, and look it up.

    Raises:
        HandOver: nobody fits what the customer told.
    """
    customer = yield from _find_customer(desk)
    if customer is None:
        raise HandOver("No account fits the name, number and date of birth that the customer gave.")
    line = yield from _find_line(desk, customer)
    if line is None:
        raise HandOver("The account has no line that fits what the customer said.")
    return Account(customer, line)


def _find_customer(desk: Desk) -> Generator[Act, str, Record | None]:
    answers: dict[tuple[str, ...], Any] = {}
    if not _numbered(desk):
        yield from desk.ask(_WHO)
    for question, is_known in (*_QUESTIONS, *_QUESTIONS):
        found = yield from _look_up(desk, answers)
        if found is not None:
            return found
        if not is_known(desk):
            yield from desk.ask(question)
    return (yield from _look_up(desk, answers))


def _named(desk: Desk) -> bool:
    return bool(introduced(desk.heard))


def _numbered(desk: Desk) -> bool:
    return bool(numbers(desk.heard) or CUSTOMER_ID.search(desk.heard))


def _dated(desk: Desk) -> bool:
    return bool(dates(desk.heard))


_QUESTIONS = (
    ("Could you tell me your full name?", _named),
    ("Could you tell me the phone number of your line, or else your customer id?", _numbered),
    ("Could you tell me your date of birth? I need it to be sure that I open the right account.", _dated),
)


def _look_up(desk: Desk, answers: dict[tuple[str, ...], Any]) -> Generator[Act, str, Record | None]:
    """Try every way that what was heard allows; nothing is asked twice of the back office."""
    for tool, arguments in _ways(desk.heard):
        key = (tool, *arguments.values())
        if key not in answers:
            answers[key] = yield from desk.office(tool, **arguments)
        for found in _records(answers[key]):
            if _fits(found, desk.heard):
                return found
    return None


def _records(answer: Any) -> list[Record]:
    """A look-up by name gives a list, the others one record or none."""
    rows = answer if isinstance(answer, list) else [answer]
    return [row for row in rows if isinstance(row, dict)]


def _ways(heard: str) -> Iterator[tuple[str, dict[str, str]]]:
    for customer_id in dict.fromkeys(CUSTOMER_ID.findall(heard)):
        yield "get_customer_by_id", {"customer_id": customer_id}
    for number in numbers(heard):
        yield "get_customer_by_phone", {"phone_number": number}
    for birth in dates(heard):
        for name in names(heard)[:4]:
            yield "get_customer_by_name", {"full_name": name, "dob": birth}


def _fits(customer: Record, heard: str) -> bool:
    """Whether the record is of the person that speaks: a number alone may lead to somebody else."""
    said = set(re.findall(r"[\w'-]+", heard.lower().replace("’", "'")))
    name = re.findall(r"[\w'-]+", str(customer["full_name"]).lower())
    return said.issuperset(name)


def _find_line(desk: Desk, customer: Record) -> Generator[Act, str, Record | None]:
    lines: list[Record] = []
    line: Record | None
    for line_id in customer["line_ids"]:
        line = yield from desk.office("get_details_by_id", id=line_id)
        if line is None:
            continue
        lines.append(line)
        if not endings(desk.heard) and line["phone_number"] in numbers(desk.heard):
            return line
    if len(lines) == 1:
        return lines[0]
    for _ in range(2):
        line = yield from _told_apart(desk, lines)
        if line is not None:
            return line
        yield from desk.ask(_WHICH)
    return (yield from _told_apart(desk, lines))


def _told_apart(desk: Desk, lines: Iterable[Record]) -> Generator[Act, str, Record | None]:
    """The line whose number or whose phone was named; None for none, or more than one."""
    known = [line for line in lines if line["phone_number"][-4:] in endings(desk.heard)]
    known = known or [line for line in lines if line["phone_number"] in numbers(desk.heard)]
    if not known:
        for line in lines:
            if (yield from _is_in_named_phone(desk, line)):
                known.append(line)
    return known[0] if len(known) == 1 else None


def _is_in_named_phone(desk: Desk, line: Record) -> Generator[Act, str, bool]:
    if line["device_id"] is None:
        return False
    device = yield from desk.office("get_details_by_id", id=line["device_id"])
    return device is not None and str(device["model"]).lower() in desk.heard.lower()
