"""The sandboxes of a bench: made at a bounded rate, with commands that take turns, and none left behind.

    async with SandboxPool(provider) as pool:
        await pool.check(SandboxNeeds(images=True))
        async with pool.scope() as own:            # what is made here is closed here
            sandbox = await own.create(SandboxSpec(files={"main.py": b"print(1)"}))
            result = await sandbox.exec("python main.py")

Open sandboxes are not limited: one belongs to a session for as long as that lasts, also while it waits for its
model. What is limited is what keeps a processor busy: starting them, and commands that run to their end.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Self

from agentbench_sdk.errors import EnvironmentFaultError, SandboxUnavailableError
from agentbench_sdk.sandbox.base import Sandbox, populate
from agentbench_sdk.sandbox.gate import CommandGate, processors
from agentbench_sdk.sandbox.limits import Limit
from agentbench_sdk.sandbox.needs import SandboxNeeds
from agentbench_sdk.sandbox.pooled import PooledSandbox
from agentbench_sdk.sandbox.provider import SandboxProvider
from agentbench_sdk.sandbox.shelf import Shelf, closed, without_files
from agentbench_sdk.sandbox.spec import SandboxSpec
from agentbench_sdk.uninterrupted import to_the_end

DEFAULT_SANDBOX = "bubblewrap"


@dataclass(frozen=True, slots=True)
class SandboxStatistics:
    """What a pool has been doing.

    Attributes:
        made: sandboxes that were asked for and made; `warm` of them were ready already.
        open: those that are in use.
        ready: those that wait for somebody.
        commands: that have got a place; `running` have one now, `waiting` wait, `most_running` had one at once.
    """

    made: int
    warm: int
    open: int
    ready: int
    commands: int
    running: int
    waiting: int
    most_running: int


@dataclass(slots=True)
class _Shared:
    """What a pool and its parts have in common."""

    gate: CommandGate
    shelf: Shelf
    open: set[Sandbox] = field(default_factory=set)
    made: int = 0
    closed: bool = False

    @classmethod
    def of(cls, provider: SandboxProvider, at_once: int) -> _Shared:
        gate = CommandGate(at_once)
        return cls(gate, Shelf(provider, gate))


class SandboxPool:
    """Makes sandboxes by one provider and closes what is left of them; see `scope` for a part of it.

    Arguments:
        provider: makes them.
        at_once: sandboxes started and commands run at once; the number of processors when left out.
        shared: of the pool that this one is a part of; see `scope`.

    Attributes:
        waited_s: seconds that were waited for places here; they are nobody's working time.
    """

    def __init__(
        self, provider: SandboxProvider, *, at_once: int | None = None, shared: _Shared | None = None
    ) -> None:
        self.provider = provider
        self.waited_s = 0.0
        self._is_part = shared is not None
        self._shared = shared or _Shared.of(provider, at_once or processors())
        self._open: set[Sandbox] = set()
        self._closed = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    @property
    def name(self) -> str:
        """Of the provider."""
        return self.provider.name

    def refuse(self, needs: SandboxNeeds) -> None:
        """Compare what is needed with what the provider says that it can do.

        Raises:
            SandboxUnavailableError: it cannot do all of it.
        """
        if lacks := needs.missing(self.provider.capabilities):
            raise SandboxUnavailableError(
                f"the sandbox {self.name} does not offer what is needed here ({', '.join(lacks)}): "
                "name another one with --sandbox or sandbox=…"
            )

    async def check(self, needs: SandboxNeeds) -> None:
        """Make sure, before anything is sent or paid for, that the sandboxes that are needed can be made.

        Raises:
            SandboxUnavailableError: the provider does not work here, or cannot do what is needed.
        """
        self.refuse(needs)
        await self.provider.check()

    def warnings(self) -> list[str]:
        """What somebody who uses this provider should know, one sentence each."""
        able = self.provider.capabilities
        told = []
        if not able.isolated:
            told.append(
                f"the sandbox {self.name} isolates nothing: programs that a model wrote run as you, with your files"
            )
        if unlimited := sorted(set(Limit) - able.limits):
            told.append(f"the sandbox {self.name} does not enforce limits on {', '.join(unlimited)}")
        return told

    async def create(self, spec: SandboxSpec) -> Sandbox:
        """Make a sandbox with the files of `spec` in its work folder.

        Raises:
            SandboxUnavailableError: the provider does not work here, or not with this spec.
            EnvironmentFaultError: it broke while starting, or this pool is closed.
        """
        self._check_open()
        inner = await self._started(spec)
        sandbox = PooledSandbox(inner, spec, self, self._released)
        self._open.add(sandbox)
        self._shared.open.add(sandbox)
        self._shared.made += 1
        try:
            self._check_open()  # it may have been closed meanwhile
            if self._starts_slowly:
                await populate(sandbox)
        except BaseException:
            await to_the_end(sandbox.close)
            raise
        return sandbox

    @asynccontextmanager
    async def scope(self) -> AsyncIterator[SandboxPool]:
        """A part of this pool for one session or one verdict: what it makes is closed at the end of the block,
        also when that is cancelled.
        """
        part = SandboxPool(self.provider, shared=self._shared)
        try:
            yield part
        finally:
            await to_the_end(part.close)

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """A place for one command; whoever holds one waits for nothing else."""
        async with self._shared.gate.place() as waited:
            self.waited_s += waited
            yield

    def statistics(self) -> SandboxStatistics:
        """Of the whole pool, also when asked of a part."""
        shared = self._shared
        return SandboxStatistics(
            made=shared.made,
            warm=shared.shelf.taken,
            open=len(shared.open),
            ready=shared.shelf.ready,
            commands=shared.gate.entered,
            running=shared.gate.running,
            waiting=shared.gate.waiting,
            most_running=shared.gate.most_running,
        )

    async def close(self) -> None:
        """Close what this pool or part has made; the whole pool closes its provider too."""
        self._closed = True
        if self._is_part:
            mine = self._open
        else:
            mine, self._shared.closed = self._shared.open, True
        for sandbox in tuple(mine):
            await closed(sandbox)
        if not self._is_part:
            await self._shared.shelf.close()
            await closed(self.provider)

    # --- inside -------------------------------------------------------------------------------

    @property
    def _starts_slowly(self) -> bool:
        return self.provider.capabilities.starts_slowly

    async def _started(self, spec: SandboxSpec) -> Sandbox:
        """A sandbox of the provider's: with its files, or without them where it may have been started before."""
        if self._starts_slowly and (ready := self._shared.shelf.take(spec)) is not None:
            return ready
        async with self.place():
            return await self.provider.create(without_files(spec) if self._starts_slowly else spec)

    def _released(self, sandbox: Sandbox) -> None:
        self._open.discard(sandbox)
        self._shared.open.discard(sandbox)

    def _check_open(self) -> None:
        if self._closed or self._shared.closed:
            raise EnvironmentFaultError("the sandboxes are closed already: the session or the run has ended")
