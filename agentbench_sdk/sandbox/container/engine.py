"""The command of a container engine, and what the engine says of itself."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from agentbench_sdk.errors import EnvironmentFaultError, SandboxUnavailableError
from agentbench_sdk.sandbox.host_process import HostProcess, Usage
from agentbench_sdk.sandbox.limits import MEBIBYTE, Limits
from agentbench_sdk.sandbox.result import ExecResult

_UNLIMITED = 1 << 50


@dataclass(frozen=True, slots=True)
class Facts:
    """What an engine says of the machine that its containers run on.

    Attributes:
        system: "linux" or "windows".
        memory, processes: whether it can limit them for a container.
        host, kernel: the machine's name and the release of its kernel.
    """

    system: str
    memory: bool
    processes: bool
    host: str
    kernel: str

    @classmethod
    def read(cls, info: Mapping[str, Any]) -> Facts:
        """Read what `info` prints as JSON; a command docker may well be Podman's."""
        if "host" in info:
            host = info["host"]
            groups = host.get("cgroupControllers") or []
            return cls(
                host.get("os", ""), "memory" in groups, "pids" in groups, host["hostname"], host["kernel"]
            )
        return cls(
            info.get("OSType", ""),
            bool(info.get("MemoryLimit")),
            bool(info.get("PidsLimit")),
            info.get("Name", ""),
            info.get("KernelVersion", ""),
        )

    @property
    def is_here(self) -> bool:
        """Whether that is this machine, so that its control groups can be read here."""
        here = os.uname()
        return sys.platform == "linux" and (self.host, self.kernel) == (here.nodename, here.release)


class Engine:
    """Calls the command of an engine.

    Arguments:
        name: of the command.
        install: what to do where there is none.
        start: what to do where it does not answer.

    Attributes:
        folder: where its command runs: some leave files there when a container runs out of memory.
    """

    def __init__(self, name: str, *, install: str, start: str) -> None:
        self.name, self._install, self._start = name, install, start
        self.folder: str | None = None
        self._path: str | None = None

    def line(self, arguments: Sequence[str]) -> list[str]:
        """The argument vector of a call.

        Raises:
            SandboxUnavailableError: there is no such command.
        """
        if self._path is None:
            self._path = shutil.which(self.name)
        if self._path is None:
            raise SandboxUnavailableError(
                f"the sandbox {self.name} needs the program {self.name}: {self._install}, "
                "or choose another sandbox by name"
            )
        return [self._path, *arguments]

    async def call(self, *arguments: str, stdin: bytes = b"", seconds: float = 120.0) -> ExecResult:
        """Call it and wait.

        Arguments:
            arguments: of the command.
            stdin: what it reads.
            seconds: after which it is killed.

        Raises:
            SandboxUnavailableError: there is no such command.
            EnvironmentFaultError: it cannot be started.
        """
        limits = Limits(
            cpu_seconds=_UNLIMITED,
            wall_seconds=seconds,
            memory_bytes=_UNLIMITED,
            output_bytes=256 * MEBIBYTE,
            disk_bytes=_UNLIMITED,
        )
        try:
            process = HostProcess(
                self.line(arguments),
                env=os.environ,
                limits=limits,
                look=lambda _: Usage(),
                end=_kill,
                cwd=self.folder,
            )
        except OSError as error:
            raise EnvironmentFaultError(f"{self.name} cannot be started: {error}") from error
        return await process.communicate(stdin)

    async def told(self, *arguments: str, seconds: float = 120.0) -> str:
        """What a call prints.

        Raises:
            SandboxUnavailableError: there is no such command.
            EnvironmentFaultError: it failed.
        """
        result = await self.call(*arguments, seconds=seconds)
        if not result.ok:
            raise EnvironmentFaultError(f"{self.name} {arguments[0]} failed: {complaint(result)}")
        return result.stdout.text.strip()

    async def facts(self) -> Facts:
        """Ask it whether it works.

        Raises:
            SandboxUnavailableError: it does not; says what to do.
        """
        result = await self.call("info", "--format", "{{json .}}", seconds=60)
        said = complaint(result)
        if result.ok:
            with suppress(ValueError, KeyError, TypeError):
                return Facts.read(json.loads(result.stdout.text))
            said = "what it says of itself cannot be read"
        todo = self._start
        if "permission denied" in said.lower():
            todo = f"let this user use it (its group {self.name}, or the engine's mode without root)"
        raise SandboxUnavailableError(
            f"the sandbox {self.name} does not work here ({said}): {todo}, or choose another sandbox by name"
        )


def complaint(result: ExecResult) -> str:
    """Why a call failed, in the engine's last words."""
    if result.ended_by is not None:
        return f"no answer in {result.wall_seconds:.0f} s"
    said = result.stderr.text.strip() or result.stdout.text  # Docker tells some of its failures there
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return lines[-1].removeprefix("Error: ") if lines else f"exit code {result.exit_code}"


def _kill(pid: int, _: bool) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
