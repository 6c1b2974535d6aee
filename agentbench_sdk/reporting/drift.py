"""How often worlds that are not deterministic said something else than recorded, over a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class DriftSummary:
    """What now came out otherwise, while the sessions went on with what was recorded.

    Attributes:
        attempts: in which something did.
        results: how often in all.
        example_sample, example_epoch: the first of these attempts.
    """

    attempts: int
    results: int
    example_sample: str
    example_epoch: int

    @classmethod
    def from_note(cls, note: Sequence[tuple[str, int, int]] | None) -> DriftSummary | None:
        """Read what a run file holds: sample, epoch and number of results; None where nothing drifted."""
        if not note:
            return None
        sample, epoch, _ = min(note)
        return cls(len(note), sum(each[2] for each in note), sample, epoch)

    def to_dict(self) -> dict[str, Any]:
        return {
            "attempts": self.attempts,
            "results": self.results,
            "example_sample": self.example_sample,
            "example_epoch": self.example_epoch,
        }
