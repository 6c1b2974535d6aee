"""`rubric`: a model assesses an answer, or a whole session, by named criteria with ordered levels.

rubric(
    criteria=[
        Criterion(name="accuracy", weight=2, levels=[Level(name="wrong"), Level(name="right")]),
        Criterion(name="tone", levels=[Level(name="rude"), Level(name="plain"), Level(name="kind")]),
    ]
)
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from agentbench_sdk.canonical import canonical_json
from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.judges.llm.asking import Question, Reply
from agentbench_sdk.judges.llm.verdict import Group, OneOf, Words
from agentbench_sdk.judges.llm.work import WorkJudge
from agentbench_sdk.judging import JudgeCase, Scale, Score
from agentbench_sdk.judging.gathering import gathered


class Level(BaseModel):
    """A level of a criterion.

    Attributes:
        name: the word with which the judge chooses it.
        description: when it fits.
        value: what it is worth, from 0 to 1; levels without one are spaced evenly.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    description: str = ""
    value: float | None = None


class Criterion(BaseModel):
    """One thing that is assessed.

    Attributes:
        name: unique in its rubric.
        description: what is looked at.
        levels: from the worst to the best, two at least.
        weight: its part of the whole, relative to the others'.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    description: str = ""
    levels: tuple[Level, ...]
    weight: float = 1.0

    def values(self) -> dict[str, float]:
        """What each level is worth, from 0 to 1."""
        last = len(self.levels) - 1
        return {
            each.name: place / last if each.value is None else each.value
            for place, each in enumerate(self.levels)
        }

    def form(self) -> Group:
        """What a verdict on it must be."""
        return Group({"reasoning": Words(), "level": OneOf(tuple(each.name for each in self.levels))})

    def text(self) -> str:
        """As the judge model reads it."""
        levels = [f"  - {_with(each.name, each.description)}" for each in self.levels]
        return "\n".join([f"- {_with(self.name, self.description)}", *levels])


_CRITERIA = TypeAdapter(tuple[Criterion, ...])


@dataclass(frozen=True, slots=True, kw_only=True)
class RubricJudge(WorkJudge):
    """Pass on a model's assessment by a rubric: the weighted mean of its criteria, from 0 to 1.

    A verdict that leaves a criterion out is none: the sample is unscored, for a mean of the other criteria
    would measure something else. No answer gets the worst level of each.

    Attributes:
        criteria: named criteria, each with levels from the worst to the best, and weights.
        together: ask for all criteria in one call; False makes a call of each.
        threshold: passed from this value on.

    Raises:
        ConfigurationError: the rubric has no sense.
    """

    name: ClassVar[str] = "rubric"

    criteria: Sequence[Criterion]
    together: bool = True
    threshold: float | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "criteria", _checked(self.criteria))
        value = self.threshold
        if value is not None and (isinstance(value, bool) or not 0 <= value <= 1):
            raise ConfigurationError(f"judge 'rubric': threshold is {value!r}; give a number from 0 to 1")

    def options(self) -> dict[str, Any]:
        """As the other judges'; of the criteria their names and a hash of all that they say."""
        whole = canonical_json([each.model_dump() for each in self.criteria])
        names = ", ".join(each.name for each in self.criteria)
        shown = f"{names[:60]}#{hashlib.sha256(whole).hexdigest()[:12]}"
        return {**WorkJudge.options(self), "criteria": shown}

    @property
    def scale(self) -> Scale:
        return Scale(0.0, 1.0)

    async def judge(self, case: JudgeCase) -> Score:
        """Ask for a level of each criterion.

        Raises:
            ModelError: the judge model did not answer.
            JudgeError: no judge model was named, or the media that it should see are not at hand.
        """
        work = self.work(case)
        if not work:
            worst = {each.name: {"level": each.levels[0].name, "reasoning": ""} for each in self.criteria}
            return self._score(worst, {}, "no answer")
        groups = [tuple(self.criteria)] if self.together else [(each,) for each in self.criteria]
        replies = await gathered(self.ask(case, self._question(case, work, each)) for each in groups)
        return self._scored(replies)

    def _question(self, case: JudgeCase, work: str, criteria: Sequence[Criterion]) -> Question:
        form = Group({each.name: each.form() for each in criteria})
        details = {"rubric": "\n".join(each.text() for each in criteria)}
        return Question("rubric", self.material(case, work), form, details, self.media_of(case))

    def _scored(self, replies: Sequence[Reply]) -> Score:
        found = {name: each for reply in replies for name, each in (reply.verdict or {}).items()}
        failed = [reply for reply in replies if reply.verdict is None]
        evidence = {
            **replies[0].evidence,
            "repaired": any(reply.evidence["repaired"] for reply in replies),
        }
        if not failed:
            return self._score(found, evidence, "")
        missing = [each.name for each in self.criteria if each.name not in found]
        return Score.unscored(
            f"no verdict on {', '.join(missing)}; at last {failed[0].problem}",
            **evidence,
            reply=failed[0].text[:2000],
            criteria=found,
        )

    def _score(self, found: Mapping[str, Any], evidence: Mapping[str, Any], why: str) -> Score:
        values = {each.name: each.values()[found[each.name]["level"]] for each in self.criteria}
        whole = math.fsum(each.weight for each in self.criteria)
        value = math.fsum(each.weight * values[each.name] for each in self.criteria) / whole
        told = {
            each.name: {**found[each.name], "value": values[each.name], "weight": each.weight}
            for each in self.criteria
        }
        explanation = why or "; ".join(
            f"{name}: {_with(each['level'], each['reasoning'])}" for name, each in told.items()
        )
        passed = None if self.threshold is None else value >= self.threshold
        return Score(value, passed, None, explanation, {**evidence, "criteria": told})


rubric = RubricJudge


def _with(name: str, text: str) -> str:
    return f"{name}: {text.strip()}" if text.strip() else name


def _checked(criteria: object) -> tuple[Criterion, ...]:
    try:
        found = _CRITERIA.validate_python(criteria)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise ConfigurationError(f"judge 'rubric': criteria {where}: {first['msg']}") from None
    if not found:
        raise ConfigurationError("judge 'rubric': there are no criteria; give one at least")
    _unique("criteria", [each.name for each in found])
    for each in found:
        _check(each)
    return found


def _check(criterion: Criterion) -> None:
    name = criterion.name
    if len(criterion.levels) < 2:
        raise ConfigurationError(f"judge 'rubric': criterion {name!r} has fewer than two levels")
    _unique(f"levels of criterion {name!r}", [each.name for each in criterion.levels])
    if not (criterion.weight > 0 and math.isfinite(criterion.weight)):
        raise ConfigurationError(f"judge 'rubric': criterion {name!r} has the weight {criterion.weight!r}")
    values = list(criterion.values().values())
    if not all(0 <= value <= 1 for value in values) or sorted(set(values)) != values:
        raise ConfigurationError(
            f"judge 'rubric': the levels of criterion {name!r} are worth {values}; from the worst to the best, "
            "they must rise from 0 to 1 at most"
        )


def _unique(what: str, names: Sequence[str]) -> None:
    for name in names:
        if not name.strip() or not name.isprintable() or names.count(name) > 1:
            raise ConfigurationError(
                f"judge 'rubric': {what} are named {', '.join(map(repr, names))}; each needs a name of its own, on one line"
            )
