"""A container and the commands that run in it."""

from __future__ import annotations

import asyncio
import functools
import os
import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from agentbench_sdk.errors import ConfigurationError, EnvironmentFaultError
from agentbench_sdk.sandbox import shell
from agentbench_sdk.sandbox.base import Sandbox
from agentbench_sdk.sandbox.carried import CarriedProcess
from agentbench_sdk.sandbox.container.cgroup import ControlGroup
from agentbench_sdk.sandbox.container.command import exec_line
from agentbench_sdk.sandbox.container.watch import Watch
from agentbench_sdk.sandbox.host_process import HostProcess
from agentbench_sdk.sandbox.limits import Limit, Limits
from agentbench_sdk.sandbox.process import Process
from agentbench_sdk.sandbox.result import ExecResult

if TYPE_CHECKING:
    from agentbench_sdk.sandbox.container.provider import ContainerProvider
    from agentbench_sdk.sandbox.spec import SandboxSpec
# How long a command that was killed is waited for before it is killed again, and in the end with its container.
_PATIENCE = (0.5, 1.0, 2.0, 4.0)
_KILL_SECONDS = 10.0
# Exit codes that a command has seldom by itself, and has when its container ends under it.
_ABNORMAL = 125
_NOTHING = ("/bin/sh", "-c", ":")
# The first process and its pause.
_QUIET = 2


class ContainerSandbox(Sandbox):
    """A sandbox whose commands start in one container.

    What a command leaves running is killed at its end by a variable that all its processes have inherited. One
    that has got rid of that is killed when no other command runs in the sandbox any more.

    Arguments:
        container: its id.

    Attributes:
        group: the container's control group; None where that cannot be read on this machine.
    """

    def __init__(self, spec: SandboxSpec, provider: ContainerProvider, container: str) -> None:
        super().__init__(spec, provider)
        self.container = container
        self.group: ControlGroup | None = None
        self._maker = provider
        self._meter = provider.disk_meter(container)
        self._running: dict[str, CarriedProcess] = {}
        self._killed: set[str] = set()
        self._ending: set[asyncio.Task[None]] = set()
        # Held while commands are started, and while all that runs in the container is killed.
        self._still = asyncio.Lock()
        self._restarts = 0
        self._closed = False

    async def start(
        self,
        argv: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        cwd: str = "",
        limits: Limits | None = None,
    ) -> Process:
        limits = limits or self.spec.limits
        self._refuse(limits)
        await self._maker.starting.acquire()
        try:
            async with self._still:
                process = self._spawn(argv, dict(env or {}), cwd, limits)
        except BaseException:
            self._maker.starting.release()
            raise
        # Whoever asked is not kept waiting, or he would miss the first words of the command.
        process.carrier.when_begun_or_done(self._maker.starting.release)
        return process

    async def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        try:
            await self._maker.remove(self.container)
        finally:
            self._maker.forget(self)
            for process in tuple(self._running.values()):
                process.carrier.abandon()
                with suppress(EnvironmentFaultError):
                    await process.wait()
            await asyncio.gather(*self._ending, return_exceptions=True)

    # --- commands -----------------------------------------------------------------------------

    def _refuse(self, limits: Limits) -> None:
        """The container has its limits for as long as it lives."""
        own = self.spec.limits
        for name in ("memory_bytes", "processes"):
            if getattr(limits, name) > getattr(own, name):
                raise ConfigurationError(
                    f"a command in a container cannot have more {name} ({getattr(limits, name)}) than the sandbox "
                    f"({getattr(own, name)}): give the sandbox more"
                )
        if limits.network != own.network:
            raise ConfigurationError(
                "a container has a network or none from its start: make the sandbox with the limits of its commands"
            )

    def _spawn(self, argv: Sequence[str], env: Mapping[str, str], cwd: str, limits: Limits) -> CarriedProcess:
        if self._closed:
            raise EnvironmentFaultError("the sandbox is closed")
        mark = secrets.token_hex(16)
        folder = str(PurePosixPath(self.spec.work_folder, cwd))
        inside = shell.started(argv, folder, mark, limits, inside=True)
        watch = Watch(self.group, self._meter, limits, alone=lambda: len(self._running) == 1)
        try:
            carrier = HostProcess(
                self._maker.engine.line(exec_line(self.container, inside, env=env)),
                env=os.environ,
                cwd=self._maker.engine.folder,
                limits=limits,
                look=watch,
                end=lambda _, __: self._end(mark),
                begins_after=shell.BEGUN,
                ends_with=shell.ENDED,
                when_begun=watch.begin,
            )
        except OSError as error:
            raise EnvironmentFaultError(f"a command cannot be started in a container: {error}") from error
        settle = functools.partial(self._settled, mark, watch, self._restarts)
        process = self._running[mark] = CarriedProcess(carrier, settle)
        process.when_done(lambda _: self._running.pop(mark, None))
        return process

    async def _settled(self, mark: str, watch: Watch, restarts: int, result: ExecResult) -> ExecResult:
        """Kill what is left of a command, and say what it used."""
        cpu, out_of_memory = watch.cpu_seconds, watch.ran_out_of_memory
        async with self._still:
            self._running.pop(mark, None)
            if not (self._running or self._closed) and await self._is_left():
                await self._kill_all()
            if mark not in self._killed and result.exit_code >= _ABNORMAL:
                await self._make_sure(restarts)
        self._killed.discard(mark)
        by_memory = Limit.MEMORY if out_of_memory and result.exit_code != 0 else None
        return replace(
            result,
            cpu_seconds=cpu,
            peak_memory_bytes=watch.peak_memory_bytes,
            ended_by=result.ended_by or by_memory,
        )

    async def _make_sure(self, restarts: int) -> None:
        """That a command which may have been killed was not killed along with its container.

        Raises:
            EnvironmentFaultError: it was.
        """
        if restarts != self._restarts:
            raise EnvironmentFaultError(
                "the container was restarted under a command, because another one in it could not be killed"
            )
        if not self._closed and not await self._inside(_NOTHING):
            raise EnvironmentFaultError(
                "the container of a sandbox is gone: somebody has removed or stopped it"
            )

    # --- killing ------------------------------------------------------------------------------

    def _end(self, mark: str) -> None:
        task = asyncio.ensure_future(self._kill(mark))
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    async def _kill(self, mark: str) -> None:
        """Kill a command, and in the end everything: it may do all it can against that."""
        process = self._running.get(mark)
        if process is None:  # it has ended meanwhile
            return
        self._killed.add(mark)
        ended = asyncio.ensure_future(process.carrier.ended())
        for pause in _PATIENCE:
            async with self._still:
                alone = len(self._running) == 1
                await self._inside(shell.kill_all() if alone else shell.kill_marked(mark))
            await asyncio.wait({ended}, timeout=pause)
            if ended.done() or self._closed:
                break
        else:
            async with self._still:
                await self._restart()
            process.carrier.abandon()
        await ended

    async def _kill_all(self) -> None:
        if not await self._inside(shell.kill_all()) or (self.group is not None and await self._is_left()):
            await self._restart()

    async def _inside(self, argv: Sequence[str]) -> bool:
        """Run something of ours; False when that fails."""
        try:
            result = await self._maker.engine.call(*exec_line(self.container, argv), seconds=_KILL_SECONDS)
        except EnvironmentFaultError:
            return False
        return result.ok

    async def _restart(self) -> None:
        """End everything in the container at once, from outside; its files stay."""
        self._restarts += 1
        result = await self._maker.engine.call("restart", "--time", "0", self.container, seconds=120)
        if not result.ok:
            self._closed = True
            self._maker.forget(self)
            with suppress(EnvironmentFaultError):  # an engine that can do nothing any more
                await self._maker.remove(self.container)

    async def _is_left(self) -> bool:
        """Whether anything but our own runs in the container; where nobody can tell, it may."""
        if self.group is None:
            return True
        for _ in range(10):  # the engine has yet to take note of who has just ended
            if self.group.processes() <= _QUIET:
                return False
            await asyncio.sleep(0.003)
        return True
