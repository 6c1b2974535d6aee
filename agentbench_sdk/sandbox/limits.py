"""What a command in a sandbox may use, and the name of what it used up."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

MEBIBYTE = 1 << 20


class Limit(StrEnum):
    """What a sandbox can limit."""

    CPU = "cpu"
    WALL = "wall"
    MEMORY = "memory"
    PROCESSES = "processes"
    FILE_SIZE = "file_size"
    OUTPUT = "output"
    DISK = "disk"
    NETWORK = "network"


@dataclass(frozen=True, slots=True)
class Limits:
    """What one command may use.

    An allocation, a file or a process beyond its limit fails inside, as it would on a small machine, and the
    program sees an ordinary error. What goes on regardless (all processes together too large, a folder that
    grows, output without end, time) is killed, and the result names the limit.

    Attributes:
        cpu_seconds: processor time of all processes together.
        wall_seconds: time from the start of the command.
        memory_bytes: what all processes together may hold; also what one may map as its own.
        processes: processes and threads alive at once.
        file_bytes: size of one file.
        disk_bytes: what work folder, home and /tmp may hold together.
        kept_bytes: how much of each output stream a result keeps; the middle of longer output is left out.
        output_bytes: how much a command may write to its streams before it is killed.
        network: whether the host's network is reachable; without it there is the sandbox's own loopback only.
    """

    cpu_seconds: float = 60.0
    wall_seconds: float = 120.0
    memory_bytes: int = 1024 * MEBIBYTE
    processes: int = 128
    file_bytes: int = 256 * MEBIBYTE
    disk_bytes: int = 512 * MEBIBYTE
    kept_bytes: int = MEBIBYTE
    output_bytes: int = 64 * MEBIBYTE
    network: bool = False

    def __post_init__(self) -> None:
        for name in self.__slots__:
            if name != "network" and getattr(self, name) <= 0:
                raise ValueError(f"limit {name} must be above 0, got {getattr(self, name)}")


DEFAULT_LIMITS = Limits()
