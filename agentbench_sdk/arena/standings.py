"""What an arena comes to: ranking, win matrix, what the judge leans on, and what has no verdict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agentbench_sdk.arena.battle import Battle
from agentbench_sdk.arena.contestants import named
from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.reporting.plain import plain

if TYPE_CHECKING:
    from agentbench_sdk.arena.arena import Arena
    from agentbench_sdk.statistics import BiasTest, Estimate, Ranking
    from agentbench_sdk.statistics.ranking import Ties


@dataclass(frozen=True, slots=True)
class Record:
    """One contestant's battles.

    Attributes:
        undecided: battles without a verdict, which are in none of the other counts.
        length: mean length of its answers in decided battles, in characters; None without any.
    """

    name: str
    model: str
    run_id: str
    wins: int
    ties: int
    losses: int
    undecided: int
    length: float | None

    def to_dict(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "model": self.model,
            "run_id": self.run_id,
            "wins": self.wins,
            "ties": self.ties,
            "losses": self.losses,
            "undecided": self.undecided,
            "mean_characters": self.length,
        }


@dataclass(frozen=True, slots=True)
class Meeting:
    """Two contestants' battles; `estimate` is the first's share of points, a tie being half a point."""

    first: str
    second: str
    wins: int
    ties: int
    losses: int
    undecided: int
    estimate: Estimate

    def to_dict(self) -> dict[str, Any]:
        return {
            "first": self.first,
            "second": self.second,
            "wins": self.wins,
            "ties": self.ties,
            "losses": self.losses,
            "undecided": self.undecided,
            "points": self.estimate.to_dict(),
        }


@dataclass(frozen=True, slots=True)
class Standings:
    """The outcome of an arena.

    Attributes:
        file: the file of its battles.
        judge: id of what decided; `judge_model` is its model, None where nobody was asked or it names its own.
        records: the contestants, in the order given.
        meetings: the win matrix, one entry for each pair that met.
        ranking: None where no battle was decided, or models never met; `ranking_note` then says why.
        controlled: the ranking by battles as if both answers had been of one length; None together with
            `control_note`.
        first_place: share of verdicts, ties left out, that went to the answer shown first; None where the order
            is not known. One half, if each battle is judged in both orders and the judge does not mind.
        flips: of battles whose verdict turned with the order: how many went to the first place.
        decided, undecided: battles with and without a verdict; `not_run` were planned and not begun, and
            `unanswered` could not be, because a session had failed.
        reasons: why battles have no verdict, with how many, the most frequent first.
        warnings, remarks: what a reader has to know of the judge, and what differs between the runs.
    """

    file: str
    task: str
    status: str
    judge: str
    judge_model: str | None
    baseline: str | None
    level: float
    records: tuple[Record, ...]
    meetings: tuple[Meeting, ...]
    ranking: Ranking | None
    ranking_note: str
    controlled: Ranking | None
    control_note: str
    first_place: Estimate | None
    flips: BiasTest | None
    decided: int
    undecided: int
    not_run: int
    unanswered: int
    reasons: tuple[tuple[str, int], ...]
    warnings: tuple[str, ...]
    remarks: tuple[str, ...]

    def __str__(self) -> str:
        from agentbench_sdk.reporting.arena import render_standings

        return render_standings(self)

    def to_dict(self) -> dict[str, Any]:
        found: dict[str, Any] = plain(
            {
                "file": self.file,
                "task": self.task,
                "status": self.status,
                "judge": self.judge,
                "judge_model": self.judge_model,
                "baseline": self.baseline,
                "level": self.level,
                "contestants": [each.to_dict() for each in self.records],
                "ranking": self.ranking.to_dict() if self.ranking else None,
                "ranking_note": self.ranking_note,
                "length_controlled": self.controlled.to_dict() if self.controlled else None,
                "length_control_note": self.control_note,
                "win_matrix": [each.to_dict() for each in self.meetings],
                "first_place": self.first_place.to_dict() if self.first_place else None,
                "flips": self.flips.to_dict() if self.flips else None,
                "decided": self.decided,
                "undecided": self.undecided,
                "not_run": self.not_run,
                "unanswered": self.unanswered,
                "reasons": [{"reason": reason, "battles": count} for reason, count in self.reasons],
                "warnings": list(self.warnings),
                "remarks": list(self.remarks),
            }
        )
        return found


def standings_of(
    arena: Arena, *, baseline: str | None, length_control: bool, ties: Ties, seed: int, level: float
) -> Standings:
    """Read an arena once and rank its contestants; see `Arena.summary`."""
    info, manifest = arena.info, arena.run.manifest
    held = named(info.contestants, baseline) if baseline is not None else info.baseline
    battles = list(arena.battles())
    decided = [each for each in battles if each.score is not None]
    ranking, why = _ranked(decided, held, ties, seed, level)
    controlled, why_not = None, "not asked for"
    if length_control:
        controlled, why_not = _ranked(decided, held, ties, seed, level, by_length=True)
    return Standings(
        file=str(arena.path),
        task=manifest.task.removeprefix("arena of "),
        status=arena.status,
        judge=manifest.judges[0].id,
        judge_model=manifest.judge_model,
        baseline=held,
        level=level,
        records=tuple(_record(each.name, each.model, each.run_id, battles) for each in info.contestants),
        meetings=_meetings(battles, level),
        ranking=ranking,
        ranking_note=why,
        controlled=controlled,
        control_note=why_not,
        first_place=_first_place(decided, level),
        flips=_flips(decided, level),
        decided=len(decided),
        undecided=len(battles) - len(decided),
        not_run=max(0, manifest.samples - len(battles)),
        unanswered=info.unanswered,
        reasons=tuple(Counter(each.why for each in battles if each.score is None).most_common()),
        warnings=tuple(manifest.warnings),
        remarks=tuple(info.remarks),
    )


def _ranked(
    battles: Sequence[Battle],
    baseline: str | None,
    ties: Ties,
    seed: int,
    level: float,
    *,
    by_length: bool = False,
) -> tuple[Ranking | None, str]:
    """A ranking, or why there is none."""
    from agentbench_sdk.statistics import bradley_terry

    if not battles:
        return None, "no battle was decided"
    try:
        return (
            bradley_terry(
                [each.first for each in battles],
                [each.second for each in battles],
                [each.score or 0.0 for each in battles],
                [each.cluster for each in battles],
                control=[each.longer for each in battles] if by_length else None,
                ties=ties,
                anchor=baseline,
                seed=seed,
                level=level,
            ),
            "",
        )
    except ConfigurationError as error:
        return None, str(error)


def _record(name: str, model: str, run_id: str, battles: Iterable[Battle]) -> Record:
    results: Counter[float | None] = Counter()
    lengths = []
    for each in battles:
        if name in (each.first, each.second):
            own = each.score if name == each.first or each.score is None else 1 - each.score
            results[own] += 1
            if own is not None:
                lengths.append(each.lengths[name != each.first])
    length = sum(lengths) / len(lengths) if lengths else None
    return Record(name, model, run_id, results[1.0], results[0.5], results[0.0], results[None], length)


def _meetings(battles: Iterable[Battle], level: float) -> tuple[Meeting, ...]:
    by_pair: dict[tuple[str, str], list[Battle]] = {}
    for each in battles:
        by_pair.setdefault((each.first, each.second), []).append(each)
    return tuple(_meeting(*pair, met, level) for pair, met in by_pair.items())


def _meeting(first: str, second: str, battles: Sequence[Battle], level: float) -> Meeting:
    from agentbench_sdk.statistics import estimate_mean

    results = Counter(each.score for each in battles)
    decided = [(each.score, each.cluster) for each in battles if each.score is not None]
    estimate = estimate_mean(
        [score for score, _ in decided], [cluster for _, cluster in decided], level=level
    )
    return Meeting(first, second, results[1.0], results[0.5], results[0.0], results[None], estimate)


def _first_place(battles: Iterable[Battle], level: float) -> Estimate | None:
    """Share of verdicts for whatever was shown first."""
    from agentbench_sdk.statistics import estimate_mean

    shown = [
        (float(showing.place == "first"), each.cluster)
        for each in battles
        for showing in each.showings
        if showing.place != "tie"
    ]
    if not shown:
        return None
    return estimate_mean([value for value, _ in shown], [cluster for _, cluster in shown], level=level)


def _flips(battles: Iterable[Battle], level: float) -> BiasTest | None:
    """Battles judged in both orders whose verdict turned with the order; None where none was judged so."""
    from agentbench_sdk.statistics import position_bias

    both = [each.flipped for each in battles if len(each.showings) == 2]
    if not both:
        return None
    return position_bias(both.count("first"), both.count("second"), level)
