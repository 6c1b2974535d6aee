"""The host itself, for who trusts what is run: limits and a folder of its own, but no isolation."""

from __future__ import annotations

import asyncio
import functools
import os
import secrets
import signal
import sys
import time
import warnings
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from agentbench_sdk.errors import SandboxUnavailableError
from agentbench_sdk.sandbox import process_tree, shell
from agentbench_sdk.sandbox.base import Sandbox
from agentbench_sdk.sandbox.bubblewrap.folders import Home
from agentbench_sdk.sandbox.carried import CarriedProcess
from agentbench_sdk.sandbox.host_process import HostProcess
from agentbench_sdk.sandbox.host_sandbox import HostFolders, HostSandbox
from agentbench_sdk.sandbox.limits import Limit, Limits
from agentbench_sdk.sandbox.result import ExecResult
from agentbench_sdk.sandbox.spec import Capabilities, SandboxSpec
from agentbench_sdk.sandbox.tree_look import TreeLook
from agentbench_sdk.sandbox.warning import SandboxWarning

# Without /proc nobody sees what processes use.
_ANYWHERE = frozenset({Limit.WALL, Limit.OUTPUT, Limit.DISK})
_ON_LINUX = frozenset(Limit) - {Limit.NETWORK}
_ATTEMPTS = 500
_OWN_PROCESSES = 1  # the shell that starts the command


class Local:
    """Not isolated: programs run on the host as you, in folders of their own; only for what you trust.

    Each sandbox has its own work folder, home and temporary folder, and commands see none of the host's
    environment. Nothing else keeps them from the host's files, network and processes. What a command leaves
    running is killed at its end: its process group, and on Linux every process that has inherited its
    environment. A process that has left the group and has cleared its environment stays.
    """

    name = "local"
    capabilities = Capabilities(isolated=False, limits=_ON_LINUX if sys.platform == "linux" else _ANYWHERE)

    def __init__(self) -> None:
        self._held = HostFolders()

    async def check(self) -> None:
        if os.name != "posix":
            raise SandboxUnavailableError("the sandbox local needs Linux or macOS: use the sandbox docker")
        if self._held.home is None:
            self._held.home = Home(None)
            await asyncio.to_thread(self._held.home.sweep)

    async def create(self, spec: SandboxSpec) -> Sandbox:
        await self.check()
        assert self._held.home is not None
        if spec.image is not None or spec.build_context is not None or spec.folders:
            raise SandboxUnavailableError(
                "the sandbox local has the host's files, and neither a container image nor folders at paths of "
                "their own: use the sandbox docker or podman"
            )
        _warn()
        return await self._held.opened(LocalSandbox(spec, self, self._held, self._held.home.make()))

    async def close(self) -> None:
        await self._held.close()


class LocalSandbox(HostSandbox):
    """Three folders of the host, and the commands that start there."""

    @property
    def work_folder(self) -> str:
        """On the host, wherever the spec wants it: nothing can be mounted here."""
        return self.folders.work

    def spawn(self, argv: Sequence[str], env: Mapping[str, str], cwd: str, limits: Limits) -> CarriedProcess:
        mark = secrets.token_hex(16)
        variable = f"{shell.MARK}={mark}".encode()
        carrier = HostProcess(
            shell.started(argv, str(Path(self.folders.work, cwd)), mark, limits, inside=False),
            env=self._environment(env),
            cwd=self.folders.work,
            limits=limits,
            look=TreeLook(
                str(Path(self.folders.work).parent),
                limits,
                own=_OWN_PROCESSES,
                pids=functools.partial(_processes, variable),
            ),
            end=lambda pid, _: _kill_group(pid),
            clear=_kill_group,
            begins_after=shell.BEGUN,
        )
        return CarriedProcess(carrier, functools.partial(_settled, variable))

    def _environment(self, own: Mapping[str, str]) -> dict[str, str]:
        folders = dict.fromkeys(
            (str(Path(sys.executable).resolve().parent), "/usr/local/bin", "/usr/bin", "/bin")
        )
        return {
            "PATH": ":".join(folders),
            "HOME": self.folders.home,
            "LANG": "C.UTF-8",
            "TZ": "UTC",
            "TMPDIR": self.folders.temporary,
            **self.spec.env,
            **own,
        }


def _processes(variable: bytes, pid: int) -> list[int]:
    return list(dict.fromkeys([*process_tree.descendants(pid), *process_tree.marked(variable)]))


def _kill_group(pid: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


async def _settled(variable: bytes, result: ExecResult) -> ExecResult:
    """Kill who has left the group."""
    await asyncio.to_thread(_kill_marked, variable)
    return result


def _kill_marked(variable: bytes) -> None:
    # Again and again: one that is killed may have started another just before. One that waits for a device
    # dies whenever that answers.
    for _ in range(_ATTEMPTS):
        if not (found := process_tree.marked(variable)):
            return
        for pid in found:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.002)


@functools.cache
def _warn() -> None:
    """Once a process."""
    warnings.warn(
        "the sandbox local isolates nothing: programs that a model wrote run as you, with your files and network",
        SandboxWarning,
        stacklevel=3,
    )
