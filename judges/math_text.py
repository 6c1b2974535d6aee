"""Mathematical answers as text: which expression a reply states, and its forms for comparison."""

from __future__ import annotations

import re
import unicodedata

from agentbench_sdk.judges.answers import READ_LIMIT, is_negative, json_answer, sentences, statements

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
    if len(sides) > 1 and not re.search(r",|;|\\text\{\s*(?:and|or)|\b(?:and|or)\b", content):
        readings.append(sides[-1].strip())
    return list(dict.fromkeys(filter(None, readings)))


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
    text = re.sub(r"[\s$]|\\[ ()\[\]]", "", text).rstrip(".,;。")
    return re.sub(r"^\(([^\W\d_]+)\)$", r"\1", text)
