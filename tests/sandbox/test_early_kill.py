"""A command that is killed at any moment of its start leaves nothing behind."""

from __future__ import annotations

import asyncio
import secrets
from pathlib import Path

import pytest

from agentbench_sdk.errors import SandboxUnavailableError
from agentbench_sdk.sandbox import SandboxSpec
from agentbench_sdk.sandbox.bubblewrap import Bubblewrap


def running(mark: str) -> list[str]:
    found = []
    for entry in Path("/proc").iterdir():
        try:
            line = (entry / "cmdline").read_bytes().decode(errors="replace")
        except OSError:
            continue
        if entry.name.isdigit() and mark in line:
            found.append(line)
    return found


async def test_commands_that_are_killed_while_they_start_are_gone_when_they_are_awaited() -> None:
    provider = Bubblewrap()
    try:
        await provider.check()
    except SandboxUnavailableError as error:
        pytest.skip(str(error))
    mark = f"1000.{secrets.randbelow(1_000_000):06}"
    sandbox = await provider.create(SandboxSpec())
    for number in range(60):
        process = await sandbox.start(["/bin/sleep", mark])
        await asyncio.sleep(number * 0.0005)
        process.kill()
        assert (await process.wait()).exit_code != 0
    assert running(mark) == []
    await provider.close()
