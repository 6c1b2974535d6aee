"""A real HTTP endpoint on loopback that speaks chat completions and behaves as a test wants.

It is written on bare sockets, because half of what it is for (resets, bodies that break off, bytes that
never come) is what a web framework takes care to prevent.

    async with FakeEndpoint(lambda body, n: Reply.text("4")) as endpoint:
        model = OpenAICompatible("any", base_url=endpoint.base_url)

From another process: `python -m agentbench_sdk.testing.endpoint --port 0 --text 4` prints its base URL.
"""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import socket
import struct
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import orjson

from agentbench_sdk.testing.replies import Reply

if TYPE_CHECKING:
    from agentbench_sdk.models import Model
    from agentbench_sdk.simulation import Policy

Behaviour = Callable[[dict[str, Any], int], Reply | Awaitable[Reply]]
_LARGEST_HEAD = 64 * 1024
_REASONS = {200: "OK", 400: "Bad Request", 404: "Not Found", 429: "Too Many Requests"}


@dataclass(frozen=True, slots=True)
class Received:
    """A request as it came: parsed body (None when it is no JSON object), headers in lower case, path."""

    body: dict[str, Any] | None
    headers: Mapping[str, str]
    path: str


class FakeEndpoint:
    """Serves `POST …/chat/completions` and `GET …/models`.

    Arguments:
        behaviour: from the request's body and its number (from 0) to a reply; or the replies in order,
            the last of them for all further requests; or one reply for all.
        port: 0 for any free one.

    Attributes:
        requests: what came, in order.
        in_flight, most_in_flight: requests being answered now, and at most at once.
        connections: connections accepted.
        dropped: requests whose client went away before the answer was complete.
    """

    def __init__(self, behaviour: Behaviour | Reply | Iterable[Reply], *, port: int = 0) -> None:
        self._behaviour = _behaviour(behaviour)
        self._port = port
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.requests: list[Received] = []
        self.in_flight = 0
        self.most_in_flight = 0
        self.connections = 0
        self.dropped = 0

    @classmethod
    def of_model(cls, model: Model, *, port: int = 0) -> Self:
        """An endpoint that answers as a model of ours does."""
        return cls(played_by(model), port=port)

    @classmethod
    def of_policy(cls, policy: Policy, *, port: int = 0) -> Self:
        """An endpoint that plays a scripted agent's tool calls."""
        from agentbench_sdk.models.scripted import PolicyModel

        return cls.of_model(PolicyModel(policy), port=port)

    @property
    def base_url(self) -> str:
        """What to give a client as its base URL."""
        return f"http://127.0.0.1:{self._port}/v1"

    @property
    def bodies(self) -> list[dict[str, Any]]:
        """The parsed bodies of the requests, in order."""
        return [request.body for request in self.requests if request.body is not None]

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(
            self._accept, "127.0.0.1", self._port, limit=_LARGEST_HEAD, backlog=4096
        )
        self._port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Stop; connections still open are closed, hanging requests dropped."""
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # --- one connection -----------------------------------------------------------------------

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        try:
            while await self._serve_one(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # the client went away, or does not speak HTTP
        except asyncio.CancelledError:
            pass  # the endpoint is being closed, and so is this connection
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _serve_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Answer one request; True when the connection may bring another."""
        head = await reader.readuntil(b"\r\n\r\n")
        method, path, headers = _parse_head(head)
        if headers.get("expect", "").lower() == "100-continue":
            writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        raw = await _read_body(reader, headers)
        if method == "GET" and path.endswith("/models"):
            listed = {"object": "list", "data": [{"id": "fake", "object": "model"}]}
            writer.write(_head(200, {}, len(body := orjson.dumps(listed))) + body)
            return await _drained(writer)
        if method != "POST" or not path.partition("?")[0].endswith("/chat/completions"):
            body = Reply.error(404, f"there is no {method} {path}", code="not_found").body
            writer.write(_head(404, {}, len(body)) + body)
            return await _drained(writer)
        number = len(self.requests)
        self.requests.append(Received(_json_object(raw), headers, path))
        return await self._answer(reader, writer, number)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int) -> bool:
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        complete = False
        try:
            body = self.requests[number].body
            if body is None:
                reply = Reply.error(400, "the body is no JSON object")
            else:
                made = self._behaviour(body, number)
                reply = await made if inspect.isawaitable(made) else made
            keep = await _send(reply, body or {}, number, reader, writer)
            complete = reply.fault != "hang"
            return keep
        finally:
            self.in_flight -= 1
            self.dropped += not complete


async def _send(
    reply: Reply,
    body: Mapping[str, Any],
    number: int,
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
) -> bool:
    if reply.delay_s or reply.fault == "hang":
        await _pause(reply.delay_s if reply.fault != "hang" else None, reader)
    if reply.fault == "reset":
        _reset(writer)
        return False
    model = str(body.get("model", "fake"))
    if body.get("stream") and reply.completion is not None:
        return await _send_stream(reply, reply.events(model, number), writer)
    whole = reply.whole(model, number)
    headers = {"Content-Type": reply.content_type, **reply.headers}
    writer.write(_head(reply.status, headers, len(whole)))
    if reply.fault == "truncate":
        writer.write(whole[: len(whole) // 2])
        await writer.drain()
        return False
    writer.write(whole)
    return await _drained(writer)


async def _send_stream(reply: Reply, events: list[bytes], writer: asyncio.StreamWriter) -> bool:
    headers = {"Content-Type": "text/event-stream", **reply.headers}
    writer.write(_head(reply.status, headers, None))
    if reply.fault == "truncate":
        events = events[: len(events) // 2]
    for event in events:
        writer.write(f"{len(event):x}\r\n".encode() + event + b"\r\n")
        if reply.piece_delay_s:
            await writer.drain()
            await asyncio.sleep(reply.piece_delay_s)
    if reply.fault == "truncate":
        await writer.drain()
        return False
    writer.write(b"0\r\n\r\n")
    return await _drained(writer)


async def _pause(seconds: float | None, reader: asyncio.StreamReader) -> None:
    """Wait, or for ever; a client that goes away meanwhile ends it."""
    gone = asyncio.ensure_future(reader.read(1))
    try:
        done, _ = await asyncio.wait({gone}, timeout=seconds)
        if done:
            raise ConnectionResetError("the client went away")
    finally:
        gone.cancel()
        with contextlib.suppress(asyncio.CancelledError, ConnectionError):
            await gone


def _reset(writer: asyncio.StreamWriter) -> None:
    raw: socket.socket = writer.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def _drained(writer: asyncio.StreamWriter) -> bool:
    await writer.drain()
    return True


def _head(status: int, headers: Mapping[str, str], length: int | None) -> bytes:
    table = {"Content-Type": "application/json", **headers}
    table.update({"Transfer-Encoding": "chunked"} if length is None else {"Content-Length": str(length)})
    lines = [
        f"HTTP/1.1 {status} {_REASONS.get(status, 'Status')}",
        *(f"{k}: {v}" for k, v in table.items()),
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def _parse_head(head: bytes) -> tuple[str, str, dict[str, str]]:
    first, *lines = head.decode("latin-1").rstrip("\r\n").split("\r\n")
    method, path, _ = first.split(" ", 2)
    pairs = (line.partition(":") for line in lines)
    return method, path, {name.strip().lower(): value.strip() for name, _, value in pairs}


async def _read_body(reader: asyncio.StreamReader, headers: Mapping[str, str]) -> bytes:
    if headers.get("transfer-encoding", "").lower() != "chunked":
        return await reader.readexactly(int(headers.get("content-length", "0")))
    pieces: list[bytes] = []
    while size := int((await reader.readuntil(b"\r\n")).partition(b";")[0], 16):
        pieces.append((await reader.readexactly(size + 2))[:-2])
    await reader.readuntil(b"\r\n")
    return b"".join(pieces)


def _json_object(raw: bytes) -> dict[str, Any] | None:
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return None
    return value if isinstance(value, dict) else None


def _behaviour(given: Behaviour | Reply | Iterable[Reply]) -> Behaviour:
    if isinstance(given, Reply):
        return lambda body, number: given
    if callable(given):
        return given
    replies = list(given)
    return lambda body, number: replies[min(number, len(replies) - 1)]


def played_by(model: Model) -> Behaviour:
    """A behaviour that answers as a model does."""
    from agentbench_sdk.testing.wire import request_of

    async def play(body: dict[str, Any], number: int) -> Reply:
        response = await model.generate(request_of(body))
        reason = response.finish_reason
        return Reply.message(response.message, usage=response.usage, finish_reason=reason)

    return play


def main() -> None:
    """Serve from the command line; see `--help`."""
    from agentbench_sdk.testing.serving import serve

    serve()


if __name__ == "__main__":
    main()
