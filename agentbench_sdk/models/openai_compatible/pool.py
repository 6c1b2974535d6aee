"""The connections of one model: opened when none is idle, used again last in first out, closed when idle long."""

from __future__ import annotations

import asyncio

from agentbench_sdk.models.openai_compatible.connection import Connection
from agentbench_sdk.models.openai_compatible.dialing import ConnectTimeoutError, Dialer, NotConnectedError

IDLE_S = 15.0


class Pool:
    """Connections of one event loop to one endpoint.

    Whoever takes a connection gives it back, whatever happened. A request is never sent twice here: it may
    have been answered and paid for although no answer came (RFC 9110, section 9.2.2). Instead, what the
    server has closed is noticed before it is used.

    Arguments:
        most: connections at once; 0 for no bound.
        connect_s: seconds for making one.
    """

    def __init__(
        self, loop: asyncio.AbstractEventLoop, dialer: Dialer, *, most: int = 0, connect_s: float = 20.0
    ) -> None:
        self.loop = loop
        self._dialer = dialer
        self._connect_s = connect_s
        self._places = asyncio.Semaphore(most) if most else None
        self._idle: list[Connection] = []
        self._open: set[Connection] = set()
        self._sweeping: asyncio.TimerHandle | None = None
        self._gone: asyncio.Future[None] | None = None

    def take(self) -> Connection | None:
        """An idle connection; None where `acquire` must be asked."""
        return self._take_idle() if self._places is None else None

    async def acquire(self, deadline: float) -> Connection:
        """A connection, idle or new, when there is a place for one.

        Arguments:
            deadline: the loop's time when it is too late.

        Raises:
            TimeoutError: the deadline came.
            NotConnectedError: no connection came about.
        """
        if self._places is None:
            return await self._connect(deadline)
        async with asyncio.timeout_at(deadline):
            await self._places.acquire()
        try:
            return self._take_idle() or await self._connect(deadline)
        except BaseException:
            self._places.release()
            raise

    def give_back(self, connection: Connection) -> None:
        """The exchange is over, or was given up: the connection is kept or closed."""
        if connection.rest() and self._gone is None:
            connection.idle_since = self.loop.time()
            self._idle.append(connection)
            if self._sweeping is None:
                self._sweeping = self.loop.call_later(IDLE_S, self._sweep)
        else:
            connection.abort()
        if self._places is not None:
            self._places.release()

    async def close(self) -> None:
        """Close all connections, those under way too; return when they are gone."""
        if self._gone is not None or self.loop.is_closed():
            return
        if self._sweeping is not None:
            self._sweeping.cancel()
        self._gone = self.loop.create_future()
        for connection in list(self._open):
            connection.abort()
        if self._open:
            await self._gone

    # --- within -------------------------------------------------------------------------------

    def _take_idle(self) -> Connection | None:
        idle = self._idle
        while idle:
            connection = idle.pop()
            if connection.is_alive():
                return connection
            connection.abort()
        return None

    async def _connect(self, deadline: float) -> Connection:
        latest = self.loop.time() + self._connect_s
        try:
            async with asyncio.timeout_at(min(deadline, latest)):
                connection = await self._dialer.dial(self._new)
        except TimeoutError:
            if deadline < latest:
                raise
            raise ConnectTimeoutError(f"within {self._connect_s:g} s") from None
        if self._gone is not None or connection.is_closing():
            connection.abort()
            raise NotConnectedError("it was closed as soon as it stood")
        self._open.add(connection)
        return connection

    def _new(self) -> Connection:
        return Connection(self.loop, self._lost)

    def _lost(self, connection: Connection) -> None:
        self._open.discard(connection)
        if connection in self._idle:
            self._idle.remove(connection)
        if self._gone is not None and not self._open and not self._gone.done():
            self._gone.set_result(None)

    def _sweep(self) -> None:
        """Close what has been idle too long; the oldest stand in front."""
        self._sweeping = None
        oldest = self.loop.time() - IDLE_S
        while self._idle and self._idle[0].idle_since <= oldest:
            self._idle.pop(0).abort()
        if self._idle:
            self._sweeping = self.loop.call_at(self._idle[0].idle_since + IDLE_S, self._sweep)
