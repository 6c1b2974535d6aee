"""Intervals against figures of statsmodels 0.15 and scipy 1.17, and against their definitions."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.statistics import (
    Interval,
    bounded_interval,
    clopper_pearson_interval,
    constant_interval,
    normal_interval,
    student_interval,
    wilson_interval,
)

# statsmodels.stats.proportion.proportion_confint(x, n, 0.05, method)
PROPORTIONS = [
    (9, 10, (0.5958499732047614, 0.982123786904927), (0.5549838829718047, 0.9974714214555382)),
    (30, 30, (0.8864866068260311, 1.0), (0.8842966917779722, 1.0)),
    (0, 30, (0.0, 0.1135133931739688), (0.0, 0.1157033082220278)),
    (29, 30, (0.8332960900859081, 0.9940914096183875), (0.8278305443665873, 0.9991564290733695)),
    (98, 100, (0.929988209271456, 0.9944980324498376), (0.9296160675289299, 0.9975686631760574)),
]


@pytest.mark.parametrize(("x", "n", "wilson", "exact"), PROPORTIONS)
def test_shares_have_the_intervals_of_statsmodels(
    x: int, n: int, wilson: tuple[float, float], exact: tuple[float, float]
) -> None:
    found = wilson_interval(x, n)
    assert (found.low, found.high) == pytest.approx(wilson, abs=1e-12)
    found = clopper_pearson_interval(x, n)
    assert (found.low, found.high) == pytest.approx(exact, abs=1e-12)


def test_normal_and_student_have_the_quantiles_of_the_tables() -> None:
    assert normal_interval(0, 1).high == pytest.approx(1.959963984540054)
    assert normal_interval(0, 1, level=0.99).high == pytest.approx(2.5758293035489004)
    assert student_interval(0, 1, df=3).high == pytest.approx(3.182446305284263)
    assert student_interval(5, 2, df=2.1875, level=0.9).low == pytest.approx(
        5 - 2 * 2.7562589681329586
    )  # scipy.stats.t.ppf(0.95, 2.1875)


def test_a_wilson_end_solves_its_own_equation() -> None:
    found, z = wilson_interval(17, 23), 1.959963984540054
    for end in (found.low, found.high):
        assert abs(17 / 23 - end) == pytest.approx(z * math.sqrt(end * (1 - end) / 23))


def test_a_bounded_interval_of_independent_answers_is_wilsons_with_t() -> None:
    share, n = 0.9, 40
    std_error = math.sqrt(share * (1 - share) / n)
    found = bounded_interval(share, std_error, df=1e9)
    wilson = wilson_interval(36, 40)
    assert (found.low, found.high) == pytest.approx((wilson.low, wilson.high), abs=1e-6)


def test_a_bounded_interval_in_the_middle_is_the_t_interval() -> None:
    found, student = bounded_interval(0.5, 0.01, df=50), student_interval(0.5, 0.01, df=50)
    assert (found.low, found.high) == pytest.approx((student.low, student.high), abs=5e-5)


@given(
    st.floats(0.001, 0.999),
    st.floats(1e-9, 0.5),
    st.floats(1, 500),
    st.floats(-1e3, 1e3),
    st.floats(0.1, 1e3),
)
def test_a_bounded_interval_stays_on_its_scale_around_its_mean(
    share: float, relative: float, df: float, low: float, length: float
) -> None:
    mean = low + share * length
    found = bounded_interval(mean, relative * length, df, low, low + length)
    slack = 1e-9 * (abs(low) + length)
    assert low - slack <= found.low <= mean <= found.high <= low + length + slack
    assert found.width > 0


def test_equal_values_at_an_end_have_the_exact_binomial_bound() -> None:
    found, exact = constant_interval(5.0, 30, 1.0, 5.0), clopper_pearson_interval(30, 30)
    assert (found.low - 1) / 4 == pytest.approx(exact.low)
    assert found.low == pytest.approx(1 + 4 * 0.025 ** (1 / 30))
    assert found.high == 5.0


def test_equal_values_inside_keep_markovs_promise_for_the_worst_distribution() -> None:
    """At the low end all values reach c with probability α/2 under the distribution that makes it largest."""
    c, n = 0.6, 12
    low = constant_interval(c, n).low
    assert (low / c) ** n == pytest.approx(0.025)
    high = constant_interval(c, n).high
    assert ((1 - high) / (1 - c)) ** n == pytest.approx(0.025)


def test_an_interval_is_clipped_to_a_scale_that_may_be_open() -> None:
    found = Interval(-1.0, 7.0, 0.95, "t")
    assert found.clipped(0.0, None) == Interval(0.0, 7.0, 0.95, "t")
    assert found.clipped(None, 5.0) == Interval(-1.0, 5.0, 0.95, "t")
    assert found.clipped(None, None) == found
    assert 3.0 in found
    assert 7.5 not in found
    assert found.to_dict() == {"low": -1.0, "high": 7.0, "level": 0.95, "method": "t"}


@pytest.mark.parametrize("level", [0.0, 1.0, 95.0, -0.1, math.nan])
def test_a_level_that_is_no_probability_is_refused(level: float) -> None:
    with pytest.raises(ConfigurationError, match="level"):
        wilson_interval(1, 2, level)


def test_counts_that_cannot_be_are_refused() -> None:
    for x, n in ((3, 2), (-1, 2), (0, 0)):
        with pytest.raises(ConfigurationError, match="share"):
            wilson_interval(x, n)
    with pytest.raises(ConfigurationError, match="degrees of freedom"):
        student_interval(0, 1, df=0)
    with pytest.raises(ConfigurationError, match="above its high end"):
        Interval(2.0, 1.0)
