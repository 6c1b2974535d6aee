"""Who a sandbox belongs to: a locked file lasts as long as its process lives, however that ends.

What outlives a process that was killed (folders, containers) carries the name of its lease, and the next
process that finds the file unlocked removes it.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Self

_SUFFIX = ".lock"


class Lease:
    """A lock file that we hold; see `take` and `abandoned`.

    Attributes:
        name: of the lease, the same for nobody else.
        folder: a path beside the lock file that is free for whatever belongs to the lease.
    """

    def __init__(self, descriptor: int, path: Path) -> None:
        self._descriptor, self._path = descriptor, path

    @classmethod
    def take(cls, base: Path) -> Self:
        """A new one in a folder, which is made where it is missing.

        Raises:
            PermissionError: the folder belongs to somebody else.
        """
        base.mkdir(exist_ok=True)
        _check_ownership(base)
        # Others may pass through, as sandboxes run as another user under root, but not look around.
        base.chmod(0o711)
        return cls(*_locked(base))

    @property
    def name(self) -> str:
        return self._path.stem

    @property
    def folder(self) -> Path:
        return self._path.with_suffix("")

    def release(self) -> None:
        """Let somebody else take it over."""
        os.close(self._descriptor)

    def close(self) -> None:
        """Give it up; whatever belongs to it is gone by now."""
        self._path.unlink(missing_ok=True)
        self.release()


def base_folder(purpose: str) -> Path:
    """Where leases of one purpose lie: a folder of this user among the temporary files of this machine."""
    return Path(tempfile.gettempdir()) / f"agentbench-{purpose}-{os.getuid()}"


def abandoned(base: Path) -> Iterator[Lease]:
    """The leases of processes that live no longer, taken over from them: whoever gets one closes it."""
    for path in base.glob(f"*{_SUFFIX}"):
        if (lease := _taken_over(path)) is not None:
            yield lease


def is_held(base: Path, name: str) -> bool:
    """Whether the process of a lease lives."""
    path = base / f"{name}{_SUFFIX}"
    if not path.exists():
        return False
    if (lease := _taken_over(path)) is None:
        return True
    lease.release()
    return False


def _taken_over(path: Path) -> Lease | None:
    with suppress(OSError):
        descriptor = os.open(path, os.O_RDWR)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return None
        return Lease(descriptor, path)
    return None


def _check_ownership(path: Path) -> None:
    if path.is_symlink() or path.lstat().st_uid != os.getuid():
        raise PermissionError(
            f"{path} belongs to somebody else: remove it, or set TMPDIR to a folder of your own"
        )


def _locked(base: Path) -> tuple[int, Path]:
    """A lock file of our own. A sweeper may take it in the moment before it is locked; then another is made."""
    while True:
        path = base / f"{secrets.token_hex(8)}{_SUFFIX}"
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
        with suppress(BlockingIOError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.fstat(descriptor).st_nlink:
                return descriptor, path
        os.close(descriptor)
