"""Requests and tokens per minute, given or learned, so that a client slows down before it is refused."""

from __future__ import annotations

from agentbench_sdk.models.base import Quota

WINDOW_S = 60.0
INFINITY = float("inf")


class TokenBucket:
    """`capacity` units that flow back at `rate` per second; pure, the time is an argument.

    Its level may become negative by the difference between what a call was estimated to cost and what it
    did; the debt is waited off.
    """

    __slots__ = ("_level", "_updated", "capacity", "rate")

    def __init__(self, capacity: float, rate: float, now: float) -> None:
        self.capacity, self.rate = capacity, rate
        self._level, self._updated = capacity, now

    def level(self, now: float) -> float:
        """Units at hand at `now`."""
        return min(self.capacity, self._level + max(0.0, now - self._updated) * self.rate)

    def ready_at(self, cost: float, now: float) -> float:
        """When `cost` units are at hand; a cost above the capacity waits for a full bucket."""
        missing = min(cost, self.capacity) - self.level(now)
        return now if missing <= 1e-9 else now + missing / self.rate

    def take(self, cost: float, now: float) -> None:
        """Use units (a negative cost gives back), whether or not they are there."""
        self._level, self._updated = min(self.capacity, self.level(now) - cost), now

    def correct(self, low: float, high: float, now: float) -> None:
        """Believe the endpoint: what is left lies between these."""
        self._level, self._updated = min(self.capacity, max(low, min(high, self.level(now)))), now


class Quotas:
    """The buckets of an endpoint for requests and for tokens.

    Arguments:
        rpm, tpm: requests and tokens per minute; None leaves them to be learned from `x-ratelimit-*`
            headers, and unlimited until then. A given number is believed over a header that allows more.
    """

    def __init__(self, *, rpm: float | None = None, tpm: float | None = None, now: float = 0.0) -> None:
        self._given = (rpm, tpm)
        # a given quota starts with a second's worth: endpoints differ in how much may come at once
        self.requests = _given_bucket(rpm, now)
        self.tokens = _given_bucket(tpm, now)
        self.typical_tokens = 0.0
        self._flying_tokens = 0.0
        self._flying = 0

    @property
    def active(self) -> bool:
        """Whether any quota is known."""
        return self.requests is not None or self.tokens is not None

    def estimate(self, tokens: int) -> float:
        """What a call will cost: the estimate given with it, or else the mean of those before."""
        return float(tokens) or self.typical_tokens

    def ready_at(self, tokens: int, now: float) -> float:
        """The earliest time at which a call of about `tokens` tokens may start."""
        ready = now if self.requests is None else self.requests.ready_at(1.0, now)
        if self.tokens is not None:
            ready = max(ready, self.tokens.ready_at(self.estimate(tokens), now))
        return ready

    def take(self, tokens: int, now: float) -> float:
        """Count a call that starts; returns the tokens reserved for it."""
        reserved = self.estimate(tokens)
        self._flying += 1
        self._flying_tokens += reserved
        if self.requests is not None:
            self.requests.take(1.0, now)
        if self.tokens is not None:
            self.tokens.take(reserved, now)
        return reserved

    def settle(self, reserved: float, used: float | None, now: float) -> None:
        """A call ended: `used` tokens, or None when it was refused or is not known."""
        self._flying -= 1
        self._flying_tokens -= reserved
        if used is None:
            return
        if used:
            self.typical_tokens += (used - self.typical_tokens) * (0.05 if self.typical_tokens else 1.0)
        if self.tokens is not None and used > reserved:
            self.tokens.take(used - reserved, now)

    def learn(self, quota: Quota, now: float) -> None:
        """Take in what an endpoint said along with an answer or a refusal."""
        self.requests = _learned(
            self.requests,
            self._given[0],
            (quota.requests_limit, quota.requests_remaining, quota.requests_reset_s),
            self._flying,
            now,
        )
        self.tokens = _learned(
            self.tokens,
            self._given[1],
            (quota.tokens_limit, quota.tokens_remaining, quota.tokens_reset_s),
            self._flying_tokens,
            now,
        )


def _given_bucket(per_minute: float | None, now: float) -> TokenBucket | None:
    if per_minute is None:
        return None
    rate = per_minute / WINDOW_S
    bucket = TokenBucket(per_minute, rate, now)
    bucket.take(per_minute - max(1.0, rate), now)
    return bucket


def _learned(
    bucket: TokenBucket | None,
    given: float | None,
    said: tuple[int | None, int | None, float | None],
    flying: float,
    now: float,
) -> TokenBucket | None:
    limit, remaining, reset = said
    if limit is None or limit <= 0:
        return bucket
    rate = _rate(limit, remaining, reset)
    if bucket is None:
        bucket = TokenBucket(limit, rate, now)
    elif given is None:
        bucket.capacity, bucket.rate = float(limit), rate
    else:
        bucket.capacity, bucket.rate = min(given, limit), min(given / WINDOW_S, rate)
    if remaining is not None:
        # what is in flight may or may not be in the endpoint's figure already
        bucket.correct(remaining - flying, float(remaining), now)
    return bucket


def _rate(limit: int, remaining: int | None, reset: float | None) -> float:
    """Units per second: what is used flows back by the time of the reset; else a window of a minute.

    A nearly full bucket says little (the reset is rounded), so it takes a tenth used to be believed.
    """
    used = limit - remaining if remaining is not None else 0
    if reset and reset > 0 and used >= 0.1 * limit:
        return used / reset
    return limit / WINDOW_S
