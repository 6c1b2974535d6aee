"""What providers and sandboxes have in common whose commands are processes of the host over folders of the host."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from agentbench_sdk.errors import EnvironmentFaultError
from agentbench_sdk.sandbox.base import Sandbox, populate

if TYPE_CHECKING:
    from agentbench_sdk.sandbox.bubblewrap.command import Folders
    from agentbench_sdk.sandbox.bubblewrap.folders import Home
    from agentbench_sdk.sandbox.carried import CarriedProcess
    from agentbench_sdk.sandbox.host_process import HostProcess
    from agentbench_sdk.sandbox.limits import Limits
    from agentbench_sdk.sandbox.process import Process
    from agentbench_sdk.sandbox.provider import SandboxProvider
    from agentbench_sdk.sandbox.spec import SandboxSpec


class HostFolders:
    """The folders of a provider, and the sandboxes that are open in them."""

    def __init__(self) -> None:
        self.home: Home | None = None
        self._open: set[HostSandbox] = set()

    async def opened(self, sandbox: HostSandbox) -> Sandbox:
        """Bring what a new sandbox begins with into it; one that cannot be filled is closed."""
        self._open.add(sandbox)
        try:
            await populate(sandbox)
        except BaseException:
            await sandbox.close()
            raise
        return sandbox

    async def forget(self, sandbox: HostSandbox) -> None:
        """Remove what a closed sandbox leaves."""
        self._open.discard(sandbox)
        if self.home is not None:
            await asyncio.to_thread(self.home.remove, sandbox.folders)

    async def close(self) -> None:
        """Close all sandboxes and remove all folders."""
        for sandbox in tuple(self._open):
            await sandbox.close()
        if self.home is not None:
            home, self.home = self.home, None
            await asyncio.to_thread(home.close)


class HostSandbox(Sandbox):
    """A sandbox that keeps its files in folders of the host and carries each command by a process of the host.

    Arguments:
        spec: what it was made from.
        provider: who made it.
        held: the provider's folders.
        folders: its own ones.
    """

    def __init__(
        self, spec: SandboxSpec, provider: SandboxProvider, held: HostFolders, folders: Folders
    ) -> None:
        super().__init__(spec, provider)
        self.folders = folders
        self._held = held
        self._running: set[HostProcess | CarriedProcess] = set()
        self._closed = False

    @abstractmethod
    def spawn(
        self, argv: Sequence[str], env: Mapping[str, str], cwd: str, limits: Limits
    ) -> HostProcess | CarriedProcess:
        """Start the process; arguments as of `Sandbox.start`.

        Raises:
            OSError: it cannot be started.
        """

    async def start(
        self,
        argv: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        cwd: str = "",
        limits: Limits | None = None,
    ) -> Process:
        if self._closed:
            raise EnvironmentFaultError("the sandbox is closed")
        try:
            process = self.spawn(argv, env or {}, cwd, limits or self.spec.limits)
        except OSError as error:
            raise EnvironmentFaultError(f"a command cannot be started in a sandbox: {error}") from error
        self._running.add(process)
        process.when_done(self._running.discard)
        return process

    async def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        for process in tuple(self._running):
            process.kill()
            with suppress(EnvironmentFaultError):  # it never began
                await process.wait()
        await self._held.forget(self)
