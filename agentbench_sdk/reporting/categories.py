"""Scores by category: what a sample's metadata says that it belongs to."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from agentbench_sdk.reporting.plain import natural_key

if TYPE_CHECKING:
    from agentbench_sdk.judging import Scale
    from agentbench_sdk.reporting.columns import Filled
    from agentbench_sdk.runs.records import SampleRecord
    from agentbench_sdk.statistics import Estimate

GROUPS = ("category", "family")  # keys of a sample's metadata that sort samples, the first one found


def category_of(record: SampleRecord) -> str:
    """The category of a sample; empty where its metadata names none."""
    return next((str(record.metadata[key]) for key in GROUPS if record.metadata.get(key) is not None), "")


@dataclass(frozen=True, slots=True)
class CategorySummary:
    """What a judge says of the samples of one category.

    Attributes:
        name: the category; empty for samples that name none.
        estimate: mean of the scores there are, with its interval, not adjusted for the number of categories.
        without_score: attempts of the category that have none.
    """

    name: str
    estimate: Estimate
    without_score: int

    def to_dict(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "estimate": self.estimate.to_dict(),
            "without_score": self.without_score,
        }


@dataclass(slots=True)
class CategoryRows:
    """The category of each row, as a number that stands for its name."""

    numbers: dict[str, int] = field(default_factory=dict)
    rows: array[int] = field(default_factory=lambda: array("q"))

    def add(self, record: SampleRecord) -> None:
        self.rows.append(self.numbers.setdefault(category_of(record), len(self.numbers)))

    def summaries(self, scores: Filled, scale: Scale, samples: int) -> Iterator[CategorySummary]:
        """Each category by its name.

        Nothing where categories sort nothing: there is only one, or as many as samples.

        Arguments:
            scores: those of one judge.
            scale: of that judge.
            samples: distinct samples among the rows.
        """
        if not 1 < len(self.numbers) < samples:
            return
        import numpy as np

        categories = np.frombuffer(self.rows, dtype=np.int64)
        attempts = np.bincount(categories, minlength=len(self.numbers))
        scored = categories[scores.rows]
        for name in sorted(self.numbers, key=natural_key):
            number = self.numbers[name]
            found = scores.where(scored == number)
            yield CategorySummary(name, found.estimate(scale), int(attempts[number]) - len(found))
