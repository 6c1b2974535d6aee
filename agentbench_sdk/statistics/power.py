"""Power: how small a difference a comparison can find, and how many samples a difference needs.

Formulas of Miller 2024, "Adding Error Bars to Evals" (arXiv:2411.00640, section 5). They take the normal
distribution, so below some 30 samples they promise a little too much.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.statistics.interval import normal_quantile
from agentbench_sdk.statistics.repeats import VarianceParts


@dataclass(frozen=True, slots=True)
class DifferenceVariance:
    """What the variance of a difference of two means is made of.

    Attributes:
        between: of a sample's true difference (paired: Miller's ω²), or both runs' variances between
            samples added up (unpaired).
        within: both runs' variances between epochs of one sample, added up.
        paired: whether both runs have the same samples.
        design_effect: by how much clusters of samples make the variance larger; 1 without clusters.
    """

    between: float
    within: float
    paired: bool
    design_effect: float = 1.0

    def __post_init__(self) -> None:
        if not (0 <= self.between < math.inf and 0 <= self.within < math.inf and self.design_effect > 0):
            raise ConfigurationError(
                f"variances are finite and not negative, a design effect is positive: {self.between}, "
                f"{self.within}, {self.design_effect}"
            )

    def per_sample(self, epochs: int) -> float:
        """Variance that one sample (one of each run, when unpaired) adds: design effect · (b + w/K)."""
        if epochs < 1:
            raise ConfigurationError(f"there is at least one epoch, not {epochs}")
        return self.design_effect * (self.between + self.within / epochs)

    def to_dict(self) -> dict[str, Any]:
        return {
            "between": self.between,
            "within": self.within,
            "paired": self.paired,
            "design_effect": self.design_effect,
        }


def paired_variance(
    first: VarianceParts, second: VarianceParts, correlation: float, design_effect: float = 1.0
) -> DifferenceVariance:
    """Of two runs on the same samples: ω² = b₁ + b₂ - 2·r·√(b₁·b₂).

    Arguments:
        first: variances of one run.
        second: those of the other; the same again where it is not run yet.
        correlation: r, of both runs' true means over the samples.
        design_effect: of clusters of samples.

    Raises:
        ConfigurationError: the correlation is none.
    """
    if not -1 <= correlation <= 1:
        raise ConfigurationError(f"a correlation lies between -1 and 1, not at {correlation}")
    shared = 2 * correlation * math.sqrt(first.between * second.between)
    between = max(0.0, first.between + second.between - shared)
    return DifferenceVariance(between, first.within + second.within, True, design_effect)


def unpaired_variance(
    first: VarianceParts, second: VarianceParts, design_effect: float = 1.0
) -> DifferenceVariance:
    """Of two runs on different samples, as many in each."""
    return DifferenceVariance(
        first.between + second.between, first.within + second.within, False, design_effect
    )


def measured_variance(
    differences: ArrayLike, within: float = 0.0, explained: float = 0.0, design_effect: float = 1.0
) -> DifferenceVariance:
    """From two runs at hand: ω² is the variance of the differences less what repeats explain, 0 at least.

    Arguments:
        differences: shape (n,), one a sample, of the means over its epochs.
        within: both runs' variances between epochs added up; 0 where they are unknown, which leaves them in ω².
        explained: the part of the differences' variance that comes from it: w₁/K₁ + w₂/K₂.
        design_effect: of clusters of samples.

    Raises:
        ConfigurationError: there are fewer than two differences.
    """
    values = np.asarray(differences, dtype=np.float64).reshape(-1)
    if len(values) < 2:
        raise ConfigurationError("a variance needs two samples that both runs have a score of")
    between = max(0.0, float(np.var(values, ddof=1)) - explained)
    return DifferenceVariance(between, within, True, design_effect)


def detectable_effect(
    samples: int, variance: DifferenceVariance, *, epochs: int = 1, power: float = 0.8, level: float = 0.95
) -> float:
    """The smallest true difference that is found with probability `power`: (z_α/2 + z_β)·√(v/n).

    Arguments:
        samples: of each run.
        variance: what the difference varies by.
        epochs: of each sample in each run.
        power: probability to find it.
        level: of the interval; 1 - level is the chance of a false alarm.

    Raises:
        ConfigurationError: an argument is out of its range.
    """
    if samples < 1:
        raise ConfigurationError(f"there is at least one sample, not {samples}")
    return _critical(power, level) * math.sqrt(variance.per_sample(epochs) / samples)


def samples_needed(
    effect: float, variance: DifferenceVariance, *, epochs: int = 1, power: float = 0.8, level: float = 0.95
) -> int:
    """Samples of each run that find a true difference of `effect` with probability `power`.

    n = (z_α/2 + z_β)²·v/δ², rounded up.

    Raises:
        ConfigurationError: the effect is not positive, or an argument is out of its range.

    >>> samples_needed(0.03, DifferenceVariance(1 / 9, 0.0, paired=True))
    969
    """
    if not 0 < effect < math.inf:
        raise ConfigurationError(f"an effect is a positive number in the unit of the score, not {effect}")
    exact = (_critical(power, level) / effect) ** 2 * variance.per_sample(epochs)
    return max(1, math.ceil(exact * (1 - 1e-12)))  # rounding may not ask for one more


def expected_power(
    effect: float, samples: int, variance: DifferenceVariance, *, epochs: int = 1, level: float = 0.95
) -> float:
    """Probability that a true difference of `effect` is found, either way: Φ(δ/se - z) + Φ(-δ/se - z)."""
    from scipy.special import ndtr

    if samples < 1:
        raise ConfigurationError(f"there is at least one sample, not {samples}")
    error, z = math.sqrt(variance.per_sample(epochs) / samples), normal_quantile(level)
    if error == 0:
        return 1.0 if effect else 1 - level
    return float(ndtr(effect / error - z) + ndtr(-effect / error - z))


def _critical(power: float, level: float) -> float:
    """z_α/2 + z_β."""
    if not 0.5 <= power < 1:
        raise ConfigurationError(f"power lies between 0.5 and 1, for example 0.8; not {power}")
    return normal_quantile(level) + (normal_quantile(2 * power - 1) if power > 0.5 else 0.0)
