"""`yes_no`: whether a reply says yes or no."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal

from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.judges.answers import READ_LIMIT, answer_text, no_answer, statements
from agentbench_sdk.judges.peers.pipeline import lmms_text
from agentbench_sdk.judges.targets import bad_target
from agentbench_sdk.judging import JudgeCase, Score, judge

Peer = Literal["mme", "pope", "tempcompass"]
_WORDS = {
    "yes": (
        "yes",
        "y",
        "yeah",
        "yep",
        "true",
        "да",
        "верно",
        "是",
        "是的",
        "对",
        "对的",
        "有",
        "sí",
        "oui",
        "ja",
    ),
    "no": ("no", "n", "nope", "false", "нет", "неверно", "否", "不", "不是", "没有", "不对", "non", "nein"),
}
_MEANING = {word: meaning for meaning, words in _WORDS.items() for word in words}
_LEAD = re.compile(r"[\W_]*([^\W\d_]+)(.*)", re.DOTALL)
# "No idea", "yes or no", "yes and no": a first word that is no verdict.
_NO_VERDICT = re.compile(
    r"\W*(?:idea|clue|way\s+(?:to|of)|answer|opinion|comment|information|(?:or|and|/)\W*(?:yes|no)(?!\w))",
    re.IGNORECASE,
)


def read_yes_no(text: str) -> str | None:
    """The word "yes" or "no", or None where a reply does not settle on one.

    The last explicit statement decides; else the first word, or the whole last line.

    >>> read_yes_no("No, there is none."), read_yes_no("Not sure"), read_yes_no("So the answer is **Yes**.")
    ('no', None, 'yes')
    """
    text = text[-READ_LIMIT:].strip()
    for statement in reversed(statements(text)):
        if meaning := _verdict(statement.content):
            return meaning
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines:
        return None
    first = _verdict(lines[0])
    last = _MEANING.get(re.sub(r"[\W_]", "", lines[-1]).casefold())
    if len(lines) > 1 and first and last and first != last:
        return None
    return last or first


def _verdict(content: str) -> str | None:
    found = _LEAD.match(content)
    if found is None or _NO_VERDICT.match(found[2]):
        return None
    word = found[1].casefold()
    if len(word) == 1 and word.isascii() and re.match(r"\W*\w", found[2]):
        return None  # "n of them", "y = 3"
    return _MEANING.get(word)


def _mme(text: str) -> str | None:
    """The parser of MME in lmms-eval: yes or no within the first four characters; "none" is a no."""
    text = text.lower().strip().replace(".", "")
    if text in ("y", "n"):
        return {"y": "yes", "n": "no"}[text]
    return next((word for word in ("yes", "no") if word in text[:4]), None)


def _pope(text: str) -> str | None:
    """POPE's in lmms-eval: nothing but the word."""
    return text.lower() if text.lower() in ("yes", "no") else None


def _tempcompass(text: str) -> str | None:
    """TempCompass's: what the reply begins with; "Not" is a no."""
    return next((word for word in ("yes", "no") if text.lower().startswith(word)), None)


_PEERS: dict[str, Callable[[str], str | None]] = {
    "mme": _mme,
    "pope": _pope,
    "tempcompass": _tempcompass,
}


def _check(*, compat: str | None = None) -> None:
    if compat is not None and compat not in _PEERS:
        raise ConfigurationError(
            f"judge 'yes_no': compat is {compat!r}; give 'mme', 'pope' or 'tempcompass', or nothing"
        )


@judge(
    check=_check,
    corpus=({"name": "f_measure", "positive": "yes"},),
)
def yes_no(case: JudgeCase, *, compat: Peer | None = None) -> Score:
    """Pass if the reply says yes where the target is yes, and no where it is no.

    Arguments:
        case: what is judged; the target is "yes", "no", true or false.
        compat: read as lmms-eval's parser of MME, POPE or TempCompass does.

    Precision, recall and F1 of "yes" are reported over the task.

    Raises:
        JudgeError: the target is none of these.
    """
    wanted = _wanted(case)
    if compat is None and not answer_text(case):
        score = no_answer()
        return Score(
            score.value, score.passed, None, score.explanation, {"extracted": None, "expected": wanted}
        )
    found = _PEERS[compat](lmms_text(case.answer)) if compat else read_yes_no(answer_text(case))
    passed = found == wanted
    explanation = f"said {found}" if found else "said neither yes nor no"
    evidence = {"extracted": found, "expected": wanted}
    return Score(float(passed), passed, found or "undecided", explanation, evidence)


def _wanted(case: JudgeCase) -> str:
    if isinstance(case.target, bool):
        return "yes" if case.target else "no"
    if isinstance(case.target, str) and case.target.strip(" .\n").casefold() in ("yes", "no"):
        return case.target.strip(" .\n").casefold()
    raise bad_target(case, "yes_no", "yes or no")
