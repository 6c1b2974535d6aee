"""`bbh`: the answer forms of BIG-Bench Hard, told by the target: an option's letter, a number, yes or no, a
word, a list of words in order, or a row of brackets.

Source: Suzgun et al. 2022 (arXiv:2210.09261), whose answers follow "So the answer is" and are compared whole.
"""

from __future__ import annotations

import re
import unicodedata

from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.judges.answers import (
    READ_LIMIT,
    STATEMENT_LIMIT,
    answer_text,
    json_answer,
    no_answer,
    statements,
)
from agentbench_sdk.judges.choice import extract_choice
from agentbench_sdk.judges.either import PAIRS, pair_of, read_side
from agentbench_sdk.judges.numbers import parse_number
from agentbench_sdk.judges.numeric import extract_number
from agentbench_sdk.judges.stated import answer_readings, plain_answer, stated_text
from agentbench_sdk.judges.targets import accepted_texts
from agentbench_sdk.judging import JudgeCase, Score, judge

COMPAT = ("evalscope-1.14.1", "evalscope-git-fde259d", "lm-eval", "lm-eval/strict-match")
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_LETTER = re.compile(r"\(?([A-Z])\)?")
_OPTION = re.compile(r"^\s*\(([A-Z])\)\s*(\S.*)$", re.MULTILINE)
_BRACKETS = re.compile(r"[()\[\]{}<>\s]+")


def _check(*, compat: str = "") -> None:
    if compat and compat not in COMPAT:
        raise ConfigurationError(f"judge 'bbh': compat is {compat!r}; give one of {', '.join(COMPAT)}")


@judge(check=_check)
def bbh(case: JudgeCase, *, compat: str = "") -> Score:
    """Pass if the answer that the reply states is the target, read in the target's form.

    Arguments:
        case: what is judged; the options of a choice are `choices`, or the "(A) …" lines of the question.
        compat: score as a peer does: "evalscope-1.14.1", "evalscope-git-fde259d" (only the exact phrase
            "So the answer is " counts), "lm-eval" or "lm-eval/strict-match" (its zero-shot tasks' filters).

    Raises:
        JudgeError: the target is no text.
    """
    targets = accepted_texts(case, "bbh")
    if compat:
        from agentbench_sdk.judges.peers import short_answers as peer

        return peer.bbh_score(case.answer, targets[0], compat)
    text = answer_text(case)
    if not text:
        return no_answer()
    for target in targets:
        read, passed = _compared(text, target.strip(), case)
        if passed:
            return Score(
                1.0, passed=True, explanation=f"the answer is {target}", evidence={"extracted": read}
            )
    why = f"the answer is {read[:80]!r}, not {targets[0]!r}" if read else "the reply states no answer"
    return Score(0.0, passed=False, explanation=why, evidence={"extracted": read})


def _compared(text: str, target: str, case: JudgeCase) -> tuple[str | None, bool]:
    """What was read, and whether it is the target."""
    if letter := _LETTER.fullmatch(target):
        letters, texts = _options(case)
        read = extract_choice(text, letters, texts)
        return read, read == letter[1]
    if (number := parse_number(target)) is not None:
        found = extract_number(text)
        return (None, False) if found is None else (str(found.value), found.value == number.value)
    if (pair := pair_of(target)) is not None:
        side = read_side(text, pair)
        names = pair.split("/")
        wanted = target.strip(".").casefold() in PAIRS[pair][0]
        return (None, False) if side is None else (names[0] if side else names[1], side is wanted)
    if _BRACKETS.fullmatch(target):
        row = _bracket_row(text)
        return row, row == "".join(target.split())
    return _words_compared(text, target)


def _options(case: JudgeCase) -> tuple[str, tuple[str, ...]]:
    """Letters and texts of the options, from the choices or from the last question's own lines."""
    if case.choices:
        return LETTERS[: len(case.choices)], case.choices
    asked = next((each.text for each in reversed(case.input) if each.role == "user"), "")
    lines = _OPTION.findall(asked.rpartition("Options:")[2])
    letters = "".join(letter for letter, _ in lines)
    if lines and letters == LETTERS[: len(lines)]:
        return letters, tuple(text.strip() for _, text in lines)
    return LETTERS, ()


def _bracket_row(text: str) -> str | None:
    """A row of brackets without its spaces; marks of decoration around it are no brackets."""
    text = text[-READ_LIMIT:]
    found = [each.content for each in statements(text) if each.kind != "boxed"]
    lines = [line for line in text.splitlines() if line.strip()]
    content = json_answer(text) or (found or lines or [""])[-1][:STATEMENT_LIMIT]
    content = re.sub(r"\\boxed\s*\{(.*)\}|\\text\s*\{(.*)\}", lambda each: each[1] or each[2] or "", content)
    row = "".join(re.sub(r"[*_`\"'$,.。!！]|\\(?=[{}])", "", content).split())
    return row if row and _BRACKETS.fullmatch(row) else None


def _words_compared(text: str, target: str) -> tuple[str | None, bool]:
    wanted = _words(target)
    readings = answer_readings(text)
    if (tail := _tail_list(text)) is not None:
        readings.append(tail)
    for reading in readings:
        if _words(reading) == wanted:
            return reading, True
    return (readings[0] if readings else stated_text(text)), False


def _words(text: str) -> list[str]:
    text = unicodedata.normalize("NFKC", text).casefold()
    return [word for word in (plain_answer(each) for each in re.split(r"[\s,;、→>]+", text)) if word]


def _tail_list(text: str) -> str | None:
    """The lines of a list at the end of a reply, in one line."""
    items: list[str] = []
    for line in reversed(text.strip().splitlines()):
        item = re.match(r"\s*(?:\d{1,3}[.)]|[-*•])\s+(\S.*)$", line)
        if item is None:
            break
        items.append(item[1])
    return " ".join(reversed(items)) if len(items) > 1 else None
