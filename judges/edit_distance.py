"""`edit_distance` and `anls`: how few letters must change to make the target of the answer.

Both rest on the Levenshtein distance (insertions, deletions and replacements cost 1) as a share of the longer
text, by the library RapidFuzz.
"""

from __future__ import annotations

import importlib.util
from typing import Literal

from agentbench_sdk.errors import ConfigurationError, MissingExtraError
from agentbench_sdk.judges.answers import answer_text, no_answer
from agentbench_sdk.judges.normalisation import normalised
from agentbench_sdk.judges.stated import stated_text
from agentbench_sdk.judges.targets import accepted_texts
from agentbench_sdk.judging import JudgeCase, Score, judge

TEXT_LIMIT = 20_000


def similarity(left: str, right: str) -> float:
    """1 minus the distance as a share of the longer text; 1 for two empty texts.

    >>> similarity("kitten", "sitting")
    0.5714285714285714
    """
    from rapidfuzz.distance import Levenshtein

    return float(Levenshtein.normalized_similarity(left, right))


def need_rapidfuzz(what: str) -> None:
    """Refuse what needs the library where it is not installed.

    Raises:
        MissingExtraError: it is not.
    """
    if importlib.util.find_spec("rapidfuzz") is None:
        raise MissingExtraError(what, "metrics")


def _is_share(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1


def _check_distance(
    *, ignore_case: bool = False, unit: str = "character", at_least: float = 1.0, whole: bool = False
) -> None:
    need_rapidfuzz("judge 'edit_distance'")
    if unit not in ("character", "word"):
        raise ConfigurationError(f"judge 'edit_distance': unit is {unit!r}; give 'character' or 'word'")
    if not _is_share(at_least):
        raise ConfigurationError(
            f"judge 'edit_distance': at_least is {at_least!r}; give a number from 0 to 1"
        )


@judge(check=_check_distance)
def edit_distance(
    case: JudgeCase,
    *,
    ignore_case: bool = False,
    unit: Literal["character", "word"] = "character",
    at_least: float = 1.0,
    whole: bool = False,
) -> Score:
    """The similarity to the nearest target: 1 is the same text, 0 has nothing in common.

    Arguments:
        case: what is judged.
        ignore_case: fold case before comparing.
        unit: what is inserted, deleted or replaced.
        at_least: passed from this similarity on.
        whole: compare the whole reply and not only what stands after "ANSWER:" and the like.

    Raises:
        JudgeError: the target is no text nor a list of texts.
    """
    golds = accepted_texts(case, "edit_distance")
    answer = _answer(case, whole=whole)
    if not answer:
        return no_answer()
    values = [_similar(answer, gold, ignore_case=ignore_case, unit=unit) for gold in golds]
    value = max(values)
    why = f"similarity {value:.3f} to {golds[values.index(value)][:80]!r}"
    return Score(value, value >= at_least, explanation=why, evidence={"extracted": answer})


def _answer(case: JudgeCase, *, whole: bool) -> str:
    text = answer_text(case)
    return (text if whole else stated_text(text) or "")[:TEXT_LIMIT]


def _similar(answer: str, gold: str, *, ignore_case: bool, unit: str) -> float:
    from rapidfuzz.distance import Levenshtein

    left, right = (normalised(text, ignore_case=ignore_case) for text in (answer, gold))
    if unit == "word":
        return float(Levenshtein.normalized_similarity(left.split(), right.split()))
    return similarity(left, right)


def _check_anls(*, threshold: float = 0.5, whole: bool = False) -> None:
    need_rapidfuzz("judge 'anls'")
    if not _is_share(threshold):
        raise ConfigurationError(f"judge 'anls': threshold is {threshold!r}; give a number from 0 to 1")


@judge(check=_check_anls)
def anls(case: JudgeCase, *, threshold: float = 0.5, whole: bool = False) -> Score:
    """Average normalised Levenshtein similarity, as in ST-VQA and DocVQA; the mean is the task's.

    Source: Biten et al. 2019 (arXiv:1905.13648), section 4: texts are compared without regard to case, the
    best gold counts, and a similarity below the threshold is 0 because then the answer was misread, not
    misspelt.

    Arguments:
        case: what is judged.
        threshold: similarities below it are 0.
        whole: compare the whole reply and not only what stands after "ANSWER:" and the like.

    Raises:
        JudgeError: the target is no text nor a list of texts.
    """
    golds = accepted_texts(case, "anls")
    answer = _answer(case, whole=whole)
    if not answer:
        return no_answer()
    best = max(_similar(answer, gold, ignore_case=True, unit="character") for gold in golds)
    value = best if best >= threshold else 0.0
    return Score(value, best == 1.0, explanation=f"similarity {best:.3f}", evidence={"extracted": answer})
