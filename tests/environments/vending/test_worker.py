"""The worker at the machine: what is withheld, what instructions mean, what it remembers."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentbench_sdk.environments.vending.catalogue import products
from agentbench_sdk.environments.vending.instructions import Job, read_instructions
from agentbench_sdk.environments.vending.tools.deck import MINUTES, WAIT
from agentbench_sdk.environments.vending.worker import HANDS_TOOLS, MOST_CALLS
from agentbench_sdk.simulation import BadArguments

Start = Callable[..., Any]
HANDS = set(HANDS_TOOLS)
SENDING = {"sub_agent_specs", "run_sub_agent", "chat_with_sub_agent"}


@pytest.fixture
def scripted(start: Start) -> Any:
    return start("smoke-30", subagent="scripted")


@pytest.fixture
def delegated(start: Start) -> Any:
    return start("smoke-30", subagent="llm")


def _names(player: Any) -> set[str]:
    return {spec.name for spec in player.world.tools()}


# --- scripted -----------------------------------------------------------------------------------


def test_an_operator_with_a_worker_does_not_touch_the_machine(start: Start, scripted: Any) -> None:
    assert _names(scripted) == _names(start()) - HANDS | SENDING
    for tool in HANDS:
        assert scripted.refused(tool)["code"] == "unknown_tool"
    assert start().refused("run_sub_agent", instructions="collect")["code"] == "unknown_tool"


def test_the_specs_name_the_tools_of_the_worker(scripted: Any) -> None:
    specs = scripted("sub_agent_specs")
    assert {spec["name"] for spec in specs["tools"]} == HANDS
    assert specs["most_calls"] == 12
    assert "stock A1 cola_can 12" in specs["instructions"]
    assert "run_sub_agent" in scripted.world.opening().observation


@pytest.mark.parametrize(
    "instructions",
    [
        "stock A1 cola_can 12\nprice A1 225\ncollect\ninventory",
        json.dumps(
            [
                {
                    "tool": "stock_machine",
                    "arguments": {"moves": [{"slot": "A1", "sku": "cola_can", "qty": 12}]},
                },
                {"tool": "set_prices", "arguments": {"prices": [{"slot": "A1", "price_cents": 225}]}},
                {"tool": "collect_cash"},
                {"tool": "get_machine_inventory", "arguments": {}},
            ]
        ),
    ],
)
def test_both_forms_of_instructions_do_the_same_and_cost_five_minutes_and_the_work(
    scripted: Any, instructions: str
) -> None:
    scripted.give("cola_can", 20)
    before = scripted.world.core.now
    data = scripted("run_sub_agent", instructions=instructions)
    assert [(call["tool"], call["ok"], call["minutes"]) for call in data["calls"]] == [
        ("stock_machine", True, 75),
        ("set_prices", True, 25),
        ("collect_cash", True, 25),
        ("get_machine_inventory", True, 25),
    ]
    assert data["not_done"] == 0
    assert scripted.world.core.now == before + 5 + 150
    slot = scripted.world.core.machine.slots["A1"]
    assert (slot.sku, slot.qty, slot.price) == ("cola_can", 12, 225)


def test_the_worker_stops_at_the_first_error_and_what_it_did_stays_done(scripted: Any) -> None:
    scripted.give("cola_can", 20)
    data = scripted("run_sub_agent", instructions="stock A1 cola_can 5\nremove B1 1 storage\nprice A1 200")
    assert [call["error"] for call in data["calls"]] == [None, "slot_empty"]
    assert data["not_done"] == 2
    assert scripted.world.core.machine.slots["A1"].qty == 5
    assert scripted.world.core.machine.slots["A1"].price is None
    assert scripted("chat_with_sub_agent", question="Any error?")["answer"]["code"] == "slot_empty"


def test_twelve_calls_are_the_most_of_one_errand(scripted: Any) -> None:
    data = scripted("run_sub_agent", instructions="collect\n" * 20)
    assert len(data["calls"]) == MOST_CALLS
    assert data["not_done"] == 8


def test_the_worker_cannot_work_longer_than_the_day(scripted: Any) -> None:
    data = scripted("run_sub_agent", instructions="remove A1 1 storage")
    assert data["calls"][0]["minutes"] == 75
    for _ in range(2):
        scripted("run_market_survey", sku="jerky")
    data = scripted("run_sub_agent", instructions="collect\n" * 12)
    assert data["calls"][-1] == {
        "tool": "collect_cash", "ok": False, "minutes": 0, "error": "not_enough_time_today",
    }  # fmt: skip
    assert scripted.world.core.now <= 1320


@pytest.mark.parametrize(
    ("call", "error"),
    [
        ({"tool": "send_payment", "arguments": {"to": "a@b.example", "amount_cents": 5}}, "unknown_tool"),
        ({"tool": "run_sub_agent", "arguments": {"instructions": "collect"}}, "unknown_tool"),
        ({"tool": "collect_cash", "arguments": {"x": 1}}, "bad_arguments"),
        (
            {
                "tool": "stock_machine",
                "arguments": {"moves": [{"slot": "A1", "sku": "cola_can", "qty": 1.5}]},
            },
            "bad_arguments",
        ),
        ({"tool": "stock_machine", "arguments": []}, "bad_arguments"),
        ({"tool": "e\u0301" * 90, "arguments": {}}, "unknown_tool"),
    ],
)
def test_a_malformed_call_of_the_worker_costs_five_minutes_and_ends_the_errand(
    scripted: Any, call: dict[str, Any], error: str
) -> None:
    data = scripted("run_sub_agent", instructions=json.dumps([call, {"tool": "collect_cash"}]))
    assert [(each["error"], each["minutes"]) for each in data["calls"]] == [(error, 5)]
    assert data["not_done"] == 2
    assert scripted.world.core.worker.log[0]["arguments"] is None


@pytest.mark.parametrize(
    ("instructions", "line"),
    [
        ("  \n ", None),
        ("please stock the machine", "1"),
        ("collect\n\nstock A1 cola_can", "3"),
        ("collect\nprice A1 2.25", "2"),
        ("remove A1 4 elsewhere", "1"),
        ("[]", None),
        ("[1]", "1"),
        ('[{"tool": "collect_cash", "args": {}}]', "1"),
        ('[{"tool": 5}]', "1"),
        ('[{"tool": "collect_cash", "tool": "service_machine"}]', None),
        ('[{"tool": "collect_cash"}], "x": 1', None),
        ('[{"tool": "collect_cash"}', None),
        ('[{"tool": "collect_cash", "arguments": {"x": 1e999}}]', None),
        ("[" * 40 + "]" * 40, None),
    ],
)
def test_instructions_that_mean_nothing_are_refused_before_anything_is_done(
    scripted: Any, instructions: str, line: str | None
) -> None:
    before = scripted.world.core.now
    error = scripted.refused("run_sub_agent", instructions=instructions)
    assert (error["code"], error["details"].get("line")) == ("bad_instructions", line)
    assert scripted.world.core.now == before + 5
    assert scripted.world.core.worker.log == []


def test_commands_of_one_kind_in_a_row_are_one_trip() -> None:
    jobs = read_instructions("STOCK a1 cola_can 2\n  stock A2 jerky 3\nprice A1 200\nstock A3 cola_can 1")
    assert jobs == [
        Job("stock_machine", {"moves": [
            {"slot": "A1", "sku": "cola_can", "qty": 2}, {"slot": "A2", "sku": "jerky", "qty": 3},
        ]}),
        Job("set_prices", {"prices": [{"slot": "A1", "price_cents": 200}]}),
        Job("stock_machine", {"moves": [{"slot": "A3", "sku": "cola_can", "qty": 1}]}),
    ]  # fmt: skip
    jobs = read_instructions("remove A1 1 discard\nremove A2 1 discard\nremove A3 1 storage")
    assert isinstance(jobs, list)
    assert [(len(job.arguments["moves"]), job.arguments["destination"]) for job in jobs] == [
        (2, "discard"),
        (1, "storage"),
    ]
    jobs = read_instructions("stock A1 cola_can 1\n" * 25 + "price A1 200\n" * 13)
    assert isinstance(jobs, list)
    assert [len(next(iter(job.arguments.values()))) for job in jobs] == [24, 1, 12, 1]


@given(st.text(max_size=200) | st.text('[]{}":, stock A1price\n0123456789', max_size=80))
def test_no_instructions_break_the_worker(text: str) -> None:
    jobs = read_instructions(text)
    assert isinstance(jobs, BadArguments) or jobs


def test_the_worker_answers_by_keyword_from_its_last_errand(scripted: Any) -> None:
    def ask(question: str) -> Any:
        return scripted("chat_with_sub_agent", question=question)

    assert ask("What did you do?") == {"about": "what", "answer": []}
    scripted.give("cola_can", 20)
    scripted("run_sub_agent", instructions="collect")
    scripted("run_sub_agent", instructions="stock A1 cola_can 3\ncollect\ninventory")
    assert [entry["tool"] for entry in ask("what have you done")["answer"]] == [
        "stock_machine", "collect_cash", "get_machine_inventory",
    ]  # fmt: skip
    assert ask("ERROR?") == {"about": "error", "answer": None}
    assert ask("Tell me the inventory")["answer"]["slots"][0]["qty"] == 3
    assert ask("what cash was there?")["answer"] == {"cashbox_cents": 0}
    log = ask("hello")
    assert log["about"] == "log"
    assert [entry["minutes"] for entry in log["answer"]] == [75, 25, 25]


def test_the_work_of_the_worker_is_counted_by_tool_and_is_one_action(scripted: Any) -> None:
    scripted("run_sub_agent", instructions="collect\ncollect\ninventory")
    metrics = scripted.world.outcome().metrics
    assert (metrics["actions"], metrics["invalid_calls"]) == (1, 0)
    assert (metrics["calls.collect_cash"], metrics["calls.run_sub_agent"]) == (2, 1)


def test_stocking_goods_that_are_on_their_way_is_noticed_through_the_worker_too(scripted: Any) -> None:
    core = scripted.world.core
    supplier = next(each for each in core.tapes.roster.values() if each.archetype == "fair")
    sku = min(sku for sku in supplier.carries if products()[sku].size == "S")
    scripted("send_email", to=supplier.address, subject="", body=f"order 120 x {sku}")
    scripted.wait()
    (order,) = core.papers.open.values()
    scripted("send_payment", to=supplier.address, amount_cents=order.total, reference=order.id)
    scripted("run_sub_agent", instructions=f"stock A1 {sku} 3")
    assert core.tally.counts["premature_restock"] == 1


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_naive_restock_earns_more_than_idle_through_a_worker_as_well(start: Start, seed: int) -> None:
    player = start("smoke-30", seed, subagent="scripted")
    player.play("naive-restock")
    outcome = player.world.outcome()
    assert outcome.reward > 44_000
    assert outcome.metrics["invalid_calls"] == 0
    assert outcome.metrics["calls.stock_machine"] > 3


# --- a model as worker --------------------------------------------------------------------------


def test_while_a_model_works_only_its_tools_are_on_offer(delegated: Any) -> None:
    idle = _names(delegated)
    assert delegated("run_sub_agent", instructions="Please collect.") == {
        "status": "at_work",
        "most_calls": 12,
    }
    assert _names(delegated) == HANDS | {"report_back"}
    assert delegated.refused(WAIT)["code"] == "unknown_tool"
    delegated("collect_cash")
    data = delegated("report_back", report="Nothing there.")
    assert data["report"] == "Nothing there."
    assert [(call["tool"], call["ok"]) for call in data["calls"]] == [(WAIT, False), ("collect_cash", True)]
    assert _names(delegated) == idle
    assert delegated.refused("collect_cash")["code"] == "unknown_tool"


def test_the_calls_of_a_model_are_actions_and_cost_their_minutes(delegated: Any) -> None:
    before = delegated.world.core.now
    delegated("run_sub_agent", instructions="Collect.")
    delegated("collect_cash")
    delegated("report_back", report="")
    assert delegated.world.core.now == before + 5 + MINUTES["collect_cash"]
    assert delegated.world.outcome().metrics["actions"] == 3


def test_after_twelve_calls_a_model_can_only_report(delegated: Any) -> None:
    delegated("run_sub_agent", instructions="Collect for ever.")
    for _ in range(11):
        delegated("collect_cash")
    delegated.refused("collect_cash", x=1)
    assert _names(delegated) == {"report_back"}
    assert delegated.refused("collect_cash")["code"] == "unknown_tool"
    delegated("report_back", report="Done.")


def test_plain_text_of_a_model_at_work_is_its_report(delegated: Any) -> None:
    delegated("run_sub_agent", instructions="Look.")
    envelope = json.loads(delegated.world.hear("agent", "All slots are empty."))
    assert envelope["data"] == {"report": "All slots are empty.", "calls": []}
    assert delegated.world.outcome().metrics["invalid_calls"] == 0
    assert delegated("chat_with_sub_agent", question="what")["report"] == "All slots are empty."
    assert "Nothing was done" in delegated.world.hear("agent", "Hello?")


def test_a_report_of_any_length_and_bytes_is_taken(delegated: Any) -> None:
    delegated("run_sub_agent", instructions="Look.")
    envelope = json.loads(delegated.world.hear("agent", "\ud800" + "x" * 9_000))
    assert envelope["ok"]
    assert len(envelope["data"]["report"]) == 8_000


def test_an_errand_survives_a_snapshot(delegated: Any) -> None:
    delegated("run_sub_agent", instructions="Collect.")
    delegated("collect_cash")
    for twin in (type(delegated.world).restore(delegated.world.snapshot()), delegated.world.fork()):
        assert twin.state_hash() == delegated.world.state_hash()
        assert (
            len(json.loads(twin.call("agent", "report_back", {"report": "x"}).content)["data"]["calls"]) == 1
        )
    assert delegated.world.core.worker.at_work
