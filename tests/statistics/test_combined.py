"""A weighted sum of independent means is as sure as its parts are, and covers what it says."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.judging import Scale
from agentbench_sdk.statistics import (
    Part,
    combined_mean,
    combined_p,
    differences_scale,
    estimate_mean,
    wilson_interval,
)

TRIALS = 1000
OPEN = Scale(None, None)
Generator = np.random.Generator
Draw = Callable[[Generator], list[Part]]


def yes(generator: Generator, rate: float, n: int, weight: float = 1.0) -> Part:
    return Part(f"yes-{rate}", (generator.random(n) < rate).astype(float), weight)


def clustered(generator: Generator, rate: float, clusters: int, size: int) -> Part:
    rates = generator.beta(rate * 3, (1 - rate) * 3, clusters)
    codes = np.repeat(np.arange(clusters), size)
    return Part("clusters", (generator.random(len(codes)) < rates[codes]).astype(float), 1.0, codes)


@pytest.mark.parametrize(
    ("draw", "truth"),
    [
        (lambda g: [yes(g, 0.5, 30), yes(g, 0.9, 30), yes(g, 0.7, 100)], 0.7),
        (lambda g: [yes(g, 0.98, 30) for _ in range(3)], 0.98),
        (lambda g: [yes(g, 0.98, 30), yes(g, 0.5, 30, 2.0)], 0.66),
        (lambda g: [Part(name, g.beta(2, 2, 5), 1.0) for name in "abc"], 0.5),
        (lambda g: [Part("few", g.beta(2, 2, 6), 3.0), Part("many", g.beta(8, 2, 60), 1.0)], 0.575),
        (
            lambda g: [clustered(g, 0.6, 10, 4), yes(g, 0.8, 50), Part("graded", g.beta(8, 2, 30), 1.0)],
            2.2 / 3,
        ),
    ],
    ids=["rates", "extreme", "extreme-and-middle", "few-graded", "few-and-many", "clusters-too"],
)
def test_the_interval_covers_the_weighted_mean(draw: Draw, truth: float) -> None:
    generator, covered = np.random.default_rng(20250207), 0
    for _ in range(TRIALS):
        interval = combined_mean(draw(generator)).interval
        assert interval is not None
        covered += truth in interval
    assert 0.93 <= covered / TRIALS <= 0.97


def test_values_without_bounds_are_covered_with_satterthwaites_df() -> None:
    generator, covered = np.random.default_rng(20250208), 0
    for _ in range(TRIALS):
        parts = [Part("a", generator.normal(3, 1, 6), 1.0), Part("b", generator.normal(5, 4, 9), 1.0)]
        interval = combined_mean(parts, OPEN).interval
        assert interval is not None
        covered += 4.0 in interval
    assert 0.93 <= covered / TRIALS <= 0.97


def test_a_difference_of_two_means_would_be_welchs() -> None:
    """The same variance and degrees of freedom as Welch's t test, which subtracts where this adds."""
    generator = np.random.default_rng(1)
    first, second = generator.normal(1, 1, 8), generator.normal(2, 3, 15)
    found = combined_mean([Part("a", first, 1.0), Part("b", -second, 1.0)], OPEN)
    welch = stats.ttest_ind(first, second, equal_var=False)
    assert found.df == pytest.approx(welch.df)
    assert found.interval is not None
    ends = welch.confidence_interval()
    assert (2 * found.interval.low, 2 * found.interval.high) == pytest.approx((ends.low, ends.high))
    p = combined_p([Part("a", first, 1.0), Part("b", -second, 1.0)], OPEN)
    assert p == pytest.approx(welch.pvalue, rel=1e-6)


@pytest.mark.parametrize("right", [0, 1, 29, 30])
def test_equal_parts_of_answers_are_one_large_part(right: int) -> None:
    values = [1.0] * right + [0.0] * (30 - right)
    found = combined_mean([Part(name, values, 1.0) for name in "abc"]).interval
    whole = wilson_interval(3 * right, 90)
    assert found is not None
    assert (found.low, found.high) == pytest.approx((whole.low, whole.high), abs=1e-9)


@pytest.mark.parametrize(
    ("values", "clusters"),
    [([1, 0, 1, 1], None), ([0.2, 0.4, 0.9], None), ([1, 1, 0, 1, 1, 1], [0, 0, 1, 1, 2, 2])],
)
def test_a_single_part_keeps_its_own_interval(values: list[float], clusters: list[int] | None) -> None:
    assert combined_mean([Part("a", values, 7.0, clusters)]) == estimate_mean(values, clusters)


def test_a_part_without_a_failure_still_adds_its_uncertainty() -> None:
    sure = combined_mean([Part("a", [1.0] * 1000, 1.0), Part("b", [1.0, 0.0] * 15, 1.0)])
    few = combined_mean([Part("a", [1.0] * 5, 1.0), Part("b", [1.0, 0.0] * 15, 1.0)])
    assert sure.interval is not None
    assert few.interval is not None
    assert few.interval.low < sure.interval.low - 0.05


@settings(deadline=None, max_examples=40)  # the first example loads SciPy
@given(
    st.lists(
        st.tuples(st.lists(st.sampled_from([0.0, 0.25, 1.0]), min_size=2, max_size=12), st.floats(0.1, 10)),
        min_size=1,
        max_size=4,
    )
)
def test_intervals_hold_the_mean_lie_on_the_scale_and_grow_with_the_level(
    given_parts: list[tuple[list[float], float]],
) -> None:
    parts = [Part(str(place), values, weight) for place, (values, weight) in enumerate(given_parts)]
    narrow, wide = combined_mean(parts, level=0.8), combined_mean(parts, level=0.99)
    mirrored = combined_mean([Part(each.name, 1 - np.asarray(each.values), each.weight) for each in parts])
    middle = combined_mean(parts)
    assert narrow.mean is not None
    assert narrow.interval is not None
    assert wide.interval is not None
    assert middle.interval is not None
    assert mirrored.interval is not None
    assert 0 <= wide.interval.low <= narrow.interval.low + 1e-9
    assert narrow.interval.high - 1e-9 <= wide.interval.high <= 1
    assert narrow.mean in wide.interval
    assert (mirrored.interval.low, mirrored.interval.high) == pytest.approx(
        (1 - middle.interval.high, 1 - middle.interval.low), abs=1e-9
    )


def test_p_is_below_the_level_just_when_the_interval_leaves_zero_out() -> None:
    generator, scale = np.random.default_rng(5), differences_scale(Scale())
    for shift in (0.0, 0.1, 0.2, 0.3, 0.4):
        parts = [
            Part(name, np.clip(generator.choice([-1.0, 0.0, 1.0], 30) + shift, -1, 1), 1.0) for name in "ab"
        ]
        p, interval = combined_p(parts, scale), combined_mean(parts, scale).interval
        assert p is not None
        assert interval is not None
        assert (p > 0.05) == (0.0 in interval)


def test_differences_that_never_occur_are_no_proof_of_equality() -> None:
    parts = [Part(name, [0.0] * 20, 1.0) for name in "ab"]
    interval = combined_mean(parts, differences_scale(Scale())).interval
    assert interval is not None
    assert interval.low < -0.02
    assert combined_p(parts, differences_scale(Scale())) == 1.0


def test_a_part_without_scores_or_without_an_interval_is_named_and_not_left_out() -> None:
    good = Part("good", [1.0, 0.0, 1.0], 1.0)
    none = combined_mean([good, Part("broken", [], 1.0)])
    assert (none.mean, none.interval, none.note) == (None, None, "no score: nothing was scored in broken")
    single = combined_mean([good, Part("single", [1.0], 1.0)])
    assert single.mean == pytest.approx(5 / 6)
    assert single.interval is None
    assert single.note == "no interval: single: one value shows no spread"
    assert combined_p([good, Part("single", [1.0], 1.0)]) is None


def test_values_outside_the_scale_open_it_for_all_parts() -> None:
    found = combined_mean([Part("a", [0.0, 1.0, 1.2], 1.0), Part("b", [0.0, 1.0, 1.0], 1.0)])
    assert found.interval is not None
    assert found.interval.method == "combined t"
    assert found.interval.high > 1


@pytest.mark.parametrize("weight", [0.0, -1.0, float("nan"), float("inf")])
def test_weights_are_above_zero(weight: float) -> None:
    with pytest.raises(ConfigurationError, match="weights above 0"):
        combined_mean([Part("a", [1.0, 0.0], weight)])
    with pytest.raises(ConfigurationError, match="at least one part"):
        combined_mean([])
