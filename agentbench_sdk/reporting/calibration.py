"""How far a judge can be trusted: its scores beside labels of people, and what the score is without its errors."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agentbench_sdk.errors import ConfigurationError

if TYPE_CHECKING:
    from agentbench_sdk.judging import Scale
    from agentbench_sdk.runs.labels import Labels
    from agentbench_sdk.runs.records import Manifest, SampleRecord
    from agentbench_sdk.statistics import Agreement, BiasTest, Corrected

_FEW_LEVELS = 12  # more different values than that make no table


@dataclass(frozen=True, slots=True)
class Calibration:
    """A judge beside people.

    Attributes:
        judge: its id.
        scored: attempts that it scored; `labelled` of them have a label.
        unknown: labels of attempts that the run does not hold, or that have no score.
        agreement: of judge and people, beyond chance.
        people: of the raters with each other, where there are several.
        confusion: (people's label, judge's value, how often), for few different values.
        corrected: the mean without the judge's errors, prediction-powered.
        rate: the rate after Rogan and Gladen, where judge and people say yes or no.
        biases: tests of what should not count.
    """

    judge: str
    scale: Scale
    scored: int
    labelled: int
    unknown: int
    agreement: Agreement
    people: Agreement | None
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
            "confusion": [list(each) for each in self.confusion],
            "corrected": self.corrected.to_dict(),
            "rate": self.rate.to_dict() if self.rate else None,
            "biases": [each.to_dict() for each in self.biases],
        }


@dataclass(frozen=True, slots=True)
class _Row:
    """One scored attempt."""

    value: float
    truth: float | None
    cluster: str
    length: int


def calibrate(
    manifest: Manifest, records: Iterable[SampleRecord], labels: Labels, judge: str | None = None
) -> Calibration:
    """Compare a judge's scores with labels.

    Arguments:
        manifest: of the run.
        records: its attempts.
        labels: what people say of some of them; these should have been drawn at random.
        judge: id of the judge; the primary one when left out.

    Raises:
        ConfigurationError: the run has no such judge, or fewer than two scored attempts are labelled.
    """
    chosen = judge_of(manifest, judge)
    kept = list(records)
    rows = [
        _Row(score.value, labels.truth(case), each.cluster or each.sample_id, len(each.answer))
        for each in kept
        if (score := each.scores.get(chosen.id)) is not None and score.value is not None
        for case in [(each.sample_id, each.epoch)]
    ]
    pairs = [(row.truth, row.value, row) for row in rows if row.truth is not None]
    if len(pairs) < 2:
        raise ConfigurationError(
            f"{len(pairs)} of {len(rows)} attempts that {chosen.id} scored have a label; two are needed"
        )
    return Calibration(
        chosen.id,
        chosen.scale,
        len(rows),
        len(pairs),
        len(labels.by_case) - len(pairs),
        _agreement([(truth, value) for truth, value, _ in pairs], [row.cluster for *_, row in pairs]),
        _people(labels),
        _confusion([(truth, value) for truth, value, _ in pairs]),
        _corrected(rows, chosen.scale),
        _rate(rows, chosen.scale),
        _biases([row for *_, row in pairs]),
    )


def judge_of(manifest: Manifest, judge: str | None) -> Any:
    """The judge that is meant.

    Raises:
        ConfigurationError: there is none of that id.
    """
    known = {each.id: each for each in manifest.judges}
    chosen = next(iter(known.values()), None) if judge is None else known.get(judge)
    if chosen is None:
        raise ConfigurationError(f"the run has no judge {judge!r}; it has {', '.join(known) or 'none'}")
    return chosen


def _agreement(pairs: Sequence[tuple[float, float]], clusters: Sequence[str]) -> Agreement:
    """Kappa for few levels, weighted when they are more than two; alpha for what is measured."""
    from agentbench_sdk.statistics import cohen_kappa, krippendorff_alpha

    levels = {value for pair in pairs for value in pair}
    if len(levels) > _FEW_LEVELS:
        return krippendorff_alpha(pairs, metric="interval", clusters=clusters)
    people, judge = zip(*pairs, strict=True)
    return cohen_kappa(people, judge, weights="quadratic" if len(levels) > 2 else "none", clusters=clusters)


def _people(labels: Labels) -> Agreement | None:
    from agentbench_sdk.statistics import krippendorff_alpha

    raters = labels.raters
    table = [[given.get(rater) for rater in raters] for given in labels.by_case.values()]
    if not any(sum(each is not None for each in case) > 1 for case in table):
        return None
    return krippendorff_alpha(table, metric="interval")


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


def _biases(rows: Sequence[_Row]) -> tuple[BiasTest, ...]:
    from agentbench_sdk.statistics import length_bias

    errors = [row.value - row.truth for row in rows if row.truth is not None]
    return (length_bias(errors, [row.length for row in rows]),)
