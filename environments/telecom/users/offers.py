"""What a customer agrees to that costs money: extra data, another plan."""

from __future__ import annotations

import re
from typing import Final

_SENTENCE: Final = re.compile(r"(?<=[.!?])\s+|\n+|\s+but\s+|;\s*")
_WANTS: Final = re.compile(
    r"\b(?:i(?:'d| would)? (?:like|want|take|need)|i'll (?:take|have|go with|buy|do)|(?:please|go ahead and) (?:add|refuel|buy|"
    r"give me|put)|(?:add|refuel|buy|purchase|get) (?:me )?(?:the |another |an extra |an additional )?\d|let's (?:do|add|go with|"
    r"take|make it)|go (?:ahead )?with|make it|give me|i(?:'m| am) (?:happy|willing|ready|fine|okay|ok) (?:to|with)|i agree to)\b"
)
_AMOUNT: Final = re.compile(r"(?<![\d.$])(\d+(?:\.\d+)?) ?(?:gb|gigs?|gigabytes?)\b")
_NOT: Final = re.compile(
    r"\b(?:no|not|don't|never|won't|wouldn't|can't|cannot|instead of|rather|than|at most|up to|maximum|already|used|of my|limit|"
    r"plan (?:has|gives|includes|comes))\b"
)
_PLAN: Final = re.compile(
    r"\b(?:i(?:'d| would)? (?:like|want|love|prefer) to|i'll|let's|please|go ahead and|happy to|willing to|yes,?)"
    r"[^.?!]{0,20}?\b(?:change|switch|upgrade|move|go)\b[^.?!]{0,25}\bplan\b"
)


def accepted_amounts(text: str) -> set[float]:
    """Gigabytes of extra data that a text plainly agrees to buy."""
    found: set[float] = set()
    for sentence in _sentences(text):
        if _WANTS.search(sentence) and not _NOT.search(sentence):
            found.update(float(amount) for amount in _AMOUNT.findall(sentence))
    return found


def wants_another_plan(text: str) -> bool:
    """Whether a text plainly agrees to change the plan."""
    return any(_PLAN.search(part) and not _NOT.search(part) for part in _sentences(text))


def _sentences(text: str) -> list[str]:
    parts = _SENTENCE.split(text.replace("’", "'").lower())
    return [part for part in parts if not part.rstrip(" \"'”").endswith("?")]
