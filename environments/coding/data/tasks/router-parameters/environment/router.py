"""Finds the handler of a request by its method and path."""

from collections.abc import Callable
from typing import Any, NamedTuple

Handler = Callable[..., Any]


class Match(NamedTuple):
    handler: Handler
    parameters: dict[str, Any]


class NotFoundError(Exception):
    """No route has that path."""


class MethodNotAllowedError(Exception):
    """Routes have that path, but none with that method; `allowed` are the methods that they have, sorted."""

    def __init__(self, allowed: list[str]) -> None:
        super().__init__(f"allowed: {', '.join(allowed)}")
        self.allowed = allowed


class Router:
    def __init__(self) -> None:
        self._routes: dict[str, dict[str, Handler]] = {}

    def add(self, method: str, path: str, handler: Handler) -> None:
        """Adds a route; ValueError if there is one with that method and path, or if the path does not begin with '/'."""
        if not path.startswith("/"):
            raise ValueError(f"a path begins with '/': {path!r}")
        methods = self._routes.setdefault(path, {})
        if method.upper() in methods:
            raise ValueError(f"there is a route {method.upper()} {path}")
        methods[method.upper()] = handler

    def match(self, method: str, path: str) -> Match:
        """The handler for a request; raises NotFoundError or MethodNotAllowedError."""
        if path not in self._routes:
            raise NotFoundError(path)
        methods = self._routes[path]
        if method.upper() not in methods:
            raise MethodNotAllowedError(sorted(methods))
        return Match(methods[method.upper()], {})
