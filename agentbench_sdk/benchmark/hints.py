"""The half of an error sentence that says what would have been right."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

_MOST_SHOWN = 30


def nearest(name: str, accepted: Iterable[str]) -> str:
    """Name the nearest accepted names, and what is accepted.

    >>> nearest("jugdes", ["judges", "limits"])
    "did you mean 'judges'? (accepted: judges, limits)"
    >>> nearest("fee", ["days", "fee_cents"])
    "did you mean 'fee_cents'? (accepted: days, fee_cents)"
    >>> nearest("x", [])
    'nothing is accepted here'
    """
    known = list(dict.fromkeys(accepted))
    if not known:
        return "nothing is accepted here"
    shown = ", ".join(known[:_MOST_SHOWN]) + (" …" if len(known) > _MOST_SHOWN else "")
    near = get_close_matches(name, known, n=2, cutoff=0.6) or _longer(name, known)
    if not near:
        return f"accepted: {shown}"
    return f"did you mean {' or '.join(map(repr, near))}? (accepted: {shown})"


def _longer(name: str, known: list[str]) -> list[str]:
    """Names of which this one is a part, and more than a letter or two."""
    return [each for each in known if name in each][:2] if len(name) > 2 else []


def brief(value: object) -> str:
    """A value as an error shows it: its repr, cut to a line's length."""
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…"
