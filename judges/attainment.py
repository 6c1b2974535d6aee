"""`attainment`: a score as a share of what reference agents reach on the same sample.

attainment()                                  # 0 where "idle" ends, 1 where "planner" ends
attainment(floor="random", ceiling="expert")

The figures are the sample's, under "reference" in its metadata: `{"reference": {"idle": 440, "planner": 950}}`,
in the unit of the environment's reward. So they are in the run file beside the score that they belong to.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from agentbench_sdk.errors import ConfigurationError, JudgeError
from agentbench_sdk.judging import JudgeCase, Score, judge


def _check(*, floor: str = "idle", ceiling: str = "planner") -> None:
    if not floor or not ceiling or floor == ceiling:
        raise ConfigurationError(
            f"judge 'attainment': floor {floor!r} and ceiling {ceiling!r} must name two reference figures"
        )


@judge(scale=(None, None), check=_check)
def attainment(case: JudgeCase, *, floor: str = "idle", ceiling: str = "planner") -> Score:
    """(reward - floor) / (ceiling - floor): 0 is the one reference, 1 the other; both can be passed.

    Arguments:
        case: what is judged.
        floor: name of the reference figure that is 0.
        ceiling: name of the reference figure that is 1.

    Without both figures the sample is unscored.

    Raises:
        JudgeError: the session has no environment, or a figure is no finite number.
    """
    if case.outcome is None:
        raise JudgeError(f"sample {case.sample_id!r}: judge 'attainment' needs a task with an environment")
    reward, figures = case.outcome.reward, case.metadata.get("reference")
    given: Mapping[str, Any] = figures if isinstance(figures, Mapping) else {}
    if reward is None:
        return Score.unscored("the environment gives no reward")
    missing = [name for name in (floor, ceiling) if given.get(name) is None]
    if missing:
        return Score.unscored(
            f"there is no reference figure {' nor '.join(map(repr, missing))} for this sample, so its "
            "attainment cannot be told"
        )
    low, high = (_number(case, name, given[name]) for name in (floor, ceiling))
    if not low < high:
        return Score.unscored(
            f"reference {ceiling!r} ({high:g}) is not above {floor!r} ({low:g}), so there is nothing to attain"
        )
    value = (reward - low) / (high - low)
    return Score(
        value,
        explanation=f"{reward:g} on the way from {floor} {low:g} to {ceiling} {high:g}",
        evidence={"reward": reward, floor: given[floor], ceiling: given[ceiling]},
    )


def _number(case: JudgeCase, name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise JudgeError(
            f"sample {case.sample_id!r}: reference figure {name!r} is {value!r}, no finite number"
        )
    return float(value)
