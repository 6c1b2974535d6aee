"""`alias`: the answer is one of several names of the same thing, as in TriviaQA.

Whole answers are compared after TriviaQA's normalisation: "the Danube." is "Danube", and neither "celan" nor
"e" is Iceland. Source: Joshi et al. 2017 (arXiv:1705.03551) and the official `triviaqa_evaluation.py`
(function `normalize_answer`).
"""

from __future__ import annotations

import re
import string
import unicodedata

from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.judges.answers import answer_text, no_answer
from agentbench_sdk.judges.stated import answer_readings
from agentbench_sdk.judges.targets import accepted_texts
from agentbench_sdk.judging import JudgeCase, Score, judge

COMPAT = ("evalscope-1.14.1", "evalscope-git-fde259d", "lm-eval")
_PUNCTUATION = str.maketrans(dict.fromkeys(string.punctuation + "‘’´`“”„«»–—·…。，！？；：「」『』（）", " "))


def normalised_name(text: str) -> str:
    """TriviaQA's normal form: lower case, no punctuation, no English articles, single spaces.

    >>> normalised_name("The 'Washington, D.C.'")
    'washington d c'
    """
    text = unicodedata.normalize("NFKC", text).casefold()
    words = text.translate(_PUNCTUATION).split()
    return " ".join(word for word in words if word not in ("a", "an", "the"))


def same_name(answer: str, name: str) -> bool:
    """Whether two texts are one name; texts of nothing but articles and signs are compared as they are."""
    left, right = normalised_name(answer), normalised_name(name)
    if left and right:
        # Points inside an abbreviation may or may not be written: "D.C.", "DC".
        return left == right or _joined(answer) == _joined(name)
    return not left and not right and answer.strip().casefold() == name.strip().casefold()


def _joined(text: str) -> str:
    return normalised_name(re.sub(r"(?<=\b\w)\.\s?(?=\w\b)|(?<=\b\w)\.(?=\W|$)", "", text))


def _check(*, compat: str = "") -> None:
    if compat and compat not in COMPAT:
        raise ConfigurationError(f"judge 'alias': compat is {compat!r}; give one of {', '.join(COMPAT)}")


@judge(check=_check)
def alias(case: JudgeCase, *, compat: str = "") -> Score:
    """Pass if the answer that the reply states is one of the names in the target.

    Arguments:
        case: what is judged.
        compat: score as a peer does: "evalscope-1.14.1" (whole normalised answers after "ANSWER:"),
            "evalscope-git-fde259d" (any part of all names together passes), "lm-eval" (the whole reply).

    Raises:
        JudgeError: the target is no text nor a list of texts.
    """
    names = accepted_texts(case, "alias")
    if compat:
        from agentbench_sdk.judges.peers import short_answers as peer

        return peer.trivia_score(case.answer, names, compat)
    text = answer_text(case)
    if not text:
        return no_answer()
    readings = answer_readings(text)
    for reading in readings:
        for name in names:
            if same_name(reading, name):
                evidence = {"extracted": reading, "name": name}
                return Score(1.0, passed=True, explanation=f"{reading!r} is {name!r}", evidence=evidence)
    shown = readings[0] if readings else None
    why = f"{shown[:80]!r} is none of the names" if shown else "the reply states no name"
    return Score(0.0, passed=False, explanation=why, evidence={"extracted": shown})
