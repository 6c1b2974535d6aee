"""Claims about a run that are decided by an interval: kept, broken, or not enough evidence.

    rate = run["exact"]
    assert rate >= 0.8                                   # true when the whole interval lies there
    assert_rate(run, "exact", at_least=0.8, confidence=0.99)

A mean of 0.82 in 20 samples does not show a rate of 0.8, and a mean of 0.78 does not refute it; both leave
the interval on both sides of the bound. Such a claim is neither true nor false, and says how many samples would
decide it.
"""

from __future__ import annotations

import math
import operator
import shlex
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from agentbench_sdk.errors import ConfigurationError, UnknownNameError
from agentbench_sdk.reporting.columns import number
from agentbench_sdk.reporting.plain import shown
from agentbench_sdk.statistics import Estimate, Interval, estimate_mean
from agentbench_sdk.statistics.interval import check_level, normal_quantile

if TYPE_CHECKING:
    from agentbench_sdk.judging import Scale
    from agentbench_sdk.runs import Run, SampleRecord

Finding = Literal["kept", "broken", "open"]
Comparison = Literal[">=", ">", "<=", "<"]
ACCURACY = "accuracy"
_COMPARE: dict[Comparison, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    ">": operator.gt,
    "<=": operator.le,
    "<": operator.lt,
}
# What a message names of samples: pytest cuts an explanation off after 8 lines or 640 characters.
_NAMED, _NAME_LENGTH = 5, 30
_Attempt = tuple[str, int]


class RateTooLow(AssertionError):  # noqa: N818 - what a test found, not what went wrong with it
    """The whole interval lies below what was claimed."""


class RateTooHigh(AssertionError):  # noqa: N818
    """The whole interval lies above what was claimed."""


class NotEnoughEvidence(AssertionError):  # noqa: N818
    """The interval lies on both sides of the bound, or there is none: the claim is neither shown nor refuted."""


class Rate:
    """A mean over a run's attempts that is compared by its interval.

    `rate >= bound` gives a `Claim`, true when the whole interval lies on that side of the bound.

    Attributes:
        name: of the judge or metric.
        attempts: (sample id, epoch) of each value.
        values: shape (n,), in the unit of the scale.
        clusters: n labels of what hangs together: the sample's cluster, or the sample.
        scale: range of the values.
        missing: attempts without a value: faults, interruptions, judges that could not tell.
        missing_because: the most frequent reasons of faults and interruptions, for a message.
        level: of the two-sided interval.
        run_path: the run file.
    """

    def __init__(
        self,
        name: str,
        records: Iterable[tuple[SampleRecord, float | None]],
        *,
        scale: Scale,
        run_path: str = "",
        planned: int = 0,
        level: float = 0.95,
    ) -> None:
        rows = list(records)
        found = [(record, value) for record, value in rows if value is not None]
        self.name, self.scale, self.run_path, self.level = name, scale, run_path, check_level(level)
        self.attempts: list[_Attempt] = [(record.sample_id, record.epoch) for record, _ in found]
        self.values = [value for _, value in found]
        self.clusters = [
            f"cluster:{record.cluster}" if record.cluster else f"sample:{record.sample_id}"
            for record, _ in found
        ]
        self.missing = max(planned, len(rows)) - len(found)
        reasons = Counter(record.ending.reason for record, _ in rows if not record.ending.scorable)
        told = ", ".join(f"{count} {reason}" for reason, count in reasons.most_common(3))
        self.missing_because = f" ({told})" if told else ""

    @cached_property
    def estimate(self) -> Estimate:
        """The mean with the interval that fits its data at the rate's level."""
        return estimate_mean(self.values, self.clusters, self.scale, self.level)

    @property
    def mean(self) -> float | None:
        return self.estimate.mean

    @property
    def interval(self) -> Interval | None:
        return self.estimate.interval

    @property
    def samples(self) -> int:
        """Distinct samples with a value."""
        return len({sample_id for sample_id, _ in self.attempts})

    def at(self, confidence: float) -> Rate:
        """The same rate with an interval of another level.

        Raises:
            ConfigurationError: the level is not strictly between 0 and 1.
        """
        other = Rate.__new__(Rate)
        kept = {name: value for name, value in vars(self).items() if name != "estimate"}
        vars(other).update(kept, level=check_level(confidence))
        return other

    def against(self, comparison: Comparison, bound: float) -> Claim:
        """The claim that the rate compares so with a bound.

        Raises:
            ConfigurationError: the bound is no finite number, or lies outside the rate's scale.
        """
        if not isinstance(bound, int | float) or isinstance(bound, bool) or not math.isfinite(bound):
            raise ConfigurationError(f"{self.name} is compared with {bound!r}; it must be a finite number")
        low, high = self.scale.low, self.scale.high
        if (low is not None and bound < low) or (high is not None and bound > high):
            ends = f"{'…' if low is None else f'{low:g}'} to {'…' if high is None else f'{high:g}'}"
            raise ConfigurationError(f"{self.name} is compared with {bound:g}, but its scale is {ends}")
        return Claim(self, comparison, float(bound))

    def __ge__(self, bound: float) -> Claim:
        return self.against(">=", bound)

    def __gt__(self, bound: float) -> Claim:
        return self.against(">", bound)

    def __le__(self, bound: float) -> Claim:
        return self.against("<=", bound)

    def __lt__(self, bound: float) -> Claim:
        return self.against("<", bound)

    def __str__(self) -> str:
        estimate = self.estimate
        if estimate.mean is None:
            return f"{self.name}: {estimate.note}"
        interval = estimate.interval
        sure = (
            f"{interval.level * 100:g} % interval {_span(interval)} ({interval.method})" if interval else ""
        )
        return f"{self.name} is {estimate.mean:.4g}, {sure or estimate.note}, {len(self.values)} attempts"

    def __repr__(self) -> str:
        return f"<Rate {self}>"


@dataclass(frozen=True, slots=True)
class Claim:
    """That a rate compares so with a bound. It is true when the interval shows it.

    Attributes:
        comparison: one of >=, >, <= and <.
        bound: in the unit of the rate's scale.
    """

    rate: Rate
    comparison: Comparison
    bound: float

    @property
    def finding(self) -> Finding:
        """Kept or broken when the whole interval lies on one side, else open."""
        interval, holds = self.rate.interval, _COMPARE[self.comparison]
        if interval is None:
            return "open"
        ends = {holds(interval.low, self.bound), holds(interval.high, self.bound)}
        if len(ends) == 2:
            return "open"
        return "kept" if True in ends else "broken"

    def __bool__(self) -> bool:
        return self.finding == "kept"

    @property
    def samples_needed(self) -> int | None:
        """Roughly how many samples would decide an open claim, if the mean stays where it is.

        An interval narrows with the root of their number; Wilson's reaches the bound b where
        (mean - b)² = z² b (1 - b) / n (Wilson 1927), which holds near the ends of the scale too.

        Returns:
            None when no number can be told: no interval, or a mean on the bound.
        """
        mean, interval, samples = self.rate.mean, self.rate.interval, self.rate.samples
        if mean is None or interval is None or mean == self.bound:
            return None
        distance = abs(mean - self.bound)
        low, high = self.rate.scale.low, self.rate.scale.high
        if interval.method == "Wilson" and low is not None and high is not None:
            spread = (self.bound - low) * (high - self.bound)
            needed = normal_quantile(interval.level) ** 2 * spread / distance**2
        else:
            half = mean - interval.low if mean > self.bound else interval.high - mean
            needed = samples * (half / distance) ** 2
        return _rounded_up(max(needed, samples + 1.0))

    @property
    def failing(self) -> list[_Attempt]:
        """(sample id, epoch) of the attempts on the wrong side of the bound, the worst first."""
        holds, sign = _COMPARE[self.comparison], -1 if self.comparison.startswith("<") else 1
        wrong = [
            (sign * value, place)
            for place, value in enumerate(self.rate.values)
            if not holds(value, self.bound)
        ]
        return [self.rate.attempts[place] for _, place in sorted(wrong)]

    def lines(self) -> list[str]:
        """What was found, why, which samples fail and how to open them."""
        return list(self._lines())

    def _lines(self) -> Iterator[str]:
        yield f"{self._verdict()} {self.rate.name} {self.comparison} {self.bound:g}"
        yield str(self.rate)
        if self.finding == "open":
            yield self._missing_evidence()
        path, failing = _from_here(self.rate.run_path), self.failing
        if path:
            yield f"open it: agentbench report {shlex.quote(path)}"
        if failing:
            yield f"{len(failing)} on the wrong side: {_listed(failing)}"
        if self.rate.missing:
            yield f"attempts without a score, not counted: {self.rate.missing}{self.rate.missing_because}"
        if path and failing:
            yield f"read one: load_run({path!r}).transcripts[{failing[0]!r}]"

    def _verdict(self) -> str:
        if self.finding == "open":
            return "not enough evidence for"
        return "shown:" if self.finding == "kept" else "refuted:"

    def _missing_evidence(self) -> str:
        needed = self.samples_needed
        if needed is not None:
            return f"about {needed} samples would decide it if the mean stays; there are {self.rate.samples}"
        if self.rate.mean is not None and self.rate.interval is not None:
            return "the mean is on the bound: no number of samples would decide it while it stays there"
        return "without an interval nothing can be decided"

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def check(self) -> None:
        """Raise what was found, unless the claim is kept.

        Raises:
            RateTooLow, RateTooHigh: the interval refutes the claim.
            NotEnoughEvidence: the interval neither shows nor refutes it.
        """
        if self.finding == "open":
            raise NotEnoughEvidence(str(self))
        if self.finding == "broken":
            raise (RateTooLow if self.comparison.startswith(">") else RateTooHigh)(str(self))


def assert_rate(
    run: Run,
    name: str,
    *,
    at_least: float | None = None,
    at_most: float | None = None,
    confidence: float = 0.95,
) -> None:
    """Assert that a rate of a run lies in a range, as far as the samples can show it.

    Arguments:
        run: finished or cut off.
        name: as in `run[name]`.
        at_least: low end of the range, in the unit of the judge's scale; None for none.
        at_most: high end of the range, likewise.
        confidence: level of the two-sided interval; a claim about one end is wrong half as often.

    Raises:
        RateTooLow, RateTooHigh: the whole interval lies on the wrong side.
        NotEnoughEvidence: it lies on both sides.
        ConfigurationError: neither end was given, or one does not fit the scale.
        UnknownNameError: the run has no such judge or metric.
    """
    if at_least is None and at_most is None:
        raise ConfigurationError("say what the rate must be: at_least=…, at_most=…, or both")
    rate = run[name].at(confidence)
    claims = [rate.against(">=", at_least)] if at_least is not None else []
    claims += [rate.against("<=", at_most)] if at_most is not None else []
    for claim in sorted(claims, key=lambda each: each.finding != "broken"):
        claim.check()


def rate_of(run: Run, name: str) -> Rate:
    """The rate of a judge, or of a number that the environment reports; see `Run.__getitem__`."""
    from agentbench_sdk.judging import Scale

    records = list(run.records())
    scales = {each.id: each.scale for each in run.manifest.judges}
    judge = _judge_named(name, list(scales))
    if judge is not None:
        pairs = [(each, _value(each, judge)) for each in records]
        return _rate(run, name, pairs, scales[judge])
    pairs = [(each, _metric(each, name)) for each in records]
    if any(value is not None for _, value in pairs):
        return _rate(run, name, pairs, Scale(None, None))
    if name == ACCURACY and scales:
        primary = next(iter(scales))
        pairs = [(each, _passed(each, primary)) for each in records]
        if not records or any(value is not None for _, value in pairs):
            return _rate(run, name, pairs, Scale())
        if not any(_value(each, primary) is not None for each in records):
            return _rate(run, name, pairs, Scale())  # nothing was scored, which the estimate says
    raise UnknownNameError("judge or metric of the run", name, [*scales, *_metrics(records)])


def _judge_named(name: str, ids: list[str]) -> str | None:
    """The judge of an id, or the only one whose id is the name with options."""
    if name in ids:
        return name
    with_options = [each for each in ids if each.startswith(f"{name}(")]
    return with_options[0] if len(with_options) == 1 else None


def _rate(run: Run, name: str, pairs: list[tuple[SampleRecord, float | None]], scale: Scale) -> Rate:
    return Rate(name, pairs, scale=scale, run_path=str(run.path), planned=run.manifest.samples)


def _value(record: SampleRecord, judge: str) -> float | None:
    score = record.scores.get(judge) if record.ending.scorable else None
    return number(score.value) if score is not None else None


def _passed(record: SampleRecord, judge: str) -> float | None:
    score = record.scores.get(judge)
    if _value(record, judge) is None or score is None or score.passed is None:
        return None
    return float(score.passed)


def _metric(record: SampleRecord, name: str) -> float | None:
    outcome = record.outcome if record.ending.scorable else None
    if outcome is None:
        return None
    if name == "reward":
        return number(outcome.reward)
    return number({**outcome.metrics, **outcome.components}.get(name))


def _metrics(records: list[SampleRecord]) -> list[str]:
    outcomes = [each.outcome for each in records if each.outcome is not None]
    return sorted({name for each in outcomes for name in ("reward", *each.components, *each.metrics)})


def _span(interval: Interval) -> str:
    return f"{interval.low:.4g} to {interval.high:.4g}"


def _rounded_up(amount: float) -> int:
    """At two digits, because a plan for samples is no more exact than that."""
    step = int(10 ** max(0, math.floor(math.log10(amount)) - 1))
    return math.ceil(amount / step) * step


def _listed(attempts: list[_Attempt]) -> str:
    named = [
        shown(sample, _NAME_LENGTH) + (f" (epoch {epoch})" if epoch else "")
        for sample, epoch in attempts[:_NAMED]
    ]
    more = f" and {len(attempts) - _NAMED} more" if len(attempts) > _NAMED else ""
    return ", ".join(named) + more


def _from_here(path: str) -> str:
    """A path as it is typed in the working directory."""
    here = Path.cwd()
    return str(Path(path).relative_to(here)) if path and Path(path).is_relative_to(here) else path


_MIRRORED: dict[str, Comparison] = {">=": "<=", ">": "<", "<=": ">=", "<": ">"}


def claimed(op: str, left: object, right: object) -> Claim | None:
    """The claim of a comparison, if it is one: `rate >= 0.8`, or `0.8 <= rate`."""
    mirrored = _MIRRORED.get(op)
    if mirrored is None:
        return None
    if isinstance(left, Rate) and isinstance(right, int | float):
        return left.against(_MIRRORED[mirrored], right)
    if isinstance(right, Rate) and isinstance(left, int | float):
        return right.against(mirrored, left)
    return None
