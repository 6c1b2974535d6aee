"""`ScriptedSandboxes`: sandboxes in which nothing runs. Commands are answered by a function, files are a mapping.

provider = ScriptedSandboxes(lambda sandbox, command: sandbox.files.get("out.txt", b"").decode())
async with Bench(sandbox=provider) as bench:
...
"""

from __future__ import annotations

import io
import shlex
import tarfile
from collections.abc import Awaitable, Callable, Mapping, Sequence

from agentbench_sdk.errors import EnvironmentFaultError, SandboxFileError, SandboxUnavailableError
from agentbench_sdk.sandbox import (
    Capabilities,
    Entry,
    ExecResult,
    Limit,
    Limits,
    Output,
    Process,
    Sandbox,
    SandboxSpec,
)
from agentbench_sdk.sandbox.base import packed

EVERYTHING = Capabilities(isolated=True, limits=frozenset(Limit), images=True)


class ScriptedSandbox(Sandbox):
    """A sandbox of `ScriptedSandboxes`.

    Attributes:
        files: content by path; what the answering function puts there can be read.
        closed: whether it was closed.
    """

    def __init__(self, spec: SandboxSpec, provider: ScriptedSandboxes) -> None:
        super().__init__(spec, provider)
        self._maker = provider
        self.files: dict[str, bytes] = dict(_unpacked(spec.archive)) | dict(spec.files)
        self.closed = False

    async def start(
        self,
        argv: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        cwd: str = "",
        limits: Limits | None = None,
    ) -> Process:
        raise EnvironmentFaultError("in a scripted sandbox nobody can be talked with")

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
        if self.closed:
            raise EnvironmentFaultError("the sandbox is closed")
        answer = self._maker.answer(self, command if isinstance(command, str) else shlex.join(command))
        said = answer if isinstance(answer, str | ExecResult) else await answer
        return said if isinstance(said, ExecResult) else printed(said)

    async def read(self, path: str, *, limit: int | None = None) -> bytes:
        if path not in self.files:
            raise SandboxFileError(f"{path}: No such file or directory")
        return self.files[path]

    async def write(self, path: str, content: str | bytes, *, executable: bool = False) -> None:
        self.files[path] = content.encode() if isinstance(content, str) else content

    async def list(self, path: str = ".") -> list[Entry]:
        return [Entry(name, "file") for name in sorted(self.files)]

    async def snapshot(self) -> bytes:
        return packed(self.files)

    async def unpack(self, archive: bytes, folder: str = ".") -> None:
        self.files.update(_unpacked(archive))

    async def close(self) -> None:
        self.closed = True
        self._maker.open.discard(self)


Answer = Callable[[ScriptedSandbox, str], str | ExecResult | Awaitable[str | ExecResult]]


class ScriptedSandboxes:
    """Makes sandboxes whose commands a function answers.

    Arguments:
        answer: given the sandbox and the command as a text, what it prints, or its whole result.
        name: under which it is known.
        capabilities: what it says that it can do; everything when left out.
        missing: why it does not work here; "" when it does.

    Attributes:
        made: how many sandboxes were made.
        open: those that nobody has closed yet.
    """

    def __init__(
        self,
        answer: Answer,
        *,
        name: str = "scripted",
        capabilities: Capabilities = EVERYTHING,
        missing: str = "",
    ) -> None:
        self.answer, self.name, self.capabilities, self.missing = answer, name, capabilities, missing
        self.made = 0
        self.open: set[ScriptedSandbox] = set()

    async def check(self) -> None:
        if self.missing:
            raise SandboxUnavailableError(self.missing)

    async def create(self, spec: SandboxSpec) -> Sandbox:
        await self.check()
        sandbox = ScriptedSandbox(spec, self)
        self.made += 1
        self.open.add(sandbox)
        return sandbox

    async def close(self) -> None:
        for sandbox in tuple(self.open):
            await sandbox.close()


def printed(text: str, *, exit_code: int = 0) -> ExecResult:
    """The result of a command that prints a text and ends."""
    data = text.encode()
    return ExecResult(exit_code, Output(data, b"", len(data)), Output(), 0.0, 0.0, 0)


def _unpacked(archive: bytes) -> Mapping[str, bytes]:
    if not archive:
        return {}
    with tarfile.open(fileobj=io.BytesIO(archive)) as opened:
        members = [(each.name, opened.extractfile(each)) for each in opened if each.isfile()]
        return {name: content.read() for name, content in members if content is not None}
