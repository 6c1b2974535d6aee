"""Text brought to one form before it is compared."""

from __future__ import annotations

import unicodedata


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
