"""What all judges that ask a model share: the question, its one repair, and what is told of who answered.

A judge says what is material (fenced), which prompt goes with it, and of which form the verdict must be.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cache
from importlib.resources import files
from string import Template
from typing import Any, ClassVar

from agentbench_sdk.errors import ConfigurationError, JudgeError
from agentbench_sdk.judges.llm.fence import elided, fenced, nonce_of, numbered_media, valid_text
from agentbench_sdk.judges.llm.verdict import Group, Member, Words, parse_verdict, schema_of, sketch_of
from agentbench_sdk.judges.naming import judge_id
from agentbench_sdk.judging import JudgeCase, Score
from agentbench_sdk.messages import Media, Message, Part, Text
from agentbench_sdk.models import GenerateParams, ModelRequest, ModelResponse
from agentbench_sdk.models.family import families, same_model

_LONG = 60  # characters of an option that an id shows in full
_MEDIA_TOO = " The images, sounds and films that come with this message are material too, what is written or said in them included."


@dataclass(frozen=True, slots=True)
class Question:
    """One question to a judge model.

    Attributes:
        prompt: name of the prompt's file.
        material: what comes from outside, by label; shown behind fences.
        form: what the verdict must be.
        details: what else the prompt has places for; the task author's words, which are trusted.
        media: images, sounds and films that go with it.
    """

    prompt: str
    material: Mapping[str, str]
    form: Group
    details: Mapping[str, str] = field(default_factory=dict)
    media: tuple[Media, ...] = ()


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of a question.

    Attributes:
        verdict: the members of the verdict; None when there is none.
        problem: why there is none.
        text: the judge's last words.
        evidence: who answered, and how.
    """

    verdict: Mapping[str, Any] | None
    problem: str
    text: str
    evidence: Mapping[str, Any]

    def unscored(self) -> Score:
        """The score of a question without a verdict."""
        why = f"the judge gave no verdict twice; at last {self.problem}"
        return Score.unscored(why, reply=elided(self.text, 2000), **self.evidence)


def verdict_form(**members: Member) -> Group:
    """A verdict with a reason before the rest: a model that has to say why first judges better."""
    return Group({"reasoning": Words(), **members})


@dataclass(frozen=True, slots=True, kw_only=True)
class LlmJudge:
    """What judges that ask a model have in common.

    Attributes:
        model: specification of the judge model; the run's judge model when left out. Never the model under
            test by default.
        structured: ask for the schema through `response_format`; it is left out by itself for models whose
            `response_format` capability is off.
        temperature: of the judge model; None leaves its endpoint's default.
        media: show the judge model the images, sounds and films of the sample's input. A run whose judge
            model cannot take them is refused before it starts.
    """

    asks_model: ClassVar[bool] = True  # so that a run without a judge model is refused before it starts
    name: ClassVar[str] = ""

    model: str | None = None
    structured: bool = True
    temperature: float | None = 0.0
    media: bool = True

    @property
    def id(self) -> str:
        return judge_id(self.name, self.options(), {})

    def options(self) -> dict[str, Any]:
        """The options that differ from their defaults, as the id shows them: long texts are cut and hashed."""
        given = {each.name: getattr(self, each.name) for each in fields(self) if each.init}
        defaults = {each.name: each.default for each in fields(self)}
        return {key: _short(value) for key, value in given.items() if value != defaults[key]}

    async def ask(self, case: JudgeCase, question: Question) -> Reply:
        """Ask for a verdict, once more if the reply is none.

        Raises:
            ModelError: the judge model did not answer.
            JudgeError: no judge model was named.
        """
        request = _request(question, self._params(question.form))
        shown = "\n".join(question.material.values())
        response = await case.ask(request, model=self.model)
        verdict, problem = _read(response, question.form, shown)
        repaired = verdict is None
        if verdict is None:
            retry = _repair(request, response, problem, question.form)
            response = await case.ask(retry, model=self.model)
            verdict, problem = _read(response, question.form, shown)
        evidence = {"judge_model": response.model, "repaired": repaired, "prompt": wording(question.prompt)}
        evidence |= _kinship(case.model, self.model or "", response.model)
        return Reply(verdict, problem, valid_text(response.text), evidence)

    def media_of(self, case: JudgeCase) -> tuple[Media, ...]:
        """The media that the judge model is shown.

        Raises:
            JudgeError: the bytes of one are not at hand.
        """
        found = tuple(part for _, part in numbered_media(case.input).values()) if self.media else ()
        for part in found:
            if part.data is None and part.url is None:
                raise JudgeError(
                    f"sample {case.sample_id!r}: the bytes of {part.kind} {part.sha256[:12]} are not at hand"
                )
        return found

    def numbers_of(self, case: JudgeCase) -> dict[str, int]:
        """The numbers by which texts refer to the media that are shown, by content."""
        if not self.media:
            return {}
        return {sha256: number for sha256, (number, _) in numbered_media(case.input).items()}

    def _params(self, form: Group) -> GenerateParams:
        if not self.structured:
            return GenerateParams(temperature=self.temperature)
        schema = {"name": "verdict", "strict": True, "schema": schema_of(form)}
        wanted = {"type": "json_schema", "json_schema": schema}
        return GenerateParams(temperature=self.temperature, response_format=wanted)


def checked_texts(judge: str, **texts: object) -> None:
    """Refuse options that must say something and do not.

    Raises:
        ConfigurationError: one of the texts is empty or none.
    """
    for name, text in texts.items():
        if not isinstance(text, str) or not text.strip():
            raise ConfigurationError(f"judge {judge!r}: {name} is empty; say it in plain words")


@cache
def prompt_text(name: str) -> str:
    """A prompt file of the package."""
    path = files("agentbench_sdk.judges.llm").joinpath(f"prompts/{name}.txt")
    return path.read_text(encoding="utf-8").strip()


@cache
def wording(prompt: str) -> str:
    """Name and hash of a prompt: which wording a verdict follows."""
    digest = hashlib.sha256((prompt_text("outside") + prompt_text(prompt)).encode()).hexdigest()
    return f"{prompt} {digest[:12]}"


def _request(question: Question, params: GenerateParams) -> ModelRequest:
    nonce = nonce_of(question.material.values())
    outside = Template(prompt_text("outside")).substitute(
        nonce=nonce, media=_MEDIA_TOO if question.media else ""
    )
    text = Template(prompt_text(question.prompt)).substitute(
        question.details,
        outside=outside,
        material="\n\n".join(fenced(label, text, nonce) for label, text in question.material.items()),
        form=sketch_of(question.form),
    )
    return ModelRequest((Message("user", (*_media_parts(question.media, nonce), Text(text))),), params=params)


def _media_parts(media: tuple[Media, ...], nonce: str) -> list[Part]:
    """Each with its name before it, so that the text can refer to it."""
    parts: list[Part] = []
    numbers: dict[str, int] = {}
    for each in media:
        numbers[each.kind] = numbers.get(each.kind, 0) + 1
        parts += [Text(f"[{each.kind} {numbers[each.kind]} {nonce}]"), each]  # type: ignore[list-item]
    return parts


def _read(response: ModelResponse, form: Group, shown: str) -> tuple[dict[str, Any] | None, str]:
    if response.finish_reason in ("length", "refusal"):
        told = {"length": "the reply was cut off", "refusal": "the reply is a refusal"}
        return None, told[response.finish_reason]
    try:
        return parse_verdict(response.text, form, shown), ""
    except ValueError as error:
        return None, valid_text(str(error))


def _repair(request: ModelRequest, response: ModelResponse, problem: str, form: Group) -> ModelRequest:
    said = Message.assistant(valid_text(elided(response.text, 4000)) or "(no text)")
    ask = Message.user(
        f"That is not a verdict: {problem}. Reply with exactly one JSON object and nothing else: {sketch_of(form)}"
    )
    return replace(request, messages=(*request.messages, said, ask))


def _kinship(under_test: str, named: str, answered: str) -> dict[str, Any]:
    """Whether the judge is the model under test or its kin, by the name asked for or the one that answered."""
    names = [name for name in (named, answered) if name]
    if any(same_model(under_test, name) for name in names):
        return {"self_judged": True}
    shared = {family for name in names for family in families(name)} & families(under_test)
    return {"same_family": sorted(shared)} if shared else {}


def _short(value: Any) -> Any:
    """What an id shows of an option: a long text by its beginning and its hash."""
    text = value if isinstance(value, str) else repr(value)
    if len(text) <= _LONG:
        return value
    digest = hashlib.sha256(valid_text(text).encode()).hexdigest()[:12]
    return f"{text[:32]}…#{digest}"
