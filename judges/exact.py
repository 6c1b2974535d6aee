"""`exact`: the answer is the target, and nothing else."""

from __future__ import annotations

from agentbench_sdk.judges.answers import no_answer, strip_reasoning
from agentbench_sdk.judges.normalisation import normalised
from agentbench_sdk.judges.targets import accepted_texts
from agentbench_sdk.judging import JudgeCase, Score, judge


@judge
def exact(
    case: JudgeCase, *, ignore_case: bool = False, strip: bool = True, whitespace: bool = True
) -> Score:
    """Pass if the answer equals the target, or one of a list of targets, after Unicode NFC.

    Arguments:
        case: what is judged.
        ignore_case: "Paris" is "PARIS".
        strip: white space at the ends does not count.
        whitespace: runs of white space count as one space.

    Raises:
        JudgeError: the target is no text.
    """
    targets = accepted_texts(case, "exact")
    text = strip_reasoning(case.answer)
    if not text.strip():
        return no_answer()
    options = {"ignore_case": ignore_case, "strip": strip, "whitespace": whitespace}
    answer = normalised(text, **options)
    passed = answer in {normalised(target, **options) for target in targets}
    explanation = "the answer is the target" if passed else "the answer is not the target"
    return Score(float(passed), passed, explanation=explanation, evidence={"extracted": answer})
