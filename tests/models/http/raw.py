"""A server of which each test writes out, byte by byte, what it says and when it closes."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson

from agentbench_sdk.messages import Message
from agentbench_sdk.models import ModelRequest
from agentbench_sdk.models.openai_compatible import OpenAICompatible

ASK = ModelRequest((Message.user("2 + 2?"),))
BODY = orjson.dumps({"choices": [{"message": {"content": "4"}}]})


def answer(body: bytes = BODY, *headers: str, status: str = "200 OK", version: str = "1.1") -> bytes:
    """A whole answer with its length."""
    lines = [f"HTTP/{version} {status}", f"Content-Length: {len(body)}", *headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


def unbounded(body: bytes = BODY, *headers: str) -> bytes:
    """An answer that ends with its connection."""
    return ("\r\n".join(["HTTP/1.1 200 OK", *headers]) + "\r\n\r\n").encode() + body


def chunked(*chunks: bytes, end: bytes = b"0\r\n\r\n", headers: str = "") -> bytes:
    """An answer in chunks."""
    head = f"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n{headers}\r\n".encode()
    return head + b"".join(b"%x\r\n%b\r\n" % (len(each), each) for each in chunks) + end


@dataclass
class Exchange:
    """One request at the server, and the means to say something in return."""

    head: str
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    number: int  # of the request on the server
    connection: int

    async def body(self) -> bytes:
        _, _, rest = self.head.partition("Content-Length: ")
        return await self.reader.readexactly(int(rest.split("\r\n", 1)[0]))

    async def say(self, *pieces: bytes) -> None:
        for piece in pieces:
            self.writer.write(piece)
            await self.writer.drain()
            await asyncio.sleep(0.002)

    async def gone(self) -> None:
        """Wait until the client has closed."""
        with contextlib.suppress(ConnectionError):
            while await self.reader.read(65536):
                pass


Script = Callable[[Exchange], Awaitable[object]]


@dataclass
class RawServer:
    """Runs a script for each request; a connection ends when its script returns "close"."""

    script: Script
    tls: ssl.SSLContext | None = None
    heads: list[str] = field(default_factory=list)
    connections: int = 0
    open: int = 0
    most_open: int = 0
    port: int = 0
    errors: list[BaseException] = field(default_factory=list)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def base_url(self) -> str:
        scheme, host = ("https", "localhost") if self.tls else ("http", "127.0.0.1")
        return f"{scheme}://{host}:{self.port}/v1"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        connection = self.connections
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                self.heads.append(head)
                exchange = Exchange(head, reader, writer, len(self.heads) - 1, connection)
                if await self.script(exchange) == "close":
                    break
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        except asyncio.CancelledError:
            pass
        except Exception as error:  # noqa: BLE001 - shown by the test that owns the server
            self.errors.append(error)
        finally:
            self.open -= 1
            self._tasks.discard(task)
            writer.close()

    async def stop(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for _ in range(3):  # the loop's next turns close the sockets
            await asyncio.sleep(0)


@asynccontextmanager
async def serving(
    script: Script, *, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1"
) -> AsyncIterator[RawServer]:
    """A server that runs a script for each request."""
    served = RawServer(script, tls)
    server = await asyncio.start_server(served.serve, host, 0, ssl=tls, backlog=1024)
    served.port = server.sockets[0].getsockname()[1]
    try:
        yield served
    finally:
        server.close()
        await served.stop()
    assert not served.errors, served.errors


@asynccontextmanager
async def handling(
    handler: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
) -> AsyncIterator[int]:
    """A server that does with each connection what it is told, and then closes it; its port."""
    begun = ended = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal begun, ended
        begun += 1
        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
                await handler(reader, writer)
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()
            ended += 1

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
        await until(lambda: begun == ended)
    finally:
        server.close()


@asynccontextmanager
async def client(base_url: str, **options: Any) -> AsyncIterator[OpenAICompatible]:
    """A model that is closed afterwards."""
    model = OpenAICompatible("m", base_url=base_url, api_key="sk-recognisable", **options)
    try:
        yield model
    finally:
        await model.close()


@asynccontextmanager
async def against(script: Script, **options: Any) -> AsyncIterator[tuple[RawServer, OpenAICompatible]]:
    async with serving(script) as server, client(server.base_url, **options) as model:
        yield server, model


def says(*pieces: bytes, then: str = "") -> Script:
    """The same answer to every request, whose body is read first."""

    async def script(exchange: Exchange) -> str:
        await exchange.body()
        await exchange.say(*pieces)
        return then

    return script


async def until(condition: Callable[[], bool]) -> None:
    while not condition():  # noqa: ASYNC110 - the other side is a server, which sets no event of ours
        await asyncio.sleep(0.001)
