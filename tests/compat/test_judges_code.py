"""Every HumanEval answer of the golden data: as its author meant it, and as the recorded peer scored it.

The data lie outside the repository (AGENTBENCH_COMPAT_DATA or ../shared) and the tests skip without them.
"""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from agentbench_sdk.errors import SandboxUnavailableError
from agentbench_sdk.judges import unit_tests
from agentbench_sdk.judging import Judge, JudgeCase
from agentbench_sdk.sandbox import SandboxPool, sandbox_provider

DATA = (
    Path(os.environ.get("AGENTBENCH_COMPAT_DATA", Path(__file__).parents[3] / "shared")) / "golden" / "text"
)
Record = dict[str, Any]

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="no golden data beside the checkout")


@pytest.fixture
async def pool() -> AsyncIterator[SandboxPool]:
    async with SandboxPool(sandbox_provider("bubblewrap")) as made:
        try:
            await made.provider.check()
        except SandboxUnavailableError as error:
            pytest.skip(str(error))
        yield made


def answers() -> list[tuple[Record, Record]]:
    lines = (DATA / "humaneval.jsonl").read_text(encoding="utf-8").splitlines()
    return [(document, case) for document in map(json.loads, lines) for case in document["cases"]]


async def values(judge: Judge, pool: SandboxPool, cases: list[tuple[Record, Record]]) -> list[float | None]:
    async def value(document: Record, case: Record) -> float | None:
        made = JudgeCase(case["case_id"], case["output"], document["doc"], sandbox=pool.create)
        return (await judge.judge(made)).value

    return list(await asyncio.gather(*(value(*each) for each in cases)))


async def test_answers_are_scored_as_they_were_meant(pool: SandboxPool) -> None:
    cases = [each for each in answers() if each[1]["intent"] in ("correct", "wrong", "none")]
    given = await values(unit_tests(seconds=3), pool, cases)
    wanted = [float(case["intent"] == "correct") for _, case in cases]
    told = zip(given, wanted, cases, strict=True)
    assert [(case["case_id"], value) for value, want, (_, case) in told if value != want] == []


async def test_the_peers_own_scores_are_given_on_request(pool: SandboxPool) -> None:
    cases = answers()
    given = await values(unit_tests(seconds=3, compat="evalscope-1.14.1"), pool, cases)
    wanted = [case["peers"]["evalscope-1.14.1"]["score"]["acc"] for _, case in cases]
    told = zip(given, wanted, cases, strict=True)
    assert [(case["case_id"], value) for value, want, (_, case) in told if value != want] == []
