"""The head of every request: made once for each model, because only the length of the body changes. Pure."""

from __future__ import annotations

import base64
from collections.abc import Mapping

from agentbench_sdk import __version__
from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.models.openai_compatible.address import Address
from agentbench_sdk.models.openai_compatible.proxy import Proxy

# Headers that decide where a message ends and how it is coded: a wrong one would spoil the connection.
_SET_HERE = {
    "accept-encoding",
    "connection",
    "content-length",
    "expect",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
}


def header_table(address: Address, key: str, more: Mapping[str, str]) -> dict[str, str]:
    """All headers of a request.

    Raises:
        ConfigurationError: a header's name or value cannot be sent; the value is not repeated.
    """
    table = {
        "Host": address.authority,
        "Content-Type": "application/json",
        "Accept": "application/json, text/event-stream",
        "Accept-Encoding": "identity",  # to unpack a few kilobytes costs more than to receive them
        "User-Agent": f"agentbench-sdk/{__version__}",
    }
    if address.login:
        table["Authorization"] = "Basic " + base64.b64encode(address.login.encode()).decode()
    if key:
        table["Authorization"] = f"Bearer {key}"
    given = {name.lower() for name in more}
    table = {name: value for name, value in table.items() if name.lower() not in given}
    for name, value in more.items():
        if not name or not name.isascii() or not name.replace("-", "").replace("_", "").isalnum():
            raise ConfigurationError(f"headers: {name!r} is no name of a header")
        if name.lower() in _SET_HERE:
            raise ConfigurationError(f"headers: {name} is set by the client itself")
        if any((ord(each) < 32 and each != "\t") or ord(each) == 127 for each in value):
            raise ConfigurationError(f"headers: the value of {name} holds a control character")
    return {**table, **more}


def request_head(address: Address, headers: Mapping[str, str], proxy: Proxy | None) -> bytes:
    """The head of every request, up to where the length of the body is to stand."""
    target = address.target
    if proxy is not None and not address.secure:
        target = f"http://{address.authority}{target}"
        headers = {**proxy.headers, **headers}
    lines = [f"POST {target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    return ("\r\n".join(lines) + "\r\nContent-Length: ").encode()
