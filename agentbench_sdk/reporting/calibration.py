"""How far a judge can be trusted: its scores beside labels of people, and what the score is without its errors."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from agentbench_sdk.errors import ConfigurationError

if TYPE_CHECKING:
    from agentbench_sdk.judging import Scale, Score
    from agentbench_sdk.runs.labels import Labels
    from agentbench_sdk.runs.records import JudgeInfo, Manifest, SampleRecord
    from agentbench_sdk.statistics import Agreement, BiasTest, Corrected

_FEW_LEVELS = 12  # more different values than that make no table


class Judged(Protocol):
    """A run, as far as it is needed."""

    @property
    def manifest(self) -> Manifest: ...

    def records(self) -> Iterable[SampleRecord]: ...


@dataclass(frozen=True, slots=True)
class Calibration:
    """A judge beside people.

    Attributes:
        judge: its id.
        scored: attempts of all runs that it scored; `labelled` of them have a label.
        unknown: labels of attempts that no run holds, or that have no score.
        agreement: of judge and people, beyond chance.
        people: of the raters with each other, where there are several.
        members: of a panel's members with each other.
        panel_size: how many independent judges a panel is worth, and how many it has.
        confusion: (people's label, judge's value, how often), for few different values.
        corrected: the mean of the first run without the judge's errors, prediction-powered.
        rate: its rate after Rogan and Gladen, where judge and people say yes or no.
        biases: tests of what should not count.
    """

    judge: str
    scale: Scale
    scored: int
    labelled: int
    unknown: int
    agreement: Agreement
    people: Agreement | None
    members: Agreement | None
    panel_size: tuple[float, int] | None
    confusion: tuple[tuple[float, float, int], ...]
    corrected: Corrected
    rate: Corrected | None
    biases: tuple[BiasTest, ...]

    def to_dict(self) -> dict[str, Any]:
        return {
            "judge": self.judge,
            "scored": self.scored,
            "labelled": self.labelled,
            "unknown": self.unknown,
            "agreement": self.agreement.to_dict(),
            "people": self.people.to_dict() if self.people else None,
            "members": self.members.to_dict() if self.members else None,
            "panel_size": list(self.panel_size) if self.panel_size else None,
            "confusion": [list(each) for each in self.confusion],
            "corrected": self.corrected.to_dict(),
            "rate": self.rate.to_dict() if self.rate else None,
            "biases": [each.to_dict() for each in self.biases],
        }


@dataclass(frozen=True, slots=True)
class _Row:
    """One scored attempt; `own` tells whether it is of the judge model's family, None where neither is known."""

    value: float
    truth: float | None
    cluster: str
    length: int
    own: bool | None
    evidence: Mapping[str, Any]

    @property
    def error(self) -> float:
        assert self.truth is not None
        return self.value - self.truth


def calibrate(runs: Sequence[Judged], labels: Labels, judge: str | None = None) -> Calibration:
    """Compare a judge's scores with labels.

    Arguments:
        runs: judged by the same judge; the first is the one whose mean is corrected.
        labels: what people say of some attempts; these should have been drawn at random.
        judge: id of the judge; the primary one of the first run when left out.

    Raises:
        ConfigurationError: a run has no such judge, or fewer than two scored attempts of the first are labelled.
    """
    chosen = judge_of(runs[0].manifest, judge)
    by_run = [_rows(run, judge_of(run.manifest, chosen.id), labels) for run in runs]
    rows = [row for own in by_run for row in own]
    known = [row for row in rows if row.truth is not None]
    first = [row for row in by_run[0] if row.truth is not None]
    if len(first) < 2:
        raise ConfigurationError(
            f"{len(first)} of {len(by_run[0])} attempts that {chosen.id} scored have a label; two are needed"
        )
    pairs = [(row.truth, row.value) for row in known if row.truth is not None]
    members, size = _panel(rows)
    return Calibration(
        chosen.id,
        chosen.scale,
        len(rows),
        len(known),
        max(0, len(labels.by_case) - len(known)),
        _agreement(pairs, [row.cluster for row in known]),
        _people(labels),
        members,
        size,
        _confusion(pairs),
        _corrected(by_run[0], chosen.scale),
        _rate(by_run[0], chosen.scale),
        _biases(rows, known),
    )


def judge_of(manifest: Manifest, judge: str | None) -> JudgeInfo:
    """The judge that is meant.

    Raises:
        ConfigurationError: there is none of that id.
    """
    known = {each.id: each for each in manifest.judges}
    chosen = next(iter(known.values()), None) if judge is None else known.get(judge)
    if chosen is None:
        raise ConfigurationError(f"the run has no judge {judge!r}; it has {', '.join(known) or 'none'}")
    return chosen


def _rows(run: Judged, judge: JudgeInfo, labels: Labels) -> list[_Row]:
    from agentbench_sdk.models.family import families

    own, rows = families(run.manifest.model), []
    for record in run.records():
        score: Score | None = record.scores.get(judge.id)
        if score is None or score.value is None:
            continue
        asked = families(str(score.evidence.get("judge_model", "")))
        rows.append(
            _Row(
                score.value,
                labels.truth(record.sample_id, record.epoch, run.manifest.model),
                record.cluster or record.sample_id,
                len(record.answer),
                bool(own & asked) if own and asked else None,
                score.evidence,
            )
        )
    return rows


def _agreement(pairs: Sequence[tuple[float, float]], clusters: Sequence[str]) -> Agreement:
    """Kappa for few levels, weighted when they are more than two; alpha for what is measured."""
    from agentbench_sdk.statistics import cohen_kappa, krippendorff_alpha

    levels = {value for pair in pairs for value in pair}
    if len(levels) > _FEW_LEVELS:
        return krippendorff_alpha(pairs, metric="interval", clusters=clusters)
    people, judge = zip(*pairs, strict=True)
    return cohen_kappa(people, judge, weights="quadratic" if len(levels) > 2 else "none", clusters=clusters)


def _people(labels: Labels) -> Agreement | None:
    raters = labels.raters
    return _alpha([[given.get(rater) for rater in raters] for given in labels.by_case.values()])


def _alpha(table: Sequence[Sequence[float | None]]) -> Agreement | None:
    """Krippendorff's alpha of numbers; None where nobody says anything of the same case."""
    from agentbench_sdk.statistics import krippendorff_alpha

    if not any(sum(each is not None for each in case) > 1 for case in table):
        return None
    return krippendorff_alpha(table, metric="interval")


def _panel(rows: Sequence[_Row]) -> tuple[Agreement | None, tuple[float, int] | None]:
    """What the members of a panel say of each other's cases, and how many of them count."""
    from agentbench_sdk.statistics import effective_panel_size

    said = [(_votes(row.evidence), row.truth) for row in rows]
    seats = list(dict.fromkeys(seat for votes, _ in said for seat in votes))
    if len(seats) < 2:
        return None, None
    agreement = _alpha([[votes.get(seat) for seat in seats] for votes, _ in said])
    full = [
        [votes[seat] - truth for seat in seats]
        for votes, truth in said
        if truth is not None and len(votes) == len(seats)
    ]
    return agreement, (effective_panel_size(full), len(seats)) if len(full) > 1 else None


def _votes(evidence: Mapping[str, Any]) -> dict[tuple[str, int], float]:
    """The votes in a panel's evidence, by member and repeat."""
    ballots = [each for each in evidence.get("votes") or () if isinstance(each, Mapping)]
    return {
        (str(each.get("judge")), int(each.get("repeat") or 0)): float(each["value"])
        for each in ballots
        if each.get("value") is not None
    }


def _confusion(pairs: Sequence[tuple[float, float]]) -> tuple[tuple[float, float, int], ...]:
    counts = Counter(pairs)
    if len({value for pair in counts for value in pair}) > _FEW_LEVELS:
        return ()
    return tuple((truth, value, times) for (truth, value), times in sorted(counts.items()))


def _corrected(rows: Sequence[_Row], scale: Scale) -> Corrected:
    from agentbench_sdk.statistics import prediction_powered

    labels = [math.nan if row.truth is None else row.truth for row in rows]
    return prediction_powered([row.value for row in rows], labels, [row.cluster for row in rows], scale)


def _rate(rows: Sequence[_Row], scale: Scale) -> Corrected | None:
    """Where judge and people say yes or no, and people have said both."""
    from agentbench_sdk.statistics import rogan_gladen

    values = {row.value for row in rows} | {row.truth for row in rows if row.truth is not None}
    if not values <= {scale.low, scale.high} or scale.high is None:
        return None
    yes = [row for row in rows if row.truth == scale.high]
    no = [row for row in rows if row.truth is not None and row.truth != scale.high]
    if not (yes and no):
        return None
    return rogan_gladen(
        sum(row.value == scale.high for row in rows),
        len(rows),
        hits=sum(row.value == scale.high for row in yes),
        positives=len(yes),
        rejections=sum(row.value != scale.high for row in no),
        negatives=len(no),
    )


def _biases(rows: Sequence[_Row], known: Sequence[_Row]) -> tuple[BiasTest, ...]:
    from agentbench_sdk.statistics import length_bias, position_bias, self_preference

    found = [length_bias([row.error for row in known], [row.length for row in known])]
    flips = [place for row in rows if (place := _flipped_to(row.evidence))]
    if any("flipped" in row.evidence for row in rows):
        found.append(position_bias(flips.count("first"), flips.count("second")))
    own = [row.error for row in known if row.own is True]
    others = [row.error for row in known if row.own is False]
    if own and others:
        found.append(self_preference(own, others))
    return tuple(found)


def _flipped_to(evidence: Mapping[str, Any]) -> str:
    """The place that won in both orders of a pairwise verdict; "" where the verdict did not flip."""
    orders = evidence.get("orders")
    if not evidence.get("flipped") or not isinstance(orders, Sequence):
        return ""
    won = {str(each["answer_is"]) for each in orders if each["result"] == "win"}
    return "first" if "first" in won else "second"
