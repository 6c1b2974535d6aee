"""Conditions in an agent's words: "if airplane mode is on", "if it still does not work", "if you don't mind"."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final

from agentbench_sdk.environments.telecom.users.topics import SWITCHED, topics
from agentbench_sdk.environments.telecom.users.verbs import direction


@dataclass(frozen=True, slots=True)
class Condition:
    """Something that must hold.

    Attributes:
        topic: of what; "goal" for whether the trouble is gone; "" for something that a phone cannot tell.
        state: "on", "off", "missing", "locked", "active", "none" (signal), "yes" or "no" (goal); "" for another.
    """

    topic: str
    state: str = ""

    def inverted(self) -> Condition:
        """The opposite."""
        return replace(self, state=_OPPOSITES.get(self.state, ""))


_OPPOSITES: Final = {"on": "off", "off": "on", "yes": "no", "no": "yes"}
_POLITE = re.compile(
    r"^(?:you (?:don't|do not|wouldn't|would not) mind|you (?:can|could|please|would|will)(?: please)?$|you(?:'d| would)? (?:like|wish|prefer|want|please)(?: to)?$|"
    r"you(?:'re| are) (?:ready|able|willing|okay|ok|happy|comfortable|at your|near)|you (?:agree|accept|approve|have a moment|have it|have time|are able)|"
    r"possible|at all possible|not already|you haven't|you have not|needed|necessary|required|(?:that|it)(?:'s| is) (?:ok|okay|all right|alright|fine)|"
    r"everything looks (?:correct|right|good)|the amount is|you(?:'re| are) (?:ok|okay|fine) with|it looks (?:correct|right)|"
    r"(?:it|this) (?:isn't|is not) already|it's currently|so$|that is the case|that's the case|it is$|applicable|available|prompted|you see (?:it|the payment|a payment|one))"
)
_PERSISTS = re.compile(
    r"\b(?:still|doesn't (?:help|work|fix|solve|resolve)|does not (?:help|work|fix|solve|resolve)|didn't|did not (?:help|work)|persists?|"
    r"continues|remains?|no (?:change|luck|improvement|success)|not (?:working|resolved|fixed|solved)|isn't (?:working|resolved|fixed)|fails?|"
    r"that (?:is|was) not enough|hasn't|unsuccessful|no better)\b"
)
_WORKS = re.compile(
    r"\b(?:it works|works now|is working|(?:is|gets) (?:resolved|fixed|solved)|everything works|that (?:helps|works|fixes))\b"
)
_SIM_STATES = (
    ("missing", re.compile(r"\b(?:missing|not (?:detected|inserted|found|recogni[sz]ed|seated)|no sim|isn't (?:detected|inserted)|loose)\b")),
    ("locked", re.compile(r"\b(?:locked|pin|puk)\b")),
    ("active", re.compile(r"\b(?:active|working|fine|ok|okay|inserted|detected)\b")),
)  # fmt: skip
_NO_SIGNAL = re.compile(r"\b(?:no|without|lost|missing|isn't any|don't (?:see|have)|not)\b")


def condition_in(clause: str, topic: str) -> Condition | None:
    """The condition of a clause that follows an "if"; None for a mere politeness.

    Arguments:
        clause: what stands after the "if".
        topic: what "it" is.
    """
    text = clause.strip(" ,.!?")
    if _POLITE.search(text):
        return None
    named = topics(text)
    if _PERSISTS.search(text) and not (named and set(named) <= SWITCHED and direction(text) is not None):
        return Condition("goal", "no")
    if _WORKS.search(text):
        return Condition("goal", "yes")
    about = named[0] if named else (topic if re.search(r"\b(?:it|it's|that|this)\b", text) else "")
    return Condition(about, _state(about, text))


def _state(topic: str, text: str) -> str:
    if topic in SWITCHED:
        stands = direction(text)
        return "" if stands is None else "on" if stands else "off"
    if topic == "sim":
        return next((state for state, pattern in _SIM_STATES if pattern.search(text)), "")
    if topic in {"signal", "bar"}:
        return "none" if _NO_SIGNAL.search(text) else ""
    return ""
