"""What a task file may say. `docs/tasks.md` explains it to people."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Annotated, Any, ClassVar, TypeVar, get_args, get_origin, get_type_hints

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    create_model,
    model_validator,
)

from agentbench_sdk.benchmark.document import Document, Where
from agentbench_sdk.benchmark.hints import brief, nearest
from agentbench_sdk.errors import TaskError
from agentbench_sdk.models import GenerateParams
from agentbench_sdk.sessions.ending import Limits

_CONFIG = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)
SOURCES = ("samples", "samples_file", "dataset", "seeds")
MEDIA_FIELDS = ("image", "audio", "video")


class DatasetSpec(BaseModel):
    """A Hugging Face dataset: by its name on the hub, or by the path of a local copy."""

    model_config = _CONFIG

    name: Annotated[str, Field(min_length=1)] | None = None
    path: Annotated[str, Field(min_length=1)] | None = None
    config: str | None = None
    split: Annotated[str, Field(min_length=1)]
    revision: str | None = None

    @model_validator(mode="after")
    def _one_source(self) -> DatasetSpec:
        if (self.name is None) == (self.path is None):
            raise ValueError("give either 'name' (on the hub) or 'path' (a local copy)")
        return self


class FieldMap(BaseModel):
    """Which column of the data holds what; a column of the same name needs no entry."""

    model_config = _CONFIG

    id: str = "id"
    question: str = "question"
    target: str = "target"
    choices: str | list[str] = "choices"
    category: str = "category"
    cluster: str = "cluster"
    user_turns: str = "user_turns"
    scenario: str = "scenario"
    seed: str = "seed"
    image: str = "image"
    audio: str = "audio"
    video: str = "video"

    def columns(self) -> list[str]:
        """All columns that are looked at."""
        found: list[str] = []
        for value in self.model_dump().values():
            found.extend([value] if isinstance(value, str) else value)
        return found


# What the protocol accepts; a temperature above 2 is refused by some endpoints and taken by others.
_RANGES: dict[str, tuple[int, int | None]] = {
    "temperature": (0, None),
    "top_p": (0, 1),
    "max_tokens": (1, None),
    "frequency_penalty": (-2, 2),
    "presence_penalty": (-2, 2),
    "top_logprobs": (0, 20),
}


def _within(low: int, high: int | None) -> Callable[[float | None], float | None]:
    accepted = f"{low} or more" if high is None else f"{low} to {high}"

    def check(value: float | None) -> float | None:
        if value is not None and (value < low or (high is not None and value > high)):
            raise ValueError(f"accepted: {accepted}")
        return value

    return check


def _params_model() -> type[BaseModel]:
    hints = get_type_hints(GenerateParams)
    table: dict[str, Any] = {}
    for each in fields(GenerateParams):
        hint = hints[each.name]
        if get_origin(hint) is tuple:
            hint = list[get_args(hint)[0]]  # type: ignore[misc]
        if each.name in _RANGES:
            hint = Annotated[hint, AfterValidator(_within(*_RANGES[each.name]))]
        table[each.name] = (hint | None, None)
    return create_model("ParamsSpec", __config__=_CONFIG, **table)


ParamsSpec = _params_model()


class TaskSpec(BaseModel):
    """The members of a task file."""

    model_config = _CONFIG

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.\-]*$")]
    version: Annotated[str, Field(min_length=1)] | int = "1"
    description: str = ""
    system: str = ""
    prompt: Annotated[str, Field(min_length=1)] | None = None
    samples: Annotated[list[dict[str, Any]], Field(min_length=1)] | None = None
    samples_file: Annotated[str, Field(min_length=1)] | None = None
    dataset: DatasetSpec | None = None
    fields: FieldMap = FieldMap()
    metadata: list[str] = []
    judges: Annotated[list[str | dict[str, Any]], Field(min_length=1)]
    environment: str | None = None
    scenario: str | dict[str, Any] | None = None
    seeds: str | int | list[int | str] | None = None
    params: ParamsSpec = ParamsSpec()  # type: ignore[valid-type]
    limits: Limits = Limits()
    epochs: Annotated[int, Field(ge=1)] = 1
    user_turns: list[str] = []

    accepted: ClassVar[Mapping[str, type[BaseModel]]] = {
        "dataset": DatasetSpec,
        "fields": FieldMap,
        "params": ParamsSpec,
        "limits": Limits,
    }

    def generate_params(self) -> GenerateParams:
        """The sampling parameters that are set."""
        given = self.params.model_dump(exclude_none=True)  # type: ignore[attr-defined]
        if "stop" in given:
            given["stop"] = tuple(given["stop"])
        return GenerateParams(**given)


def check_document(document: Document) -> TaskSpec:
    """Check a task file's content.

    Raises:
        TaskError: names the file, the line, the field, and what is accepted there.
    """
    if "group" in document.data:
        raise document.fault(
            "this file is a group of tasks, not a task: run it with `agentbench run`, or name it in a list of "
            "tasks, evaluate([…], models=[…])",
            ("group",),
        )
    spec = checked(document, TaskSpec)
    given = [source for source in SOURCES if getattr(spec, source) is not None]
    if len(given) != 1:
        found = " and ".join(given) or "none"
        where = (given[1],) if given else ()
        raise document.fault(f"exactly one of {', '.join(SOURCES)} is needed; there is {found}", where)
    for member in ("seeds", "scenario"):
        if getattr(spec, member) is not None and spec.environment is None:
            raise document.fault("needs an 'environment' as well", (member,))
    return spec


Spec = TypeVar("Spec", bound=BaseModel)


def checked(document: Document, model: type[Spec], where: Where = ()) -> Spec:
    """A part of a document, the whole when `where` is empty, as a model.

    Raises:
        TaskError: names the file, the line, the field, and what is accepted there.
    """
    data: Any = document.data
    for step in where:
        data = data[step]
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise _fault(document, model, where, data, error) from None


def _fault(
    document: Document, whole: type[BaseModel], within: Where, data: Any, error: ValidationError
) -> TaskError:
    """The first problem in the order of the file; a missing field last, for it may just be misspelt."""
    problems = error.errors(include_url=False)
    placed = [((*within, *_place(data, problem["loc"])), problem) for problem in problems]
    where, problem = min(placed, key=lambda each: (each[1]["type"] == "missing", document.line(each[0])))
    same = [each for place, each in placed if place == where]
    if problem["type"] == "extra_forbidden":
        inner: Mapping[str, type[BaseModel]] = getattr(whole, "accepted", {})
        inside = where[len(within) :]
        model = inner.get(str(inside[0]), whole) if len(inside) > 1 else whole
        return document.fault(f"unknown field; {nearest(str(where[-1]), model.model_fields)}", where)
    if problem["type"] == "missing":
        return document.fault(f"the field {problem['loc'][-1]!r} is missing", where)
    reasons = " or ".join(dict.fromkeys(_reason(each) for each in same))
    return document.fault(f"{reasons}; got {brief(problem['input'])}{_hint(problem['input'], same)}", where)


def _reason(problem: Any) -> str:
    if problem["type"] == "string_pattern_mismatch":
        return "a name begins with a letter or digit and holds letters, digits, '_', '-' and '.'"
    reason: str = problem["msg"].removeprefix("Value error, ")
    return reason.replace("Input should", "the value must") if reason.startswith("Input") else reason


def _hint(value: object, problems: list[Any]) -> str:
    wants_text = any(each["type"] == "string_type" for each in problems)
    wants_list = any(each["type"] == "list_type" for each in problems)
    if wants_text and isinstance(value, bool | int | float):
        return "; quote it if it is meant as text"
    if wants_list and not isinstance(value, list):
        return "; write a list, one '- ' a line or in [brackets]"
    return ""


def _place(data: Any, location: tuple[int | str, ...]) -> Where:
    """The part of an error's location that lies in the data: pydantic adds the branches of unions."""
    where: list[int | str] = []
    for step in location:
        inside = step in data if isinstance(data, dict) else isinstance(data, list) and isinstance(step, int)
        if inside:
            where.append(step)
            data = data[step]
    return tuple(where)
