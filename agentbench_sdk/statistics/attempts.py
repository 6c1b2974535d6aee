"""Success in k attempts: at least one (pass@k), or all of them (pass^k)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.statistics.clusters import FloatArray, Labels
from agentbench_sdk.statistics.estimate import Estimate, estimate_mean


def pass_at_k(attempts: ArrayLike, successes: ArrayLike, k: int) -> FloatArray:
    """Chance that at least one of k attempts succeeds, unbiased, for each sample: 1 - C(n-c, k)/C(n, k).

    Chen et al. 2021, arXiv:2107.03374, equation 1. The plug-in 1 - (1 - c/n)^k would be too low.

    Arguments:
        attempts: n of each sample, shape (samples,) or one number.
        successes: c of each sample, 0 ≤ c ≤ n.
        k: attempts allowed, 1 ≤ k ≤ n.

    Raises:
        ConfigurationError: a count is out of range.

    >>> pass_at_k(4, [0, 1, 4], 2).round(3).tolist()
    [0.0, 0.5, 1.0]
    """
    n, c = _counts(attempts, successes, k)
    return 1.0 - _all_drawn_from(n - c, n, k)


def pass_hat_k(attempts: ArrayLike, successes: ArrayLike, k: int) -> FloatArray:
    """Chance that all of k attempts succeed (pass^k), unbiased, for each sample: C(c, k)/C(n, k).

    Yao et al. 2024, arXiv:2406.12045, section 3. Arguments and errors as for `pass_at_k`.

    >>> pass_hat_k(4, [0, 2, 4], 2).round(3).tolist()
    [0.0, 0.167, 1.0]
    """
    n, c = _counts(attempts, successes, k)
    return _all_drawn_from(c, n, k)


def estimate_pass(
    formula: Callable[[ArrayLike, ArrayLike, int], FloatArray],
    attempts: ArrayLike,
    successes: ArrayLike,
    k: int,
    clusters: Labels | None = None,
    level: float = 0.95,
) -> Estimate:
    """Mean of `pass_at_k` or `pass_hat_k` over samples, with its interval; a sample is one value.

    Arguments:
        formula: `pass_at_k` or `pass_hat_k`.
        attempts: n of each sample.
        successes: c of each sample.
        k: attempts allowed.
        clusters: a label for each sample, when samples share something.
        level: nominal coverage.

    >>> estimate_pass(pass_at_k, [4, 4, 4, 4], [0, 4, 2, 4], k=4).mean
    0.75
    """
    return estimate_mean(formula(attempts, successes, k), clusters, level=level)


def _counts(attempts: ArrayLike, successes: ArrayLike, k: int) -> tuple[FloatArray, FloatArray]:
    n, c = np.broadcast_arrays(
        np.atleast_1d(np.asarray(attempts, dtype=np.float64)), np.asarray(successes, dtype=np.float64)
    )
    if not (k >= 1 and (n >= k).all() and (c >= 0).all() and (c <= n).all()):
        raise ConfigurationError(f"pass@k and pass^k need 1 <= k <= attempts and 0 <= successes; k is {k}")
    return n, c


def _all_drawn_from(some: FloatArray, n: FloatArray, k: int) -> FloatArray:
    """C(some, k)/C(n, k) as the product of (some-i)/(n-i), which neither overflows nor loses digits."""
    steps = np.arange(k, dtype=np.float64)
    factors = np.clip(some[..., None] - steps, 0.0, None) / (n[..., None] - steps)
    product: FloatArray = np.prod(factors, axis=-1)
    return product
