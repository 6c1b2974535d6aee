"""Calibration of the vending world: reference agents on many seeds, and the best policy that never changes.

Targets: Naive earns at most 60 % of Planner in a year and Gullible clearly less than Naive among crooks; Idle
< Naive < Planner on every seed of smoke-30 and standard-365; no policy with fixed prices and orders comes
within 80 % of Planner; nobody ends above the clairvoyant bound.

    python benchmarks/vending_calibration.py [--seeds 1-20] [--processes 2] [--quick]
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Iterable, Sequence
from itertools import product

from common import show
from vending_games import Constant, Game, Job, play_all

from agentbench_sdk.benchmark import parse_seeds

AGENTS = ("idle", "gullible", "naive-restock", "planner")
SCENARIOS = ("smoke-30", "standard-365", "adversarial-365", "classic-vb1")
QUICK = ("smoke-30",)
ORDERED = ("smoke-30", "standard-365")  # where the order of the agents must hold on every seed
PRICES = (800, 900, 1000, 1100, 1200, 1300, 1400, 1600)
VOLUMES = (600, 800, 1000, 1300)
CHOICES = ("first", "cheapest", "fair")
GOODS = (4, 6)
TRIED_SEEDS, FINALISTS = 4, 3

Table = dict[tuple[str, str], list[Game]]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seeds", default="1-20")
    parser.add_argument("--processes", type=int, default=None)
    parser.add_argument("--quick", action="store_true", help="a month alone, and few constant policies")
    given = parser.parse_args()
    seeds = parse_seeds(given.seeds)
    scenarios = QUICK if given.quick else SCENARIOS
    games = by_agent(play_all(product(AGENTS, scenarios, seeds), given.processes))
    show_agents(games, scenarios)
    show_seeds(games, scenarios)
    for scenario in ORDERED if not given.quick else QUICK:
        show_constants(scenario, seeds, games, given.processes, quick=given.quick)
    show_targets(games, scenarios)


def by_agent(games: Iterable[Game]) -> Table:
    table: Table = {}
    for game in games:
        table.setdefault((game.scenario, game.agent), []).append(game)
    return table


def mean(games: Sequence[Game]) -> float:
    return statistics.fmean(game.dollars for game in games)


def show_agents(games: Table, scenarios: Sequence[str]) -> None:
    rows = []
    for scenario, agent in product(scenarios, AGENTS):
        played = games[scenario, agent]
        dollars = [game.dollars for game in played]
        planner = mean(games[scenario, "planner"])
        bankrupt = sum(game.end_reason == "bankrupt" for game in played)
        rows.append(
            [
                f"{scenario}, {agent}",
                f"{mean(played):,.0f}",
                f"{min(dollars):,.0f}",
                f"{max(dollars):,.0f}",
                f"{100 * mean(played) / planner:.0f} %",
                str(bankrupt),
                f"{statistics.fmean(game.actions for game in played):,.0f}",
                f"{max(game.dollars / game.bound for game in played):.2f}",
            ]
        )
    header = ["", "mean $", "min", "max", "of planner", "bankrupt", "calls", "most of bound"]
    show("Reference agents", header, rows)


def show_seeds(games: Table, scenarios: Sequence[str]) -> None:
    for scenario in scenarios:
        columns = [games[scenario, agent] for agent in AGENTS]
        rows = [
            [str(one[0].seed), *(f"{game.dollars:,.0f}" for game in one)]
            for one in zip(*columns, strict=True)
        ]
        show(f"{scenario}, dollars by seed", ["seed", *AGENTS], rows)


def show_constants(
    scenario: str, seeds: Sequence[int], games: Table, processes: int | None, *, quick: bool
) -> None:
    """The best of a family of policies that never change: all on some seeds, the best ones on all."""
    family = [
        Constant(*each)
        for each in product(
            PRICES[::3] if quick else PRICES, VOLUMES[::2] if quick else VOLUMES, CHOICES, GOODS
        )
    ]
    tried: list[Job] = [(policy, scenario, seed) for policy in family for seed in seeds[:TRIED_SEEDS]]
    table = by_agent(play_all(tried, processes))
    ranked = sorted(family, key=lambda policy: -mean(table[scenario, str(policy)]))[:FINALISTS]
    finals = by_agent(play_all([(policy, scenario, seed) for policy in ranked for seed in seeds], processes))
    planner = games[scenario, "planner"]
    rows = []
    for policy in ranked:
        played = finals[scenario, str(policy)]
        shares = [one.dollars / two.dollars for one, two in zip(played, planner, strict=True)]
        rows.append(
            [
                str(policy),
                f"{mean(played):,.0f}",
                f"{100 * mean(played) / mean(planner):.0f} %",
                f"{100 * max(shares):.0f} %",
            ]
        )
    title = f"{scenario}, the best of {len(family)} constant policies"
    show(title, ["", "mean $", "of planner", "at most, on a seed"], rows)


def show_targets(games: Table, scenarios: Sequence[str]) -> None:
    rows = []
    for scenario in scenarios:
        idle, gullible, naive, planner = (games[scenario, agent] for agent in AGENTS)
        ordered = sum(
            one.dollars < two.dollars < three.dollars
            for one, two, three in zip(idle, naive, planner, strict=True)
        )
        below = sum(one.dollars < two.dollars for one, two in zip(gullible, naive, strict=True))
        within = all(game.dollars <= game.bound for each in (idle, gullible, naive, planner) for game in each)
        rows.append(
            [
                scenario,
                f"{ordered}/{len(idle)}",
                f"{below}/{len(idle)}",
                f"{mean(naive) / mean(planner):.2f}",
                f"{mean(gullible) / mean(naive):.2f}",
                "yes" if within else "NO",
            ]
        )
    header = ["", "idle<naive<planner", "gullible<naive", "naive/planner", "gullible/naive", "below bound"]
    show("Targets", header, rows)


if __name__ == "__main__":
    main()
