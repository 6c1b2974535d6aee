"""Reference agents know what they may know: the planner alone is told the truth, and it acts through tools."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from statistics import correlation
from typing import Any, get_args

import pytest

from agentbench_sdk.bench import Bench
from agentbench_sdk.environments import vending as package
from agentbench_sdk.environments.vending import Vending
from agentbench_sdk.environments.vending.catalogue import products
from agentbench_sdk.environments.vending.scenario import Archetype
from agentbench_sdk.tasks.agentic.vending import vending as vending_task

Start = Callable[..., Any]
POLICIES = Path(package.__file__).parent / "policies"
OWN = "agentbench_sdk.environments.vending."
PUBLIC = ("policies", "catalogue", "worker")
RULES = (  # tables and arithmetic of the rules; none of them knows a seed
    "calendar",
    "customers",
    "demand",
    "machine",
    "scenario",
    "suppliers.account",
    "suppliers.archetypes",
    "suppliers.lifecycle",
    "suppliers.pricing",
    "weather",
)
AGENTS = ("idle", "naive-restock", "gullible", "planner")
SCENARIOS = ("smoke-30", "standard-365", "adversarial-365", "classic-vb1")
WORDS = re.compile(r"\b(" + "|".join(get_args(Archetype)) + r")s?\b", re.IGNORECASE)


def _imports(path: Path) -> Iterator[tuple[str, str]]:
    """(module, name) of what a file imports."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            yield from ((node.module or "", alias.name) for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)


@pytest.mark.parametrize("path", sorted(POLICIES.rglob("*.py")), ids=lambda path: path.stem)
def test_policies_import_tables_and_rules_but_nothing_that_knows_a_seed(path: Path) -> None:
    allowed = (*PUBLIC, *RULES) if "planner" in path.parts else PUBLIC
    for module, name in _imports(path):
        if module.startswith("agentbench_sdk") and module != "agentbench_sdk.simulation":
            inner = module.removeprefix(OWN)
            assert inner.split(".")[0] in allowed or inner in allowed, module
            assert name not in ("Truth", "Demand", "Prices", "Weather", "SeededStreams")


@pytest.mark.parametrize("path", sorted(POLICIES.rglob("*.py")), ids=lambda path: path.stem)
def test_the_word_truth_is_the_planners_alone(path: Path) -> None:
    words = {node.id for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Name)}
    if "planner" not in path.parts:
        assert not words & {"truth", "world", "core", "tapes"}
    assert not words & {"world", "core", "tapes", "Vending"}


@lru_cache(maxsize=8)
def _played(agent: str, scenario: str, seed: int) -> tuple[list[str], list[str], list[str]]:
    """(tools called, contents of results, errors) of a game."""
    world = Vending.create(scenario, seed)
    told = world.oracles().get(agent)
    run = told(world.opening(), world.truth()) if told else world.policies()[agent](world.opening())
    act, called, contents, errors = next(run), [], [], []
    while not world.ended:
        assert act.tool in {tool.name for tool in world.tools()}
        result = world.call("agent", act.tool, json.loads(json.dumps(dict(act.arguments))))
        called.append(act.tool)
        contents.append(result.content)
        errors.append(result.error)
        act = run.send(result.content)
    return called, contents, [error for error in errors if error]


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_all_acts_of_the_planner_are_legal_calls_that_succeed(scenario: str) -> None:
    called, _, errors = _played("planner", scenario, 1)
    assert len(called) > 100
    assert errors == []


def test_the_planner_is_given_the_truth_and_nothing_else(start: Start) -> None:
    """It plays the same game from a copy of the truth as plain JSON."""
    world = start("tiny-7").world
    copy = json.loads(json.dumps(world.truth()))
    run = Vending.oracles()["planner"](world.opening(), copy)
    act = next(run)
    while not world.ended:
        act = run.send(world.call("agent", act.tool, dict(act.arguments)).content)
    player = start("tiny-7")
    player.play("planner")
    assert world.chain.head == player.world.chain.head


async def test_a_run_tells_each_session_of_the_planner_its_own_truth(start: Start, tmp_path: Path) -> None:
    """By its name, on several seeds at once, the results are those of the games played one by one."""
    async with Bench(cache=None, runs=tmp_path) as bench:
        task = vending_task(scenario="smoke-30", seeds="1-3")
        run = await bench.evaluate(task, "scripted/vending/planner")
    rewards = {}
    for record in run.records():
        assert record.outcome is not None
        rewards[record.sample_id] = record.outcome.reward
    for seed in (1, 2, 3):
        player = start("smoke-30", seed)
        player.world.debug = False
        player.play("planner")
        assert rewards[f"smoke-30-seed-{seed}"] == player.world.outcome().reward


# --- nothing hidden in what is shown --------------------------------------------------------------


@pytest.mark.parametrize("scenario", SCENARIOS)
@pytest.mark.parametrize("agent", AGENTS)
def test_no_transcript_names_a_kind_or_holds_latents(agent: str, scenario: str) -> None:
    """Latent base sales and elasticities appear no more often than those of other seeds do, by chance."""
    _, contents, _ = _played(agent, scenario, 1)
    text = "\n".join(contents)
    lowered = text.lower()
    said = [word for word in get_args(Archetype) if word in lowered]  # the pattern alone is slow on a year
    assert not said or WORDS.search(text) is None, WORDS.search(text)
    shown = set(map(int, re.findall(r"(?<![\d.\"-])\d{3,4}(?![\d.])", text)))

    def hits(seed: int) -> int:
        latents = Vending.create(scenario, seed).truth()["latents"].values()
        return sum(each[what] in shown for each in latents for what in ("base", "elasticity"))

    others = [hits(seed) for seed in range(101, 116)]
    assert hits(1) <= max(others) + 6


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_weather_is_shown_up_to_yesterday_and_otherwise_forecast(scenario: str) -> None:
    """No result of these agents, none of which asks for a forecast, speaks of a day that has not been."""
    called, contents, _ = _played("naive-restock", scenario, 1)
    assert "get_weather_forecast" not in called
    for content in contents:
        data = json.loads(content)
        day = data["clock"]["day"]
        for row in (data["data"] or {}).get("days", []):
            assert row["day"] <= day


def test_what_is_shown_without_a_call_is_the_same_in_all_seeds(start: Start) -> None:
    worlds = [start("standard-365", seed).world for seed in (1, 2, 3)]
    assert len({(world.opening().system, world.opening().observation) for world in worlds}) == 1
    assert len({json.dumps([tool.to_dict() for tool in world.tools()]) for world in worlds}) == 1


def test_guide_prices_say_nothing_beyond_the_table(start: Start) -> None:
    """Their noise goes with no latent, so that who knows the table has learnt nothing of the seed."""
    noises: list[float] = []
    latents: dict[str, list[float]] = {"ref": [], "elasticity": [], "base": [], "cost": []}
    for seed in range(1, 21):
        world = start("smoke-30", seed).world
        truth = world.truth()["latents"]
        for sku, row in products().items():
            price = re.search(r"price \$(\d+)\.(\d\d)", world.core.tapes.pages[f"product-{sku}"].text)
            assert price is not None
            noises.append((int(price[1]) * 100 + int(price[2])) / row.ref)
            means = {"cost": (row.cost_low + row.cost_high) / 2}
            for what, values in latents.items():
                values.append(truth[sku][what] / means.get(what, getattr(row, what, 1)))
    for values in latents.values():
        assert abs(correlation(noises, values)) < 0.12  # four standard errors of 1,120 pairs


def test_addresses_and_places_in_the_directory_say_nothing_of_the_kind(start: Start) -> None:
    """Over many seeds each company is about as often of each kind, and the directory does not sort by it."""
    cheats, places = [], []
    for seed in range(1, 121):
        world = start("standard-365", seed).world
        text = world.core.tapes.pages["directory"].text
        suppliers = world.truth()["suppliers"].values()
        for each in suppliers:
            cheats.append(float(each["archetype"] in ("bait", "member", "ghost", "gouger")))
            places.append(float(text.index(each["address"])))
    assert abs(correlation(cheats, places)) < 0.1
