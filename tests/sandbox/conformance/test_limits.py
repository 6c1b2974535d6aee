"""Each limit that a provider says it enforces ends what exceeds it, is named, and leaves a sandbox that works."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agentbench_sdk.sandbox import Limit, Sandbox, SandboxProvider, SandboxSpec
from tests.sandbox.conftest import MEBIBYTE, TIGHT

pytestmark = pytest.mark.filterwarnings("ignore::agentbench_sdk.sandbox.warning.SandboxWarning")

BUSY = "while :; do :; done"
# A program that holds 60 MB and waits.
HOLDING = (
    """awk 'BEGIN { s = "0123456789abcdef"; while (length(s) < 60000000) s = s s; system("sleep 30") }'"""
)


def needs(provider: SandboxProvider, limit: Limit) -> None:
    if limit not in provider.capabilities.limits:
        pytest.skip(f"{provider.name} does not limit {limit}")


async def still_works(sandbox: Sandbox) -> None:
    result = await sandbox.exec("echo alive")
    assert (result.stdout.text, result.ok) == ("alive\n", True), result


async def test_time_on_the_wall(sandbox: Sandbox) -> None:
    result = await sandbox.exec("echo before; sleep 100; echo after", timeout=0.5)
    assert (result.ended_by, result.exit_code, result.stdout.text) == (Limit.WALL, 137, "before\n")
    await still_works(sandbox)


async def test_processor_time_of_one_process(sandbox: Sandbox, provider: SandboxProvider) -> None:
    needs(provider, Limit.CPU)
    result = await sandbox.exec(BUSY, limits=replace(TIGHT, cpu_seconds=1.0))
    assert result.ended_by is Limit.CPU
    assert not result.ok
    assert 0.5 < result.cpu_seconds < 4
    await still_works(sandbox)


async def test_processor_time_of_all_processes_together(sandbox: Sandbox, provider: SandboxProvider) -> None:
    needs(provider, Limit.CPU)
    result = await sandbox.exec(
        f"({BUSY}) & ({BUSY}) & ({BUSY}) & wait", limits=replace(TIGHT, cpu_seconds=2.0)
    )
    assert result.ended_by is Limit.CPU
    await still_works(sandbox)


async def test_memory_of_one_process(sandbox: Sandbox, provider: SandboxProvider) -> None:
    needs(provider, Limit.MEMORY)
    result = await sandbox.exec(
        """awk 'BEGIN { s = "x"; while (length(s) < 1000000000) s = s s; print "held" }'"""
    )
    assert not result.ok
    assert "held" not in result.stdout.text
    await still_works(sandbox)


async def test_memory_of_all_processes_together(sandbox: Sandbox, provider: SandboxProvider) -> None:
    needs(provider, Limit.MEMORY)
    result = await sandbox.exec(f"for each in 1 2 3 4 5 6; do {HOLDING} & done; wait; exit 1")
    assert result.ended_by is Limit.MEMORY
    await still_works(sandbox)


async def test_processes(sandbox: Sandbox, provider: SandboxProvider) -> None:
    needs(provider, Limit.PROCESSES)
    result = await sandbox.exec("i=0; while [ $i -lt 300 ]; do sleep 20 & i=$((i+1)); done; echo all; wait")
    assert not result.ok
    if provider.capabilities.isolated:
        assert "all" not in result.stdout.text, "the kernel refuses one too many"
    else:
        assert result.ended_by is Limit.PROCESSES, "it is seen that there are too many"
    await still_works(sandbox)


async def test_as_many_processes_as_are_allowed(sandbox: Sandbox) -> None:
    result = await sandbox.exec("i=0; while [ $i -lt 35 ]; do sleep 1 & i=$((i+1)); done; wait; echo all")
    assert (result.stdout.text, result.ended_by) == ("all\n", None), result.stderr.text


async def test_a_fork_bomb(sandbox: Sandbox, provider: SandboxProvider) -> None:
    needs(provider, Limit.PROCESSES)
    if not provider.capabilities.isolated:
        pytest.skip("nobody sets off a bomb on the host itself")
    await sandbox.exec("bomb() { bomb | bomb & }; bomb; sleep 5", timeout=3)
    await still_works(sandbox)


async def test_size_of_a_file(sandbox: Sandbox, provider: SandboxProvider) -> None:
    needs(provider, Limit.FILE_SIZE)
    result = await sandbox.exec(["dd", "if=/dev/zero", "of=big", "bs=1000000", "count=100"])
    assert not result.ok
    size = int((await sandbox.exec("wc -c < big")).stdout.text)
    assert 0 < size <= TIGHT.file_bytes
    assert result.ended_by is Limit.FILE_SIZE
    await still_works(sandbox)


async def test_output(sandbox: Sandbox) -> None:
    result = await sandbox.exec("yes")
    assert result.ended_by is Limit.OUTPUT
    assert len(result.stdout.head) + len(result.stdout.tail) <= TIGHT.kept_bytes
    await still_works(sandbox)


async def test_output_of_a_job_in_the_background(sandbox: Sandbox) -> None:
    result = await sandbox.exec("yes & sleep 0.2; exit 0", limits=replace(TIGHT, output_bytes=1 << 40))
    assert result.exit_code == 0
    await still_works(sandbox)


async def test_disk(sandbox: Sandbox, provider: SandboxProvider) -> None:
    needs(provider, Limit.DISK)
    fill = "i=0; while :; do i=$((i+1)); dd if=/dev/zero of=$0$i bs=1000000 count=2 2>/dev/null || exit 1; sleep 0.02; done"
    assert (await sandbox.exec(["sh", "-c", fill, "a"])).ended_by is Limit.DISK
    assert (await sandbox.exec(["sh", "-c", fill, "b"])).ended_by is Limit.DISK, (
        "a full folder is not filled further"
    )
    assert (await sandbox.exec("rm a* b*; sleep 1.5")).ok, "it may be emptied"
    assert (await sandbox.exec(["sh", "-c", fill, "c"])).ended_by is Limit.DISK
    await still_works(sandbox)


async def test_the_network(sandbox: Sandbox, provider: SandboxProvider) -> None:
    needs(provider, Limit.NETWORK)
    result = await sandbox.exec("cat /proc/net/route; grep -v -e lo: -e Inter -e face /proc/net/dev")
    assert len(result.stdout.text.splitlines()) <= 1, "no interface but loopback, and no route"


async def test_limits_can_be_exactly_one_commands(provider: SandboxProvider) -> None:
    """The same sandbox, a command with less and one with all."""
    async with await provider.create(SandboxSpec(limits=TIGHT)) as sandbox:
        less = replace(TIGHT, memory_bytes=30 * MEBIBYTE)
        if Limit.MEMORY in provider.capabilities.limits:
            assert not (await sandbox.exec(HOLDING, limits=less)).ok
        held = await sandbox.exec(HOLDING.replace("sleep 30", "sleep 0.1"))
        assert held.ok, held


async def test_default_limits_do_for_an_ordinary_command(provider: SandboxProvider) -> None:
    async with await provider.create(SandboxSpec()) as sandbox:
        assert (await sandbox.exec("ls / | sort | head -n 3 | tr a-z A-Z")).ok
