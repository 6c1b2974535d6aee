"""Texts without ASCII punctuation, as lm-eval and lmms-eval compare them."""

from __future__ import annotations

import string

_NONE = str.maketrans("", "", string.punctuation)


def without_signs(text: str) -> str:
    """Text without ASCII punctuation; other signs stay.

    >>> without_signs("(B) -1.5!")
    'B 15'
    """
    return text.translate(_NONE)
