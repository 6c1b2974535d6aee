"""`open_answer`: a short answer or number anywhere in the conclusion of a reply, as MMMU scores open questions.

The rule is that of eval_utils.py of the MMMU repository (Yue et al. 2024, MMMU, section 4.1): of each line
the shortest part after a word that announces a result is a candidate, as are the numbers in it; a text target
must stand in a candidate, a number must equal one when both are rounded to two places.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from typing import Literal

from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.judges.answers import answer_text, no_answer
from agentbench_sdk.judges.peers.pipeline import lmms_text
from agentbench_sdk.judges.targets import alternatives, bad_target
from agentbench_sdk.judging import JudgeCase, Score, judge

_ANNOUNCING = ("could be ", "so ", "is ", "thus ", "therefore ", "final ", "answer ", "result ")
_MORE_ANNOUNCING = (
    *_ANNOUNCING,
    *("are ", "in total ", "total ", "identify ", "recognize ", "calculated as ", "counted as "),
    *("measured as ", "observed as ", "concluded as ", "found to be ", "equals ", "determined to be "),
    *("number of ", "value is ", "adds up to ", "have ", "has "),
)
READ_LIMIT = 5_000  # characters from the end of a reply; groups of thousands are tried from each of them
_PUNCTUATION = (":", ",", ".", "!", "?", ";", "'")
_NUMBERS = (
    r"-?\b\d{1,3}(?:,\d{3})+\b",
    r"-?(?<!\d)\d++(?:\.\d++)?[eE][+-]?\d+",
    r"-?(?:(?<!\d)\d++(?:\.\d++|\b)|\.\d++)(?![eE][+-]?\d+)(?![,\d])",
)


def candidates(reply: str, announcing: Sequence[str] = _ANNOUNCING) -> set[str | float]:
    """What a reply may mean as its answer, in normal form.

    >>> sorted(candidates("So R = 24."), key=str)
    [24.0]
    """
    parts = _conclusions(reply, announcing)
    numbers = [number for part in parts for pattern in _NUMBERS for number in re.findall(pattern, part)]
    return {form for part in [*parts, *numbers] for form in normal_forms(part)}


def _conclusions(reply: str, announcing: Sequence[str]) -> list[str]:
    """Of each line the shortest part after an announcing word; the last line may also have "=".

    The official split at sentences looks for capitals in a text that is lower case already, so only lines count.
    """
    lines = reply.strip().strip(".").lower().split("\n")
    found = []
    for at, line in enumerate(lines):
        words = [*announcing, "="] if at == len(lines) - 1 else announcing
        tails = [line.rsplit(word, 1)[1].strip() for word in words if word in line]
        shortest = min(tails, key=len, default="")
        if shortest and shortest not in _PUNCTUATION:
            found.append(shortest)
    return found or ["\n".join(lines)]


def normal_forms(text: str) -> list[str | float]:
    """A number rounded to two places, or the text in lower case; one character needs a blank beside it."""
    text = text.strip()
    try:
        return [round(float(text.replace(",", "")), 2)]
    except ValueError:
        pass
    text = text.lower()
    return [f" {text}", f"{text} "] if len(text) == 1 else [text]


def _check(*, words: str = "mmmu", compat: str = "") -> None:
    if words not in ("mmmu", "video-mmmu"):
        raise ConfigurationError(f"judge 'open_answer': words is {words!r}; give 'mmmu' or 'video-mmmu'")
    if compat not in ("", "lmms-eval"):
        raise ConfigurationError(f"judge 'open_answer': compat is {compat!r}; give 'lmms-eval' or nothing")


@judge(check=_check)
def open_answer(
    case: JudgeCase,
    *,
    words: Literal["mmmu", "video-mmmu"] = "mmmu",
    compat: Literal["", "lmms-eval"] = "",
) -> Score:
    """Pass if a candidate of the reply is the target or, for a text, holds it.

    Arguments:
        case: what is judged; the target is a text, a list of accepted ones, or such a list as a literal.
        words: which words announce a result: MMMU's, or the longer list of Video-MMMU.
        compat: "lmms-eval" strips reasoning as that harness does; with MMMU's words it also compares as it
            does, where only an empty target is ever right.

    Raises:
        JudgeError: the target is no text.
    """
    accepted = [form for each in _targets(case) for form in normal_forms(each)]
    if compat == "lmms-eval" and words == "mmmu":
        passed = accepted == [""]
        return Score(float(passed), passed, evidence={"extracted": None})
    text = lmms_text(case.answer) if compat else answer_text(case)
    if not text:
        return no_answer()
    found = candidates(text[-READ_LIMIT:], _ANNOUNCING if words == "mmmu" else _MORE_ANNOUNCING)
    hits = [form for form in accepted if _meets(form, found)]
    passed = bool(hits)
    explanation = f"the reply concludes {hits[0]!r}" if hits else "no conclusion of the reply is the target"
    return Score(float(passed), passed, None, explanation, {"extracted": sorted(map(str, found))[:20]})


def _meets(form: str | float, found: set[str | float]) -> bool:
    if isinstance(form, float):
        return form in found
    return any(form in each for each in found if isinstance(each, str))


def _targets(case: JudgeCase) -> list[str]:
    given = alternatives(case)
    if isinstance(case.target, str) and case.target.startswith("["):
        try:
            given = list(ast.literal_eval(case.target))
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
            given = [case.target]
    texts = [
        each if isinstance(each, str) else repr(each) for each in given if isinstance(each, str | int | float)
    ]
    if not texts or len(texts) < len(given):
        raise bad_target(case, "open_answer", "a text or a list of texts")
    return texts
