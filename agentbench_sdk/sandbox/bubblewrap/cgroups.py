"""Control groups (version 2), where this process was given a part of the tree to itself.

    systemd-run --user --scope -p Delegate=yes agentbench run coding …

There the kernel itself limits memory and processes of a command as a whole, at once and to the byte, and keeps
account of what it used. Elsewhere nothing changes: commands are looked at from outside.

Source: the kernel's Documentation/admin-guide/cgroup-v2.rst. A group that hands controllers down may hold no
processes itself, so we move into a group of our own first, if nobody else is with us.
"""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

from agentbench_sdk.sandbox.host_process import Usage
from agentbench_sdk.sandbox.limits import Limit, Limits

_CONTROLLERS = frozenset({"memory", "pids"})
_OURS = "agentbench"
_STARTERS = 8  # processes that start a command and are not its own


def delegated(
    root: Path = Path("/sys/fs/cgroup"), membership: Path = Path("/proc/self/cgroup")
) -> Path | None:
    """The group in which groups with limits can be made; None where there is none."""
    with suppress(OSError):
        line = next((each for each in membership.read_text().splitlines() if each.startswith("0::")), None)
        if line is None:
            return None
        group = root / line.removeprefix("0::").strip("/")
        if group.name == _OURS:  # where an earlier provider of this process has moved us
            group = group.parent
        if not _words(group / "cgroup.controllers") >= _CONTROLLERS or not os.access(group, os.W_OK):
            return None
        return group if _handed_down(group) else None
    return None


class CommandGroup:
    """The group of one command.

    Arguments:
        parent: as `delegated` found it.
        limits: of the command.

    Raises:
        OSError: it cannot be made.
    """

    def __init__(self, parent: Path, limits: Limits) -> None:
        self.path = parent / f"sandbox-{secrets.token_hex(8)}"
        self.path.mkdir()
        self._write("memory.max", str(limits.memory_bytes))
        with suppress(OSError):  # not where the kernel keeps no account of swap
            self._write("memory.swap.max", "0")
        self._write("memory.oom.group", "1")
        self._write("pids.max", str(limits.processes + _STARTERS))

    def account(self) -> tuple[Usage, Limit | None]:
        """What the command used, and the limit by which the kernel ended it."""
        usage = Usage(
            memory_bytes=self._number("memory.peak"), cpu_seconds=self._entry("cpu.stat", "usage_usec") / 1e6
        )
        return usage, Limit.MEMORY if self._entry("memory.events", "oom_kill") else None

    def remove(self) -> None:
        """Remove the group; its processes have ended."""
        with suppress(OSError):
            self.path.rmdir()

    def _write(self, name: str, text: str) -> None:
        (self.path / name).write_text(text)

    def _number(self, name: str) -> int:
        with suppress(OSError, ValueError):
            return int((self.path / name).read_text())
        return 0

    def _entry(self, name: str, key: str) -> int:
        with suppress(OSError, ValueError):
            for line in (self.path / name).read_text().splitlines():
                if line.startswith(f"{key} "):
                    return int(line.split()[1])
        return 0


def _handed_down(group: Path) -> bool:
    """Whether groups in a group have the controllers; they are handed down where that is not yet so."""
    control = group / "cgroup.subtree_control"
    if _words(control) >= _CONTROLLERS:
        return True
    if _words(group / "cgroup.procs") == {str(os.getpid())}:
        ours = group / _OURS
        ours.mkdir(exist_ok=True)
        (ours / "cgroup.procs").write_text(str(os.getpid()))
    with suppress(OSError):  # others are in the group: it is not ours alone
        control.write_text(" ".join(f"+{each}" for each in sorted(_CONTROLLERS)))
    return _words(control) >= _CONTROLLERS


def _words(path: Path) -> set[str]:
    return set(path.read_text().split())
