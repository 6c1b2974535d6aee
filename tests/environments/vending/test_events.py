"""Machine and street: breakdowns, coin jams, service visits, fairs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agentbench_sdk.environments.vending.fairs import Fairs
from agentbench_sdk.environments.vending.outages import outages
from agentbench_sdk.environments.vending.streams import streams_for

Start = Callable[..., Any]
_SEEDS = range(1, 3000)


def _first(event: str, days: range = range(10, 16)) -> tuple[int, int]:
    """A seed and a day of an outage, with no other event from day 10 to a week after it."""
    for seed in _SEEDS:
        streams = streams_for(seed)
        found = {day: outages(streams, day) for day in range(10, days[-1] + 8) if outages(streams, day)}
        if list(found.values()) == [[event]] and next(iter(found)) in days:
            return seed, next(iter(found))
    raise AssertionError("no seed has such an event")


def _fair(days: range = range(10, 14)) -> tuple[int, int]:
    """A seed and the first day of its first fair, without an outage in the first three weeks."""
    for seed in _SEEDS:
        streams = streams_for(seed)
        fairs = Fairs(streams, events=True)
        start = next((day for day in days if fairs.begins(day)), None)
        if start is not None and not any(outages(streams, day) for day in range(21)):
            return seed, start
    raise AssertionError("no seed has such a fair")


def _shop(start: Start, seed: int, day: int, **overrides: Any) -> Any:
    """A world with a full machine on the morning of a day."""
    player = start(
        "smoke-30", seed, **{"events": True, "complaint_permille": 0, "fraud_permille": 0, **overrides}
    )
    player.wait(day)
    for label, sku in (("C1", "water_btl"), ("C2", "icedtea"), ("A1", "cola_can"), ("A2", "chips_salt")):
        qty = player.world.core.machine.slots[label].capacity
        player.give(sku, qty)
        player("stock_machine", moves=[{"slot": label, "sku": sku, "qty": qty}])
        player("set_prices", prices=[{"slot": label, "price_cents": 100}])
    return player


def _pass_the_event(player: Any) -> dict[str, Any]:
    """Wait until the machine has a trouble; returns the report of that morning."""
    report: dict[str, Any] = player.wait()
    while report["machine_status"] == "ok":
        report = player.wait()
    return report


def test_nothing_happens_where_events_are_off(start: Start) -> None:
    seed, day = _first("breakdown")
    player = _shop(start, seed, day - 1, events=False)
    assert [player.wait()["machine_status"] for _ in range(4)] == ["ok"] * 4
    assert player.world.truth()["events"] == {}


@pytest.mark.parametrize("event", ["breakdown", "jam"])
def test_outages_begin_on_day_10_and_come_as_often_as_the_rules_say(event: str) -> None:
    days = [day for seed in range(200) for day in range(60) if event in outages(streams_for(seed), day)]
    assert min(days) >= 10
    expected = {"breakdown": 8, "jam": 10}[event] * 200 * 50 / 1000
    assert expected * 0.7 < len(days) < expected * 1.3


def test_a_broken_machine_sells_nothing_and_heals_on_its_fourth_day(start: Start) -> None:
    seed, day = _first("breakdown")
    player = _shop(start, seed, day - 1)
    reports = {report["day"]: report for report in (player.wait() for _ in range(6))}
    assert [reports[day + late]["machine_status"] for late in (1, 2)] == ["out_of_order"] * 2
    assert [reports[day + late]["machine_status"] for late in (3, 4, 5)] == ["ok"] * 3
    assert [reports[day + late]["units_sold"] for late in (2, 3)] == [0, 0]
    assert reports[day + 4]["units_sold"] > 0
    metrics = player.world.outcome().metrics
    assert 8 < metrics["outage_blocks"] <= 12
    assert metrics["service_cents"] == 0


def test_a_service_visit_ends_a_breakdown_and_costs_its_price(start: Start) -> None:
    seed, day = _first("breakdown")
    player = _shop(start, seed, day - 1)
    assert _pass_the_event(player)["machine_status"] == "out_of_order"
    assert player("get_machine_inventory")["status"] == "out_of_order"
    bank = player.world.core.ledger["BANK"]
    assert player("service_machine") == {"status": "ok", "cost_cents": 6_500, "bank_cents": bank - 6_500}
    assert player.wait()["units_sold"] > 0
    assert player.world.core.ledger["SERVICE"] == 6_500
    assert player.refused("service_machine")["code"] == "nothing_to_service"


def test_a_repaired_machine_can_break_again_before_the_first_breakdown_would_have_healed(
    start: Start,
) -> None:
    seed, day = _first("breakdown")
    player = _shop(start, seed, day - 1)
    _pass_the_event(player)
    player("service_machine")
    player.world.core.machine.broken_since = day + 1
    assert [player.wait()["machine_status"] for _ in range(2)] == ["out_of_order"] * 2


def test_a_service_visit_must_be_paid_for(start: Start) -> None:
    seed, day = _first("breakdown")
    player = _shop(start, seed, day - 1, start_cents=9_000)
    _pass_the_event(player)
    bank = player.world.core.ledger["BANK"]
    player.world.core.post("theft", "", "", bank=6_499 - bank, equity=bank - 6_499)
    assert player.refused("service_machine")["code"] == "insufficient_funds"
    assert player.world.core.machine.status == "out_of_order"


def test_nothing_on_sale_while_broken_costs_goodwill(start: Start) -> None:
    seed, day = _first("breakdown")
    player = _shop(start, seed, day - 1)
    _pass_the_event(player)
    before = player.world.core.goodwill
    player.wait()
    assert player.world.core.goodwill == before + (1_000_000 - before) // 60 - 4_000


def test_customers_who_meet_a_broken_machine_are_lost_sales(start: Start) -> None:
    seed, day = _first("breakdown")
    player = _shop(start, seed, day - 1)
    _pass_the_event(player)
    before = player.world.core.tally.counts["lost_units"]
    assert player.wait()["units_sold"] == 0
    assert player.world.core.tally.counts["lost_units"] > before + 5


def test_a_jammed_coin_slot_takes_cards_only_until_it_is_served(start: Start) -> None:
    seed, day = _first("jam")
    player = _shop(start, seed, day)
    report = _pass_the_event(player)
    assert report["machine_status"] == "coin_jam"
    report = player.wait()
    assert (report["machine_status"], report["cash_in_box_added_cents"]) == ("coin_jam", 0)
    assert report["units_sold"] > 0
    assert player.wait(5)["machine_status"] == "coin_jam"
    player("service_machine")
    report = player.wait()
    assert report["machine_status"] == "ok"


def test_a_fair_brings_more_people_for_three_days() -> None:
    seed, first = _fair()
    fairs = Fairs(streams_for(seed), events=True)
    assert [fairs.footfall(day) for day in range(first - 1, first + 3)] == [1000, 1400, 1400, 1400]
    off = Fairs(streams_for(seed), events=False)
    assert [off.footfall(day) for day in range(first - 1, first + 3)] == [1000] * 4


def test_the_fair_multiplies_the_footfall_of_the_weather(start: Start) -> None:
    from agentbench_sdk.environments.vending.demand import Offer

    seed, first = _fair()
    means = []
    for events in (False, True):
        demand = start("smoke-30", seed, events=events).world.core.tapes.demand
        means.append(
            [demand.mean(day, 1, Offer("cola_can", 200, 1000), 1_000_000) for day in (first - 1, first)]
        )
    (quiet, usual), (before, crowded) = means
    assert before == quiet
    assert usual * 1.39 < crowded <= usual * 1.4


def test_a_fair_is_in_the_news_two_days_before_and_not_earlier(start: Start) -> None:
    seed, first = _fair()
    player = start("smoke-30", seed, events=True)
    page = f"news-street-{first:04d}"
    player.wait(first - 3)
    assert page not in [hit["page_id"] for hit in player("search_web", query="street festival")["hits"]]
    assert player.refused("open_page", page_id=page)["code"] == "unknown_page"
    player.wait()
    assert page in [hit["page_id"] for hit in player("search_web", query="street festival")["hits"]]
    assert f"day {first} " in player("open_page", page_id=page)["text"]
    assert f"day {first + 2} " in player("open_page", page_id=page)["text"]


def test_the_truth_names_all_events(start: Start) -> None:
    seed, day = _first("breakdown")
    assert start("smoke-30", seed, events=True).world.truth()["events"][str(day)][0] == "breakdown"
    seed, day = _fair()
    assert "fair" in start("smoke-30", seed, events=True).world.truth()["events"][str(day)]


def test_the_briefing_speaks_of_trouble_where_there_can_be_any(start: Start) -> None:
    assert "service_machine" not in start().world.opening().observation
    assert "$65.00" in start(events=True).world.opening().observation


def test_troubles_survive_a_snapshot(start: Start) -> None:
    seed, day = _first("breakdown")
    player = _shop(start, seed, day - 1)
    _pass_the_event(player)
    twin = type(player.world).restore(player.world.snapshot())
    assert twin.state_hash() == player.world.state_hash()
    for world in (twin, player.world.fork()):
        assert world.core.machine.broken_since == day
        for _ in range(3):
            world.call("agent", "wait_for_next_day", {})
        assert world.core.machine.status == "ok"


def test_events_leave_everything_else_as_it_was(start: Start) -> None:
    """Until the first of them has an effect, sales, weather and mails are those of a run without events."""
    seed, day = _first("breakdown")
    plain, eventful = (_shop(start, seed, day - 4, events=events) for events in (False, True))
    plain.wait(4)
    eventful.wait(4)
    assert plain.world.core.diary.days.keys() == eventful.world.core.diary.days.keys()
    for past in range(day - 4, day):
        assert plain.world.core.diary.of(past).skus == eventful.world.core.diary.of(past).skus
    truth = [
        {key: value for key, value in player.world.truth().items() if key != "events"}
        for player in (plain, eventful)
    ]
    assert truth[0] == truth[1]


def test_a_note_more_or_less_moves_no_event(start: Start) -> None:
    seed, day = _first("jam")
    seen = []
    for extra in (False, True):
        player = _shop(start, seed, day)
        if extra:
            player("kv_set", key="a", value="b")
            player("set_reminder", day=day + 3, text="x")
        seen.append(
            [(report["machine_status"], report["sales"]) for report in (player.wait() for _ in range(4))]
        )
    assert seen[0] == seen[1]
