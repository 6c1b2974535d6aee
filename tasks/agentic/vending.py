"""Run a vending business: one session a seed, scored by the money in the bank at the end."""

from __future__ import annotations

from typing import Any

from agentbench_sdk.benchmark import Sample, Task, parse_seeds, task
from agentbench_sdk.environments.vending import Vending, VendingWithWorker
from agentbench_sdk.environments.vending.scenario import VendingScenario
from agentbench_sdk.judges.outcome import outcome
from agentbench_sdk.sessions.ending import Limits

# The world counts actions and ends itself; what is left for the session to stop is talk without any.
_TALK = 100


@task
def vending(
    scenario: str = "smoke-30",
    seeds: str | int | list[int] = "1-5",
    overrides: dict[str, Any] | None = None,
) -> Task:
    """An agent runs a vending machine business: it finds suppliers, buys, stocks, prices and collects.

    Arguments:
        scenario: a named scenario of the environment "vending".
        seeds: one session each, for example "1-5" or "1,2,9".
        overrides: parameters of the scenario that are other than named, for example {"fee_cents": 500}.

    Raises:
        UnknownNameError: no such scenario.
        ConfigurationError: the seeds or an override cannot be.
    """
    chosen = {"base": scenario, **overrides} if overrides else scenario
    world = Vending.resolve_scenario(chosen)
    assert isinstance(world, VendingScenario)
    return Task(
        name="vending",
        description="Run a vending machine business; the score is the money in the bank, in US dollars.",
        environment="vending",
        agent=VendingWithWorker() if world.subagent == "llm" else None,
        samples=[
            Sample(
                id=f"{scenario}-seed-{seed}",
                scenario=chosen,
                seed=seed,
                cluster=f"seed-{seed}",
            )
            for seed in parse_seeds(seeds)
        ],
        # The world counts cents. An account is never overdrawn: fees that it cannot pay are owed apart.
        judges=[outcome(divide=100, low=0.0, unit="USD", label="money in the bank")],
        limits=Limits(turns=world.max_actions + _TALK),
    )
