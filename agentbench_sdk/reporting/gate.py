"""A gate: did a run get worse than an earlier one by more than is allowed, or is there too little evidence?

result = gate(run, baseline, max_drop=0.02)
assert result.verdict == "passed", str(result)
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.reporting import wording
from agentbench_sdk.reporting.comparison import Comparison, Pair, compare
from agentbench_sdk.reporting.plain import plain

if TYPE_CHECKING:
    from agentbench_sdk.runs import Run
    from agentbench_sdk.statistics import Interval

GateVerdict = Literal["passed", "failed", "undecided"]
EXIT_CODES: dict[GateVerdict, int] = {"passed": 0, "failed": 1, "undecided": 4}


@dataclass(frozen=True, slots=True)
class GateResult:
    """What a gate says.

    Attributes:
        verdict: "passed": evidence that the drop is no larger than allowed; "failed": evidence that it is;
            "undecided": evidence of neither.
        drop: how much worse the run is than the baseline, in the judge's unit; below 0 when it is better.
        interval: of the drop; None where there is none, which leaves the gate undecided.
        max_drop: what is allowed.
        reason: why, in one sentence.
        samples_needed: how many samples would let the gate pass with a probability of 0.8 if nothing had
            changed; only when undecided, None where no number would.
        comparison: baseline and run, sample by sample.
    """

    verdict: GateVerdict
    drop: float | None
    interval: Interval | None
    max_drop: float
    reason: str
    samples_needed: int | None
    comparison: Comparison

    @property
    def exit_code(self) -> int:
        """0 passed, 1 failed, 4 undecided."""
        return EXIT_CODES[self.verdict]

    def __str__(self) -> str:
        return f"{self.verdict}: {self.reason}"

    def to_dict(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = plain(
            {
                "verdict": self.verdict,
                "drop": self.drop,
                "interval": self.interval.to_dict() if self.interval else None,
                "max_drop": self.max_drop,
                "reason": self.reason,
                "samples_needed": self.samples_needed,
                "comparison": self.comparison.to_dict(),
            }
        )
        return cleaned


def gate(
    run: Run, baseline: Run, max_drop: float, *, judge: str | None = None, level: float = 0.95
) -> GateResult:
    """Tell whether a run is worse than a baseline by more than is allowed.

    The whole interval of the drop lies at or below `max_drop`: passed. It lies above: failed. `max_drop` lies
    inside: undecided. With a level of 0.95 either evidence is wrong in at most 2.5 % of cases. Attempts without
    a score are never guessed: where they could turn a verdict, it is undecided.

    Arguments:
        run: what may have become worse.
        baseline: an earlier run of the same task.
        max_drop: allowed drop of the mean score in the judge's unit; 0.02 are two points of a share.
        judge: id of the judge by which to compare; the baseline's primary one when left out.
        level: nominal coverage of the two-sided interval.

    Raises:
        ConfigurationError: the runs are not comparable, or `max_drop` is negative.
    """
    if not 0 <= max_drop < math.inf:
        raise ConfigurationError(f"the allowed drop is a number from 0 on, for example 0.02; not {max_drop}")
    comparison = compare(baseline, run, judge=judge, level=level)
    pair = comparison.pairs[0]
    drop, interval, bounds = _drop(pair, comparison.scale.better == "higher")
    verdict, hidden = _verdict(interval, max_drop, bounds if _missing(comparison) else None)
    needed = _samples_needed(pair, max_drop, level) if verdict == "undecided" and not hidden else None
    reason = _reason(comparison, verdict, drop, interval, max_drop, hidden, needed)
    return GateResult(verdict, drop, interval, max_drop, reason, needed, comparison)


def _drop(
    pair: Pair, higher_is_better: bool
) -> tuple[float | None, Interval | None, tuple[float | None, float | None]]:
    """The drop, its interval, and its bounds with the attempts without a score: the difference turned round."""
    from agentbench_sdk.statistics import Interval

    estimate, bounds = pair.difference.estimate, pair.bounds
    found = estimate.interval
    if not higher_is_better:
        return estimate.mean, found, (bounds.low, bounds.high)
    turned = Interval(-found.high, -found.low, found.level, found.method) if found else None
    return _minus(estimate.mean), turned, (_minus(bounds.high), _minus(bounds.low))


def _minus(value: float | None) -> float | None:
    return None if value is None else 0.0 - value


def _missing(comparison: Comparison) -> int:
    """Attempts without a score, of samples that both runs hold."""
    first, second = (side.samples for side in comparison.sides)
    return sum(first[name].missing + second[name].missing for name in first.keys() & second.keys())


def _verdict(
    interval: Interval | None, max_drop: float, bounds: tuple[float | None, float | None] | None
) -> tuple[GateVerdict, bool]:
    """The verdict, and whether attempts without a score alone keep it open."""
    if interval is None or interval.low <= max_drop < interval.high:
        return "undecided", False
    passed = interval.high <= max_drop
    if bounds is not None:
        worst = bounds[1] if passed else bounds[0]
        if worst is None or (worst > max_drop if passed else worst <= max_drop):
            return "undecided", True
    return ("passed" if passed else "failed"), False


def _samples_needed(pair: Pair, max_drop: float, level: float) -> int | None:
    from agentbench_sdk.statistics import DifferenceVariance, samples_needed

    error = pair.difference.estimate.std_error
    if not error or not max_drop:
        return None
    return samples_needed(max_drop, DifferenceVariance(error**2 * pair.shared, 0.0, paired=True), level=level)


def _reason(
    comparison: Comparison,
    verdict: GateVerdict,
    drop: float | None,
    interval: Interval | None,
    max_drop: float,
    hidden: bool,
    needed: int | None,
) -> str:
    unit, pair = comparison.scale.unit, comparison.pairs[0]
    if interval is None or drop is None:
        return f"the drop has no interval ({pair.difference.estimate.note.removeprefix('no interval: ')})"
    told = (
        f"the drop of the score is {wording.amount(drop, unit)} {wording.interval(interval, unit)} "
        f"({100 * comparison.level:g} %, {pair.shared:,} samples), {wording.amount(max_drop, unit)} is allowed"
    )
    if verdict != "undecided":
        return told
    if hidden:
        return f"{told}, but {_missing(comparison):,} attempts without a score could turn that"
    more = f"; if nothing changed, some {needed:,} samples would show it" if needed else ""
    return f"{told}: evidence neither of a larger drop nor of none{more}"
