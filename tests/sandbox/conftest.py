"""Sandboxes of each isolating provider that works here."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from agentbench_sdk.errors import SandboxUnavailableError
from agentbench_sdk.sandbox import Limits, Sandbox, SandboxProvider, SandboxSpec
from agentbench_sdk.sandbox.bubblewrap import Bubblewrap

MEBIBYTE = 1 << 20
ISOLATING = {"bubblewrap": Bubblewrap}
# Tight enough that floods end soon.
TIGHT = Limits(
    cpu_seconds=10.0,
    wall_seconds=20.0,
    memory_bytes=200 * MEBIBYTE,
    processes=32,
    file_bytes=16 * MEBIBYTE,
    disk_bytes=64 * MEBIBYTE,
    kept_bytes=64 * 1024,
    output_bytes=4 * MEBIBYTE,
)


@pytest.fixture(params=sorted(ISOLATING))
async def provider(request: pytest.FixtureRequest) -> AsyncIterator[SandboxProvider]:
    made = ISOLATING[request.param]()
    try:
        await made.check()
    except SandboxUnavailableError as error:
        pytest.skip(str(error))
    yield made
    await made.close()


@pytest.fixture
async def sandbox(provider: SandboxProvider) -> AsyncIterator[Sandbox]:
    async with await provider.create(SandboxSpec(limits=TIGHT)) as made:
        yield made
