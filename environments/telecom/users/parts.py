"""Whose part a text speaks, and where its speaker claims to be."""

from __future__ import annotations

import re
from typing import Final

_DESK: Final = re.compile(
    r"how (?:can|may) i (?:help|assist) you|thank you for (?:contacting|calling|reaching out)|"
    r"is there anything else i can (?:help|assist|do)|"
    r"\bi(?:'ve| have| will|'ll)? (?:now |just |gone ahead and )?(?:send|sent|issued?) (?:you )?(?:a|the) payment request|"
    r"\bi(?:'ve| have| will|'ll)? (?:now |just |gone ahead and )?(?:enabled?|activated?|added?|resumed?|refuel\w*) [^.?!]{0,30}\b(?:your|to your|on your) "
    r"(?:line|account|plan)|"
    r"\bi (?:can see|see|'ve found|have found|found|have located|located) your (?:account|profile|line|record)|"
    r"\blet me (?:look up|pull up|check|find) your (?:account|line|record|profile|details)|"
    r"\bi(?:'m| am) (?:going to )?transferring you\b|you are being transferred to a human|"
    r"\b(?:could|can|would) you (?:please )?(?:check|turn|restart|reboot|toggle|reset|run|open|go to|look at|provide|confirm|"
    r"give me|tell me) (?:off |on |me )?your (?:phone|device|sim|status bar|full name|phone number|date of birth|name|settings)|"
    r"\bplease (?:check|turn|restart|reboot|toggle|reset|open|provide|confirm) (?:off |on |me )?your (?:phone|device|sim|status "
    r"bar|full name|phone number|date of birth|name|settings|airplane mode|mobile data)|"
    r"\bas (?:an ai|a language model|your (?:support )?agent)\b"
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
