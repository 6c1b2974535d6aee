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
    """One run beside another, on the samples that both have a score of.

    Attributes:
        first: what is compared with: `Comparison.sides[0]`, unless all pairs are.
        second: the run.
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

    first: Side
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
            "beside": self.first.run,
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
    """Several runs of one task; all are compared with the first, or each with each.

    Attributes:
        judge, scale: by which they are compared.
        level: nominal coverage of the intervals.
        sides: the runs, in the order given.
        pairs: one a run, from the second on; with `all_pairs` one for each two runs.
        all_pairs: whether each run is compared with each.
    """

    task: str
    judge: str
    scale: Scale
    level: float
    sides: tuple[Side, ...]
    pairs: tuple[Pair, ...]
    all_pairs: bool = False

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
                "all_pairs": self.all_pairs,
                "runs": [each.to_dict() for each in self.sides],
                "pairs": [each.to_dict() for each in self.pairs],
            }
        )
        return cleaned


def compare(
    run_a: Run,
    run_b: Run,
    *more: Run,
    judge: str | None = None,
    level: float = 0.95,
    all_pairs: bool = False,
) -> Comparison:
    """Compare runs of one task with the first of them, or each with each, sample by sample.

    Arguments:
        run_a: what the others are compared with.
        run_b: another run of the same task.
        more: further ones; p values are then adjusted by Holm's method, over all pairs that are compared.
        judge: id of the judge by which to compare; the primary one of `run_a` when left out.
        level: nominal coverage of intervals; a verdict is given when p is below 1 - level.
        all_pairs: compare each two runs, the later one beside the earlier.

    Raises:
        ConfigurationError: the runs are not comparable, share no judge, or share no scored sample.
    """
    from agentbench_sdk.statistics import holm

    runs = [run_a, run_b, *more]
    chosen_pairs = [
        (first, second)
        for first in range(len(runs) if all_pairs else 1)
        for second in range(first + 1, len(runs))
    ]
    remarks = [check_comparable(runs[first], runs[second]) for first, second in chosen_pairs]
    chosen = shared_judge(runs, judge)
    sides = [read_side(each, chosen.id, chosen.scale) for each in runs]
    pairs = [
        _pair(sides[first], sides[second], chosen.scale, level, said)
        for (first, second), said in zip(chosen_pairs, remarks, strict=True)
    ]
    known = [p for pair in pairs if (p := pair.difference.p) is not None]
    adjusted = iter(holm(known))
    judged = [
        pair if pair.difference.p is None else _judged(pair, next(adjusted), chosen.scale, level)
        for pair in pairs
    ]
    task = run_a.manifest.task
    return Comparison(task, chosen.id, chosen.scale, level, tuple(sides), tuple(judged), all_pairs)


def _judged(pair: Pair, p_holm: float, scale: Scale, level: float) -> Pair:
    """The pair with its verdict."""
    mean = pair.difference.estimate.mean or 0.0
    return replace(pair, p_holm=p_holm, verdict=verdict_of(mean, p_holm, scale, level))


def verdict_of(difference: float, p: float, scale: Scale, level: float) -> Verdict:
    """What a difference of two scores says of the second of them."""
    if p >= 1 - level:
        return "unknown"
    return "better" if (difference > 0) == (scale.better == "higher") else "worse"


def scored_by_both(first: Side, second: Side) -> dict[str, tuple[Attempts, Attempts]]:
    """The attempts of each sample that both runs have a score of, in the order of sample ids."""
    held = sorted(first.samples.keys() & second.samples.keys(), key=natural_key)
    pairs = {name: (first.samples[name], second.samples[name]) for name in held}
    return {name: pair for name, pair in pairs.items() if pair[0].values and pair[1].values}


def _pair(first: Side, second: Side, scale: Scale, level: float, remarks: Sequence[str]) -> Pair:
    from agentbench_sdk.statistics import paired_difference

    held = first.samples.keys() & second.samples.keys()
    names = list(both := scored_by_both(first, second))
    if not names:
        raise ConfigurationError(f"{first.run} and {second.run} share no sample that both have a score of")
    before, after = [old for old, _ in both.values()], [new for _, new in both.values()]
    difference = paired_difference(
        [each.mean for each in before],
        [each.mean for each in after],
        [each.cluster for each in before],
        scale,
        level,
    )
    wins, losses, ties = _outcomes(names, before, after, scale)
    return Pair(
        first,
        second,
        difference,
        None,
        "unknown",
        _mcnemar(before, after, scale),
        _bounds([(first.samples[name], second.samples[name]) for name in sorted(held)], scale),
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
