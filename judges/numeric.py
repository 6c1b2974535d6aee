"""`numeric`: the number that the reply states, within a tolerance.

The last explicit statement decides; without one, a reply that is a number; without that, the last number
of the last sentence that has one. A statement that gives two numbers, or an expression, gives none.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import get_args

from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.judges.answers import (
    READ_LIMIT,
    answer_text,
    is_negative,
    json_answer,
    no_answer,
    sentences,
    statements,
)
from agentbench_sdk.judges.numbers import (
    Number,
    Percent,
    close_to,
    find_numbers,
    is_algebra,
    number_in_words,
    parse_number,
    plain_number_text,
    shown,
)
from agentbench_sdk.judges.targets import alternatives, bad_target
from agentbench_sdk.judging import JudgeCase, Score, judge


def extract_number(text: str) -> Number | None:
    r"""The number that a reply settles on, or None.

    >>> extract_number(r"First \boxed{60}, then \boxed{20}.").value
    Fraction(20, 1)
    >>> extract_number("The answer is 3 or 4.") is None
    True
    """
    text = text[-READ_LIMIT:].strip()
    if (content := json_answer(text)) is not None:
        return parse_number(content)
    for statement in reversed(statements(text)):
        content = statement.content
        if statement.kind in ("boxed", "tagged"):
            return _stated(content) if "boxed" in content else _whole(content)
        if re.search(r"\d|\\boxed", plain_number_text(content)):
            return _stated(content)
        if number := number_in_words(_lead(plain_number_text(content))):
            return number
    if not text:
        return None
    lines = text.splitlines()
    # The first of several lines is an answer when it is a number, a step when it is an equation.
    first = _whole(lines[0]) if len(lines) == 1 or "=" not in lines[0] else None
    return first or _last(text)


def _whole(content: str) -> Number | None:
    """A content that is one number, "x = 5" included; a list, an expression or a root is none."""
    sides = re.split(r"[=≈]", content)
    if len(sides) > 1 and re.search(r"[,;]|\band\b", "".join(sides[1:-1])):
        return None
    if _NUMBER_OR_MORE.search(content):
        return None
    values = [number.value for number in map(parse_number, sides) if number is not None]
    if len(values) == len(sides) and len(set(values)) > 1:  # "3 = 2"
        return None
    last = re.sub(r"\s*\([^()]*\)\s*$", "", sides[-1])
    return parse_number(last) or (number_in_words(plain_number_text(last)) if not _has_digit(last) else None)


def _has_digit(text: str) -> bool:
    return re.search(r"\d", text) is not None


def _stated(content: str) -> Number | None:
    """The number of a statement: the one it leads with, or the only one it has."""
    if box := re.search(r"\\(?:boxed|fbox)\s*\{((?:[^{}]|\{[^{}]*\})*)\}", content):
        return _whole(box[1])
    content = re.split(r"(?<=[^\d])\.\s|(?<=\d)\.\s|[。；！\n]", plain_number_text(content))[0]
    content = re.split(r"[,;(]?\s*\b(?:not|rather\s+than|instead\s+of)\b|不是", content)[0]
    sides = re.split(r"[=≈]", content)
    if len(sides) > 1 and re.search(r"[,;]|\band\b", "".join(sides[1:-1])):
        return None
    content = re.sub(r"\([^()]*[^\d().,\s-][^()]*\)", " ", sides[-1])
    numbers = find_numbers(content)
    if not numbers or _number_like(content) > len(numbers):
        return None
    first = numbers[0]
    if is_bound(content[: first.start]):
        return None
    if is_algebra(content, first) or (len(numbers) > 1 and not _leads(content, numbers)):
        return None
    before = content[: first.start].rstrip()
    return None if before.endswith(("^", "+", "-", "*", "/", "√", "{")) else first


_BOUND = re.compile(
    r"\b(?:not|never|neither|cannot|more\s+than|less\s+than|fewer\s+than|greater\s+than|larger\s+than|smaller\s+than|"
    r"at\s+least|at\s+most|over|under|above|below|up\s+to|no\s+more|no\s+less|between)(?!\w)|n['’]t\b|不(?:是|到|足)",
    re.IGNORECASE,
)


# Nothing is given back once taken: a long run of digits or blanks is gone through once.
_OR_MORE = re.compile(
    r"\s*+(?:(?!(?:or|and)\b)\w++\s*+)?(?:or|and)\s++(?:more|less|fewer|over|under|above|below)\b",
    re.IGNORECASE,
)
_NUMBER_OR_MORE = re.compile(rf"\d(?!\d){_OR_MORE.pattern}", re.IGNORECASE)


def is_bound(text: str) -> bool:
    """Whether a text denies or bounds what it names: "not 5", "at least 5".

    >>> is_bound("more than 5"), is_bound("5 more")
    (True, False)
    """
    return _BOUND.search(text) is not None


def _number_like(content: str) -> int:
    """How many runs of digits could be meant as numbers; more than are read means a date, time or range."""
    return len(
        re.findall(r"(?<![\w.,:/^-])\d[\d.,:/'’-]*(?:\s\d+/\d+|\s?\^\S+|\s*[×*x·]\s*10\s?\^\S+)?", content)
    )


def _leads(content: str, numbers: list[Number]) -> bool:
    """Whether the first number stands at the front and the second is not an alternative to it."""
    first, second = numbers[:2]
    if first.value == second.value and len(numbers) == 2:
        return True
    between = content[first.end : second.start]
    joined = re.fullmatch(r"\s*\w*\s*(?:[,;/&-]|\bor\b|\band\b|\bto\b|[或和至到])\s*", between)
    return not _lead(content[: first.start]) and joined is None


def _lead(content: str) -> str:
    """A content without the words and signs that may stand before a number."""
    words = r"(?:about|approximately|roughly|around|exactly|only|just|simply|equal\s+to|a\s+total\s+of|the\s+number)"
    return re.sub(rf"^(?:[\s*_$~≈\"'`(:\[]|{words}\b)*", "", content, flags=re.IGNORECASE)


def _last(text: str) -> Number | None:
    """The last number of the last sentence that has one, unless that sentence refuses or hedges."""
    for sentence in reversed(sentences(plain_number_text(text))):
        positive = re.split(r"[,;(]\s*(?:and\s+)?not\b", sentence)[0]
        numbers = find_numbers(positive)
        if not numbers:
            if _has_digit(positive):
                return None
            continue
        if is_negative(positive) or is_algebra(positive, numbers[-1]):
            return None
        return _unhedged(positive, numbers)
    return None


def _unhedged(sentence: str, numbers: list[Number]) -> Number | None:
    outside = find_numbers(re.sub(r"\([^()]*\)", " ", sentence)) or numbers
    last = outside[-1]
    if _BOUND.search(sentence[max(0, last.start - 24) : last.start]) or _OR_MORE.match(sentence, last.end):
        return None
    if len(numbers) > 1:
        between = sentence[numbers[-2].end : numbers[-1].start]
        if re.fullmatch(r"\s*\w*\s*(?:\bor\b|\bto\b|[或至到])\s*", between):
            return None
        if re.search(r"\bbetween\W*$|在$", sentence[: numbers[-2].start], re.IGNORECASE):
            return None
    return last


def _check(
    *,
    absolute: float = 0.0,
    relative: float = 0.0,
    percent: str = "auto",
    units: Mapping[str, float] | None = None,
) -> None:
    for name, value in (("absolute", absolute), ("relative", relative)):
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not math.isfinite(value) or value < 0:
            raise ConfigurationError(f"judge 'numeric': {name} is {value!r}; give a number from 0 up")
    if percent not in get_args(Percent):
        raise ConfigurationError(f"judge 'numeric': percent is {percent!r}; give 'auto', 'share' or 'points'")
    for unit, factor in (units or {}).items():
        if isinstance(factor, bool) or not isinstance(factor, int | float) or not math.isfinite(factor):
            raise ConfigurationError(
                f"judge 'numeric': the factor of unit {unit!r} is {factor!r}; give a number"
            )


@judge(check=_check)
def numeric(
    case: JudgeCase,
    *,
    absolute: float = 0.0,
    relative: float = 0.0,
    percent: Percent = "auto",
    units: Mapping[str, float] | None = None,
) -> Score:
    """Pass if the number that the reply settles on is the target.

    Arguments:
        case: what is judged.
        absolute: tolerance in the target's unit; the greater of both tolerances holds, bounds included.
        relative: tolerance as a share of the target's size.
        percent: what "75%" means beside a target without a percent sign: "share" is 0.75, "points" is 75;
            "auto" takes a share for targets within ±1 and either for others. Two percentages are compared
            as they are.
        units: factor of each accepted unit to the target's unit, as {"km": 1000, "m": 1}; a reply with
            another unit is wrong, one without a unit counts as it is. Without it units are not looked at.

    The target is a number, a text with one ("3/4", "1,200", "75%"), or a list of accepted ones.

    Raises:
        JudgeError: the target is none of this.
    """
    targets = [_target(each, case) for each in alternatives(case)]
    if not targets:
        raise bad_target(case, "numeric", "at least one number")
    text = answer_text(case)
    if not text:
        return no_answer()
    found = extract_number(text)
    if found is None:
        return Score(0.0, False, None, "the reply states no single number", {"extracted": None})
    evidence = {"extracted": shown(found), "unit": found.unit}
    if units is not None and not found.percent and found.unit:
        if found.unit not in units:
            why = f"the unit {found.unit!r} is none of {sorted(units)}"
            return Score(0.0, passed=False, explanation=why, evidence=evidence)
        found = replace(found, value=found.value * Fraction(str(units[found.unit])))
    passed = any(close_to(found, target, absolute, relative, percent) for target in targets)
    wanted = " or ".join(map(shown, targets))
    explanation = f"{evidence['extracted']} {'is' if passed else 'is not'} {wanted}"
    return Score(float(passed), passed, explanation=explanation, evidence=evidence)


def _target(target: object, case: JudgeCase) -> Number:
    if isinstance(target, int | float) and not isinstance(target, bool) and math.isfinite(target):
        return Number(Fraction(str(target)))
    if isinstance(target, str) and (number := parse_number(target)):
        return number
    raise bad_target(case, "numeric", "a finite number, a text with one, or a list of them")
