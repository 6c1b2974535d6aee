"""`slots`: intent and slots of an utterance, as in spoken-language understanding (SNIPS, MERA's ruSLUn).

The answer is an object {"intent": text, "slots": [{name: value}, …]}. The intent must be right, and slots
earn their F1: name and value must both agree. Source: MERA (Fenogenova et al. 2024, arXiv:2401.04531), task
ruSLUn; with `compat="mera"` as its public scorer computes it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, get_args

from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.judges.answers import answer_text, no_answer
from agentbench_sdk.judges.json_values import whole_json
from agentbench_sdk.judges.normalisation import normalised
from agentbench_sdk.judges.overlap import f1
from agentbench_sdk.judges.targets import bad_target
from agentbench_sdk.judging import JudgeCase, Score, judge

Metric = Literal["slot_f1", "intent", "both"]


def _check(*, metric: str = "slot_f1", compat: str = "") -> None:
    if metric not in get_args(Metric):
        raise ConfigurationError(
            f"judge 'slots': metric is {metric!r}; give one of {', '.join(get_args(Metric))}"
        )
    if compat not in ("", "mera"):
        raise ConfigurationError(f"judge 'slots': compat is {compat!r}; give 'mera'")


@judge(check=_check)
def slots(case: JudgeCase, *, metric: Metric = "slot_f1", compat: str = "") -> Score:
    """F1 of the slots, or whether the intent is right; passed when both are right.

    Arguments:
        case: what is judged; the target is an object with `intent` and `slots`.
        metric: the value: "slot_f1", "intent" (0 or 1), or "both" (0 or 1).
        compat: "mera" lower-cases the reply but not the target's intent, so that an intent with a capital never
            matches, counts no slots as all right where none are wanted, and crashes on a list (unscored).

    Raises:
        JudgeError: the target is no such object.
    """
    target = case.target
    if not isinstance(target, Mapping) or not isinstance(target.get("intent"), str):
        raise bad_target(case, "slots", "an object with 'intent' and 'slots'")
    if compat:
        from agentbench_sdk.judges.peers import mera

        return mera.score_slots(case.answer, target, metric)
    text = answer_text(case)
    if not text:
        return no_answer()
    value = _read(text)
    if not isinstance(value, Mapping):
        return Score(0.0, False, None, "the answer is no JSON object", {"extracted": None})
    intent = _key(value.get("intent")) == _key(target["intent"])
    overlap = slot_f1(Counter(_pairs(value.get("slots"))), Counter(_pairs(target.get("slots"))))
    # Without slots to find, finding none is right only beside the right intent.
    overlap = overlap if intent or target.get("slots") else 0.0
    return verdict(intent, overlap, metric, dict(value))


def verdict(intent: bool, overlap: float, metric: str, extracted: Any) -> Score:
    """The score of an intent and of the slots' F1, by metric."""
    passed = intent and overlap == 1.0
    value = {"slot_f1": overlap, "intent": float(intent), "both": float(passed)}[metric]
    why = f"intent {'right' if intent else 'wrong'}, F1 of the slots {overlap:.3f}"
    return Score(
        value,
        passed,
        explanation=why,
        evidence={"extracted": extracted, "intent": intent, "slot_f1": overlap},
    )


def slot_f1(found: Counter[Any], wanted: Counter[Any]) -> float:
    """F1 of two bags; two empty ones agree.

    >>> slot_f1(Counter(a=1, b=1), Counter(a=1))
    0.6666666666666666
    """
    if not found and not wanted:
        return 1.0
    return f1((found & wanted).total(), found.total(), wanted.total())


def _read(text: str) -> Any:
    try:
        return whole_json(text.strip().strip("`").strip() if text.count("`") == 2 else text)
    except ValueError:
        return None


def _pairs(value: Any) -> Iterator[tuple[str, str]]:
    """(name, value) of every slot, in one object or a list of them."""
    entries: Sequence[Any] = (
        [value] if isinstance(value, Mapping) else value if isinstance(value, list) else []
    )
    for entry in entries:
        for name, text in entry.items() if isinstance(entry, Mapping) else ():
            yield _key(name), _key(text)


def _key(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)
    return normalised(text, ignore_case=True)
