"""What a customer, or a ticket, says in words: who it is, where, what is wrong, and what is agreed to."""

from __future__ import annotations

import re
from datetime import date as date_type
from typing import Final, Literal

Trouble = Literal["service", "internet", "pictures"]

NUMBER: Final = re.compile(r"(?<![\d-])\(?(\d{3})\)?[-. ]{1,2}(\d{3})[-. ](\d{4})(?![\d-])")
CUSTOMER_ID: Final = re.compile(r"\bC\d{3,}\b")
BILL_ID: Final = re.compile(r"\bB\d{3,}\w*\b")
_ENDING = re.compile(
    r"\b(?:end(?:s|ing)?(?: in| with| on)?|last (?:four|4)(?: digits)?(?: are| is)?)\D{0,15}(\d{4})\b",
    re.IGNORECASE,
)
_ISO = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b")
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_MONTH = r"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_WRITTEN = (
    (re.compile(rf"\b{_MONTH} (\d{{1,2}})(?:st|nd|rd|th)?,? (\d{{4}})\b", re.IGNORECASE), (3, 1, 2)),
    (re.compile(rf"\b(\d{{1,2}})(?:st|nd|rd|th)?(?: of)? {_MONTH},? (\d{{4}})\b", re.IGNORECASE), (3, 2, 1)),
)
_NAMED = re.compile(
    r"\b(?:[Mm]y (?:full )?name(?:'s| is)|[Nn]ame:|I am|I'm|[Tt]his is|[Ii]t's|[Cc]ustomer name:)\s+"
    r"([A-Z][\w'’-]+(?:\s+(?:(?:de|da|van|von|der|di|la|el)\s+)*(?:[A-Z]\.|[A-Z][\w'’-]*)){1,3})"
)
_TITLE = re.compile(r"\b([A-Z][\w'’-]+(?: (?:(?:de|da|van|von|der|di|la|el) )*[A-Z][\w'’-]+){1,3})\b")
_AMOUNT = re.compile(r"(?<![\d$.])(\d+(?:\.\d+)?) ?(?:gb|gigs?|gigabytes?)\b", re.IGNORECASE)
_BARE = re.compile(r"(?<![\d$.-])([0-9](?:\.\d+)?)(?![\d-])")

_PICTURES = re.compile(
    r"\b(?:mms|pictures?|photos?|images?|multimedia|group messag\w+|videos? messag\w+)\b", re.IGNORECASE
)
_INTERNET = re.compile(
    r"\b(?:internet|mobile data|cellular data|data|online|browse|browsing|web|pages?|download\w*|speeds?|streaming)\b",
    re.IGNORECASE,
)
_SERVICE = re.compile(r"\b(?:service|signal|network|calls?|reception|bars?|coverage|reach)\b", re.IGNORECASE)
_ABROAD = re.compile(
    r"\b(?:abroad|overseas|travel(?:l?ing|ler)?|on a (?:trip|journey)|on (?:vacation|holiday)|foreign country)\b",
    re.IGNORECASE,
)
_HOME = re.compile(
    r"\b(?:at home|location: home|not (?:abroad|travell?ing|overseas)|hometown|home town|in the (?:US|U\.S\.|United States))\b",
    re.IGNORECASE,
)
_REFUSED = re.compile(
    r"\b(?:no|nope|not|don't|do not|won't|refus\w+|declin\w+|never|rather not|neither|out of the question|too much)\b",
    re.IGNORECASE,
)
_AGREED = re.compile(
    r"\b(?:yes|yeah|yep|sure|okay|ok|agree\w*|agreed|go ahead|please do|fine|alright|all right|of course|certainly|"
    r"will (?:pay|refuel|buy|take)|accept\w*|willing|ready|permission|happy to|sounds good|that works|do it|let's|add it|proceed)\b",
    re.IGNORECASE,
)


def numbers(text: str) -> list[str]:
    """Phone numbers, in the form of the records: 555-123-2002."""
    return list(dict.fromkeys("-".join(match.groups()) for match in NUMBER.finditer(text)))


def endings(text: str) -> list[str]:
    """Last four digits of numbers, where only they are told."""
    return list(dict.fromkeys(match[1] for match in _ENDING.finditer(text)))


def dates(text: str) -> list[str]:
    """Dates as YYYY-MM-DD, whichever way they are written."""
    found = ["-".join(match.groups()) for match in _ISO.finditer(text)]
    for pattern, (year, month, day) in _WRITTEN:
        for match in pattern.finditer(text):
            number = _MONTHS.index(match[month][:3].lower()) + 1
            found.append(f"{match[year]}-{number:02d}-{int(match[day]):02d}")
    return [date for date in found if _exists(date)]


def introduced(text: str) -> list[str]:
    """Full names with which somebody introduces himself."""
    return [match[1].rstrip(".") for match in _NAMED.finditer(text.replace("’", "'"))]


def names(text: str) -> list[str]:
    """Full names: those that are introduced as such first, then whatever is written like one."""
    written = (match[1] for match in _TITLE.finditer(text.replace("’", "'")))
    return list(dict.fromkeys([*introduced(text), *written]))


def amount(text: str) -> float | None:
    """Gigabytes that somebody wants; None when no amount is told."""
    found = _AMOUNT.search(text) or _BARE.search(text)
    return float(found[1]) if found else None


def agrees(text: str) -> bool:
    """Whether a yes comes before any no."""
    yes, no = _AGREED.search(text), _REFUSED.search(text)
    return yes is not None and (no is None or yes.start() < no.start())


def trouble(text: str) -> Trouble | None:
    """What is wrong; pictures need the internet and the internet needs service, so the topmost is meant."""
    if _PICTURES.search(text):
        return "pictures"
    if _INTERNET.search(text):
        return "internet"
    return "service" if _SERVICE.search(text) else None


def is_abroad(text: str) -> bool | None:
    """Whether the customer is abroad; None when the text does not tell."""
    if _HOME.search(text):
        return False
    return True if _ABROAD.search(text) else None


def _exists(date: str) -> bool:
    try:
        date_type.fromisoformat(date)
    except ValueError:
        return False
    return True
