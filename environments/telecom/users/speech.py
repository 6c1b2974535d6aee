"""In which words a customer speaks: by temper, and chosen by the script's seed, never by chance.

No phrase holds a fact: what is true of a customer or a phone comes out of the script and the phone alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from importlib.resources import files
from typing import Any, Final

_TEMPERS: Final = (
    ("novice", re.compile(r"grandson|retired|uneasy|overwhelm|fluster|foreign language|mean nothing to you|quite limited|afraid to break", re.IGNORECASE)),
    ("wary", re.compile(r"swindl|suspicious|distrust|wary|want to know the reason", re.IGNORECASE)),
    ("impatient", re.compile(r"impatien|clipped|annoys|in a hurry|engine running", re.IGNORECASE)),
    ("talkative", re.compile(r"tell stories|talkative|chatty|small talk|each answer begins with", re.IGNORECASE)),
    ("curious", re.compile(r"curious|ask why|like to learn", re.IGNORECASE)),
    ("friendly", re.compile(r"friendly|patient", re.IGNORECASE)),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Temper:
    """How a customer takes things.

    Attributes:
        patience: how many texts in a row that lead nowhere are borne.
        asks_terms: asks what a technical word means before touching what it stands for.
        asks_reasons: asks for the reason before telling a personal detail or changing a setting.
    """

    name: str
    patience: int
    asks_terms: bool = False
    asks_reasons: bool = False


TEMPERS: Final[Mapping[str, Temper]] = {
    "plain": Temper("plain", 6),
    "friendly": Temper("friendly", 8),
    "curious": Temper("curious", 7),
    "impatient": Temper("impatient", 4),
    "talkative": Temper("talkative", 7),
    "wary": Temper("wary", 6, asks_reasons=True),
    "novice": Temper("novice", 7, asks_terms=True),
}


def temper_of(persona: str) -> Temper:
    """The temper that a persona's text describes; plain for none in particular."""
    return TEMPERS[next((name for name, sign in _TEMPERS if sign.search(persona)), "plain")]


@lru_cache(maxsize=1)
def phrases() -> Mapping[str, Mapping[str, Sequence[str]]]:
    """All phrases: by occasion, then by temper, with "plain" for those that have none of their own."""
    text = files(__package__).joinpath("prompts/phrases.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


class Voice:
    """Chooses words for one customer; the same script hears the same words, in every run."""

    def __init__(self, temper: Temper, seed: str) -> None:
        self._temper = temper
        self._seed = seed
        self._said: dict[str, int] = {}

    def say(self, occasion: str, **slots: str) -> str:
        """A phrase for an occasion; not the same one twice running, where there are several."""
        rows = phrases()[occasion]
        choices = rows.get(self._temper.name) or rows["plain"]
        count = self._said.get(occasion, 0)
        self._said[occasion] = count + 1
        start = int(sha256(f"{self._seed}/{occasion}".encode()).hexdigest()[:8], 16)
        return choices[(start + count) % len(choices)].format(**slots)
