"""Reference figures: what the agents "idle" and "planner" reach, so that a score can be said as a share of it.

    python -m agentbench_sdk.environments.vending.reference --scenario smoke-30 --seeds 1-20 --output FILE

The table holds figures for one version of the world, by fingerprint of the scenario and by seed: figures of
other rules or of another fee would be figures of another game, and are not found.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from pathlib import Path

import click
from pydantic import BaseModel, ConfigDict, ValidationError

from agentbench_sdk.benchmark import parse_seeds
from agentbench_sdk.environments.vending.policies import ORACLES, POLICIES
from agentbench_sdk.environments.vending.scenario import VendingScenario
from agentbench_sdk.environments.vending.world import Vending
from agentbench_sdk.errors import AgentbenchError, ConfigurationError

FLOOR, CEILING = "idle", "planner"
_STRICT = ConfigDict(extra="forbid", strict=True)


class Figures(BaseModel):
    """Scores of the two reference agents in the scenario's own score, in cents."""

    model_config = _STRICT

    idle: int
    planner: int


class ScenarioFigures(BaseModel):
    """Figures of one scenario by seed, written in digits; `name` is for the reader."""

    model_config = _STRICT

    name: str
    seeds: dict[str, Figures] = {}


class Table(BaseModel):
    """All figures: `scenarios` by fingerprint."""

    model_config = _STRICT

    world: str = Vending.version
    scenarios: dict[str, ScenarioFigures] = {}

    def find(self, scenario: VendingScenario, seed: int) -> Figures | None:
        """The figures of a scenario and seed, None where they are not known."""
        row = self.scenarios.get(scenario.fingerprint()) if self.world == Vending.version else None
        return row.seeds.get(str(seed)) if row is not None else None

    def put(self, name: str, scenario: VendingScenario, seed: int, figures: Figures) -> None:
        """Add or replace figures."""
        row = self.scenarios.setdefault(scenario.fingerprint(), ScenarioFigures(name=name))
        row.seeds[str(seed)] = figures

    def to_text(self) -> str:
        """Canonical text: seeds in the order of numbers, one a line."""
        record = self.model_dump()
        for row in record["scenarios"].values():
            row["seeds"] = {
                seed: row["seeds"][seed]
                for seed in sorted(row["seeds"], key=lambda digits: (len(digits), digits))
            }
        ordered = {"world": self.world, "scenarios": dict(sorted(record["scenarios"].items()))}
        return json.dumps(ordered, indent=1) + "\n"


def read_table(path: Path) -> Table:
    """Read a table.

    Raises:
        ConfigurationError: the file cannot be read or is none.
    """
    try:
        return Table.model_validate_json(path.read_bytes())
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read ({error.strerror})") from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        raise ConfigurationError(
            f"{path}: is no table of reference figures ({where}: {first['msg']})"
        ) from None


@cache
def shipped_table() -> Table:
    """The figures that come with this version."""
    resource = files("agentbench_sdk.environments.vending").joinpath("data/reference.json")
    return Table.model_validate_json(resource.read_bytes())


def play(scenario: VendingScenario, seed: int, agent: str) -> int:
    """Let a reference agent play a world until one of them ends; returns the score in cents."""
    world = Vending(scenario, seed)
    opening = world.opening()
    run = ORACLES[agent](opening, world.truth()) if agent in ORACLES else POLICIES[agent](opening)
    try:
        act = next(run)
        while not world.ended:
            act = run.send(world.call("agent", act.tool, dict(act.arguments)).content)
    except StopIteration:
        world.abandon("answered")
    return int(world.outcome().reward or 0)


def figures_of(scenario: VendingScenario, seed: int) -> Figures:
    """Play both reference agents."""
    return Figures(idle=play(scenario, seed, FLOOR), planner=play(scenario, seed, CEILING))


@click.command()
@click.option("--scenario", required=True, help="A named scenario of the vending world.")
@click.option("--seeds", required=True, help='For example "1-20".')
@click.option(
    "--output",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="The table; figures that it holds already are kept or replaced.",
)
def main(scenario: str, seeds: str, output: Path) -> None:
    """Play the reference agents and write what they reach into a table."""
    try:
        _fill(scenario, parse_seeds(seeds), output)
    except AgentbenchError as error:
        raise click.ClickException(str(error)) from error


def _fill(name: str, seeds: tuple[int, ...], output: Path) -> None:
    scenario = Vending.resolve_scenario(name)
    assert isinstance(scenario, VendingScenario)
    table = read_table(output) if output.exists() else Table()
    if table.world != Vending.version:  # figures of other rules: nothing of them holds any more
        table = Table()
    for seed in seeds:
        figures = figures_of(scenario, seed)
        table.put(name, scenario, seed, figures)
        click.echo(f"{name}, seed {seed}: {figures.model_dump()}")
    output.write_text(table.to_text(), encoding="utf-8")


if __name__ == "__main__":
    main()
