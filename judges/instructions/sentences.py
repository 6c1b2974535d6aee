"""Sentences and words of English text, counted as IFEval's scorer does (the Punkt model of NLTK for English).

Punkt's trained model is not a package one can depend on; its decisions on ordinary text follow from a list of
abbreviations and one rule: a full stop, question or exclamation mark before white space ends a sentence,
unless the stop belongs to an abbreviation, an initial or an ellipsis that goes on.
Kiss & Strunk 2006, "Unsupervised Multilingual Sentence Boundary Detection", Computational Linguistics 32(4).
"""

from __future__ import annotations

import itertools
import re

_TITLES = frozenset(["dr", "mr", "mrs", "ms", "prof", "st", "gen", "col", "sgt", "lt", "capt", "rev", "sen", "rep",
                     "gov", "vs", "no", "fig", "e.g", "i.e", "cf", "jan", "feb", "aug", "sept", "oct", "nov", "dec",
                     "mt", "messrs", "approx", "al"])  # fmt: skip
_SHORT = frozenset(["p.m", "a.m", "u.s", "u.k", "u.n", "inc", "co", "corp", "ltd", "jr", "sr", "etc", "ph.d", "m.d",
                    "d.c", "ave", "blvd", "p", "pp", "ed", "dept"])  # fmt: skip
_STARTERS = frozenset(["the", "a", "an", "i", "we", "he", "she", "it", "they", "you", "this", "that", "these", "those",
                       "there", "in", "on", "at", "but", "and", "if", "when", "while", "after", "however", "his", "her",
                       "our", "their", "my", "for", "as", "what", "how", "why", "who", "some", "many"])  # fmt: skip
_CLOSING = "\"'”’)]*_"
_OPENING = "\"'“‘([*_"
_MARKS = ".!?…"


def count_sentences(text: str) -> int:
    """How many sentences a text has; 0 for white space.

    >>> count_sentences("It rains. We stay in."), count_sentences("Dr. Smith met Mr. Jones at 5 p.m. on Monday.")
    (2, 1)
    """
    tokens = text.split()
    if not tokens:
        return 0
    return 1 + sum(1 for token, following in itertools.pairwise(tokens) if _ends(token, following))


def _ends(token: str, following: str) -> bool:
    """Whether a sentence ends between two tokens."""
    token, following = token.rstrip(_CLOSING), following.lstrip(_OPENING)
    word = token.rstrip(_MARKS)
    mark = token[len(word) :]
    if not mark:
        return False
    if not following or "!" in mark or "?" in mark:
        return True
    capital = following[0].isupper()
    if len(mark) > 1 or mark == "…":  # an ellipsis ends a sentence only before a new one
        return capital
    bare = word.lstrip(_OPENING).casefold()
    if bare in _TITLES:
        return False
    if bare in _SHORT:
        return capital and re.sub(r"\W.*", "", following).casefold() in _STARTERS
    # "J. Smith" is an initial; "I." and a figure end a sentence.
    return not (len(bare) == 1 and bare.isalpha() and word.isupper() and word != "I" and capital)


def count_words(text: str) -> int:
    r"""Runs of letters, digits and underscores, as the scorer's tokenizer `\w+` finds them.

    >>> count_words("It's well-known.")
    4
    """
    return len(re.findall(r"\w+", text))


_TOKEN = re.compile(r"[^\s.,;:!?()\[\]{}<>\"“”`*]+(?:[.,:][^\s.,;:!?()\[\]{}<>\"“”`*]+)*\.?")
_CONTRACTION = re.compile(r"(?i)(?:n't|['’](?:s|m|d|ll|re|ve))$")


def count_capital_words(text: str) -> int:
    """Words without a small letter, as NLTK's tokens: a hyphen joins, a contraction is two.

    >>> count_capital_words("NASA and the WELL-KNOWN U.S. DON'T agree, I say.")
    6
    """
    found = 0
    for token in _TOKEN.findall(text):
        tail = _CONTRACTION.search(token)
        parts = (token[: tail.start()], tail.group()) if tail and tail.start() else (token,)
        found += sum(1 for part in parts if part.isupper())
    return found
