"""What endpoints say in their headers is understood in all the forms that they use."""

from __future__ import annotations

from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentbench_sdk.models import Quota
from agentbench_sdk.models.openai_compatible.headers import quota, reset_seconds, retry_after

NOW = 1_800_000_000.0


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1s", 1.0),
        ("6m0s", 360.0),
        ("120ms", 0.12),
        ("1h2m3.5s", 3723.5),
        ("1d", 86400.0),
        ("12.5", 12.5),
        ("0", 0.0),
        ("1800000060", 60.0),
        ("1800000060000", 60.0),
        ("2027-01-15T08:01:00Z", 60.0),
        ("2027-01-15T08:01:00", 60.0),
        ("2027-01-15T10:01:00+02:00", 60.0),
        ("1999-01-01T00:00:00Z", 0.0),
        ("soon", None),
        ("", None),
        ("nan", None),
        ("5 minutes", None),
    ],
)
def test_resets_are_read_in_all_their_forms(text: str, seconds: float | None) -> None:
    assert reset_seconds(text, NOW) == (None if seconds is None else pytest.approx(seconds))


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "0.25"}, 0.25),
        ({"retry-after": "-3"}, 0.0),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "later"}, None),
        ({"retry-after-ms": "1500", "retry-after": "9"}, 1.5),
        ({"retry-after": formatdate(NOW + 30, usegmt=True)}, 30.0),
        ({"retry-after": formatdate(NOW - 30, usegmt=True)}, 0.0),
        (
            {"retry-after": formatdate(NOW + 130, usegmt=True), "date": formatdate(NOW + 100, usegmt=True)},
            30.0,
        ),
    ],
)
def test_retry_after_is_read_in_all_its_forms(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers, NOW) == seconds


def test_the_quota_headers_are_read() -> None:
    headers = {
        "x-ratelimit-limit-requests": "60",
        "x-ratelimit-remaining-requests": "59",
        "x-ratelimit-reset-requests": "1s",
        "x-ratelimit-limit-tokens": "150000",
        "x-ratelimit-remaining-tokens": "149984",
        "x-ratelimit-reset-tokens": "6m0s",
    }
    assert quota(headers, NOW) == Quota(60, 59, 1.0, 150_000, 149_984, 360.0)


def test_headers_without_a_quota_give_none() -> None:
    assert quota({"date": "x", "x-ratelimit-limit-requests": "many"}, NOW) is None


@given(st.text(max_size=20))
def test_no_header_can_raise(text: str) -> None:
    headers = dict.fromkeys(("retry-after", "date", "x-ratelimit-limit-requests"), text)
    wait = retry_after(headers, NOW)
    assert wait is None or wait >= 0
    quota({**headers, "x-ratelimit-reset-tokens": text}, NOW)
