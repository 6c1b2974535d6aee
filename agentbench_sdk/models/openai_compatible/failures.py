"""From an endpoint's error to one of ours. Pure; the endpoint's codes are asked before its prose.

    400                 ContextLengthError, ContentFilteredError, ModelNotFoundError by code (the first
                        also by well-known phrases), else RequestRejectedError
    401, 403            AuthenticationError
    404                 ModelNotFoundError
    408                 RequestTimeoutError
    425                 TransportError (too early: a matter of the connection)
    402, or 429 whose code says that the account's credit is used up
                        RequestRejectedError: waiting does not bring credit, so it is not retried
    429                 RateLimitedError
    other 4xx           as 400
    3xx                 RequestRejectedError: the address is not that of the endpoint
    5xx                 ServerError

A code that says content filter counts with any status, as does one for the context length.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from agentbench_sdk.errors import (
    AuthenticationError,
    ContentFilteredError,
    ContextLengthError,
    ModelError,
    ModelNotFoundError,
    RateLimitedError,
    RequestRejectedError,
    RequestTimeoutError,
    ServerError,
    TransportError,
)
from agentbench_sdk.models.base import Quota
from agentbench_sdk.models.openai_compatible.json_values import well_formed

MESSAGE_LENGTH = 400
_STATUS_DIGITS = 3
Redact = Callable[[str], str]

_FILTER_CODES = {
    "content_filter",
    "content_filtered",
    "content_policy_violation",
    "responsibleaipolicyviolation",
    "data_inspection_failed",
    "moderation_blocked",
}
_CONTEXT_CODES = {
    "context_length_exceeded",
    "context_window_exceeded",
    "exceed_context_size_error",
    "model_context_window_exceeded",
    "max_context_length_exceeded",
}
_CREDIT_CODES = {
    "insufficient_quota",
    "billing_hard_limit_reached",
    "billing_not_active",
    "insufficient_balance",
    "credits_exhausted",
}
_MODEL_CODES = {"model_not_found", "deploymentnotfound", "model_not_exist"}
_CONTEXT_PHRASES = re.compile(
    r"context[ _](?:length|window|size)|maximum context|max_model_len|maximum model length"
    r"|prompt is too long|input is too long|too many (?:input |prompt )?tokens"
    r"|(?:input|prompt).{0,60}exceed.{0,40}(?:tokens|limit|length)",
    re.IGNORECASE | re.DOTALL,
)
# Statuses with which endpoints send errors about the length of what they were sent.
_LENGTH_STATUSES = {400, 413, 422}


@dataclass(frozen=True, slots=True)
class Complaint:
    """What an error body says: prose, and every code and type in it (lower case)."""

    message: str = ""
    codes: frozenset[str] = frozenset()
    status: int | None = None


def failure(
    status: int,
    complaint: Complaint,
    where: str,
    *,
    retry_after: float | None = None,
    quota: Quota | None = None,
) -> ModelError:
    """The typed error for an HTTP status and what came with it; `where` names model and endpoint."""
    kind = _kind(status, complaint)
    hint = _HINTS.get(kind, "")
    said = f": {complaint.message}" if complaint.message else ""
    return kind(
        f"{where} answered with status {status}{said}{hint}",
        status=status,
        retry_after=retry_after,
        quota=quota,
    )


_HINTS: dict[type[ModelError], str] = {
    AuthenticationError: " (check the API key and what it may do)",
    ModelNotFoundError: " (check the model's name and base_url)",
}


def _kind(status: int, complaint: Complaint) -> type[ModelError]:
    if complaint.codes & _FILTER_CODES:
        return ContentFilteredError
    if complaint.codes & _CONTEXT_CODES:
        return ContextLengthError
    if complaint.codes & _CREDIT_CODES and 400 <= status < 500:
        return RequestRejectedError
    fixed = _BY_STATUS.get(status)
    if fixed is not None:
        return fixed
    if status >= 500:
        return ServerError
    if complaint.codes & _MODEL_CODES:
        return ModelNotFoundError
    if status in _LENGTH_STATUSES and _CONTEXT_PHRASES.search(complaint.message):
        return ContextLengthError
    return RequestRejectedError


_BY_STATUS: dict[int, type[ModelError]] = {
    401: AuthenticationError,
    402: RequestRejectedError,
    403: AuthenticationError,
    404: ModelNotFoundError,
    408: RequestTimeoutError,
    425: TransportError,
    429: RateLimitedError,
}


def complaint_of(error: Any, redact: Redact) -> Complaint:
    """Read the `error` member of a body, or a whole body, in the shapes that endpoints use.

    Secrets are struck out before a text is shortened, so that no half of one is left. What nests without
    end says nothing.
    """
    try:
        return _complaint_of(error, redact)
    except RecursionError:
        return Complaint()


def _complaint_of(error: Any, redact: Redact) -> Complaint:
    if isinstance(error, list) and error:
        error = error[0]
    if isinstance(error, str):
        return Complaint(shortened(redact(error)))
    if not isinstance(error, Mapping):
        return Complaint("" if error is None else shortened(redact(str(error))))
    inner = error.get("error")
    if isinstance(inner, Mapping | list | str):
        outer = _complaint_of({key: value for key, value in error.items() if key != "error"}, redact)
        found = _complaint_of(inner, redact)
        return Complaint(
            found.message or outer.message, found.codes | outer.codes, found.status or outer.status
        )
    return Complaint(shortened(redact(_prose(error))), _codes(error), _status(error))


def complaint_of_body(body: bytes, redact: Redact) -> Complaint:
    """Read an error body: JSON of any known shape, or text (a proxy's page of HTML included)."""
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        text = re.sub(
            r"<(script|style).*?</\1>|<[^>]+>", " ", body.decode("utf-8", "replace"), flags=re.DOTALL
        )
        return Complaint(shortened(redact(text)))
    return complaint_of(value, redact)


def shortened(text: str) -> str:
    """One line of at most MESSAGE_LENGTH characters."""
    line = " ".join(well_formed(text).split())
    return line if len(line) <= MESSAGE_LENGTH else line[: MESSAGE_LENGTH - 1] + "…"


def _prose(error: Mapping[str, Any]) -> str:
    for key in ("message", "detail", "msg", "error_message", "title"):
        value = error.get(key)
        if isinstance(value, str) and value:
            return value
        if isinstance(value, list | Mapping) and value:
            return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
    return ""


def _codes(error: Mapping[str, Any]) -> frozenset[str]:
    found = {str(error[key]).lower() for key in ("code", "type", "status") if error.get(key) is not None}
    for key in ("innererror", "inner_error"):
        if isinstance(error.get(key), Mapping):
            found |= _codes(error[key])
    return frozenset(found)


def _status(error: Mapping[str, Any]) -> int | None:
    for key in ("status", "status_code", "code", "http_code"):
        text = str(error.get(key, ""))
        if len(text) == _STATUS_DIGITS and text.isdecimal() and 400 <= int(text) < 600:
            return int(text)
    return None
