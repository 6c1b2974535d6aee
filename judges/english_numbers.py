"""English number words as digits, as Whisper's English normaliser writes them (Radford et al. 2022, appendix C).

Words are added up ("two hundred and five" is 205) where they can be, and set side by side where not ("one oh one"
is 101, "three thirty" 330). Currencies stand before the number, suffixes stay: "$25", "1960s", "32nd".
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from fractions import Fraction

_ZEROS = ("o", "oh", "zero")
_SMALL = re.findall(
    r"\w+",
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen",
)
_TENS_NAMES = re.findall(r"\w+", "twenty thirty forty fifty sixty seventy eighty ninety")
_BIG = re.findall(
    r"\w+",
    "thousand million billion trillion quadrillion quintillion sextillion septillion octillion nonillion decillion",
)
_ONES = {word: value for value, word in enumerate(_SMALL, 1)}
_TENS = {word: 10 * value for value, word in enumerate(_TENS_NAMES, 2)}
_MULTIPLIERS = {"hundred": 100} | {word: 1000**power for power, word in enumerate(_BIG, 1)}
_ODD_ORDINALS = {
    "one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth",
    "twelve": "twelfth",
}  # fmt: skip
_ENDINGS = {"first": "st", "second": "nd", "third": "rd"}
_CURRENCIES = {
    "pound": "£", "pounds": "£", "euro": "€", "euros": "€", "dollar": "$", "dollars": "$", "cent": "¢", "cents": "¢",
}  # fmt: skip
_SIGNS = {"minus": "-", "negative": "-", "plus": "+", "positive": "+"}
_SPECIALS = ("and", "double", "triple", "point")


def _suffixed() -> dict[str, tuple[str, str]]:
    """Ordinals and plurals: their plain word and what is put behind the digits."""
    table = {"zeroth": ("zero", "th")}
    for word in (*_ONES, *_TENS, *_MULTIPLIERS):
        ordinal = _ODD_ORDINALS.get(word, word[:-1] + "ieth" if word in _TENS else word + "th")
        plural = "sixes" if word == "six" else word[:-1] + "ies" if word in _TENS else word + "s"
        table[ordinal] = (word, _ENDINGS.get(ordinal, "th"))
        table[plural] = (word, "s")
    return table


_SUFFIXED = _suffixed()
_WORDS = {
    *_ZEROS,
    *_ONES,
    *_TENS,
    *_MULTIPLIERS,
    *_SUFFIXED,
    *_CURRENCIES,
    *_SIGNS,
    *_SPECIALS,
    "per",
    "percent",
}
_DECIMAL_WORDS = {*_ONES, *_TENS, *_ZEROS}
_NUMERAL = re.compile(r"\d{1,400}(?:\.\d{1,400})?")  # longer ones are no numbers of a transcript


@dataclass(slots=True)
class _Reader:
    """Reads word by word; `value` is the number under way, as text once it can only grow at its end."""

    words: list[str]
    out: list[str] = field(default_factory=list)
    value: int | str | None = None
    prefix: str = ""
    at: int = 0

    @property
    def before(self) -> str:
        return self.words[self.at - 1] if self.at else ""

    @property
    def after(self) -> str:
        return self.words[self.at + 1] if self.at + 1 < len(self.words) else ""

    def read(self) -> str:
        while self.at < len(self.words):
            self._word(self.words[self.at])
            self.at += 1
        self._flush()
        return " ".join(self.out)

    def _flush(self, suffix: str = "") -> None:
        if self.value is not None:
            self.out.append(f"{self.prefix}{self.value}{suffix}")
        self.value, self.prefix = None, ""

    def _append(self, digits: str) -> None:
        self.value = f"{'' if self.value is None else self.value}{digits}"

    def _plain(self, word: str) -> None:
        sign = self.prefix if self.value is None else ""
        self._flush()
        self.out.append(sign + word)

    def _word(self, word: str) -> None:
        bare = word[1:] if word[:1] in ("-", "+", "£", "€", "$", "¢") else word
        if _NUMERAL.fullmatch(bare):
            self._numeral(word, bare)
        elif word in _ZEROS:
            self._append("0")
        elif word in _ONES or word in _TENS:
            self._add(word)
        elif word in _MULTIPLIERS:
            self._multiply(_MULTIPLIERS[word])
        elif word in _SUFFIXED:
            self._suffix(*_SUFFIXED[word])
        elif word in _SPECIALS:
            self._special(word)
        else:
            self._around(word)

    def _numeral(self, word: str, bare: str) -> None:
        if isinstance(self.value, str) and self.value.endswith("."):
            self.value += word
            return
        sign = self.prefix if self.value is None else ""
        self._flush()
        self.prefix = word[: len(word) - len(bare)] or sign
        exact = Fraction(bare)
        self.value = exact.numerator if exact.denominator == 1 else bare

    def _add(self, word: str) -> None:
        number = _ONES.get(word) or _TENS[word]
        if self.value is None:
            self.value = number
        elif isinstance(self.value, str) or (word in _ONES and self.before in _ONES):
            replaces = self.before in _TENS and number < 10 and str(self.value).endswith("0")
            self.value = f"{str(self.value)[:-1] if replaces else self.value}{number}"
        elif self.value % (10 if number < 10 else 100) == 0:
            self.value += number
        else:
            self.value = f"{self.value}{number}"

    def _multiply(self, by: int) -> None:
        if self.value is None:
            self.value = by
        elif isinstance(self.value, str) or self.value == 0:
            product = Fraction(self.value) * by if _NUMERAL.fullmatch(str(self.value)) else None
            if product is not None and product.denominator == 1:
                self.value = product.numerator
            else:
                self._flush()
                self.value = by
        else:
            rest = self.value % 1000
            self.value += rest * by - rest

    def _suffix(self, word: str, suffix: str) -> None:
        if word == "zero":
            self._append("0")
        elif word in _MULTIPLIERS:
            self._multiply(_MULTIPLIERS[word])
        else:
            self._add(word)
        self._flush(suffix)

    def _special(self, word: str) -> None:
        numeric = self.after in _WORDS or _NUMERAL.fullmatch(self.after) is not None
        if not numeric:
            self._plain(word)
        elif word == "and":
            if self.before not in _MULTIPLIERS:
                self._plain(word)
        elif word == "point":
            if self.after in _DECIMAL_WORDS or _NUMERAL.fullmatch(self.after):
                self._append(".")
        elif self.after in _ONES or self.after in _ZEROS:
            digit = str(_ONES.get(self.after, 0))
            self._append(digit * (2 if word == "double" else 3))
            self.at += 1
        else:
            self._plain(word)

    def _around(self, word: str) -> None:
        """Words that change the number beside them, and all others."""
        if word in _SIGNS:
            self._flush()
            if self.after in _WORDS or _NUMERAL.fullmatch(self.after):
                self.prefix = _SIGNS[word]
            else:
                self.out.append(word)
        elif self.value is not None and word in _CURRENCIES:
            self.prefix = _CURRENCIES[word]
            self._flush()
        elif self.value is not None and word == "percent":
            self._flush("%")
        elif self.value is not None and word == "per" and self.after == "cent":
            self._flush("%")
            self.at += 1
        else:
            self._plain(word)


_COUNTED = _WORDS - set(_SPECIALS)
_HALF = re.compile(r"\band\s+a\s+half\b")


def numbers_as_digits(text: str) -> str:
    """Number words of a lower-case text as digits.

    >>> numbers_as_digits("it is twenty five dollars and fifty cents")
    'it is $25.50'
    >>> numbers_as_digits("two hundred and five in the nineteen sixties, at three thirty")
    '205 in the 19 sixties, at 330'
    """
    text = _half(text)
    text = re.sub(r"([a-z])(\d)", r"\1 \2", text)
    text = re.sub(r"(\d)([a-z])", r"\1 \2", text)
    text = re.sub(r"(\d)\s+(st|nd|rd|th|s)\b", r"\1\2", text)
    text = _Reader(text.split()).read()
    text = re.sub(r"([€£$])(\d+) (?:and )?¢(\d{1,2})\b", lambda m: f"{m[1]}{m[2]}.{int(m[3]):02d}", text)
    text = re.sub(r"[€£$]0\.(\d{1,2})\b", lambda m: f"¢{int(m[1])}", text)
    return re.sub(r"\b1(s?)\b", r"one\1", text)


def _half(text: str) -> str:
    """After a number "and a half" is "point five"."""
    first, *rest = _HALF.split(text)
    found, words = [first], first.split()
    for part in rest:
        last = words[-1] if words else ""
        counted = last in _COUNTED or last.isdigit()
        half = "point five" if counted else "and a half"
        found += [half, part]
        words = part.split() or half.split()
    return "".join(found)
