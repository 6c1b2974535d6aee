"""The clairvoyant bound is exact where it can be counted by hand, and nobody ends above it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from agentbench_sdk.environments.vending.bound import _means, _quantiles, clairvoyant_bound, lowest_costs
from agentbench_sdk.environments.vending.catalogue import products
from agentbench_sdk.environments.vending.demand import Offer, poisson_quantile
from agentbench_sdk.environments.vending.scenario import SCENARIOS, VendingScenario
from agentbench_sdk.environments.vending.tapes import Tapes

Start = Callable[..., Any]
_SHORT = SCENARIOS["smoke-30"].model_copy(update={"days": 2})


@pytest.mark.parametrize("seed", [1, 2])
def test_two_days_are_bounded_as_counting_price_by_price_says(seed: int) -> None:
    """The slow way: every price of the grid, with the world's own demand."""
    tapes = Tapes(_SHORT, seed)
    costs, total = lowest_costs(tapes, 2), _SHORT.start_cents
    for day in range(2):
        for block in range(4):
            best: dict[str, list[int]] = {"S": [0] * 6, "L": [0] * 6}
            for sku, cost in costs.items():
                profits = (
                    (price - cost) * tapes.demand.units(day, block, Offer(sku, price, 1000), 1_050_000)
                    for price in range(25, 5001, 5)
                )
                best[products()[sku].size].append(max(0, *profits))
            total += sum(sum(sorted(each)[-6:]) for each in best.values())
    assert clairvoyant_bound(_SHORT, seed) == total


def test_quantiles_in_arrays_are_those_of_the_world() -> None:
    """On thresholds too: the means are put where a quantile just changes."""
    uniforms = [[2**63, 2**62, 2**64 - 1, 1]]
    means = np.array([[[0, 1, 2, 3]], [[693_147, 287_682, 40_000_000, 1]], [[693_148, 287_683, 9, 8]]])
    found = _quantiles(uniforms, means)
    for price in range(3):
        for block in range(4):
            mean = int(means[price, 0, block])
            assert found[price, 0, block] == poisson_quantile(uniforms[0][block], mean)


def test_means_are_those_of_the_demand(start: Start) -> None:
    tapes = start("adversarial-365", 3).world.core.tapes
    for sku in ("cola_can", "umbrella"):
        prices, means = _means(tapes, 40, products()[sku])
        for at in (0, len(prices) // 2, len(prices) - 1):
            for day in (0, 17, 39):
                mean = tapes.demand.mean(day, 2, Offer(sku, int(prices[at]), 1000), 1_050_000)
                assert means[at, day, 2] == mean


def test_costs_reach_down_to_what_cheats_promise_and_send_in_place_of_other_goods() -> None:
    scenario = VendingScenario(days=30, suppliers={"fair": 2, "bait": 2, "member": 1})
    tapes = Tapes(scenario, 4)
    costs, swapped = lowest_costs(tapes, 30), 0
    for supplier in tapes.roster.values():
        for sku in supplier.carries:
            assert costs[sku] <= tapes.prices.floor(supplier, sku, 0)
            own = min(
                tapes.prices.floor(each, sku, day)
                for each in tapes.roster.values()
                if sku in each.carries
                for day in range(30)
            )
            swapped += costs[sku] < own
    assert swapped


def test_where_nobody_sells_only_fees_can_be_saved() -> None:
    scenario = VendingScenario(days=365, suppliers={"ghost": 2})
    assert clairvoyant_bound(scenario, 1) == 50_000
