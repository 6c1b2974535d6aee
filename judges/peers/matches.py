"""`peer_match`: whether a short answer is the target as a named peer compares them."""

from __future__ import annotations

import re
from collections.abc import Callable

from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.judges.peers.pipeline import lmms_text
from agentbench_sdk.judges.peers.signs import without_signs
from agentbench_sdk.judges.targets import alternatives, bad_target
from agentbench_sdk.judging import JudgeCase, Score, judge

_FULL_WIDTH = {0x3000: " "} | {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
_SOUNDS = ("Laughter", "Sniff", "Throat clearing", "Cough", "Sigh", "Sneeze")


def _exact(reply: str, target: str) -> bool:
    """GQA, Clotho-AQA: equal without case and ASCII punctuation."""
    return without_signs(lmms_text(reply).lower()) == without_signs(target.lower())


def _point_filter(reply: str, target: str) -> bool:
    """AI2D: a raw reply that begins with a capital and a full stop is that capital; then as "exact"."""
    found = re.match(r"\s*([A-Z])\.", reply)
    return _exact(found[1] if found else reply, target)


def _no_final_stop(reply: str, target: str) -> bool:
    """RealWorldQA, answers that are no letters: equal without case and final full stops."""
    return lmms_text(reply).lower().rstrip(".") == target.lower()


def _contains(reply: str, target: str) -> bool:
    """OCRBench: the target stands in the reply, even inside a word; full width is half width."""
    plain = [_line(each) for each in (target, lmms_text(reply))]
    return plain[0] in plain[1]


def _line(text: str) -> str:
    return text.translate(_FULL_WIDTH).lower().strip().replace("\n", " ")


def _contains_formula(reply: str, target: str) -> bool:
    """OCRBench, HME100k: as "contains", with case and without blanks."""
    bare = [each.replace("\n", "").replace(" ", "") for each in (target.strip(), lmms_text(reply))]
    return bare[0] in bare[1]


def _first_sound(reply: str, target: str) -> bool:
    """VocalSound: the first of six names, in the list's order, whose first word stands in the reply."""
    text = lmms_text(reply).lower()
    found = (name for name in _SOUNDS if name.split()[0].lower() in text)
    return next(found, None) == target


RULES: dict[str, Callable[[str, str], bool]] = {
    "contains": _contains,
    "contains-formula": _contains_formula,
    "exact": _exact,
    "first-sound": _first_sound,
    "no-final-stop": _no_final_stop,
    "point-filter": _point_filter,
}


def _check(*, rule: str) -> None:
    if rule not in RULES:
        raise ConfigurationError(f"judge 'peer_match': rule is {rule!r}; give one of {', '.join(RULES)}")


@judge(check=_check)
def peer_match(case: JudgeCase, *, rule: str) -> Score:
    """Pass if the reply is the target, or one of them, as lmms-eval compares them.

    Arguments:
        case: what is judged.
        rule: "contains" and "contains-formula" (OCRBench), "exact" (GQA, Clotho-AQA), "first-sound"
            (VocalSound), "no-final-stop" (RealWorldQA), "point-filter" (AI2D).

    Raises:
        JudgeError: the target is neither a text nor a list of texts.
    """
    targets = [each for each in alternatives(case) if isinstance(each, str)]
    if not targets or len(targets) < len(alternatives(case)):
        raise bad_target(case, "peer_match", "a text or a list of texts")
    passed = any(RULES[rule](case.answer, target) for target in targets)
    return Score(float(passed), passed, evidence={"extracted": lmms_text(case.answer)})
