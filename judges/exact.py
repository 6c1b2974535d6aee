"""`exact`: the answer is the target, and nothing else."""

from __future__ import annotations

import re

from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.judges.answers import final_text, no_answer
from agentbench_sdk.judges.normalisation import normalised
from agentbench_sdk.judges.targets import accepted_texts
from agentbench_sdk.judging import JudgeCase, Score, judge


def _check(
    *,
    ignore_case: bool = False,
    ignore_punctuation: bool = False,
    strip: bool = True,
    whitespace: bool = True,
    compat: str = "",
) -> None:
    if compat not in ("", "lm-eval"):
        raise ConfigurationError(f"judge 'exact': compat is {compat!r}; give 'lm-eval'")


@judge(check=_check)
def exact(
    case: JudgeCase,
    *,
    ignore_case: bool = False,
    ignore_punctuation: bool = False,
    strip: bool = True,
    whitespace: bool = True,
    compat: str = "",
) -> Score:
    """Pass if the answer equals the target, or one of a list of targets, after Unicode NFC.

    Arguments:
        case: what is judged.
        ignore_case: "Paris" is "PARIS".
        ignore_punctuation: punctuation around words does not count; a sign before a number and a point in one do.
        strip: white space at the ends does not count.
        whitespace: runs of white space count as one space.
        compat: "lm-eval" compares as `exact_match` of that harness does, and so MERA: reasoning and white space
            count, and with `ignore_punctuation` "15" is "-1.5".

    Raises:
        JudgeError: the target is no text.
    """
    targets = accepted_texts(case, "exact")
    if compat:
        return _as_harness(
            case.answer, targets, ignore_case=ignore_case, ignore_punctuation=ignore_punctuation
        )
    text = final_text(case)
    if not text.strip():
        return no_answer()

    def form(text: str) -> str:
        text = without_punctuation(text) if ignore_punctuation else text
        return normalised(text, ignore_case=ignore_case, strip=strip, whitespace=whitespace)

    answer = form(text)
    # A text of nothing but signs is compared with them.
    passed = answer in {form(target) for target in targets} if answer.strip() else text.strip() in targets
    explanation = "the answer is the target" if passed else "the answer is not the target"
    return Score(float(passed), passed, explanation=explanation, evidence={"extracted": answer})


_SIGNS = re.compile(
    r"(?<!\d)[.,:/](?!\d)|(?<=\d)[.,:/](?!\d)|(?<!\w)-(?!\d)|(?<=\w)-(?!\w)|[^\w\s.,:/+%$€£¥°-]"
)


def without_punctuation(text: str) -> str:
    """Text without the punctuation that changes no number and joins no word.

    >>> without_punctuation("«Нет», -1.5; 3/4!")
    'Нет -1.5 3/4'
    """
    return _SIGNS.sub("", text)


def _as_harness(reply: str, targets: list[str], **options: bool) -> Score:
    from agentbench_sdk.judges.peers.mera import harness_exact

    passed = any(harness_exact(reply, target, **options) for target in targets)
    return Score(float(passed), passed, explanation="as lm-eval compares", evidence={"extracted": reply})
