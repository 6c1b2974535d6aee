"""What the agent may never see: latents, kinds of suppliers, the weather and the events to come."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from agentbench_sdk.environments.vending.catalogue import products
from agentbench_sdk.environments.vending.outages import outages
from agentbench_sdk.environments.vending.scenario import VendingScenario
from agentbench_sdk.environments.vending.tapes import Tapes


def truth_of(scenario: VendingScenario, tapes: Tapes) -> dict[str, Any]:
    """The hidden facts of a run; for reference agents and judges."""
    days = range(scenario.days)
    return {
        "latents": {sku: asdict(tapes.truth.of(sku)) for sku in products()},
        "suppliers": {
            each.id: {
                "name": each.name,
                "address": each.address,
                "archetype": each.archetype,
                "carries": sorted(each.carries),
                "closes": each.closes,
            }
            for each in tapes.roster.values()
        },
        "weather": [tapes.weather.name(day) for day in days],
        "events": _events(tapes, days) if scenario.events else {},
    }


def _events(tapes: Tapes, days: range) -> dict[str, list[str]]:
    """What happens to machine and street, by day."""
    happens = {str(day): outages(tapes.streams, day) + ["fair"] * tapes.fairs.begins(day) for day in days}
    return {day: names for day, names in happens.items() if names}
