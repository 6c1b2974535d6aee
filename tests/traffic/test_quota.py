"""Requests and tokens per minute."""

from __future__ import annotations

import pytest

from agentbench_sdk.models.base import Quota
from agentbench_sdk.traffic.quota import Quotas, TokenBucket


def test_a_bucket_refills_at_its_rate_up_to_its_capacity() -> None:
    """What is taken flows back, and no more than fits."""
    bucket = TokenBucket(10, 2, now=0)
    bucket.take(10, 0)
    assert bucket.ready_at(4, 0) == pytest.approx(2)
    assert bucket.level(3) == pytest.approx(6)
    assert bucket.level(1000) == 10


def test_a_call_larger_than_the_bucket_waits_for_a_full_one() -> None:
    """It is not kept waiting for ever."""
    bucket = TokenBucket(10, 2, now=0)
    bucket.take(10, 0)
    assert bucket.ready_at(50, 0) == pytest.approx(5)


def test_without_a_quota_nothing_waits() -> None:
    """Unknown quotas are unlimited."""
    quotas = Quotas()
    assert not quotas.active
    assert quotas.ready_at(10**9, 7.0) == 7.0


def test_a_given_rpm_spaces_the_calls() -> None:
    """120 a minute are two a second, never 120 at once."""
    quotas, now, started = Quotas(rpm=120, now=0.0), 0.0, 0
    while now <= 30:
        now = quotas.ready_at(0, now)
        quotas.take(0, now)
        started += 1
    assert 60 <= started <= 64


def test_a_remaining_of_zero_is_waited_off_before_the_refusal() -> None:
    """A header that says there is nothing left delays the next call by what one call needs to flow back."""
    quotas = Quotas()
    quotas.learn(Quota(requests_limit=60, requests_remaining=0, requests_reset_s=60.0), 0.0)
    assert quotas.ready_at(0, 0.0) == pytest.approx(1.0)


def test_the_rate_is_learned_from_the_reset_when_enough_is_used() -> None:
    """A limit of 100 that is full again in 10 s flows back at 10 a second; untouched, a minute is assumed."""
    quotas = Quotas()
    quotas.learn(Quota(tokens_limit=100, tokens_remaining=0, tokens_reset_s=10.0), 0.0)
    assert quotas.tokens is not None
    assert quotas.tokens.rate == pytest.approx(10)
    quotas.learn(Quota(tokens_limit=120, tokens_remaining=120, tokens_reset_s=1.0), 0.0)
    assert quotas.tokens.rate == pytest.approx(2)


def test_a_header_cannot_raise_a_given_quota() -> None:
    """Somebody who asks for 60 a minute gets no more when the endpoint would allow 6000."""
    quotas = Quotas(rpm=60)
    quotas.learn(Quota(requests_limit=6000, requests_remaining=6000), 0.0)
    assert quotas.requests is not None
    assert quotas.requests.rate == pytest.approx(1)


def test_what_is_in_flight_counts_against_a_stale_header() -> None:
    """The endpoint's figure may not know the calls that are under way."""
    quotas = Quotas()
    quotas.learn(Quota(requests_limit=10, requests_remaining=10), 0.0)
    for _ in range(4):
        quotas.take(0, 0.0)
    quotas.learn(Quota(requests_limit=10, requests_remaining=9), 0.0)
    assert quotas.requests is not None
    assert quotas.requests.level(0.0) == pytest.approx(6)


def test_tokens_used_beyond_the_estimate_become_a_debt() -> None:
    """An answer longer than expected delays the next call; unknown sizes are taken from those before."""
    quotas = Quotas(tpm=6000, now=0.0)
    reserved = quotas.take(50, 0.0)
    quotas.settle(reserved, 350.0, 0.0)
    assert quotas.ready_at(50, 0.0) == pytest.approx(3.0)
    assert quotas.estimate(0) == pytest.approx(350)
