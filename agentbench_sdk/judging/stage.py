"""The judging stage: all judges of a case at once, and no failure of a judge becomes a verdict."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from agentbench_sdk.canonical import canonical_json
from agentbench_sdk.errors import (
    CacheError,
    EnvironmentFaultError,
    JudgeError,
    ModelError,
    RunFileError,
    SandboxUnavailableError,
)
from agentbench_sdk.judging.base import Asks, Judge, JudgeCase, Score, with_members
from agentbench_sdk.judging.gathering import gathered

if TYPE_CHECKING:
    from agentbench_sdk.benchmark.task import Sample
    from agentbench_sdk.messages import Usage
    from agentbench_sdk.runs.records import CallRole
    from agentbench_sdk.sandbox import SandboxPool
    from agentbench_sdk.sessions.ending import Ending
    from agentbench_sdk.sessions.transcript import Transcript
    from agentbench_sdk.simulation import Outcome


_NOTHING = type(None)
_KINDS = (("passed", (bool, _NOTHING)), ("label", (str, _NOTHING)), ("explanation", (str,)))
ROUNDING = 1e-9  # a mean of parts may miss the end of its scale by this much


def case_of(
    sample: Sample,
    epoch: int,
    *,
    answer: str,
    transcript: Transcript,
    ending: Ending,
    outcome: Outcome | None,
    model: str,
    usage: Mapping[CallRole, Usage],
    cached: Collection[CallRole],
    working_s: float,
) -> JudgeCase:
    """What judges are shown of one attempt; `model` is the id of the model under test.

    Of the `usage` by role that of judges is left out. Where an answer of a role in `cached` took no time, the
    seconds of the session are not known.
    """
    return JudgeCase(
        sample_id=sample.id,
        epoch=epoch,
        answer=answer,
        target=sample.target,
        choices=sample.choices,
        input=sample.messages,
        transcript=transcript,
        ending=ending,
        outcome=outcome,
        metadata=sample.metadata,
        model=model,
        usage={role: used for role, used in usage.items() if role != "judge"},
        working_s=None if {"agent", "user"} & set(cached) else working_s,
    )


async def judge_case(
    judges: Sequence[Judge],
    case: JudgeCase,
    asks: Callable[[Judge], Asks],
    sandboxes: SandboxPool | None = None,
) -> dict[str, Score]:
    """Scores by judge id, in the order of the judges.

    `asks` gives the way to a model for each judge, so that its calls are attributed to it; `sandboxes` is for
    judges that need some.
    """
    if len(judges) == 1:  # no task for the usual case
        (judge,) = judges
        return {judge.id: await _judged(judge, case, asks(judge), sandboxes)}
    scores = await gathered(_judged(each, case, asks(each), sandboxes) for each in judges)
    return {each.id: score for each, score in zip(judges, scores, strict=True)}


async def _judged(judge: Judge, case: JudgeCase, ask: Asks, sandboxes: SandboxPool | None) -> Score:
    if sandboxes is None or not runs_programs(judge):
        return await verdict_of(judge, case.asking(ask))
    async with sandboxes.scope() as own:
        return await verdict_of(judge, case.asking(ask, own.create))


def runs_programs(judge: Judge) -> bool:
    """Whether a judge, or one that it is made of, needs a sandbox."""
    return any(getattr(each, "needs_sandbox", False) for each in with_members([judge]))


async def verdict_of(judge: Judge, case: JudgeCase) -> Score:
    """A judge's verdict, or why there is none: its failures are unscored, whatever its code does.

    Raises:
        CacheError, RunFileError: what stops the whole run is no verdict.
    """
    try:
        return _checked(judge, await judge.judge(case))
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        return Score.unscored(f"judge {judge.id} was cancelled by its own code")
    except (ModelError, JudgeError, EnvironmentFaultError, SandboxUnavailableError) as error:
        return Score.unscored(f"{error.kind}: {error}")
    except (CacheError, RunFileError):
        raise  # what stops the whole run is no verdict
    except Exception as error:  # noqa: BLE001 - the boundary to a judge's own code
        return Score.unscored(f"judge {judge.id} raised {type(error).__name__}: {error}")


def _checked(judge: Judge, score: Any) -> Score:
    """The score, or why it is none: what cannot be written, averaged or believed is no verdict."""
    if not isinstance(score, Score):
        return Score.unscored(f"judge {judge.id} returned {type(score).__name__}, not a Score")
    told: dict[str, Any] = score.to_dict()  # whatever the judge's code put there
    try:
        canonical_json(told)
    except (TypeError, ValueError) as error:
        return Score.unscored(f"judge {judge.id} returned something that is not JSON ({error})")
    for name, kinds in _KINDS:
        if not isinstance(told[name], kinds):
            return Score.unscored(f"judge {judge.id} returned {name}={told[name]!r}")
    value, scale = score.value, judge.scale
    if value is None:
        return score
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return Score.unscored(f"judge {judge.id} returned the value {value!r}, which is no finite number")
    low, high = scale.low, scale.high
    if (low is not None and value < low - ROUNDING) or (high is not None and value > high + ROUNDING):
        return Score.unscored(
            f"judge {judge.id} returned {value:g}, outside its scale of {scale.low} to {scale.high}"
        )
    return score
