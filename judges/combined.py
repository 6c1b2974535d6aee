"""Judges made of judges: `all_of`, `any_of`, `weighted`, `negate`, `first_decided`.

all_of(exact(), limits(tokens=500))
first_decided(exact(), rating(criteria="The answer means the same as the reference.", threshold=4))

In a task file the parts are named as judges are anywhere: `{name: all_of, judges: [exact, {name: limits, turns: 3}]}`.
Parts are asked one after the other, in order, so that calls to models come in the same order each time. A part
that could not tell never counts as a no: see each judge for what becomes of it.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from agentbench_sdk.errors import ConfigurationError, JudgeError, ModelError
from agentbench_sdk.judging import Judge, JudgeCase, Scale, Score

Decide = Callable[["_Combined", JudgeCase], Any]
Unscored = Literal["unscored", "leave_out"]


@dataclass(frozen=True, slots=True)
class _Combined(ABC):
    """What all of them share: the parts, the id that names them, and whether models are asked."""

    name: str
    members: tuple[Judge, ...]
    options: Mapping[str, Any]
    scale: Scale

    @property
    def id(self) -> str:
        """The parts' ids in their order, then the options."""
        shown = [part.id for part in self.members]
        shown += [f"{key}={value!r}" for key, value in sorted(self.options.items())]
        return f"{self.name}({', '.join(shown)})"

    @abstractmethod
    async def judge(self, case: JudgeCase) -> Score:
        """The verdict over the members."""


async def _asked(part: Judge, case: JudgeCase) -> Score:
    """A part's score; one that a model or the judge itself failed to give is unscored, with the reason."""
    try:
        return await part.judge(case)
    except (ModelError, JudgeError) as error:
        return Score.unscored(f"{error.kind}: {error}")


def _holds(score: Score) -> bool | None:
    """Whether a part says yes: by its verdict, or by a value of 1 or 0; None when it says neither."""
    if score.passed is not None or score.value is None:
        return score.passed if score.value is not None else None
    return score.value >= 1.0 if score.value in (0.0, 1.0) else None


def _told(parts: Sequence[Judge], scores: Sequence[Score]) -> dict[str, Any]:
    return {
        "parts": [{"judge": part.id, **score.to_dict()} for part, score in zip(parts, scores, strict=False)]
    }


@dataclass(frozen=True, slots=True)
class AllOf(_Combined):
    """See `all_of`; `any_of` is the same with yes and no exchanged."""

    settling: bool = False  # the verdict that settles it at once: a no for all, a yes for any

    async def judge(self, case: JudgeCase) -> Score:
        scores: list[Score] = []
        undecided = ""
        for part in self.members:
            score = await _asked(part, case)
            scores.append(score)
            holds = _holds(score)
            if holds is self.settling:
                says = "says yes" if holds else f"says no: {score.explanation}"
                return self._verdict(holds, f"{part.id} {says}", scores)
            if holds is None:
                undecided = undecided or f"{part.id} could not tell: {score.explanation or 'no verdict'}"
        if undecided:
            return Score.unscored(undecided, **_told(self.members, scores))
        every = "all parts say yes" if not self.settling else "no part says yes"
        return self._verdict(not self.settling, every, scores)

    def _verdict(self, holds: bool, why: str, scores: Sequence[Score]) -> Score:
        return Score(float(holds), holds, explanation=why, evidence=_told(self.members, scores))


@dataclass(frozen=True, slots=True)
class Weighted(_Combined):
    """See `weighted`."""

    weights: tuple[float, ...] = ()
    unscored: Unscored = "unscored"
    threshold: float | None = None

    async def judge(self, case: JudgeCase) -> Score:
        scores = [await _asked(part, case) for part in self.members]
        missing = [part.id for part, score in zip(self.members, scores, strict=True) if score.value is None]
        evidence = _told(self.members, scores)
        if missing and (self.unscored == "unscored" or len(missing) == len(self.members)):
            return Score.unscored(f"{', '.join(missing)} could not tell", **evidence)
        terms = [
            (weight, _share(part.scale, score.value))
            for part, weight, score in zip(self.members, self.weights, scores, strict=True)
            if score.value is not None
        ]
        total = math.fsum(weight for weight, _ in terms)
        if not total > 0:
            return Score.unscored("the parts that could tell have no weight", **evidence)
        value = min(max(math.fsum(weight * share for weight, share in terms) / total, 0.0), 1.0)
        passed = None if self.threshold is None else value >= self.threshold
        left = f"; left out: {', '.join(missing)}" if missing else ""
        why = f"the weighted mean of {len(terms)} parts is {value:.3f}{left}"
        return Score(value, passed, explanation=why, evidence=evidence)


def _share(scale: Scale, value: float) -> float:
    """A value as a share of its scale, 1 being good."""
    low, high = scale.low or 0.0, 1.0 if scale.high is None else scale.high
    share = (value - low) / (high - low)
    return 1 - share if scale.better == "lower" else share


@dataclass(frozen=True, slots=True)
class Negate(_Combined):
    """See `negate`."""

    async def judge(self, case: JudgeCase) -> Score:
        (part,) = self.members
        score = await _asked(part, case)
        evidence = _told(self.members, [score])
        if score.value is None:
            return Score.unscored(score.explanation, **evidence)
        low, high = part.scale.low or 0.0, part.scale.high or 0.0
        passed = None if score.passed is None else not score.passed
        return Score(low + high - score.value, passed, None, f"not: {score.explanation}", evidence)


@dataclass(frozen=True, slots=True)
class FirstDecided(_Combined):
    """See `first_decided`."""

    trust: Literal["passed", "failed", "both"] = "passed"

    async def judge(self, case: JudgeCase) -> Score:
        scores: list[Score] = []
        for at, part in enumerate(self.members):
            score = await _asked(part, case)
            scores.append(score)
            if score.value is not None and (at == len(self.members) - 1 or self._trusted(score)):
                evidence = _told(self.members, scores) | {"decided_by": part.id}
                why = f"{part.id}: {score.explanation}"
                return Score(_share(part.scale, score.value), score.passed, score.label, why, evidence)
        why = f"no part could tell; at last {scores[-1].explanation}"
        return Score.unscored(why, **_told(self.members, scores))

    def _trusted(self, score: Score) -> bool:
        """Whether this verdict of a part that others follow is final."""
        holds = _holds(score)
        return holds is not None and self.trust in ("both", "passed" if holds else "failed")


def _parts(name: str, judges: Sequence[Judge], least: int = 1) -> tuple[Judge, ...]:
    parts = tuple(judges)
    wrong = [each for each in parts if not isinstance(each, Judge)]
    if wrong:
        raise ConfigurationError(f"judge {name!r}: {wrong[0]!r} is no judge; call it to make one, as exact()")
    if len(parts) < least:
        raise ConfigurationError(f"judge {name!r} needs at least {least} judges, not {len(parts)}")
    ids = [each.id for each in parts]
    twice = [each for each in ids if ids.count(each) > 1]
    if twice:
        raise ConfigurationError(f"judge {name!r} has {twice[0]!r} twice")
    return parts


def all_of(*, judges: Sequence[Judge]) -> Judge:
    """Pass if every part says yes. The first that says no decides; later ones are not asked.

    A part says yes or no by its verdict (`passed`), or by a value of 1 or 0. Where one could tell neither and
    none says no, the case is unscored.

    Arguments:
        judges: the parts, the cheap ones first.

    Raises:
        ConfigurationError: there are no parts, or one of them is no judge or is there twice.
    """
    return AllOf("all_of", _parts("all_of", judges), {}, Scale())


def any_of(*, judges: Sequence[Judge]) -> Judge:
    """Pass if at least one part says yes. The first that does decides; later ones are not asked.

    Where a part could not tell and none says yes, the case is unscored.

    Arguments:
        judges: the parts, the cheap ones first.

    Raises:
        ConfigurationError: there are no parts, or one of them is no judge or is there twice.
    """
    return AllOf("any_of", _parts("any_of", judges), {}, Scale(), settling=True)


def weighted(
    *,
    judges: Sequence[Judge],
    weights: Sequence[float],
    unscored: Unscored = "unscored",
    threshold: float | None = None,
) -> Judge:
    """The weighted mean of the parts, each as a share of its scale.

    Arguments:
        judges: the parts; their scales have two ends.
        weights: one a part, 0 or more, their sum above 0.
        unscored: what becomes of the case when a part could not tell: "unscored", or "leave_out" for the
            mean of the others.
        threshold: passed from this value on.

    Raises:
        ConfigurationError: weights and parts do not fit, or a part has an open scale.
    """
    parts = _parts("weighted", judges)
    good = [
        each for each in weights if isinstance(each, int | float) and not isinstance(each, bool) and each >= 0
    ]
    if len(good) != len(parts) or len(good) != len(weights) or not 0 < math.fsum(good) < math.inf:
        raise ConfigurationError(
            f"judge 'weighted': {list(weights)!r} are no {len(parts)} weights from 0 up with a sum above 0"
        )
    _closed("weighted", parts)
    if unscored not in ("unscored", "leave_out"):
        raise ConfigurationError(
            f"judge 'weighted': unscored is {unscored!r}; give 'unscored' or 'leave_out'"
        )
    options = {"weights": list(good), "unscored": unscored, "threshold": threshold}
    shown = {key: value for key, value in options.items() if value not in ("unscored", None)}
    return Weighted("weighted", parts, shown, Scale(), tuple(map(float, good)), unscored, threshold)


def negate(*, judge: Judge) -> Judge:
    """The opposite: a pass for a fail, and the value mirrored on its scale. Unscored stays unscored.

    Arguments:
        judge: what is negated; its scale has two ends.

    Raises:
        ConfigurationError: it is no judge, or has an open scale.
    """
    parts = _parts("negate", [judge])
    _closed("negate", parts)
    return Negate("negate", parts, {}, judge.scale)


def first_decided(*, judges: Sequence[Judge], trust: Literal["passed", "failed", "both"] = "passed") -> Judge:
    """The verdict of the first part that decides; the last one decides whatever it says.

    A cheap rule that is sure when it says yes stands before a judge that asks a model: what passes the rule costs
    no call. The value is a share of the deciding part's scale.

    Arguments:
        judges: the parts, the cheap ones first; their scales have two ends.
        trust: which verdicts of a part that others follow are final: "passed" (a rule that finds the answer is
            right, one that does not may have missed it), "failed", or "both" (only what it could not tell goes on).

    Raises:
        ConfigurationError: there are fewer than two parts, or one has an open scale.
    """
    parts = _parts("first_decided", judges, 2)
    _closed("first_decided", parts)
    if trust not in ("passed", "failed", "both"):
        raise ConfigurationError(
            f"judge 'first_decided': trust is {trust!r}; give 'passed', 'failed' or 'both'"
        )
    return FirstDecided("first_decided", parts, {} if trust == "passed" else {"trust": trust}, Scale(), trust)


def _closed(name: str, parts: Sequence[Judge]) -> None:
    for part in parts:
        low, high = part.scale.low, part.scale.high
        if low is None or high is None or not low < high:
            raise ConfigurationError(
                f"judge {name!r}: the scale of {part.id} is open; a share of it is not known"
            )


@dataclass(frozen=True, slots=True)
class WithFigures(_Combined):
    """See `with_figures`."""

    corpus: tuple[Mapping[str, Any], ...] = ()

    async def judge(self, case: JudgeCase) -> Score:
        return await self.members[0].judge(case)


def with_figures(*, judge: Judge, figures: Sequence[Mapping[str, Any]]) -> Judge:
    """The same judge, with figures of the whole task made of its evidence; see `judges.corpus`.

    with_figures(judge=choice(), figures=[{"name": "f_measure"}])     # the mean F1 over letters

    Arguments:
        judge: whose scores they are made of.
        figures: names of metrics with their options.

    Raises:
        ConfigurationError: there are none, or one has no name.
    """
    parts = _parts("with_figures", [judge])
    if not figures or not all(
        isinstance(each, Mapping) and isinstance(each.get("name"), str) for each in figures
    ):
        raise ConfigurationError(
            f"judge 'with_figures': {figures!r} are no figures; give names with their options"
        )
    return WithFigures("with_figures", parts, {}, judge.scale, (*getattr(judge, "corpus", ()), *figures))
