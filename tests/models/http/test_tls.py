"""Over TLS everything is as without, and a certificate that proves nothing ends in a sentence."""

from __future__ import annotations

import asyncio
import ssl

import pytest

from agentbench_sdk import errors
from agentbench_sdk.messages import Image, Message
from agentbench_sdk.models import ModelRequest
from agentbench_sdk.models.openai_compatible import OpenAICompatible
from tests.models.http.certificates import Certificate
from tests.models.http.raw import (
    ASK,
    BODY,
    Exchange,
    answer,
    client,
    handling,
    says,
    serving,
    unbounded,
    until,
)


@pytest.fixture
def trusted(certificate: Certificate, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    certificate.trust(monkeypatch)
    return certificate.server()


async def failure(model: OpenAICompatible) -> errors.ModelError:
    with pytest.raises(errors.ModelError) as caught:
        await model.generate(ASK)
    assert caught.value.__suppress_context__
    return caught.value


async def test_one_connection_serves_many_calls_and_names_the_host_it_wants(trusted: ssl.SSLContext) -> None:
    wanted: list[str | None] = []
    trusted.sni_callback = lambda connection, name, context: wanted.append(name)
    async with serving(says(answer()), tls=trusted) as server:
        async with client(server.base_url) as model:
            for _ in range(5):
                assert (await model.generate(ASK)).text == "4"
        assert (server.connections, wanted) == (1, ["localhost"])
        assert f"\r\nHost: localhost:{server.port}\r\n" in server.heads[0]
        await until(lambda: server.open == 0)


async def test_an_address_is_proved_by_the_certificate_too(trusted: ssl.SSLContext) -> None:
    async with (
        serving(says(answer()), tls=trusted, host="127.0.0.2") as server,
        client(f"https://127.0.0.2:{server.port}/v1") as model,
    ):
        assert (await model.generate(ASK)).text == "4"


async def test_a_body_without_a_length_and_a_server_that_closes_are_known(trusted: ssl.SSLContext) -> None:
    async with (
        serving(says(unbounded(BODY), then="close"), tls=trusted) as server,
        client(server.base_url) as model,
    ):
        for _ in range(3):
            assert (await model.generate(ASK)).text == "4"
            await until(lambda: server.open == 0)
            await asyncio.sleep(0.01)
        assert server.connections == 3


async def test_an_idle_connection_that_the_server_closed_is_not_used(trusted: ssl.SSLContext) -> None:
    async with (
        serving(says(answer(), then="close"), tls=trusted) as server,
        client(server.base_url) as model,
    ):
        for _ in range(3):
            assert (await model.generate(ASK)).text == "4"
            await until(lambda: server.open == 0)
            await asyncio.sleep(0.01)
        assert server.connections == 3


async def test_a_certificate_that_nobody_signed_is_not_accepted(certificate: Certificate) -> None:
    async with (
        serving(says(answer()), tls=certificate.server()) as server,
        client(server.base_url) as model,
    ):
        error = await failure(model)
        assert type(error) is errors.TransportError
        assert str(error) == (
            f"no connection to {server.base_url}: its certificate is not accepted (self-signed certificate)"
        )
        assert not server.heads


async def test_a_certificate_for_another_host_is_not_accepted(trusted: ssl.SSLContext) -> None:
    async with serving(says(answer()), tls=trusted) as server:
        async with client(f"https://127.0.0.1:{server.port}/v1") as model:
            error = await failure(model)
        assert type(error) is errors.TransportError
        assert "its certificate is not accepted (IP address mismatch" in str(error)
        assert not server.heads


async def test_a_server_that_speaks_no_tls_is_told_apart() -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")

    async with handling(refuse) as port, client(f"https://localhost:{port}/v1") as model:
        error = await failure(model)
    assert type(error) is errors.TransportError
    assert "/v1: TLS failed (" in str(error)


async def test_tls_that_takes_too_long_is_no_connection() -> None:
    async def hold(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.read(65536):
            pass

    async with handling(hold) as port, client(f"https://localhost:{port}/v1", connect_timeout_s=0.1) as model:
        error = await failure(model)
    assert type(error) is errors.TransportError
    assert str(error).endswith("within 0.1 s")


@pytest.mark.parametrize("turns", [0, 1, 2, 3, 5, 8, 13, 21, 34])
async def test_cancelling_at_any_turn_leaves_nothing(turns: int, trusted: ssl.SSLContext) -> None:
    async with serving(says(answer()), tls=trusted) as server:
        async with client(server.base_url) as model:
            call = asyncio.create_task(model.generate(ASK))
            for _ in range(turns):
                await asyncio.sleep(0)
            call.cancel()
            await asyncio.gather(call, return_exceptions=True)
            assert (await model.generate(ASK)).text == "4"
        await until(lambda: server.open == 0)


async def test_a_large_request_goes_through_and_can_be_given_up(trusted: ssl.SSLContext) -> None:
    request = ModelRequest((Message.user([Image(data=b"\x00" * (20 << 20), media_type="image/png")]),))
    lengths: list[int] = []

    async def script(exchange: Exchange) -> str:
        if exchange.number == 1:
            await asyncio.sleep(0.2)
            return "close"
        lengths.append(len(await exchange.body()))
        await exchange.say(answer())
        return ""

    async with serving(script, tls=trusted) as server, client(server.base_url) as model:
        assert (await model.generate(request)).text == "4"
        call = asyncio.create_task(model.generate(request))
        await until(lambda: len(server.heads) == 2)
        await asyncio.sleep(0.02)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        assert (await model.generate(ASK)).text == "4"
        assert lengths[0] > 26 << 20
        assert server.connections == 2
