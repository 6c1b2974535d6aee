"""The fake endpoint breaks where it says, at the socket, and tells what it saw."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys

import aiohttp
import pytest

from agentbench_sdk.messages import Message
from agentbench_sdk.models import ModelRequest
from agentbench_sdk.models.openai_compatible import OpenAICompatible
from agentbench_sdk.testing import FakeEndpoint, Reply
from agentbench_sdk.testing.serving import serve

BODY = b'{"model": "m", "messages": [{"role": "user", "content": "hello"}]}'


async def raw_exchange(endpoint: FakeEndpoint, body: bytes = BODY, *extra: str) -> bytes:
    port = int(endpoint.base_url.split(":")[2].partition("/")[0])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = ["POST /v1/chat/completions HTTP/1.1", "Host: x", f"Content-Length: {len(body)}", *extra]
    writer.write("\r\n".join(head).encode() + b"\r\n\r\n" + body)
    try:
        return await reader.read(-1 if extra else 65536)
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


async def test_a_truncated_reply_announces_more_than_it_sends() -> None:
    async with FakeEndpoint(Reply.truncated()) as endpoint:
        got = await raw_exchange(endpoint, BODY, "X-Read: all")
    head, _, rest = got.partition(b"\r\n\r\n")
    announced = int(head.partition(b"Content-Length: ")[2].partition(b"\r\n")[0])
    assert 0 < len(rest) < announced


async def test_a_reset_is_a_reset_at_the_socket() -> None:
    async with FakeEndpoint(Reply.reset()) as endpoint:
        with pytest.raises(ConnectionResetError):
            await raw_exchange(endpoint)


async def test_a_body_that_is_no_object_is_refused() -> None:
    async with FakeEndpoint(Reply.text("4")) as endpoint:
        assert (await raw_exchange(endpoint, b"[1]")).startswith(b"HTTP/1.1 400")


async def test_what_came_is_counted_and_kept() -> None:
    async def behave(body: dict[str, object], number: int) -> Reply:
        await asyncio.sleep(0.005)
        return Reply.text(str(number))

    async with FakeEndpoint(behave) as endpoint, aiohttp.ClientSession() as session:
        url = f"{endpoint.base_url}/chat/completions"

        async def ask() -> str:
            async with session.post(url, data=BODY, headers={"X-Mark": "a"}) as reply:
                body = await reply.json()
                return str(body["choices"][0]["message"]["content"])

        assert sorted(await asyncio.gather(*(ask() for _ in range(8)))) == sorted("01234567")
        async with session.get(f"{endpoint.base_url}/models") as listed:
            assert (await listed.json())["data"][0]["id"] == "fake"
        async with session.get(f"{endpoint.base_url}/nowhere") as missing:
            assert missing.status == 404
    assert endpoint.most_in_flight == 8
    assert endpoint.in_flight == endpoint.dropped == 0
    assert len(endpoint.bodies) == 8
    assert endpoint.requests[0].headers["x-mark"] == "a"


async def test_replies_in_order_repeat_the_last() -> None:
    async with FakeEndpoint([Reply.text("a"), Reply.text("b")]) as endpoint:
        model = OpenAICompatible("m", base_url=endpoint.base_url)
        request = ModelRequest((Message.user("x"),))
        assert [(await model.generate(request)).text for _ in range(3)] == ["a", "b", "b"]
        await model.close()


async def test_another_process_can_serve() -> None:
    command = [sys.executable, "-W", "error", "-m", "agentbench_sdk.testing.endpoint", "--echo"]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    base_url = (await process.stdout.readline()).decode().strip()
    model = OpenAICompatible("m", base_url=base_url)
    response = await model.generate(ModelRequest((Message.user("hello"),)))
    await model.close()
    process.send_signal(signal.SIGTERM)
    assert (response.text, await process.wait()) == ("hello", 0)


def test_an_unknown_fault_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        serve(["--fault", "fire=0.5"])
    assert "the names are 429" in capsys.readouterr().err
