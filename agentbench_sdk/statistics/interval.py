"""An interval with its level and the method that made it, so that no bound is ever printed without them."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any, Self

from agentbench_sdk.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class Interval:
    """A two-sided confidence interval.

    Attributes:
        low, high: the ends, in the unit of the values; both belong to the interval.
        level: the nominal coverage, for example 0.95.
        method: how it was made, for example "Wilson".
    """

    low: float
    high: float
    level: float = 0.95
    method: str = ""

    def __post_init__(self) -> None:
        check_level(self.level)
        if not self.low <= self.high:
            raise ConfigurationError(f"an interval's low end {self.low} lies above its high end {self.high}")

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high

    @property
    def width(self) -> float:
        return self.high - self.low

    def clipped(self, low: float | None, high: float | None) -> Self:
        """The part that lies on a scale; None leaves that side open."""
        floor = -math.inf if low is None else low
        ceiling = math.inf if high is None else high
        return replace(
            self,
            low=min(max(self.low, floor), ceiling),
            high=min(max(self.high, floor), ceiling),
        )

    def to_dict(self) -> dict[str, Any]:
        return {"low": self.low, "high": self.high, "level": self.level, "method": self.method}


def check_level(level: float) -> float:
    """Return a confidence level.

    Raises:
        ConfigurationError: it is not strictly between 0 and 1.
    """
    if not 0.0 < level < 1.0:
        raise ConfigurationError(f"a confidence level lies between 0 and 1, for example 0.95; not {level}")
    return level


def normal_quantile(level: float) -> float:
    """Two-sided critical value of the normal distribution: 1.96 at a level of 0.95."""
    from scipy.special import ndtri

    return float(ndtri(0.5 + check_level(level) / 2))


def student_quantile(level: float, df: float) -> float:
    """Two-sided critical value of Student's t with `df` degrees of freedom, which may be a fraction."""
    from scipy.special import stdtrit

    if not df > 0:
        raise ConfigurationError(f"Student's t needs more than 0 degrees of freedom, not {df}")
    return float(stdtrit(df, 0.5 + check_level(level) / 2))


def normal_interval(mean: float, std_error: float, level: float = 0.95) -> Interval:
    """The mean ± z·se; right where the standard error is known or n is large.

    >>> interval = normal_interval(10.0, 1.0)
    >>> round(interval.low, 2), round(interval.high, 2)
    (8.04, 11.96)
    """
    half = normal_quantile(level) * std_error
    return Interval(mean - half, mean + half, level, "normal")


def student_interval(mean: float, std_error: float, df: float, level: float = 0.95) -> Interval:
    """The mean ± t(df)·se (Student 1908); exact for normal values whose spread was estimated with `df`.

    >>> interval = student_interval(10.0, 1.0, df=4)
    >>> round(interval.low, 2), round(interval.high, 2)
    (7.22, 12.78)
    """
    half = student_quantile(level, df) * std_error
    return Interval(mean - half, mean + half, level, "Student t")
