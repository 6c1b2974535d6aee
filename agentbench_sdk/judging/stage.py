"""The judging stage: all judges of a case at once, and no failure of a judge becomes a verdict."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from agentbench_sdk.errors import CacheError, JudgeError, ModelError, RunFileError
from agentbench_sdk.judging.base import Asks, Judge, JudgeCase, Score

if TYPE_CHECKING:
    from agentbench_sdk.benchmark.task import Sample
    from agentbench_sdk.sessions.ending import Ending
    from agentbench_sdk.sessions.transcript import Transcript
    from agentbench_sdk.simulation import Outcome


def case_of(
    sample: Sample,
    epoch: int,
    *,
    answer: str,
    transcript: Transcript,
    ending: Ending,
    outcome: Outcome | None,
    model: str,
) -> JudgeCase:
    """What judges are shown of one attempt; `model` is the id of the model under test."""
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
    )


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
    except (CacheError, RunFileError):
        raise  # what stops the whole run is no verdict
    except Exception as error:  # noqa: BLE001 - the boundary to a judge's own code
        return Score.unscored(f"judge {judge.id} raised {type(error).__name__}: {error}")
