"""A chat-completions server that is faster than any client: one protocol class, no framework.

Several endpoints on one port, told apart by the first part of the path, so that each gets a limiter of
its own. What an endpoint does is given on the command line as JSON:

    python benchmarks/mock_server.py '{"fast": {}, "busy": {"latency_s": 0.1, "at_once": 32}}'

Prints its port. `GET /<endpoint>/counts` tells how many calls were answered and refused.

Settings of an endpoint: `latency_s` (of each answer), `at_once` (beyond it: 429), `rate` and `burst` (a
token bucket, beyond it: 429), `workers` (a queue in front of so many, which refuses nothing),
`retry_after_s`. A request with tools is answered with a call of the first one.
"""

from __future__ import annotations

import asyncio
import sys
from collections import deque
from dataclasses import dataclass, field
from typing import cast

import orjson
import uvloop

TEXT = "Twelve items to a box and twelve boxes make one gross. " * 12
WANTED = "144"


def _response(status: bytes, body: bytes, headers: bytes = b"") -> bytes:
    return b"HTTP/1.1 %b\r\nContent-Type: application/json\r\n%bContent-Length: %d\r\n\r\n%b" % (
        status,
        headers,
        len(body),
        body,
    )


def _completion(message: dict[str, object], reason: str) -> bytes:
    body = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "mock-1",
        "choices": [{"index": 0, "message": message, "finish_reason": reason, "logprobs": None}],
        "usage": {"prompt_tokens": 190, "completion_tokens": 170, "total_tokens": 360},
    }
    return _response(b"200 OK", orjson.dumps(body))


# The text is reasoning apart, so that the answer is what an exact match looks for.
ANSWER = _completion({"role": "assistant", "content": WANTED, "reasoning_content": TEXT}, "stop")
CALL = _completion(
    {
        "role": "assistant",
        "content": TEXT,
        "tool_calls": [
            {"id": "call_1", "type": "function", "function": {"name": "count", "arguments": '{"box": 3}'}}
        ],
    },
    "tool_calls",
)


@dataclass
class Endpoint:
    """What one endpoint allows, and what it has done."""

    latency_s: float = 0.0
    at_once: int | None = None
    rate: float | None = None
    burst: float = 1.0
    workers: int | None = None
    retry_after_s: float = 1.0
    answered: int = 0
    refused: int = 0
    serving: int = 0
    waiting: deque[tuple[Connection, bytes]] = field(default_factory=deque)
    tokens: float = 0.0
    filled_at: float | None = None

    def request(self, connection: Connection, reply: bytes) -> None:
        loop = asyncio.get_running_loop()
        if self._refuses(loop.time()):
            self.refused += 1
            headers = b"Retry-After: %g\r\n" % self.retry_after_s
            connection.send(_response(b"429 Too Many Requests", b'{"error":{"message":"slower"}}', headers))
        elif self.workers is not None and self.serving >= self.workers:
            self.waiting.append((connection, reply))
        else:
            self._serve(connection, reply)

    def _refuses(self, now: float) -> bool:
        if self.at_once is not None:
            return self.serving >= self.at_once
        if self.rate is None:
            return False
        elapsed = 0.0 if self.filled_at is None else now - self.filled_at
        level = self.burst if self.filled_at is None else self.tokens + elapsed * self.rate
        self.tokens, self.filled_at = min(self.burst, level), now
        if self.tokens < 1.0:
            return True
        self.tokens -= 1.0
        return False

    def _serve(self, connection: Connection, reply: bytes) -> None:
        self.serving += 1
        if self.latency_s:
            asyncio.get_running_loop().call_later(self.latency_s, self._done, connection, reply)
        else:
            self._done(connection, reply)

    def _done(self, connection: Connection, reply: bytes) -> None:
        self.serving -= 1
        self.answered += 1
        connection.send(reply)
        if self.waiting:
            self._serve(*self.waiting.popleft())


class Connection(asyncio.Protocol):
    """Reads requests as they are sent by clients that wait for each answer."""

    def __init__(self, endpoints: dict[bytes, Endpoint]) -> None:
        self._endpoints, self._buffer = endpoints, b""
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.WriteTransport, transport)  # uvloop's is no subclass

    def connection_lost(self, error: Exception | None) -> None:
        self._transport = None

    def send(self, data: bytes) -> None:
        if self._transport is not None:
            self._transport.write(data)

    def data_received(self, data: bytes) -> None:
        self._buffer = self._buffer + data if self._buffer else data
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self._buffer[:end]
        size = _content_length(head)
        if len(self._buffer) < end + 4 + size:
            return
        body, self._buffer = self._buffer[end + 4 : end + 4 + size], self._buffer[end + 4 + size :]
        self._request(head.split(b" ", 2)[1], body)

    def _request(self, path: bytes, body: bytes) -> None:
        endpoint = self._endpoints.get(path.split(b"/", 2)[1])
        if endpoint is None:
            self.send(_response(b"404 Not Found", b"{}"))
        elif path.endswith(b"/counts"):
            counts = {"answered": endpoint.answered, "refused": endpoint.refused}
            self.send(_response(b"200 OK", orjson.dumps(counts)))
        else:
            endpoint.request(self, CALL if b'"tools":' in body else ANSWER)


def _content_length(head: bytes) -> int:
    start = head.lower().find(b"content-length:")
    return 0 if start < 0 else int(head[start + 15 :].split(b"\r\n", 1)[0])


async def main() -> None:
    endpoints = {name.encode(): Endpoint(**settings) for name, settings in orjson.loads(sys.argv[1]).items()}
    server = await asyncio.get_running_loop().create_server(
        lambda: Connection(endpoints), "127.0.0.1", 0, backlog=4096
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main())
