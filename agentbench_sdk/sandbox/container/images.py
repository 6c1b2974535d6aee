"""The images that containers start from: those that are there, are fetched, or are built from a folder."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from agentbench_sdk.errors import EnvironmentFaultError, SandboxUnavailableError
from agentbench_sdk.sandbox.container.engine import Engine, complaint
from agentbench_sdk.sandbox.result import ExecResult
from agentbench_sdk.sandbox.spec import SandboxSpec

_FETCH_SECONDS = 1800.0
_BUILD_SECONDS = 3600.0
_SHOWN_LINES = 20


@dataclass(frozen=True, slots=True)
class Image:
    """An image that is there.

    Attributes:
        id: of exactly this one, whatever its name comes to mean later.
    """

    id: str


class Images:
    """Finds the image of a spec; fetches or builds each one once.

    Arguments:
        engine: that has them.
        default: name of the image of a spec that names none.
    """

    def __init__(self, engine: Engine, default: str) -> None:
        self._engine, self._default = engine, default
        self._found: dict[str, asyncio.Task[Image]] = {}

    async def of(self, spec: SandboxSpec) -> Image:
        """The image of a spec.

        Raises:
            SandboxUnavailableError: it cannot be fetched or built; says what the engine said last.
        """
        if spec.build_context is None:
            name = spec.image or self._default
            return await self._once(name, lambda: self._fetched(name))
        if spec.image is not None:
            raise SandboxUnavailableError(
                f"a sandbox has either an image or a folder to build one from, and here are both: {spec.image} "
                f"and {spec.build_context}"
            )
        context = _absolute(spec.build_context)
        tag = f"agentbench-sandbox:{await asyncio.to_thread(content_hash, context)}"
        return await self._once(tag, lambda: self._built(tag, context))

    async def _once(self, name: str, find: Callable[[], Awaitable[Image]]) -> Image:
        if (task := self._found.get(name)) is None:
            task = self._found[name] = asyncio.ensure_future(find())
            task.add_done_callback(lambda done: self._forget_failure(name, done))
        return await asyncio.shield(task)

    def _forget_failure(self, name: str, task: asyncio.Task[Image]) -> None:
        """Whoever asks again may have better luck."""
        if task.cancelled() or task.exception() is not None:
            self._found.pop(name, None)

    async def _there(self, name: str) -> Image | None:
        result = await self._engine.call("image", "inspect", "--format", "{{.Id}}", name)
        return Image(result.stdout.text.strip()) if result.ok else None

    async def _fetched(self, name: str) -> Image:
        if (image := await self._there(name)) is not None:
            return image
        result = await self._engine.call("pull", "--quiet", name, seconds=_FETCH_SECONDS)
        if result.ok and (image := await self._there(name)) is not None:
            return image
        raise SandboxUnavailableError(
            f"the image {name} is not here and cannot be fetched ({complaint(result)}): check its name, fetch it "
            f"with `{self._engine.name} pull {name}`, or name another image"
        )

    async def _built(self, tag: str, context: Path) -> Image:
        if (image := await self._there(tag)) is not None:
            return image
        result = await self._engine.call("build", "--tag", tag, str(context), seconds=_BUILD_SECONDS)
        if result.ok and (image := await self._there(tag)) is not None:
            return image
        raise SandboxUnavailableError(
            f"the image of {context} cannot be built by {self._engine.name}; its last words:\n{_end(result)}"
        )


def content_hash(folder: Path) -> str:
    """A digest of what a build context holds: names, contents, x bits, targets of links.

    Raises:
        SandboxUnavailableError: there is no such folder, or no Dockerfile in it.
    """
    if not any((folder / name).is_file() for name in ("Dockerfile", "Containerfile")):
        raise SandboxUnavailableError(
            f"{folder} has no Dockerfile, from which the sandbox's image could be built"
        )
    digest = hashlib.sha256()
    try:
        for path in sorted(folder.rglob("*")):
            name = os.fsencode(path.relative_to(folder))
            digest.update(b"%d:%s" % (len(name), name))
            digest.update(_content(path))
    except OSError as error:
        raise EnvironmentFaultError(f"{error.filename}: cannot be read ({error.strerror})") from error
    return digest.hexdigest()[:24]


def _absolute(folder: Path) -> Path:
    """The engine's command runs elsewhere."""
    return folder.absolute()


def _content(path: Path) -> bytes:
    if path.is_symlink():
        return b"link" + hashlib.sha256(os.fsencode(path.readlink())).digest()
    if path.is_dir():
        return b"folder"
    with path.open("rb") as file:
        content = hashlib.file_digest(file, "sha256").digest()
    return (b"program" if path.stat().st_mode & 0o100 else b"file") + content


def _end(result: ExecResult) -> str:
    if result.ended_by is not None:
        return complaint(result)
    lines = [*result.stdout.text.splitlines(), *result.stderr.text.splitlines()]
    return "\n".join(line.rstrip() for line in lines[-_SHOWN_LINES:] if line.strip())
