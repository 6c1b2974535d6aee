"""Workflow: a careful human agent without any hint. It identifies, looks, repairs, tests, and hands over at the end.

It works from the bottom of the connection to its top: a cause further up may show only when the one below it is
gone. Each round ends with the test of the trouble that the customer called about.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Final

from agentbench_sdk.environments.telecom.policies.account import find_account
from agentbench_sdk.environments.telecom.policies.desk import Desk, HandOver
from agentbench_sdk.environments.telecom.policies.repairs import (
    Case,
    let_pictures_through,
    restore_data,
    restore_service,
    speed_up,
)
from agentbench_sdk.environments.telecom.words import Trouble, trouble
from agentbench_sdk.simulation import Act, Opening

ROUNDS: Final = 2
_WHAT = (
    "I am sorry that there is trouble. Is it that you have no signal, that the internet is missing or slow, or "
    "that you cannot send pictures?"
)
_SOLVED = (
    "I am glad: by this test your phone works as it should again. Is there anything else I can do for you?"
)


def workflow(opening: Opening) -> Generator[Act, str, None]:
    """Play one session."""
    desk = Desk.at(opening)
    try:
        yield from _serve(desk)
    except HandOver as needed:
        yield from desk.hand_over(str(needed))


def _serve(desk: Desk) -> Generator[Act, str, None]:
    told = desk.heard.partition(".")[0] if desk.alone else desk.heard  # a ticket names it first
    what = trouble(told) or trouble((yield from desk.ask(_WHAT))) or "service"
    case = Case(desk, (yield from find_account(desk)))
    for _ in range(ROUNDS):
        if (yield from _repaired(case, what)):
            yield from desk.close(_SOLVED)
        desk.seen.clear()  # what was seen did not lead to the cause
        yield from case.account.reread(desk)
    raise HandOver(
        "Everything that the technical guide knows has been tried, and the trouble is still there."
    )


def _repaired(case: Case, what: Trouble) -> Generator[Act, str, bool]:
    """One round; stops at the first test that is good."""
    yield from restore_service(case)
    if what == "service":
        return case.has_signal
    yield from restore_data(case)
    if (yield from _works(case, what)):
        return True
    yield from speed_up(case) if what == "internet" else let_pictures_through(case)
    return (yield from _works(case, what))


def _works(case: Case, what: Trouble) -> Generator[Act, str, bool]:
    if what == "internet":
        yield from case.desk.phone("run_speed_test")
        return case.sees("speed_label") == "excellent"
    yield from case.desk.phone("can_send_mms")
    return case.sees("mms") is True
