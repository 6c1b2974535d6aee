"""What a process and all below it use, read from /proc."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

_PAGE = os.sysconf("SC_PAGE_SIZE")
_TICKS = os.sysconf("SC_CLK_TCK")
_BLOCK = 512
# A folder with more names than this counts as full: looking at it must not take longer than the commands do.
_MOST_NAMES = 200_000


def all_pids() -> list[int]:
    """Process ids of all that runs; empty where there is no /proc."""
    with suppress(OSError):
        return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    return []


def has_variable(pid: int, beginning: bytes) -> bool:
    """Whether a process was started with a variable that begins so; not where its environment cannot be read."""
    with suppress(OSError):
        return any(
            each.startswith(beginning) for each in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
        )
    return False


def children(pid: int) -> list[int]:
    """Process ids of the children of all threads of a process; empty when it is gone."""
    found: list[int] = []
    with suppress(OSError):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            found += map(int, (thread / "children").read_text().split())
    return found


def is_stopped(pid: int) -> bool:
    """Whether a process has been stopped, so that it starts no other one."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()[0] == "T"
    return False


def descendants(pid: int) -> list[int]:
    """A process and all below it, parents first."""
    found = [pid]
    for each in found:
        found += children(each)
    return found


def marked(variable: bytes) -> list[int]:
    """Processes of ours that were started with a variable, given as `name=value`."""
    return [pid for pid in all_pids() if pid != os.getpid() and has_variable(pid, variable)]


def memory_bytes(pids: Sequence[int], enough: int) -> int:
    """Memory of processes in bytes.

    Pages that several of them share are counted once for each of them at first; only where that exceeds
    `enough` they are told apart, which costs the kernel more.
    """
    quick = sum(_resident(pid) for pid in pids)
    return quick if quick <= enough else sum(_proportional(pid) for pid in pids)


def cpu_and_threads(pids: Sequence[int]) -> tuple[float, int]:
    """Processor seconds of processes and their ended children, and the number of their threads."""
    ticks = threads = 0
    for pid in pids:
        with suppress(OSError, ValueError, IndexError):
            # The name, in brackets, may hold blanks and brackets of its own.
            fields = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
            ticks += sum(map(int, fields[11:15]))
            threads += int(fields[17])
    return ticks / _TICKS, threads


def disk_bytes(folder: str) -> int:
    """What the files below a folder hold on disk. No link is followed, even one that appears while looking."""
    total = names = 0
    with suppress(OSError):
        for _, folders, files, descriptor in os.fwalk(folder, follow_symlinks=False):
            for name in (*folders, *files):
                with suppress(OSError):
                    total += os.stat(name, dir_fd=descriptor, follow_symlinks=False).st_blocks * _BLOCK
            names += len(folders) + len(files)
            if names > _MOST_NAMES:
                return 1 << 62
    return total


def _resident(pid: int) -> int:
    with suppress(OSError, ValueError, IndexError):
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE
    return 0


def _proportional(pid: int) -> int:
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return _resident(pid)
