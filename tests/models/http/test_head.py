"""The head of a request says what it must, and nobody's option can make two requests of one."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentbench_sdk import __version__
from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.models.openai_compatible import OpenAICompatible
from agentbench_sdk.models.openai_compatible.address import Address
from agentbench_sdk.models.openai_compatible.head import header_table, request_head


def lines(base_url: str, headers: Mapping[str, str] | None = None, key: str = "") -> list[str]:
    address = Address.parse(base_url)
    return request_head(address, header_table(address, key, headers or {}), None).decode().split("\r\n")


def test_a_head_ends_where_the_length_is_to_stand() -> None:
    assert lines("https://host:443/v1/", {"X-Team": "a"}, key="k") == [
        "POST /v1/chat/completions HTTP/1.1",
        "Host: host",
        "Content-Type: application/json",
        "Accept: application/json, text/event-stream",
        "Accept-Encoding: identity",
        f"User-Agent: agentbench-sdk/{__version__}",
        "Authorization: Bearer k",
        "X-Team: a",
        "Content-Length: ",
    ]


@pytest.mark.parametrize(
    ("base_url", "target", "host"),
    [
        ("http://h:80", "/chat/completions", "h"),
        ("http://h:443/v1", "/v1/chat/completions", "h:443"),
        ("http://[::1]:8000/v1", "/v1/chat/completions", "[::1]:8000"),
        ("http://h/a b/ü%20?x=1 2&y=ö%26", "/a%20b/%C3%BC%20/chat/completions?x=1%202&y=%C3%B6%26", "h"),
        ("http://bücher.example/v1", "/v1/chat/completions", "xn--bcher-kva.example"),
    ],
)
def test_an_address_is_written_in_ascii(base_url: str, target: str, host: str) -> None:
    assert lines(base_url)[:2] == [f"POST {target} HTTP/1.1", f"Host: {host}"]


def test_headers_of_ones_own_go_first() -> None:
    found = lines("http://h/v1", {"host": "other", "user-agent": "mine", "authorization": "x"}, key="k")
    assert [line for line in found if line.lower().startswith(("host", "user", "auth"))] == [
        "host: other",
        "user-agent: mine",
        "authorization: x",
    ]


@pytest.mark.parametrize(
    "name", ["Content-Length", "transfer-encoding", "Connection", "Accept-Encoding", "TE"]
)
def test_headers_that_frame_a_message_are_the_clients_own(name: str) -> None:
    with pytest.raises(ConfigurationError, match="set by the client itself"):
        OpenAICompatible("m", base_url="http://h/v1", headers={name: "1"})


@pytest.mark.parametrize("value", ["a\r\nX-Injected: 1", "a\nb", "a\rb", "a\0b", "a\x7fb"])
def test_a_value_that_would_break_the_line_is_refused_without_being_shown(value: str) -> None:
    with pytest.raises(ConfigurationError, match="the value of X-A holds a control character") as caught:
        OpenAICompatible("m", base_url="http://h/v1", headers={"X-A": "hidden" + value})
    assert "hidden" not in str(caught.value)


@pytest.mark.parametrize("name", ["", "X A", "X:", "X\r\nY", "Ü"])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(ConfigurationError, match="is no name of a header"):
        OpenAICompatible("m", base_url="http://h/v1", headers={name: "1"})


@given(st.text(max_size=40), st.text(max_size=20), st.text(max_size=20))
def test_no_option_adds_a_line(tail: str, name: str, value: str) -> None:
    usual = len(lines("http://h/v1"))
    try:
        found = lines(f"http://h/{tail}", {f"x{name}": value})
    except ConfigurationError:
        return
    assert len(found) == usual + 1
    assert found[0].count(" ") == 2
    assert found[0].isascii()
    assert not any("\n" in line or "\r" in line for line in found)
