"""What an endpoint says in its headers: when to come back, and what is left of its quotas. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from agentbench_sdk.models.base import Quota

_UNITS = {"ms": 0.001, "us": 1e-6, "µs": 1e-6, "ns": 1e-9, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_STEP = re.compile(r"(\d+(?:\.\d+)?)(ms|us|µs|ns|s|m|h|d)")
_DURATION = re.compile(rf"(?:{_STEP.pattern})+")
_EPOCH_SECONDS, _EPOCH_MILLISECONDS = 1e9, 1e12

_PREFIX = "x-ratelimit"
_NOTHING = (None,) * 6


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds to wait, from `retry-after-ms` or `Retry-After` (seconds or an HTTP date, RFC 9110 10.2.3).

    Arguments:
        headers: by name; the mapping ignores case, as HTTP does.
        now: seconds since the epoch, used for a date when the endpoint does not send its own `Date`
            (its clock, not ours, wrote the other date).
    """
    milliseconds = _number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return max(0.0, milliseconds / 1000)
    text = headers.get("retry-after")
    if text is None:
        return None
    seconds = _number(text)
    if seconds is not None:
        return max(0.0, seconds)
    until = _date(text)
    if until is None:
        return None
    sent = _date(headers.get("date", ""))
    return max(0.0, until - (now if sent is None else sent))


def quota(headers: Mapping[str, str], now: float) -> Quota | None:
    """The `x-ratelimit-*` headers; None when there is none. `now` is seconds since the epoch."""
    if _PREFIX not in "\n".join(headers).lower():
        return None  # the usual case, on the path of every call
    told = (
        _count(headers, "x-ratelimit-limit-requests", "x-ratelimit-limit"),
        _count(headers, "x-ratelimit-remaining-requests", "x-ratelimit-remaining"),
        _reset(headers, now, "x-ratelimit-reset-requests", "x-ratelimit-reset"),
        _count(headers, "x-ratelimit-limit-tokens"),
        _count(headers, "x-ratelimit-remaining-tokens"),
        _reset(headers, now, "x-ratelimit-reset-tokens"),
    )
    return None if told == _NOTHING else Quota(*told)


def reset_seconds(text: str, now: float) -> float | None:
    """Seconds until a window is full: "1s", "6m0s", "120ms", "12.5", an ISO date, or an epoch time.

    >>> reset_seconds("6m0.5s", now=0)
    360.5
    """
    text = text.strip()
    number = None if text[-1:].isalpha() else _number(text)  # an error takes longer than the rest
    if number is not None:
        return max(0.0, _from_epoch(number, now))
    if _DURATION.fullmatch(text):
        return sum(float(amount) * _UNITS[unit] for amount, unit in _STEP.findall(text))
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return max(0.0, (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() - now)


def _from_epoch(number: float, now: float) -> float:
    if number >= _EPOCH_MILLISECONDS:
        return number / 1000 - now
    return number - now if number >= _EPOCH_SECONDS else number


def _count(headers: Mapping[str, str], *names: str) -> int | None:
    number = _number(_first(headers, names))
    return int(number) if number is not None and number >= 0 else None


def _reset(headers: Mapping[str, str], now: float, *names: str) -> float | None:
    text = _first(headers, names)
    return None if text is None else reset_seconds(text, now)


def _first(headers: Mapping[str, str], names: tuple[str, ...]) -> str | None:
    for name in names:
        text = headers.get(name)
        if text is not None:
            return text
    return None


def _number(text: str | None) -> float | None:
    if text is None:
        return None
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _date(text: str) -> float | None:
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
