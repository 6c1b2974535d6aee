"""Figures of a whole task that are no mean of its samples' scores: BLEU, a word error rate, an F1.

A judge says by `corpus` which figures are made of its evidence, as names with options:

    @judge(corpus=({"name": "ratio", "over": "errors", "under": "words"},))

The names are registered as entry points `agentbench.metrics`. They go into the run file's manifest, so that
a report is made of the file alone. All figures are functions of sums over attempts, so that what is resampled
for their intervals are sums too; whole clusters at a time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from agentbench_sdk.canonical import JSON
    from agentbench_sdk.judging.base import Scale, Score


@runtime_checkable
class CorpusMetric(Protocol):
    """Figures of a task.

    Attributes:
        figures: name and scale of each, in the order of the columns that `values` gives.
    """

    @property
    def figures(self) -> Sequence[tuple[str, Scale]]: ...

    def keep(self, score: Score, target: JSON, metadata: Mapping[str, Any]) -> Any | None:
        """What is needed of an attempt that has a score, as little as possible; None leaves it out."""
        ...

    def rows(self, kept: Sequence[Any]) -> NDArray[np.float64]:
        """Shape (attempts, columns): what is summed up. Called once, with all that was kept."""
        ...

    def values(self, sums: NDArray[np.float64]) -> NDArray[np.float64]:
        """The figures, shape (n, figures), of n sums of rows, shape (n, columns); nan where undefined."""
        ...
