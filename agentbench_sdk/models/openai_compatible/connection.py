"""One connection to an endpoint: a request in one write, an answer, and then the next; never two at once."""

from __future__ import annotations

import asyncio
import select
from collections.abc import Callable
from typing import cast

from agentbench_sdk.models.openai_compatible.answer import AnswerReader, NotHttpError

# Larger bodies are written piece by piece: one write would copy what the kernel does not take at once,
# and hold the loop meanwhile.
LARGE_REQUEST_BYTES = 256 * 1024


class ClosedError(ConnectionError):
    """The connection ended in an orderly way, at a moment when it should not."""


class Connection(asyncio.Protocol):
    """An HTTP/1.1 connection whose exchanges are made by one caller at a time.

    A caller that does not wait for the end of its exchange leaves a connection that is not `reusable`, so
    what is left of an answer never meets the next request.

    Arguments:
        on_lost: called once, when the connection has ended for whatever reason.

    Attributes:
        answer: what has come so far.
        idle_since: the loop's time when the last exchange ended.
    """

    __slots__ = (
        "_drained",
        "_failure",
        "_loop",
        "_on_lost",
        "_poll",
        "_sent",
        "_timer",
        "_transport",
        "_waiter",
        "answer",
        "idle_since",
    )

    def __init__(self, loop: asyncio.AbstractEventLoop, on_lost: Callable[[Connection], None]) -> None:
        self._loop = loop
        self._on_lost = on_lost
        self._waiter: asyncio.Future[None] | None = None  # None between exchanges
        self._drained: asyncio.Future[None] | None = None  # None while the transport takes more
        self._failure: Exception | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._sent = False
        self.answer = AnswerReader()
        self.idle_since = 0.0

    # --- what a caller does -------------------------------------------------------------------

    async def exchange(self, head: bytes, body: bytes, deadline: float) -> None:
        """Send a request; return when its answer is complete, or when its body begins to stream.

        Arguments:
            head: up to where the length of the body is to stand.
            body: sent whole, or in pieces when it is large.
            deadline: the loop's time when the whole exchange, the stream included, must be over.

        Raises:
            TimeoutError: the deadline came, here or in `more`.
            NotHttpError: what came is no answer.
            OSError: the connection broke.
        """
        self.answer.begin()
        self._waiter = waiter = self._loop.create_future()
        self._timer = self._loop.call_at(deadline, self._expire)
        self._sent = len(body) <= LARGE_REQUEST_BYTES
        if self._sent:
            self._transport.write(b"%b%d\r\n\r\n%b" % (head, len(body), body))
        else:
            await self._send(b"%b%d\r\n\r\n" % (head, len(body)), memoryview(body), waiter)
        await waiter
        if self._failure is not None:
            raise self._failure

    async def more(self) -> bytes:
        """What has come of the body meanwhile, when there is some; b"" at the end of the answer.

        Raises:
            Exception: see `exchange`.
        """
        answer = self.answer
        while not (piece := answer.take()) and not answer.complete:
            if self._failure is None:
                self._waiter = self._loop.create_future()
                await self._waiter
            if self._failure is not None:
                raise self._failure
        return piece

    def rest(self) -> bool:
        """The exchange is over, whatever its end; whether there may be another."""
        self._waiter = None
        if self._timer is not None:
            self._timer.cancel()
        transport = self._transport
        return (
            self.answer.reusable
            and self._sent
            and not transport.is_closing()
            and not transport.get_write_buffer_size()
        )

    def is_alive(self) -> bool:
        """Whether the other side has neither closed nor said anything unasked, the kernel's news included."""
        return not self._transport.is_closing() and not self._poll(0)

    def is_closing(self) -> bool:
        """Whether it is about to end, or has."""
        return self._transport.is_closing()

    def abort(self) -> None:
        """End it at once."""
        self._transport.abort()

    # --- what the loop calls ------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The connection stands, TLS included."""
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is no subclass
        self._poll = _poller(transport.get_extra_info("socket").fileno())

    def data_received(self, data: bytes) -> None:
        """A piece of an answer; between exchanges, something unasked that no answer may begin with."""
        if self._waiter is None:
            self.abort()
            return
        answer = self.answer
        try:
            answer.feed(data)
        except NotHttpError as error:
            self._fail(error)
            return
        if answer.complete or answer.streamed:
            self._wake()

    def eof_received(self) -> None:
        """The other side has closed, so this one does too."""
        self._ended(None)

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        self._ended(exc)
        self._on_lost(self)

    def pause_writing(self) -> None:
        """The transport has enough for now."""
        self._drained = self._loop.create_future()

    def resume_writing(self) -> None:
        """The transport takes more."""
        self._go_on_writing()

    # --- within -------------------------------------------------------------------------------

    async def _send(self, head: bytes, body: memoryview, waiter: asyncio.Future[None]) -> None:
        """Write a large body as fast as it is taken; an answer or a failure meanwhile ends that."""
        self._transport.write(head)
        for start in range(0, len(body), LARGE_REQUEST_BYTES):
            if waiter.done():
                return
            self._transport.write(body[start : start + LARGE_REQUEST_BYTES])
            if self._drained is None:
                await asyncio.sleep(0)
            else:
                await self._drained
        self._sent = True

    def _ended(self, exc: Exception | None) -> None:
        if self._waiter is None:
            return
        if self._failure is None and self.answer.end():
            self._wake()
        else:
            self._fail(exc or ClosedError("the other side closed it"))

    def _expire(self) -> None:
        self._fail(TimeoutError())

    def _fail(self, error: Exception) -> None:
        if self._failure is None:
            self._failure = error
            self.abort()
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
        self._go_on_writing()

    def _go_on_writing(self) -> None:
        drained, self._drained = self._drained, None
        if drained is not None and not drained.done():
            drained.set_result(None)


def _poller(descriptor: int) -> Callable[[float], object]:
    """Asks the kernel whether a socket has something to read; takes a fraction of a microsecond."""
    if not hasattr(select, "poll"):  # Windows
        return lambda seconds: None
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return poll.poll
