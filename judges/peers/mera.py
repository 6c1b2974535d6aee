"""MERA's scorers: `exact_match` of the harness, and the intent and slots of ruSLUn.

Measured on replies that those scorers saw: the reply of ruSLUn is lower-cased and the reference is not, so an
intent with a capital never matches; punctuation goes before numbers are compared, so "15" is "-1.5".
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from agentbench_sdk.judges.peers.signs import without_signs
from agentbench_sdk.judges.slots import slot_f1, verdict
from agentbench_sdk.judging import Score


def harness_exact(reply: str, target: str, *, ignore_case: bool, ignore_punctuation: bool) -> bool:
    """`exact_match` of lm-eval 0.4.13: white space counts, ASCII punctuation goes when it is to be ignored.

    >>> harness_exact("15", "-1.5", ignore_case=True, ignore_punctuation=True)
    True
    """
    texts = [reply, target]
    if ignore_case:
        texts = [text.lower() for text in texts]
    if ignore_punctuation:
        texts = [without_signs(text) for text in texts]
    return texts[0] == texts[1]


def score_slots(reply: str, target: Mapping[str, Any], metric: str) -> Score:
    """The two figures of ruSLUn as its public scorer computes them; unscored where it crashes."""
    text = re.sub(r"^```(?:json)?|```$", "", reply.lower().strip()).strip().strip("`").strip()
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return verdict(intent=False, overlap=0.0, metric=metric, extracted=None)
    slots = value.get("slots", []) if isinstance(value, Mapping) else None
    if not isinstance(slots, list) or not all(isinstance(each, Mapping) for each in slots):
        return Score.unscored("MERA's scorer crashes on this reply")
    intent = value.get("intent") == target.get("intent")
    found, wanted = Counter(_pairs(slots)), Counter(_pairs(target.get("slots") or []))
    return verdict(intent, slot_f1(found, wanted), metric, dict(value))


def _pairs(slots: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    for slot in slots:
        for name, text in slot.items():
            yield str(name), str(text)
