"""Parameters of tasks and judges: a function's signature as the table against which values are checked.

Values from Python and from files are taken strictly: "3" is no integer. Texts of a command line
(`-T key=value`) are read as the annotated type.
"""

from __future__ import annotations

import contextlib
import inspect
import json
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, get_type_hints

from pydantic import BaseModel, ConfigDict, PydanticUserError, ValidationError, create_model

from agentbench_sdk.benchmark.hints import brief, nearest
from agentbench_sdk.errors import ConfigurationError

_KEYWORDS = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
_CONFIG = ConfigDict(strict=True, arbitrary_types_allowed=True, allow_inf_nan=False)


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter: its name, its type, and its default (`inspect.Parameter.empty` where it has none)."""

    name: str
    annotation: Any
    default: Any

    @property
    def required(self) -> bool:
        return self.default is inspect.Parameter.empty

    def __str__(self) -> str:
        shown = f"{self.name}: {inspect.formatannotation(self.annotation)}"
        return shown if self.required else f"{shown} = {self.default!r}"


@dataclass(frozen=True, slots=True)
class Parameters:
    """The parameters of a function.

    Attributes:
        owner: whose they are, as errors say it, for example "task 'vending'".
        by_name: in the function's order.
        open: the function takes any further keyword.
        further: names of those that a model adds; lists count them only.
    """

    owner: str
    by_name: Mapping[str, Parameter]
    open: bool = False
    further: frozenset[str] = frozenset()

    @classmethod
    def of(cls, function: Callable[..., Any], owner: str, *, skip: int = 0) -> Parameters:
        """Read a function's (or class's) signature, its first `skip` parameters left out.

        Raises:
            ConfigurationError: a parameter can only be given by position, or an annotation names
                something that cannot be found.
        """
        hints = _hints(function, owner)
        table: dict[str, Parameter] = {}
        is_open = False
        for each in list(inspect.signature(function).parameters.values())[skip:]:
            if each.kind is inspect.Parameter.VAR_KEYWORD:
                is_open = True
            elif each.kind in _KEYWORDS:
                table[each.name] = Parameter(each.name, hints.get(each.name, Any), each.default)
            elif each.kind is inspect.Parameter.POSITIONAL_ONLY:
                raise ConfigurationError(f"{owner}: parameter {each.name!r} cannot be given by name")
        return cls(owner, table, is_open)

    def with_fields(self, model: type[BaseModel]) -> Parameters:
        """The same parameters, and the fields of a model, which the function takes as further keywords.

        Their types are checked here; bounds and what fields say together are the model's own to check.

        Raises:
            ConfigurationError: the function takes no further keywords, or names one of the fields itself.
        """
        if not self.open:
            raise ConfigurationError(f"{self.owner} takes no further keywords; give its function **keywords")
        if both := sorted(set(self.by_name) & set(model.model_fields)):
            raise ConfigurationError(f"{self.owner}: {', '.join(both)} is a parameter and a further one")
        fields = {
            name: Parameter(
                name,
                field.annotation,
                inspect.Parameter.empty
                if field.is_required()
                else field.get_default(call_default_factory=True),
            )
            for name, field in model.model_fields.items()
        }
        return Parameters(self.owner, {**self.by_name, **fields}, further=frozenset(fields))

    def __str__(self) -> str:
        own = [str(each) for name, each in self.by_name.items() if name not in self.further]
        more = [f"{len(self.further)} more"] if self.further else []
        return ", ".join([*own, *more]) or "none"

    def check(self, values: Mapping[str, Any], *, texts: bool = False) -> dict[str, Any]:
        """Return the values as the function takes them; what is left to a default stays out.

        Arguments:
            values: by parameter name.
            texts: values are texts from a command line, to be read as the annotated types. A list may be
                written "1,2,9" or as JSON, an object as JSON.

        Raises:
            ConfigurationError: an unknown name, a missing value, or one of another type.
        """
        self._check_names(values)
        checked: dict[str, Any] = {}
        for name, value in values.items():
            parameter = self.by_name.get(name)
            checked[name] = value if parameter is None else self._check(parameter, value, texts=texts)
        return checked

    def _check_names(self, names: Iterable[str]) -> None:
        given = list(names)
        for name in given:
            if name not in self.by_name and not self.open:
                raise ConfigurationError(
                    f"{self.owner} has no parameter {name!r}; {nearest(str(name), self.by_name)}"
                )
        for parameter in self.by_name.values():
            if parameter.required and parameter.name not in given:
                raise ConfigurationError(
                    f"{self.owner} needs the parameter {parameter.name!r} (parameters: {self})"
                )

    def _check(self, parameter: Parameter, value: Any, *, texts: bool) -> Any:
        read = _read_text if texts and isinstance(value, str) else _read_value
        try:
            return read(_validator(parameter), value)
        except ValidationError as error:
            errors = error.errors(include_url=False)
            reason = f": {errors[0]['msg']}" if len(errors) == 1 else ""
        except PydanticUserError as error:
            reason = f": its annotation cannot be checked ({error.message})"
        raise ConfigurationError(
            f"{self.owner}: parameter {parameter.name!r} is {inspect.formatannotation(parameter.annotation)} "
            f"and got {brief(value)}{reason} (parameters: {self})"
        )


def _hints(function: Callable[..., Any], owner: str) -> dict[str, Any]:
    source = function.__init__ if inspect.isclass(function) else function
    if not (inspect.isroutine(source) or hasattr(source, "__annotations__")):
        source = type(source).__call__  # an object that is called, not a function
    try:
        return get_type_hints(source, include_extras=True)
    except NameError as error:
        raise ConfigurationError(
            f"{owner}: an annotation names {error.name!r}, which is not imported where the annotation is read"
        ) from error


def _validator(parameter: Parameter) -> type[BaseModel]:
    return create_model(parameter.name, __config__=_CONFIG, value=(parameter.annotation, ...))


def _read_value(validator: type[BaseModel], value: Any) -> Any:
    """A value as it is; or, for plain JSON, as JSON of the type (a list for a tuple, a text for a path)."""
    try:
        return _value_of(validator.model_validate({"value": value}))
    except ValidationError:
        if not _is_json(value):
            raise
        return _value_of(validator.model_validate_json(json.dumps({"value": value})))


def _is_json(value: object) -> bool:
    if isinstance(value, dict):
        return all(isinstance(key, str) and _is_json(item) for key, item in value.items())
    if isinstance(value, list):
        return all(map(_is_json, value))
    if isinstance(value, float):
        return math.isfinite(value)
    return value is None or isinstance(value, str | int)


def _read_text(validator: type[BaseModel], text: str) -> Any:
    """A text as the type: by itself, as JSON, or as items between commas; the first that fits."""
    try:
        return _value_of(validator.model_validate({"value": text}, strict=False))
    except ValidationError as error:
        refused = error
    with contextlib.suppress(json.JSONDecodeError, RecursionError):
        value = json.loads(text)
        if isinstance(value, list | dict):
            return _read_value(validator, value)  # what is written as JSON is meant as JSON
        with contextlib.suppress(ValidationError):
            return _read_value(validator, value)
    if text.lstrip()[:1] not in ("[", "{"):
        with contextlib.suppress(ValidationError):
            return _value_of(validator.model_validate({"value": text.split(",")}, strict=False))
    raise refused


def _value_of(model: BaseModel) -> Any:
    return model.value  # type: ignore[attr-defined]
