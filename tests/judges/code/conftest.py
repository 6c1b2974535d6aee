"""Verdicts of judges that run code, with sandboxes of bubblewrap."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from agentbench_sdk.canonical import JSON
from agentbench_sdk.errors import SandboxUnavailableError
from agentbench_sdk.judging import Judge, JudgeCase, Score
from agentbench_sdk.sandbox.bubblewrap import Bubblewrap

Judged = Callable[[Judge, str, JSON], Awaitable[Score]]


@pytest.fixture
async def judged() -> AsyncIterator[Judged]:
    """What a judge says of an answer, given a target."""
    provider = Bubblewrap()
    try:
        await provider.check()
    except SandboxUnavailableError as error:
        pytest.skip(str(error))

    async def judge(by: Judge, answer: str, target: JSON) -> Score:
        return await by.judge(JudgeCase("sample", answer, target, sandbox=provider.create))

    yield judge
    await provider.close()
