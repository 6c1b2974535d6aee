"""The proxy of the environment is used where it was asked for: for plain HTTP by asking it, for TLS through it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from agentbench_sdk import errors
from agentbench_sdk.models.openai_compatible import OpenAICompatible
from agentbench_sdk.models.openai_compatible.address import Address
from agentbench_sdk.models.openai_compatible.proxy import Proxy
from tests.models.http.certificates import Certificate
from tests.models.http.raw import ASK, Exchange, answer, client, handling, says, serving, until

LOGIN = "Basic dXM6cGFzcy13b3Jk"  # us:pass-word


async def failure(model: OpenAICompatible) -> errors.ModelError:
    with pytest.raises(errors.ModelError) as caught:
        await model.generate(ASK)
    shown = f"{caught.value} {caught.value!r}"
    assert "pass-word" not in shown
    assert "dXM6" not in shown
    return caught.value


@dataclass
class TunnelProxy:
    """Answers CONNECT and passes bytes on; `reply` in place of that says something else and closes."""

    reply: bytes = b""
    heads: list[str] = field(default_factory=list)
    port: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        self.heads.append(head)
        if self.reply:
            writer.write(self.reply)
            await writer.drain()
            await asyncio.sleep(0.01)
            return
        host, _, port = head.split(" ")[1].rpartition(":")
        there_reader, there = await asyncio.open_connection(host, int(port))
        writer.write(b"HTTP/1.1 200 Connection established\r\nVia: 1.1 test\r\n\r\n")
        await asyncio.gather(carry(reader, there), carry(there_reader, writer))


async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while piece := await reader.read(65536):
            writer.write(piece)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()


@asynccontextmanager
async def tunnelling(reply: bytes = b"") -> AsyncIterator[TunnelProxy]:
    proxy = TunnelProxy(reply)
    async with handling(proxy.serve) as proxy.port:
        yield proxy


async def test_plain_http_is_asked_of_the_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving(says(answer())) as proxy:
        monkeypatch.setenv("HTTP_PROXY", f"http://us:pass-word@127.0.0.1:{proxy.port}")
        async with client("http://no-such-host.invalid:81/v1?a=b", trust_env=True) as model:
            for _ in range(2):
                assert (await model.generate(ASK)).text == "4"
    assert proxy.connections == 1
    head = proxy.heads[1]
    assert head.startswith("POST http://no-such-host.invalid:81/v1/chat/completions?a=b HTTP/1.1\r\n")
    assert "\r\nHost: no-such-host.invalid:81\r\n" in head
    assert f"\r\nProxy-Authorization: {LOGIN}\r\n" in head


async def test_tls_goes_through_the_proxy(monkeypatch: pytest.MonkeyPatch, certificate: Certificate) -> None:
    certificate.trust(monkeypatch)
    async with serving(says(answer()), tls=certificate.server()) as server, tunnelling() as proxy:
        monkeypatch.setenv("https_proxy", f"us:pass-word@127.0.0.1:{proxy.port}")
        async with client(server.base_url, trust_env=True) as model:
            for _ in range(3):
                assert (await model.generate(ASK)).text == "4"
        assert (server.connections, len(proxy.heads)) == (1, 1)
        assert proxy.heads[0].startswith(f"CONNECT localhost:{server.port} HTTP/1.1\r\n")
        assert f"\r\nProxy-Authorization: {LOGIN}\r\n" in proxy.heads[0]
        assert "recognisable" not in proxy.heads[0]
        assert server.heads[0].startswith("POST /v1/chat/completions HTTP/1.1\r\n")
        assert "Proxy-" not in server.heads[0]


async def test_a_certificate_is_looked_at_behind_the_proxy_too(
    monkeypatch: pytest.MonkeyPatch, certificate: Certificate
) -> None:
    async with serving(says(answer()), tls=certificate.server()) as server, tunnelling() as proxy:
        monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{proxy.port}")
        async with client(server.base_url, trust_env=True) as model:
            error = await failure(model)
        assert "its certificate is not accepted (self-signed certificate)" in str(error)
        assert not server.heads


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (b"HTTP/1.1 407 Login\r\nContent-Length: 9\r\n\r\npass-word", "answered CONNECT with status 407"),
        (b"HTTP/1.1 502 No\r\n\r\n", "answered CONNECT with status 502"),
        (b"HTTP/1.1 200 OK\r\n\r\nand more", "spoke before TLS began"),
        (b"SSH-2.0-OpenSSH\r\n", "sent no HTTP answer"),
        (b"HTTP/1.1 2", "closed the connection"),
    ],
)
async def test_a_proxy_that_makes_no_connection_is_named(
    reply: bytes, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with tunnelling(reply) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://us:pass-word@127.0.0.1:{proxy.port}")
        async with client("https://localhost:9/v1", trust_env=True) as model:
            error = await failure(model)
    assert type(error) is errors.TransportError
    assert f"no connection to https://localhost:9/v1: the proxy 127.0.0.1:{proxy.port}: it " in str(error)
    assert said in str(error)


async def test_a_proxy_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, host in (("HTTPS_PROXY", "127.0.0.1:9"), ("HTTP_PROXY", "no-such-host.invalid:9")):
        monkeypatch.setenv(name, f"http://{host}")
        async with client(f"{name[:-6].lower()}://localhost:9/v1", trust_env=True) as model:
            error = await failure(model)
        assert type(error) is errors.TransportError
        assert f"/v1: the proxy {host}: " in str(error)


async def test_a_proxy_that_refuses_a_plain_request_shows_no_login(monkeypatch: pytest.MonkeyPatch) -> None:
    body = f"who is us:pass-word, {LOGIN}?".encode()
    async with serving(says(answer(body, status="407 Login"))) as proxy:
        monkeypatch.setenv("HTTP_PROXY", f"http://us:pass-word@127.0.0.1:{proxy.port}")
        async with client("http://localhost:9/v1", trust_env=True) as model:
            error = await failure(model)
    assert (type(error), error.status) == (errors.RequestRejectedError, 407)


@pytest.mark.parametrize("turns", [0, 1, 2, 3, 5, 8, 13, 21, 34])
async def test_cancelling_while_the_tunnel_is_made_leaves_nothing(
    turns: int, monkeypatch: pytest.MonkeyPatch, certificate: Certificate
) -> None:
    certificate.trust(monkeypatch)
    async with serving(says(answer()), tls=certificate.server()) as server, tunnelling() as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
        async with client(server.base_url, trust_env=True) as model:
            call = asyncio.create_task(model.generate(ASK))
            for _ in range(turns):
                await asyncio.sleep(0)
            call.cancel()
            await asyncio.gather(call, return_exceptions=True)
            assert (await model.generate(ASK)).text == "4"
        await until(lambda: server.open == 0)


@pytest.mark.parametrize("trust_env", [False, True])
async def test_without_being_asked_or_for_hosts_that_are_left_out_there_is_no_proxy(
    trust_env: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(exchange: Exchange) -> None:
        raise AssertionError("the proxy was asked")

    async with serving(says(answer())) as server, serving(never) as proxy:
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{proxy.port}")
        monkeypatch.setenv("NO_PROXY", "example.org,127.0.0.1" if trust_env else "")
        async with client(server.base_url, trust_env=trust_env) as model:
            assert (await model.generate(ASK)).text == "4"


@pytest.mark.parametrize(
    "address", ["socks5://us:pass-word@h:1", "https://us:pass-word@h:1", "http://", "http://h:x"]
)
def test_a_proxy_of_another_kind_is_refused(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", address)
    with pytest.raises(errors.ConfigurationError, match="HTTP_PROXY or ALL_PROXY must be like") as caught:
        OpenAICompatible("m", base_url="http://x/v1", trust_env=True)
    assert "pass-word" not in str(caught.value)
    OpenAICompatible("m", base_url="http://x/v1")


def test_a_proxy_of_its_own_kind_of_address_goes_before_that_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "socks5://h:1")
    monkeypatch.setenv("HTTPS_PROXY", "h:3128")
    assert Proxy.of_environment(Address.parse("https://x/v1")) == Proxy("h", 3128)
