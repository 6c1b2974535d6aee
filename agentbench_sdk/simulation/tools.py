"""`@tool`: a method of an environment that a model may call.

The method's annotations are the schema: names, types, bounds (through `pydantic.Field`) and defaults.
Arguments are validated strictly, never coerced: "3" is no integer, nor is True, nor 3.0.

    class Kiosk(Environment):
        @tool()
        def set_price(self, cents: Annotated[int, Field(ge=25, le=5000)]) -> ToolResult:
            '''Set the price of the next sale, in cents.'''
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeVar, get_type_hints

from pydantic import BaseModel, ConfigDict, ValidationError, create_model

from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.messages import ToolSpec
from agentbench_sdk.simulation.arguments import BadArguments, check_arguments

Actor = Literal["agent", "user"]
F = TypeVar("F", bound=Callable[..., Any])
_MARK = "__agentbench_tool__"


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What a call gave.

    Attributes:
        content: the text that the caller sees.
        ok: False when the call was refused or failed as far as the world is concerned.
        error: stable code of the failure, for example "bad_arguments"; "" when ok.
    """

    content: str
    ok: bool = True
    error: str = ""


@dataclass(frozen=True, slots=True)
class ToolMark:
    """What `@tool` notes on a method."""

    name: str
    actor: Actor
    group: str


def tool(*, name: str | None = None, actor: Actor = "agent", group: str = "") -> Callable[[F], F]:
    """Mark a method of an environment as a tool.

    Arguments:
        name: what callers call it; the method's name when left out.
        actor: who may call it.
        group: free label by which an environment can offer or withhold tools.
    """

    def decorate(method: F) -> F:
        setattr(method, _MARK, ToolMark(name or method.__name__, actor, group))
        return method

    return decorate


@dataclass(frozen=True, slots=True)
class BoundTool:
    """A tool with its schema and validator, made once per environment class."""

    mark: ToolMark
    method: str
    spec: ToolSpec
    validator: type[BaseModel]

    def validate(self, arguments: object) -> dict[str, Any] | BadArguments:
        """Return the arguments by parameter name, ready to be passed on, or why they are refused.

        A nested pydantic model arrives as an instance of it; everything else as plain JSON values.
        """
        checked = check_arguments(arguments)
        if isinstance(checked, BadArguments):
            return checked
        try:
            valid = self.validator.model_validate(checked, strict=True)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            return BadArguments(first["msg"], ".".join(map(str, first["loc"])))
        return {field: getattr(valid, field) for field in type(valid).model_fields}


def tools_of(environment: type) -> Mapping[str, BoundTool]:
    """All tools of an environment class, by name, in order of definition.

    Raises:
        ConfigurationError: two tools share a name, or a parameter has no annotation.
    """
    table: dict[str, BoundTool] = {}
    for attribute in _method_names(environment):
        method = inspect.getattr_static(environment, attribute)
        mark = getattr(method, _MARK, None)
        if mark is None:
            continue
        if mark.name in table:
            raise ConfigurationError(f"{environment.__name__} has two tools named {mark.name!r}")
        validator = _validator(environment, mark, method)
        spec = ToolSpec(mark.name, inspect.cleandoc(method.__doc__ or ""), _schema(validator))
        table[mark.name] = BoundTool(mark, attribute, spec, validator)
    return table


def _method_names(environment: type) -> list[str]:
    seen: dict[str, None] = {}
    for base in reversed(environment.__mro__):
        seen.update(dict.fromkeys(vars(base)))
    return list(seen)


def _validator(environment: type, mark: ToolMark, method: Callable[..., Any]) -> type[BaseModel]:
    hints = get_type_hints(method, include_extras=True)
    fields: dict[str, Any] = {}
    for parameter in list(inspect.signature(method).parameters.values())[1:]:
        if parameter.name not in hints:
            raise ConfigurationError(
                f"{environment.__name__}.{mark.name}: parameter {parameter.name!r} has no annotation"
            )
        required = parameter.default is inspect.Parameter.empty
        fields[parameter.name] = (hints[parameter.name], ... if required else parameter.default)
    config = ConfigDict(extra="forbid", strict=True)
    return create_model(f"{mark.name}_arguments", __config__=config, **fields)


def _schema(validator: type[BaseModel]) -> dict[str, Any]:
    schema = validator.model_json_schema()
    for clutter in ("title", "description"):
        schema.pop(clutter, None)
    for each in schema.get("properties", {}).values():
        each.pop("title", None)
    schema.setdefault("properties", {})
    return schema
