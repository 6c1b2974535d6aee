"""`span`: how well the words of the answer cover those of a gold text, as in SQuAD: F1, or exact match.

Source: Rajpurkar et al. 2016 (arXiv:1606.05250) and the official `evaluate-v1.1.py`: texts are lower-cased,
punctuation and English articles go, words are compared as bags, and the best of several golds counts. Scripts
without spaces are split into characters, as MLQA's scorer does (Lewis et al. 2020, arXiv:1910.07475).
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from typing import Literal, get_args

from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.judges.answers import answer_text, no_answer
from agentbench_sdk.judges.normalisation import is_unspaced
from agentbench_sdk.judges.overlap import f1
from agentbench_sdk.judges.stated import stated_text
from agentbench_sdk.judges.targets import accepted_texts
from agentbench_sdk.judging import JudgeCase, Score, judge

Metric = Literal["f1", "exact", "precision", "recall"]


@dataclass(frozen=True, slots=True)
class Overlap:
    """Shares of words in common: of the answer's (precision), of the gold's (recall), and their harmonic mean."""

    precision: float
    recall: float
    f1: float
    exact: bool


def span_words(text: str) -> list[str]:
    """The words of a text that count, lower-cased.

    >>> span_words("The Eiffel Tower, in 巴黎!")
    ['eiffel', 'tower', 'in', '巴', '黎']
    """
    text = unicodedata.normalize("NFC", text).casefold()
    text = "".join(each for each in text if not unicodedata.category(each).startswith(("P", "S")))
    text = re.sub(r"\b(?:a|an|the)\b", " ", text)
    return "".join(f" {each} " if is_unspaced(each) else each for each in text).split()


def overlap(answer: str, gold: str) -> Overlap:
    """Words in common, with their counts.

    >>> overlap("in the Eiffel Tower", "Eiffel Tower").f1
    0.8
    """
    left, right = span_words(answer), span_words(gold)
    if not left or not right:
        same = not left and not right and answer.split() == gold.split()
        return Overlap(float(same), float(same), float(same), same)
    common = (Counter(left) & Counter(right)).total()
    precision, recall = common / len(left), common / len(right)
    return Overlap(precision, recall, f1(common, len(left), len(right)), left == right)


def _check(*, metric: str = "f1", whole: bool = False) -> None:
    if metric not in get_args(Metric):
        raise ConfigurationError(
            f"judge 'span': metric is {metric!r}; give one of {', '.join(get_args(Metric))}"
        )


@judge(check=_check)
def span(case: JudgeCase, *, metric: Metric = "f1", whole: bool = False) -> Score:
    """The overlap of the answer with the best of the golds; passed when all words are the same in order.

    Arguments:
        case: what is judged.
        metric: the value: "f1", "exact" (0 or 1), "precision" or "recall"; all are in the evidence.
        whole: compare the whole reply, as SQuAD does; otherwise what stands after "ANSWER:" and the like,
            where there is such a thing.

    The target is a text, or a list of accepted ones.

    Raises:
        JudgeError: the target is no text nor a list of texts.
    """
    golds = accepted_texts(case, "span")
    text = answer_text(case)
    answer = text if whole else stated_text(text)
    if not text or not answer:
        return no_answer()
    found = [overlap(answer, gold) for gold in golds]
    exact = any(each.exact for each in found)
    best = max(found, key=lambda each: each.f1)
    values = {name: max(getattr(each, name) for each in found) for name in ("precision", "recall", "f1")}
    value = float(exact) if metric == "exact" else values[metric]
    evidence = {"extracted": answer, "exact": exact, "f1": best.f1, **values}
    return Score(value, exact, explanation=f"F1 {best.f1:.3f} of {answer[:80]!r}", evidence=evidence)
