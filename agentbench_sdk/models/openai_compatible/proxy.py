"""The proxy that the environment names for an endpoint, and what is said to it."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.models.openai_compatible.address import Address


@dataclass(frozen=True, slots=True)
class Proxy:
    """An HTTP proxy.

    Attributes:
        login: "user:password", or ""; not to be shown.
    """

    host: str
    port: int
    login: str = ""

    @classmethod
    def of_environment(cls, address: Address) -> Proxy | None:
        """What HTTP_PROXY, HTTPS_PROXY or ALL_PROXY (and the system's settings) name; NO_PROXY goes first.

        Raises:
            ConfigurationError: it is no proxy that this client can talk to; its login is not repeated.
        """
        from urllib.request import getproxies, proxy_bypass

        if proxy_bypass(address.wire_host) or proxy_bypass(address.authority):
            return None
        scheme = "https" if address.secure else "http"
        found = getproxies()
        named = found.get(scheme) or found.get("all")
        return cls.parse(named, f"{scheme.upper()}_PROXY or ALL_PROXY") if named else None

    @classmethod
    def parse(cls, text: str, source: str) -> Proxy:
        """Take a proxy's address apart.

        Raises:
            ConfigurationError: see `of_environment`.
        """
        try:
            parts = urlsplit(text if "://" in text else f"http://{text}")
            host, port = parts.hostname, parts.port
        except ValueError:
            host, port = None, None
        if not host or parts.scheme != "http":
            raise ConfigurationError(
                f"the proxy in {source} must be like http://host:port (HTTPS goes through it all the same); "
                "set trust_env=False to do without"
            )
        login = f"{unquote(parts.username or '')}:{unquote(parts.password or '')}"
        return cls(host, port or 80, "" if login == ":" else login)

    @property
    def shown(self) -> str:
        """How messages call it."""
        return f"the proxy {self.host}:{self.port}"

    @property
    def token(self) -> str:
        """The login as headers carry it; "" for none."""
        return base64.b64encode(self.login.encode()).decode() if self.login else ""

    @property
    def secrets(self) -> list[str]:
        """Texts that no message may show."""
        return [each for each in (self.login.partition(":")[2], self.token) if each]

    @property
    def headers(self) -> dict[str, str]:
        """What proves to the proxy who asks."""
        return {"Proxy-Authorization": f"Basic {self.token}"} if self.login else {}
