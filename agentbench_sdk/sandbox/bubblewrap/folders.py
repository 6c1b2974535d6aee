"""Folders on the host that sandboxes live in; what a killed process left behind is swept by the next."""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import signal
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from agentbench_sdk.sandbox.bubblewrap.command import USER_ID, Folders

_SETTINGS = {
    "passwd": f"root:x:0:0:root:/root:/bin/sh\nagent:x:{USER_ID}:{USER_ID}:agent:/home/agent:/bin/sh\n",
    "group": f"root:x:0:\nagent:x:{USER_ID}:\n",
    "hosts": "127.0.0.1 localhost sandbox\n::1 localhost\n",
    "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n",
}


class Home:
    """Where the sandboxes of one provider lie, with a lock beside it that lasts as long as the process lives.

    Arguments:
        owner: user id on the host that sandboxes run as; None for our own.
    """

    def __init__(self, owner: int | None) -> None:
        self._owner = owner
        self._base = _base()
        # Others may pass through, as sandboxes run as another user under root, but not look around.
        self._base.mkdir(mode=0o711, exist_ok=True)
        _check_ownership(self._base)
        self._lock, self._lock_path = _locked(self._base)
        self.path = _folder(self._lock_path.with_suffix(""), 0o711)
        self.prefix = _folder(self.path / "prefix", 0o755)
        self._settings = _folder(self.path / "etc", 0o755)
        for name, text in _SETTINGS.items():
            (self._settings / name).write_text(text, encoding="ascii")
            (self._settings / name).chmod(0o644)

    def make(self, further: Sequence[str] = ()) -> Folders:
        """Folders for one sandbox; `further` are absolute paths inside of more of them."""
        root = _folder(self.path / secrets.token_hex(8), 0o711)
        made = {name: str(self._owned(root / name)) for name in ("work", "home", "tmp")}
        more = tuple((path, str(self._owned(root / f"more{place}"))) for place, path in enumerate(further))
        return Folders(made["work"], made["home"], made["tmp"], str(self._settings), more)

    def _owned(self, path: Path) -> Path:
        _folder(path, 0o700)
        if self._owner is not None:
            os.chown(path, self._owner, self._owner)
        return path

    def remove(self, folders: Folders) -> None:
        """Remove the folders of one sandbox, whose commands have ended."""
        _remove(Path(folders.work).parent)

    def close(self) -> None:
        """Remove all folders."""
        _remove(self.path)
        self._lock_path.unlink(missing_ok=True)
        os.close(self._lock)

    def sweep(self) -> list[str]:
        """Kill and remove what processes that no longer live have left; returns the names of their folders."""
        swept = []
        for path in self._base.glob("*.lock"):
            if (lock := _abandoned(path)) is not None:
                folder = path.with_suffix("")
                _kill_users(folder)
                _remove(folder)
                path.unlink(missing_ok=True)
                os.close(lock)
                swept.append(folder.name)
        return swept


def _base() -> Path:
    return Path(tempfile.gettempdir()) / f"agentbench-sandboxes-{os.getuid()}"


def _folder(path: Path, mode: int) -> Path:
    path.mkdir()
    path.chmod(mode)  # whatever the umask
    return path


def _check_ownership(path: Path) -> None:
    if path.is_symlink() or path.lstat().st_uid != os.getuid():
        raise PermissionError(
            f"{path} belongs to somebody else: remove it, or set TMPDIR to a folder of your own"
        )


def _locked(base: Path) -> tuple[int, Path]:
    """A lock file of our own. A sweeper may take it in the moment before it is locked; then another is made."""
    while True:
        path = base / f"{secrets.token_hex(8)}.lock"
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
        with suppress(BlockingIOError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.fstat(descriptor).st_nlink:
                return descriptor, path
        os.close(descriptor)


def _abandoned(path: Path) -> int | None:
    """The lock of a process that is gone, taken over; None while its process lives."""
    with suppress(OSError):
        descriptor = os.open(path, os.O_RDWR)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return None
        return descriptor
    return None


def _kill_users(folder: Path) -> None:
    """Kill processes of bubblewrap whose command line names a folder."""
    mark = os.fsencode(f"{folder}/")
    for entry in Path("/proc").iterdir():
        with suppress(OSError):
            if (
                entry.name.isdigit()
                and mark in (line := (entry / "cmdline").read_bytes())
                and b"bwrap" in line
            ):
                os.kill(int(entry.name), signal.SIGKILL)


def _remove(path: Path) -> None:
    """Remove a tree, as far as possible; what is left is swept later. Follows no link.

    Folders that a command made unreadable are opened up first.
    """
    for folder, names, _ in os.walk(path):
        for name in names:
            if not (inner := Path(folder, name)).is_symlink():
                with suppress(OSError):
                    inner.chmod(0o700)
    shutil.rmtree(path, ignore_errors=True)
