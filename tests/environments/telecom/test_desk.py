"""How the reference agents reach the phone: through a customer's words, or alone on a ticket."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest

from agentbench_sdk.environments.telecom.policies.desk import TRANSFER_NOTICE, Desk
from agentbench_sdk.environments.telecom.requests import REASONS, request_for
from agentbench_sdk.simulation import Act, Opening


def talked(run: Generator[Act, str, Any], *answers: str) -> tuple[list[Act], Any]:
    """The acts of a run that is answered so, and what it returns."""
    acts = [next(run)]
    for answer in answers:
        try:
            act = run.send(answer)
        except StopIteration as done:
            return acts, done.value
        acts.append(act)
    return acts, None


def with_customer() -> Desk:
    return Desk.at(Opening("policy", "My phone is dead."))


def test_a_customer_is_asked_in_words_and_understood() -> None:
    """The answer is what the phone is known to show."""
    acts, seen = talked(with_customer().phone("check_sim_status"), "It says no SIM card detected.")
    assert [act.text for act in acts] == [request_for("check_sim_status")]
    assert seen == {"sim": "missing"}


def test_a_customer_who_asks_back_is_told_why_and_asked_again() -> None:
    """Somebody who does not know the word has not looked yet."""
    acts, seen = talked(with_customer().phone("check_vpn_status"), "What is a VPN?", "VPN is turned OFF.")
    assert acts[1].text == f"{REASONS['check_vpn_status']} {request_for('check_vpn_status')}"
    assert seen["vpn"] is False


@pytest.mark.parametrize(("answer", "expected"), [("It's on.", True), ("No.", False), ("Off", False)])
def test_a_bare_answer_counts_for_the_one_switch_that_was_asked_for(answer: str, expected: bool) -> None:
    """People do not repeat the question."""
    _, seen = talked(with_customer().phone("check_wifi_calling_status"), answer)
    assert seen["wifi_calling"] is expected


def test_a_switch_that_was_turned_the_wrong_way_is_asked_for_again() -> None:
    """A toggle turns over, whichever way it stood."""
    acts, seen = talked(
        with_customer().phone("toggle_airplane_mode"), "Airplane mode is now ON.", "Airplane mode is now OFF."
    )
    assert len(acts) == 2
    assert seen["airplane"] is False


def test_done_is_believed() -> None:
    """A customer need not quote the phone after each step; the test at the end shows it."""
    acts, seen = talked(with_customer().phone("toggle_data"), "Done!")
    assert len(acts) == 1
    assert seen["data"] is True


def test_a_customer_who_never_answers_the_question_is_not_asked_for_ever() -> None:
    """Three times, then the agent goes on without."""
    acts, seen = talked(with_customer().phone("check_sim_status"), "Hm.", "Well.", "You know.")
    assert len(acts) == 3
    assert seen == {}


def test_on_a_ticket_the_phone_is_the_agents_own() -> None:
    """There is nobody to ask."""
    desk = Desk.at(Opening("policy", "<ticket>No signal. Name: Ada Low.</ticket>"))
    acts, seen = talked(desk.phone("check_sim_status"), "The SIM card is locked with a PIN code.")
    assert acts == [Act("check_sim_status", {})]
    assert seen == {"sim": "locked_pin"}


def test_on_a_ticket_a_question_is_answered_by_what_the_ticket_says_about_it() -> None:
    """Consent to a payment is no consent to extra data."""
    desk = Desk.at(
        Opening("policy", "<ticket>No signal. They do not change plans but they pay bills.</ticket>")
    )
    with pytest.raises(StopIteration) as told:
        next(desk.ask("Would you like to pay?", about=r"\bpay\b"))
    assert told.value.value == "they pay bills."


def test_who_is_handed_over_is_told_so_after_the_call() -> None:
    """The rules of the desk want the call first, then these words."""
    acts, _ = talked(with_customer().hand_over("locked"), "Transfer successful", "Thanks")
    assert acts[0] == Act("transfer_to_human_agents", {"summary": "locked"})
    assert [act.text for act in acts[1:]] == [TRANSFER_NOTICE, TRANSFER_NOTICE]
