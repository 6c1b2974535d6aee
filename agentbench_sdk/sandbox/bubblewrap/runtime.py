"""What of the host a sandbox shows, read-only: the system's programs, and a Python interpreter."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

# Names at the root that lead into /usr on a merged system and hold programs and libraries elsewhere.
_ROOT_NAMES = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")
# Which program stands behind a general name, and where libraries lie: programs break without them.
_SETTINGS = ("/etc/alternatives", "/etc/ld.so.cache")
PYTHON_FOLDER = "/opt/python"


@dataclass(frozen=True, slots=True)
class Runtime:
    """The host's programs, as mounts.

    Attributes:
        mounts: folders and files by their path on the host, shown read-only at the same path.
        links: symbolic links, target by path.
        python_prefix: the interpreter's prefix when it lies outside the mounts; its `bin` and `lib` are shown.
        python: path of the interpreter.
    """

    mounts: tuple[str, ...]
    links: tuple[tuple[str, str], ...]
    python_prefix: str | None
    python: str


def find_runtime() -> Runtime:
    """Look at the host."""
    mounts, links = ["/usr"], []
    for name in _ROOT_NAMES:
        path = Path("/") / name
        if path.is_symlink():
            links.append((str(path.readlink()), str(path)))
        elif path.is_dir():
            mounts.append(str(path))
    mounts += [path for path in _SETTINGS if Path(path).exists()]
    python = os.path.realpath(sys.executable)
    outside = not python.startswith(tuple(f"{mount}/" for mount in mounts))
    prefix = os.path.realpath(sys.base_prefix)
    links += [(python, f"{PYTHON_FOLDER}/{name}") for name in ("python", "python3")]
    return Runtime(tuple(mounts), tuple(links), prefix if outside else None, python)


def reachable(path: str) -> bool:
    """Whether every user may read what lies at an absolute path."""
    if not _allows(path, stat.S_IROTH | stat.S_IXOTH):
        return False
    return all(_allows(parent, stat.S_IXOTH) for parent in _parents(path))


def _parents(path: str) -> Iterable[Path]:
    return Path(path).parents


def _allows(path: str | Path, bits: int) -> bool:
    return Path(path).stat().st_mode & bits == bits
