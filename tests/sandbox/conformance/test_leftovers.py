"""Whatever a command leaves running is dead when it returns, and does not keep it from returning."""

from __future__ import annotations

import asyncio
import time

import pytest

from agentbench_sdk.sandbox import Sandbox, SandboxProvider, SandboxSpec
from tests.sandbox.conftest import TIGHT

pytestmark = pytest.mark.filterwarnings("ignore::agentbench_sdk.sandbox.warning.SandboxWarning")

# Each grows a file until it is killed.
GROWING = "while :; do echo x >> grows; sleep 0.02; done"
WAYS = {
    "in the background": f"({GROWING}) &",
    "holding the streams": f"({GROWING} 2>&1) & sleep 0.1",
    "without streams": f"({GROWING}) </dev/null >/dev/null 2>&1 &",
    "ignoring signals": f"(trap '' HUP TERM INT; {GROWING}) &",
    "in a session of its own": f"setsid sh -c '{GROWING}' &",
    "an orphan of an orphan": f"(setsid sh -c '(setsid sh -c \"{GROWING}\" &) &' &) &",
    "without environment": f"setsid env -i /bin/sh -c 'PATH=/bin:/usr/bin; {GROWING}' &",
}


async def grows(sandbox: Sandbox) -> bool:
    await sandbox.write("grows", "")
    await asyncio.sleep(0.2)
    return await sandbox.read("grows") != b""


@pytest.mark.parametrize("way", WAYS)
async def test_it_is_dead(sandbox: Sandbox, provider: SandboxProvider, way: str) -> None:
    if provider.name == "local" and way == "without environment":
        pytest.skip("the host cannot tell whose process that is, as its documentation says")
    began = time.monotonic()
    result = await sandbox.exec(f"{WAYS[way]}\nsleep 0.3; exit 5")
    assert result.exit_code == 5
    assert time.monotonic() - began < TIGHT.wall_seconds, "nobody waits for what is left"
    assert not await grows(sandbox)


@pytest.mark.parametrize("way", WAYS)
async def test_it_is_dead_after_a_limit(sandbox: Sandbox, provider: SandboxProvider, way: str) -> None:
    if provider.name == "local" and way == "without environment":
        pytest.skip("the host cannot tell whose process that is, as its documentation says")
    result = await sandbox.exec(f"{WAYS[way]}\nsleep 100", timeout=0.6)
    assert result.ended_by == "wall"
    assert not await grows(sandbox)


async def test_one_that_runs_beside_it_lives_on(provider: SandboxProvider) -> None:
    async with await provider.create(SandboxSpec(limits=TIGHT)) as sandbox:
        server = await sandbox.start(["sh", "-c", "while read -r line; do echo $line; done"])
        answers = server.output()
        for each in ("one", "two"):
            assert (await sandbox.exec(f"({GROWING}) & exit 0")).ok
            assert (await sandbox.exec("sleep 100", timeout=0.3)).ended_by == "wall"
            await server.write(f"{each}\n".encode())
            assert await anext(answers) == ("stdout", f"{each}\n".encode())
        assert not await grows(sandbox)
        server.kill()
        assert not (await server.wait()).ok


async def test_a_command_that_kills_everything_it_can_harms_only_itself(
    sandbox: Sandbox, provider: SandboxProvider
) -> None:
    if not provider.capabilities.isolated:
        pytest.skip("on the host it would kill everything of ours")
    result = await sandbox.exec("kill -9 -1; sleep 0.2; echo over")
    assert result.exit_code in (0, 137)
    assert (await sandbox.exec("echo alive")).stdout.text == "alive\n"
