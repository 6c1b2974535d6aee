"""Pools: commands take turns, what a session makes is closed with it, slow ones are kept ready."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest

from agentbench_sdk.errors import EnvironmentFaultError, SandboxUnavailableError
from agentbench_sdk.sandbox import (
    Capabilities,
    Limit,
    Limits,
    Sandbox,
    SandboxNeeds,
    SandboxPool,
    SandboxSpec,
    SandboxWarning,
)
from agentbench_sdk.sandbox.gate import processors
from agentbench_sdk.sandbox.shelf import KINDS
from agentbench_sdk.testing import ScriptedSandboxes
from agentbench_sdk.testing.sandboxes import ScriptedSandbox

PLACES = 2
SLOW = Capabilities(isolated=True, limits=frozenset(Limit), images=True, starts_slowly=True)


class Held:
    """Commands that end when they are told to."""

    def __init__(self) -> None:
        self.running = 0
        self.most = 0
        self.ended: list[str] = []
        self._go = asyncio.Event()

    async def answer(self, sandbox: ScriptedSandbox, command: str) -> str:
        self.running += 1
        self.most = max(self.most, self.running)
        try:
            await self._go.wait()
        finally:
            self.running -= 1
        self.ended.append(command)
        return command

    def let_go(self) -> None:
        self._go.set()


def instant(sandbox: ScriptedSandbox, command: str) -> str:
    return command


async def turns(number: int = 20) -> None:
    for _ in range(number):
        await asyncio.sleep(0)


@pytest.fixture
async def slow() -> AsyncIterator[tuple[ScriptedSandboxes, SandboxPool]]:
    provider = ScriptedSandboxes(instant, capabilities=SLOW)
    async with SandboxPool(provider, at_once=PLACES) as pool:
        yield provider, pool
    assert not provider.open


async def test_500_commands_take_turns_and_none_is_lost() -> None:
    held = Held()
    async with SandboxPool(ScriptedSandboxes(held.answer), at_once=PLACES) as pool:
        sandboxes = [await pool.create(SandboxSpec()) for _ in range(50)]
        commands = [asyncio.create_task(sandboxes[n % 50].exec(str(n))) for n in range(500)]
        await turns()
        assert (pool.statistics().running, pool.statistics().waiting) == (PLACES, 500 - PLACES)
        held.let_go()
        results = await asyncio.gather(*commands)
    assert [result.stdout.text for result in results] == [str(n) for n in range(500)]
    assert held.ended == [str(n) for n in range(500)]  # in the order in which they came
    assert (held.most, pool.statistics().most_running) == (PLACES, PLACES)
    assert pool.statistics().commands == 50 + 500  # starting takes a place as well
    assert (pool.statistics().running, pool.statistics().waiting, pool.statistics().open) == (0, 0, 0)


async def test_a_command_that_is_given_up_gives_its_place_back() -> None:
    held = Held()
    async with SandboxPool(ScriptedSandboxes(held.answer), at_once=1) as pool:
        sandbox = await pool.create(SandboxSpec())
        first, second, third = (asyncio.create_task(sandbox.exec(name)) for name in "abc")
        await turns()
        first.cancel()  # has the place
        second.cancel()  # waits for it
        held.let_go()
        assert (await third).stdout.text == "c"
        await asyncio.gather(first, second, return_exceptions=True)
        assert (pool.statistics().running, pool.statistics().waiting) == (0, 0)


async def test_files_and_copies_of_a_pools_sandbox_are_those_of_the_provider() -> None:
    provider = ScriptedSandboxes(instant)
    async with SandboxPool(provider, at_once=1) as pool:
        sandbox = await pool.create(SandboxSpec(files={"a": b"1"}))
        await sandbox.write("b", "2")
        copy = await sandbox.fork()
        await copy.write("a", b"changed")
        assert [await sandbox.read("a"), await copy.read("a"), await copy.read("b")] == [
            b"1",
            b"changed",
            b"2",
        ]
        assert [entry.path for entry in await copy.list()] == ["a", "b"]
        assert pool.statistics().made == 2


async def test_what_a_scope_made_is_closed_with_it_and_nothing_else() -> None:
    provider = ScriptedSandboxes(instant)
    async with SandboxPool(provider) as pool:
        kept = await pool.create(SandboxSpec())
        async with pool.scope() as own:
            inner = await own.create(SandboxSpec())
            await inner.fork()
            assert pool.statistics().open == 3
        assert pool.statistics().open == 1
        with pytest.raises(EnvironmentFaultError, match="closed"):
            await inner.exec("true")
        with pytest.raises(EnvironmentFaultError, match="ended"):
            await own.create(SandboxSpec())
        await kept.exec("true")
    assert not provider.open


async def test_a_scope_that_is_cancelled_again_and_again_leaves_nothing() -> None:
    provider = ScriptedSandboxes(instant)

    async def session(pool: SandboxPool) -> None:
        async with pool.scope() as own:
            for _ in range(3):
                await own.create(SandboxSpec())
            await asyncio.Event().wait()

    async with SandboxPool(provider) as pool:
        task = asyncio.create_task(session(pool))
        await turns()
        assert len(provider.open) == 3
        while not task.done():
            task.cancel()
            await asyncio.sleep(0)
        assert task.cancelled()
        assert not provider.open


async def test_a_sandbox_that_is_being_made_when_its_session_ends_is_closed() -> None:
    provider = ScriptedSandboxes(instant)
    async with SandboxPool(provider, at_once=1) as pool:
        async with pool.place(), pool.scope() as own:
            late = asyncio.create_task(own.create(SandboxSpec()))
            await turns()
        with pytest.raises(EnvironmentFaultError, match="ended"):
            await late
        assert not provider.open


async def test_a_sandbox_that_cannot_be_closed_keeps_no_other_from_it() -> None:
    class Stuck(ScriptedSandboxes):
        async def create(self, spec: SandboxSpec) -> Sandbox:
            made = await super().create(spec)
            if self.made == 1:
                made.close = self.stuck  # type: ignore[method-assign]
            return made

        async def stuck(self) -> None:
            raise EnvironmentFaultError("the daemon is gone")

    async def session() -> None:
        async with pool.scope() as own:
            for _ in range(3):
                await own.create(SandboxSpec())

    provider = Stuck(instant)
    pool = SandboxPool(provider)
    with pytest.warns(SandboxWarning, match="the daemon is gone"):
        await session()
    assert len(provider.open) == 1


# --- needs ----------------------------------------------------------------------------------------


async def test_what_a_provider_cannot_do_is_refused_with_a_sentence() -> None:
    able = Capabilities(isolated=False, limits=frozenset({Limit.WALL}))
    pool = SandboxPool(ScriptedSandboxes(instant, name="weak", capabilities=able))
    await pool.check(SandboxNeeds(limits=frozenset({Limit.WALL})))
    needs = SandboxNeeds(isolated=True, limits=frozenset({Limit.MEMORY, Limit.WALL}), images=True)
    with pytest.raises(
        SandboxUnavailableError,
        match=r"weak does not offer .*isolation from the host, a limit on memory, container images",
    ):
        await pool.check(needs)
    isolates_nothing, limits = pool.warnings()
    assert "isolates nothing" in isolates_nothing
    assert limits.endswith(
        "does not enforce limits on cpu, disk, file_size, memory, network, output, processes"
    )


async def test_a_provider_that_does_not_work_is_refused() -> None:
    pool = SandboxPool(ScriptedSandboxes(instant, missing="install it"))
    with pytest.raises(SandboxUnavailableError, match="install it"):
        await pool.check(SandboxNeeds())


def test_needs_add_up() -> None:
    one, other = SandboxNeeds(limits=frozenset({Limit.CPU})), SandboxNeeds(images=True)
    assert SandboxNeeds.all_of([None, one, other]) == SandboxNeeds(limits=one.limits, images=True)
    assert SandboxNeeds.all_of([None, SandboxNeeds.of(False)]) is None
    assert SandboxNeeds.of(True) == SandboxNeeds()


# --- sandboxes that start slowly ------------------------------------------------------------------


async def test_what_starts_slowly_is_kept_ready_from_its_second_time_on(
    slow: tuple[ScriptedSandboxes, SandboxPool],
) -> None:
    provider, pool = slow
    await pool.create(SandboxSpec(image="a", files={"x": b"1"}))
    await turns()
    assert (provider.made, pool.statistics().ready) == (1, 0)
    await pool.create(SandboxSpec(image="a", files={"x": b"2"}))
    await turns()
    assert (provider.made, pool.statistics().ready) == (4, 2)
    third = await pool.create(SandboxSpec(image="a", files={"x": b"3"}))
    assert await third.read("x") == b"3"  # it was started without files
    await turns()
    figures = pool.statistics()
    assert (figures.made, figures.warm, figures.ready, provider.made) == (3, 1, 2, 5)


async def test_only_sandboxes_of_the_same_kind_are_taken(slow: tuple[ScriptedSandboxes, SandboxPool]) -> None:
    provider, pool = slow
    specs = [
        SandboxSpec(image="a"),
        SandboxSpec(image="b"),
        SandboxSpec(image="a", env={"X": "1"}),
        SandboxSpec(image="a", limits=Limits(network=True)),
        SandboxSpec(image="a", build_context=Path("context")),
        SandboxSpec(image="a", work_folder="/elsewhere"),
    ]
    for spec in specs:
        await pool.create(spec)
        await turns()
    assert (pool.statistics().warm, pool.statistics().ready, provider.made) == (0, 0, len(specs))


async def test_kinds_that_nobody_asks_for_any_more_are_closed(
    slow: tuple[ScriptedSandboxes, SandboxPool],
) -> None:
    provider, pool = slow
    for number in range(KINDS + 1):
        for _ in range(2):
            await pool.create(SandboxSpec(image=str(number)))
        await turns()
    assert pool.statistics().ready == 2 * KINDS
    assert len(provider.open) == pool.statistics().open + pool.statistics().ready


async def test_what_cannot_be_started_beforehand_is_told_to_who_asks() -> None:
    provider = ScriptedSandboxes(instant, capabilities=SLOW)
    async with SandboxPool(provider, at_once=PLACES) as pool:
        for _ in range(2):
            await pool.create(SandboxSpec())
        provider.missing = "the daemon is gone"
        await turns()
        for _ in range(3):
            with suppress(SandboxUnavailableError):
                await pool.create(SandboxSpec())
        with pytest.raises(SandboxUnavailableError, match="the daemon is gone"):
            await pool.create(SandboxSpec())


# --- processors -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("quota", "expected"),
    [("50000 100000", 1), ("100000 100000", 1), ("99999999 100000", None), ("max 100000", None), ("", None)],
)
def test_a_containers_quota_bounds_the_processors(tmp_path: Path, quota: str, expected: int | None) -> None:
    file = tmp_path / "cpu.max"
    assert processors(file) == processors(tmp_path / "none")
    file.write_text(quota)
    assert processors(file) == (expected or processors(tmp_path / "none"))
