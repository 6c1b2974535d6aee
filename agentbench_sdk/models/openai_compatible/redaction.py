"""Secrets inside options: found at any depth, taken out of what files show and of what errors say. Pure.

A secret is known by the name that it stands under; a text that is JSON is looked into like a value.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from agentbench_sdk.models.openai_compatible.secret import MASK, Secret, is_sensitive, reveal

_NAMES_A_VARIABLE = "api_key_env"  # names where a secret is, and is none itself
_COUNT_OR_ID = re.compile(r"tokens|token_?ids?", re.IGNORECASE)  # max_tokens, stop_token_ids …
_LOGIN = re.compile(r"(?<=://)[^/?#\s\"']*@")


def hides(name: str) -> bool:
    """Whether what stands under this name is, or may hold, a secret; `max_tokens` and its like do not."""
    if name == _NAMES_A_VARIABLE:
        return False
    return is_sensitive(_COUNT_OR_ID.sub("", name)) or "headers" in name.lower()


def redacted(name: str, value: Any) -> Any:
    """The value under a name as files may hold it: what may be a secret is masked, at any depth.

    >>> redacted("extra_body", '{"top_k": 1, "api_key": "abc"}')
    '{"top_k": 1, "api_key": "***"}'
    """
    if hides(name) or _is_secret(value):
        return MASK
    if isinstance(value, Mapping):
        return {key: redacted(str(key), each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [redacted("", each) for each in value]
    if isinstance(value, str):
        return _without_query(value) if name.endswith("url") else _redacted_text(value)
    return value


def secrets_in(value: Any) -> Iterator[str]:
    """Every text and number that stands, at any depth, under the name of a secret."""
    waiting = [(value, False)]  # values, and whether they stand under such a name
    while waiting:
        each, hidden = waiting.pop()
        if isinstance(each, Mapping):
            waiting += [(inner, hidden or hides(str(name))) for name, inner in each.items()]
        elif isinstance(each, list | tuple):
            waiting += [(inner, hidden) for inner in each]
        elif hidden and each is not None and not isinstance(each, bool):
            yield reveal(each)
        elif isinstance(each, str) and not hidden:
            waiting.append((_json_in(each), False))


def _is_secret(value: Any) -> bool:
    return isinstance(value, Secret) or hasattr(value, "get_secret_value")


def _redacted_text(text: str) -> str:
    if text.lstrip()[:1] not in ("{", "["):
        return _LOGIN.sub("", text)
    try:
        value = _json_in(text)
        shown = redacted("", value)
    except RecursionError:
        return MASK
    if value is None:  # not JSON after all: no telling what belongs to which name
        return MASK if is_sensitive(text) or "headers" in text.lower() else _LOGIN.sub("", text)
    return text if shown == value else json.dumps(shown, ensure_ascii=False)


def _json_in(text: str) -> Any:
    """The object or list that a text writes; None for any other text, and where a name is given twice."""
    if text.lstrip()[:1] not in ("{", "["):
        return None
    try:
        return json.loads(text, object_pairs_hook=_unique)
    except (ValueError, RecursionError):
        return None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name is given twice")
    return found


def _without_query(text: str) -> str:
    if "://" not in text:
        return text
    try:
        parts = urlsplit(text)
    except ValueError:
        return MASK
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
