"""The numbers that the rules name, and properties of the arithmetic behind them."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentbench_sdk.environments.vending.calendar import Calendar
from agentbench_sdk.environments.vending.catalogue import Truth, categories, products
from agentbench_sdk.environments.vending.demand import (
    Demand,
    Offer,
    choice_factor,
    expneg,
    offers,
    poisson_quantile,
    price_factor,
)
from agentbench_sdk.environments.vending.streams import streams_for
from agentbench_sdk.environments.vending.weather import KINDS, Weather
from agentbench_sdk.environments.vending.web.ranking import log2_milli

UNIFORMS = st.integers(0, 2**64 - 1)
MEANS = st.integers(0, 40_000_000)


def test_draws_of_seed_one_are_those_of_the_rules() -> None:
    streams = streams_for(1)
    assert streams.uniform64("wx.draw", 0) == 16140553951183940208
    assert streams.uniform64("demand", 0, 0, "cola_can") == 16800726542115433913
    assert streams.between(45, 62, "latent.cost", "cola_can") == 61
    assert streams.between(0, 999, "wx.draw", 0) == 874


def test_the_truth_of_a_product_is_its_table_row_scaled_by_its_draws() -> None:
    streams, row = streams_for(1), products()["cola_can"]
    truth = Truth(streams).of("cola_can")
    assert truth.cost == 61
    assert truth.ref == row.ref * streams.between(820, 1220, "latent.ref", "cola_can") // 1000
    assert truth.elasticity == row.elasticity * streams.between(800, 1250, "latent.elas", "cola_can") // 1000
    assert truth.base == row.base * streams.between(500, 1600, "latent.base", "cola_can") // 1000


def test_the_table_has_56_products_in_11_categories_with_sane_rows() -> None:
    assert len(products()) == 56
    assert len(categories()) == 11
    for product in products().values():
        assert product.size in "SL"
        assert 0 < product.cost_low < product.cost_high < product.ref
        assert product.case > 0


def test_exponentials_are_those_of_the_rules() -> None:
    assert expneg(1_000_000) == 29146412150787779157341161347
    assert expneg(2_500_000) == 6503443610957418258982515878


@pytest.mark.parametrize(
    ("uniform", "mean", "units"),
    [
        (2**63, 2_500_000, 2),
        (3 * 2**62, 700_000, 1),
        (2**63, 40_000_000, 40),
        (0, 1, 0),
        (0, 40_000_000, 0),
        (2**64 - 1, 0, 0),
        (2**64 - 1, -5, 0),
    ],
)
def test_poisson_quantiles_are_those_of_the_rules(uniform: int, mean: int, units: int) -> None:
    assert poisson_quantile(uniform, mean) == units


@given(UNIFORMS, MEANS, MEANS)
def test_more_expected_never_means_fewer_demanded(uniform: int, first: int, second: int) -> None:
    low, high = sorted((first, second))
    assert poisson_quantile(uniform, low) <= poisson_quantile(uniform, high)


@given(st.integers(1, 40_000_000))
def test_the_exponential_is_right_to_twelve_digits_or_96_bits(micro: int) -> None:
    assert math.isclose(expneg(micro) / 2**96, math.exp(-micro / 1e6), rel_tol=1e-12, abs_tol=1e-26)


@pytest.mark.parametrize("micro", [300_000, 1_500_000, 6_000_000])
def test_quantiles_of_even_uniforms_have_mean_and_variance_of_poisson(micro: int) -> None:
    count = 2000
    units = [poisson_quantile((2 * i + 1) * 2**63 // count, micro) for i in range(count)]
    mean = sum(units) / count
    variance = sum((each - mean) ** 2 for each in units) / count
    assert mean == pytest.approx(micro / 1e6, rel=0.01)
    assert variance == pytest.approx(micro / 1e6, rel=0.03)


@given(st.integers(25, 5000), st.integers(25, 5000), st.integers(100, 2000), st.integers(500, 2000))
def test_a_dearer_product_never_sells_more(first: int, second: int, ref: int, elasticity: int) -> None:
    low, high = sorted((first, second))
    assert 1600 >= price_factor(low, ref, elasticity) >= price_factor(high, ref, elasticity) >= 0


def test_the_price_factor_is_linear_in_the_relative_difference() -> None:
    assert price_factor(200, 200, 1500) == 1000
    assert price_factor(220, 200, 1500) == 850
    assert price_factor(180, 200, 1500) == 1150
    assert price_factor(1, 200, 1500) == 1600
    assert price_factor(400, 200, 1500) == 0


def test_variety_helps_up_to_eight_products_and_never_costs_more_than_half() -> None:
    assert choice_factor(1, 1) == 720
    assert choice_factor(8, 1) == 1000
    assert choice_factor(12, 1) == 820
    assert choice_factor(8, 2) == 880
    assert choice_factor(12, 6) == 500
    assert choice_factor(12, 12) == 500


def test_offers_count_products_of_the_same_category() -> None:
    shown = {offer.sku: offer.choice for offer in offers({"cola_can": 200, "dcola_can": 200, "jerky": 400})}
    assert shown == {"cola_can": 870 * 880 // 1000, "dcola_can": 870 * 880 // 1000, "jerky": 870}


@given(st.integers(0, 364), st.integers(0, 3), st.integers(25, 5000), st.integers(25, 5000))
def test_demand_does_not_rise_with_the_own_price(day: int, block: int, first: int, second: int) -> None:
    low, high = sorted((first, second))
    demand = _demand()
    units = [demand.units(day, block, Offer("cola_can", price, 1000), 1_000_000) for price in (low, high)]
    assert units[0] >= units[1]


def _demand() -> Demand:
    streams, calendar = streams_for(5), Calendar("2027-01-04")
    return Demand(streams, Truth(streams), Weather(streams, calendar), calendar)


def test_weather_of_a_year_follows_the_season() -> None:
    """There is heat in summer only, cold outside of summer only, and forecasts are mostly right."""
    calendar = Calendar("2027-01-04")
    weather = Weather(streams_for(3), calendar)
    winter = {weather.name(day) for day in range(30)}
    assert "heat" not in winter
    right = sum(weather.forecast(day, day + 1) == weather.name(day + 1) for day in range(360))
    assert 0.79 < right / 360 < 0.91
    assert {weather.name(day) for day in range(365)} == set(KINDS)


def test_wholesale_drift_starts_at_1000_and_stays_in_its_band() -> None:
    truth = Truth(streams_for(9))
    path = [truth.cost_index("soda", week) for week in range(120)]
    assert path[0] == 1000
    assert all(900 <= index <= 1150 for index in path)
    assert all(-8 <= later - earlier <= 10 for earlier, later in pairwise(path))
    assert truth.fair_cost("cola_can", 6) == truth.of("cola_can").cost


@given(st.integers(1, 10**9), st.integers(1, 10**9))
def test_integer_logarithms_are_right_to_two_thousandths(first: int, second: int) -> None:
    low, high = sorted((first, second))
    assert abs(log2_milli(high, low) - 1000 * math.log2(high / low)) < 2
