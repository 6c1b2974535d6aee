"""A sandbox of a pool: its commands wait for a place, and it is known to the pool until it is closed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from agentbench_sdk.sandbox.base import Entry, Sandbox
from agentbench_sdk.sandbox.limits import Limits
from agentbench_sdk.sandbox.process import Process
from agentbench_sdk.sandbox.result import ExecResult

if TYPE_CHECKING:
    from agentbench_sdk.sandbox.pool import SandboxPool
    from agentbench_sdk.sandbox.spec import SandboxSpec


class PooledSandbox(Sandbox):
    """Passes everything on to a provider's sandbox. What runs to its end takes a place; a process that
    somebody talks with takes none: it mostly waits, and might wait for whoever holds all the places.

    Arguments:
        inner: the provider's sandbox.
        spec: what it was asked to be made from.
        pool: where its commands wait, and where copies of it come from.
        released: told once it is closed.
    """

    def __init__(
        self, inner: Sandbox, spec: SandboxSpec, pool: SandboxPool, released: Callable[[Sandbox], None]
    ) -> None:
        super().__init__(spec, inner.provider)
        self._inner, self._pool, self._released = inner, pool, released

    @property
    def work_folder(self) -> str:
        return self._inner.work_folder

    async def start(
        self,
        argv: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        cwd: str = "",
        limits: Limits | None = None,
    ) -> Process:
        return await self._inner.start(argv, env=env, cwd=cwd, limits=limits)

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
        async with self._pool.place():
            return await self._inner.exec(
                command, stdin=stdin, env=env, cwd=cwd, timeout=timeout, limits=limits
            )

    async def read(self, path: str, *, limit: int | None = None) -> bytes:
        async with self._pool.place():
            return await self._inner.read(path, limit=limit)

    async def write(self, path: str, content: str | bytes, *, executable: bool = False) -> None:
        async with self._pool.place():
            await self._inner.write(path, content, executable=executable)

    async def list(self, path: str = ".") -> list[Entry]:
        async with self._pool.place():
            return await self._inner.list(path)

    async def snapshot(self) -> bytes:
        async with self._pool.place():
            return await self._inner.snapshot()

    async def unpack(self, archive: bytes, folder: str = ".") -> None:
        async with self._pool.place():
            await self._inner.unpack(archive, folder)

    async def fork(self) -> Sandbox:
        copy = replace(self.spec, archive=await self.snapshot(), files={}, executable=frozenset())
        return await self._pool.create(copy)

    async def close(self) -> None:
        try:
            await self._inner.close()
        finally:
            self._released(self)
