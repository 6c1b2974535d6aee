"""Keys and other secrets: held so that no repr shows them, and struck out of every text that leaves."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

MASK = "***"
_SENSITIVE = re.compile(r"auth|key|token|secret|cookie|password|credential", re.IGNORECASE)
_SHORTEST = 4  # a shorter text is found in any sentence; striking it out would only garble messages


class Secret:
    """A text that shows itself only when asked by name."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        return self._value

    def __repr__(self) -> str:
        return f"Secret('{MASK}')"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)


class SecretTable(dict[str, str]):
    """Texts by name, of which a repr shows the names only: headers."""

    def __repr__(self) -> str:
        return repr(dict.fromkeys(self, MASK))

    __str__ = __repr__


def reveal(value: Any) -> str:
    """The text of a `Secret`, of anything with `get_secret_value` (pydantic's), or of a plain text."""
    if isinstance(value, Secret):
        return value.reveal()
    getter = getattr(value, "get_secret_value", None)
    return str(getter()) if getter else str(value)


def is_sensitive(name: str) -> bool:
    """Whether a header or option of this name is likely to hold a secret."""
    return bool(_SENSITIVE.search(name))


def _forms(secret: str) -> tuple[str, ...]:
    return (
        secret,
        quote(secret, safe="", errors="replace"),
        secret.replace("/", "\\/"),
        json.dumps(secret)[1:-1],
    )


class Redactor:
    """Strikes known secrets out of texts, also where an endpoint echoes them quoted or percent-encoded."""

    __slots__ = ("_needles",)

    def __init__(self, secrets: Iterable[str]) -> None:
        forms = {form for secret in secrets for form in _forms(secret) if len(form) >= _SHORTEST}
        self._needles = sorted(forms, key=len, reverse=True)

    @classmethod
    def of_headers(cls, headers: Mapping[str, str], *more: str) -> Redactor:
        """For the values of sensitive headers (with and without a "Bearer " before them) and `more`."""
        values = [value for name, value in headers.items() if is_sensitive(name)]
        return cls([*more, *values, *(value.split()[-1] for value in values if value.split())])

    def __call__(self, text: str) -> str:
        for needle in self._needles:
            text = text.replace(needle, MASK)
        return text

    def __repr__(self) -> str:
        return "Redactor(…)"
