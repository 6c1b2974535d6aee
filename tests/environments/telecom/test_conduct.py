"""Rules that the agent broke and calls that nobody needed are found with the entry that shows them."""

from __future__ import annotations

from typing import Any

import pytest

from agentbench_sdk.environments.telecom.conduct import (
    ANNOUNCEMENT,
    conduct,
    needless_writes,
    repeated_calls,
    violations,
    walk,
)
from agentbench_sdk.environments.telecom.core import TelecomCore
from agentbench_sdk.environments.telecom.own import facts, own_data
from agentbench_sdk.environments.telecom.task import TelecomTask
from agentbench_sdk.environments.telecom.trajectory import Called, Said, Trajectory
from agentbench_sdk.simulation import Actor

DATA = own_data()
Step = tuple[Actor, str, dict[str, Any]] | Said


def with_fault(*names: str) -> TelecomTask:
    return next(task for task in DATA.tasks("full") if facts(task).faults == names)


def play(task: TelecomTask, *steps: Step, solo: bool = False) -> Trajectory:
    core = TelecomCore(DATA.database, solo=solo)
    core.initialise(task)
    done: Trajectory = []
    for step in steps:
        if isinstance(step, Said):
            done.append(step)
            continue
        answer = core.call(*step)
        done.append(Called(*step, answer.content, answer.error, answer.outcome))
    return done


def rules(task: TelecomTask, *steps: Step, solo: bool = False) -> list[tuple[str, int]]:
    trajectory = play(task, *steps, solo=solo)
    walked = walk(task, trajectory, DATA.database, solo=solo)
    return [(each.rule, each.entry) for each in violations(task, trajectory, walked, solo=solo)]


def who(task: TelecomTask) -> dict[str, str]:
    found = facts(task)
    return {"customer_id": found.customer, "line_id": found.line}


def look_up(task: TelecomTask) -> Step:
    return ("agent", "get_customer_by_id", {"customer_id": facts(task).customer})


def reference(task: TelecomTask) -> list[Step]:
    assert task.evaluation_criteria is not None
    return [
        ("agent" if action.requestor == "assistant" else "user", action.name, dict(action.arguments))
        for action in task.evaluation_criteria.actions or []
    ]


def test_no_reference_breaks_a_rule_or_makes_a_needless_call() -> None:
    for task in DATA.tasks("full"):
        trajectory = play(task, look_up(task), *reference(task))
        found = conduct(task, trajectory, DATA.database)
        assert (found["policy_violations"], found["needless_writes"]) == (0, 0), (task.id, found)


def test_a_bill_that_is_not_overdue_may_not_be_asked_for() -> None:
    task = with_fault("bill_unpaid")
    core = TelecomCore(DATA.database)
    core.initialise(task)
    bills = [bill for bill in core.agent_state()["bills"] if bill["customer_id"] == facts(task).customer]
    paid = next(bill["bill_id"] for bill in bills if bill["status"] != "Overdue")
    overdue = next(bill["bill_id"] for bill in bills if bill["status"] == "Overdue")
    key = {"customer_id": facts(task).customer}
    ask = "send_payment_request"
    assert rules(task, look_up(task), ("agent", ask, {**key, "bill_id": paid})) == [("billed_not_overdue", 1)]
    assert rules(task, look_up(task), ("agent", ask, {**key, "bill_id": overdue})) == []
    assert rules(task, look_up(task), ("agent", ask, {**key, "bill_id": "B0"})) == []


def test_a_line_may_not_be_resumed_while_a_bill_is_unpaid_or_after_its_contract() -> None:
    unpaid, ended = with_fault("bill_unpaid"), with_fault("contract_ended")
    resume = "resume_line"
    assert ("resumed_unpaid", 1) in rules(unpaid, look_up(unpaid), ("agent", resume, who(unpaid)))
    assert ("resumed_ended_contract", 1) in rules(ended, look_up(ended), ("agent", resume, who(ended)))


def test_two_gigabytes_are_the_most_that_may_be_added() -> None:
    task = with_fault("data_used_up")

    def refuel(*amounts: float) -> list[tuple[str, int]]:
        calls: list[Step] = [("agent", "refuel_data", {**who(task), "gb_amount": each}) for each in amounts]
        return rules(task, look_up(task), *calls)

    assert refuel(2.0) == refuel(1, 1.0) == []
    assert refuel(2.5) == [("refuelled_too_much", 1)]
    assert refuel(1.5, 1) == [("refuelled_too_much", 2)]


def test_a_transfer_needs_a_case_that_cannot_be_solved_and_a_word_to_the_customer() -> None:
    transfer: Step = ("agent", "transfer_to_human_agents", {"summary": "x"})
    told, silent = Said("agent", f"{ANNOUNCEMENT}. PLEASE HOLD ON."), Said("agent", "Bye.")
    hopeless, easy = with_fault("sim_locked_pin"), with_fault("airplane_mode")
    assert rules(hopeless, transfer, told) == rules(hopeless, transfer) == []
    assert rules(hopeless, transfer, silent) == [("handed_over_untold", 0)]
    assert rules(easy, transfer, told) == [("handed_over_solvable", 0)]
    assert rules(hopeless, transfer, silent, solo=True) == []


def test_a_text_and_a_call_of_one_message_are_seen() -> None:
    task = with_fault("airplane_mode")
    words, answer = Said("agent", "Let me look."), Said("user", "ok")
    assert rules(task, words, look_up(task)) == [("text_with_call", 0)]
    assert rules(task, words, answer, look_up(task)) == []


def test_the_customer_is_looked_up_before_anything_is_changed() -> None:
    task = with_fault("roaming_line_off")
    enable: Step = ("agent", "enable_roaming", who(task))
    assert rules(task, enable) == [("unidentified", 0)]
    assert rules(task, look_up(task), enable) == []
    assert rules(task, enable, solo=True) == []


def needless(task: TelecomTask, *steps: Step) -> dict[str, list[int]]:
    return needless_writes(task, walk(task, play(task, *steps), DATA.database))


def test_needless_writes_change_nothing_are_undone_or_are_no_step_of_the_solution() -> None:
    task = with_fault("airplane_mode")
    off: Step = ("user", "toggle_airplane_mode", {})
    wifi: Step = ("user", "toggle_wifi_calling", {})
    assert needless(task, off) == {"without_effect": [], "undone": [], "beyond_reference": []}
    assert needless(task, wifi, off, wifi) == {"without_effect": [], "undone": [], "beyond_reference": [0, 2]}
    assert needless(task, wifi, wifi, off) == {
        "without_effect": [],
        "undone": [0],
        "beyond_reference": [0, 1],
    }
    assert needless(task, off, off, off) == {
        "without_effect": [],
        "undone": [0, 1],
        "beyond_reference": [1, 2],
    }
    vpn: Step = ("user", "disconnect_vpn", {})
    assert needless(task, vpn)["without_effect"] == [0]
    refused: Step = ("agent", "enable_roaming", {"customer_id": "C0", "line_id": "L0"})
    assert needless(task, refused) == {"without_effect": [], "undone": [], "beyond_reference": []}


def test_a_call_is_repeated_when_nothing_has_changed_since() -> None:
    task = with_fault("airplane_mode")
    bar: Step = ("user", "check_status_bar", {})
    off: Step = ("user", "toggle_airplane_mode", {})

    def repeated(*steps: Step) -> list[int]:
        return repeated_calls(walk(task, play(task, *steps), DATA.database))

    assert repeated(bar, bar, off, bar, bar) == [1, 4]
    assert repeated(look_up(task), ("agent", "get_customer_by_id", {"customer_id": "C0"})) == []


def test_the_metrics_count_both_sides() -> None:
    task = with_fault("airplane_mode")
    unknown: Step = ("agent", "check_status_bar", {})
    steps: tuple[Step, ...] = (
        Said("agent", "Hi"),
        Said("user", "No signal"),
        unknown,
        ("user", "toggle_airplane_mode", {}),
    )
    found = conduct(task, play(task, *steps), DATA.database)
    counts = {name: found[name] for name in ("agent_texts", "user_texts", "agent_calls", "user_calls")}
    assert counts == {"agent_texts": 1, "user_texts": 1, "agent_calls": 1, "user_calls": 1}
    assert (found["agent_errors"], found["user_errors"], found["writes"]) == (1, 0, 1)


def test_kinds_of_violations_are_named_with_their_number() -> None:
    task = with_fault("data_used_up")
    refuel: Step = ("agent", "refuel_data", {**who(task), "gb_amount": 2.5})
    found = conduct(task, play(task, refuel, refuel), DATA.database)
    assert found["policy_violation_kinds"] == "refuelled_too_much 2, unidentified 1"


@pytest.mark.parametrize("name", ["refuel_data", "resume_line", "send_payment_request", "no_such_tool"])
def test_calls_with_nonsense_are_no_trouble(name: str) -> None:
    task = with_fault("airplane_mode")
    nonsense: tuple[dict[str, Any], ...] = (
        {},
        {"customer_id": None, "bill_id": [], "gb_amount": "x", "line_id": {}},
    )
    for arguments in nonsense:
        found = conduct(task, play(task, ("agent", name, arguments)), DATA.database)
        assert (found["agent_calls"], found["agent_errors"], found["writes"]) == (1, 1, 0)
