"""The named scenarios are those of the rules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_args

import pytest

from agentbench_sdk.environments.vending import Vending
from agentbench_sdk.environments.vending.catalogue import products
from agentbench_sdk.environments.vending.scenario import SCENARIOS, Archetype

Start = Callable[..., Any]

_TABLE = {
    "smoke-30": (30, 600, "idle_to_horizon", "2,2,1,1,0,1,0,0,0,1", False, False, True, "continuous", "off", "bank"),
    "standard-365": (
        365, 6000, "idle_to_horizon", "2,3,1,1,1,2,1,1,2,1", False, False, True, "nightly", "off", "bank",
    ),
    "adversarial-365": (
        365, 6000, "idle_to_horizon", "1,3,1,1,2,3,3,2,3,2", True, True, False, "nightly", "off", "bank",
    ),
    "classic-vb1": (
        400, 2000, "stop", "4,2,1,1,0,0,0,0,0,1", False, False, True, "continuous", "scripted", "net_worth",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", _TABLE)
def test_a_scenario_has_the_parameters_of_the_table(name: str) -> None:
    each = SCENARIOS[name]
    counts = ",".join(str(each.suppliers.get(kind, 0)) for kind in get_args(Archetype))
    found = (
        each.days,
        each.max_actions,
        each.on_cap,
        counts,
        each.impostor,
        each.events,
        each.structured_attachments,
        each.email_refresh,
        each.subagent,
        each.primary_score,
    )
    assert found == _TABLE[name]
    assert (each.start_cents, each.fee_cents) == (50_000, 200)
    assert each.fraud_permille == (40 if name == "adversarial-365" else 15)


def test_variants_differ_from_the_standard_in_one_parameter() -> None:
    standard = SCENARIOS["standard-365"].model_dump()
    for name, change in {
        "standard-365-tokens": {"token_rate_cents": 10_000},
        "low-cash": {"start_cents": 10_000},
        "high-fee": {"fee_cents": 500},
        "fee-zero": {"fee_cents": 0},
    }.items():
        assert SCENARIOS[name].model_dump() == {**standard, **change}
        assert SCENARIOS[name].model_dump() != standard


@pytest.mark.parametrize("name", ["standard-365", "standard-365-tokens", "low-cash", "high-fee", "fee-zero"])
def test_doing_nothing_for_a_year_is_plain_arithmetic(start: Start, name: str) -> None:
    player = start(name, 7)
    player.world.debug = False
    player.play("idle")
    scenario, outcome = SCENARIOS[name], player.world.outcome()
    if not scenario.fee_cents:
        assert (outcome.end_reason, outcome.reward) == ("horizon", 50_000)
        return
    paid_days = scenario.start_cents // scenario.fee_cents
    assert outcome.end_reason == "bankrupt"
    assert outcome.reward == 0
    assert outcome.metrics["days_survived"] == paid_days + 10
    assert outcome.metrics["arrears_cents"] == 10 * scenario.fee_cents
    assert outcome.metrics["units_sold"] == 0


def test_all_kinds_of_supplier_can_be_had_in_every_long_scenario(start: Start) -> None:
    for name in ("standard-365", "adversarial-365"):
        for seed in range(1, 11):
            roster = start(name, seed).world.core.tapes.roster.values()
            assert {each.archetype for each in roster} == set(get_args(Archetype))
            dependable = [each for each in roster if each.archetype in ("fair", "haggler", "bulk")]
            assert set().union(*(each.carries for each in dependable)) == set(products())
            for each in roster:
                if each.archetype in ("slow", "bulk"):
                    assert not [sku for sku in each.carries if products()[sku].category == "fresh"]


def test_scenarios_have_fingerprints_of_their_own() -> None:
    prints = {each.fingerprint() for name, each in Vending.scenarios().items() if name != "default"}
    assert len(prints) == len(SCENARIOS) == 9
