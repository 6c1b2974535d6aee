"""No process outlives its command, ignores its time or reaches those of the host."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys

import pytest

from agentbench_sdk.sandbox import Limit, Sandbox
from tests.sandbox.escapes.attempts import processes_with, python, still_works


async def test_nothing_outlives_the_call(sandbox: Sandbox) -> None:
    """Background jobs, daemons with a session of their own, and orphans of orphans."""
    mark = f"sleeper{secrets.token_hex(8)}"
    code = f"""
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        for fd in range(3): os.close(fd)
        "{mark}"; time.sleep(60)
    os._exit(0)
"""
    await sandbox.exec(["python3", "-c", code])
    await sandbox.exec(["sh", "-c", "nohup setsid sh -c 'sleep 60; : $0' $0 >/dev/null 2>&1 &", mark])
    assert processes_with(mark) == []


@pytest.mark.parametrize(
    "code",
    [
        "import signal, time\nfor n in range(1, 65):\n  try: signal.signal(n, signal.SIG_IGN)\n  except (OSError, ValueError): pass\ntime.sleep(60)",
        "import os, time\nos.setsid() if os.getpid() != os.getsid(0) else None\nos.fork() or time.sleep(60)\ntime.sleep(60)",
        "while True: pass",
    ],
    ids=["signals ignored", "session of its own", "busy"],
)
async def test_time_outs_cannot_be_ignored(sandbox: Sandbox, code: str) -> None:
    mark = f"#{secrets.token_hex(8)}"
    result = await sandbox.exec(["python3", "-c", f"{code}\n{mark}"], timeout=0.7)
    assert result.ended_by is Limit.WALL
    assert processes_with(mark) == []


async def test_processes_of_the_host_cannot_be_signalled(sandbox: Sandbox) -> None:
    sleep = [sys.executable, "-c", "import time; time.sleep(60)"]
    with subprocess.Popen(sleep) as victim:  # noqa: ASYNC220 - it is looked at, not waited for
        pids = [victim.pid, os.getpid(), os.getppid()]
        code = f"""
import os
for pid in {pids!r}:
    for number in (9, 15, 19):
        try:
            os.kill(pid, number); print("SENT", pid)
        except OSError:
            pass
"""
        result = await python(sandbox, code)
        everybody = await sandbox.exec("kill -9 -1; echo unreachable")
        assert victim.poll() is None
        victim.send_signal(signal.SIGKILL)
    assert "SENT" not in result.stdout.text
    assert everybody.exit_code == 128 + signal.SIGKILL or "unreachable" in everybody.stdout.text
    await still_works(sandbox)
