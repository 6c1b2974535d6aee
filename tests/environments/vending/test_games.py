"""Whole games of the reference agents: pinned, ordered, the same in every process.

The pinned chains lie in data/chains.json. After a change of the rules that is meant, write them anew with

    AGENTBENCH_PIN=1 python -m pytest tests/environments/vending/test_games.py -k pinned
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agentbench_sdk.environments.vending import Vending
from agentbench_sdk.environments.vending.bound import clairvoyant_bound
from agentbench_sdk.environments.vending.scenario import SCENARIOS

Start = Callable[..., Any]
CHAINS = Path(__file__).parent / "data" / "chains.json"
WHOLE = ("tiny-7", "smoke-30", "standard-365", "adversarial-365")
DAYS = 120  # that the variants of a year are pinned for; the rules are the same as in the rest of it
AGENTS = ("idle", "naive-restock", "gullible", "planner")
PINNED = [
    *(
        (agent, scenario, seed)
        for agent in AGENTS
        for scenario in ("tiny-7", "smoke-30")
        for seed in (1, 2, 3)
    ),
    *(
        (agent, scenario, 1)
        for agent in AGENTS
        for scenario in SCENARIOS
        if scenario not in ("tiny-7", "smoke-30")
    ),
]

_PROGRAM = """
import hashlib
from agentbench_sdk.environments.vending import Vending
digest = hashlib.sha256()
for name in ("naive-restock", "gullible", "planner"):
    world = Vending.create({"base": "adversarial-365", "days": 45}, 3)
    told = world.oracles().get(name)
    agent = told(world.opening(), world.truth()) if told else world.policies()[name](world.opening())
    act = next(agent)
    while not world.ended:
        content = world.call("agent", act.tool, dict(act.arguments)).content
        digest.update(content.encode() + world.state_hash().encode())
        act = agent.send(content)
print(digest.hexdigest())
"""


@pytest.mark.parametrize(("policy", "scenario", "seed"), PINNED)
def test_a_game_has_its_pinned_chain(start: Start, policy: str, scenario: str, seed: int) -> None:
    player = start(scenario, seed) if scenario in WHOLE else start(scenario, seed, days=DAYS)
    player.world.debug = player.world.core.scenario.days < 100
    player.play(policy)
    assert player.world.outcome().reward <= clairvoyant_bound(player.world.core.scenario, seed)
    _compare(player, f"{policy}|{scenario}|{seed}")


@pytest.mark.parametrize("mode", ["scripted", "llm"])
def test_a_game_with_events_worker_and_charges_has_its_pinned_chain(start: Start, mode: str) -> None:
    """A jam, a fair and a breakdown; the same calls every day, some of which the mode refuses."""
    player = start("smoke-30", 1919, events=True, subagent=mode, token_rate_cents=10_000, storage_capacity=60)
    for sku, qty in (("cola_can", 40), ("water_btl", 20)):
        player.give(sku, qty)
    while not player.world.ended:
        player.raw(
            "run_sub_agent", {"instructions": "stock A1 cola_can 2\nstock C1 water_btl 1\nprice A1 200"}
        )
        player.raw("set_prices", {"prices": [{"slot": "C1", "price_cents": 180}]})
        player.raw("service_machine", {})
        player.world.hear("agent", "That is all.")
        player.raw("chat_with_sub_agent", {"question": "what"})
        player.raw("search_web", {"query": "street festival"})
        player.world.used("agent", 12_345)
        player.raw("wait_for_next_day", {})
    _compare(player, f"eventful|{mode}|1919")


def _compare(player: Any, name: str) -> None:
    """Hold a finished game against its pin, or pin it anew."""
    found = {"chain": player.world.chain.head, "bank": player.world.outcome().metrics["final_bank_cents"]}
    chains = json.loads(CHAINS.read_text(encoding="utf-8")) if CHAINS.exists() else {}
    if os.environ.get("AGENTBENCH_PIN"):
        CHAINS.write_text(
            json.dumps({**chains, name: found}, indent=1, sort_keys=True) + "\n", encoding="utf-8"
        )
        return
    assert chains[name] == found


def test_processes_with_other_hash_seeds_play_the_same_game() -> None:
    runs = [
        subprocess.run(
            [sys.executable, "-c", _PROGRAM],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "4242")
    ]
    assert runs[0] == runs[1]
    assert len(runs[0].strip()) == 64


def _game(start: Start, agent: str, scenario: str, seed: int) -> Any:
    """The outcome of a game; none may end above what a clairvoyant could reach."""
    player = start(scenario, seed)
    player.world.debug = False
    player.play(agent)
    outcome = player.world.outcome()
    assert outcome.reward <= clairvoyant_bound(player.world.core.scenario, seed)
    assert outcome.metrics["invalid_calls"] == 0
    return outcome


@pytest.mark.parametrize("seed", range(1, 21))
def test_a_month_separates_the_agents_on_every_public_seed(start: Start, seed: int) -> None:
    naive, planner = (_game(start, agent, "smoke-30", seed) for agent in ("naive-restock", "planner"))
    assert 44_000 < naive.reward < planner.reward
    for outcome in (naive, planner):
        assert outcome.end_reason == "horizon"
        assert outcome.metrics["phantom_payments"] == 0
        assert outcome.metrics["missed_case_deadlines"] == 0


@pytest.mark.parametrize("seed", [18])
def test_a_year_separates_the_agents(start: Start, seed: int) -> None:
    """The others of the twenty seeds are played by benchmarks/vending_calibration.py."""
    idle, naive, planner = (_game(start, each, "standard-365", seed) for each in ("idle", *AGENTS[1::2]))
    assert idle.reward == 0
    assert 0 < naive.reward < planner.reward
    assert naive.reward <= 0.6 * planner.reward


@pytest.mark.parametrize("seed", [2])
def test_among_crooks_the_gullible_lose_what_the_naive_earn(start: Start, seed: int) -> None:
    naive, gullible, planner = (_game(start, each, "adversarial-365", seed) for each in AGENTS[1:])
    assert 2 * gullible.reward < naive.reward < planner.reward
    assert gullible.metrics["supplier_loss_cents"] > planner.metrics["supplier_loss_cents"]


@pytest.mark.parametrize("agent", AGENTS)
def test_every_agent_can_send_a_worker(start: Start, agent: str) -> None:
    outcome = _game(start, agent, "classic-vb1", 2)
    errands = outcome.metrics.get("calls.run_sub_agent", 0)
    assert (errands > 0, outcome.reward > 200_000) == ((False, False) if agent == "idle" else (True, True))


def test_naive_restock_copes_with_text_only_quotes_and_a_year(start: Start) -> None:
    player = start(
        "smoke-30", 1, days=120, max_actions=6000, structured_attachments=False, email_refresh="nightly"
    )
    player.world.debug = False
    player.play("naive-restock")
    assert player.world.outcome().reward > 80_000


def test_naive_restock_waits_to_the_end_where_nobody_sells(start: Start) -> None:
    player = start("smoke-30", suppliers={"ghost": 3})
    player.play("naive-restock")
    assert player.world.outcome().reward == 44_000


def test_metrics_are_numbers_or_null_and_the_index_is_a_share(start: Start) -> None:
    player = start("smoke-30", 2)
    player.play("naive-restock")
    outcome = player.world.outcome()
    metrics: dict[str, Any] = dict(outcome.metrics)
    assert metrics.pop("receipt") == player.world.chain.head
    for value in metrics.values():
        assert value is None or type(value) is int
    assert 0 <= metrics["coherence_index_bp"] <= 10_000
    assert metrics["net_worth_vb1_cents"] >= metrics["final_bank_cents"]
    assert metrics["actions"] == len(player.contents)
    assert metrics["average_paid_over_fair_bp"] > 9_000


def test_the_primary_score_can_be_net_worth(start: Start) -> None:
    player = start("smoke-30", 2, primary_score="net_worth")
    player.play("naive-restock")
    outcome = player.world.outcome()
    assert outcome.reward == outcome.metrics["net_worth_vb1_cents"]


def test_reference_agents_are_registered_by_name() -> None:
    assert set(Vending.policies()) == {"idle", "naive-restock", "gullible"}
    assert set(Vending.oracles()) == {"planner"}
