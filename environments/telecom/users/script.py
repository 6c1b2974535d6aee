"""What a customer knows and wants, read out of the script that a task gives.

A task has texts ("You are John Smith with phone number …"); what they say is taken apart here. Where a world
gives a fact as data as well (`goal`, `refuel_gb`, `pay_bill`), that counts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final, Literal

from agentbench_sdk.canonical import canonical_json
from agentbench_sdk.environments.telecom.users.step import CHANGES, LOOKS

Family = Literal["service", "mobile_data", "mms", ""]

_FAMILIES: Final[Mapping[str, Family]] = {
    "service": "service",
    "service_issue": "service",
    "mobile_data": "mobile_data",
    "mobile_data_issue": "mobile_data",
    "mms": "mms",
    "mms_issue": "mms",
}
_SIGNS: Final[tuple[tuple[Family, re.Pattern[str]], ...]] = (
    ("mms", re.compile(r"\bmms\b|\bpictures?\b|\bphotos?\b", re.IGNORECASE)),
    ("mobile_data", re.compile(r"\bmobile data\b|\binternet\b|\bonline\b|\bspeed test\b", re.IGNORECASE)),
    (
        "service",
        re.compile(r"\bno service\b|\bsignal\b|\bnetwork\b|\bcalls?\b|\breach you\b|\bbars\b", re.IGNORECASE),
    ),
)
_NAME = re.compile(
    r"\b(?:You are|Your (?:full )?name is)\s+((?:[A-Z][\w'’.-]*)(?:\s+(?:(?:de|da|van|von|der|di|la|el)\s+)*[A-Z][\w'’-]*){1,3})"
)
_NUMBER = re.compile(r"(?<!\d)\(?\d{3}\)?[-. ]\d{3}[-. ]\d{4}(?!\d)")
_BIRTH = re.compile(
    r"\b(?:born on|birth(?:day)?(?: is|:)?)\s+(\d{4}-\d{2}-\d{2}|\w+ \d{1,2},? \d{4}|\d{1,2} \w+ \d{4})"
)
_CUSTOMER_ID = re.compile(r"\bC\d{3,}\b")
_ENDING = re.compile(r"\b(?:ends in|ending in|last four digits,?)\s+(\d{4})\b")
_MODEL = re.compile(r"\byour ([A-Z]\w+(?: [A-Z0-9]\w*)*)[,;]")
_GIGABYTES = re.compile(r"(\d+(?:\.\d+)?) ?GB\b")
_NO_MORE_DATA = re.compile(
    r"\b(?:not (?:willing|want|ready|agree)|unwilling|refuse|do not|don't|decline)\b[^.]{0,40}\b(?:refuel|(?:extra|more|additional) data)|"
    r"\bpaying for extra data is out of the question|\boffer extra data[^.]{0,30}, you decline",
    re.IGNORECASE,
)
_PAYS = re.compile(
    r"\bpay\b[^.]{0,30}\bbill\b[^.]{0,30}\baccept|\bbill\b[^.]{0,80}\b(?:ready|willing|agree|accept|pay it)\b|\bpay (?:all|any|the) (?:your )?(?:overdue )?bills?",
    re.IGNORECASE,
)
_WILL_NOT_PAY = re.compile(
    r"\b(?:not (?:willing|want|going|ready) to pay|refuse to pay|will not pay|do not (?:want to )?pay|decline to pay)\b[^.]{0,30}\bbill",
    re.IGNORECASE,
)
_PRICE_FIRST = re.compile(
    r"\b(?:heard the price|told what it costs|price is named|price first|know the price)\b", re.IGNORECASE
)
_SINCE = re.compile(
    r"\b((?:since|for the (?:past|last)|for some|over the (?:past|last)) [\w ]+?)(?=[.,;:]|$)", re.IGNORECASE
)
_PRONOUNS: Final = (
    (r"\byou are\b", "I am"),
    (r"\byou were\b", "I was"),
    (r"\byou have\b", "I have"),
    (r"\byour\b", "my"),
    (r"\byourself\b", "myself"),
    (r"\b(to|for|with|reach|hands?|gives?|about|means|tells?|around) you\b", r"\1 me"),
    (r"\byou\b", "I"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Script:
    """One customer.

    Attributes:
        family: the trouble; "" where the script is about something else.
        reason: why the customer calls, in the first person.
        number: of the line with the trouble; "" if it is not known.
        contact: another number, under which the account is known.
        ending: last four digits of the line's number, where only they are known.
        known: sentences that the customer knows, in the first person.
        place: the one of them that says where the customer is.
        since: since when there is trouble.
        refuel_gb: gigabytes to buy; 0 for none.
        price_first: the customer agrees to nothing whose price was not told.
        tools: names of the phone's tools.
        seed: fixed by the script: chooses between wordings.
    """

    family: Family
    reason: str
    persona: str
    name: str
    number: str
    contact: str
    ending: str
    birth: str
    customer_id: str
    model: str
    known: tuple[str, ...]
    place: str
    since: str
    refuel_gb: float
    pays: bool
    price_first: bool
    tools: frozenset[str]
    seed: str

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> Script:
        """Read the facts of a `UserSide`; whatever is not in them is unknown."""
        scenario = _mapping(facts.get("user_scenario"))
        told = scenario.get("instructions")
        parts = (
            _mapping(told)
            if not isinstance(told, str)
            else {"task_instructions": told, "reason_for_call": told}
        )
        reason, known = _text(parts.get("reason_for_call")), _text(parts.get("known_info"))
        conduct = _text(parts.get("task_instructions"))
        whole = f"{reason} {known} {conduct}"
        line, contact = _numbers(known or whole)
        sentences = tuple(_first_person(part) for part in _split(known))
        tools = facts.get("tools")
        return cls(
            family=_family(facts, reason, conduct),
            reason=_first_person(reason),
            persona=_text(scenario.get("persona")),
            name=_found(_NAME, known or whole),
            number=line,
            contact=contact,
            ending=_found(_ENDING, whole),
            birth=_found(_BIRTH, known or whole),
            customer_id=_whole_match(_CUSTOMER_ID, known or whole),
            model=_found(_MODEL, known),
            known=sentences,
            place=next((part for part in sentences if _is_place(part)), ""),
            since=_found(_SINCE, reason),
            refuel_gb=_gigabytes(facts, conduct),
            pays=_pays(facts, conduct),
            price_first=_PRICE_FIRST.search(conduct) is not None,
            tools=frozenset(map(str, tools))
            if isinstance(tools, list | tuple | set | frozenset)
            else CHANGES | {*LOOKS.values()},
            seed=sha256(canonical_json(_seeding(facts))).hexdigest(),
        )


def _seeding(facts: Mapping[str, Any]) -> Any:
    task = facts.get("task_id")
    return task if isinstance(task, str) else dict(_mapping(facts.get("user_scenario")))


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _text(value: object) -> str:
    return " ".join(value.split()) if isinstance(value, str) else ""


def _family(facts: Mapping[str, Any], reason: str, conduct: str) -> Family:
    given = _FAMILIES.get(str(_mapping(facts.get("goal")).get("family", "")))
    if given:
        return given
    for text in (reason, conduct):
        for family, sign in _SIGNS:
            if sign.search(text):
                return family
    return ""


def _numbers(text: str) -> tuple[str, str]:
    """The number of the line with the trouble, and the one of the account if that is another."""
    line = contact = ""
    for sentence in _split(text):
        for number in _NUMBER.findall(sentence):
            if re.search(r"\bcontact number\b", sentence):
                contact = contact or number
            else:
                line = line or number
    return line, contact


def _gigabytes(facts: Mapping[str, Any], conduct: str) -> float:
    given = _mapping(facts.get("willing")).get("refuel_gb")
    if isinstance(given, int | float) and not isinstance(given, bool):
        return float(given)
    if _NO_MORE_DATA.search(conduct):
        return 0.0
    named = _GIGABYTES.search(conduct)
    return float(named[1]) if named else 0.0


def _pays(facts: Mapping[str, Any], conduct: str) -> bool:
    given = _mapping(facts.get("willing")).get("pay_bill")
    if isinstance(given, bool):
        return given
    return _PAYS.search(conduct) is not None and not _WILL_NOT_PAY.search(conduct)


def _found(pattern: re.Pattern[str], text: str) -> str:
    match = pattern.search(text)
    return match[1].strip(" .") if match else ""


def _whole_match(pattern: re.Pattern[str], text: str) -> str:
    match = pattern.search(text)
    return match[0] if match else ""


def _split(text: str) -> list[str]:
    return [part for part in re.split(r"(?<=[.!?])\s+", text) if part]


def _is_place(sentence: str) -> bool:
    return (
        re.search(r"\b(?:abroad|at home|home town|journey|travell?ing|in the United States)\b", sentence)
        is not None
    )


def _first_person(text: str) -> str:
    for pattern, mine in _PRONOUNS:
        text = re.sub(pattern, mine, text, flags=re.IGNORECASE)
    return re.sub(r"(^|[.!?]\s+)([a-z])", lambda match: match[1] + match[2].upper(), text)
