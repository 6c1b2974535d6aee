"""Worker processes: bounded, replaced, ended, and never in the way of the event loop."""

import asyncio
import gc
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from agentbench_sdk.errors import JudgeError
from agentbench_sdk.judges.workers import JobTimeoutError, WorkerPool, shared_pool

ECHO = """
import json, os, sys, time
print(json.dumps({"ready": True}), flush=True)
for line in sys.stdin:
    job = json.loads(line)
    if job.get("die"):
        os._exit(3)
    time.sleep(job.get("sleep", 0))
    print(json.dumps({"pid": os.getpid(), **job}), flush=True)
"""


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "echo.py"
    path.write_text(ECHO, encoding="utf-8")
    return path


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def test_an_idle_worker_is_used_again(script: Path) -> None:
    pool = WorkerPool(script)
    first, second = [await pool.ask({"text": text}, 20) for text in ("a", "b\ud800")]
    assert first["pid"] == second["pid"]
    assert second["text"] == "b\ud800"
    pool.close()
    assert not is_running(first["pid"])


async def test_a_job_that_takes_too_long_is_ended_and_the_next_one_runs(script: Path) -> None:
    pool = WorkerPool(script, workers=1)
    before = (await pool.ask({}, 20))["pid"]
    with pytest.raises(JobTimeoutError, match=r"more than 0\.2 s"):
        await pool.ask({"sleep": 60}, 0.2)
    assert not is_running(before)
    assert (await pool.ask({}, 20))["pid"] != before
    pool.close()


async def test_a_worker_that_dies_is_a_judge_error_and_is_replaced(script: Path) -> None:
    pool = WorkerPool(script, workers=1)
    with pytest.raises(JudgeError, match="ended without an answer"):
        await pool.ask({"die": True}, 20)
    pid = (await pool.ask({}, 20))["pid"]
    os.kill(pid, 9)  # while it is idle
    assert (await pool.ask({}, 20))["pid"] != pid
    pool.close()


async def test_the_loop_goes_on_while_workers_work_and_there_are_no_more_than_allowed(script: Path) -> None:
    pool = WorkerPool(script, workers=2)
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            ticks += 1
            await asyncio.sleep(0.001)

    clock = asyncio.create_task(tick())
    answers = await asyncio.gather(*(pool.ask({"sleep": 0.05}, 20) for _ in range(8)))
    clock.cancel()
    assert ticks > 20
    assert len({answer["pid"] for answer in answers}) <= 2
    pool.close()


async def test_workers_end_when_they_have_been_idle(script: Path) -> None:
    pool = WorkerPool(script, idle_s=0.05)
    pid = (await pool.ask({}, 20))["pid"]
    for _ in range(2000):
        if not is_running(pid):
            break
        await asyncio.sleep(0.005)
    assert not is_running(pid)
    assert pool.idle == 0


async def test_workers_end_with_the_last_one_who_holds_the_pool(script: Path) -> None:
    one, other = shared_pool(script), shared_pool(script)
    assert one is other
    pid = (await one.ask({}, 20))["pid"]
    del one
    gc.collect()
    assert is_running(pid)
    del other
    await asyncio.sleep(0)
    gc.collect()
    assert not is_running(pid)


PROGRAM = """
import asyncio
from agentbench_sdk.judges import math
from agentbench_sdk.judging import JudgeCase

async def main():
    judge = math()
    print((await judge.judge(JudgeCase("s", r"\\boxed{(x+1)^2}", "x^2+2x+1"))).value)

asyncio.run(main())
"""


@pytest.mark.parametrize("way", ["stdin", "command", "file"])
def test_a_program_whose_main_module_cannot_be_imported_again_can_use_it(way: str, tmp_path: Path) -> None:
    """As in a notebook: no `if __name__ == "__main__"`, no file; nothing of it runs twice, nothing is left."""
    program = textwrap.dedent(PROGRAM)
    path = tmp_path / "not a module.py"
    path.write_text(program, encoding="utf-8")
    arguments = {"stdin": ["-"], "command": ["-c", program], "file": [str(path)]}[way]
    done = subprocess.run(
        [sys.executable, "-W", "error", *arguments],
        input=program if way == "stdin" else None,
        capture_output=True,
        text=True,
        check=False,
        timeout=50,
        cwd=tmp_path,
    )
    assert (done.stdout, done.stderr) == ("1.0\n", "")


def test_a_worker_ends_when_the_program_is_killed(script: Path, tmp_path: Path) -> None:
    program = textwrap.dedent(f"""
        import asyncio, os, pathlib
        from agentbench_sdk.judges.workers import WorkerPool

        async def main():
            pool = WorkerPool(pathlib.Path({str(script)!r}))
            print((await pool.ask({{}}, 20))["pid"], flush=True)
            os.kill(os.getpid(), 9)

        asyncio.run(main())
    """)
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=50
    )
    pid = int(done.stdout)
    for _ in range(2000):
        if not is_running(pid):
            return
        subprocess.run(["sleep", "0.005"], check=True)
    os.kill(pid, 9)
    raise AssertionError("the worker outlived its program")
