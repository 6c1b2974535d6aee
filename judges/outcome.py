"""`outcome`: what the environment itself says of the session, as a score.

outcome(divide=100, unit="dollars")             # a reward in cents, shown in dollars
outcome(metric="units_sold", threshold=50)      # a metric, passed from 50 on
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields

from agentbench_sdk.errors import ConfigurationError, JudgeError
from agentbench_sdk.judges.naming import judge_id
from agentbench_sdk.judging import JudgeCase, Scale, Score


@dataclass(frozen=True, slots=True)
class OutcomeJudge:
    """See `outcome`."""

    component: str | None = None
    metric: str | None = None
    divide: float = 1.0
    low: float | None = None
    high: float | None = None
    unit: str = ""
    threshold: float | None = None
    label: str = ""

    @property
    def id(self) -> str:
        return self.label or judge_id(
            "outcome", asdict(self), {each.name: each.default for each in fields(self)}
        )

    @property
    def scale(self) -> Scale:
        return Scale(self.low, self.high, self.unit)

    async def judge(self, case: JudgeCase) -> Score:
        """The value chosen, divided; `passed` where there is a threshold.

        Raises:
            JudgeError: the session has no environment, there is no such component or metric, or the value
                is no finite number or outside the scale.
        """
        raw = self._raw(case)
        name = self.component or self.metric or self.label or "reward"
        if raw is None:
            return Score.unscored(f"the environment gives no {name}")
        if isinstance(raw, bool) or not isinstance(raw, int | float) or not math.isfinite(raw):
            raise JudgeError(f"sample {case.sample_id!r}: {name} is {raw!r}, which is no finite number")
        value = raw / self.divide
        if (self.low is not None and value < self.low) or (self.high is not None and value > self.high):
            raise JudgeError(
                f"sample {case.sample_id!r}: {name} is {value:g}, outside the judge's scale "
                f"{self.low} to {self.high}; correct low, high or divide"
            )
        passed = None if self.threshold is None else value >= self.threshold
        end = case.outcome.end_reason if case.outcome else ""
        evidence = {"raw": raw, "name": name, "end_reason": end}
        explanation = f"{name} is {value:g} {self.unit}".rstrip()
        return Score(value, passed, explanation=explanation, evidence=evidence)

    def _raw(self, case: JudgeCase) -> object:
        if case.outcome is None:
            raise JudgeError(f"sample {case.sample_id!r}: judge 'outcome' needs a task with an environment")
        if self.component is not None:
            return _named("component", self.component, case.outcome.components)
        if self.metric is not None:
            return _named("metric", self.metric, case.outcome.metrics)
        return case.outcome.reward


def _named(what: str, name: str, table: Mapping[str, object]) -> object:
    if name not in table:
        there_is = ", ".join(sorted(table)) or "none"
        raise JudgeError(f"the environment's outcome has no {what} {name!r}; it has {there_is}")
    return table[name]


def outcome(
    *,
    component: str | None = None,
    metric: str | None = None,
    divide: float = 1.0,
    low: float | None = None,
    high: float | None = None,
    unit: str = "",
    threshold: float | None = None,
    label: str = "",
) -> OutcomeJudge:
    """A judge that passes on what the environment says.

    Arguments:
        component: a named component of the reward in place of the reward.
        metric: a named metric in place of the reward.
        divide: the raw value is divided by it, as 100 for cents shown in dollars.
        low: least value after division; None is open, and gives no bound for unscored samples.
        high: greatest value after division, likewise.
        unit: of the value after division.
        threshold: passed from this value on, after division; None gives no verdict.
        label: the judge's id in reports, in place of its name and options.

    Raises:
        ConfigurationError: the options contradict each other.
    """
    judge = OutcomeJudge(component, metric, divide, low, high, unit, threshold, label)
    if component is not None and metric is not None:
        raise ConfigurationError("judge 'outcome': give a component or a metric, not both")
    for name in ("divide", "low", "high", "threshold"):
        value = getattr(judge, name)
        if value is not None and (
            isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value)
        ):
            raise ConfigurationError(f"judge 'outcome': {name} is {value!r}; give a finite number")
    if divide == 0 or (low is not None and high is not None and low >= high):
        raise ConfigurationError("judge 'outcome': divide may not be 0, and low must be below high")
    return judge
