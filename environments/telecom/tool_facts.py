"""What is known of a tool: its side, its kind, its parameters, its description; and `@tool_of`, which notes it.

Arguments are not checked against types: as in tau2-bench, a tool takes what it is given and fails, or not, on
what it does with it. Only missing and unknown ones are refused, in the words of tau2-bench's Python.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from agentbench_sdk.environments.telecom.errors import SignatureError
from agentbench_sdk.messages import ToolSpec
from agentbench_sdk.simulation import Actor

Kind = Literal["read", "write", "generic"]
Function = Callable[..., Any]

_OWNERS = {"agent": "TelecomTools", "user": "TelecomUserTools"}  # the classes that errors name
_TYPES = {"str": "string", "int": "integer", "float": "number", "dict[str, Any]": "object"}
_RESERVED = ("self", "tool_name", "requestor")  # the names that tau2-bench's dispatcher takes itself


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a tool."""

    name: str
    type: str
    description: str
    required: bool = True
    default: Any = None

    def schema(self) -> dict[str, Any]:
        shown: dict[str, Any] = {"type": self.type, "description": self.description}
        return shown if self.required else {**shown, "default": self.default}


@dataclass(frozen=True, slots=True)
class ToolFacts:
    """A tool of one side.

    Attributes:
        kind: only "write" tools may change anything.
        function: takes the side's database and the arguments.
    """

    name: str
    actor: Actor
    kind: Kind
    function: Function
    parameters: tuple[Parameter, ...]
    description: str

    @property
    def mutates(self) -> bool:
        return self.kind == "write"

    @property
    def spec(self) -> ToolSpec:
        """The tool as a model is told of it."""
        schema = {
            "type": "object",
            "properties": {each.name: each.schema() for each in self.parameters},
            "required": [each.name for each in self.parameters if each.required],
            "additionalProperties": False,
        }
        return ToolSpec(self.name, self.description, schema)

    def check(self, arguments: Mapping[str, Any]) -> None:
        """Refuse arguments that do not fit the signature.

        Raises:
            SignatureError: one is unknown (the first is named), or some are missing (all are named).
        """
        called = f"{_OWNERS[self.actor]}.{self.name}()"
        known = {each.name for each in self.parameters}
        for name in arguments:
            if name in _RESERVED:
                raise SignatureError(f"{called} got multiple values for argument '{name}'")
            if name not in known:
                raise SignatureError(f"{called} got an unexpected keyword argument '{name}'")
        missing = [each.name for each in self.parameters if each.required and each.name not in arguments]
        if missing:
            noun = "argument" if len(missing) == 1 else "arguments"
            raise SignatureError(
                f"{called} missing {len(missing)} required positional {noun}: {_listed(missing)}"
            )


def _listed(names: list[str]) -> str:
    """Names as Python lists them: 'a', 'b', and 'c'."""
    quoted = [f"'{name}'" for name in names]
    if len(quoted) < 3:
        return " and ".join(quoted)
    return f"{', '.join(quoted[:-1])}, and {quoted[-1]}"


Tools = dict[str, ToolFacts]
F = TypeVar("F", bound=Callable[..., Any])


def tool_of(tools: Tools, actor: Actor, kind: Kind, **descriptions: str) -> Callable[[F], F]:
    """Note a function as a tool; its docstring is the description, `descriptions` are those of its parameters."""

    def note(function: F) -> F:
        parameters = [
            _parameter(each, descriptions[each.name])
            for each in list(inspect.signature(function).parameters.values())[1:]
        ]
        description = inspect.cleandoc(function.__doc__ or "")
        facts = ToolFacts(function.__name__, actor, kind, function, tuple(parameters), description)
        tools[facts.name] = facts
        return function

    return note


def _parameter(given: inspect.Parameter, description: str) -> Parameter:
    required = given.default is inspect.Parameter.empty
    default = None if required else given.default
    return Parameter(given.name, _TYPES[given.annotation], description, required, default)
