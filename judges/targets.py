"""What a sample holds as its right answer, read in the form that a judge needs.

A target of the wrong form is the task's fault and never the model's: it raises `JudgeError`, and the
judging stage makes "unscored" of it.
"""

from __future__ import annotations

from collections.abc import Sequence

from agentbench_sdk.errors import JudgeError
from agentbench_sdk.judging import JudgeCase


def bad_target(case: JudgeCase, judge: str, wanted: str) -> JudgeError:
    """The refusal of a target, in one sentence that names the sample and what is accepted."""
    shown = repr(case.target)
    shown = shown if len(shown) <= 80 else shown[:77] + "…"
    return JudgeError(
        f"sample {case.sample_id!r}: the target {shown} is not for judge {judge!r}; give {wanted}"
    )


def alternatives(case: JudgeCase) -> list[object]:
    """The target as a list of accepted ones; a target that is no list is the only one."""
    target = case.target
    if isinstance(target, Sequence) and not isinstance(target, str):
        return list(target)
    return [target]


def accepted_texts(case: JudgeCase, judge: str) -> list[str]:
    """The accepted texts.

    Raises:
        JudgeError: the target is neither a text nor a list of texts, or one of them is empty.
    """
    texts = [each for each in alternatives(case) if isinstance(each, str) and each.strip()]
    if not texts or len(texts) < len(alternatives(case)):
        raise bad_target(case, judge, "a text or a list of texts, none of them empty")
    return texts
