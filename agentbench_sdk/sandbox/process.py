"""A command that runs in a sandbox: talk with it, watch it, wait for it, kill it."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from typing import Literal

from agentbench_sdk.sandbox.result import ExecResult

Stream = Literal["stdout", "stderr"]


class Process(ABC):
    """A running command. Whoever starts one calls `wait`, `communicate` or `kill`."""

    @abstractmethod
    async def write(self, data: bytes) -> None:
        """Send data to its standard input; returns when it was taken. What nobody reads any more is dropped."""

    @abstractmethod
    def close_stdin(self) -> None:
        """Tell it that nothing more will come."""

    @abstractmethod
    def output(self) -> AsyncIterator[tuple[Stream, bytes]]:
        """What it writes from this call on, as it comes, until both streams end.

        The result keeps it too. One reader at a time: another call takes over from the one before.
        """

    @abstractmethod
    async def wait(self) -> ExecResult:
        """Wait for its end; all that it started is dead then."""

    @abstractmethod
    def kill(self) -> None:
        """Kill it and all that it started; `wait` tells when they are gone."""

    async def communicate(self, stdin: bytes = b"") -> ExecResult:
        """Send all of its input, close it, and wait for the end. When cancelled, kills it first."""
        feeding = asyncio.ensure_future(self._feed(stdin))
        try:
            return await self.wait()
        except asyncio.CancelledError:
            self.kill()
            await asyncio.shield(self.wait())
            raise
        finally:
            feeding.cancel()

    async def _feed(self, stdin: bytes) -> None:
        if stdin:
            await self.write(stdin)
        self.close_stdin()
