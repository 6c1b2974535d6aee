"""Measures a command by its processes on the host and its folders there."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from agentbench_sdk.sandbox import process_tree
from agentbench_sdk.sandbox.host_process import Usage
from agentbench_sdk.sandbox.limits import Limits


class TreeLook:
    """Called with a process id, says what the command that it carries uses.

    A folder that was too full at its start may be emptied, not filled.

    Arguments:
        folder: on the host; what all files below it hold counts.
        limits: of the command.
        own: processes that are ours and not the command's.
        pids: finds its processes.
    """

    def __init__(
        self,
        folder: str,
        limits: Limits,
        *,
        own: int,
        pids: Callable[[int], Sequence[int]] = process_tree.descendants,
    ) -> None:
        self._folder, self._limits, self._own, self._pids = folder, limits, own, pids
        self._at_start: int | None = None

    def __call__(self, pid: int) -> Usage:
        pids = self._pids(pid)
        cpu, threads = process_tree.cpu_and_threads(pids)
        disk = process_tree.disk_bytes(self._folder)
        if self._at_start is None:
            self._at_start = disk if disk > self._limits.disk_bytes else 0
        return Usage(
            memory_bytes=process_tree.memory_bytes(pids, self._limits.memory_bytes),
            processes=threads if threads > self._limits.processes + self._own else 0,
            cpu_seconds=cpu,
            disk_bytes=0 if disk <= self._at_start else disk,
        )
