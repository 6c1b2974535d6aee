"""`tool_calls`: what the agent did with its tools: which it used, how, in which order, and which it left alone.

The expectations are data, in the sample's target or in the task:

    used: [{name: refund, arguments: {order: "A-17"}, max: 1}, lookup]
    order: [lookup, refund]
    forbidden: [delete_account]
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from agentbench_sdk.errors import ConfigurationError, JudgeError
from agentbench_sdk.judges.json_values import contains
from agentbench_sdk.judging import JudgeCase, Score, judge
from agentbench_sdk.sessions.transcript import ToolEntry
from agentbench_sdk.simulation import Actor, BadArguments, parse_arguments


class CallPattern(BaseModel):
    """Calls that are meant.

    Attributes:
        name: of the tool.
        arguments: members that a call's arguments must have, at any depth; lists must be equal.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    name: str
    arguments: dict[str, Any] = {}

    def matches(self, call: ToolEntry) -> bool:
        if call.name != self.name:
            return False
        arguments = parse_arguments(call.arguments)
        return not self.arguments or (
            not isinstance(arguments, BadArguments) and contains(arguments, self.arguments)
        )

    def __str__(self) -> str:
        return f"{self.name}({', '.join(f'{key}={value!r}' for key, value in self.arguments.items())})"


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
        min, max: how many calls there may be in all.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    used: list[Annotated[UsedPattern, BeforeValidator(_named)]] = []
    order: list[Annotated[CallPattern, BeforeValidator(_named)]] = []
    forbidden: list[Annotated[CallPattern, BeforeValidator(_named)]] = []
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
        raise ValueError("nothing is expected; give used, order, forbidden, min or max")
    return expectations


def _check(*, expect: Mapping[str, Any] | None = None, partial: bool = False, actor: Actor = "agent") -> None:
    if actor not in ("agent", "user"):
        raise ConfigurationError(f"judge 'tool_calls': actor is {actor!r}; give 'agent' or 'user'")
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
    actor: Actor = "agent",
) -> Score:
    """Pass if the calls of the session are as expected.

    Arguments:
        case: what is judged.
        expect: see `Expectations`; the sample's target when left out.
        partial: the value is the share of checks that hold, instead of 0 or 1.
        actor: whose calls: "agent" or "user".

    A call counts as made when it was executed and did not fail; for `forbidden`, `min` and `max` a failed
    call counts too. Calls refused because a message held too many never count.

    Raises:
        JudgeError: the target is not of this form.
    """
    try:
        expectations = _read(case.target if expect is None else expect)
    except ValueError as error:
        raise JudgeError(f"sample {case.sample_id!r}: target of judge 'tool_calls': {error}") from error
    calls = [call for call in case.transcript.tool_calls if call.actor == actor and not call.surplus]
    findings = expectations.findings(calls)
    failed = [sentence for sentence, holds in findings if not holds]
    passed = not failed
    value = 1 - len(failed) / len(findings) if partial else float(passed)
    explanation = "; ".join(failed) if failed else "the calls are as expected"
    evidence = {"checks": dict(findings), "calls": [call.name for call in calls]}
    return Score(value, passed, explanation=explanation, evidence=evidence)
