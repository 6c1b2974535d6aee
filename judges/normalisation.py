"""Text brought to one form before it is compared."""

from __future__ import annotations

import re
import unicodedata

UNSPACED = (
    r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
"""The scripts that write no spaces between words, as ranges of a regular expression's class."""

_UNSPACED = re.compile(f"[{UNSPACED}]")


def is_unspaced(character: str) -> bool:
    """Whether a script writes no spaces between words: Chinese, Japanese, Thai, Lao, Burmese, Khmer."""
    return _UNSPACED.match(character) is not None


def normalised(text: str, *, ignore_case: bool = False, strip: bool = True, whitespace: bool = True) -> str:
    r"""Text in Unicode NFC (Unicode Standard Annex 15), as the options ask.

    Arguments:
        text: any text.
        ignore_case: fold case, by Unicode's full folding ("ß" is "ss").
        strip: drop white space at both ends.
        whitespace: make each run of white space one space.

    >>> normalised("  Cafe\u0301   au lait ", ignore_case=True)
    'café au lait'
    """
    text = unicodedata.normalize("NFC", text)
    if ignore_case:
        # Folding can take a text out of NFC again.
        text = unicodedata.normalize("NFC", text.casefold())
    if whitespace:
        lead, trail = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
        text = (" " if lead else "") + " ".join(text.split()) + (" " if trail and text.strip() else "")
    return text.strip() if strip else text
