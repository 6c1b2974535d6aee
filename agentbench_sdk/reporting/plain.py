"""Making what others wrote harmless: for terminals, for JSON, for spreadsheets."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

# Control characters, surrogates and unassigned ones; of the format characters those that reorder or
# hide text (bidirectional controls, zero-width ones, tags). Letters of any script stay.
_UNSEEN = {"Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp"}
_KEPT_FORMAT = {"\u200c", "\u200d"}  # joiners: Persian, Indic scripts and emoji are spelt with them


def visible(text: object) -> str:
    r"""One line of text in which nothing can steer a terminal: white space runs become a blank, control
    characters are written as escapes.

    >>> visible("a\x1b[31mred\nb")
    'a\\x1b[31mred b'
    """
    line = re.sub(r"[ \t\r\n\v\f]+", " ", str(text)).strip()
    if line.isascii() and line.isprintable():
        return line
    return "".join(_escaped(each) if _is_unseen(each) else each for each in line)


def legible(text: object) -> str:
    r"""Lines of text in which nothing is hidden or reordered: line breaks and tabs stay, other control characters
    are written as escapes.

    >>> legible("a\r\n\tb\x00")
    'a\n\tb\\x00'
    """
    lines = str(text).replace("\r\n", "\n")
    if lines.isascii() and lines.replace("\n", "").replace("\t", "").isprintable():
        return lines
    return "".join(_escaped(each) if each not in "\n\t" and _is_unseen(each) else each for each in lines)


def _is_unseen(character: str) -> bool:
    return unicodedata.category(character) in _UNSEEN and character not in _KEPT_FORMAT


def _escaped(character: str) -> str:
    return (
        character.encode("ascii", "backslashreplace").decode("ascii")
        if ord(character) > 127
        else (f"\\x{ord(character):02x}")
    )


def shorten(text: object, limit: int) -> str:
    """The beginning of a text, at most `limit` characters, with "…" where something was cut off."""
    whole = str(text)
    return whole if len(whole) <= limit else whole[: limit - 1] + "…"


def shown(text: object, limit: int = 200) -> str:
    """Visible and short: what a report prints of anybody's text."""
    return shorten(visible(shorten(text, 4 * limit)), limit)


def encodable(text: str) -> str:
    """The text with lone surrogates written as escapes, so that it can be encoded as UTF-8."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode("utf-8")


def plain(value: Any) -> Any:
    """Any value as plain JSON: numbers that are not finite become null, other objects their text."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, str):
        return encodable(value)
    if isinstance(value, Mapping):
        return {encodable(str(key)): plain(each) for key, each in value.items()}
    if isinstance(value, Sequence | set | frozenset) and not isinstance(value, bytes):
        return [plain(each) for each in value]
    return encodable(str(value))


def cell(value: Any) -> Any:
    """A value as a spreadsheet may read it: text that a spreadsheet would run as a formula gets a "'" in front.

    Formulas begin with = + - @, in East Asian settings also in their wide forms, after white space or a
    control character that the reader drops (OWASP, CSV Injection). Numbers stay numbers.

    >>> cell("=1+1"), cell(-1.5), cell("2 - 1")
    ("'=1+1", -1.5, '2 - 1')
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None or isinstance(value, int | float):
        return value
    text = encodable(str(value)).replace("\0", "\\x00")
    starts = text.lstrip(" \t\r\n\v\f\xa0\ufeff")[:1]
    return f"'{text}" if starts in tuple("=+-@＝＋－＠") or text[:1] in tuple("\t\r\n") else text


def natural_key(text: str) -> tuple[tuple[int, int, str], ...]:
    """A sort key that puts "s10" after "s9".

    >>> sorted(["s10", "s9", "a"], key=natural_key)
    ['a', 's9', 's10']
    """
    parts = re.findall(r"[0-9]{1,18}|[^0-9]+", text)
    return tuple((0, int(part), part) if part[0] in "0123456789" else (1, 0, part) for part in parts)
