"""Connections are used again, given up and counted as they should be, against servers that do all they may."""

from __future__ import annotations

import asyncio
import gc
import socket
import threading
import time
from collections.abc import Awaitable, Callable

import pytest

from agentbench_sdk import errors
from agentbench_sdk.messages import Image, Message
from agentbench_sdk.models import ModelRequest
from agentbench_sdk.models.openai_compatible import OpenAICompatible
from agentbench_sdk.models.openai_compatible import answer as answer_module
from agentbench_sdk.models.openai_compatible import pool as pool_module
from agentbench_sdk.models.openai_compatible.connection import LARGE_REQUEST_BYTES
from tests.models.http.raw import (
    ASK,
    BODY,
    Exchange,
    against,
    answer,
    chunked,
    client,
    says,
    serving,
    unbounded,
    until,
)

EVENT = b'data: {"choices": [{"delta": {"content": "4"}, "finish_reason": "stop"}]}\n\n'
EVENTS = "Content-Type: text/event-stream\r\n"


async def failure(model: OpenAICompatible, request: ModelRequest = ASK) -> errors.ModelError:
    with pytest.raises(errors.ModelError) as caught:
        await model.generate(request)
    assert "recognisable" not in str(caught.value)
    return caught.value


# --- one connection, many exchanges ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("pieces", "connections"),
    [
        ([answer()], 1),
        ([chunked(BODY[:5], BODY[5:])], 1),
        ([chunked(BODY, end=b"0\r\nX-Late: 1\r\n\r\n")], 1),
        ([b"HTTP/1.1 100 Continue\r\n\r\n", answer()], 1),
        ([bytes([each]) for each in answer()[:60]] + [answer()[60:]], 1),
        ([answer(BODY, "Connection: close")], 3),
        ([answer(version="1.0")], 3),
        ([answer(BODY, "Connection: keep-alive", version="1.0")], 1),
        ([answer() + b"and more"], 3),
    ],
)
async def test_a_connection_is_used_again_where_its_answer_allows_it(
    pieces: list[bytes], connections: int
) -> None:
    async with against(says(*pieces)) as (server, model):
        for _ in range(3):
            assert (await model.generate(ASK)).text == "4"
        assert (server.connections, len(server.heads)) == (connections, 3)
        await until(lambda: server.open == (connections == 1))


async def test_a_body_without_a_length_ends_with_its_connection() -> None:
    async with against(says(unbounded(BODY[:9]), BODY[9:], then="close")) as (server, model):
        assert [(await model.generate(ASK)).text for _ in range(2)] == ["4", "4"]
        assert server.connections == 2


async def test_the_connection_that_was_used_last_is_used_first() -> None:
    seen: list[int] = []

    async def script(exchange: Exchange) -> None:
        await exchange.body()
        seen.append(exchange.connection)
        await asyncio.sleep(0.01 if exchange.number < 3 else 0)
        await exchange.say(answer())

    async with against(script) as (server, model):
        await asyncio.gather(*(model.generate(ASK) for _ in range(3)))
        for _ in range(5):
            await model.generate(ASK)
        assert server.connections == 3
        assert len(set(seen[3:])) == 1


async def test_a_connection_that_the_server_closed_while_idle_is_not_used() -> None:
    async with against(says(answer(), then="close")) as (server, model):
        for _ in range(20):
            assert (await model.generate(ASK)).text == "4"
            await until(lambda: server.open == 0)
            await asyncio.sleep(0.002)  # it closes in the loop's next turn
        assert server.connections == 20
        assert model._pool is not None
        assert not model._pool._idle


async def test_a_close_that_only_the_kernel_knows_of_is_noticed_too() -> None:
    """The event loop was busy when the server closed: nothing has told it yet."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=answer_and_close, args=(server, 2))
        thread.start()
        async with client(f"http://127.0.0.1:{server.getsockname()[1]}/v1") as model:
            for _ in range(2):
                assert (await model.generate(ASK)).text == "4"
                time.sleep(0.1)  # noqa: ASYNC251 - the loop is to be busy
        thread.join()


def answer_and_close(server: socket.socket, times: int) -> None:
    """Serve so many connections, and one request on each."""
    for _ in range(times):
        connection, _ = server.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(answer())
            time.sleep(0.02)


async def test_something_said_unasked_costs_the_connection() -> None:
    async def script(exchange: Exchange) -> None:
        await exchange.body()
        await exchange.say(answer(), b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n")

    async with against(script) as (server, model):
        for _ in range(3):
            assert (await model.generate(ASK)).text == "4"
            await asyncio.sleep(0.02)
        assert server.connections == 3


async def test_a_connection_idle_for_long_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool_module, "IDLE_S", 0.1)
    async with against(says(answer())) as (server, model):
        await asyncio.gather(*(model.generate(ASK) for _ in range(3)))
        assert server.open == 3
        await asyncio.sleep(0.06)
        await model.generate(ASK)
        await until(lambda: server.open == 1)
        await until(lambda: server.open == 0)
        assert (await model.generate(ASK)).text == "4"


@pytest.mark.parametrize("size", [1, 3])
async def test_a_pool_size_bounds_and_is_not_used_up_by_failures(size: int) -> None:
    async def script(exchange: Exchange) -> str:
        await exchange.body()
        if exchange.number % 3 == 0:
            return "close"
        await exchange.say(answer())
        return ""

    async with against(script, pool_size=size) as (server, model):
        found = await asyncio.gather(*(model.generate(ASK) for _ in range(30)), return_exceptions=True)
        assert sum(isinstance(each, errors.TransportError) for each in found) == 10
        assert len(server.heads) == 30
        assert server.most_open <= size + 1  # the server may see the next before it has closed the last


async def test_waiting_for_a_place_counts_towards_the_time_out() -> None:
    async with against(lambda exchange: exchange.gone(), pool_size=1, timeout_s=0.5) as (_, model):
        begun = time.monotonic()
        found = await asyncio.gather(failure(model), failure(model))
        assert {type(each) for each in found} == {errors.RequestTimeoutError}
        assert time.monotonic() - begun < 0.9


# --- nothing is sent twice ------------------------------------------------------------------------


@pytest.mark.parametrize("used", [0, 1])
async def test_a_request_that_was_given_up_by_the_server_is_not_sent_again(used: int) -> None:
    """It may have been paid for; whether to ask again is the limiter's affair."""

    async def script(exchange: Exchange) -> str:
        await exchange.body()
        if exchange.number >= used:
            return "close"
        await exchange.say(answer())
        return ""

    async with against(script) as (server, model):
        for _ in range(used):
            await model.generate(ASK)
        error = await failure(model)
        assert type(error) is errors.TransportError
        assert "broke before an answer came: the other side closed it" in str(error)
        assert len(server.heads) == used + 1


# --- answers that are none ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pieces", "expected", "said"),
    [
        ([b"SSH-2.0-OpenSSH\r\n"], errors.MalformedResponseError, "sent no HTTP answer: Expected HTTP/"),
        ([b"HTTP/1.1 20"], errors.TransportError, "broke before an answer came"),
        ([b"HTTP/1.1 100 Continue\r\n\r\n"], errors.TransportError, "broke before an answer came"),
        ([answer()[:-3]], errors.TruncatedResponseError, "broke off in the middle of the answer"),
        ([chunked(BODY, end=b"")], errors.TruncatedResponseError, "broke off in the middle"),
        ([chunked(BODY, end=b"zz\r\n")], errors.MalformedResponseError, "breaks the rules of HTTP"),
        ([chunked(EVENT, end=b"", headers=EVENTS)], errors.TruncatedResponseError, "broke off in the middle"),
        ([chunked(EVENT, end=b"z\r\n", headers=EVENTS)], errors.MalformedResponseError, "rules of HTTP"),
        ([answer(b"\x1f\x8b", "Content-Encoding: br")], errors.MalformedResponseError, "is 'br'"),
        (
            [b"HTTP/1.1 101 No\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n"],
            errors.MalformedResponseError,
            "",
        ),
        ([answer(b"", status="204 No Content")[:-2] + b"\r\n"], errors.MalformedResponseError, "is empty"),
        ([b"HTTP/1.1 503 No\r\nContent-Length: 9\r\n\r\nno"], errors.ServerError, "status 503"),
        ([b"HTTP/1.1 429 No\r\nRetry-After: 7\r\nContent-Length: 9\r\n\r\n"], errors.RateLimitedError, "429"),
        (
            [b"HTTP/1.1 307 No\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n"],
            errors.RequestRejectedError,
            "307",
        ),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
async def test_what_breaks_is_told_apart(
    pieces: list[bytes], expected: type[errors.ModelError], said: str, stream: bool
) -> None:
    async with against(says(*pieces, then="close"), stream=stream) as (server, model):
        error = await failure(model)
        assert type(error) is expected, error
        assert said in str(error)
        assert len(server.heads) == 1
        await until(lambda: server.open == 0)


async def test_an_answer_without_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answer_module, "MOST_HEAD_BYTES", 64 * 1024)

    async def script(exchange: Exchange) -> None:
        await exchange.body()
        exchange.writer.write(b"HTTP/1.1 200 OK\r\n")
        while True:
            await exchange.say(b"X-Filler: " + b"x" * 8000 + b"\r\n")

    async with against(script) as (server, model):
        error = await failure(model)
        assert type(error) is errors.MalformedResponseError
        assert "its head is longer than 64 KiB" in str(error)
        await until(lambda: server.open == 0)


async def test_an_error_page_without_end_is_read_no_further_than_needed() -> None:
    async def script(exchange: Exchange) -> None:
        await exchange.body()
        exchange.writer.write(b"HTTP/1.1 500 No\r\n\r\n<p>sorry ")
        while True:
            await exchange.say(b"x" * 8000)

    async with against(script) as (server, model):
        error = await failure(model)
        assert type(error) is errors.ServerError
        assert "sorry x" in str(error)
        await until(lambda: server.open == 0)


async def test_a_stream_is_read_while_it_comes() -> None:
    first = b'data: {"choices": [{"delta": {"content": "4"}}]}\n\n'

    async def script(exchange: Exchange) -> None:
        await exchange.body()
        head = f"HTTP/1.1 200 OK\r\n{EVENTS}Transfer-Encoding: chunked\r\n\r\n".encode()
        await exchange.say(head, b"%x\r\n%b\r\n" % (len(first), first))
        await asyncio.sleep(0.4)
        await exchange.say(b"%x\r\n%b\r\n" % (len(EVENT), EVENT), b"0\r\n\r\n")

    async with against(script, stream=True) as (server, model):
        for _ in range(2):
            response = await model.generate(ASK)
            assert response.text == "44"
            assert response.timing.first_token_s is not None
            assert response.timing.first_token_s < 0.35 < response.timing.wire_s
        assert server.connections == 1


# --- giving up ------------------------------------------------------------------------------------

STALLS: dict[str, list[bytes]] = {
    "before the answer": [],
    "in the head": [b"HTTP/1.1 200 OK\r\nContent-"],
    "in the body": [answer()[:-3]],
    "in a stream": [chunked(EVENT, end=b"", headers=EVENTS)],
}


def stalling(name: str) -> Callable[[Exchange], Awaitable[object]]:
    async def script(exchange: Exchange) -> str:
        await exchange.body()
        if exchange.number == 0:
            await exchange.say(*STALLS[name])
            await exchange.gone()
            return "close"
        await exchange.say(answer())
        return ""

    return script


@pytest.mark.parametrize("name", STALLS)
async def test_a_call_that_is_cancelled_takes_its_connection_along(name: str) -> None:
    async with against(stalling(name)) as (server, model):
        call = asyncio.create_task(model.generate(ASK))
        await until(lambda: len(server.heads) == 1)
        await asyncio.sleep(0.02)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        await until(lambda: server.open == 0)
        assert (await model.generate(ASK)).text == "4"
        assert server.connections == 2


@pytest.mark.parametrize("name", STALLS)
async def test_a_call_that_times_out_takes_its_connection_along(name: str) -> None:
    async with against(stalling(name), timeout_s=0.1) as (server, model):
        error = await failure(model)
        assert type(error) is errors.RequestTimeoutError
        assert "gave no complete answer within 0.1 s" in str(error)
        await until(lambda: server.open == 0)
        assert (await model.generate(ASK)).text == "4"


async def test_cancelling_at_any_turn_of_the_loop_leaves_nothing() -> None:
    async def script(exchange: Exchange) -> None:
        await exchange.body()
        exchange.writer.write(answer())

    async with against(script) as (server, model):
        for turns in range(40):
            call = asyncio.create_task(model.generate(ASK))
            for _ in range(turns % 20):
                await asyncio.sleep(0)
            call.cancel()
            await asyncio.gather(call, return_exceptions=True)
            assert (await model.generate(ASK)).text == "4"
        pool = model._pool
        assert pool is not None
        await until(lambda: server.open == len(pool._open) == len(pool._idle))
    await until(lambda: server.open == 0)
    gc.collect()


@pytest.mark.parametrize("stream", [False, True])
async def test_closing_ends_what_is_under_way(stream: bool) -> None:
    async with against(stalling("in a stream" if stream else "in the head")) as (server, model):
        call = asyncio.create_task(failure(model))
        await until(lambda: len(server.heads) == 1)
        await asyncio.sleep(0.02)
        await model.close()
        error = await call
        assert type(error) is (errors.TruncatedResponseError if stream else errors.TransportError)
        await until(lambda: server.open == 0)
        with pytest.raises(errors.ConfigurationError, match="closed"):
            await model.generate(ASK)


async def test_closing_while_a_connection_is_being_made_leaves_none() -> None:
    async with against(says(answer())) as (server, model):
        calls = [asyncio.create_task(model.generate(ASK)) for _ in range(10)]
        await asyncio.sleep(0)
        await model.close()
        found = await asyncio.gather(*calls, return_exceptions=True)
        assert {type(each) for each in found} == {errors.TransportError}
        await until(lambda: server.open == 0)
        assert not server.heads, "a request was sent, and perhaps paid for, by a model that is closed"


async def test_no_connection_within_its_time_is_a_transport_error() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        taken = [socket.socket() for _ in range(4)]  # the kernel holds no more than a few unaccepted ones
        for each in taken:
            each.setblocking(False)
            each.connect_ex(full.getsockname())
        async with client(f"http://127.0.0.1:{full.getsockname()[1]}/v1", connect_timeout_s=0.1) as model:
            error = await failure(model)
        for each in taken:
            each.close()
    assert type(error) is errors.TransportError
    assert str(error).endswith("within 0.1 s")


async def test_a_refused_connection_says_so_and_gives_its_place_back() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        async with client(f"http://127.0.0.1:{taken.getsockname()[1]}/v1", pool_size=1) as model:
            for _ in range(3):
                error = await failure(model)
    assert "no connection to http://127.0.0.1" in str(error)
    assert "refused" in str(error)


async def test_an_unknown_host_says_so() -> None:
    async with client("http://no-such-host.invalid/v1") as model:
        found = await asyncio.gather(*(failure(model) for _ in range(5)))
    assert all("the host of http://no-such-host.invalid/v1 is not known: " in str(each) for each in found)


async def test_a_host_by_its_ipv6_address_is_reached() -> None:
    if not socket.has_ipv6:
        pytest.skip("no IPv6 here")
    try:
        async with serving(says(answer()), host="::1") as server:
            async with client(f"http://[::1]:{server.port}/v1") as model:
                assert (await model.generate(ASK)).text == "4"
            assert f"\r\nHost: [::1]:{server.port}\r\n" in server.heads[0]
    except OSError:
        pytest.skip("no IPv6 here")


# --- large requests -------------------------------------------------------------------------------


def large(mebibytes: int) -> ModelRequest:
    return ModelRequest((Message.user([Image(data=b"\x00" * (mebibytes << 20), media_type="image/png")]),))


async def test_a_large_request_is_sent_without_holding_the_loop() -> None:
    """Others have a turn after each piece."""

    async def script(exchange: Exchange) -> None:
        lengths.append(len(await exchange.body()))
        await exchange.say(answer())

    lengths: list[int] = []
    turns = 0

    async def take_turns() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    request = large(30)
    async with against(script) as (server, model):
        await model.generate(request)  # encodes the picture
        others = asyncio.create_task(take_turns())
        await model.generate(request)
        others.cancel()
        assert lengths[1] > 40 << 20
        assert turns >= lengths[1] // LARGE_REQUEST_BYTES
        assert server.connections == 1


async def test_no_more_is_written_than_the_other_side_takes() -> None:
    async def script(exchange: Exchange) -> None:
        await asyncio.sleep(0.3)
        await exchange.body()
        await exchange.say(answer())

    async with against(script) as (server, model):
        call = asyncio.create_task(model.generate(large(20)))
        await until(lambda: len(server.heads) == 1)
        await asyncio.sleep(0.2)
        assert model._pool is not None
        (connection,) = model._pool._open
        assert connection._transport.get_write_buffer_size() < 1 << 20
        assert (await call).text == "4"


async def test_an_answer_that_comes_before_the_request_is_read_counts_and_ends_the_connection() -> None:
    async def script(exchange: Exchange) -> str:
        if exchange.number:
            await exchange.body()
            await exchange.say(answer())
            return ""
        await exchange.say(b"HTTP/1.1 413 Too Large\r\nContent-Length: 5\r\n\r\nlarge")
        await exchange.gone()
        return "close"

    async with against(script) as (server, model):
        error = await failure(model, large(20))
        assert (type(error), error.status) == (errors.RequestRejectedError, 413)
        assert (await model.generate(ASK)).text == "4"
        assert server.connections == 2


async def test_a_request_of_which_a_rest_is_not_sent_ends_its_connection() -> None:
    """The server answers without reading; what is left would stand before the next request."""

    async def script(exchange: Exchange) -> str:
        if exchange.number == 1:
            exchange.writer.write(answer())
            await asyncio.sleep(0.3)
            await exchange.gone()
            return "close"
        await exchange.body()
        accepted: socket.socket = exchange.writer.get_extra_info("socket")
        accepted.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        await exchange.say(answer())
        return ""

    async with against(script) as (server, model):
        await model.generate(ASK)
        assert model._pool is not None
        (connection,) = model._pool._open
        connected = connection._transport.get_extra_info("socket")
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        assert (await model.generate(ModelRequest((Message.user("x" * (250 << 10)),)))).text == "4"
        assert (await model.generate(ASK)).text == "4"
        assert server.connections == 2


@pytest.mark.parametrize("how", ["cancelled", "timed out", "reset"])
async def test_a_large_request_can_be_given_up(how: str) -> None:
    async def script(exchange: Exchange) -> str:
        if how == "reset":
            exchange.writer.transport.abort()
            return "close"
        await asyncio.sleep(0.4)
        await exchange.gone()
        return "close"

    async with against(script, timeout_s=0.2 if how == "timed out" else 30) as (server, model):
        await asyncio.to_thread(model._encoder._media.prepare, large(20).messages)
        call = asyncio.create_task(failure(model, large(20)))
        await until(lambda: len(server.heads) == 1)
        if how == "cancelled":
            await asyncio.sleep(0.05)
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
        else:
            expected = errors.TransportError if how == "reset" else errors.RequestTimeoutError
            assert type(await call) is expected
        await until(lambda: server.open == 0)
