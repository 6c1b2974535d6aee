"""`json_schema`: the answer is one JSON value that a schema accepts, and that agrees with the target."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from agentbench_sdk.errors import ConfigurationError, JudgeError
from agentbench_sdk.judges.answers import answer_text, no_answer
from agentbench_sdk.judges.json_values import same, whole_json
from agentbench_sdk.judges.targets import bad_target
from agentbench_sdk.judging import JudgeCase, Score, judge

Match = Literal["none", "whole", "fields"]


def check_schema(schema: Mapping[str, Any] | None, judge_name: str) -> None:
    """Refuse what is no JSON Schema of draft 2020-12; None is no schema.

    Raises:
        ConfigurationError: it is not.
    """
    from jsonschema import Draft202012Validator, SchemaError

    try:
        Draft202012Validator.check_schema({} if schema is None else schema)
    except SchemaError as error:
        raise ConfigurationError(f"judge {judge_name!r}: the schema is not valid: {error.message}") from error


def _check(*, schema: Mapping[str, Any] | None = None, match: str = "none") -> None:
    if match not in ("none", "whole", "fields"):
        raise ConfigurationError(f"judge 'json_schema': match is {match!r}; give 'none', 'whole' or 'fields'")
    if schema is None and match == "none":
        raise ConfigurationError("judge 'json_schema': give a schema, or match='whole' or 'fields'")
    check_schema(schema, "json_schema")


@judge(check=_check)
def json_schema(case: JudgeCase, *, schema: Mapping[str, Any] | None = None, match: Match = "none") -> Score:
    """Pass if the answer is exactly one JSON value (in a code fence or not) that the schema accepts.

    Arguments:
        case: what is judged.
        schema: JSON Schema, draft 2020-12; references to other documents are not fetched.
        match: "whole": the value must equal the target; "fields": the value is the share of the target's
            members that the answer's object has with equal values, more members are allowed. 1 equals
            1.0; "1" and True do not.

    Raises:
        JudgeError: the target does not fit `match`, or the schema names a document that is not at hand.
    """
    if match == "fields" and not (isinstance(case.target, Mapping) and case.target):
        raise bad_target(case, "json_schema", "an object with at least one member")
    text = answer_text(case)
    if not text:
        return no_answer()
    try:
        value = whole_json(text)
    except ValueError as error:
        why = f"the answer is not exactly one JSON value: {error}"
        return Score(0.0, passed=False, explanation=why, evidence={"extracted": None})
    if problem := schema_problem(value, schema):
        return Score(0.0, passed=False, explanation=problem, evidence={"extracted": value})
    if match == "fields":
        return _score_fields(value, case.target)
    passed = match == "none" or same(value, case.target)
    explanation = "the value is accepted" if passed else "the value is not the target"
    return Score(float(passed), passed, explanation=explanation, evidence={"extracted": value})


def schema_problem(value: Any, schema: Mapping[str, Any] | None) -> str:
    """Why the schema refuses a value, "" when it does not or there is none.

    Raises:
        JudgeError: the schema refers to a document that is not part of it.
    """
    if schema is None:
        return ""
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import best_match
    from referencing import Registry
    from referencing.exceptions import Unresolvable

    registry: Registry[Any] = Registry()  # empty: a schema from a task file makes no network call
    try:
        error = best_match(Draft202012Validator(schema, registry=registry).iter_errors(value))
    except Unresolvable as missing:
        raise JudgeError(f"the schema refers to {missing.ref!r}, which is not part of it") from missing
    if error is None:
        return ""
    return (
        f"the schema refuses {'.'.join(map(str, error.absolute_path)) or 'the value'}: {error.message[:200]}"
    )


def _score_fields(value: Any, target: Any) -> Score:
    if not isinstance(value, Mapping):
        return Score(0.0, False, None, "the value is no object", {"extracted": value})
    right = [key for key in target if key in value and same(value[key], target[key])]
    wrong = [key for key in target if key not in right]
    explanation = f"{len(right)} of {len(target)} fields agree" + (
        f"; not {', '.join(wrong)}" if wrong else ""
    )
    evidence = {"extracted": dict(value), "right": right, "wrong": wrong}
    return Score(len(right) / len(target), not wrong, explanation=explanation, evidence=evidence)
