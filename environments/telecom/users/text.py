"""Free text in pieces: sentences, and the clauses that they consist of.

Whatever a model writes comes in here: markdown, lists, typographic quotes, a hundred kilobytes of anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

LONGEST: Final = 6_000
"""Characters that are read; of longer texts the beginning and the end."""

_QUOTES = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "\u00a0": " ", "‑": "-", "‐": "-"})
_MARKDOWN = re.compile(r"\*+|`+|__+|~~|^[ \t]*>+[ \t]?|^[ \t]*#+[ \t]*", re.MULTILINE)
_ASIDE = re.compile(r"\((?!if |when |without |not |or |and )([^()]{1,30})\)")
_CALL = re.compile(r"\b([a-z]+(?:_[a-z]+)+)\s?\(([^()]{0,80})\)")
_PICTURES = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf\ufe0f\u200d]+")
_LINK = re.compile(r"\[([^\[\]\n]{1,200})\]\([^()\s]{1,300}\)")
_BULLET = re.compile(r"^\s*(?:[-•·–—▪◦]|\(?\d{1,2}[.):]|\(?[a-z][.)]|step \d{1,2}\s?[:.)-])\s+")
_SHORT = (
    (re.compile(r"\b(?:e\.g\.|i\.e\.|for example),?"), "such as"),
    (re.compile(r"\b(mr|mrs|ms|dr|vs|etc|no|approx)\."), r"\1"),
    (re.compile(r"\bpls\b|\bplz\b"), "please"),
    (re.compile(r"\bcan't\b"), "cannot"),
    (re.compile(r"\s&\s"), " and "),
    # "check if" asks for a look; it sets no condition.
    (
        re.compile(
            r"\b(check(?:ing)?|see(?:ing)?|know|tell me|verify|confirm|find out|test|wonder(?:ing)?|determine|"
            r"look|ask(?:ing)?|say|says|sure|curious|identify|indicates?|establish|report|me|of|share|understand) if\b"
        ),
        r"\1 whether",
    ),
)
_ENDS = re.compile(r"(?<=[.!?])[\"')\]]*\s+|(?<=\?)(?=[a-z])|\s+(?=(?:\d\)|\d\.)\s)")
_CLAUSE = re.compile(
    r"\s*(,\s*which\b|;|:(?!//)|,|\(|\)|\s-+\s|–|—|→|>|\.\.\.|…|"
    r"\b(?:and then|and also|and after that|after that|then|and|but|or|so that|so|because|since|as soon as|(?<!well )as(?= (?:it|this|they|that|these|we|i|you|your|the|mms)\b)|if|unless|"
    r"in case|when|once(?! more| again)|after|before|until|while|without|instead of|rather than|in order to)\b)\s*"
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence, in lower case.

    Attributes:
        item: it is an entry of a list.
        headed: the list's heading, or the sentence before, which ended with a colon; "" for none.
    """

    text: str
    item: bool = False
    headed: str = ""

    @property
    def asks(self) -> bool:
        """Whether it ends with a question mark."""
        return self.text.rstrip(" \"')").endswith("?")


def plain(text: str) -> str:
    """The text without markdown, in lower case, with plain quotes, of bounded length."""
    if len(text) > LONGEST:
        text = f"{text[: LONGEST // 2]}\n{text[-LONGEST // 2 :]}"
    text = _LINK.sub(r"\1", text.translate(_QUOTES))
    text = _MARKDOWN.sub("", _PICTURES.sub(" ", text)).lower()
    for pattern, short in _SHORT:
        text = pattern.sub(short, text)
    return _ASIDE.sub(r" \1 ", _CALL.sub(_uncalled, text))


def _uncalled(call: re.Match[str]) -> str:
    """A call in the manner of a program, as words: `f(x="a")` is "f x a"."""
    return " ".join([call[1], *re.findall(r"\w+", call[2])])


def sentences(text: str) -> list[Sentence]:
    """The sentences of a `plain` text."""
    return list(_sentences(text))


def _sentences(text: str) -> Iterator[Sentence]:
    heading = ""
    for line in text.split("\n"):
        if not line.strip():
            continue
        bare = _BULLET.sub("", line)
        item = bare != line
        parts = [part.strip() for part in _ENDS.split(bare) if part and part.strip(" .\"'()")]
        for place, part in enumerate(parts):
            stripped = _BULLET.sub("", part + " ").strip()
            listed = item or stripped != part
            yield Sentence(stripped, listed, heading if listed else "")
            if stripped.endswith(":"):
                heading = stripped
            elif not listed and place == len(parts) - 1:
                heading = ""


def clauses(sentence: str) -> list[tuple[str, str]]:
    """The clauses of a sentence, each with the word or sign that leads to it; "" for the first."""
    pieces = _CLAUSE.split(sentence)
    found = [("", pieces[0])] if pieces[0].strip() else []
    waiting = ""
    signs = [sign.strip() for sign in pieces[1::2]]
    for sign, piece in zip(signs, pieces[2::2], strict=True):
        # ", and then": the word says more than the comma does.
        lead = sign if sign.isalpha() or " " in sign or not waiting else waiting
        if piece.strip(" .!?\"'"):
            found.append((lead, piece.strip()))
            waiting = ""
        else:
            waiting = lead
    return found
