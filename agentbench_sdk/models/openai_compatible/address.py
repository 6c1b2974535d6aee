"""Where an endpoint is, what of that may be shown, and which key opens it. Pure."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit, urlunsplit

from agentbench_sdk.canonical import digest
from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.models.openai_compatible.secret import Secret, is_sensitive, reveal

DEFAULT_BASE_URL = "https://api.openai.com/v1"
DEFAULT_KEY_VARIABLE = "OPENAI_API_KEY"
_PATH = "/chat/completions"
_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"[A-Za-z0-9._:%~-]+")
# Hosts whose reasoning models refuse the older `max_tokens`.
_NEW_LIMIT_NAME = ("api.openai.com", ".openai.azure.com")


@dataclass(frozen=True, slots=True)
class Address:
    """An endpoint's address, taken apart.

    Attributes:
        shown: normalised base URL without credentials and query; names the endpoint everywhere.
        host: lower case.
        query: of the base URL; not to be shown.
        login: "user:password", or "".
        secure: whether TLS is spoken.
        wire_host: the host in ASCII, as names are looked up and certificates are checked.
        port: the scheme's own where none is given.
        target: path and query where chat completions are posted, quoted; not to be shown.
    """

    shown: str
    host: str
    query: str
    login: str
    secure: bool
    wire_host: str
    port: int
    target: str

    @classmethod
    def parse(cls, base_url: str) -> Address:
        """Take a base URL apart.

        Raises:
            ConfigurationError: it is not an http(s) address; the message does not repeat it whole.
        """
        try:
            parts = urlsplit(base_url.strip())
            port, host = parts.port, (parts.hostname or "").lower()
            wire_host = host if host.isascii() else host.encode("idna").decode()
        except ValueError:  # whose text may hold a password that was taken for a port
            raise ConfigurationError(
                "base_url is no address: its host or port cannot be read; in a password write / as %2F, "
                "@ as %40 and : as %3A"
            ) from None
        if parts.scheme not in _PORTS or not _HOST.fullmatch(wire_host):
            raise ConfigurationError("base_url must be like https://host/v1, with http or https and a host")
        netloc = f"[{host}]" if ":" in host else host
        if port not in (None, _PORTS[parts.scheme]):
            netloc += f":{port}"
        path = parts.path.rstrip("/").removesuffix(_PATH)
        login = f"{unquote(parts.username or '')}:{unquote(parts.password or '')}"
        return cls(
            shown=urlunsplit((parts.scheme, netloc, path, "", "")),
            host=host,
            query=parts.query,
            login="" if login == ":" else login,
            secure=parts.scheme == "https",
            wire_host=wire_host,
            port=_PORTS[parts.scheme] if port is None else port,
            target=_quoted(path + _PATH) + ("?" + _quoted(parts.query) if parts.query else ""),
        )

    @property
    def authority(self) -> str:
        """Host and port as the Host header has them; a port that goes without saying is left out."""
        usual = self.port == _PORTS["https" if self.secure else "http"]
        return self._bracketed if usual else self.tunnel

    @property
    def tunnel(self) -> str:
        """Host and port as a proxy is asked for them."""
        return f"{self._bracketed}:{self.port}"

    @property
    def _bracketed(self) -> str:
        return f"[{self.wire_host}]" if ":" in self.wire_host else self.wire_host

    @property
    def secrets(self) -> list[str]:
        """Texts of the address that no message may show."""
        values = [value for name, value in parse_qsl(self.query) if is_sensitive(name)]
        password = self.login.partition(":")[2]
        return [*values, password] if password else values

    def limit_name(self, wanted: str) -> str:
        """The member for the token limit; see `OpenAICompatible`."""
        if wanted != "auto":
            return wanted
        new = any(self.host == name.lstrip(".") or self.host.endswith(name) for name in _NEW_LIMIT_NAME)
        return "max_completion_tokens" if new else "max_tokens"


def find_key(address: Address, api_key: str | Secret | None, variable: str | None) -> str:
    """The key to send; "" for none.

    Raises:
        ConfigurationError: the variable that was named, or the one that OpenAI needs, is not set; or
            the key holds characters that no header can.
    """
    if api_key is not None:
        key, source = reveal(api_key).strip(), "api_key"
    else:
        source = variable or DEFAULT_KEY_VARIABLE
        if not source.isidentifier():  # most likely the key itself, so it is not repeated
            raise ConfigurationError(
                "api_key_env takes the name of an environment variable, such as MY_KEY, and not a key"
            )
        key = os.environ.get(source, "").strip()
        needed = variable is not None or address.shown == DEFAULT_BASE_URL
        if needed and not key:
            raise ConfigurationError(
                f"the environment variable {source} holds no API key for {address.shown}; "
                "set it, or name another with api_key_env"
            )
    if not key.isascii() or not key.isprintable() or " " in key:
        raise ConfigurationError(f"the key in {source} holds characters that no HTTP header can carry")
    return key


def identity(name: str, address: Address, changes: Mapping[str, Any]) -> str:
    """The id of a model: its name as provider/model, and a hash of the options that can change its answers, if there are any.

    The endpoint is not in it: cache keys hold that beside the id.

    Raises:
        ConfigurationError: an option holds what is not JSON, or nests too deep.
    """
    query = sorted(pair for pair in parse_qsl(address.query) if not is_sensitive(pair[0]))
    return name + variant_of({**changes, "query": query})


def variant_of(options: Mapping[str, Any]) -> str:
    """The part of an id that tells variants of a model apart; "" when no option is set.

    Raises:
        ConfigurationError: an option holds what is not JSON, or nests too deep.
    """
    relevant = {name: value for name, value in options.items() if value}
    try:
        return f"#{digest(relevant)[:12]}" if relevant else ""
    except TypeError as error:
        raise ConfigurationError(f"one of {', '.join(relevant)} cannot be written as JSON: {error}") from None


def _quoted(text: str) -> str:
    """A path or query in ASCII; what is quoted already stays as it is."""
    return quote(text, safe="/%:@!$&'()*+,;=~-._?[]")
