"""The tests' side of `forge`: start a process, signal it, wait for it, read what it said."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

HERE = Path(__file__).parent
COMMAND = "agentbench_sdk.cli:main"


@dataclass(frozen=True)
class Done:
    """What a process left: exit code (negative: the signal that killed it), standard output and error."""

    code: int
    output: str
    errors: str


class Process:
    """A process under way."""

    def __init__(self, workshop: Workshop, number: int, said: Path) -> None:
        self._workshop, self._said = workshop, said
        self._code: asyncio.Future[int] | None = None
        self.number = number

    def signal(self, number: signal.Signals) -> None:
        """Send a signal; the process may have ended already."""
        try:
            os.kill(self.number, number)
        except ProcessLookupError:
            return

    async def ended(self) -> Done:
        """Wait for its end; may be called again."""
        if self._code is None:
            self._code = asyncio.ensure_future(asyncio.to_thread(lambda: int(self._workshop.line())))
        code = await asyncio.shield(self._code)
        return Done(code, *(self._said.with_suffix(each).read_text() for each in (".out", ".err")))

    @property
    def over(self) -> bool:
        """Whether an end that was waited for has come."""
        return self._code is not None and self._code.done()


class Workshop:
    """Starts one process at a time."""

    def __init__(self, forge: subprocess.Popen[str], said: Path) -> None:
        self._forge, self._said = forge, said
        self._count = 0

    @classmethod
    @contextmanager
    def open(cls, *flags: str) -> Iterator[Self]:
        """A workshop whose interpreter has these flags."""
        environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}  # threads do not survive a fork
        with (
            tempfile.TemporaryDirectory() as said,
            subprocess.Popen(
                [sys.executable, *flags, str(HERE / "forge.py")],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                env=environment,
            ) as forge,
        ):
            opened = cls(forge, Path(said))
            try:
                assert opened.line() == "ready"
                yield opened
            finally:
                forge.kill()

    def line(self) -> str:
        """The next line that the forge says."""
        assert self._forge.stdout is not None
        return self._forge.stdout.readline().strip()

    async def start(
        self,
        folder: Path,
        *arguments: str,
        function: str = COMMAND,
        path: tuple[Path, ...] = (),
        environment: Mapping[str, str] | None = None,
        largest_file: int = 0,
    ) -> Process:
        """Start the command line (or another function of a list of texts) in a folder.

        Arguments:
            path: put at the front of where modules and plugins are looked for.
            environment: further variables.
            largest_file: bytes; writing beyond fails as on a full disk. 0 for no limit.
        """
        self._count += 1
        said = self._said / str(self._count)
        for ending in (".out", ".err"):  # a kill may come before the process has made them
            said.with_suffix(ending).touch()
        order = {
            "folder": str(folder),
            "function": function,
            "arguments": arguments,
            "path": [str(each) for each in path],
            "environment": dict(environment or {}),
            "output": f"{said}.out",
            "errors": f"{said}.err",
            "largest_file": largest_file,
        }
        assert self._forge.stdin is not None
        self._forge.stdin.write(json.dumps(order) + "\n")
        self._forge.stdin.flush()
        return Process(self, int(await asyncio.to_thread(self.line)), said)

    async def run(self, folder: Path, *arguments: str, code: int = 0, **more: object) -> Done:
        """Start and wait; the exit code must be the one that is expected."""
        process = await self.start(folder, *arguments, **more)  # type: ignore[arg-type]
        done = await process.ended()
        assert done.code == code, f"{arguments}: exit code {done.code}\n{done.output}\n{done.errors}"
        return done
