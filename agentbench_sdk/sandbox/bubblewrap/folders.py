"""Folders on the host that sandboxes live in; what a killed process left behind is swept by the next."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from agentbench_sdk.sandbox import process_tree
from agentbench_sdk.sandbox.bubblewrap.command import USER_ID, Folders
from agentbench_sdk.sandbox.lease import Lease, abandoned, base_folder

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
        self._lease = Lease.take(_base())
        self.path = _folder(self._lease.folder, 0o711)
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
        self._lease.close()

    def sweep(self) -> list[str]:
        """Kill and remove what processes that no longer live have left; returns the names of their folders."""
        swept = []
        for lease in abandoned(_base()):
            _kill_users(lease.folder)
            _remove(lease.folder)
            lease.close()
            swept.append(lease.name)
        return swept


def open_up(folders: Folders) -> None:
    """Let the next command into folders that the last one may have closed; they cannot have been replaced."""
    for path in (folders.work, folders.home, folders.temporary, *(source for _, source in folders.further)):
        Path(path).chmod(0o700)


def _base() -> Path:
    return base_folder("sandboxes")


def _folder(path: Path, mode: int) -> Path:
    path.mkdir()
    path.chmod(mode)  # whatever the umask
    return path


def _kill_users(folder: Path) -> None:
    """Kill the processes that a folder is mounted for or that have their home there, and bubblewraps that name it.

    Programs inside say nothing of the folder; when everything was killed just as they were started, bubblewrap
    may be gone without them.
    """
    named, mounted = os.fsencode(f"{folder}/"), os.fsencode(f"/{folder.parent.name}/{folder.name}/")
    for pid in process_tree.all_pids():
        with suppress(OSError):
            line = Path(f"/proc/{pid}/cmdline").read_bytes()
            shown = mounted in Path(f"/proc/{pid}/mountinfo").read_bytes()
            if (
                shown
                or (named in line and b"bwrap" in line)
                or process_tree.has_variable(pid, b"HOME=" + named)
            ):
                os.kill(pid, signal.SIGKILL)


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
