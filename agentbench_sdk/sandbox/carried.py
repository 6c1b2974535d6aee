"""A command with something to be done after the host process that carried it, before its end is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

from agentbench_sdk.sandbox.host_process import HostProcess
from agentbench_sdk.sandbox.process import Process, Stream
from agentbench_sdk.sandbox.result import ExecResult


class CarriedProcess(Process):
    """Passes everything on to a host process; what it comes to is told when the rest is done.

    Arguments:
        carrier: the host process.
        settle: what is to be done; given what the carrier came to, gives what the command came to.
    """

    def __init__(self, carrier: HostProcess, settle: Callable[[ExecResult], Awaitable[ExecResult]]) -> None:
        self.carrier = carrier
        self._settle = settle
        self._settling = asyncio.ensure_future(self._settled())
        self._settling.add_done_callback(_told)

    async def write(self, data: bytes) -> None:
        await self.carrier.write(data)

    def close_stdin(self) -> None:
        self.carrier.close_stdin()

    def output(self) -> AsyncIterator[tuple[Stream, bytes]]:
        return self.carrier.output()

    def kill(self) -> None:
        self.carrier.kill()

    async def wait(self) -> ExecResult:
        return await asyncio.shield(self._settling)

    def when_done(self, call: Callable[[CarriedProcess], object]) -> None:
        """Have `call` told once it has ended."""
        self._settling.add_done_callback(lambda _: call(self))

    async def _settled(self) -> ExecResult:
        return await self._settle(await self.carrier.wait())


def _told(settling: asyncio.Future[ExecResult]) -> None:
    if not settling.cancelled():
        settling.exception()  # nobody has to ask for it
