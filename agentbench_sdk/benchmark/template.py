"""Prompt templates: `{field}` and nothing else.

`str.format` would let a task file reach into objects (`{x.__class__}`) and would trip over data that holds
braces. Here a field is a plain name, what is put in is never looked at again, and `{{`, `}}` are braces.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.messages import Part

_TOKEN = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_NAME = re.compile(r"[^\W\d]\w*(?:[ -]\w+)*")
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

Filling = str | Sequence[Part]


@dataclass(frozen=True, slots=True)
class Field:
    """A place in a template."""

    name: str


@dataclass(frozen=True, slots=True)
class Template:
    """A parsed template: texts and fields in turn."""

    pieces: tuple[str | Field, ...]

    @classmethod
    def parse(cls, text: str) -> Template:
        """Parse a template's text.

        Raises:
            ConfigurationError: a single brace, or a field that is no plain name.

        >>> Template.parse("{question} in {{braces}}").render({"question": "Why?"})
        ['Why? in {braces}']
        """
        pieces: list[str | Field] = []
        position = 0
        for token in _TOKEN.finditer(text):
            pieces.append(text[position : token.start()])
            pieces.append(_piece(token, text))
            position = token.end()
        pieces.append(text[position:])
        return cls(tuple(piece for piece in pieces if piece != ""))

    @property
    def fields(self) -> tuple[str, ...]:
        """The names of the fields, each once, in order of appearance."""
        return tuple(dict.fromkeys(piece.name for piece in self.pieces if isinstance(piece, Field)))

    def render(self, fillings: Mapping[str, Filling]) -> list[str | Part]:
        """Put texts and media in; neighbouring texts are joined.

        Raises:
            KeyError: a field has no filling.
        """
        parts: list[str | Part] = []
        for piece in self.pieces:
            filling = fillings[piece.name] if isinstance(piece, Field) else piece
            for part in [filling] if isinstance(filling, str) else filling:
                if isinstance(part, str) and parts and isinstance(parts[-1], str):
                    parts[-1] += part
                elif part != "":
                    parts.append(part)
        return parts


def _piece(token: re.Match[str], text: str) -> str | Field:
    if token[0] in ("{{", "}}"):
        return token[0][0]
    line = text.count("\n", 0, token.start()) + 1
    if token[1] is None:
        raise ConfigurationError(
            f"a single {token[0]!r} in line {line} of the template; write {token[0] * 2!r} for a brace"
        )
    if not _NAME.fullmatch(token[1]):
        raise ConfigurationError(
            f"{token[0]!r} in line {line} of the template is no field: a field is a plain name such as "
            "{question}, without attributes, indexes or formats; double the braces for braces"
        )
    return Field(token[1])


def lettered(choices: Sequence[str]) -> str:
    """Choices as lines that begin with their letters.

    >>> print(lettered(["red", "green"]))
    A. red
    B. green
    """
    return "\n".join(f"{letter}. {choice}" for letter, choice in zip(LETTERS, choices, strict=False))
