"""What the whole path costs (session, limiter, cache, rule judge, run file), against bare loops.

CPU (user and system, all threads of the client process) of a single-turn sample with 64 and with 512 at
once, of a call in a session of ten tool turns, and of a sample of a warm rerun. The server is a process
of its own and faster than any client; imports are left out. Both sides run in turn, each time in a fresh
process, since a shared machine is not equally fast all the time; ratios are taken round by round.

    python benchmarks/whole_path.py [--rounds 5] [--quick]
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from importlib import import_module
from importlib.util import find_spec
from typing import Any, TypeAlias, cast
from urllib.parse import urlsplit

import orjson
from common import (
    QUESTION,
    TURNS,
    WANTED,
    Cost,
    Room,
    Server,
    in_fresh_process,
    measured,
    median,
    mock_server,
    options,
    question,
    questions,
    registry,
    rooms,
    run_loop,
    show,
)

from agentbench_sdk import Bench

Post: TypeAlias = Callable[[bytes], Awaitable[bytes]]
WARM_UP = 256
SYSTEM = Room.create().opening().system
TOOLS = [{"type": "function", "function": each.to_dict()} for each in Room.create().tools()]


# --- ours -----------------------------------------------------------------------------------------


def ours(server: Server, kind: str, count: int, at_once: int, *, warm: bool = False) -> Cost:
    """Cost of evaluating so many samples; with `warm`, of evaluating them again."""
    with tempfile.TemporaryDirectory() as folder:
        run_loop(evaluated(server, kind, count if warm else WARM_UP, at_once, folder, "first"))
        cache = "first" if warm else "second"
        return run_loop(evaluated(server, kind, count, at_once, folder, cache))


async def evaluated(server: Server, kind: str, count: int, at_once: int, folder: str, cache: str) -> Cost:
    task = questions(count) if kind == "questions" else rooms(count)
    with measured() as cost:
        async with Bench(
            cache=f"{folder}/{cache}.db",
            runs=f"{folder}/runs",
            max_connections=at_once,
            registry=registry(),
        ) as bench:
            run = await bench.evaluate(task, server.model("fast"))
    if sum(score.value == 1.0 for scores in run.scores.values() for score in scores.values()) != count:
        raise SystemExit(f"{kind}: not all {count} samples were scored as they should be")
    return cost[0]


# --- bare loops -----------------------------------------------------------------------------------


@asynccontextmanager
async def aiohttp_client(base_url: str) -> AsyncIterator[Post]:
    import aiohttp

    headers = {"Content-Type": "application/json", "Authorization": "Bearer none"}
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector, headers=headers) as session:

        async def post(body: bytes) -> bytes:
            async with session.post(f"{base_url}/chat/completions", data=body) as reply:
                return await reply.read()

        yield post


@asynccontextmanager
async def socket_client(base_url: str) -> AsyncIterator[Post]:
    """As little as can be: a request in one write, an answer read to its length."""
    address = urlsplit(base_url)
    head = (
        f"POST {address.path}/chat/completions HTTP/1.1\r\nHost: {address.netloc}\r\n"
        "Content-Type: application/json\r\nAuthorization: Bearer none\r\nContent-Length: "
    ).encode()
    idle: list[SocketConnection] = []

    async def post(body: bytes) -> bytes:
        if idle:
            connection = idle.pop()
        else:
            loop = asyncio.get_running_loop()
            host, port = address.hostname or "", address.port or 80
            _, connection = await loop.create_connection(SocketConnection, host, port)
        reply = await connection.exchange(b"%b%d\r\n\r\n%b" % (head, len(body), body))
        idle.append(connection)
        return reply

    yield post
    for connection in idle:
        connection.close()


class SocketConnection(asyncio.Protocol):
    """One kept-alive connection; one request at a time."""

    def __init__(self) -> None:
        self._buffer = b""
        self._reply: asyncio.Future[bytes] | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is no subclass

    async def exchange(self, request: bytes) -> bytes:
        assert self._transport is not None
        self._reply = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._reply

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        size = int(self._buffer[:end].rpartition(b"Content-Length: ")[2].split(b"\r\n", 1)[0])
        if len(self._buffer) >= end + 4 + size and self._reply is not None:
            body, self._buffer = self._buffer[end + 4 :], b""
            self._reply.set_result(body)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()


@asynccontextmanager
async def httpx_client(base_url: str) -> AsyncIterator[Post]:
    httpx = import_module("httpx")  # where it is installed; we do not need it
    headers = {"Content-Type": "application/json", "Authorization": "Bearer none"}
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(headers=headers, limits=limits) as session:

        async def post(body: bytes) -> bytes:
            reply: bytes = (await session.post(f"{base_url}/chat/completions", content=body)).content
            return reply

        yield post


CLIENTS = {"aiohttp": aiohttp_client, "sockets": socket_client, "httpx": httpx_client}


async def ask(post: Post, number: int) -> bool:
    """A single-turn sample, scored by exact match."""
    request = {"model": "mock-1", "messages": [{"role": "user", "content": question(number)}]}
    reply = orjson.loads(await post(orjson.dumps({**request, "temperature": 0})))
    return bool(reply["choices"][0]["message"]["content"] == WANTED)


async def play(post: Post, number: int) -> bool:
    """A session of ten tool turns."""
    world = Room.create(seed=number)
    messages: list[dict[str, Any]] = [
        {"role": "system", "content": SYSTEM},
        {"role": "user", "content": QUESTION},
    ]
    while not world.ended:
        body = orjson.dumps({"model": "mock-1", "messages": messages, "tools": TOOLS})
        message = orjson.loads(await post(body))["choices"][0]["message"]
        messages.append(message)
        for call in message["tool_calls"]:
            arguments = orjson.loads(call["function"]["arguments"])
            result = world.count(**arguments)
            messages.append({"role": "tool", "tool_call_id": call["id"], "content": result.content})
    return bool(world.outcome().reward == 1.0)


SAMPLES = {"questions": ask, "rooms": play}


def bare(server: Server, client: str, kind: str, count: int, at_once: int) -> Cost:
    """Cost of a loop that does nothing but ask."""
    return run_loop(_bare(server, client, kind, count, at_once))


async def _bare(server: Server, client: str, kind: str, count: int, at_once: int) -> Cost:
    async def loop(count: int) -> None:
        numbers = iter(range(count))

        async def worker() -> None:
            for number in numbers:
                if not await SAMPLES[kind](post, number):
                    raise SystemExit("a bare loop got a wrong answer")

        await asyncio.gather(*(worker() for _ in range(at_once)))

    async with CLIENTS[client](server.base_url("fast")) as post:
        await loop(WARM_UP)
    with measured() as cost:
        async with CLIENTS[client](server.base_url("fast")) as post:
            await loop(count)
    return cost[0]


# --- the table ------------------------------------------------------------------------------------

Figures = dict[str, list[float]]
CASES = [  # name, kind, samples, at once, calls a sample, samples when quick
    ("single turn, 64 at once", "questions", 6000, 64, 1, 1500),
    ("single turn, 512 at once", "questions", 6000, 512, 1, 1500),
    ("call of a 10-turn session, 64 at once", "rooms", 400, 64, TURNS, 100),
]
WARM = "warm rerun, sample"


def measure(server: Server, clients: list[str], figures: Figures, *, quick: bool) -> None:
    """One round of everything; milliseconds of CPU for each sample or call."""
    for name, kind, count, at_once, calls, few in CASES:
        samples = few if quick else count
        for client in clients:
            fewer = samples // 10 if client == "httpx" else samples
            cost = in_fresh_process(bare, server, client, kind, fewer, at_once)
            figures.setdefault(f"{name}|{client}", []).append(1000 * cost.cpu_s / fewer / calls)
        cost = in_fresh_process(ours, server, kind, samples, at_once)
        figures.setdefault(f"{name}|ours", []).append(1000 * cost.cpu_s / samples / calls)
    samples = 1500 if quick else 6000
    cost = in_fresh_process(warm_rerun, server, samples)
    figures.setdefault(f"{WARM}|ours", []).append(1000 * cost.cpu_s / samples)


def warm_rerun(server: Server, samples: int) -> Cost:
    return ours(server, "questions", samples, 512, warm=True)


def table(figures: Figures, clients: list[str]) -> list[list[str]]:
    rows = []
    for name in [*(case[0] for case in CASES), WARM]:
        mine = figures[f"{name}|ours"]
        theirs = {client: figures.get(f"{name}|{client}") for client in clients}
        ratios = [own / bare for own, bare in zip(mine, theirs.get("aiohttp") or [], strict=False)]
        rows.append(
            [
                name,
                *(f"{median(values):.3f}" if values else "" for values in theirs.values()),
                f"{median(mine):.3f}",
                f"{median(ratios):.2f}" if ratios else "",
                f"{min(ratios):.2f}-{max(ratios):.2f}" if ratios else "",
            ]
        )
    return rows


def main() -> None:
    given = options(__doc__, rounds=5)
    clients = ["sockets", "aiohttp", *(["httpx"] if find_spec("httpx") else [])]
    figures: Figures = {}
    with mock_server({"fast": {}}) as server:
        for _ in range(given.rounds):
            measure(server, clients, figures, quick=given.quick)
    header = ["ms of CPU", *(f"bare {each}" for each in clients), "ours", "ours/aiohttp", "range"]
    show("The whole path", header, table(figures, clients))


if __name__ == "__main__":
    main()
