"""Sandboxes of bubblewrap; containers have an escape suite of their own."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from agentbench_sdk.errors import SandboxUnavailableError
from agentbench_sdk.sandbox import Sandbox, SandboxProvider, SandboxSpec
from agentbench_sdk.sandbox.bubblewrap import Bubblewrap
from tests.sandbox.conftest import TIGHT


@pytest.fixture
async def provider() -> AsyncIterator[SandboxProvider]:
    made = Bubblewrap()
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
