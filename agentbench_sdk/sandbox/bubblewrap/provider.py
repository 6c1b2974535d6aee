"""Sandboxes by bubblewrap: unprivileged Linux namespaces, started in milliseconds without a daemon."""

from __future__ import annotations

import asyncio
import os
import platform
import shutil
import signal
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import PurePosixPath
from typing import Any

from agentbench_sdk.errors import EnvironmentFaultError, SandboxUnavailableError
from agentbench_sdk.sandbox import process_tree
from agentbench_sdk.sandbox.base import Sandbox
from agentbench_sdk.sandbox.bubblewrap import seccomp
from agentbench_sdk.sandbox.bubblewrap.cgroups import CommandGroup, delegated
from agentbench_sdk.sandbox.bubblewrap.command import (
    Folders,
    Privileges,
    Programs,
    command_line,
    environment,
)
from agentbench_sdk.sandbox.bubblewrap.folders import Home, open_up
from agentbench_sdk.sandbox.bubblewrap.runtime import Runtime, find_runtime, reachable
from agentbench_sdk.sandbox.host_process import HostProcess
from agentbench_sdk.sandbox.host_sandbox import HostFolders, HostSandbox
from agentbench_sdk.sandbox.limits import Limit, Limits
from agentbench_sdk.sandbox.shell import BEGUN
from agentbench_sdk.sandbox.spec import Capabilities, SandboxSpec
from agentbench_sdk.sandbox.tree_look import TreeLook

# Root is exempt from the limit on processes, so root's sandboxes run as the user that owns nothing.
_NOBODY = 65534
_PACKAGES = {"bwrap": "bubblewrap", "prlimit": "util-linux", "setpriv": "util-linux", "unshare": "util-linux"}


class Bubblewrap:
    """Isolated by Linux namespaces, through bubblewrap; programs are those of the host, to read only.

    A command sees the system's programs and the Python that runs this, read-only, and its own work folder,
    home and /tmp. It has its own users, processes, network, and no way to make further namespaces.
    """

    name = "bubblewrap"
    capabilities = Capabilities(isolated=True, limits=frozenset(Limit))

    def __init__(self) -> None:
        self._checking: asyncio.Future[None] | None = None
        self._held = HostFolders()
        self._filter: int | None = None

    async def check(self) -> None:
        if self._checking is None:
            self._checking = asyncio.ensure_future(self._check())
        await asyncio.shield(self._checking)

    async def create(self, spec: SandboxSpec) -> Sandbox:
        await self.check()
        if spec.image is not None or spec.build_context is not None:
            raise SandboxUnavailableError(
                "bubblewrap runs the host's programs and no container image: use the sandbox docker or podman"
            )
        return await self._make(spec)

    async def close(self) -> None:
        await self._held.close()
        self._checking = None
        if self._filter is not None:
            os.close(self._filter)
            self._filter = None

    # --- finding out --------------------------------------------------------------------------

    async def _check(self) -> None:
        self._programs = _find_programs()
        self._runtime = find_runtime()
        owner = _NOBODY if os.getuid() == 0 else None
        self._held.home = Home(owner)
        await asyncio.to_thread(self._held.home.sweep)
        self._privileges = _privileges(self._runtime, str(self._held.home.prefix))
        self._filter = _memory_file(seccomp.program())
        self._group = delegated()
        probe = await self._make(SandboxSpec())
        if said := await _complaint(probe, [self._runtime.python, "-I", "-c", ""]):
            raise SandboxUnavailableError(
                f"bubblewrap cannot make a sandbox here ({said}): user namespaces must be allowed for this user "
                "(sysctl kernel.unprivileged_userns_clone, kernel.apparmor_restrict_unprivileged_userns, "
                "user.max_user_namespaces; in a container its seccomp profile), or choose another sandbox by name"
            )

    async def _make(self, spec: SandboxSpec) -> Sandbox:
        assert self._held.home is not None
        return await self._held.opened(
            BubblewrapSandbox(spec, self, self._held, self._held.home.make(spec.folders))
        )

    # --- what its sandboxes ask for -----------------------------------------------------------

    def spawn(
        self, sandbox: BubblewrapSandbox, argv: Sequence[str], limits: Limits, **inside: Any
    ) -> HostProcess:
        """Start a command for one of our sandboxes.

        Raises:
            OSError: it cannot be started.
        """
        open_up(sandbox.folders)
        group = CommandGroup(self._group, limits) if self._group is not None else None
        # A file descriptor of its own, because reading the filter moves the position.
        descriptor = os.open(f"/proc/self/fd/{self._filter}", os.O_RDONLY)
        try:
            line = command_line(
                argv,
                programs=self._programs,
                runtime=self._runtime,
                privileges=self._privileges,
                folders=sandbox.folders,
                work_folder=sandbox.spec.work_folder,
                limits=limits,
                seccomp=descriptor,
                group=str(group.path) if group is not None else "",
                **inside,
            )
            process = HostProcess(
                line,
                env={},
                limits=limits,
                look=TreeLook(str(PurePosixPath(sandbox.folders.work).parent), limits, own=_OWN_PROCESSES),
                end=_end,
                pass_fds=[descriptor],
                begins_after=BEGUN,
                account=group.account if group is not None else None,
            )
        except OSError:
            if group is not None:
                group.remove()
            raise
        finally:
            os.close(descriptor)
        if group is not None:
            process.when_done(lambda _: group.remove())
        return process


class BubblewrapSandbox(HostSandbox):
    """A sandbox whose commands are each a bubblewrap of their own over the same folders."""

    def __init__(self, spec: SandboxSpec, provider: Bubblewrap, held: HostFolders, folders: Folders) -> None:
        super().__init__(spec, provider, held, folders)
        self._maker = provider

    def spawn(self, argv: Sequence[str], env: Mapping[str, str], cwd: str, limits: Limits) -> HostProcess:
        inside = environment({**self.spec.env, **env})
        place = str(PurePosixPath(self.spec.work_folder, cwd))
        return self._maker.spawn(self, argv, limits, env=inside, cwd=place)


# bubblewrap outside, and the first process inside
_OWN_PROCESSES = 2
_LOOKS = 50  # at a process that is told to stop; it does so as soon as the kernel gives it a turn


def _end(pid: int, begun: bool) -> None:
    """Kill the first process inside: the kernel then kills all others, and bubblewrap ends when they are gone.

    As long as the command may not have begun, bubblewrap is stopped meanwhile: it would else make the first
    process after we looked, and that one would outlive it. Whoever asked for the end asks again until it has come.
    """
    with suppress(ProcessLookupError):
        if not begun:
            os.kill(pid, signal.SIGSTOP)
            if not any(process_tree.is_stopped(pid) for _ in range(_LOOKS)):
                return
        for each in process_tree.children(pid) or [pid]:
            os.kill(each, signal.SIGKILL)
        os.kill(pid, signal.SIGCONT)  # also where an earlier call was too early for it to stop


def _find_programs() -> Programs:
    if sys.platform != "linux":
        raise SandboxUnavailableError("bubblewrap needs Linux: use the sandbox docker or podman")
    if not seccomp.supported():
        raise SandboxUnavailableError(
            f"there is no system call filter for {platform.machine()}: use the sandbox docker or podman"
        )
    needed = ["bwrap", "prlimit", *(["setpriv", "unshare"] if os.getuid() == 0 else [])]
    paths = {name: shutil.which(name) for name in needed}
    if missing := [name for name, path in paths.items() if path is None]:
        packages = " ".join(dict.fromkeys(_PACKAGES[name] for name in missing))
        raise SandboxUnavailableError(
            f"the sandbox bubblewrap needs the program {missing[0]}: install the package {packages} "
            f"(Debian: apt install {packages})"
        )
    return Programs(**{name: path for name, path in paths.items() if path is not None})


async def _complaint(probe: Sandbox, argv: Sequence[str]) -> str:
    """What is said where a command fails, "" where it works."""
    try:
        result = await probe.exec(argv, timeout=60)
    except EnvironmentFaultError as error:
        return str(error)
    finally:
        await probe.close()
    return "" if result.ok else " ".join(result.stderr.text.split()) or f"exit code {result.exit_code}"


def _privileges(runtime: Runtime, shown_at: str) -> Privileges | None:
    if os.getuid() != 0:
        return None
    prefix = runtime.python_prefix
    hidden = prefix is not None and not all(reachable(f"{prefix}/{name}") for name in ("bin", "lib"))
    return Privileges(_NOBODY, prefix if hidden else None, shown_at)


def _memory_file(content: bytes) -> int:
    descriptor = os.memfd_create("seccomp")
    os.write(descriptor, content)
    return descriptor
