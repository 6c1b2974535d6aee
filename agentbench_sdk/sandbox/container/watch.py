"""What a command in a container uses, measured from outside."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from agentbench_sdk.sandbox.container.cgroup import ControlGroup
from agentbench_sdk.sandbox.container.command import OWN_PROCESSES
from agentbench_sdk.sandbox.host_process import Usage
from agentbench_sdk.sandbox.limits import Limits

_PAUSE = 1.0
_PATIENCE = 60.0


class DiskMeter:
    """Asks the engine now and then how much a container has written.

    Arguments:
        line: prints the bytes.
        turn: held by whoever asks: engines answer one after the other, and not for nothing.
    """

    def __init__(self, line: Sequence[str], turn: threading.Lock) -> None:
        self._line, self._turn = line, turn
        self._known = 0
        self._asked_at = self._next = 0.0

    def bytes_since(self, since: float) -> int | None:
        """What the container has written, as far as it was asked after a moment of the monotonic clock."""
        if time.monotonic() >= self._next and self._turn.acquire(blocking=False):
            try:
                self._ask()
            finally:
                self._turn.release()
        return self._known if self._asked_at >= since else None

    def _ask(self) -> None:
        began = time.monotonic()
        try:
            done = subprocess.run(  # noqa: S603 - an argument vector, no shell
                self._line, capture_output=True, check=True, timeout=_PATIENCE, stdin=subprocess.DEVNULL
            )
            self._known, self._asked_at = int(done.stdout), began
        except (OSError, subprocess.SubprocessError, ValueError):
            pass  # it is asked again; that the container is gone shows elsewhere
        now = time.monotonic()
        # Looking takes a tenth of the time at most, however slow the engine.
        self._next = now + max(_PAUSE, 10 * (now - began))


@dataclass(slots=True)
class Start:
    """What had been used when a command began.

    Attributes:
        at: on the monotonic clock.
        cpu_seconds, out_of_memory: counters of the control group.
    """

    at: float
    cpu_seconds: float
    out_of_memory: int


class Watch:
    """Called with anything, says what a command uses; see `HostProcess`.

    Arguments:
        group: of the container; None where it cannot be read here.
        meter: of its disk.
        limits: of the command.
        alone: whether no other command runs in the container.
    """

    def __init__(
        self, group: ControlGroup | None, meter: DiskMeter, limits: Limits, alone: Callable[[], bool]
    ) -> None:
        self._group, self._meter, self._limits, self._alone = group, meter, limits, alone
        self._start: Start | None = None
        self._full: int | None = None
        self.peak_memory_bytes = 0

    def begin(self) -> None:
        """The command begins now: what the engine needed to start it is not its doing."""
        group = self._group
        self._start = Start(
            time.monotonic(), group.cpu_seconds() if group else 0.0, group.out_of_memory() if group else 0
        )

    @property
    def cpu_seconds(self) -> float:
        """Processor time since the beginning; 0 where nobody can tell."""
        if self._group is None or self._start is None:
            return 0.0
        return max(0.0, self._group.cpu_seconds() - self._start.cpu_seconds)

    @property
    def ran_out_of_memory(self) -> bool:
        """Whether the kernel has killed one of its processes for want of memory."""
        return (
            self._group is not None
            and self._start is not None
            and self._group.out_of_memory() > self._start.out_of_memory
        )

    def __call__(self, _: int) -> Usage:
        if self._start is None:
            return Usage()
        disk = self._disk_bytes(self._start.at)
        if self._group is None:
            return Usage(disk_bytes=disk)
        memory = self._group.memory_bytes()
        self.peak_memory_bytes = max(self.peak_memory_bytes, memory)
        # The kernel keeps a container within its memory by killing one of its processes, not all of them.
        return Usage(
            memory_bytes=self._limits.memory_bytes + 1 if self.ran_out_of_memory else memory,
            processes=self._group.processes() - OWN_PROCESSES if self._alone() else 0,
            cpu_seconds=self.cpu_seconds,
            disk_bytes=disk,
        )

    def _disk_bytes(self, since: float) -> int:
        """A container that was too full at the start may be emptied, not filled."""
        written = self._meter.bytes_since(since)
        if written is None:
            return 0
        if self._full is None:
            self._full = written if written > self._limits.disk_bytes else 0
        return 0 if written <= self._full else written
