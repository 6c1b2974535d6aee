"""A run must not hold in memory what it could have written already."""

from pathlib import Path

import pytest

from agentbench_sdk import Bench, Sample, Task, judge
from agentbench_sdk.judging import JudgeCase
from agentbench_sdk.models.scripted import ConstantModel
from agentbench_sdk.runs.store import Attempt, RunStore


@judge
def said_ok(case: JudgeCase) -> bool:
    return case.answer == "ok"


async def test_sessions_that_end_at_once_wait_for_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A model in this process answers faster than files are written; most attempts are not begun yet then."""
    unwritten = most = 0
    add = RunStore.add

    async def counted(self: RunStore, attempt: Attempt) -> None:
        nonlocal unwritten, most
        unwritten += 1
        most = max(most, unwritten)
        await add(self, attempt)
        unwritten -= 1

    monkeypatch.setattr(RunStore, "add", counted)
    samples = [Sample(str(number), "?") for number in range(3000)]
    async with Bench(cache=None, runs=tmp_path) as bench:
        run = await bench.evaluate(Task("many", samples, [said_ok()]), ConstantModel("ok"))
    assert len(list(run.records())) == 3000
    assert most <= 1000
