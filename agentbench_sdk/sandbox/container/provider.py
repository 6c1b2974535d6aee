"""Sandboxes in containers, whatever the engine: one container a sandbox, and commands that start in it."""

from __future__ import annotations

import asyncio
import hashlib
import os
import platform
import shutil
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from agentbench_sdk.errors import EnvironmentFaultError, SandboxUnavailableError
from agentbench_sdk.sandbox import lease
from agentbench_sdk.sandbox.base import Sandbox, populate
from agentbench_sdk.sandbox.container.cgroup import ControlGroup
from agentbench_sdk.sandbox.container.command import (
    LEASE_LABEL,
    PLACE_LABEL,
    TEMPORARY,
    Owner,
    exec_line,
    folder_archive,
    run_line,
    with_parents,
)
from agentbench_sdk.sandbox.container.engine import Engine, Facts, complaint
from agentbench_sdk.sandbox.container.images import Images
from agentbench_sdk.sandbox.container.sandbox import ContainerSandbox
from agentbench_sdk.sandbox.container.watch import DiskMeter
from agentbench_sdk.sandbox.limits import Limit
from agentbench_sdk.sandbox.spec import Capabilities, SandboxSpec

DEFAULT_IMAGE = "docker.io/library/python:3.11-slim"
_LIMITS = frozenset(Limit)
# Commands that are being started at once: each engine's own command takes tens of megabytes until then.
_STARTING = 16
_LEASE_OF = f'{{{{index .Config.Labels "{LEASE_LABEL}"}}}}'
# Tells who the commands run as, and which folders the image has not.
_LOOK_AROUND = """
id -u && id -g || exit 1
for each; do [ -d "$each" ] || echo "$each"; done
"""


class ContainerProvider:
    """Makes sandboxes by one engine; see `SandboxProvider`.

    A sandbox is a container of its own. Its commands run as the user that the image names, without any
    capability, and see the image's files, which they may change for as long as the sandbox lasts. All limits
    hold for everything that runs in it at once.

    Arguments:
        engine: whose command is called.
        image: of sandboxes whose spec names none.
        flags: of `run` that this engine alone knows.

    Attributes:
        capabilities: processor time is limited only where the containers run on this machine, which is known
            after `check`.
    """

    name: str

    def __init__(self, engine: Engine, *, image: str, flags: Sequence[str] = ()) -> None:
        self.engine = engine
        self.capabilities = Capabilities(isolated=True, limits=_LIMITS, images=True, starts_slowly=True)
        self.starting = asyncio.Semaphore(_STARTING)
        self._measuring = threading.Lock()
        self._flags = tuple(flags)
        self.image = image
        self._images = Images(engine, image)
        self._checking: asyncio.Future[Facts] | None = None
        self._open: set[ContainerSandbox] = set()
        self._base = lease.base_folder("containers")
        self._lease: lease.Lease | None = None

    async def check(self) -> None:
        await self._checked()

    async def create(self, spec: SandboxSpec) -> Sandbox:
        facts = await self._checked()
        image = await self._images.of(spec)
        assert self._lease is not None
        line = run_line(
            image.id,
            owner=Owner(self._lease.name, _place(self._base)),
            env=spec.env,
            limits=spec.limits,
            flags=self._flags,
        )
        # Once begun it is finished, so that no container is left of whose id nobody heard.
        starting = asyncio.ensure_future(self._started(line, spec))
        try:
            container = await asyncio.shield(starting)
        except asyncio.CancelledError:
            with suppress(EnvironmentFaultError, SandboxUnavailableError):
                await self.remove(await starting)
            raise
        sandbox = ContainerSandbox(spec, self, container)
        self._open.add(sandbox)
        try:
            if facts.is_here:
                sandbox.group = await self.group_of(container, spec)
            await self._prepare(container, spec)
            await populate(sandbox)
        except BaseException:
            await sandbox.close()
            raise
        return sandbox

    async def close(self) -> None:
        closing = (sandbox.close() for sandbox in tuple(self._open))
        ends = await asyncio.gather(*closing, return_exceptions=True)
        if self._lease is not None:
            self.engine.folder = None
            shutil.rmtree(self._lease.folder, ignore_errors=True)
            self._lease.close()
            self._lease = self._checking = None
        for end in ends:
            if end is not None:
                raise end

    # --- what its sandboxes ask for -----------------------------------------------------------

    async def group_of(self, container: str, spec: SandboxSpec) -> ControlGroup:
        """The control group of a container on this machine.

        Raises:
            SandboxUnavailableError: it has none of its own, or one that limits less than the spec.
        """
        pid = await self.engine.told("inspect", "--format", "{{.State.Pid}}", container)
        group = await asyncio.to_thread(ControlGroup.of, int(pid), container)
        if group is None or group.memory_limit() > spec.limits.memory_bytes:
            raise SandboxUnavailableError(
                f"containers of {self.name} are not kept within their memory here (their control group "
                f"{'cannot be found' if group is None else 'has no such limit'}): run the engine as root or "
                "with delegated control groups of version 2, or choose another sandbox by name"
            )
        return group

    async def remove(self, container: str) -> None:
        """Kill a container and remove it; harmless when it is gone.

        Raises:
            EnvironmentFaultError: the engine cannot do that.
        """
        result = await self.engine.call("rm", "--force", "--volumes", container)
        if not result.ok and "no such container" not in result.stderr.text.lower():
            raise EnvironmentFaultError(f"{self.name} cannot remove a container: {complaint(result)}")

    def disk_meter(self, container: str) -> DiskMeter:
        """Measures what a container has written."""
        line = ("inspect", "--size", "--format", "{{.SizeRw}}", "--type", "container", container)
        return DiskMeter(self.engine.line(line), self._measuring)

    def forget(self, sandbox: ContainerSandbox) -> None:
        """It is closed."""
        self._open.discard(sandbox)

    # --- inside -------------------------------------------------------------------------------

    async def _checked(self) -> Facts:
        if self._checking is None or (self._checking.done() and self._checking.cancelled()):
            self._checking = asyncio.ensure_future(self._check())
        return await asyncio.shield(self._checking)

    async def _check(self) -> Facts:
        facts = await self.engine.facts()
        if facts.system != "linux":
            raise SandboxUnavailableError(
                f"{self.name} runs {facts.system or 'other'} containers here: switch it to Linux containers"
            )
        if not (facts.memory and facts.processes):
            raise SandboxUnavailableError(
                f"{self.name} can limit neither memory nor processes here, for want of control groups: run it as "
                "root or with delegated control groups of version 2, or choose another sandbox by name"
            )
        if not facts.is_here:
            self.capabilities = Capabilities(
                isolated=True, limits=_LIMITS - {Limit.CPU}, images=True, starts_slowly=True
            )
        self._lease = lease.Lease.take(self._base)
        self._lease.folder.mkdir()
        self.engine.folder = str(self._lease.folder)
        await self._sweep()
        return facts

    async def _sweep(self) -> None:
        """Remove the containers of processes that live no longer."""
        listed = await self.engine.told(
            "ps", "--all", "--quiet", "--filter", f"label={PLACE_LABEL}={_place(self._base)}"
        )
        for container in listed.split():
            with suppress(EnvironmentFaultError):  # another process may be removing it too
                name = await self.engine.told("inspect", "--format", _LEASE_OF, container)
                if not lease.is_held(self._base, name):
                    await self.remove(container)
        for left in lease.abandoned(self._base):
            shutil.rmtree(left.folder, ignore_errors=True)
            left.close()

    async def _started(self, line: Sequence[str], spec: SandboxSpec) -> str:
        async with self.starting:
            result = await self.engine.call(*line)
        if not result.ok:
            raise EnvironmentFaultError(f"{self.name} cannot start a container: {complaint(result)}")
        return result.stdout.text.split()[-1]

    async def _prepare(self, container: str, spec: SandboxSpec) -> None:
        """Make the folders that the image has not, for the user whom commands run as."""
        folders = with_parents([TEMPORARY, spec.work_folder, *spec.folders])
        argv = ["/bin/sh", "-c", _LOOK_AROUND, "sh", *folders]
        result = await self.engine.call(*exec_line(container, argv))
        if not result.ok:
            raise SandboxUnavailableError(
                f"{self.name} cannot use the image {spec.image or spec.build_context or self.image}, which must "
                f"have a POSIX shell and the usual small programs ({complaint(result)})"
            )
        user, group, *missing = result.stdout.text.split("\n")[:-1]
        if missing:
            archive = folder_archive(missing, int(user), int(group))
            made = await self.engine.call("cp", "-", f"{container}:/", stdin=archive)
            if not made.ok:
                raise EnvironmentFaultError(
                    f"{self.name} cannot make {', '.join(missing)} in a container: {complaint(made)}"
                )


def _place(base: Path) -> str:
    """Tells containers of this machine and folder from those that others have made by the same engine."""
    machine = ""
    with suppress(OSError):
        machine = Path("/etc/machine-id").read_text(encoding="ascii")
    told = "\0".join((machine, platform.node(), str(os.getuid()), str(base)))
    return hashlib.sha256(told.encode()).hexdigest()[:16]
