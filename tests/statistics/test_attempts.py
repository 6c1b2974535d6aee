"""pass@k and pass^k against counting all draws, and against the truth in the long run."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.statistics import estimate_pass, pass_at_k, pass_hat_k


@pytest.mark.parametrize("n", [1, 2, 5, 6])
def test_both_count_the_draws_of_k_attempts(n: int) -> None:
    for successes in range(n + 1):
        results = [True] * successes + [False] * (n - successes)
        for k in range(1, n + 1):
            draws = list(combinations(results, k))
            assert pass_at_k(n, successes, k)[0] == pytest.approx(np.mean([any(each) for each in draws]))
            assert pass_hat_k(n, successes, k)[0] == pytest.approx(np.mean([all(each) for each in draws]))


def test_both_are_unbiased() -> None:
    successes = np.random.default_rng(1).binomial(8, 0.3, 40_000)
    assert pass_at_k(8, successes, 3).mean() == pytest.approx(1 - 0.7**3, abs=0.005)
    assert pass_hat_k(8, successes, 3).mean() == pytest.approx(0.3**3, abs=0.002)


def test_large_counts_neither_overflow_nor_lose_digits() -> None:
    assert pass_at_k(10_000, 5_000, 1)[0] == pytest.approx(0.5, abs=1e-12)
    assert pass_at_k(10_000, 1, 10_000)[0] == 1.0


def test_the_mean_over_samples_has_an_interval() -> None:
    found = estimate_pass(pass_at_k, [4] * 20, [0] * 5 + [2] * 15, k=2)
    assert found.mean == pytest.approx(0.75 * (1 - 1 / 6))
    assert found.interval is not None
    assert found.mean is not None
    assert found.mean in found.interval
    assert estimate_pass(pass_hat_k, [2, 2], [2, 0], 2, clusters=["a", "a"]).interval is None


@pytest.mark.parametrize(("n", "c", "k"), [(4, 5, 1), (4, -1, 1), (4, 2, 0), (4, 2, 5)])
def test_counts_out_of_range_are_refused(n: int, c: int, k: int) -> None:
    with pytest.raises(ConfigurationError, match="pass@k"):
        pass_at_k(n, c, k)
