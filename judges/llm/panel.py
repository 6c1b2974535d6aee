"""`panel`: several judges of one case, or repeats of one, and how their votes are counted.

panel(judges=[binary(criteria="It is polite.")], models=["openai/a", "anthropic/b", "mistral/c"])
panel(judges=[rating(criteria="It is polite.", temperature=1.0)], repeats=5, how="median")

Members are asked in waves: first as few as could settle it, then the next only while their votes can still change
the verdict. Every vote is kept with its reasons, its calls and its tokens. A member without a verdict has no vote.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal

from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.judges.naming import judge_id
from agentbench_sdk.judging import Asks, Judge, JudgeCase, Scale, Score
from agentbench_sdk.judging.gathering import gathered
from agentbench_sdk.judging.stage import verdict_of
from agentbench_sdk.judging.votes import Count, How, Tie, Vote
from agentbench_sdk.messages import Usage
from agentbench_sdk.models import ModelRequest, ModelResponse

_MOST = 100
_TIES = ("unscored", "low", "high", "mean")
_HOW = ("majority", "mean", "median")
On = Literal["label", "passed"]


@dataclass(frozen=True, slots=True)
class _Seat:
    """One vote to be asked for: whose, which time, and what it counts for."""

    judge: Judge
    repeat: int
    weight: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelJudge:
    """Ask several judges, or one several times, and count their votes; stop when the rest can change nothing.

    A member that fails or cannot tell has no vote and is told of; below the quorum the sample is unscored. A
    repeat of a judge is a draw of its own, never the first one's answer from the cache.

    Attributes:
        judges: the members, each a judge, or in task files its name with options.
        models: ask each member with each of these models, in place of its own.
        repeats: how often each is asked; give them a temperature above 0, or they will mostly agree.
        how: "majority", "mean" or "median".
        weights: one for each member, in the order of judges and, for each of them, models; not for a median.
        on: what a majority is counted by: "label" (without one, whether it passed, or else its value), or
            "passed", which is worth 1 or 0 and lets different kinds of judges vote together.
        tie: of a majority: "unscored", "low", "high" or "mean"; never whoever was asked first.
        quorum: fewest votes for a verdict; more than half of all when left out.
        threshold: a mean or median passes from this value on.
        early_stop: ask in waves and stop when it is decided; False asks everybody at once.
        at_once: most members asked at the same time.

    Raises:
        ConfigurationError: an option has no sense.
    """

    judges: Sequence[Judge]
    models: Sequence[str] = ()
    repeats: int = 1
    how: How = "majority"
    weights: Sequence[float] = ()
    on: On = "label"
    tie: Tie = "unscored"
    quorum: int | None = None
    threshold: float | None = None
    early_stop: bool = True
    at_once: int | None = None
    members: tuple[Judge, ...] = field(default=(), init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        for name in ("judges", "models", "weights"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        _check_judges(self.judges, self.models)
        object.__setattr__(self, "members", tuple(_members(self.judges, self.models)))
        _check(self)
        object.__setattr__(self, "weights", tuple(map(float, self.weights)))

    @property
    def id(self) -> str:
        """The members' ids and the options that differ from their defaults."""
        names = (
            "models",
            "repeats",
            "how",
            "weights",
            "on",
            "tie",
            "quorum",
            "threshold",
            "early_stop",
            "at_once",
        )
        defaults = {each.name: each.default for each in dataclasses.fields(self)}
        options = judge_id("", {name: getattr(self, name) for name in names}, defaults)
        shown = ", ".join(each.id for each in self.judges)
        return f"panel([{shown}]{', ' + options[1:-1] if options else ''})"

    @property
    def scale(self) -> Scale:
        if self.how == "majority" and self.on == "passed":
            return Scale(0.0, 1.0)
        return self.members[0].scale

    async def judge(self, case: JudgeCase) -> Score:
        """Ask the members and count.

        Raises:
            CacheError, RunFileError: what stops the whole run.
        """
        seats, count = list(self._seats()), self._count()
        votes: list[Vote] = []
        ballots: list[dict[str, Any]] = []
        while size := self._wave(count, votes, seats[len(ballots) :]):
            wave = seats[len(ballots) : len(ballots) + size]
            for seat, (score, ballot) in zip(
                wave, await gathered(_ballot(each, case) for each in wave), strict=True
            ):
                vote = self._vote(seat, score)
                ballots.append({**ballot, "voted": vote.word if vote is not None else None})
                votes += [vote] if vote is not None else []
        return self._verdict(count, votes, ballots, len(seats))

    def _seats(self) -> Iterator[_Seat]:
        """In the order in which they are asked: every member once before any is asked again."""
        weights = [Fraction(str(each)) for each in self.weights] or [Fraction(1)] * len(self.members)
        for repeat in range(self.repeats):
            for judge, weight in zip(self.members, weights, strict=True):
                yield _Seat(judge, repeat, weight)

    def _count(self) -> Count:
        total = len(self.members) * self.repeats
        quorum = total // 2 + 1 if self.quorum is None else self.quorum
        return Count(self.how, self.tie, quorum, self.scale, self.threshold)

    def _wave(self, count: Count, votes: Sequence[Vote], left: Sequence[_Seat]) -> int:
        """How many are asked next."""
        size = count.fewest(votes, [each.weight for each in left]) if self.early_stop else len(left)
        return size if self.at_once is None else min(size, self.at_once)

    def _vote(self, seat: _Seat, score: Score) -> Vote | None:
        """A member's vote; None when it gives none."""
        if score.value is None:
            return None
        if self.how == "majority" and self.on == "passed":
            if score.passed is None:
                return None
            return Vote(float(score.passed), _said(score.passed), score.passed, seat.weight)
        word = score.label if score.label is not None else _said(score.passed, score.value)
        return Vote(score.value, word, score.passed, seat.weight)

    def _verdict(self, count: Count, votes: list[Vote], ballots: list[dict[str, Any]], seats: int) -> Score:
        score = count.verdict(votes)
        evidence = {"votes": ballots, "asked": len(ballots), "saved": seats - len(ballots)}
        why = score.explanation
        silent = [each for each in ballots if each["voted"] is None]
        if silent:
            why += f"; {len(silent)} of {len(ballots)} asked gave no vote, for example: {silent[0]['explanation']}"
        return Score(score.value, score.passed, score.label, why, evidence)


panel = PanelJudge


@dataclass(slots=True)
class _Booked:
    """A way to a model that counts what goes over it."""

    ask: Asks
    calls: int = 0
    usage: Usage = field(default_factory=Usage)

    async def __call__(self, request: ModelRequest, *, model: str | None = None) -> ModelResponse:
        response = await self.ask(request, model=model)
        self.calls += 1
        self.usage += response.usage
        return response


async def _ballot(seat: _Seat, case: JudgeCase) -> tuple[Score, dict[str, Any]]:
    """A member's score, and what is kept of it."""
    booked = _Booked(case.ask)
    score = await verdict_of(seat.judge, case.asking(booked))
    told = {"judge": seat.judge.id, "repeat": seat.repeat, "weight": float(seat.weight), **score.to_dict()}
    return score, {**told, "calls": booked.calls, "usage": booked.usage.to_dict()}


def _said(passed: bool | None, value: float = 0.0) -> str:
    if passed is None:
        return f"{value:g}"
    return "passed" if passed else "failed"


def _members(judges: Sequence[Judge], models: Sequence[str]) -> Iterator[Judge]:
    for judge in judges:
        if not models:
            yield judge
        for model in models:
            yield dataclasses.replace(judge, model=model)  # type: ignore[type-var]


def _check_judges(judges: Sequence[object], models: Sequence[str]) -> None:
    if not judges:
        raise ConfigurationError("judge 'panel': judges is empty; name one at least")
    for judge in judges:
        if not isinstance(judge, Judge):
            raise ConfigurationError(f"judge 'panel': {judge!r} is no judge")
        if models and not _takes_model(judge):
            raise ConfigurationError(
                f"judge 'panel': {judge.id} asks no model, so it cannot be asked with several models"
            )


def _takes_model(judge: object) -> bool:
    return dataclasses.is_dataclass(judge) and "model" in {each.name for each in dataclasses.fields(judge)}


def _check(panel: PanelJudge) -> None:
    seats = len(panel.members) * panel.repeats if _is_count(panel.repeats) else 0
    if not 1 <= seats <= _MOST:
        raise ConfigurationError(
            f"judge 'panel': {len(panel.members)} members asked {panel.repeats!r} times; 1 to {_MOST} votes are accepted"
        )
    for name, value, accepted in (
        ("how", panel.how, _HOW),
        ("tie", panel.tie, _TIES),
        ("on", panel.on, ("label", "passed")),
    ):
        if value not in accepted:
            raise ConfigurationError(
                f"judge 'panel': {name} is {value!r}; give {' or '.join(map(repr, accepted))}"
            )
    for name, number, most in (("quorum", panel.quorum, seats), ("at_once", panel.at_once, math.inf)):
        if number is not None and not (_is_count(number) and number <= most):
            raise ConfigurationError(
                f"judge 'panel': {name} is {number!r}; give a whole number from 1 to {most}"
            )
    _check_counting(panel)
    _check_weights(panel)


def _check_counting(panel: PanelJudge) -> None:
    ids = [each.id for each in panel.members]
    if len(set(ids)) < len(ids):
        raise ConfigurationError("judge 'panel': a member is named twice; use repeats to ask it more often")
    scales = {(each.scale.low, each.scale.high, each.scale.unit) for each in panel.members}
    if len(scales) > 1 and not (panel.how == "majority" and panel.on == "passed"):
        raise ConfigurationError(
            "judge 'panel': its members have different scales; normalise them, or count by on='passed'"
        )
    if panel.how == "majority" and panel.threshold is not None:
        raise ConfigurationError("judge 'panel': a majority takes no threshold; give the members theirs")
    if panel.how != "majority" and (panel.tie != "unscored" or panel.on != "label"):
        raise ConfigurationError(
            f"judge 'panel': a {panel.how} has no ties and no words; leave out tie and on"
        )


def _check_weights(panel: PanelJudge) -> None:
    if not panel.weights:
        return
    if panel.how == "median":
        raise ConfigurationError("judge 'panel': a median takes no weights")
    if len(panel.weights) != len(panel.members):
        raise ConfigurationError(
            f"judge 'panel': there are {len(panel.weights)} weights for {len(panel.members)} members"
        )
    for weight in panel.weights:
        if isinstance(weight, bool) or not isinstance(weight, int | float) or not 0 < weight < math.inf:
            raise ConfigurationError(f"judge 'panel': a weight is {weight!r}; give numbers above 0")


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1
