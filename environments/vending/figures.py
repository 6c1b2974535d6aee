"""Whether a rewritten text says the same figures: the same numbers, codes and addresses in the same order.

This guards figures, not meaning: a text that turns "we accept" into "we decline" passes.
"""

from __future__ import annotations

import re
import unicodedata
from typing import get_args

from agentbench_sdk.environments.vending.scenario import Archetype

_NUMBER_WORDS = (
    "zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|"
    "seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand|"
    "million|dozen|half|quarter|double|twice|free|percent|cents?|dollars?"
)
_FACT = re.compile(
    r"[\w.+-]*\w@\w[\w.-]*\w"  # addresses
    r"|[$%]|\w+-[0-9][\w-]*"  # money, shares, numbers of papers
    r"|[+-]?[0-9][0-9.,]*[0-9]|\w*[0-9_]\w*"  # amounts, days, product codes
    rf"|\b(?:{_NUMBER_WORDS})\b"
)
_HIDDEN = re.compile(rf"\b(?:{'|'.join(get_args(Archetype))})s?\b")


def figures(text: str) -> list[str]:
    """Everything in a text that is a figure, in order."""
    return _FACT.findall(text.lower())


def objection(original: str, text: str) -> str:
    """Why a text may not stand in for the original: a short word, "" if it may."""
    if not text.strip():
        return "empty"
    if figures(text) != figures(original) or _signs(text) != _signs(original):
        return "figures"
    if _HIDDEN.search(text.lower()) and not _HIDDEN.search(original.lower()):
        return "hidden"
    return "control" if any(unicodedata.category(mark) == "Cc" for mark in text if mark not in "\n\t") else ""


def _signs(text: str) -> list[str]:
    """Digits and currency signs of any script, and what else Unicode calls a number."""
    return [mark for mark in text if unicodedata.category(mark) in ("Nd", "Nl", "No", "Sc")]
