"""`relaxed`: numbers may be off by 5 %, words must be the same: how charts are read (Methani et al. 2020,
PlotQA; Masry et al. 2022, ChartQA, section 5.1).
"""

from __future__ import annotations

import math
from typing import Literal

from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.judges.answers import answer_text, no_answer
from agentbench_sdk.judges.normalisation import normalised
from agentbench_sdk.judges.numbers import close_to, parse_number, shown
from agentbench_sdk.judges.numeric import extract_number
from agentbench_sdk.judges.peers.pipeline import lmms_text
from agentbench_sdk.judges.stated import answer_readings
from agentbench_sdk.judges.targets import alternatives, bad_target
from agentbench_sdk.judging import JudgeCase, Score, judge


def _check(*, tolerance: float = 0.05, compat: str = "") -> None:
    number = isinstance(tolerance, int | float) and not isinstance(tolerance, bool)
    if not number or not 0 <= tolerance < 1:
        raise ConfigurationError(
            f"judge 'relaxed': tolerance is {tolerance!r}; give a share from 0 to below 1"
        )
    if compat not in ("", "lmms-eval"):
        raise ConfigurationError(f"judge 'relaxed': compat is {compat!r}; give 'lmms-eval' or nothing")


@judge(check=_check)
def relaxed(case: JudgeCase, *, tolerance: float = 0.05, compat: Literal["", "lmms-eval"] = "") -> Score:
    """Pass if a number is within a share of the target, or a text is the target, case aside.

    Arguments:
        case: what is judged.
        tolerance: greatest distance as a share of the target; a target of 0 must be met.
        compat: "lmms-eval" (as pix2struct's script): the whole reply is one float, where a percent sign
            divides by 100 and a comma makes it a text, or it is compared as text.

    A number is read as `numeric` reads it, so "The answer is 1,250." counts; 67 and 67% are the same where
    the target is above 1, and 0.67 is 67%.

    Raises:
        JudgeError: the target is neither text nor number, nor a list of them.
    """
    targets = [_target(case, each) for each in alternatives(case)]
    if not targets:
        raise bad_target(case, "relaxed", "a text or a number")
    if compat == "lmms-eval":
        text = lmms_text(case.answer)
        passed = any(_peer_match(text, each, tolerance) for each in targets)
        return Score(float(passed), passed, evidence={"extracted": text})
    text = answer_text(case)
    if not text:
        return no_answer()
    found = [_found(text, each, tolerance) for each in targets]
    passed = any(right for right, _ in found)
    read = next((each for right, each in found if right), found[0][1])
    explanation = f"{read!r} {'is' if passed else 'is not'} {' or '.join(targets)}"
    return Score(float(passed), passed, explanation=explanation, evidence={"extracted": read})


def _target(case: JudgeCase, target: object) -> str:
    if isinstance(target, str) and target.strip():
        return target
    if isinstance(target, int | float) and not isinstance(target, bool) and math.isfinite(target):
        return repr(target)
    raise bad_target(case, "relaxed", "a text or a number, or a list of them")


def _found(text: str, target: str, tolerance: float) -> tuple[bool, str]:
    """Whether a reply meets a target, and what was read of it."""
    wanted = parse_number(target)
    if wanted is None:
        said = [_plain(each) for each in (text, *answer_readings(text))]
        return _plain(target) in said, said[-1]
    number = extract_number(text)
    if number is None:
        return False, ""
    return close_to(number, wanted, relative=tolerance), shown(number)


def _plain(text: str) -> str:
    return normalised(text, ignore_case=True).strip(" .*\"'`")


def _peer_match(text: str, target: str, tolerance: float) -> bool:
    found, wanted = _peer_float(text), _peer_float(target)
    if found is not None and wanted:
        return abs(found - wanted) / abs(wanted) <= tolerance
    return text.lower() == target.lower()


def _peer_float(text: str) -> float | None:
    try:
        return float(text.rstrip("%")) / 100 if text.endswith("%") else float(text)
    except ValueError:
        return None
