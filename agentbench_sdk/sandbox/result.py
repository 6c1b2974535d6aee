"""What a command in a sandbox came to."""

from __future__ import annotations

from dataclasses import dataclass

from agentbench_sdk.sandbox.limits import Limit


@dataclass(frozen=True, slots=True)
class Output:
    """What a command wrote to one stream.

    Attributes:
        head: the beginning, or all of it.
        tail: the end of what was too long to keep; b"" otherwise.
        total_bytes: how much was written.
    """

    head: bytes = b""
    tail: bytes = b""
    total_bytes: int = 0

    @property
    def left_out(self) -> int:
        """Bytes between `head` and `tail` that were not kept."""
        return self.total_bytes - len(self.head) - len(self.tail)

    @property
    def truncated(self) -> bool:
        """Whether something was left out."""
        return self.left_out > 0

    @property
    def text(self) -> str:
        """All that was kept, as UTF-8 with U+FFFD for what is none, and a line that says what is missing."""
        if not self.truncated:
            return (self.head + self.tail).decode("utf-8", errors="replace")
        head, tail = (part.decode("utf-8", errors="replace") for part in (self.head, self.tail))
        return f"{head}\n[... {self.left_out} bytes left out ...]\n{tail}"


@dataclass(frozen=True, slots=True)
class ExecResult:
    """How a command ended and what it used.

    Attributes:
        exit_code: as a shell tells it: 128 + n after signal n.
        stdout, stderr: what it wrote.
        wall_seconds: from start to end.
        cpu_seconds: processor time of all its processes, user and system.
        peak_memory_bytes: the most seen in use; 0 where the provider cannot tell.
        ended_by: the limit that ended it; None when it ended by itself.
    """

    exit_code: int
    stdout: Output
    stderr: Output
    wall_seconds: float
    cpu_seconds: float
    peak_memory_bytes: int
    ended_by: Limit | None = None

    @property
    def signal(self) -> int | None:
        """The signal that ended it, None when it exited by itself."""
        return self.exit_code - 128 if 128 < self.exit_code <= 128 + 64 else None

    @property
    def ok(self) -> bool:
        """Exit code 0, and no limit was reached."""
        return self.exit_code == 0 and self.ended_by is None
