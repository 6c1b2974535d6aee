"""How programs try things in a sandbox, and how it is seen what has become of them."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from agentbench_sdk.sandbox import ExecResult, Sandbox

INTERPRETER = os.path.realpath(sys.executable)


async def python(sandbox: Sandbox, code: str) -> ExecResult:
    return await sandbox.exec(["python3", "-c", code])


async def still_works(sandbox: Sandbox) -> None:
    result = await sandbox.exec("echo alive")
    assert result.ok
    assert result.stdout.text == "alive\n"


def processes_with(mark: str) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if mark.encode() in (entry / "cmdline").read_bytes():
                    found.append(int(entry.name))
            except OSError:
                continue
    return found
