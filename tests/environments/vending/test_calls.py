"""Around a call: the clock, the envelope, what is refused and what ends a run."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from agentbench_sdk.environments.vending import Vending
from agentbench_sdk.environments.vending.tools.deck import MINUTES, WAIT
from agentbench_sdk.errors import ConfigurationError, UnknownNameError
from agentbench_sdk.simulation import BadArguments

Start = Callable[..., Any]


def test_every_tool_but_waiting_has_its_price_in_minutes(player: Any) -> None:
    names = {spec.name for spec in player.world.tools()}
    assert names < {*MINUTES, WAIT}
    assert len(names) == 31
    assert {*MINUTES, WAIT} == set(player.world._tool_table())
    for spec in player.world.tools():
        assert spec.parameters["additionalProperties"] is False
        assert spec.description


def test_the_envelope_has_its_seven_parts(player: Any) -> None:
    envelope = player.raw("get_storage_inventory", {})
    assert envelope == {
        "ok": True,
        "tool": "get_storage_inventory",
        "data": {"rows": []},
        "error": None,
        "clock": {"day": 0, "minute": 425, "date": "2027-01-04", "weekday": "Monday", "time": "07:05"},
        "minutes_spent": 5,
        "notices": [],
    }


def test_a_call_moves_the_clock_by_exactly_its_price(player: Any) -> None:
    before = player.world.core.now
    player("run_market_survey", sku="jerky")
    assert player.world.core.now == before + 300
    player.refused("open_page", page_id="nowhere")
    assert player.world.core.now == before + 305


def test_a_day_ends_at_22_and_only_waiting_goes_on(player: Any) -> None:
    for _ in range(3):
        player("run_market_survey", sku="jerky")
    assert player.world.core.now == 1320
    envelope = player.raw("get_storage_inventory", {})
    assert envelope["error"]["code"] == "not_enough_time_today"
    assert envelope["minutes_spent"] == 0
    assert player.wait()["day"] == 1
    assert player.world.core.now == 1440 + 420


@pytest.mark.parametrize(
    ("tool", "arguments", "code"),
    [
        ("nothing", {}, "unknown_tool"),
        ("get_storage_inventory", {"x": 1}, "bad_arguments"),
        ("send_payment", {"to": "a@b.example", "amount_cents": True}, "bad_arguments"),
        ("send_payment", {"to": "a@b.example", "amount_cents": "5"}, "bad_arguments"),
        ("send_payment", {"to": "a@b.example", "amount_cents": 5.0}, "bad_arguments"),
        ("send_payment", {"to": "a@b.example", "amount_cents": 0}, "bad_arguments"),
        ("send_payment", {"to": "a@b.example", "amount_cents": 2**60}, "bad_arguments"),
        ("set_prices", {"prices": []}, "bad_arguments"),
        ("open_page", {"page_id": None}, "bad_arguments"),
        ("list_emails", {"box": "trash"}, "bad_arguments"),
        ("open_page", [], "bad_arguments"),
    ],
)
def test_a_malformed_call_costs_five_minutes_and_changes_nothing_else(
    player: Any, tool: str, arguments: Any, code: str
) -> None:
    before = player.world.state()
    envelope = player.raw(tool, arguments)
    assert envelope["error"]["code"] == code
    assert envelope["minutes_spent"] == 5
    after = player.world.state()
    for volatile in ("events", "tally"):
        del before[volatile], after[volatile]
    assert before == after


def test_a_malformed_call_at_night_costs_nothing(player: Any) -> None:
    for _ in range(3):
        player("run_market_survey", sku="jerky")
    assert player.raw("nothing", {})["minutes_spent"] == 0


def test_a_second_call_of_a_message_is_refused_without_cost(player: Any) -> None:
    problem = BadArguments("only one call a message is executed")
    result = player.world.reject("agent", "collect_cash", "too_many_calls", problem)
    assert result.error == "bad_arguments"
    assert json.loads(result.content)["minutes_spent"] == 0
    assert player.world.calls_per_message == 1


def _surplus(player: Any, count: int) -> Any:
    problem = BadArguments("only one call a message is executed")
    for _ in range(count):
        result = player.world.reject("agent", "collect_cash", "too_many_calls", problem)
    return result


def test_one_message_with_many_calls_does_not_end_the_run(start: Start) -> None:
    """The surplus counts as invalid, but neither as actions nor more than once in a row."""
    player = start(max_consecutive_invalid=3, max_actions=20)
    for _ in range(5):
        player("get_storage_inventory")
        result = _surplus(player, 60)
    assert not player.world.ended
    assert json.loads(result.content)["notices"] == []
    assert player.world.core.tally.invalid_streak == 1
    metrics = player.world.outcome().metrics
    assert (metrics["actions"], metrics["invalid_calls"], metrics["surplus_calls"]) == (5, 300, 300)
    assert metrics["invalid_share_bp"] == 10_000 * 300 // 305


def test_a_message_counts_once_in_a_row_even_if_its_first_call_was_rejected(start: Start) -> None:
    player = start(max_consecutive_invalid=3)
    for _ in range(2):
        player.raw("nothing", {})
        _surplus(player, 9)
    assert player.world.core.tally.invalid_streak == 2
    player.raw("nothing", {})
    assert player.world.outcome().end_reason == "aborted_invalid"


def test_a_run_may_end_at_a_surplus_call(start: Start) -> None:
    """Where one rejected call is too much, a surplus call is one as well."""
    player = start(max_consecutive_invalid=1)
    player("get_storage_inventory")
    _surplus(player, 1)
    assert player.world.outcome().end_reason == "aborted_invalid"


def test_rejected_calls_in_a_row_end_the_run_and_the_rest_passes_idly(start: Start) -> None:
    player = start(max_consecutive_invalid=3)
    player.raw("nothing", {})
    player.raw("nothing", {})
    player("get_storage_inventory")
    player.raw("nothing", {})
    player.raw("nothing", {})
    assert not player.world.ended
    assert player.raw("nothing", {})["notices"] == ["run ended: aborted_invalid"]
    assert player.world.outcome().reward == 44_000


def test_plain_text_is_answered_and_counts_as_a_rejected_call(start: Start) -> None:
    player = start(max_consecutive_invalid=2)
    before = player.world.core.now
    answer = player.world.hear("agent", "I wait for the next day.")
    assert "tool" in answer
    assert player.world.core.now == before
    assert "run ended: aborted_invalid" in player.world.hear("agent", "Really.")
    assert player.world.hear("agent", "Hello?") is None


@pytest.mark.parametrize(("on_cap", "reward"), [("idle_to_horizon", 44_000), ("stop", 50_000)])
def test_the_cap_on_calls_ends_the_run_as_the_scenario_says(start: Start, on_cap: str, reward: int) -> None:
    player = start(max_actions=2, on_cap=on_cap)
    player("collect_cash")
    envelope = player.raw("collect_cash", {})
    assert envelope["ok"]
    assert envelope["notices"] == ["run ended: action_cap"]
    assert envelope["clock"]["day"] == 0
    outcome = player.world.outcome()
    assert (outcome.reward, outcome.end_reason) == (reward, "action_cap")


def test_stopping_early_never_pays(start: Start) -> None:
    player = start()
    player.wait(3)
    player.world.abandon("turns")
    outcome = player.world.outcome()
    assert (outcome.reward, outcome.end_reason) == (44_000, "abandoned: turns")
    player.world.abandon("again")
    assert player.world.outcome().end_reason == "abandoned: turns"


def test_after_the_end_every_call_says_so_and_changes_nothing(start: Start) -> None:
    player = start("tiny-7")
    report = player.wait(7)
    assert report["run_status"] == "ended: horizon"
    before = player.world.state_hash()
    for tool, arguments in (
        ("wait_for_next_day", {}),
        ("collect_cash", {}),
        ("nothing", {}),
        ("open_page", 3),
    ):
        envelope = player.raw(tool, arguments)
        assert envelope["error"]["code"] == "run_over"
        assert envelope["minutes_spent"] == 0
    player.world.report_usage(5)
    assert player.world.state_hash() == before


def test_the_last_wait_shows_its_report_and_the_end(start: Start) -> None:
    player = start("tiny-7")
    player.wait(6)
    envelope = player.raw("wait_for_next_day", {})
    assert envelope["notices"] == ["run ended: horizon"]
    assert envelope["clock"] == {
        "day": 7,
        "minute": 0,
        "date": "2027-01-11",
        "weekday": "Monday",
        "time": "00:00",
    }


def test_the_daily_report_has_the_fields_of_the_rules(player: Any) -> None:
    report = player.wait()
    assert set(report) == {
        "day", "date", "weather_yesterday", "units_sold", "sales", "cash_in_box_added_cents",
        "card_pending_cents", "card_banked_cents", "fee_paid", "fee_due_cents", "bank_cents", "spoiled",
        "new_emails", "reminders", "machine_status", "run_status",
    }  # fmt: skip
    assert (report["bank_cents"], report["fee_paid"], report["fee_due_cents"]) == (49_800, True, 200)


@pytest.mark.parametrize(
    ("overrides", "word"),
    [
        ({"suppliers": {"fair": 20, "haggler": 20}}, "24"),
        ({"suppliers": {"friendly": 1}}, "suppliers"),
        ({"suppliers": {"fair": -1}}, "suppliers"),
        ({"days": 0}, "days"),
        ({"days": "30"}, "days"),
        ({"start_date": "4.1.2027"}, "start_date"),
        ({"nonsense": 1}, "nonsense"),
    ],
)
def test_a_scenario_that_cannot_be_played_is_refused_by_name(overrides: dict[str, Any], word: str) -> None:
    with pytest.raises(ConfigurationError, match=word):
        Vending.create({"base": "smoke-30", **overrides})


def test_an_unknown_scenario_is_refused() -> None:
    with pytest.raises(UnknownNameError):
        Vending.create("smoke-31")


def test_smoke_30_has_exactly_the_suppliers_of_the_rules() -> None:
    suppliers = Vending.scenarios()["smoke-30"].model_dump()["suppliers"]
    assert suppliers == {"fair": 2, "haggler": 2, "bulk": 1, "slow": 1, "gouger": 1, "ghost": 1}
    assert Vending.scenarios()["default"] == Vending.scenarios()["smoke-30"]


def test_the_briefing_names_the_rules_of_its_scenario(start: Start) -> None:
    opening = start("tiny-7", fee_cents=345, start_cents=77_700).world.opening()
    for fact in ("7 days", "$777.00", "$3.45", "operator@lobbyvend.example", "22:00", "10 days in a row"):
        assert fact in opening.observation
    assert "{" not in opening.observation


def test_tokens_are_charged_weekly_and_what_cannot_be_paid_is_owed(start: Start) -> None:
    player = start("smoke-30", token_rate_cents=10_000)
    player.world.report_usage(1_000_001)
    player.wait(6)
    assert player.wait()["bank_cents"] == 50_000 - 7 * 200 - 10_001
    player.world.report_usage(10_000_000)
    player.wait(7)
    core = player.world.core
    assert core.ledger["BANK"] == 0
    assert core.ledger["ARREARS"] == -(100_000 - (50_000 - 14 * 200 - 10_001))
    with pytest.raises(ConfigurationError):
        player.world.report_usage(-1)


def test_what_a_model_writes_counts_only_where_it_costs_something(start: Start) -> None:
    """Two models of different length of speech leave the same state where tokens are free."""
    free, charged = start(), start(token_rate_cents=10_000)
    before = free.world.state_hash()
    assert not free.world.used("agent", 5_000)
    assert free.world.state_hash() == before
    assert charged.world.used("agent", 5_000)
    assert charged.world.used("agent", -3)
    assert charged.wait(7)["bank_cents"] == 50_000 - 7 * 200 - 50
    assert charged.world.outcome().metrics["tokens_cents"] == 50
    charged.world.abandon("turns")
    assert not charged.world.used("agent", 5_000)
    assert "$100.00 for a million" in charged.world.opening().observation


def _schemas(value: Any) -> list[dict[str, Any]]:
    """A schema and all schemas inside it."""
    if isinstance(value, list):
        return [each for item in value for each in _schemas(item)]
    if not isinstance(value, dict):
        return []
    own = [value] if "type" in value else []
    return own + [each for item in value.values() for each in _schemas(item)]


def test_every_integer_text_and_list_of_every_tool_has_bounds(player: Any) -> None:
    for spec in player.world.tools():
        for schema in _schemas(dict(spec.parameters)):
            if schema["type"] == "integer":
                assert {"minimum", "maximum"} <= set(schema), (spec.name, schema)
            elif schema["type"] == "string":
                assert "maxLength" in schema or "enum" in schema, (spec.name, schema)
            elif schema["type"] == "array":
                assert "maxItems" in schema, (spec.name, schema)
            elif schema["type"] == "object":
                assert schema["additionalProperties"] is False, (spec.name, schema)
