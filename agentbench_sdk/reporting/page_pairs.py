"""Which samples each of two compared runs does better, as the HTML report's rows and links name them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from agentbench_sdk.reporting.beside import SideBySide
    from agentbench_sdk.reporting.comparison import Pair


class PairName(NamedTuple):
    """Two runs that are compared, by their letters in the page.

    Attributes:
        place: of the pair in the page.
    """

    place: int
    first: str
    second: str


class PairOutcomes:
    """Outcomes of all pairs of all comparisons, sample by sample."""

    def __init__(self, found: SideBySide) -> None:
        letters = {member.run.manifest.run_id: member.letter for member in found.members}
        self.names: list[PairName] = []
        self._tasks: list[int] = []
        self._outcomes: list[dict[str, str]] = []
        self._places: dict[int, PairName] = {}
        for number, task in enumerate(found.tasks):
            for comparison in task.comparisons:
                for pair in comparison.pairs:
                    first = letters[pair.first.run_id]
                    name = PairName(len(self.names), first, letters[pair.second.run_id])
                    self.names.append(name)
                    self._tasks.append(number)
                    self._outcomes.append(_outcomes(pair))
                    self._places[id(pair)] = name

    def name(self, pair: Pair) -> PairName:
        """The letters of a pair."""
        return self._places[id(pair)]

    def choices(self) -> Iterator[tuple[str, str]]:
        """What rows can be filtered by: a text and its value."""
        for place, first, second in self.names:
            yield f"{second} better than {first}", f"{place}w"
            yield f"{first} better than {second}", f"{place}l"
            yield f"{first} and {second} equal", f"{place}t"

    def of(self, task: int, sample: str) -> str:
        """For each pair "w" where its second run is better, "l" where it is worse, "t" for a tie, else a blank."""
        return "".join(
            outcomes.get(sample, " ") if number == task else " "
            for number, outcomes in zip(self._tasks, self._outcomes, strict=True)
        )


def _outcomes(pair: Pair) -> dict[str, str]:
    kinds = (("w", pair.wins), ("l", pair.losses), ("t", pair.ties))
    return {sample: letter for letter, samples in kinds for sample in samples}
