"""Normal form of free text, and the versioned word lists that decide what a mail means."""

from __future__ import annotations

import json
import re
import unicodedata
from functools import lru_cache
from importlib.resources import files


def normalise(text: str) -> str:
    """Lower case, without accents, white space collapsed.

    >>> normalise("  Crème   BRÛLÉE ")
    'creme brulee'
    """
    decomposed = unicodedata.normalize("NFKD", text.lower().replace("\u2019", "'"))
    plain = "".join(mark for mark in decomposed if not unicodedata.combining(mark))
    return " ".join(plain.split())


@lru_cache(maxsize=1)
def word_lists() -> dict[str, re.Pattern[str]]:
    """A pattern for each list of words; whole words only."""
    lists = json.loads(files(__package__).joinpath("data/words.json").read_text(encoding="utf-8"))
    return {name: _any_of(words) for name, words in lists.items() if name != "version"}


def _any_of(words: list[str]) -> re.Pattern[str]:
    ordered = sorted(words, key=lambda word: (-len(word), word))
    return re.compile(r"(?<![\w-])(?:" + "|".join(map(re.escape, ordered)) + r")(?![\w-])")


def says(normalised: str, what: str) -> bool:
    """Whether a normalised text holds a word of the list `what`."""
    return word_lists()[what].search(normalised) is not None
