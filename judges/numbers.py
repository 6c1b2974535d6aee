"""Numbers as people and models write them, read exactly.

A chunk of digits is read whole or not at all: "12:30", "2024-05-01", "1.2.3", "3-5", "H2O" and "0x1F" are no
numbers, and no digit inside one of them is either.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

Percent = Literal["auto", "share", "points"]
MAX_DIGITS = 400
_CJK = r"\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_LETTER = rf"[^\W\d_{_CJK}]"


@dataclass(frozen=True, slots=True)
class Number:
    """A number as written.

    Attributes:
        value: its exact value; a percentage is not divided by 100.
        percent: whether it is written as a percentage.
        unit: the word or sign after it, "" when there is none; currency signs are no units.
        start, end: its place in the text that was searched, unit excluded.
    """

    value: Fraction
    percent: bool = False
    unit: str = ""
    start: int = 0
    end: int = 0


def plain_number_text(text: str) -> str:
    r"""Text with LaTeX, vulgar fractions, superscripts and odd minus signs made plain.

    >>> plain_number_text(r"1{,}000\text{ cm}³, −½ and \frac56")
    '1,000 cm^3, - 1/2 and 5/6'
    """
    text = "".join(map(_plain_character, text))
    text = unicodedata.normalize("NFKC", text).replace("\u2044", "/")
    text = re.sub(r"(?<=\d)(?:\{,\}|,\\!|\\[,;:! ])(?=\d{3}(?!\d))", ",", text)
    text = re.sub(r"\\(?:left|right|displaystyle|[,;:! ()\[\]])", "", text)
    number = r"([-+]?(?:\d+(?:\.\d+)?|\.\d+))"
    text = re.sub(
        rf"(?:(\d)[ ]?)?\\[dtc]?frac\s*\{{\s*{number}\s*\}}\s*\{{\s*{number}\s*\}}", _fraction, text
    )
    text = re.sub(r"(?:(\d)[ ]?)?\\[dtc]?frac\s*(\d)\s*\{?(\d+)\}?", _fraction, text)
    text = re.sub(r"\\(?:text(?:bf|rm|it)?|mathrm|mathbf|mathit|mbox)\s*\{([^{}]*)\}", r"\1", text)
    text = re.sub(r"\\([%$#&_])", r"\1", text)
    text = re.sub(r"(?<![\d)]\s)\b(?:negative|minus)\s+(?=[\d.$])", "-", text, flags=re.IGNORECASE)
    return re.sub(r"百分之\s*(\d+(?:\.\d+)?)", r"\1%", text)


def _fraction(match: re.Match[str]) -> str:
    whole, over, under = match.groups()
    return f"{whole} {over}/{under}" if whole else f"{over}/{under}"


def _plain_character(character: str) -> str:
    if character in "\u00a0\u202f\u2009":
        return "\u00a0"  # kept apart from plain spaces until groups of thousands are read
    if character in "−–‒—﹣－":
        return "-"
    form, _, rest = unicodedata.decomposition(character).partition(" ")
    if form == "<fraction>":
        return " " + "".join(chr(int(code, 16)) for code in rest.split())
    if form == "<super>" and rest and (exponent := chr(int(rest.split()[0], 16))).isdigit():
        return "^" + exponent
    return character


_GROUPED = r"\d{1,3}(?:,\d{3})+|\d{1,3}(?:['’_ ]\d{3})+|\d{1,3}(?:\.\d{3}){2,}"
_DECIMAL = rf"(?:(?:{_GROUPED}|\d+)(?:\.\d*)?|\.\d+)"
_CURRENCY = r"(?:US\$|R\$|[$€£¥￥₽₹₩₺₴]|USD|EUR|GBP|RUB|CNY|JPY)"
_SIGN = rf"(?:(?<!\d\s)[-+]\s?{_CURRENCY}?|{_CURRENCY}\s?[-+]?|)"
_POWER = r"(?:\^\s*(?:\{\s*([-+]?\d{1,3})\s*\}|\(\s*([-+]?\d{1,3})\s*\)|([-+]?\d{1,3})(?!\d)))"
_TIMES_TEN = rf"\s*(?:×|\\times|\\cdot|\*|·|x)\s*10\s*{_POWER}"
# A chunk is greedy over all that can stand inside dates, times, ranges and versions, and is then read whole.
_CHUNK = re.compile(
    rf"(?<![^\W{_CJK}])(?<![.^_\\/:,'])(?<![^\W{_CJK}]-)(?P<sign>{_SIGN})"
    rf"(?P<body>(?:\d|\.\d)(?:[\d,:/'’_-]|\.(?=\d))*(?: \d+/\d+)?)"
)
_GLUED = re.compile(rf"(?:{_LETTER}+\d|x[0-9a-fA-F]|(?:st|nd|rd|th)(?!\w)|\^)", re.IGNORECASE)
_ALGEBRA = re.compile(
    r"\s*(?:\\(?:sqrt|pi|cdot|times|div|frac|infty)|[√π×÷∞]|(?:[xyzni]|pi|sqrt)(?!\w)|[*^](?!\*))"
)
_PERCENT = re.compile(r"\s*(?:%|percent(?!\w)|per\s+cent(?!\w)|pct(?!\w)|процент\w*)", re.IGNORECASE)
_SCALES = {
    "thousand": 3, "million": 6, "millions": 6, "billion": 9, "trillion": 12, "万": 4, "萬": 4, "亿": 8, "億": 8,
    "тыс": 3, "тысяч": 3, "млн": 6, "миллионов": 6, "млрд": 9,
}  # fmt: skip
_SCALE = re.compile(
    rf"\s*({'|'.join(sorted(_SCALES, key=len, reverse=True))})(?!{_LETTER})\.?", re.IGNORECASE
)
_UNIT = re.compile(rf"\s*({_CURRENCY}|°\s?[A-Za-z]?|{_LETTER}[\w/^°·]*|[{_CJK}]{{1,3}})")


def find_numbers(text: str) -> list[Number]:
    """All numbers in a text that `plain_number_text` made, in order.

    >>> [str(each.value) for each in find_numbers("H2O at 12:30: 1,234.5 kg, -3/4 and 2e3")]
    ['2469/2', '-3/4', '2000']
    """
    found: list[Number] = []
    for chunk in _CHUNK.finditer(text):
        number = _read_chunk(text, chunk)
        if number is not None and (not found or number.start >= found[-1].end):
            found.append(number)
    return found


def parse_number(text: str) -> Number | None:
    """The number that a whole text is, with a unit perhaps; None when it is anything else.

    >>> parse_number("about 1 234,5") is None, parse_number("$1 234.50").value
    (True, Fraction(2469, 2))
    """
    text = plain_number_text(text).strip().strip("$*").strip()
    text = re.sub(r"(?<=\d)[ \u00a0](?=\d{3}(?!\d)(?!/))", ",", text)
    found = find_numbers(text)
    if len(found) != 1 or text[: found[0].start].strip(" ~≈("):
        return None
    number = found[0]
    if is_algebra(text, number):
        return None
    rest = text[number.end :]
    words = r"(?:[\s.)$*]|" + rf"{_LETTER}+|[{_CJK}]|[°/%·]|\^\{{?-?\d\}}?)*"
    return number if re.fullmatch(words, rest) else None


def is_algebra(text: str, number: Number) -> bool:
    r"""Whether a number is only a part of an expression: "2\sqrt{2}", "3x", "2π", "5 × 4"."""
    rest = text[number.end :]
    return _ALGEBRA.match(rest) is not None or re.match(r"\s*[-+/]\s*[\d(\\]", rest) is not None


def _read_chunk(text: str, chunk: re.Match[str]) -> Number | None:
    body = chunk["body"].rstrip(",:/'’_-")
    end = chunk.start("body") + len(body)
    value = _value(body.replace("\u00a0", ","))
    if value is None:
        return None
    if (power := re.compile(_POWER).match(text, end)) is not None:
        value, end = _raised(value, power), power.end()
    elif (times := re.compile(_TIMES_TEN).match(text, end)) is not None:
        value, end = _scaled(value, int(next(filter(None, times.groups())))), times.end()
    elif (scientific := re.compile(r"[eE]([-+]?\d{1,3})(?![\w])").match(text, end)) is not None:
        value, end = _scaled(value, int(scientific[1])), scientific.end()
    if value is None or _GLUED.match(text, end):
        return None
    return _with_unit(text, chunk, -value if "-" in chunk["sign"] else value, end)


def _with_unit(text: str, chunk: re.Match[str], value: Fraction, end: int) -> Number:
    if scale := _SCALE.match(text, end):
        value, end = value * 10 ** _SCALES[scale[1].casefold()], scale.end()
    if percent := _PERCENT.match(text, end):
        return Number(value, True, "%", chunk.start(), percent.end())
    unit = _UNIT.match(text, end)
    return Number(value, False, unit[1] if unit else "", chunk.start(), end)


def _value(body: str) -> Fraction | None:
    """The value of a chunk of digits, None if it is no number."""
    if len(body) > MAX_DIGITS:
        return None
    whole, _, fraction = body.rpartition(" ")
    over, slash, under = fraction.partition("/")
    if slash:
        top, bottom = _decimal(over), _decimal(under)
        if top is None or not bottom:
            return None
        return top / bottom + (_decimal(whole) or 0)
    return _decimal(body)


def _decimal(digits: str) -> Fraction | None:
    if not re.fullmatch(_DECIMAL, digits, re.ASCII):
        return None
    if digits.count(".") > 1:
        digits = digits.replace(".", "")
    return Fraction(Decimal(re.sub(r"[,'’_ ]", "", digits)))


def _scaled(value: Fraction, exponent: int) -> Fraction:
    return value * Fraction(10) ** exponent


def _raised(value: Fraction, power: re.Match[str]) -> Fraction | None:
    exponent = int(next(filter(None, power.groups())))
    small = abs(exponent) <= 64 and abs(value.numerator) < 10**6 and value.denominator < 10**6
    return value**exponent if small and (value or exponent > 0) else None


_WORDS = {
    word: value
    for value, word in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
        ]
    )
} | {
    word: 10 * value
    for value, word in enumerate(
        ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], 2
    )
}
_WORD_SCALES = {"thousand": 10**3, "million": 10**6, "billion": 10**9}


def number_in_words(text: str) -> Number | None:
    """The number that a text begins with in English words; None when it begins with none.

    >>> number_in_words("minus two hundred and thirty-one point five apples").value
    Fraction(-463, 2)
    """
    words = re.findall(r"[a-z]+|[^\sa-z-]", text.casefold())
    negative = bool(words) and words[0] in ("minus", "negative")
    taken = _leading_words(words[negative:])
    if not taken:
        return None
    integer, _, digits = " ".join(taken).partition(" point")
    value = Fraction(_integer(integer.split()))
    for place, digit in enumerate(digits.split(), 1):
        value += Fraction(_WORDS.get(digit, 0), 10**place)
    rest = words[negative + len(taken) :]
    if rest and rest[0] in ("of", "or", "to", "and"):  # "one of the options", "one or two"
        return None
    return Number(-value if negative else value, percent=bool(rest) and rest[0] in ("percent", "%"))


def _leading_words(words: list[str]) -> list[str]:
    known = {*_WORDS, *_WORD_SCALES, "hundred", "and", "point"}
    taken: list[str] = []
    for word in words:
        if word not in known:
            break
        taken.append(word)
    while taken and taken[-1] in ("and", "point"):
        taken.pop()
    return taken if taken and taken[0] in _WORDS else []


def _integer(words: list[str]) -> int:
    total = group = 0
    for word in words:
        if word == "hundred":
            group *= 100
        elif word in _WORD_SCALES:
            total, group = total + group * _WORD_SCALES[word], 0
        else:
            group += _WORDS.get(word, 0)
    return total + group


def close_to(
    found: Number, target: Number, absolute: float = 0.0, relative: float = 0.0, percent: Percent = "auto"
) -> bool:
    """Whether a number is within the greater of two tolerances of a target; see the options of `numeric`.

    >>> close_to(Number(Fraction(75), percent=True), Number(Fraction(3, 4)))
    True
    """
    margin = max(Fraction(str(absolute)), Fraction(str(relative)) * abs(target.value))
    if found.percent == target.percent:
        return abs(found.value - target.value) <= margin
    # Exactly one of both is a percentage: the reply's number is put into the target's terms.
    plain = target.value if found.percent else found.value
    readings = []
    if percent != "points":
        readings.append(found.value / 100 if found.percent else found.value * 100)
    if percent == "points" or (percent == "auto" and abs(plain) > 1):
        readings.append(found.value)
    return any(abs(reading - target.value) <= margin for reading in readings)


def shown(number: Number) -> str:
    """A short decimal for the reader, the exact fraction where there is none."""
    value, sign = number.value, "%" if number.percent else ""
    if len(str(value.numerator)) + len(str(value.denominator)) >= 40:
        return str(value)[:40] + sign
    decimal = f"{float(value):.12g}"
    return (decimal if Fraction(decimal) == value else str(value)) + sign
