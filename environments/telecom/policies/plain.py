"""Agents that solve nothing: what they earn is what a task gives away."""

from __future__ import annotations

from collections.abc import Generator

from agentbench_sdk.environments.telecom.policies.desk import Desk
from agentbench_sdk.simulation import Act, Opening

_NOTHING = (
    "Thank you for telling me. I understand how annoying that is.",
    "I see. Thank you for your patience.",
    "I quite understand. Thank you for staying with me.",
)


def do_nothing(opening: Opening) -> Generator[Act, str, None]:
    """Be friendly, and do nothing."""
    desk = Desk.at(opening)
    if desk.alone:
        yield from desk.close("")
    while True:
        for text in _NOTHING:
            yield Act(text=text)


def always_transfer(opening: Opening) -> Generator[Act, str, None]:
    """Hand every case to a human at once."""
    yield from Desk.at(opening).hand_over("The customer needs help with the phone.")
