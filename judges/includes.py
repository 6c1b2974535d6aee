"""`includes`: the target stands in the answer as a whole word or number.

`"1" in reply` would read "0 (the gold answer is 10)" as a pass; here a text counts only where no letter
or digit goes on beside it, and a number only where it is not a part of another number.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.judges.answers import answer_text, no_answer
from agentbench_sdk.judges.normalisation import is_unspaced, normalised
from agentbench_sdk.judges.targets import accepted_texts
from agentbench_sdk.judging import JudgeCase, Score, judge


def find_word(text: str, word: str, start: int = 0) -> int:
    """Where `word` stands in `text` on its own, from a place on, or -1. Both must be in the same normal form.

    >>> find_word("0 (the gold answer is 10)", "1"), find_word("it is 10.", "10")
    (-1, 6)
    """
    start = text.find(word, start) if word else -1
    while start >= 0:
        if _stands_alone(text, start, start + len(word)):
            return start
        start = text.find(word, start + 1)
    return -1


def _stands_alone(text: str, start: int, end: int) -> bool:
    before, after = text[max(0, start - 2) : start], text[end : end + 2]
    if _continues(before[-1:], text[start]) or _continues(after[:1], text[end - 1]):
        return False
    if after and unicodedata.combining(after[0]):
        return False
    if text[start].isdigit() and re.search(r"\d[.,:/]$|(?:^|[^\w)])[.-]$|^-$", before):
        return False
    return not (text[end - 1].isdigit() and re.match(r"[.,:/]\d", after))


def _continues(neighbour: str, edge: str) -> bool:
    """Whether a neighbouring character makes a longer word or number of the one at the edge."""
    if not neighbour or not (neighbour.isalnum() or neighbour == "_") or not (edge.isalnum() or edge == "_"):
        return False
    return not (is_unspaced(neighbour) or is_unspaced(edge))


def _check(*, ignore_case: bool = True, require: str = "any") -> None:
    if require not in ("any", "all"):
        raise ConfigurationError(f"judge 'includes': require is {require!r}; give 'any' or 'all'")


@judge(check=_check)
def includes(case: JudgeCase, *, ignore_case: bool = True, require: Literal["any", "all"] = "any") -> Score:
    """Pass if the target stands in the answer as a whole word, phrase or number.

    Arguments:
        case: what is judged.
        ignore_case: "Paris" is found in "PARIS".
        require: of a list of targets, "any" of them or "all" of them.

    Raises:
        JudgeError: the target is no text.
    """
    targets = accepted_texts(case, "includes")
    if not answer_text(case):
        return no_answer()
    answer = normalised(answer_text(case), ignore_case=ignore_case)
    found = [each for each in targets if find_word(answer, normalised(each, ignore_case=ignore_case)) >= 0]
    passed = bool(found) if require == "any" else len(found) == len(targets)
    missing = [each for each in targets if each not in found]
    explanation = f"the answer includes {found}" if passed else f"the answer does not include {missing}"
    return Score(
        float(passed), passed, explanation=explanation, evidence={"found": found, "missing": missing}
    )
