"""Columns of numbers, one row an attempt: what a summary keeps of 100,000 records instead of the records."""

from __future__ import annotations

import math
from array import array
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from agentbench_sdk.judging import Scale
    from agentbench_sdk.statistics import Estimate


def number(value: object) -> float | None:
    """A finite float, or None for anything that is none: text, null, nan, an integer beyond a float."""
    if not isinstance(value, int | float):
        return None
    try:
        plain = float(value)
    except OverflowError:
        return None
    return plain if math.isfinite(plain) else None


def label_code(label: str) -> int:
    """64 bits of a hash: in 100,000 labels two collide with a chance of 3 in ten thousand million."""
    return int.from_bytes(blake2b(label.encode(errors="surrogatepass"), digest_size=8).digest())


@dataclass(slots=True)
class Rows:
    """What each row is: its sample, and the cluster that its values hang together with.

    A cluster is the sample's own one, or the sample itself: epochs of a sample are never independent.
    """

    samples: array[int] = field(default_factory=lambda: array("Q"))
    clusters: array[int] = field(default_factory=lambda: array("Q"))

    def __len__(self) -> int:
        return len(self.samples)

    def add(self, sample_id: str, cluster: str) -> None:
        self.samples.append(label_code("sample:" + sample_id))
        self.clusters.append(label_code("cluster:" + cluster) if cluster else self.samples[-1])


@dataclass(slots=True)
class Column:
    """Numbers by row; nan where a row has none. Rows that were never set are filled up when needed."""

    cells: array[float] = field(default_factory=lambda: array("d"))

    def put(self, row: int, value: float) -> None:
        """Set the value of a row not below any that was set before."""
        self.cells.extend([math.nan] * (row - len(self.cells)))
        self.cells.append(value)

    def filled(self, rows: Rows) -> Filled:
        """The rows that have a value, sorted by cluster and value.

        The sorting makes sums, and so every digit of a report, the same in whatever order attempts ended.
        """
        import numpy as np

        cells = np.frombuffer(self.cells, dtype=np.float64) if self.cells else np.zeros(0)
        present = np.flatnonzero(~np.isnan(cells))
        clusters = _codes(rows.clusters)[present]
        order = present[np.lexsort((cells[present], clusters))]
        return Filled(cells[order], _codes(rows.clusters)[order], _codes(rows.samples)[order], order)


@dataclass(frozen=True, slots=True)
class Filled:
    """Values with the clusters, samples and rows they belong to; arrays of one length."""

    values: NDArray[np.float64]
    clusters: NDArray[np.uint64]
    samples: NDArray[np.uint64]
    rows: NDArray[np.intp]

    def __len__(self) -> int:
        return len(self.values)

    def where(self, chosen: NDArray[np.bool_]) -> Filled:
        """The values at which `chosen`, an array of the same length, is true."""
        return Filled(self.values[chosen], self.clusters[chosen], self.samples[chosen], self.rows[chosen])

    def estimate(self, scale: Scale) -> Estimate:
        from agentbench_sdk.statistics import estimate_mean

        return estimate_mean(self.values, self.clusters, scale)

    @property
    def has_repeats(self) -> bool:
        """Whether the variance between epochs can be told from that between samples."""
        import numpy as np

        sizes = np.unique(self.samples, return_counts=True)[1]
        return len(sizes) > 1 and int(sizes.max()) > 1


def _codes(codes: array[int]) -> Any:
    import numpy as np

    return np.frombuffer(codes, dtype=np.uint64) if codes else np.zeros(0, dtype=np.uint64)
