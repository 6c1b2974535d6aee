"""Biases of a judge are found where they are, and not where they are not."""

import numpy as np
import pytest

from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.statistics import length_bias, position_bias, self_preference


def test_flips_towards_one_place_are_position_bias() -> None:
    """Exact: 2 · P(X ≤ 2) of 20 tosses = 2 · 211 / 2^20."""
    found = position_bias(18, 2)
    assert found.p == pytest.approx(2 * 211 / 2**20)
    assert found.interval is not None
    assert 0.5 not in found.interval
    even = position_bias(10, 10)
    assert (even.effect, even.p) == (0.5, 1.0)


def test_without_flips_nothing_can_be_said() -> None:
    found = position_bias(0, 0)
    assert (found.effect, found.p, found.n) == (None, None, 0)
    with pytest.raises(ConfigurationError):
        position_bias(-1, 3)


def test_errors_that_grow_with_length_are_length_bias() -> None:
    lengths = np.arange(40)
    found = length_bias(0.01 * lengths, lengths)
    assert found.effect == pytest.approx(1.0)
    assert found.p == pytest.approx(1e-4)
    assert found.interval is not None
    assert found.interval.low > 0.9


def test_spearmans_correlation_has_ties_in_the_middle() -> None:
    """Ranks 1.5 1.5 3 4 5 against 1 2 3 4 5: covariance 9.5, variances 9.5 and 10."""
    assert length_bias([0, 0, 1, 2, 3], [1, 2, 3, 4, 5]).effect == pytest.approx(9.5 / np.sqrt(95))


def test_a_p_value_is_uniform_without_a_bias() -> None:
    generator = np.random.default_rng(6)
    lengths = [length_bias(generator.normal(size=12), generator.normal(size=12)).p for _ in range(15)]
    small = sum(p is not None and p < 0.1 for p in lengths)
    assert small <= 5


def test_errors_in_favour_of_the_own_family_are_self_preference() -> None:
    generator = np.random.default_rng(7)
    found = self_preference(generator.normal(0.3, 0.2, 50), generator.normal(0.0, 0.2, 80))
    assert found.effect == pytest.approx(0.3, abs=0.08)
    assert found.p is not None
    assert found.p < 0.001
    assert found.interval is not None
    assert 0.0 not in found.interval


def test_welchs_interval_is_the_textbooks() -> None:
    """Means 3 and 6, variances 2.5 and 10/3 · 1: se² = 2.5/5 + (20/3)/4, df after Satterthwaite."""
    own, others = [1, 2, 3, 4, 5], [3, 5, 7, 9]
    found = self_preference(own, others)
    square = 2.5 / 5 + (20 / 3) / 4
    df = square**2 / ((2.5 / 5) ** 2 / 4 + (5 / 3) ** 2 / 3)
    from scipy.special import stdtrit

    assert found.effect == -3.0
    assert found.interval is not None
    assert found.interval.high == pytest.approx(-3 + stdtrit(df, 0.975) * np.sqrt(square))


def test_too_few_answers_say_nothing() -> None:
    assert self_preference([1.0], [0.0, 0.1]).effect is None
    assert length_bias([1, 1, 1, 1], [1, 2, 3, 4]).effect is None
    flat = self_preference([1.0, 1.0], [0.0, 0.0])
    assert (flat.effect, flat.interval) == (1.0, None)
    with pytest.raises(ConfigurationError):
        length_bias([1, 2], [1, 2, 3])
    with pytest.raises(ConfigurationError):
        self_preference([float("nan"), 1], [1, 2])
