"""`tool_calls`: what the agent did with its tools: which it used, how, in which order, and which it left alone.

The expectations are data, in the sample's target or in the task:

    used: [{name: refund, arguments: {order: "A-17"}, max: 1}, lookup]
    order: [lookup, refund]
    forbidden: [delete_account, {name: refund, schema: {properties: {cents: {minimum: 10000}}}}]
    only: [lookup, refund]
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator

from agentbench_sdk.errors import ConfigurationError, JudgeError
from agentbench_sdk.judges.json_schema import schema_problem
from agentbench_sdk.judges.json_values import contains, same
from agentbench_sdk.judging import JudgeCase, Score, judge
from agentbench_sdk.sessions.transcript import ToolEntry
from agentbench_sdk.simulation import Actor, BadArguments, parse_arguments

Side = Literal["agent", "user", "both"]


class CallPattern(BaseModel):
    """Calls that are meant.

    Attributes:
        name: of the tool.
        arguments: members that a call's arguments must have, at any depth; lists must be equal.
        exact: the arguments must be these and no others.
        schema: JSON Schema, draft 2020-12, that the arguments must agree with.
        actor: whose calls, where both sides are looked at; None for either.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    name: str
    arguments: dict[str, Any] = {}
    exact: bool = False
    schema_: dict[str, Any] | None = Field(None, alias="schema")
    actor: Actor | None = None

    @field_validator("schema_")
    @classmethod
    def _is_schema(cls, schema: dict[str, Any] | None) -> dict[str, Any] | None:
        from jsonschema import Draft202012Validator, SchemaError

        try:
            Draft202012Validator.check_schema(schema or {})
        except SchemaError as error:
            raise ValueError(f"the schema is not valid: {error.message}") from error
        return schema

    def matches(self, call: ToolEntry) -> bool:
        if call.name != self.name or self.actor not in (None, call.actor):
            return False
        if not self.arguments and not self.exact and self.schema_ is None:
            return True
        arguments = parse_arguments(call.arguments)
        if isinstance(arguments, BadArguments):
            return False
        fits = same(arguments, self.arguments) if self.exact else contains(arguments, self.arguments)
        return fits and (self.schema_ is None or not schema_problem(arguments, self.schema_))

    def __str__(self) -> str:
        shown = [f"{key}={value!r}" for key, value in self.arguments.items()]
        shown += ["exactly"] if self.exact else []
        shown += ["by schema"] if self.schema_ is not None else []
        return f"{self.name}({', '.join(shown)})" + (f" of the {self.actor}" if self.actor else "")


class UsedPattern(CallPattern):
    """Calls that must be made: from `min` to `max` times, None for no upper bound."""

    min: int = Field(1, ge=0)
    max: int | None = Field(None, ge=0)


def _named(value: object) -> object:
    """A mere name stands for all calls of that tool."""
    return {"name": value} if isinstance(value, str) else value


class Expectations(BaseModel):
    """What is expected of the calls of a session; each entry is one check.

    Attributes:
        used: calls that must be made.
        order: calls that must follow each other, others between them allowed.
        forbidden: calls that may not be made, nor tried.
        only: all calls must be among these, tried ones too; None for no such rule.
        min, max: how many calls there may be in all.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    used: list[Annotated[UsedPattern, BeforeValidator(_named)]] = []
    order: list[Annotated[CallPattern, BeforeValidator(_named)]] = []
    forbidden: list[Annotated[CallPattern, BeforeValidator(_named)]] = []
    only: list[Annotated[CallPattern, BeforeValidator(_named)]] | None = None
    min: int | None = Field(None, ge=0)
    max: int | None = Field(None, ge=0)

    def findings(self, calls: list[ToolEntry]) -> list[tuple[str, bool]]:
        """Each check as a sentence, with whether it holds; calls that failed count only as tried."""
        done = [call for call in calls if call.ok]
        found = [_used(each, done) for each in self.used]
        if self.order:
            names = " then ".join(map(str, self.order))
            found.append((f"order {names}", _in_order(self.order, done)))
        for each in self.forbidden:
            tried = sum(map(each.matches, calls))
            found.append((f"{each} is forbidden, tried {tried} times", tried == 0))
        if self.only is not None:
            strange = [call.name for call in calls if not any(each.matches(call) for each in self.only)]
            found.append((f"no other calls, tried {', '.join(strange) or 'none'}", not strange))
        if self.min is not None:
            found.append((f"at least {self.min} calls, made {len(calls)}", len(calls) >= self.min))
        if self.max is not None:
            found.append((f"at most {self.max} calls, made {len(calls)}", len(calls) <= self.max))
        return found


def _used(pattern: UsedPattern, calls: list[ToolEntry]) -> tuple[str, bool]:
    count = sum(map(pattern.matches, calls))
    most = "" if pattern.max is None else f" and at most {pattern.max}"
    holds = pattern.min <= count and (pattern.max is None or count <= pattern.max)
    return f"{pattern} at least {pattern.min}{most} times, made {count}", holds


def _in_order(patterns: Iterable[CallPattern], calls: Iterable[ToolEntry]) -> bool:
    remaining = iter(calls)
    return all(any(pattern.matches(call) for call in remaining) for pattern in patterns)


def _read(data: object) -> Expectations:
    """Expectations from plain data.

    Raises:
        ValueError: the data is not of that form; the message names the field.
    """
    try:
        expectations = Expectations.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise ValueError(f"{'.'.join(map(str, first['loc'])) or 'expectations'}: {first['msg']}") from error
    if expectations == Expectations():
        raise ValueError("nothing is expected; give used, order, forbidden, only, min or max")
    return expectations


def _check(*, expect: Mapping[str, Any] | None = None, partial: bool = False, actor: Side = "agent") -> None:
    if actor not in ("agent", "user", "both"):
        raise ConfigurationError(f"judge 'tool_calls': actor is {actor!r}; give 'agent', 'user' or 'both'")
    try:
        if expect is not None:
            _read(expect)
    except ValueError as error:
        raise ConfigurationError(f"judge 'tool_calls': {error}") from error


@judge(check=_check)
def tool_calls(
    case: JudgeCase,
    *,
    expect: Mapping[str, Any] | None = None,
    partial: bool = False,
    actor: Side = "agent",
) -> Score:
    """Pass if the calls of the session are as expected.

    Arguments:
        case: what is judged.
        expect: see `Expectations`; the sample's target when left out.
        partial: the value is the share of checks that hold, instead of 0 or 1.
        actor: whose calls: those of the "agent" or the "user", or of "both" in the order they were made; a
            pattern may name one of both.

    A call counts as made when it was executed and did not fail; for `forbidden`, `min` and `max` a failed
    call counts too. Calls refused because a message held too many never count.

    Raises:
        JudgeError: the target is not of this form.
    """
    try:
        expectations = _read(case.target if expect is None else expect)
    except ValueError as error:
        raise JudgeError(f"sample {case.sample_id!r}: target of judge 'tool_calls': {error}") from error
    calls = [
        call for call in case.transcript.tool_calls if actor in ("both", call.actor) and not call.surplus
    ]
    findings = expectations.findings(calls)
    failed = [sentence for sentence, holds in findings if not holds]
    passed = not failed
    value = 1 - len(failed) / len(findings) if partial else float(passed)
    explanation = "; ".join(failed) if failed else "the calls are as expected"
    evidence = {"checks": dict(findings), "calls": [call.name for call in calls]}
    return Score(value, passed, explanation=explanation, evidence=evidence)
