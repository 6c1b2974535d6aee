"""The judging stage: all judges of a case at once, and no failure of a judge becomes a verdict."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace

from agentbench_sdk.errors import JudgeError, ModelError
from agentbench_sdk.judging.base import Asks, Judge, JudgeCase, Score


async def judge_case(
    judges: Sequence[Judge], case: JudgeCase, asks: Callable[[Judge], Asks]
) -> dict[str, Score]:
    """Scores by judge id, in the order of the judges.

    `asks` gives the way to a model for each judge, so that its calls are attributed to it.
    """
    scores = await asyncio.gather(*(_verdict(each, replace(case, ask=asks(each))) for each in judges))
    return {each.id: score for each, score in zip(judges, scores, strict=True)}


async def _verdict(judge: Judge, case: JudgeCase) -> Score:
    try:
        return await judge.judge(case)
    except (ModelError, JudgeError) as error:
        return Score.unscored(f"{error.kind}: {error}")
    except Exception as error:  # noqa: BLE001 - the boundary to a judge's own code
        return Score.unscored(f"judge {judge.id} raised {type(error).__name__}: {error}")
