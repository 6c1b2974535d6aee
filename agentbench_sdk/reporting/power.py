"""Planning a comparison from a run at hand: samples for an effect, or the effect that samples can show."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.reporting import wording
from agentbench_sdk.reporting.blocks import captured_text, heading, remark
from agentbench_sdk.reporting.comparable import check_comparable, shared_judge
from agentbench_sdk.reporting.plain import plain, shown
from agentbench_sdk.reporting.sides import Side, read_side

if TYPE_CHECKING:
    from rich.console import RenderableType

    from agentbench_sdk.runs import Run
    from agentbench_sdk.statistics import DifferenceVariance, VarianceParts


@dataclass(frozen=True, slots=True)
class PowerPlan:
    """A planned comparison of two runs.

    Attributes:
        subject: what is planned: task and judge.
        unit: of the effect.
        asked: "samples" when these were asked for, else "effect".
        samples: of each run.
        effect: true difference of the means that is found, in the judge's unit.
        epochs: of each sample in each run.
        power: probability to find it.
        level: of the interval that has to leave 0 out.
        variance: what the difference varies by.
        source: where the variance comes from, and what was assumed.
    """

    subject: str
    unit: str
    asked: str
    samples: int
    effect: float
    epochs: int
    power: float
    level: float
    variance: DifferenceVariance
    source: str

    def __str__(self) -> str:
        return render_power(self)

    def to_dict(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = plain(
            {
                "subject": self.subject,
                "unit": self.unit,
                "asked": self.asked,
                "samples": self.samples,
                "effect": self.effect,
                "epochs": self.epochs,
                "power": self.power,
                "level": self.level,
                "variance": self.variance.to_dict(),
                "source": self.source,
            }
        )
        return cleaned


def plan_power(
    run: Run,
    beside: Run | None = None,
    *,
    effect: float | None = None,
    samples: int | None = None,
    epochs: int | None = None,
    correlation: float = 0.5,
    paired: bool = True,
    judge: str | None = None,
    power: float = 0.8,
    level: float = 0.95,
) -> PowerPlan:
    """How many samples an effect needs, or what effect samples can show.

    Arguments:
        run: gives the variances between samples and between epochs.
        beside: another run of the same task; the variance of the difference is then measured, not assumed.
        effect: true difference to find, in the judge's unit; excludes `samples`.
        samples: of each run; as many as `run` has when neither is given.
        epochs: of each sample; as many as `run` had when left out.
        correlation: assumed, of both runs' means over the samples. Without effect when `beside` is given, or
            when not paired.
        paired: whether both runs have the same samples.
        judge: id of the judge; the primary one when left out.
        power: probability to find the effect.
        level: of the interval.

    Raises:
        ConfigurationError: effect and samples are both given, other epochs are asked for than a run without
            repeats can tell of, or its scores show no spread.
    """
    if beside is not None and not paired:
        raise ConfigurationError("two runs beside each other are paired; leave one of the two out")
    chosen = shared_judge([each for each in (run, beside) if each is not None], judge)
    side = read_side(run, chosen.id, chosen.scale)
    if beside is None:
        parts, repeated = _parts_of(side)
        means = {name: each.mean for name, each in side.samples.items() if each.values}
        variance, source = _like(parts, _design_effect(side, means), correlation, paired=paired)
        source = f"variances as in this run, for both{source}"
    else:
        check_comparable(run, beside)
        variance, repeated, source = _measured(side, read_side(beside, chosen.id, chosen.scale))
    wanted = epochs if epochs is not None else run.manifest.epochs
    if wanted != 1 and not repeated:
        raise ConfigurationError(
            f"{run.path} has no repeats, so what {wanted} epochs would gain is not known: run the task with "
            "--epochs 2 once, or plan with one epoch"
        )
    if variance.per_sample(1) == 0:
        raise ConfigurationError(
            f"{run.path}: its scores show no spread, so nothing can be planned from them"
        )
    count = len(side.samples) if samples is None and effect is None else samples
    subject = f"{run.manifest.task} by {chosen.id}", chosen.scale.unit
    return _plan(subject, variance, source, effect, count, wanted, power, level)


def assume_power(
    between: float,
    within: float = 0.0,
    *,
    effect: float | None = None,
    samples: int | None = None,
    epochs: int = 1,
    correlation: float = 0.5,
    paired: bool = True,
    power: float = 0.8,
    level: float = 0.95,
) -> PowerPlan:
    """The same without a run, from assumed variances of the scores of either run.

    Arguments:
        between: variance between samples.
        within: variance between epochs of one sample.
        effect: true difference to find; this or `samples`.
        samples: of each run; this or `effect`.
        epochs: of each sample.
        correlation: of both runs' means over the samples; without effect when not paired.
        paired: whether both runs have the same samples.
        power: probability to find the effect.
        level: of the interval.

    Raises:
        ConfigurationError: not just one of effect and samples is given, or an argument is out of its range.

    >>> assume_power(1 / 9, effect=0.03).samples
    969
    """
    from agentbench_sdk.statistics import VarianceParts

    parts = VarianceParts(between, within, 0, 0)
    if not (between > 0 and within >= 0):
        raise ConfigurationError(
            f"variances are not negative, and that between samples not 0: {between}, {within}"
        )
    variance, source = _like(parts, 1.0, correlation, paired=paired)
    subject = "A comparison of two runs", ""
    return _plan(subject, variance, f"variances as assumed{source}", effect, samples, epochs, power, level)


def _plan(
    subject: tuple[str, str],
    variance: DifferenceVariance,
    source: str,
    effect: float | None,
    samples: int | None,
    epochs: int,
    power: float,
    level: float,
) -> PowerPlan:
    """The plan, once its variance is known: one of effect and samples gives the other."""
    from agentbench_sdk.statistics import detectable_effect, samples_needed

    if (effect is None) == (samples is None):
        raise ConfigurationError("give an effect or a number of samples: the other is what is computed")
    asked = "effect" if effect is None else "samples"
    if effect is not None:
        samples = samples_needed(effect, variance, epochs=epochs, power=power, level=level)
    assert samples is not None  # one of the two is given
    effect = effect or detectable_effect(samples, variance, epochs=epochs, power=power, level=level)
    return PowerPlan(*subject, asked, samples, effect, epochs, power, level, variance, source)


def _like(
    parts: VarianceParts, design_effect: float, correlation: float, *, paired: bool
) -> tuple[DifferenceVariance, str]:
    """The variance of the difference if both runs have the same variances; and what was assumed of them."""
    from agentbench_sdk.statistics import paired_variance, unpaired_variance

    if not paired:
        return unpaired_variance(parts, parts, design_effect), "; other samples in each run"
    variance = paired_variance(parts, parts, correlation, design_effect)
    return variance, f"; correlation of the two runs over the samples: {correlation:g}, assumed"


def _measured(side: Side, other: Side) -> tuple[DifferenceVariance, bool, str]:
    from agentbench_sdk.statistics import measured_variance

    names = [
        name
        for name, each in side.samples.items()
        if each.values and name in other.samples and other.samples[name].values
    ]
    differences = {name: other.samples[name].mean - side.samples[name].mean for name in names}
    design = _design_effect(side, differences)
    told = f"variance of the difference as measured on {len(names):,} samples of both runs"
    (first, split), (second, other_split) = _parts_of(side), _parts_of(other)
    if not (split and other_split):
        return measured_variance(list(differences.values()), design_effect=design), False, told
    explained = first.within * _rarity(side, names) + second.within * _rarity(other, names)
    within = first.within + second.within
    return measured_variance(list(differences.values()), within, explained, design), True, told


def _rarity(side: Side, names: Sequence[str]) -> float:
    """Mean of 1/K over samples with K scored epochs."""
    return sum(1 / len(side.samples[name].values) for name in names) / max(1, len(names))


def _parts_of(side: Side) -> tuple[VarianceParts, bool]:
    """Variances between and within samples; without repeats all of it stands as between, and False is said.

    Raises:
        ConfigurationError: fewer than two samples have a score.
    """
    import numpy as np

    from agentbench_sdk.statistics import VarianceParts, variance_parts

    held = [(name, value) for name, each in side.samples.items() for value in each.values]
    scored = {name for name, _ in held}
    if len(scored) < 2:
        raise ConfigurationError(f"{side.run}: a variance needs two scored samples; there are {len(scored)}")
    values = [value for _, value in held]
    if len(scored) < len(values):
        return variance_parts(values, [name for name, _ in held]), True
    return VarianceParts(float(np.var(values, ddof=1)), 0.0, len(values), len(scored)), False


def _design_effect(side: Side, values: dict[str, float]) -> float:
    """By how much the samples' clusters make a mean's variance larger; 1 at least."""
    import numpy as np

    from agentbench_sdk.statistics import cluster_codes, cluster_error

    codes = cluster_codes([side.samples[name].cluster for name in values], len(values))
    if len(values) < 2 or codes.max() == 0 or codes.max() + 1 == len(values):
        return 1.0
    effect = cluster_error(np.array(list(values.values())), codes).design_effect
    return max(1.0, effect) if np.isfinite(effect) else 1.0


def render_power(found: PowerPlan, *, width: int = 80, color: bool = False) -> str:
    """A plan as text; see `blocks.captured_text`."""
    return captured_text(_told(found), width=width, color=color)


def _told(found: PowerPlan) -> Iterable[RenderableType]:
    effect = wording.amount(found.effect, found.unit)
    epochs = "1 epoch" if found.epochs == 1 else f"{found.epochs:,} epochs"
    samples = (
        f"{found.samples:,} {'samples in both runs' if found.variance.paired else 'samples in each run'}"
    )
    chance = f"with a chance of {100 * found.power:g} % (level {100 * found.level:g} %)"
    yield from heading(shown(found.subject, 120))
    if found.asked == "samples":
        yield remark(f"a true difference of {effect} is found {chance} by {samples} with {epochs}")
    else:
        yield remark(f"{samples} with {epochs} find a true difference of {effect} {chance}")
    yield remark(found.source)
    variance = found.variance
    if variance.within:
        yield remark(
            f"variance of the difference: {variance.between:.4g} between samples, {variance.within:.4g} between epochs"
        )
    else:
        yield remark(f"variance of the difference: {variance.between:.4g} a sample")
    if variance.design_effect > 1:
        yield remark(f"clusters of samples multiply it by {variance.design_effect:.2f}")
