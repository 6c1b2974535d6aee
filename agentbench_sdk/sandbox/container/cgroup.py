"""The control group of a container, version 1 or 2: what all of its processes use, as the kernel counts it."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

_ROOT = Path("/sys/fs/cgroup")


class ControlGroup:
    """Reads the counters of a group; what cannot be read is 0.

    Arguments:
        cpu, memory, processes: the group's folder for each; the same one in version 2.
    """

    def __init__(self, cpu: Path, memory: Path, processes: Path) -> None:
        self._cpu, self._memory, self._processes = cpu, memory, processes

    @classmethod
    def of(
        cls, pid: int, container: str, *, proc: Path = Path("/proc"), root: Path = _ROOT
    ) -> ControlGroup | None:
        """The group of a process, None where it is not the container's own or cannot be seen from here.

        Arguments:
            pid: on this machine.
            container: the id that the group's name holds.
            proc: where processes are shown.
            root: where control groups are shown.
        """
        folders: dict[str, Path] = {}
        with suppress(OSError):
            for line in (proc / str(pid) / "cgroup").read_text().splitlines():
                _, controllers, path = line.split(":", 2)
                # Some engines put the processes into a group within the container's.
                own, found, _ = path.lstrip("/").partition(container)
                name = f"{own}{found}{path.lstrip('/').removeprefix(own + found).partition('/')[0]}"
                if found and not controllers:
                    folders[""] = root / name
                elif found:
                    folders |= {each: root / each / name for each in controllers.split(",")}
        if not folders:
            return None
        group = cls(*(folders.get(name, folders.get("", root)) for name in ("cpuacct", "memory", "pids")))
        return group if group.memory_limit() else None

    def cpu_seconds(self) -> float:
        """Processor time so far."""
        if (text := _read(self._cpu / "cpuacct.usage")) is not None:
            return int(text) / 1e9
        return _table(self._cpu / "cpu.stat").get("usage_usec", 0) / 1e6

    def memory_bytes(self) -> int:
        """Memory that is held now, without what files would give back."""
        used = _table(self._memory / "memory.stat")
        return used.get("anon", used.get("total_rss", 0)) + used.get("total_shmem", used.get("shmem", 0))

    def memory_limit(self) -> int:
        """The most memory that it may hold, 0 where there is no limit."""
        places = (self._memory, *(each for each in self._memory.glob("*") if each.is_dir()))
        texts = [_read(place / name) for place in places for name in ("memory.max", "memory.limit_in_bytes")]
        return min((int(text) for text in texts if text is not None and text.isdigit()), default=0)

    def out_of_memory(self) -> int:
        """How often the kernel has killed a process for want of memory."""
        for name in ("memory.events", "memory.oom_control"):
            if (found := _table(self._memory / name).get("oom_kill")) is not None:
                return found
        return 0

    def processes(self) -> int:
        """Processes and threads that live."""
        return int(_read(self._processes / "pids.current") or 0)


def _read(path: Path) -> str | None:
    with suppress(OSError):
        return path.read_text(encoding="ascii").strip()
    return None


def _table(path: Path) -> dict[str, int]:
    """Lines of a name and a number."""
    pairs = (line.split() for line in (_read(path) or "").splitlines())
    return {pair[0]: int(pair[1]) for pair in pairs if len(pair) == 2 and pair[1].isdigit()}
