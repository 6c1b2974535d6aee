"""Mathematical answers as text: which expression a reply states, and its forms for comparison."""

from __future__ import annotations

import re
import unicodedata

from agentbench_sdk.judges.answers import READ_LIMIT, is_negative, json_answer, sentences, statements
from agentbench_sdk.judges.numbers import parse_number

_MATH = re.compile(
    r"\$\$(?P<a>[^$]{1,600})\$\$|(?<!\\)\$(?P<b>(?:[^$\\]|\\.){1,600})\$"
    r"|\\\((?P<c>.{1,600}?)\\\)|\\\[(?P<d>.{1,600}?)\\\]",
    re.DOTALL,
)
_WORDS = re.compile(r"[^\W\d_]{3,}")


def stated_expressions(text: str) -> list[str]:
    r"""The expression that a reply states, in the ways in which it may be read, the likeliest first.

    >>> stated_expressions(r"So the distance is $2\sqrt{2}$.")
    ['2\\sqrt{2}']
    >>> stated_expressions(r"We get \boxed{x = 5}, as said.")
    ['x = 5', '5']
    """
    text = text[-READ_LIMIT:].strip()
    content = _stated(text)
    if content is None:
        return []
    content = content.strip().strip("*_` ").rstrip(".。,;").strip()
    readings = [content]
    sides = re.split(r"(?<![<>\\!])=|≈|\\approx|\\implies|\\to(?![a-z])|⇒", content)
    if _contradicts(sides):
        return readings
    if len(sides) > 1 and not re.search(r",|;|\\text\{\s*(?:and|or)|\b(?:and|or)\b", content):
        readings.append(sides[-1].strip())
    return list(dict.fromkeys(filter(None, readings)))


def _contradicts(sides: list[str]) -> bool:
    """Whether the sides of an equation are different numbers: "3 = 2"."""
    values = [number and number.value for number in map(parse_number, sides)]
    return None not in values and len(set(values)) > 1


def _stated(text: str) -> str | None:
    if (content := json_answer(text)) is not None:
        return content
    found = statements(text)
    for statement in reversed(found):
        if statement.kind in ("boxed", "tagged"):
            return _inner(statement.content)
        if content := _in_sentence(statement.content):
            return content
    return None if found else _unmarked(text)


def _inner(content: str) -> str:
    segment = _MATH.fullmatch(content.strip())
    return _segment(segment) if segment else content


def _segment(match: re.Match[str]) -> str:
    return next(group for group in match.groups() if group).strip()


def _in_sentence(content: str) -> str:
    """The expression of a statement: its mathematics if it has any, else its words up to the full stop."""
    segments = list(_MATH.finditer(content))
    if segments:
        first = segments[0]
        rest = content[first.end() :]
        if re.match(r"\s*(?:,|,?\s*\band\b|,?\s*\bor\b)\s*(?=\$|\\\()", rest):
            return ", ".join(map(_segment, segments))
        return _segment(first)
    parts = re.split(r"(?<=[^\d\s])\.(?=\s|$)|(?<=\d)\.(?=\s|$)|[。；\n]", content)
    front = re.split(r"[,;]?\s+(?:because|since|which|not|as)\b|\s\(", parts[0])[0]
    return front.strip(" *_`")


def _unmarked(text: str) -> str | None:
    """A reply of one line, or what its last sentence comes to."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    for line in reversed(lines):
        segments = list(_MATH.finditer(line))
        if segments:
            return None if is_negative(_MATH.sub(" ", line)) else _segment(segments[-1])
        if _looks_mathematical(line):
            return line.strip("*_` ").rstrip(".")
        last = sentences(line)[-1]
        said = re.match(r".*?(?:\b(?:is|are|equals|be|gives?|get|obtain)\b|[=:])\s*(.+)$", last)
        if said and not is_negative(last):
            return _in_sentence(said[1]) or None
        return line if len(lines) == 1 and len(line.split()) <= 3 and not is_negative(line) else None
    return None


def _looks_mathematical(line: str) -> bool:
    return not _WORDS.search(re.sub(r"\\[a-zA-Z]+|\b(?:sqrt|infinity|inf|sin|cos|tan|log)\b", " ", line))


_UNICODE = {
    "−": "-", "–": "-", "×": "\\times ", "·": "\\cdot ", "⋅": "\\cdot ", "÷": "/", "∗": "*", "π": "\\pi ",
    "∞": "\\infty ", "∪": "\\cup ", "∩": "\\cap ", "∅": "\\emptyset ", "≤": "\\le ", "≥": "\\ge ",
    "≠": "\\ne ", "±": "\\pm ", "°": "^\\circ ", "∈": "\\in ", "θ": "\\theta ", "α": "\\alpha ",
    "β": "\\beta ", "√": "\\sqrt ", "ℝ": "\\mathbb{R}", "，": ",", "（": "(", "）": ")", "：": ":",
    "\u00a0": " ", "\u2009": " ", "\u202f": " ", "％": "%",
}  # fmt: skip
_PLAIN_WORDS = (
    (re.compile(r"\\(?:varnothing)(?![a-zA-Z])"), r"\\emptyset "),
    (re.compile(r"(?<![\\a-zA-Z])(?:infinity|infty|inf)(?![a-zA-Z])", re.IGNORECASE), r"\\infty "),
    (re.compile(r"(?<![\\a-zA-Z])pi(?![a-zA-Z])"), r"\\pi "),
    (re.compile(r"(?<![\\a-zA-Z])sqrt(?![a-zA-Z])"), r"\\sqrt "),
    (re.compile(r"\*\*"), "^"),
    (re.compile(r"(?<!\\)\*"), r"\\cdot "),
    (re.compile(r"\^\s*(-?\d{2,})"), r"^{\1}"),
    (re.compile(r"\\(?:text(?:bf|rm|it)?|mathrm|mathbf|mbox)\{\s*(and|or)\s*\}|(?<![\\\w])(?:and|or)(?!\w)"), ","),
    (re.compile(r"\\sqrt\s*\(([^()]*)\)"), r"\\sqrt{\1}"),
    (re.compile(r"\\sqrt\s+(\d+(?:\.\d+)?|[a-z])"), r"\\sqrt{\1}"),
    (re.compile(r",\s*(?:,\s*)+"), ", "),
    (re.compile(r"\+\s*(?=\\infty)"), ""),
    # The library drops the sign of degrees, which is right for a bare angle and wrong for its sine.
    (
        re.compile(r"\\(sin|cos|tan|cot|sec|csc)\s*[({]*(\d+(?:\.\d+)?)\s*\^\s*\{?\s*\\circ\s*[)}]*"),
        r"\\\1(\2\\pi/180)",
    ),
    (re.compile(r"\\(?:quad|qquad|,|;|!|:)(?![a-zA-Z])"), " "),
)  # fmt: skip


def latex_text(text: str) -> str:
    """An expression as LaTeX, plain signs and words of mathematics included.

    >>> latex_text("2*sqrt(2) ≤ 2^10")
    '2\\\\cdot \\\\sqrt{2} \\\\le  2^{10}'
    """
    text = "".join(_as_latex(character) for character in text)
    text = re.sub(r"(?<=\d)(?:\{,\}|,\\!)(?=\d{3}(?!\d))", "", text)
    for pattern, written in _PLAIN_WORDS:
        text = pattern.sub(written, text)
    return text.strip()


def _as_latex(character: str) -> str:
    if character in _UNICODE:
        return _UNICODE[character]
    form, _, rest = unicodedata.decomposition(character).partition(" ")
    if form == "<super>" and rest:
        return "^" + "".join(chr(int(code, 16)) for code in rest.split())
    if form == "<sub>" and rest:
        return "_" + "".join(chr(int(code, 16)) for code in rest.split())
    if form == "<fraction>":
        over, _, under = "".join(chr(int(code, 16)) for code in rest.split()).partition("\u2044")
        return rf"\frac{{{over}}}{{{under}}}"
    if form == "<wide>" and rest:
        return chr(int(rest.split()[0], 16))
    return character


_DECORATION = re.compile(r"\\(?:text(?:bf|rm|it|tt)?|math(?:rm|bf|it|bb|cal)|mbox|boldsymbol)\s*\{([^{}]*)\}")


def plain_latex(text: str) -> str:
    r"""A text without what changes only its looks, for comparison letter by letter.

    >>> plain_latex(r"\left(\text{C}\right)") == plain_latex("C")
    True
    """
    text = latex_text(text)
    for _ in range(4):
        text = _DECORATION.sub(r"\1", text)
    text = re.sub(r"\\(?:left|right|displaystyle|[bB]ig[gl r]?)(?![a-zA-Z])", "", text)
    text = re.sub(r"\\[dtc]frac", r"\\frac", text)
    text = re.sub(r"\\frac\s*(\w)\s*(\w)", r"\\frac{\1}{\2}", text)
    text = re.sub(r"\\sqrt\s*(\w)", r"\\sqrt{\1}", text)
    text = re.sub(r"(?<=\d)\s+(?=\d)", "~", text)  # "1 2" is not "12"
    text = re.sub(r"[\s$]|\\[ ()\[\]]", "", text).rstrip(".,;。")
    return re.sub(r"^\(([^\W\d_]+)\)$", r"\1", text)


_BASED = re.compile(r"(?P<digits>[0-9A-Za-z]+)_\{?(?P<base>\d{1,2})\}?")
_APART = re.compile(r"(?<![\d.,])\d+\s+\d+(?![\d,]*\s*[/&])")


def comparable(answer: str, gold: str) -> bool:
    r"""Whether it makes sense to ask the library if two expressions are equal.

    It drops the names of variables before "=", and the kind of brackets of a list; it
    multiplies the letters of a word, and joins figures that stand apart. What differs in these is not equal.

    >>> comparable("(1,2)", r"\{1,2\}"), comparable("y=2", "x=2"), comparable("1 2", "12")
    (False, False, False)
    >>> comparable("2x+1", "x=2")
    True
    """
    left, right = plain_latex(answer), plain_latex(gold)
    if _contradicts(left.split("=")):
        return False
    if _shape(left) and _shape(right) and _shape(left) != _shape(right):
        return False
    if re.fullmatch(r"[A-Z]{2,}", right) or re.match(r"\\text|[A-Za-z]{4,}$", gold.strip()):
        return False  # a word, which has been compared as such
    names = [re.match(r"([A-Za-z])=", side) for side in (left, right)]
    if names[0] and names[1] and names[0][1] != names[1][1]:
        return False
    return _APART.search(re.sub(r"\d{1,3}(?: \d{3})+(?!\d)", "", answer)) is None or "&" in answer


def _shape(plain: str) -> str:
    """What kind of list a text is: "{" for a set, "(" for a tuple or an interval; "" when it is none."""
    if "," not in plain or "=" in plain:
        return ""
    if plain.startswith("\\{") and plain.endswith("\\}"):
        return "{"
    return "(" if plain[:1] in ("(", "[") and plain[-1:] in (")", "]") else ""


def same_in_base(answer: str, gold: str) -> bool | None:
    """Whether numbers of which one names its base are the same; None where none does.

    >>> same_in_base("1011_2", "1011_{2}"), same_in_base("1011", "1011_2"), same_in_base("10_2", "10")
    (True, True, False)
    >>> same_in_base("10", "10") is None
    True
    """
    left, right = _BASED.fullmatch(plain_latex(answer)), _BASED.fullmatch(plain_latex(gold))
    if left and right:
        return left["base"] == right["base"] and left["digits"].casefold() == right["digits"].casefold()
    if right:
        return plain_latex(answer).casefold() == right["digits"].casefold()
    if left is None:
        return None
    try:
        return str(int(left["digits"], int(left["base"]))) == plain_latex(gold)
    except ValueError:  # no such base, or no digits of it
        return False
