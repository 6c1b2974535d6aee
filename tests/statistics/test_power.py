"""Power is what simulation finds, and its questions are one formula asked from three sides."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from agentbench_sdk.cli import cli
from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.judging import Scale
from agentbench_sdk.statistics import (
    DifferenceVariance,
    VarianceParts,
    detectable_effect,
    estimate_mean,
    expected_power,
    measured_variance,
    paired_variance,
    samples_needed,
    unpaired_variance,
)

RUN = VarianceParts(1 / 12, 1 / 6, 1000, 500)


def test_three_points_need_about_a_thousand_questions() -> None:
    """Miller 2024, section 5: power 0.8, ω² = 1/9, no variance within; (1.96 + 0.84)²/9/0.03², by hand."""
    assert samples_needed(0.03, DifferenceVariance(1 / 9, 0.0, paired=True)) == 969


def test_the_formula_is_that_of_the_paper() -> None:
    variance = DifferenceVariance(0.1, 0.4, paired=True)
    assert detectable_effect(200, variance, epochs=4) == pytest.approx(
        (1.959964 + 0.841621) * math.sqrt((0.1 + 0.4 / 4) / 200), rel=1e-6
    )


@settings(deadline=None)  # the first example loads SciPy
@given(
    st.floats(0.001, 1.0),
    st.floats(0.0, 1.0),
    st.integers(1, 10),
    st.integers(2, 5000),
    st.floats(0.5, 0.99),
)
def test_samples_of_an_effect_and_the_effect_of_samples_are_inverse(
    between: float, within: float, epochs: int, samples: int, power: float
) -> None:
    variance = DifferenceVariance(between, within, paired=True)
    effect = detectable_effect(samples, variance, epochs=epochs, power=power)
    assert samples_needed(effect, variance, epochs=epochs, power=power) == samples
    assert expected_power(effect, samples, variance, epochs=epochs) == pytest.approx(power, abs=1e-3)


def test_pairing_takes_the_shared_difficulty_away() -> None:
    paired, unpaired = paired_variance(RUN, RUN, 0.5), unpaired_variance(RUN, RUN)
    assert paired.between == pytest.approx(1 / 12)
    assert unpaired.between == pytest.approx(1 / 6)
    assert paired.within == unpaired.within == pytest.approx(1 / 3)
    assert paired_variance(RUN, RUN, 1.0).between == 0.0
    assert paired_variance(RUN, RUN, 0.0).between == pytest.approx(unpaired.between)


def test_clusters_multiply_the_samples_needed() -> None:
    variance = DifferenceVariance(0.1, 0.0, paired=True, design_effect=3.0)
    assert samples_needed(0.05, variance) == pytest.approx(
        3 * samples_needed(0.05, DifferenceVariance(0.1, 0.0, paired=True)), abs=3
    )


def test_measured_differences_lose_what_repeats_explain() -> None:
    differences = np.array([0.5, -0.5, 0.5, -0.5])
    assert measured_variance(differences).between == pytest.approx(1 / 3)
    assert measured_variance(differences, 0.4, 0.4 / 4).between == pytest.approx(1 / 3 - 0.1)
    assert measured_variance(differences, 4.0, 4.0).between == 0.0
    with pytest.raises(ConfigurationError, match="two samples"):
        measured_variance([1.0])


def test_power_is_what_the_interval_finds() -> None:
    """Two runs of known rates on 150 samples with 2 epochs: found as often as the formula says."""
    generator, n, repeats, gain = np.random.default_rng(20240411), 150, 2, 0.09
    ease = generator.uniform(0.1, 0.8, (2000, n))
    first = generator.binomial(repeats, ease) / repeats
    second = generator.binomial(repeats, ease + gain) / repeats
    found = 0
    for differences in second - first:
        interval = estimate_mean(differences, None, Scale(-1, 1)).interval
        assert interval is not None
        found += 0.0 not in interval
    grid = np.linspace(0.1, 0.8, 10001)
    within = float(np.mean(grid * (1 - grid) + (grid + gain) * (1 - grid - gain)))
    expected = expected_power(gain, n, DifferenceVariance(0.0, within, paired=True), epochs=repeats)
    assert found / 2000 == pytest.approx(expected, abs=0.03)
    assert 0.5 < expected < 0.9


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (lambda v: samples_needed(0, v), "an effect is a positive number"),
        (lambda v: detectable_effect(0, v), "at least one sample"),
        (lambda v: expected_power(0.1, 0, v), "at least one sample"),
        (lambda v: samples_needed(0.1, v, epochs=0), "at least one epoch"),
        (lambda v: samples_needed(0.1, v, power=1), "power lies between"),
        (lambda v: paired_variance(RUN, RUN, 2), "a correlation lies"),
        (lambda v: DifferenceVariance(-1, 0, True), "not negative"),
    ],
)
def test_what_is_out_of_range_is_told(wrong: object, told: str) -> None:
    assert callable(wrong)
    with pytest.raises(ConfigurationError, match=told):
        wrong(DifferenceVariance(0.1, 0.1, paired=True))


def test_without_variance_any_effect_is_found() -> None:
    still = DifferenceVariance(0.0, 0.0, paired=True)
    assert expected_power(0.1, 5, still) == 1.0
    assert expected_power(0.0, 5, still) == pytest.approx(0.05)


@pytest.mark.parametrize(
    ("sigma", "epochs", "effect"), [(0.0, 1, 0.12), (0.25, 1, 0.15), (0.25, 4, 0.12), (0.4, 3, 0.2)]
)
def test_samples_that_are_planned_find_the_effect_as_often_as_promised(
    sigma: float, epochs: int, effect: float
) -> None:
    """A plan for a power of 0.8 carried out 2,000 times, with what the comparison makes of the differences."""
    omega, generator = 0.3, np.random.default_rng(20250301)
    variance = DifferenceVariance(omega**2, 2 * sigma**2, paired=True)
    n = samples_needed(effect, variance, epochs=epochs)
    found = 0
    for _ in range(2000):
        noise = generator.normal(0, sigma, (2, n, epochs)).mean(axis=2)
        differences = effect + generator.normal(0, omega, n) + noise[1] - noise[0]
        interval = estimate_mean(differences, None, Scale(None, None)).interval
        assert interval is not None
        found += 0.0 not in interval
    assert found / 2000 == pytest.approx(0.8, abs=0.03)


def test_the_worked_example_of_the_paper_from_the_command_line() -> None:
    """`agentbench power` has the same inputs: ω² = 1/9 between samples and nothing within them."""
    options = ["--between", str(1 / 9), "--correlation", "0.5", "--effect", "0.03", "--json"]
    done = CliRunner().invoke(cli, ["power", *options])
    assert done.exit_code == 0, done.output
    assert json.loads(done.output)["samples"] == 969
