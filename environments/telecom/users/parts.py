"""Whose part a text speaks, and where its speaker claims to be."""

from __future__ import annotations

import re
from typing import Final

_PHONE = r"(?:phone|device|sim|status bar|settings|airplane mode|mobile data)"
_DESK: Final = re.compile(
    r"how (?:can|may) i (?:help|assist) you(?: today|\?|\.|!|$)|thank you for (?:contacting|reaching out)|"
    r"is there anything else i can (?:help|assist|do for you)|"
    r"\bi(?:'ve| have| will|'ll)? (?:now |just |gone ahead and )?(?:send|sent|issued?) (?:you )?(?:a|the) payment request|"
    r"\bi(?:'ve| have| will|'ll)? (?:now |just |gone ahead and )?(?:enabled?|activated?|added?|resumed?|refuel\w*) "
    r"[^.?!]{0,30}\byour (?:line|account|plan)|"
    r"\bi(?: can| have|'ve)? (?:see|found|located) your (?:account|profile|line|record)|"
    r"\blet me (?:look up|pull up|check|find) your (?:account|line|record|profile|details)|"
    r"\bi(?:'m| am) (?:going to )?transferring you\b|you are being transferred to a human|"
    rf"(?:\b(?:could|can|would) you|\bplease)(?: please)? (?:check|turn|restart|reboot|toggle|reset|open|look at) "
    rf"(?:off |on )?your {_PHONE}|"
    r"(?:\b(?:could|can|would) you|\bplease)(?: please)? (?:provide|confirm|give me|tell me) (?:me )?your "
    r"(?:full name|date of birth)|"
    r"\bas (?:an ai|a language model|your (?:support )?agent)\b",
    re.MULTILINE,
)
_HERE = r"\bi(?:'m| am)(?: currently| actually| now| right now| still| just| presently)? "
_ABROAD: Final = re.compile(
    _HERE + r"(?:abroad|overseas|travell?ing|on (?:vacation|holiday)|(?:on )?a (?:trip|journey))\b"
)
_HOME: Final = re.compile(
    _HERE
    + r"(?:at home|home\b|not (?:abroad|overseas|travell?ing)|in (?:the )?(?:us|usa|united states|my home town|my home country)\b)"
)
_QUESTION: Final = re.compile(r"[^.!?\n]*\?")


def spoken_as_desk(text: str) -> str | None:
    """The first words in a text that only the desk would say; None for none."""
    found = _DESK.search(_plain(text))
    return found[0] if found else None


def whereabouts(text: str) -> bool | None:
    """Whether the speaker claims to be abroad (True) or at home (False); None for no claim."""
    stated = _QUESTION.sub("", _plain(text))
    if _ABROAD.search(stated):
        return True
    return False if _HOME.search(stated) else None


def _plain(text: str) -> str:
    return text.replace("’", "'").lower()
