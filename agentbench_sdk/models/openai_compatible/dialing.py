"""How a connection comes about: names, addresses, a proxy's tunnel, TLS."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable, Coroutine
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from agentbench_sdk.models.openai_compatible.address import Address
from agentbench_sdk.models.openai_compatible.answer import AnswerReader, NotHttpError
from agentbench_sdk.models.openai_compatible.connection import ClosedError, Connection
from agentbench_sdk.models.openai_compatible.proxy import Proxy

if TYPE_CHECKING:
    import ssl

NAMES_KEPT_S = 10.0  # as long as a name's addresses are kept: a run's connections are made in bursts
FAILURES_KEPT_S = 1.0
NEXT_ADDRESS_S = 0.25  # RFC 8305, section 8: the wait before the next address is tried beside the last
Made: TypeAlias = tuple[asyncio.BaseTransport, asyncio.BaseProtocol]


class NotConnectedError(Exception):
    """No connection came about; the text says why."""


class UnknownHostError(NotConnectedError):
    """The endpoint's name has no address."""


class ConnectTimeoutError(NotConnectedError):
    """None came about in time; the text says in which."""


class Dialer:
    """Makes connections to one endpoint, in one event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop, address: Address, proxy: Proxy | None) -> None:
        self._loop = loop
        self._address, self._proxy = address, proxy
        self._tls: ssl.SSLContext | None = None
        self._names = Names(loop)

    async def dial(self, make: Callable[[], Connection]) -> Connection:
        """A connection, ready for a request.

        Raises:
            NotConnectedError: there is none.
        """
        address, proxy = self._address, self._proxy
        try:
            if proxy is not None and address.secure:
                return await self._tunnel(make, proxy)
            if proxy is not None:
                made = await self._reach(make, proxy.host, proxy.port, {})
            else:
                made = await self._reach(make, address.wire_host, address.port, self._secured())
        except socket.gaierror as error:
            kind = UnknownHostError if proxy is None else NotConnectedError
            raise kind(self._through(_said(error))) from None
        except OSError as error:
            raise NotConnectedError(self._through(_said(error))) from None
        return cast(Connection, made[1])

    def _through(self, said: str) -> str:
        return said if self._proxy is None else f"{self._proxy.shown}: {said}"

    async def _tunnel(self, make: Callable[[], Connection], proxy: Proxy) -> Connection:
        transport, opened = await self._reach(lambda: Tunnel(self._loop), proxy.host, proxy.port, {})
        connection = make()
        try:
            await cast(Tunnel, opened).open(self._address.tunnel, proxy)
            secured = await self._loop.start_tls(
                cast(asyncio.Transport, transport),
                connection,
                self._context(),
                server_hostname=self._address.wire_host,
            )
        except BaseException:
            cast(asyncio.Transport, transport).abort()
            raise
        assert secured is not None
        connection.connection_made(secured)
        return connection

    async def _reach(
        self, make: Callable[[], asyncio.BaseProtocol], host: str, port: int, secured: dict[str, Any]
    ) -> Made:
        """A connection to the first of the host's addresses that answers."""
        found = await self._names.addresses(host, port)
        if len(found) == 1:
            return await self._loop.create_connection(make, found[0], port, **secured)
        return await first_of(
            [self._loop.create_connection(make, each, port, **secured) for each in found], NEXT_ADDRESS_S
        )

    def _secured(self) -> dict[str, Any]:
        """What the loop needs to know where TLS begins at once."""
        if not self._address.secure:
            return {}
        return {"ssl": self._context(), "server_hostname": self._address.wire_host}

    def _context(self) -> ssl.SSLContext:
        if self._tls is None:
            import ssl

            self._tls = ssl.create_default_context()
            self._tls.set_alpn_protocols(["http/1.1"])
        return self._tls


class Names:
    """The addresses of hosts; looked up once for all who ask at the same time."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._looking = asyncio.Lock()
        self._known: list[str] | socket.gaierror = []
        self._until = 0.0

    async def addresses(self, host: str, port: int) -> list[str]:
        """In the order in which they are to be tried.

        Raises:
            socket.gaierror: there are none.
        """
        async with self._looking:
            if self._loop.time() >= self._until:
                await self._look_up(host, port)
        if isinstance(self._known, socket.gaierror):
            raise socket.gaierror(*self._known.args)
        return self._known

    async def _look_up(self, host: str, port: int) -> None:
        try:
            self._known, kept_s = _in_turn(await self._ask(host, port)), NAMES_KEPT_S
        except socket.gaierror as error:
            self._known, kept_s = error, FAILURES_KEPT_S
        self._until = self._loop.time() + kept_s

    async def _ask(self, host: str, port: int) -> list[Any]:
        try:  # what is an address already needs no thread
            return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
        except (socket.gaierror, UnicodeError):
            return await self._loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)


def _in_turn(found: list[Any]) -> list[str]:
    """Addresses, the families by turns and the system's favourite first (RFC 8305, section 4)."""
    favourite = found[0][0]
    first = [each[4][0] for each in found if each[0] == favourite]
    others = [each[4][0] for each in found if each[0] != favourite]
    pairs = zip_longest(first, others)
    return list(dict.fromkeys(str(each) for pair in pairs for each in pair if each is not None))


async def first_of(attempts: list[Coroutine[Any, Any, Made]], apart_s: float) -> Made:
    """The first attempt that succeeds; each begins when the one before has failed, or so much later.

    Raises:
        OSError: that of the last one, when all fail.
    """
    waiting, running = list(reversed(attempts)), set[asyncio.Task[Made]]()
    failed: BaseException = OSError("the host has no address")
    try:
        while waiting or running:
            if waiting:
                running.add(asyncio.ensure_future(waiting.pop()))
            done, running = await asyncio.wait(
                running, timeout=apart_s if waiting else None, return_when=asyncio.FIRST_COMPLETED
            )
            for task in done:
                error = task.exception()
                if error is None:
                    running |= done - {task}
                    return task.result()
                failed = error
        raise failed
    finally:
        for attempt in waiting:
            attempt.close()
        for task in running:
            task.cancel()
            task.add_done_callback(_dropped)


def _dropped(task: asyncio.Task[Made]) -> None:
    """A connection that came too late is closed; a failure that came too late is no news."""
    if not task.cancelled() and task.exception() is None:
        cast(asyncio.Transport, task.result()[0]).abort()


class Tunnel(asyncio.Protocol):
    """The beginning of a connection through a proxy: CONNECT and its answer (RFC 9110, section 9.3.6)."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._answer = AnswerReader()
        self._opened: asyncio.Future[None] = loop.create_future()

    async def open(self, target: str, proxy: Proxy) -> None:
        """Have the proxy connect to host:port.

        Raises:
            OSError: it does not; the text says what it answered.
        """
        headers = {"Host": target, **proxy.headers}
        lines = [f"CONNECT {target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
        self._transport.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        await self._opened

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The proxy is there."""
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """A piece of its answer, whose head alone counts; nothing may follow that before TLS begins."""
        answer = self._answer
        try:
            answer.feed(data)
        except NotHttpError as error:
            self._fail(OSError(f"it sent no HTTP answer ({error})"))
            return
        if answer.status is None:
            return
        if not 200 <= answer.status < 300:
            self._fail(OSError(f"it answered CONNECT with status {answer.status}"))
        elif answer.take():
            self._fail(OSError("it spoke before TLS began"))
        elif not self._opened.done():
            self._opened.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        """The proxy is gone."""
        self._fail(exc or ClosedError("it closed the connection"))

    def _fail(self, error: Exception) -> None:
        if not self._opened.done():
            self._opened.set_exception(error)
            self._opened.exception()  # whoever awaited it may have been cancelled


def _said(error: OSError) -> str:
    """What an error of the system or of TLS says, without numbers and source lines."""
    if trouble := getattr(error, "verify_message", ""):
        return f"its certificate is not accepted ({trouble})"
    if reason := getattr(error, "reason", ""):
        return f"TLS failed ({reason.lower().replace('_', ' ')})"
    if isinstance(error, socket.gaierror):
        return str(error.strerror)
    return os.strerror(error.errno) if error.errno else str(error) or type(error).__name__
