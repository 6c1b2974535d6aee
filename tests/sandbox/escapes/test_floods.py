"""Whatever a program takes too much of, it is stopped, and the next command works as if nothing had been."""

from __future__ import annotations

import secrets

from agentbench_sdk.sandbox import Limit, Sandbox, SandboxProvider, SandboxSpec
from tests.sandbox.conftest import TIGHT
from tests.sandbox.escapes.attempts import processes_with, python, still_works


async def test_a_fork_bomb_ends_with_the_command(sandbox: Sandbox) -> None:
    mark = f"bomb{secrets.token_hex(8)}"
    code = f"""
import os, time
mark = "{mark}"
end = time.monotonic() + 3
while time.monotonic() < end:
    try:
        os.fork()
    except OSError:
        time.sleep(0.01)
"""
    await sandbox.exec(["python3", "-c", code], timeout=10)
    assert processes_with(mark) == []
    await still_works(sandbox)


async def test_no_more_processes_than_allowed_live_at_once(sandbox: Sandbox) -> None:
    code = """
import os, time
made = 0
try:
    while True:
        if os.fork() == 0:
            time.sleep(5); os._exit(0)
        made += 1
except OSError:
    print(made, flush=True)
os._exit(0)
"""
    made = int((await python(sandbox, code)).stdout.text)
    assert 0 < made <= TIGHT.processes


async def test_one_process_cannot_take_more_memory_than_allowed(sandbox: Sandbox) -> None:
    result = await python(sandbox, "x = bytearray(b'1') * (1 << 30)")
    assert not result.ok
    assert "MemoryError" in result.stderr.text or result.ended_by is Limit.MEMORY
    await still_works(sandbox)


async def test_many_processes_cannot_take_more_memory_together(sandbox: Sandbox) -> None:
    code = """
import os, time
for _ in range(12):
    if os.fork() == 0:
        x = bytearray(b"1") * (60 << 20)
        time.sleep(30); os._exit(0)
time.sleep(30)
"""
    result = await python(sandbox, code)
    assert result.ended_by is Limit.MEMORY
    await still_works(sandbox)


async def test_shared_memory_is_bounded(sandbox: Sandbox) -> None:
    result = await sandbox.exec("head -c 1000000000 /dev/zero > /dev/shm/x; stat -c %s /dev/shm/x")
    assert int(result.stdout.text.split()[-1]) <= 64 << 20


async def test_one_file_cannot_grow_beyond_its_limit(sandbox: Sandbox) -> None:
    result = await sandbox.exec("head -c 1000000000 /dev/zero > big; stat -c %s big")
    assert int(result.stdout.text.split()[-1]) <= TIGHT.file_bytes


async def test_many_files_cannot_fill_the_disk(sandbox: Sandbox) -> None:
    result = await sandbox.exec(
        "i=0; while :; do i=$((i+1)); head -c 4000000 /dev/zero > f$i || exit 1; done"
    )
    assert result.ended_by is Limit.DISK
    assert (await sandbox.exec("rm f*; ls")).stdout.text == ""
    await still_works(sandbox)


async def test_a_full_folder_can_be_emptied_and_not_filled_further(sandbox: Sandbox) -> None:
    fill = "i=0; while :; do i=$((i+1)); head -c 4000000 /dev/zero > $0$i || exit 1; done"
    await sandbox.exec(["sh", "-c", fill, "a"])
    assert (await sandbox.exec(["sh", "-c", fill, "b"])).ended_by is Limit.DISK
    assert (await sandbox.exec("rm a* b*; sleep 0.3")).ok


async def test_output_without_end_is_cut_and_ended(sandbox: Sandbox) -> None:
    result = await sandbox.exec("yes")
    assert result.ended_by is Limit.OUTPUT
    assert len(result.stdout.head) + len(result.stdout.tail) <= TIGHT.kept_bytes
    assert result.stdout.truncated
    await still_works(sandbox)


async def test_processor_time_is_limited_over_all_processes(sandbox: Sandbox) -> None:
    limits = type(TIGHT)(cpu_seconds=1.0, wall_seconds=20.0)
    result = await sandbox.exec("(while :; do :; done) & (while :; do :; done) & wait", limits=limits)
    assert result.ended_by is Limit.CPU


async def test_ten_thousand_files_are_listed_and_removed(provider: SandboxProvider) -> None:
    async with await provider.create(SandboxSpec(limits=TIGHT)) as sandbox:
        made = await sandbox.exec("mkdir d && cd d && seq 10000 | xargs touch")
        assert made.ok, made.stderr.text
        assert len(await sandbox.list("d")) == 10_000
