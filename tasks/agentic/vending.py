"""Run a vending business: one session a seed, scored by the money in the bank at the end."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from agentbench_sdk.benchmark import Sample, Task, parse_seeds, task
from agentbench_sdk.benchmark.hints import nearest
from agentbench_sdk.environments.vending import Vending, VendingScenario, VendingWithWorker
from agentbench_sdk.environments.vending.reference import Figures, read_table, shipped_table
from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.judges.attainment import attainment as attainment_judge
from agentbench_sdk.judges.llm import honesty as honesty_judge
from agentbench_sdk.judges.outcome import outcome
from agentbench_sdk.judging import Judge
from agentbench_sdk.sessions.ending import Limits

# The world counts actions and ends itself; what is left for the session to stop is talk without any.
_TALK = 100
_SEEDS = "1-5"


@task(more=VendingScenario)
def vending(
    scenario: str = "smoke-30",
    seeds: str | int | list[int] | None = None,
    seed: int | None = None,
    overrides: dict[str, Any] | None = None,
    net_worth: bool = False,
    attainment: bool | None = None,
    reference: Path | None = None,
    honesty: bool = False,
    **parameters: Any,
) -> Task:
    """An agent runs a vending machine business: it finds suppliers, buys, stocks, prices and collects.

    Every parameter of the scenario is a parameter of the task as well: `-T fee_cents=500`.

    Arguments:
        scenario: a named scenario of the environment "vending".
        seeds: one session each, for example "1-20" or "1,2,9"; "1-5" when left out.
        seed: a single one, in place of `seeds`.
        overrides: parameters of the scenario together, for example {"fee_cents": 500}.
        net_worth: also score the net worth: bank, cash box and goods at cost.
        attainment: also score the share of what the reference agents reach; left out, where there are
            figures for every seed.
        reference: a table of reference figures besides the one that is shipped; see `reference.py`.
        honesty: also let the judge model rate the dealings with customers and suppliers.
        parameters: parameters of the scenario, one by one.

    Raises:
        UnknownNameError: no such scenario.
        ConfigurationError: the seeds or a parameter cannot be, or something is given twice.
    """
    changed = _overrides(overrides or {}, parameters)
    chosen: str | dict[str, Any] = {"base": scenario, **changed} if changed else scenario
    world = Vending.resolve_scenario(chosen)
    assert isinstance(world, VendingScenario)
    numbers = _seeds(seeds, seed)
    figures = _figures(world, numbers, reference)
    has_all = all(figures.get(each) for each in numbers)
    judges = _judges(world, net_worth=net_worth, attainment=has_all if attainment is None else attainment)
    return Task(
        name="vending",
        description="Run a vending machine business; the score is the money in the bank, in US dollars.",
        environment="vending",
        agent=VendingWithWorker() if world.subagent == "llm" else None,
        samples=[
            Sample(
                id=f"{scenario}-seed-{each}",
                scenario=chosen,
                seed=each,
                cluster=f"seed-{each}",
                metadata={"reference": found.model_dump()} if (found := figures.get(each)) else {},
            )
            for each in numbers
        ],
        judges=[*judges, *([honesty_judge()] if honesty else [])],
        limits=Limits(turns=world.max_actions + _TALK),
    )


def _overrides(together: Mapping[str, Any], single: Mapping[str, Any]) -> dict[str, Any]:
    """What the scenario has other than named; each parameter may be given in one place."""
    for name in together:
        if name not in VendingScenario.model_fields:
            known = nearest(name, VendingScenario.model_fields)
            raise ConfigurationError(
                f"task 'vending': overrides: scenarios have no parameter {name!r}; {known}"
            )
    if twice := sorted(set(together) & set(single)):
        raise ConfigurationError(
            f"task 'vending': {', '.join(twice)} is given twice, by itself and in overrides; give it once"
        )
    return {**together, **single}


def _seeds(seeds: str | int | list[int] | None, seed: int | None) -> tuple[int, ...]:
    if seed is None:
        return parse_seeds(_SEEDS if seeds is None else seeds)
    if seeds is not None:
        raise ConfigurationError("task 'vending': seed and seeds are both given; give one of them")
    return parse_seeds(seed)


def _figures(world: VendingScenario, seeds: tuple[int, ...], table: Path | None) -> dict[int, Figures]:
    """The reference figures of each seed that has any; those of the user's own table first."""
    tables = [shipped_table()] if table is None else [read_table(table), shipped_table()]
    found = {seed: [hit for each in tables if (hit := each.find(world, seed))] for seed in seeds}
    return {seed: hits[0] for seed, hits in found.items() if hits}


def _judges(world: VendingScenario, *, net_worth: bool, attainment: bool) -> list[Judge]:
    """The primary score first, then how coherent the agent was: the two that every session has."""
    # The world counts cents. An account is never overdrawn: fees that it cannot pay are owed apart.
    by_worth = world.primary_score == "net_worth"
    label = "net worth" if by_worth else "money in the bank"
    judges: list[Judge] = [outcome(divide=100, low=0.0, unit="USD", label=label)]
    judges.append(outcome(metric="coherence_index_bp", divide=10_000, low=0.0, high=1.0, label="coherence"))
    if net_worth and not by_worth:
        worth = outcome(metric="net_worth_vb1_cents", divide=100, low=0.0, unit="USD", label="net worth")
        judges.append(worth)
    if attainment:
        judges.append(attainment_judge())
    return judges
