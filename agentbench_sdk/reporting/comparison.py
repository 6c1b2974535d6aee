"""Runs of one task beside each other: is one better, by how much, on which samples, at what cost.

comparison = compare(run_a, run_b)
comparison.pairs[0].difference.estimate.interval
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.reporting.comparable import check_comparable, shared_judge
from agentbench_sdk.reporting.plain import natural_key, plain
from agentbench_sdk.reporting.sides import Attempts, Side, read_side

if TYPE_CHECKING:
    from agentbench_sdk.judging import Scale
    from agentbench_sdk.runs import Run
    from agentbench_sdk.statistics import Bounds, Estimate, PairedDifference

Verdict = Literal["better", "worse", "unknown"]


@dataclass(frozen=True, slots=True)
class McNemar:
    """Samples that one run alone passes, and the exact p."""

    only_first: int
    only_second: int
    p: float

    def to_dict(self) -> dict[str, Any]:
        return {"only_first": self.only_first, "only_second": self.only_second, "p": self.p}


@dataclass(frozen=True, slots=True)
class GroupRow:
    """The samples of one category: means of both runs, and the difference with its interval."""

    name: str
    n: int
    first: float
    second: float
    estimate: Estimate

    def to_dict(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "n": self.n,
            "first": self.first,
            "second": self.second,
            "estimate": self.estimate.to_dict(),
        }


@dataclass(frozen=True, slots=True)
class Pair:
    """One run beside the first, on the samples that both have a score of.

    Attributes:
        second: the run; the first is `Comparison.sides[0]`.
        difference: second less first, each sample the mean over its epochs.
        p_holm: `difference.p` with all pairs of the comparison taken into account; None where p is.
        verdict: of the second run: "better" or "worse" when p_holm is below 1 - level, otherwise "unknown".
        mcnemar: where both runs say yes or no once a sample, samples do not share clusters.
        bounds: of the difference over all samples that both runs hold, if the attempts without a score had
            gone as badly for the second run and as well for the first as can be, or the other way round.
        wins, losses, ties: samples that the second run does better, worse and equally well.
        groups: by `category` or `family` in the samples' metadata; empty where there is none.
        only_first, only_second: samples that one run alone holds; `unscored` are held by both, and one has no
            score of them. All are left out.
        remarks: what differs between the runs besides.
    """

    second: Side
    difference: PairedDifference
    p_holm: float | None
    verdict: Verdict
    mcnemar: McNemar | None
    bounds: Bounds
    wins: tuple[str, ...]
    losses: tuple[str, ...]
    ties: tuple[str, ...]
    groups: tuple[GroupRow, ...]
    only_first: int
    only_second: int
    unscored: int
    remarks: tuple[str, ...]

    @property
    def shared(self) -> int:
        """Samples compared."""
        return self.difference.estimate.n

    def to_dict(self) -> dict[str, Any]:
        return {
            "run": self.second.run,
            "model": self.second.model,
            "shared": self.shared,
            "only_first": self.only_first,
            "only_second": self.only_second,
            "unscored": self.unscored,
            "difference": self.difference.to_dict(),
            "p_holm": self.p_holm,
            "verdict": self.verdict,
            "mcnemar": self.mcnemar.to_dict() if self.mcnemar else None,
            "bounds": self.bounds.to_dict(),
            "wins": list(self.wins),
            "losses": list(self.losses),
            "ties": list(self.ties),
            "groups": [each.to_dict() for each in self.groups],
            "remarks": list(self.remarks),
        }


@dataclass(frozen=True, slots=True)
class Comparison:
    """Several runs of one task; all are compared with the first.

    Attributes:
        judge, scale: by which they are compared.
        level: nominal coverage of the intervals.
        sides: the runs, in the order given.
        pairs: one a run, from the second on.
    """

    task: str
    judge: str
    scale: Scale
    level: float
    sides: tuple[Side, ...]
    pairs: tuple[Pair, ...]

    def __str__(self) -> str:
        from agentbench_sdk.reporting.versus import render_comparison

        return render_comparison(self)

    def to_dict(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = plain(
            {
                "task": self.task,
                "judge": self.judge,
                "unit": self.scale.unit,
                "better": self.scale.better,
                "level": self.level,
                "runs": [each.to_dict() for each in self.sides],
                "pairs": [each.to_dict() for each in self.pairs],
            }
        )
        return cleaned


def compare(run_a: Run, run_b: Run, *more: Run, judge: str | None = None, level: float = 0.95) -> Comparison:
    """Compare runs of one task with the first of them, sample by sample.

    Arguments:
        run_a: what the others are compared with.
        run_b: another run of the same task.
        more: further ones; p values are then adjusted by Holm's method.
        judge: id of the judge by which to compare; the primary one of `run_a` when left out.
        level: nominal coverage of intervals; a verdict is given when p is below 1 - level.

    Raises:
        ConfigurationError: the runs are not comparable, share no judge, or share no scored sample.
    """
    from agentbench_sdk.statistics import holm

    runs = [run_a, run_b, *more]
    remarks = [check_comparable(run_a, each) for each in runs[1:]]
    chosen = shared_judge(runs, judge)
    sides = [read_side(each, chosen.id, chosen.scale) for each in runs]
    pairs = [
        _pair(sides[0], side, chosen.scale, level, said)
        for side, said in zip(sides[1:], remarks, strict=True)
    ]
    known = [p for pair in pairs if (p := pair.difference.p) is not None]
    adjusted = iter(holm(known))
    judged = [
        pair if pair.difference.p is None else _judged(pair, next(adjusted), chosen.scale, level)
        for pair in pairs
    ]
    return Comparison(run_a.manifest.task, chosen.id, chosen.scale, level, tuple(sides), tuple(judged))


def _judged(pair: Pair, p_holm: float, scale: Scale, level: float) -> Pair:
    """The pair with its verdict."""
    mean = pair.difference.estimate.mean or 0.0
    verdict: Verdict = "unknown"
    if p_holm < 1 - level:
        verdict = "better" if (mean > 0) == (scale.better == "higher") else "worse"
    return replace(pair, p_holm=p_holm, verdict=verdict)


def _pair(first: Side, second: Side, scale: Scale, level: float, remarks: Sequence[str]) -> Pair:
    from agentbench_sdk.statistics import paired_difference

    held = sorted(first.samples.keys() & second.samples.keys(), key=natural_key)
    names = [name for name in held if first.samples[name].values and second.samples[name].values]
    if not names:
        raise ConfigurationError(f"{first.run} and {second.run} share no sample that both have a score of")
    before = [first.samples[name] for name in names]
    after = [second.samples[name] for name in names]
    difference = paired_difference(
        [each.mean for each in before],
        [each.mean for each in after],
        [each.cluster for each in before],
        scale,
        level,
    )
    wins, losses, ties = _outcomes(names, before, after, scale)
    return Pair(
        second,
        difference,
        None,
        "unknown",
        _mcnemar(before, after, scale),
        _bounds([(first.samples[name], second.samples[name]) for name in held], scale),
        wins,
        losses,
        ties,
        _groups(before, after, scale, level),
        len(first.samples) - len(held),
        len(second.samples) - len(held),
        len(held) - len(names),
        tuple(remarks),
    )


def _outcomes(
    names: Sequence[str], before: Sequence[Attempts], after: Sequence[Attempts], scale: Scale
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """The samples that the second run wins, loses and ties."""
    sign = 1 if scale.better == "higher" else -1
    gains = [sign * (new.mean - old.mean) for old, new in zip(before, after, strict=True)]
    even = [abs(gain) < 1e-12 for gain in gains]
    return (
        tuple(name for name, gain, tie in zip(names, gains, even, strict=True) if gain > 0 and not tie),
        tuple(name for name, gain, tie in zip(names, gains, even, strict=True) if gain < 0 and not tie),
        tuple(name for name, tie in zip(names, even, strict=True) if tie),
    )


def _mcnemar(before: Sequence[Attempts], after: Sequence[Attempts], scale: Scale) -> McNemar | None:
    from agentbench_sdk.statistics import mcnemar_p

    single = all(len(each.values) == 1 for each in (*before, *after))
    ends = {scale.low, scale.high}
    if not single or None in ends or len({each.cluster for each in before}) < len(before):
        return None
    pairs = [(old.values[0], new.values[0]) for old, new in zip(before, after, strict=True)]
    if not {value for pair in pairs for value in pair} <= ends:
        return None
    one, other = sum(old > new for old, new in pairs), sum(old < new for old, new in pairs)
    return McNemar(one, other, mcnemar_p(one, other))


def _bounds(pairs: Sequence[tuple[Attempts, Attempts]], scale: Scale) -> Bounds:
    """Lowest and highest mean difference that the attempts without a score leave possible (Manski 1989)."""
    from agentbench_sdk.statistics import Bounds

    low, high = scale.low, scale.high
    if low is None or high is None:
        if any(old.missing or new.missing for old, new in pairs):
            return Bounds(None, None)
        low = high = 0.0  # nothing is filled with it
    ends = (low, high), (high, low)
    found = [
        sum(new.filled(second) - old.filled(first) for old, new in pairs) / len(pairs)
        for second, first in ends
    ]
    return Bounds(*found)


def _groups(
    before: Sequence[Attempts], after: Sequence[Attempts], scale: Scale, level: float
) -> tuple[GroupRow, ...]:
    from agentbench_sdk.statistics import differences_scale, estimate_mean

    wide = differences_scale(scale)
    pairs = list(zip(before, after, strict=True))
    names = sorted({each.group for each in before}, key=natural_key)
    rows = []
    for name in names if names != [""] else []:
        chosen = [(old, new) for old, new in pairs if old.group == name]
        estimate = estimate_mean(
            [new.mean - old.mean for old, new in chosen], [old.cluster for old, _ in chosen], wide, level
        )
        first = sum(old.mean for old, _ in chosen) / len(chosen)
        second = sum(new.mean for _, new in chosen) / len(chosen)
        rows.append(GroupRow(name or "(none)", len(chosen), first, second, estimate))
    return tuple(rows)
