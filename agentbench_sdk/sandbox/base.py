"""The contract of a sandbox: a work folder and commands that run in it, apart from the host.

A provider starts commands; files are read and written by commands too, so that no path that a model chose is
ever resolved on the host: a symbolic link, a race or a `..` leads nowhere that the model could not go itself.
Nothing is retried: a command may have done its work before it failed.
"""

from __future__ import annotations

import io
import os
import tarfile
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, Self

from agentbench_sdk.errors import EnvironmentFaultError, SandboxFileError
from agentbench_sdk.sandbox.limits import MEBIBYTE
from agentbench_sdk.sandbox.process import Process
from agentbench_sdk.sandbox.result import ExecResult, Output

if TYPE_CHECKING:
    from agentbench_sdk.sandbox.limits import Limits
    from agentbench_sdk.sandbox.provider import SandboxProvider
    from agentbench_sdk.sandbox.spec import SandboxSpec

Kind = Literal["file", "folder", "link", "other"]

# Files that a sandbox begins with are of the same second everywhere: 2000-01-01, which archives of all kinds can say.
_WRITTEN = 946_684_800
# The kernel takes arguments of 32 pages and no longer; providers put some of their own beside them.
_LONGEST_ARGUMENT = (1 << 17) - 1
_LONGEST_ARGUMENTS = 1 << 20

_LISTING_BYTES = 32 * MEBIBYTE
# Without brackets, in which busybox forgets what it has gathered.
_LIST = """
find "$1" -mindepth 1 -type l -exec printf 'link %s\\0' {} + -o -type d -exec printf 'folder %s\\0' {} + \\
  -o -type f -exec printf 'file %s\\0' {} + -o -exec printf 'other %s\\0' {} +
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """A name in a folder of a sandbox.

    Attributes:
        path: relative to the folder that was listed.
        kind: what it is; a link is never followed.
    """

    path: str
    kind: Kind


class Sandbox(ABC):
    """A work folder and the commands that run in it. Use it in `async with`, or call `close`.

    Arguments:
        spec: what it was made from.
        provider: who made it.
    """

    def __init__(self, spec: SandboxSpec, provider: SandboxProvider) -> None:
        self.spec = spec
        self.provider = provider

    @property
    def work_folder(self) -> str:
        """Absolute path of the work folder, as commands inside see it."""
        return self.spec.work_folder

    # --- what a provider gives ----------------------------------------------------------------

    @abstractmethod
    async def start(
        self,
        argv: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        cwd: str = "",
        limits: Limits | None = None,
    ) -> Process:
        """Start a command and return while it runs, for whoever talks with it; see `exec` for the arguments.

        Raises:
            EnvironmentFaultError: it could not be started for a reason that is not the command's.
        """

    @abstractmethod
    async def close(self) -> None:
        """Kill what runs and remove the work folder; harmless when called twice."""

    # --- commands -----------------------------------------------------------------------------

    async def exec(
        self,
        command: str | Sequence[str],
        *,
        stdin: str | bytes = b"",
        env: Mapping[str, str] | None = None,
        cwd: str = "",
        timeout: float | None = None,
        limits: Limits | None = None,
    ) -> ExecResult:
        """Run a command to its end; whatever it left running is dead when this returns.

        Arguments:
            command: an argument vector, or the text of a script for /bin/sh.
            stdin: what it reads.
            env: variables beside those of the sandbox.
            cwd: where it starts, relative to the work folder.
            timeout: seconds of wall time; replaces that of the limits.
            limits: instead of those of the sandbox.

        Raises:
            EnvironmentFaultError: the sandbox broke, not the command.
        """
        argv = ["/bin/sh", "-c", command] if isinstance(command, str) else list(command)
        if said := _unfit(argv, cwd):
            return ExecResult(126, Output(), Output(said.encode(), b"", len(said.encode())), 0.0, 0.0, 0)
        allowed = limits or self.spec.limits
        if timeout is not None:
            allowed = replace(allowed, wall_seconds=timeout)
        process = await self.start(argv, env=env, cwd=cwd, limits=allowed)
        return await process.communicate(_encoded(stdin))

    # --- files --------------------------------------------------------------------------------

    async def read(self, path: str, *, limit: int | None = None) -> bytes:
        """Content of a file, as a command inside sees it.

        Arguments:
            path: relative to the work folder, or absolute inside.
            limit: bytes at most; None for what the limits of the sandbox keep of an output.

        Raises:
            SandboxFileError: there is no such file, it is no regular file, or it is larger than `limit`.
        """
        allowed = self.spec.limits
        most = allowed.kept_bytes if limit is None else limit
        script = 'if [ -d "$1" ]; then echo "is a folder" >&2; exit 1; fi\n'
        script += (
            'if [ -e "$1" ] && [ ! -f "$1" ]; then echo "is no regular file" >&2; exit 1; fi\ncat -- "$1"'
        )
        kept = replace(allowed, kept_bytes=most, output_bytes=max(most + 1, allowed.output_bytes))
        result = await self._file_command(path, script, [_inside(path)], limits=kept)
        if result.stdout.truncated:
            raise SandboxFileError(f"{path}: has {result.stdout.total_bytes} bytes, more than {most}")
        return result.stdout.head + result.stdout.tail

    async def write(self, path: str, content: str | bytes, *, executable: bool = False) -> None:
        """Write a file, making its folders.

        Raises:
            SandboxFileError: it cannot be written.
        """
        script = 'case "$1" in */*) mkdir -p -- "${1%/*}" || exit 1;; esac\ncat > "$1" && ' + (
            'chmod +x -- "$1"' if executable else "true"
        )
        await self._file_command(path, script, [_inside(path)], stdin=_encoded(content))

    async def list(self, path: str = ".") -> list[Entry]:
        """All names below a folder, sorted by path; links are not followed.

        Raises:
            SandboxFileError: there is no such folder.
        """
        allowed = replace(self.spec.limits, kept_bytes=_LISTING_BYTES, output_bytes=2 * _LISTING_BYTES)
        result = await self._file_command(path, _LIST, [_inside(path)], limits=allowed)
        if result.stdout.truncated:
            raise SandboxFileError(f"{path}: has too many names to list")
        return sorted(_entries(result.stdout.head, _inside(path)), key=lambda entry: entry.path)

    # --- copies -------------------------------------------------------------------------------

    async def snapshot(self) -> bytes:
        """The work folder as a tar archive.

        Raises:
            SandboxFileError: it cannot be read, or holds more than the limit on disk.
        """
        limit = self.spec.limits.disk_bytes
        allowed = replace(self.spec.limits, kept_bytes=2 * limit, output_bytes=2 * limit)
        result = await self._file_command(".", "tar -cf - .", [], limits=allowed)
        return result.stdout.head + result.stdout.tail

    async def fork(self) -> Sandbox:
        """Another sandbox of the same kind whose work folder begins as a copy of this one."""
        archive = await self.snapshot()
        return await self.provider.create(
            replace(self.spec, archive=archive, files={}, executable=frozenset())
        )

    async def unpack(self, archive: bytes, folder: str = ".") -> None:
        """Unpack a tar archive into a folder, the work folder by default.

        Raises:
            SandboxFileError: it does not fit, or is none.
        """
        script = (
            'tar -xof - -C "$1"'  # o: whoever unpacks it owns it, in the words that all kinds of tar know
        )
        await self._file_command(folder, script, [_inside(folder)], stdin=archive)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def _file_command(
        self,
        path: str,
        script: str,
        arguments: Sequence[str],
        *,
        stdin: bytes = b"",
        limits: Limits | None = None,
    ) -> ExecResult:
        if "\0" in path or not _encodable(path):
            raise SandboxFileError(f"{path!r}: a path holds no null bytes and no half characters")
        result = await self.exec(["/bin/sh", "-c", script, "sh", *arguments], stdin=stdin, limits=limits)
        if not result.ok:
            said = result.stderr.text.strip().splitlines()
            why = f"limit on {result.ended_by} reached" if result.ended_by else (said or ["failed"])[-1]
            raise SandboxFileError(f"{path}: {why}")
        return result


async def populate(sandbox: Sandbox) -> None:
    """Bring the archive and the files of its spec into a sandbox that was just made.

    Raises:
        EnvironmentFaultError: they do not fit.
    """
    spec = sandbox.spec
    try:
        if spec.archive:
            await sandbox.unpack(spec.archive)
        if spec.files:
            await sandbox.unpack(packed(spec.files, spec.executable))
    except SandboxFileError as error:
        raise EnvironmentFaultError(f"the files of a sandbox cannot be written: {error}") from error


def packed(files: Mapping[str, bytes], executable: frozenset[str] = frozenset()) -> bytes:
    """A tar archive of files, the same bytes for the same files."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for path in sorted(files):
            member = tarfile.TarInfo(path)
            member.size = len(files[path])
            member.mtime = _WRITTEN
            member.mode = 0o755 if path in executable else 0o644
            archive.addfile(member, io.BytesIO(files[path]))
    return buffer.getvalue()


def _unfit(argv: Sequence[str], cwd: str) -> str:
    """Why no system could start a command, as a shell says it; "" when it may be tried."""
    try:
        encoded = [os.fsencode(each) for each in (*argv, cwd)]
    except UnicodeEncodeError:
        return "argument holds a character that is none\n"
    if any(b"\0" in each for each in encoded):
        return "argument holds a null byte\n"
    if sum(map(len, encoded)) > _LONGEST_ARGUMENTS or any(len(each) > _LONGEST_ARGUMENT for each in encoded):
        return "argument list too long\n"
    return "" if argv else "no command is given\n"


def _encoded(text: str | bytes) -> bytes:
    """As UTF-8; a model may write half a surrogate pair, which has no bytes."""
    return text.encode("utf-8", errors="replace") if isinstance(text, str) else text


def _inside(path: str) -> str:
    """A path that no tool takes for an option."""
    return path if path.startswith(("/", "./")) else f"./{path}"


def _encodable(path: str) -> bool:
    """Whether a path can be an argument; names that are no UTF-8 have come as surrogate escapes."""
    try:
        os.fsencode(path)
    except UnicodeEncodeError:
        return False
    return True


def _entries(listing: bytes, root: str) -> list[Entry]:
    found = []
    for line in listing.split(b"\0"):
        kind, _, path = line.decode("utf-8", errors="surrogateescape").partition(" ")
        if kind in ("file", "folder", "link", "other"):
            relative = path.removeprefix(root.rstrip("/")).lstrip("/")
            found.append(Entry(relative, kind))  # type: ignore[arg-type]
    return found
