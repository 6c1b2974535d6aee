"""Transcripts brought to one form before words are counted.

`basic` is the multilingual normaliser of Whisper, `whisper_english` (in `english_text`) its English one (Radford et
al. 2022, "Robust Speech Recognition via Large-Scale Weak Supervision", appendix C); `chinese` writes numbers as
they are read aloud.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

_ANGLED = re.compile(r"[<\[][^>\]]*[>\]]")
_ROUND = re.compile(r"\([^)]+\)")
_DIACRITICS = {
    "œ": "oe", "Œ": "OE", "ø": "o", "Ø": "O", "æ": "ae", "Æ": "AE", "ß": "ss", "ẞ": "SS", "đ": "d", "Đ": "D",
    "ð": "d", "Ð": "D", "þ": "th", "Þ": "th", "ł": "l", "Ł": "L",
}  # fmt: skip
_MARKS = ("M", "S", "P")  # Unicode categories: marks, symbols, punctuation


def without_brackets(text: str) -> str:
    """Text without what stands in brackets: speaker notes, noises."""
    # Only what comes before the last closing bracket is searched: openings that nothing closes would each be
    # followed to the end of the text.
    last = max(text.rfind(">"), text.rfind("]")) + 1
    text = _ANGLED.sub("", text[:last]) + text[last:]
    last = text.rfind(")") + 1
    return _ROUND.sub("", text[:last]) + text[last:]


def without_symbols(text: str) -> str:
    """Text with marks, symbols and punctuation as blanks, letters with their diacritics kept."""
    return "".join(
        " " if unicodedata.category(char)[0] in _MARKS else char
        for char in unicodedata.normalize("NFKC", text)
    )


def without_diacritics(text: str, keep: str = "") -> str:
    """Text with plain letters only; characters of `keep` stay, other symbols are blanks."""
    return "".join(_plain(char, keep) for char in unicodedata.normalize("NFKD", text))


def _plain(char: str, keep: str) -> str:
    if char in keep:
        return char
    if char in _DIACRITICS:
        return _DIACRITICS[char]
    category = unicodedata.category(char)
    return "" if category == "Mn" else " " if category[0] in _MARKS else char


def basic(text: str) -> str:
    """Lower case, no brackets, no punctuation; for any language.

    >>> basic("C'est l'été (rires), à Paris!")
    'c est l été à paris'
    """
    return " ".join(without_symbols(without_brackets(text.lower())).lower().split())


# --- Chinese ------------------------------------------------------------------------------------

_DIGITS = "零一二三四五六七八九"
_UNITS = ("", "十", "百", "千")
_GROUPS = ("", "万", "亿", "兆")
_QUANTIFIERS = (
    "个只条张本头匹根件枝台辆架座艘间栋层步里公米斤克吨升分秒天周年月岁次回遍声场种位名颗粒块片双对套副篇首页册"
    "部集杯瓶碗盘桶箱袋包盒串株棵朵滴把扇支门面节段句章届级楼号倍度元角"
)
_NUMBER = r"(-?)(\d+)(?:\.(\d+))?"
_SHORT = r"(?<!\d)-?\d{1,32}(?:\.\d{1,32})?"  # tried once a run of digits, however long that is


def chinese_number(digits: str) -> str:
    """A whole number as it is read aloud.

    >>> [chinese_number(each) for each in ("0", "10", "25", "110", "2024", "10005", "220000")]
    ['零', '十', '二十五', '一百一十', '两千零二十四', '一万零五', '二十二万']
    """
    if len(digits) > 16:
        return spelled(digits)
    value = int(digits)
    if value == 0:
        return _DIGITS[0]
    groups = [value // 10 ** (4 * at) % 10**4 for at in range(4)]
    text, gap = "", False
    for at in reversed(range(4)):
        group = groups[at]
        if group:
            text += (_DIGITS[0] if text and (gap or group < 1000) else "") + _group(group) + _GROUPS[at]
        gap = bool(text) and not group
    return text.removeprefix("一") if text.startswith("一十") else text


def _group(value: int) -> str:
    text = ""
    for power in (3, 2, 1, 0):
        digit = value // 10**power % 10
        if digit:
            text += "两" if digit == 2 and power >= 2 else _DIGITS[digit]
            text += _UNITS[power]
        elif text and value % 10**power and not text.endswith(_DIGITS[0]):
            text += _DIGITS[0]
    return text


def spelled(digits: str, one: str = "一") -> str:
    """Digit by digit, as years and telephone numbers are read.

    >>> spelled("2024")
    '二零二四'
    """
    return "".join(_DIGITS[int(each)] for each in digits).replace("一", one)


def _read(match: re.Match[str]) -> str:
    sign, whole, fraction = match.groups()
    text = chinese_number(whole) + (f"点{spelled(fraction)}" if fraction else "")
    return ("负" if sign else "") + text


def _read_text(number: str) -> str:
    return re.sub(_NUMBER, _read, number)


def _month(match: re.Match[str]) -> str:
    day = chinese_number(match[2]) + match[3] if match[2] else ""
    return f"{chinese_number(match[1])}月{day}"


_RULES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    (re.compile(r"(\d{4}|\d{2})年"), lambda m: spelled(m[1]) + "年"),
    (re.compile(r"(\d{1,2})月(?:(\d{1,2})([日号]))?"), _month),
    (re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)"), lambda m: spelled(m[0], "幺")),
    (re.compile(r"(?<!\d)(0\d{2,3})-?(\d{7,8})(?!\d)"), lambda m: spelled(m[1] + m[2], "幺")),
    (
        re.compile(r"(?<!\d)(\d{1,32})/(\d{1,32})(?!\d)"),
        lambda m: f"{chinese_number(m[2])}分之{chinese_number(m[1])}",
    ),
    (re.compile(rf"({_SHORT})[%％]"), lambda m: f"百分之{_read_text(m[1])}"),
    (re.compile(rf"{_SHORT}(?=[多余几]?[{_QUANTIFIERS}])"), lambda m: _read_text(m[0])),
    (re.compile(r"(?<![\d.])\d{4,32}(?![\d.])"), lambda m: spelled(m[0])),
    (re.compile(_NUMBER), _read),
)


def chinese(text: str) -> str:
    """Numbers in characters, no punctuation, no blanks.

    >>> chinese("今天是2024年5月3日，气温25%！")
    '今天是二零二四年五月三日气温百分之二十五'
    """
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    return "".join("".join(" " if _is_mark(char) else char for char in text).split())


def _is_mark(char: str) -> bool:
    return unicodedata.category(char)[0] == "P" or char in "$+<=>^`|~"
