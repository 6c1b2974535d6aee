"""What a script lets its customer say and agree to: identity, place, amounts, plan."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from agentbench_sdk.environments.telecom.task import TelecomTask
from agentbench_sdk.environments.telecom.users.prompt import scenario_text
from agentbench_sdk.environments.telecom.words import CUSTOMER_ID, dates, introduced, is_abroad, numbers

COUNTRIES: Final = (
    "argentina|australia|austria|belgium|brazil|bulgaria|canada|chile|china|colombia|croatia|cuba|cyprus|czechia|denmark|"
    "egypt|england|estonia|ethiopia|finland|france|germany|ghana|greece|hungary|iceland|india|indonesia|iran|iraq|ireland|"
    "israel|italy|jamaica|japan|kenya|latvia|lithuania|luxembourg|malaysia|malta|mexico|morocco|nepal|netherlands|"
    "new zealand|nigeria|norway|pakistan|panama|peru|philippines|poland|portugal|romania|russia|scotland|serbia|singapore|"
    "slovakia|slovenia|south africa|south korea|spain|sweden|switzerland|taiwan|thailand|tunisia|turkey|ukraine|"
    "united kingdom|uk|uruguay|vietnam|london|paris|berlin|madrid|rome|tokyo|lisbon|oslo|athens|nairobi|santiago"
)
_PLACE = re.compile(rf"\b(?:in|to|from|visiting|through|across) ({COUNTRIES})\b", re.IGNORECASE)
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+\w")
_GIGABYTES = re.compile(r"(\d+(?:\.\d+)?) ?GB\b", re.IGNORECASE)
_EXTRA = re.compile(r"\b(?:refuel\w*|extra data|more data)\b", re.IGNORECASE)
_KEEPS_PLAN = re.compile(
    r"(?:\bnot|don't|decline|refuse|out of the question|keep)[^.]{0,80}\bplan\b|\bplan\b[^.]{0,40}\b(?:out of the question|not)",
    re.IGNORECASE,
)
_NO_NAMES: Final = re.compile(
    r"\b(?:airplane|mode|data|saver|mobile|roaming|sim|card|vpn|apn|mms|wi-?fi|calling|network|signal|status|bar|speed|"
    r"test|no|not|service|excellent|good|fair|poor|messag\w+|apps?|settings|internet|connect\w*|phone|android|iphone|the|on|"
    r"in|at|a|so|very|really|still|just|sure|sorry|out|back|here|now|too|all|off|yes|ok|okay)\b"
)


@dataclass(frozen=True, slots=True)
class Licence:
    """Read from a task once.

    Attributes:
        text: the whole script, in lower case.
        amounts: gigabytes of extra data that the customer may agree to; None when the script says nothing.
        abroad: where the script places the customer; None when it does not tell.
    """

    text: str
    numbers: frozenset[str]
    dates: frozenset[str]
    customer_ids: frozenset[str]
    amounts: frozenset[float] | None
    keeps_plan: bool
    abroad: bool | None

    @classmethod
    def of(cls, task: TelecomTask) -> Licence:
        """The licence that a task's script gives."""
        return _licence(scenario_text(task.user_scenario))


@lru_cache(maxsize=1024)  # asked for with each message of a session
def _licence(text: str) -> Licence:
    amounts = frozenset(float(found) for found in _GIGABYTES.findall(text))
    return Licence(
        text.lower(),
        frozenset(numbers(text)),
        frozenset(dates(text)),
        frozenset(CUSTOMER_ID.findall(text)),
        amounts if amounts or _EXTRA.search(text) else None,
        _KEEPS_PLAN.search(text) is not None,
        is_abroad(text),
    )


def foreign_identity(text: str, licence: Licence, heard: str) -> str | None:
    """The first fact of identity in a text that neither the script nor the desk has told; None for none.

    Arguments:
        text: what the customer is about to say.
        licence: what the script lets it say.
        heard: all that the desk has said: the customer may repeat it.
    """
    known = f"{licence.text}\n{heard.lower()}"
    for number in numbers(text):
        if number not in licence.numbers and number not in numbers(heard):
            return f"the phone number {number}"
    for customer_id in CUSTOMER_ID.findall(text):
        if customer_id.lower() not in known:
            return f"the customer id {customer_id}"
    for address in _EMAIL.findall(text):
        if address.lower() not in known:
            return f"the e-mail address {address}"
    return _foreign_name(text, known) or _foreign_birth(text, licence, heard)


def foreign_place(text: str, licence: Licence, heard: str) -> str | None:
    """The first place in a text that neither the script nor the desk has named; None for none."""
    for place in _PLACE.findall(text):
        if place.lower() not in licence.text and place.lower() not in heard.lower():
            return str(place)
    return None


def _foreign_name(text: str, known: str) -> str | None:
    words = set(re.findall(r"[\w'-]+", known))
    for name in introduced(text):
        parts = re.findall(r"[\w'-]+", name.lower())
        if not words.issuperset(parts) and not _NO_NAMES.search(name.lower()):
            return f"the name {name}"
    return None


_BIRTH = re.compile(r"\b(?:born|birth|birthday|dob)\b", re.IGNORECASE)


def _foreign_birth(text: str, licence: Licence, heard: str) -> str | None:
    if not _BIRTH.search(text):
        return None
    for date in dates(text):
        if date not in licence.dates and date not in dates(heard):
            return f"the date {date}"
    return None
