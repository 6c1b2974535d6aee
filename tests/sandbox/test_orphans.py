"""What a run that was killed left on the host is killed and removed by the next."""

from __future__ import annotations

import asyncio
import secrets
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from agentbench_sdk.errors import SandboxUnavailableError
from agentbench_sdk.sandbox import SandboxProvider, SandboxSpec, process_tree
from agentbench_sdk.sandbox.bubblewrap import Bubblewrap
from agentbench_sdk.sandbox.local import Local

_RUN = """
import asyncio, os, signal, sys
from agentbench_sdk.sandbox import SandboxSpec, sandbox_provider
async def main():
    sandbox = await sandbox_provider(sys.argv[1]).create(SandboxSpec())
    process = await sandbox.start(["sh", "-c", "echo on; exec sh -c 'while :; do sleep 1; done' " + sys.argv[2]])
    await anext(process.output())
    print(sandbox.folders.work, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
asyncio.run(main())
"""


def is_there(folder: str) -> bool:
    return bool(folder) and Path(folder).is_dir()


def running(mark: str) -> list[int]:
    found = []
    for pid in process_tree.all_pids():
        try:
            found += [pid] * (mark.encode() in Path(f"/proc/{pid}/cmdline").read_bytes())
        except OSError:
            continue
    return found


@pytest.mark.filterwarnings("ignore::agentbench_sdk.sandbox.warning.SandboxWarning")
@pytest.mark.parametrize("make", [Bubblewrap, Local])
async def test_it_is_gone(make: Callable[[], SandboxProvider]) -> None:
    provider, mark = make(), secrets.token_hex(12)
    try:
        await provider.check()
    except SandboxUnavailableError as error:
        pytest.skip(str(error))
    async with await provider.create(SandboxSpec()) as mine:
        await mine.write("kept", "x")
        killed = await asyncio.to_thread(
            subprocess.run,
            [sys.executable, "-W", "ignore", "-c", _RUN, provider.name, mark],
            capture_output=True,
            text=True,
            check=False,
        )
        folder = killed.stdout.strip()
        assert is_there(folder), killed.stderr
        another = make()
        await another.check()
        await another.close()
        assert not is_there(folder)
        for _ in range(100):
            if not running(mark):
                break
            await asyncio.sleep(0.05)
        assert running(mark) == []
        assert await mine.read("kept") == b"x"
    await provider.close()
