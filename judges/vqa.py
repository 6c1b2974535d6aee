"""`vqa`: agreement with ten annotators, as visual question answering is scored.

Accuracy is the mean over annotators of min(1, others who gave this answer / 3), after both sides are brought
to one form (Antol et al. 2015, VQA, section 3; vqaEval.py of GT-Vision-Lab/VQA). Of ten annotators one gives
0.3, two 0.6, three 0.9 and four or more 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.judges.answers import answer_text, no_answer
from agentbench_sdk.judges.peers.pipeline import lmms_text
from agentbench_sdk.judges.targets import alternatives, bad_target
from agentbench_sdk.judges.vqa_text import evalai_form, vqa_form
from agentbench_sdk.judging import JudgeCase, Score, judge

_FORMS = {"vqa": vqa_form, "evalai": evalai_form}
_PEERS = ("official", "lmms-eval")


def _check(*, form: str = "vqa", compat: str = "") -> None:
    if form not in _FORMS:
        raise ConfigurationError(f"judge 'vqa': form is {form!r}; give 'vqa' or 'evalai'")
    if compat and compat not in _PEERS:
        raise ConfigurationError(f"judge 'vqa': compat is {compat!r}; give 'official' or 'lmms-eval'")


def vqa_accuracy(answer: str, annotators: list[str]) -> float:
    """Mean over annotators of min(1, matches among the others / 3); all texts in one form.

    >>> round(vqa_accuracy("red", ["red"] * 3 + ["blue"] * 7), 6)
    0.9
    """
    matches = annotators.count(answer)
    rest = len(annotators) - matches
    return (matches * min(1.0, (matches - 1) / 3) + rest * min(1.0, matches / 3)) / len(annotators)


@judge(check=_check)
def vqa(
    case: JudgeCase,
    *,
    form: Literal["vqa", "evalai"] = "vqa",
    compat: Literal["", "official", "lmms-eval"] = "",
) -> Score:
    """The VQA accuracy of the answer, from 0 to 1; passed where every three annotators agree with it.

    Arguments:
        case: what is judged; the target lists the annotators' answers, as texts or as {"answer": text}.
        form: "vqa" as VQA v2 normalises, "evalai" as TextVQA, VizWiz and OK-VQA do.
        compat: "official" compares texts as they are where all annotators wrote the same, as vqaEval.py
            does ("Yes." is then no "yes"); "lmms-eval" strips reasoning as that harness does, and an answer
            that its normal form leaves nothing of may match.

    Raises:
        JudgeError: the target is no list of texts.
    """
    annotators = _annotators(case)
    text = lmms_text(case.answer) if compat == "lmms-eval" else answer_text(case)
    if not text and compat != "lmms-eval":
        return no_answer()
    if compat == "official" and len(set(annotators)) == 1:
        answer = text.replace("\n", " ").replace("\t", " ").strip()
    else:
        answer, annotators = _FORMS[form](text), [_FORMS[form](each) for each in annotators]
    value = vqa_accuracy(answer, annotators) if answer or compat == "lmms-eval" else 0.0
    matches = annotators.count(answer) if value else 0
    evidence = {"extracted": answer, "matches": matches, "annotators": len(annotators)}
    explanation = f"{matches} of {len(annotators)} annotators answered {answer!r}"
    return Score(value, value >= 1.0, explanation=explanation, evidence=evidence)


def _annotators(case: JudgeCase) -> list[str]:
    given = [each.get("answer") if isinstance(each, Mapping) else each for each in alternatives(case)]
    texts = [each for each in given if isinstance(each, str)]
    if not texts or len(texts) < len(given):
        raise bad_target(case, "vqa", "a list of the annotators' answers")
    return texts
