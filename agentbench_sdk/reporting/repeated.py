"""What several attempts at a sample give: pass@k and pass^k over the samples of a run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from agentbench_sdk.reporting.columns import Filled
    from agentbench_sdk.statistics import Estimate


@dataclass(frozen=True, slots=True)
class PassOfK:
    """What to expect of k attempts at a sample, over the samples that have any verdict.

    Attributes:
        at_least_one: chance that one of them passes (pass@k).
        each: chance that all of them pass (pass^k).
    """

    k: int
    at_least_one: Estimate
    each: Estimate

    def to_dict(self) -> dict[str, Any]:
        return {"k": self.k, "pass_at_k": self.at_least_one.to_dict(), "pass_hat_k": self.each.to_dict()}


@dataclass(frozen=True, slots=True)
class Repeated:
    """Verdicts by sample: how many there are, and how many of them passes."""

    attempts: Any
    passes: Any
    clusters: Any

    @classmethod
    def of(cls, verdicts: Filled) -> Repeated:
        import numpy as np

        _, first, codes, counts = np.unique(
            verdicts.samples, return_index=True, return_inverse=True, return_counts=True
        )
        passes = np.bincount(codes.reshape(-1), weights=verdicts.values)
        return cls(counts, passes, verdicts.clusters[first])

    def passing(self, k: int) -> PassOfK | None:
        """pass@k and pass^k over the samples with at least k verdicts; clusters go along."""
        from agentbench_sdk.statistics import estimate_pass, pass_at_k, pass_hat_k

        full = self.attempts >= k
        if not full.any():
            return None
        known = (self.attempts[full], self.passes[full], k, self.clusters[full])
        return PassOfK(k, estimate_pass(pass_at_k, *known), estimate_pass(pass_hat_k, *known))

    def curve(self) -> tuple[PassOfK, ...]:
        """Every k that all samples have verdicts for."""
        most = int(self.attempts.min())
        ks = range(1, most + 1) if most > 1 else ()
        return tuple(found for k in ks if (found := self.passing(k)) is not None)
