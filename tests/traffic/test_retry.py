"""Which failures are repeated, and when."""

from __future__ import annotations

import random

import pytest

from agentbench_sdk import errors
from agentbench_sdk.errors import ConfigurationError, ModelError, RateLimitedError, ServerError
from agentbench_sdk.traffic.retry import RetryPolicy, RetryState


def state(policy: RetryPolicy | None = None, seed: int = 1) -> RetryState:
    return RetryState(policy or RetryPolicy(), random.Random(seed))


@pytest.mark.parametrize(
    "error",
    [each("x") for each in vars(errors).values() if isinstance(each, type) and issubclass(each, ModelError)],
    ids=lambda error: error.kind,
)
def test_the_type_decides_whether_an_error_is_repeated(error: ModelError) -> None:
    """`retryable` is obeyed for every class of the tree, whatever its text says."""
    assert (state().failed(error, 1, 0.0).retry_at is not None) == error.retryable


def test_the_backoff_doubles_with_jitter_and_repeats_with_the_seed() -> None:
    """Between half and all of base · 2^n, the same for the same source."""
    waits = []
    for seed in (1, 1, 2):
        one = state(RetryPolicy(max_attempts=9, base_s=0.5, longest_s=4.0), seed)
        waits.append([one.failed(ServerError("x"), attempt, 0.0).retry_at or 0.0 for attempt in range(1, 8)])
    assert waits[0] == waits[1] != waits[2]
    for wait, whole in zip(waits[0], (0.5, 1, 2, 4, 4, 4, 4), strict=True):
        assert whole / 2 <= wait <= whole


def test_retry_after_replaces_the_backoff() -> None:
    """The endpoint knows better."""
    assert state().failed(RateLimitedError("x", retry_after=17.0), 1, 100.0).retry_at == 117.0


def test_the_budget_of_attempts_ends_a_call() -> None:
    """The reason names the number."""
    decision = state(RetryPolicy(max_attempts=3)).failed(ServerError("x"), 3, 0.0)
    assert decision.retry_at is None
    assert "3 attempts" in decision.reason


def test_the_budget_of_time_counts_from_the_first_failure() -> None:
    """A wait that would end after it is not begun."""
    one = state(RetryPolicy(max_time_s=10.0))
    assert one.failed(RateLimitedError("x", retry_after=8.0), 1, 50.0).retry_at == 58.0
    assert one.failed(RateLimitedError("x", retry_after=8.0), 2, 58.0).retry_at is None


def test_a_policy_that_cannot_be_is_refused() -> None:
    """No attempts at all is a mistake, not a policy."""
    with pytest.raises(ConfigurationError, match="max_attempts"):
        RetryPolicy(max_attempts=0)
