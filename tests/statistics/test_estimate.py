"""The estimate picks the interval that fits the data, and says which and why."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.judging import Scale
from agentbench_sdk.statistics import Estimate, bounds, estimate_mean, wilson_interval

OPEN = Scale(None, None)


def test_yes_and_no_get_wilson() -> None:
    found = estimate_mean([1] * 9 + [0])
    assert (found.mean, found.n, found.n_clusters, found.method) == (0.9, 10, 10, "Wilson")
    assert found.interval == wilson_interval(9, 10)
    assert found.std_error == pytest.approx(0.1)  # s/√n with n-1


def test_the_two_ends_of_any_scale_are_yes_and_no() -> None:
    found = estimate_mean([1, 5, 5, 5], scale=Scale(1, 5))
    share = wilson_interval(3, 4)
    assert found.method == "Wilson"
    assert found.interval is not None
    assert found.interval.low == pytest.approx(1 + 4 * share.low)
    assert found.interval.high == pytest.approx(1 + 4 * share.high)


def test_clustered_yes_and_no_are_worth_fewer() -> None:
    values, clusters = [1.0] * 8 + [0.0] * 4, [i // 4 for i in range(12)]
    found = estimate_mean(values, clusters)
    assert found.method == "Wilson, cluster-robust"
    assert found.n_clusters == 3
    alone = estimate_mean(values)
    assert found.interval is not None
    assert alone.interval is not None
    assert found.interval.width > alone.interval.width


def test_graded_scores_stay_on_their_scale() -> None:
    found = estimate_mean([1, 1, 1, 0.9, 1, 1])
    assert found.method == "bounded t"
    assert found.interval is not None
    assert found.interval.high <= 1.0
    assert found.mean is not None
    assert found.mean in found.interval


def test_an_open_scale_gets_student_with_clusters_minus_one() -> None:
    """Figures of statsmodels: OLS(y, 1) with and without cov_type="cluster"."""
    y = [1.2, 3.4, 2.2, 5.0, 4.1, 3.3, 2.8, 6.1, 0.4, 3.9, 2.5, 4.4]
    alone = estimate_mean(y, scale=OPEN).interval
    assert alone is not None
    assert (alone.low, alone.high) == pytest.approx((2.26379272, 4.28620728))
    assert alone.method == "Student t"
    found = estimate_mean(y, [i // 3 for i in range(12)], OPEN)
    assert found.interval is not None
    assert (found.interval.low, found.interval.high) == pytest.approx((2.01209859, 4.53790141))
    assert found.method == "Student t, cluster-robust"


def test_a_half_open_scale_cuts_the_interval_off() -> None:
    found = estimate_mean([0, 0, 0, 1000], scale=Scale(0, None, "cents"))
    assert found.interval is not None
    assert found.interval.low == 0.0
    assert found.interval.high > 1000


@pytest.mark.parametrize(
    ("values", "clusters", "scale", "why"),
    [
        ([], None, Scale(), "nothing was scored"),
        ([1.0], None, Scale(), "one value"),
        ([44000.0], None, OPEN, "one value"),
        ([1.0, 0.0, 1.0], ["a"] * 3, Scale(), "share one cluster"),
        ([440.0] * 5, None, Scale(0, None), "equal"),
        ([1e308, -1e308, 1e308], None, OPEN, "too large"),
    ],
)
def test_where_there_is_no_interval_the_reason_is_said(
    values: list[float], clusters: list[str] | None, scale: Scale, why: str
) -> None:
    found = estimate_mean(values, clusters, scale)
    assert found.interval is None
    assert "no interval" in found.note
    assert why in found.note


def test_all_right_is_not_certainly_right() -> None:
    found = estimate_mean([1.0] * 30)
    assert found.interval == wilson_interval(30, 30)
    assert "equal" in found.note
    assert estimate_mean([0.0] * 30).interval == wilson_interval(0, 30)


def test_all_right_in_clusters_counts_each_cluster_once() -> None:
    found = estimate_mean([1.0] * 40, [i // 4 for i in range(40)])
    assert found.interval is not None
    assert found.interval.low == pytest.approx(wilson_interval(10, 10).low)
    assert "10 clusters" in found.note


def test_all_alike_in_the_middle_has_a_width() -> None:
    found = estimate_mean([0.1 + 0.2, 0.3, 0.3] * 10)  # equal but for rounding
    assert found.method == "Clopper-Pearson bound"
    assert found.interval is not None
    assert found.interval.low == pytest.approx(0.3 * 0.025 ** (1 / 30))
    assert found.interval.width > 0.05


def test_clusters_that_do_not_differ_give_no_interval_of_width_zero() -> None:
    for values, scale in (([0.0, 1.0], Scale()), ([0.2, 0.8], Scale()), ([10.0, 20.0], OPEN)):
        found = estimate_mean(values * 6, [i // 2 for i in range(12)], scale)
        assert found.interval is not None
        assert found.interval.width > 0.2
        assert "do not differ" in found.note


def test_values_beyond_the_scale_open_it_and_are_told() -> None:
    found = estimate_mean([0.5, 1.2, 0.7, 0.9])
    assert found.method == "Student t"
    assert "outside the judge's scale" in found.note


def test_scores_that_are_not_finite_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="finite"):
        estimate_mean([0.5, math.nan])


def test_an_estimate_cannot_hold_a_bare_mean() -> None:
    with pytest.raises(ConfigurationError, match="why there is none"):
        Estimate(0.5, None, 10, 10)


scores = st.one_of(
    st.lists(st.sampled_from([0.0, 1.0]), max_size=40),
    st.lists(st.floats(0, 1), max_size=40),
    st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=40),
)


@given(scores, st.integers(0, 5), st.sampled_from([Scale(), OPEN, Scale(0, None), Scale(-1, 1), Scale(2, 2)]))
def test_any_scores_give_an_interval_around_the_mean_or_a_reason(
    values: list[float], per_cluster: int, scale: Scale
) -> None:
    clusters = [i // per_cluster for i in range(len(values))] if per_cluster else None
    found = estimate_mean(values, clusters, scale)
    assert found.n == len(values)
    if found.interval is None:
        assert found.note
    else:
        assert found.mean is not None
        assert found.mean in found.interval
        assert found.interval.width > 0
    json.dumps(found.to_dict())


@given(st.lists(st.floats(0, 1), max_size=30), st.integers(0, 10))
def test_the_mean_and_every_completion_lie_within_the_bounds(values: list[float], missing: int) -> None:
    found = bounds(values, missing)
    if not values and not missing:
        assert (found.low, found.high) == (None, None)
        return
    assert found.low is not None
    assert found.high is not None
    for end in (0.0, 0.37, 1.0):
        assert found.low - 1e-9 <= np.mean(values + [end] * missing) <= found.high + 1e-9
    assert found.high - found.low == pytest.approx(missing / (len(values) + missing))


def test_bounds_are_open_where_the_scale_is() -> None:
    assert bounds([400.0], 1, Scale(0, None)).to_dict() == {"low": 200.0, "high": None}
    assert bounds([400.0, 200.0], 0, Scale(None, None)).to_dict() == {"low": 300.0, "high": 300.0}
