"""Whatever a judge does, what comes out is a score that can be written, averaged and believed."""

import asyncio
import math
import threading
import time
from typing import Any

import pytest

from agentbench_sdk.errors import JudgeError, RateLimitedError
from agentbench_sdk.judging import Judge, JudgeCase, Scale, Score, judge
from agentbench_sdk.judging.base import Asks
from agentbench_sdk.judging.stage import judge_case

CASE = JudgeCase("a", "answer")


def asks(judge: Judge) -> Asks:
    return CASE.ask


async def verdict(outcome: Any, scale: Scale | None = None) -> Score:
    class Made:
        id = "made"

        async def judge(self, case: JudgeCase) -> Score:
            if isinstance(outcome, BaseException):
                raise outcome
            return outcome  # type: ignore[no-any-return]

    made = Made()
    made.scale = scale or Scale()  # type: ignore[attr-defined]
    return (await judge_case([made], CASE, asks))["made"]  # type: ignore[list-item]


@pytest.mark.parametrize(
    "outcome",
    [
        Score(0.5, evidence={"n": 10**40}),
        Score(0.5, evidence={"text": "\ud800"}),
        Score(0.5, evidence={"\ud800": 1}),
        Score(0.5, explanation="\ud800"),
        Score(0.5, evidence={"set": {1}}),
        Score("yes"),  # type: ignore[arg-type]
        Score(True),
        Score(math.nan),
        Score(math.inf),
        Score(5.0),
        Score(-0.1),
        Score(0.5, passed="no"),  # type: ignore[arg-type]
        Score(0.5, label=3),  # type: ignore[arg-type]
        0.5,
        None,
        ValueError("oops"),
        RateLimitedError("busy"),
        JudgeError("undecided"),
        asyncio.CancelledError(),
    ],
    ids=repr,
)
async def test_what_is_no_verdict_is_unscored_and_says_why(outcome: Any) -> None:
    score = await verdict(outcome)
    assert score.value is None
    assert score.explanation


async def test_deep_evidence_is_unscored() -> None:
    deep: Any = []
    for _ in range(2000):
        deep = [deep]
    assert (await verdict(Score(0.5, evidence={"deep": deep}))).value is None


async def test_an_open_scale_takes_any_finite_number() -> None:
    assert (await verdict(Score(-1e9), Scale(None, None))).value == -1e9


async def test_text_is_not_read_as_a_number() -> None:
    @judge
    def careless(case: JudgeCase) -> float:
        return "0.5"  # type: ignore[return-value]

    score = (await judge_case([careless()], CASE, asks))["careless"]
    assert score.value is None
    assert "'0.5'" in score.explanation


async def test_a_cancelled_case_is_not_judged() -> None:
    @judge
    async def waiting(case: JudgeCase) -> bool:
        await asyncio.Event().wait()
        return True

    task = asyncio.create_task(judge_case([waiting()], CASE, asks))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_slow_rule_leaves_the_event_loop() -> None:
    threads = []

    @judge
    def slow(case: JudgeCase) -> bool:
        threads.append(threading.current_thread() is threading.main_thread())
        time.sleep(0.03)
        return True

    made = slow()
    for _ in range(3):
        assert (await judge_case([made], CASE, asks))["slow"].value == 1.0
    assert threads == [True, False, False]
