"""Coefficients of agreement give the published figures, and their intervals cover."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.statistics import cohen_kappa, effective_panel_size, fleiss_kappa, krippendorff_alpha

# Krippendorff 2011, section C: four observers, twelve units, missing values.
OBSERVERS = [
    "1 2 3 3 2 1 4 1 2 . . .",
    "1 2 3 3 2 2 4 1 2 5 . 3",
    ". 3 3 3 2 3 4 2 2 5 1 .",
    "1 2 3 3 2 4 4 1 2 5 1 .",
]
UNITS = [
    [None if each == "." else int(each) for each in unit]
    for unit in zip(*(line.split() for line in OBSERVERS), strict=True)
]
# Fleiss 1971, as in every textbook: ten subjects, fourteen raters, five categories; kappa 0.210.
FLEISS = [
    [0, 0, 0, 0, 14],
    [0, 2, 6, 4, 2],
    [0, 0, 3, 5, 6],
    [0, 3, 9, 2, 0],
    [2, 2, 8, 1, 1],
    [7, 7, 0, 0, 0],
    [3, 2, 6, 3, 0],
    [2, 5, 3, 2, 2],
    [6, 5, 2, 1, 0],
    [0, 2, 2, 3, 7],
]


@pytest.mark.parametrize(("metric", "alpha"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)])
def test_krippendorffs_own_example(metric: Any, alpha: float) -> None:
    found = krippendorff_alpha(UNITS, metric=metric)
    assert found.value == pytest.approx(alpha, abs=5e-4)
    assert found.n_cases == 11  # a unit with one value says nothing
    assert found.interval is not None
    assert alpha in found.interval


def test_fleiss_own_example() -> None:
    verdicts = [[level for level, times in enumerate(row) for _ in range(times)] for row in FLEISS]
    found = fleiss_kappa(verdicts)
    assert found.value == pytest.approx(0.210, abs=5e-4)
    assert found.observed == pytest.approx(0.378, abs=5e-4)


def test_cohens_kappa_of_a_table() -> None:
    """20 yes-yes, 5 yes-no, 10 no-yes, 15 no-no: 0.7 observed, 0.5 by chance."""
    table = {("y", "y"): 20, ("y", "n"): 5, ("n", "y"): 10, ("n", "n"): 15}
    pairs = [pair for pair, times in table.items() for _ in range(times)]
    found = cohen_kappa([one for one, _ in pairs], [other for _, other in pairs])
    assert found.value == pytest.approx(0.4)
    assert found.observed == pytest.approx(0.7)


def test_weights_count_how_far_apart_verdicts_are() -> None:
    """Quadratic weights: 1 - Σ(i-j)²·o / Σ(i-j)²·e, here 1 - 2/ (15/2)."""
    first, second = [1, 2, 3, 1, 2, 3], [1, 2, 3, 2, 2, 2]
    mean_square = np.mean([(a - b) ** 2 for a in first for b in second])
    expected = 1 - np.mean([(a - b) ** 2 for a, b in zip(first, second, strict=True)]) / mean_square
    assert cohen_kappa(first, second, weights="quadratic").value == pytest.approx(expected)
    linear = 1 - np.mean([abs(a - b) for a, b in zip(first, second, strict=True)]) / np.mean(
        [abs(a - b) for a in first for b in second]
    )
    assert cohen_kappa(first, second, weights="linear").value == pytest.approx(linear)


@pytest.mark.parametrize("verdicts", [[["a", "a"]] * 4, [["b", "b"], ["b", "b"]]])
def test_one_level_alone_says_nothing(verdicts: list[list[str]]) -> None:
    for found in (fleiss_kappa(verdicts), krippendorff_alpha(verdicts)):
        assert (found.value, found.interval) == (None, None)
        assert found.note
        assert found.observed == 1.0


def test_what_cannot_be_compared_is_refused() -> None:
    calls: list[Callable[[], object]] = [
        lambda: cohen_kappa([1], [1, 2]),
        lambda: cohen_kappa([], []),
        lambda: cohen_kappa([1, "a"], ["a", 1], weights="linear"),
        lambda: fleiss_kappa([["a"], ["b"]]),
        lambda: fleiss_kappa([["a", "b"], ["b"]]),
        lambda: krippendorff_alpha([["a", None], [None, "b"]]),
        lambda: krippendorff_alpha([["a", "b"], ["b", "b"]], metric="interval"),
    ]
    for call in calls:
        with pytest.raises(ConfigurationError):
            call()


@settings(max_examples=25, deadline=None)  # the first call loads what it needs
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=2, max_size=12))
def test_the_names_and_the_order_of_judges_do_not_matter(pairs: list[tuple[int, int]]) -> None:
    one, other = [a for a, _ in pairs], [b for _, b in pairs]
    there, back = cohen_kappa(one, other), cohen_kappa(other, one)
    renamed = cohen_kappa([f"level {a}" for a in one], [f"level {b}" for b in other])
    assert (there.value is None) == (back.value is None)
    if there.value is not None and back.value is not None and renamed.value is not None:
        assert math.isclose(there.value, back.value, abs_tol=1e-12)
        assert math.isclose(there.value, renamed.value, abs_tol=1e-12)
        assert there.value <= 1.0


def test_an_interval_covers_the_true_agreement() -> None:
    """Two judges who are right 85 % of the time; kappa's true value from their exact joint distribution."""
    right = 0.85
    agree = right**2 + (1 - right) ** 2
    true = (agree - 0.5) / 0.5
    generator = np.random.default_rng(3)
    covered = 0
    for _ in range(40):
        truth = generator.integers(2, size=120)
        judges = [np.where(generator.random(120) < right, truth, 1 - truth).tolist() for _ in range(2)]
        interval = cohen_kappa(*judges).interval
        covered += interval is not None and true in interval
    assert covered >= 35


def test_judges_who_err_together_are_worth_one() -> None:
    generator = np.random.default_rng(1)
    shared = generator.normal(size=(400, 1))
    own = generator.normal(size=(400, 4))
    assert effective_panel_size(np.repeat(shared, 4, axis=1).tolist()) == pytest.approx(1.0)
    assert effective_panel_size(own.tolist()) > 3.4
    assert effective_panel_size((shared + own).tolist()) == pytest.approx(4 / (1 + 3 * 0.5), abs=0.2)
    with pytest.raises(ConfigurationError):
        effective_panel_size([[1.0], [2.0]])
