"""When a customer may end a conversation, and when it is time to."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import takewhile
from typing import Final

from agentbench_sdk.environments.telecom.trajectory import Called, Said

STOP: Final = "###STOP###"
TRANSFER: Final = "###TRANSFER###"
OUT_OF_SCOPE: Final = "###OUT-OF-SCOPE###"
MARKS: Final = (STOP, TRANSFER, OUT_OF_SCOPE)

IDLE_TURNS: Final = 3
LONG: Final = 30

_TRANSFERRED: Final = re.compile(
    r"transfer|human agent|escalat|specialist|colleague|supervisor|technician|another (?:agent|team|department)|hand(?:ing)? (?:you|this) over",
    re.IGNORECASE,
)
_GIVEN_UP: Final = re.compile(
    r"good ?bye|have a (?:great|nice|good|wonderful|lovely)|\bbye\b|(?:can(?:'t|not)|unable to|not able to|not possible to) (?:help|assist|fix|"
    r"resolve|solve|do|lift|resume|unlock|process)|nothing (?:else|more|further) (?:i|we) can|(?:visit|go to) (?:a|the|your|our) (?:store|shop)|"
    r"call (?:us )?back|contact (?:us|support|customer)",
    re.IGNORECASE,
)
_THANKS: Final = re.compile(
    r"\b(?:thank|thanks|great|perfect|wonderful|goodbye|bye|appreciate|excellent news|no,? that(?:'s| is) all)\b",
    re.IGNORECASE,
)
_LIVE: Final = re.compile(r"\?|\b(?:but|still|not|wait|however|also|problem|trouble)\b", re.IGNORECASE)


def was_transferred(trajectory: Sequence[Said | Called]) -> bool:
    """Whether the desk has transferred the customer, or has spoken of it."""
    return any(
        step.name == "transfer_to_human_agents"
        if isinstance(step, Called)
        else _TRANSFERRED.search(step.text)
        for step in trajectory
        if step.actor == "agent"
    )


def may_give_up(trajectory: Sequence[Said | Called]) -> bool:
    """Whether a customer may end although nothing is solved: the desk gave up, or does nothing any more."""
    said = [step.text for step in trajectory if isinstance(step, Said) and step.actor == "agent"]
    if was_transferred(trajectory) or (said and _GIVEN_UP.search(said[-1].replace("’", "'"))):
        return True
    return _idle_turns(trajectory) >= IDLE_TURNS or len(said) > LONG


def idles_on(text: str, user_said: Sequence[str], trajectory: Sequence[Said | Called]) -> bool:
    """Whether the customer only exchanges thanks, for the third time, after the phone was last looked at."""
    if any(mark in text for mark in MARKS) or _idle_turns(trajectory) < IDLE_TURNS:
        return False
    return all(_THANKS.search(each) and not _LIVE.search(each) for each in (text, *user_said[-2:]))


def _idle_turns(trajectory: Sequence[Said | Called]) -> int:
    """Messages of the desk since anybody last used a tool."""
    since = takewhile(lambda step: isinstance(step, Said), reversed(trajectory))
    return sum(step.actor == "agent" for step in since)
