"""Judging runs beside the sessions: a slow judge adds its own time at most, never the sum of both."""

from __future__ import annotations

import asyncio
import json
import selectors
from pathlib import Path

from agentbench_sdk import Bench, Sample, Task
from agentbench_sdk.judges.llm import binary
from agentbench_sdk.models import ModelRequest
from agentbench_sdk.testing import ScriptedModel
from agentbench_sdk.traffic import Limiters
from tests.traffic.virtual import VirtualClock

SESSIONS = 1000
AT_ONCE = 50
ANSWER_S, VERDICT_S = 1.0, 2.0


class _Patient(selectors.SelectSelector):
    """Moves the clock on only when neither a socket nor a thread has anything to say."""

    loop: PatientLoop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(timeout and 0.02)
        if not ready and timeout:
            self.loop.now += timeout
        return ready


class PatientLoop(asyncio.SelectorEventLoop):
    """Time is virtual, files are real."""

    def __init__(self) -> None:
        self.now = 0.0
        selector = _Patient()
        selector.loop = self
        super().__init__(selector)

    def time(self) -> float:
        return self.now


def slow(text: str, seconds: float, name: str) -> ScriptedModel:
    async def answer(request: ModelRequest) -> str:
        await asyncio.sleep(seconds)
        return text

    return ScriptedModel(answer, id=name, endpoint=f"fake://{name}")


async def judged(folder: Path) -> tuple[float, int]:
    """Seconds that a run takes, and how many verdicts it has."""
    verdict = json.dumps({"reasoning": "r", "verdict": "yes"})
    samples = [Sample(f"s{n}", f"question {n}") for n in range(SESSIONS)]
    async with Bench(cache=None, runs=folder) as bench:
        bench.limiters = Limiters(max_connections=AT_ONCE, clock=VirtualClock())
        task = Task("slowly", samples, judges=[binary(criteria="c")])
        started = asyncio.get_running_loop().time()
        run = await bench.evaluate(
            task, slow("answer", ANSWER_S, "model"), judge_model=slow(verdict, VERDICT_S, "judge")
        )
        took = asyncio.get_running_loop().time() - started
    return took, run.summary().primary.estimate.n


def test_a_thousand_sessions_with_a_slow_judge_take_as_long_as_the_slower_of_both(tmp_path: Path) -> None:
    with asyncio.Runner(loop_factory=PatientLoop) as runner:
        took, verdicts = runner.run(judged(tmp_path))
    slower, faster = SESSIONS / AT_ONCE * VERDICT_S, SESSIONS / AT_ONCE * ANSWER_S
    assert verdicts == SESSIONS
    assert took < slower + 0.3 * faster  # the first verdicts cannot come before the first answers
