"""`rating`: a model rates an answer, or a whole session, on a scale of whole numbers.

rating(criteria="The reply answers the customer's question and promises nothing the policy forbids.")
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, fields, replace
from functools import cache
from importlib.resources import files
from string import Template
from typing import ClassVar

from agentbench_sdk.canonical import canonical_json
from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.judges.answers import answer_text
from agentbench_sdk.judges.llm.fence import (
    elided,
    fenced,
    nonce_of,
    rendered_message,
    rendered_transcript,
    valid_text,
)
from agentbench_sdk.judges.llm.verdict import Verdict, parse_verdict, verdict_schema
from agentbench_sdk.judges.naming import judge_id
from agentbench_sdk.judging import JudgeCase, Scale, Score
from agentbench_sdk.messages import Message
from agentbench_sdk.models import GenerateParams, ModelRequest, ModelResponse

TEXT_LIMIT = 60_000


@dataclass(frozen=True, slots=True)
class RatingJudge:
    """See `rating`."""

    asks_model: ClassVar[bool] = True  # so that a run without a judge model is refused before it starts

    criteria: str
    low: int = 1
    high: int = 5
    model: str | None = None
    normalise: bool = True
    include_target: bool = False
    transcript: bool = False
    threshold: int | None = None
    structured: bool = True

    @property
    def id(self) -> str:
        return judge_id("rating", asdict(self), {each.name: each.default for each in fields(self)})

    @property
    def scale(self) -> Scale:
        return Scale(0.0, 1.0) if self.normalise else Scale(float(self.low), float(self.high), "points")

    async def judge(self, case: JudgeCase) -> Score:
        """Ask for a verdict, once more if the reply is none, and give up as unscored.

        Raises:
            ModelError: the judge model did not answer.
            JudgeError: no judge model was named.
        """
        shown = self._shown(case)
        if not shown:
            return self._nothing()
        request = self._request(case, shown)
        response = await case.ask(request, model=self.model)
        verdict = self._parse(response, shown)
        repaired = isinstance(verdict, str)
        if isinstance(verdict, str):
            retry = self._repair(request, response, verdict)
            response = await case.ask(retry, model=self.model)
            verdict = self._parse(response, shown)
        evidence = {"judge_model": response.model, "repaired": repaired}
        if self._is_self(case, response):
            evidence["self_judged"] = True
        if isinstance(verdict, str):
            why = f"the judge gave no verdict twice; at last {verdict}"
            return Score.unscored(why, reply=response.text[:2000], **evidence)
        evidence |= {"rating": verdict.rating, "reasoning": verdict.reasoning}
        return replace(self._score(verdict.rating), explanation=verdict.reasoning, evidence=evidence)

    def _nothing(self) -> Score:
        """What doing nothing is worth."""
        return replace(self._score(self.low), explanation="no answer", evidence={"rating": self.low})

    def _score(self, rating: int) -> Score:
        value = (rating - self.low) / (self.high - self.low) if self.normalise else float(rating)
        passed = None if self.threshold is None else rating >= self.threshold
        return Score(value, passed, str(rating))

    def _shown(self, case: JudgeCase) -> str:
        """What the candidate did, "" when it did nothing."""
        if self.transcript:
            return valid_text(rendered_transcript(case.transcript))
        return valid_text(elided(answer_text(case), TEXT_LIMIT))

    def _request(self, case: JudgeCase, shown: str) -> ModelRequest:
        material = {}
        question = "\n\n".join(map(rendered_message, case.input))
        if question and not self.transcript:
            material["Question"] = valid_text(elided(question, TEXT_LIMIT))
        if self.include_target:
            target = case.target
            text = target if isinstance(target, str) else canonical_json(target).decode()
            material["Reference answer"] = valid_text(elided(text, TEXT_LIMIT))
        material["Session" if self.transcript else "Answer"] = shown
        nonce = nonce_of(material.values())
        prompt = _template().substitute(
            nonce=nonce,
            material="\n\n".join(fenced(label, text, nonce) for label, text in material.items()),
            criteria=self.criteria.strip(),
            low=self.low,
            high=self.high,
        )
        return ModelRequest((Message.user(prompt),), params=self._params())

    def _params(self) -> GenerateParams:
        if not self.structured:
            return GenerateParams(temperature=0.0)
        schema = {"name": "verdict", "strict": True, "schema": verdict_schema(self.low, self.high)}
        return GenerateParams(temperature=0.0, response_format={"type": "json_schema", "json_schema": schema})

    def _parse(self, response: ModelResponse, shown: str) -> Verdict | str:
        try:
            return parse_verdict(response.text, self.low, self.high, shown)
        except ValueError as error:
            return str(error)

    def _repair(self, request: ModelRequest, response: ModelResponse, problem: str) -> ModelRequest:
        said = Message.assistant(elided(response.text, 4000) or "(no text)")
        ask = Message.user(
            f"That is not a verdict: {problem}. Reply with exactly one JSON object and nothing else: "
            f'{{"reasoning": "…", "rating": <whole number from {self.low} to {self.high}>}}'
        )
        return replace(request, messages=(*request.messages, said, ask))

    def _is_self(self, case: JudgeCase, response: ModelResponse) -> bool:
        """Whether the judge is the model under test, by the name asked for or the name that answered."""
        own = {case.model, case.model.partition("/")[2]} - {""}
        return self.model in own or response.model in own


@cache
def _template() -> Template:
    path = files("agentbench_sdk.judges.llm").joinpath("prompts/rating.txt")
    return Template(path.read_text(encoding="utf-8"))


def rating(
    *,
    criteria: str,
    low: int = 1,
    high: int = 5,
    model: str | None = None,
    normalise: bool = True,
    include_target: bool = False,
    transcript: bool = False,
    threshold: int | None = None,
    structured: bool = True,
) -> RatingJudge:
    """A judge that asks a model for a rating. The verdict is a checked schema; what is none is unscored.

    Arguments:
        criteria: what is rated, in plain words.
        low: worst rating, a whole number.
        high: best rating, a whole number.
        model: name of the judge model; the run's judge model when left out.
        normalise: values from 0 to 1 instead of `low` to `high`.
        include_target: show the sample's target as a reference answer.
        transcript: show the whole session instead of question and answer; a long one is shortened in
            the middle.
        threshold: passed from this rating on.
        structured: ask for the schema through `response_format`; switch off for endpoints that refuse it.

    Raises:
        ConfigurationError: an option has no sense.
    """
    if not isinstance(criteria, str) or not criteria.strip():
        raise ConfigurationError("judge 'rating': criteria is empty; say what is to be rated")
    check_scale("rating", low, high, threshold)
    return RatingJudge(
        criteria, low, high, model, normalise, include_target, transcript, threshold, structured
    )


def check_scale(judge: str, low: int, high: int, threshold: int | None) -> None:
    """Refuse a scale or threshold that has no sense, in the name of a judge.

    Raises:
        ConfigurationError: they are no whole numbers, or do not fit each other.
    """
    for name, value in (("low", low), ("high", high), ("threshold", threshold)):
        if isinstance(value, bool) or not (isinstance(value, int) or (name == "threshold" and value is None)):
            raise ConfigurationError(f"judge {judge!r}: {name} is {value!r}; give a whole number")
    if not low < high or high - low > 100 or not math.isfinite(high):
        raise ConfigurationError(f"judge {judge!r}: the scale {low} to {high} must rise, by 100 at most")
    if threshold is not None and not low <= threshold <= high:
        raise ConfigurationError(f"judge {judge!r}: threshold {threshold} is outside {low} to {high}")
