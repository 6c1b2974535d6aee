"""Which models are worth their price: those that no other beats in score without costing more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

Offer = tuple[float, float]  # cost and mean score


def beaten_by(offers: Sequence[Offer], better: Literal["higher", "lower"] = "higher") -> list[int | None]:
    """For each offer the place of one that beats it; None for those on the efficient frontier.

    An offer beats another when it is no worse in cost and score, and better in one of them (Pareto dominance).
    Of several the best score is named, then the lowest cost.

    >>> beaten_by([(1.0, 0.5), (2.0, 0.4), (2.0, 0.9)])
    [None, 2, None]
    """
    sign = 1 if better == "higher" else -1
    signed = [(cost, sign * score) for cost, score in offers]
    found: list[int | None] = []
    for cost, score in signed:
        beating = [
            place
            for place, (other, gained) in enumerate(signed)
            if other <= cost and gained >= score and (other, gained) != (cost, score)
        ]
        found.append(max(beating, key=lambda place: (signed[place][1], -signed[place][0]), default=None))
    return found
