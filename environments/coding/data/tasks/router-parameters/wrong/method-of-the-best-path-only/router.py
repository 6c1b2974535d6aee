"""Finds the handler of a request by its method and path."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

Handler = Callable[..., Any]

_PARAMETER = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)(?::([^{}]*))?\}")
FIXED, WHOLE, TEXT, REST = range(4)  # kinds of segments, from the most to the least telling


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


class _Segment(NamedTuple):
    kind: int
    text: str  # of a fixed segment
    name: str = ""  # of a parameter


@dataclass
class _Node:
    """What routes may go on with after some segments."""

    children: dict[tuple[int, str], "_Node"] = field(default_factory=dict)
    methods: dict[str, tuple[Handler, list[str]]] = field(default_factory=dict)


def _segment(text: str, last: bool) -> _Segment:
    if "{" not in text and "}" not in text:
        return _Segment(FIXED, text)
    found = _PARAMETER.fullmatch(text)
    kinds = {None: TEXT, "int": WHOLE, "rest": REST}
    if found is None or found[2] not in kinds:
        raise ValueError(f"not a segment of a route: {text!r}")
    if found[2] == "rest" and not last:
        raise ValueError(f"only the last segment can take the rest: {text!r}")
    return _Segment(kinds[found[2]], "", found[1])


def _segments(path: str) -> list[_Segment]:
    if not path.startswith("/"):
        raise ValueError(f"a path begins with '/': {path!r}")
    texts = path[1:].split("/")
    segments = [_segment(text, number == len(texts)) for number, text in enumerate(texts, start=1)]
    names = [segment.name for segment in segments if segment.name]
    if len(set(names)) < len(names):
        raise ValueError(f"a parameter occurs twice: {path!r}")
    return segments


class Router:
    def __init__(self) -> None:
        self._root = _Node()

    def add(self, method: str, path: str, handler: Handler) -> None:
        """Adds a route; ValueError for a wrong path or if a route with that method matches just the same paths."""
        segments = _segments(path)
        node = self._root
        for segment in segments:
            node = node.children.setdefault((segment.kind, segment.text), _Node())
        if method.upper() in node.methods:
            raise ValueError(f"there is a route {method.upper()} {path}")
        node.methods[method.upper()] = handler, [segment.name for segment in segments if segment.name]

    def match(self, method: str, path: str) -> Match:
        """The handler for a request, by the most telling route with that method.

        Raises NotFoundError or MethodNotAllowedError.
        """
        allowed: set[str] = set()
        texts = path[1:].split("/") if path.startswith("/") else []
        for node, values in self._ways(self._root, texts) if texts else ():
            if method.upper() in node.methods:
                handler, names = node.methods[method.upper()]
                return Match(handler, dict(zip(names, values, strict=True)))
            allowed.update(node.methods)
            if allowed:
                break
        if allowed:
            raise MethodNotAllowedError(sorted(allowed))
        raise NotFoundError(path)

    def _ways(self, node: _Node, texts: list[str]) -> Iterator[tuple[_Node, list[Any]]]:
        """Ends of all routes that match, the most telling first, with the values of their parameters."""
        if not texts:
            yield node, []
            return
        text, *rest = texts
        if child := node.children.get((FIXED, text)):
            yield from self._ways(child, rest)
        if (child := node.children.get((WHOLE, ""))) and re.fullmatch("[0-9]+", text):
            for end, values in self._ways(child, rest):
                yield end, [int(text), *values]
        if (child := node.children.get((TEXT, ""))) and text:
            for end, values in self._ways(child, rest):
                yield end, [text, *values]
        if (child := node.children.get((REST, ""))) and texts != [""]:
            yield child, ["/".join(texts)]
