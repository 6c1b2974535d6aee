"""`fields`: a JSON answer compared with the target field by field, each by a rule of its own.

    fields(rules={"total": {"rule": "number", "absolute": 0.01}, "tags": "set", "note": "ignore"})

Nested objects are compared by their leaves, named by dotted paths ("buyer.name"). The value is the weighted
share of the target's fields that agree.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal, get_args

from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.judges.answers import answer_text, no_answer
from agentbench_sdk.judges.items import item_key
from agentbench_sdk.judges.json_schema import check_schema, schema_problem
from agentbench_sdk.judges.json_values import objects_in, same, whole_json
from agentbench_sdk.judges.normalisation import normalised
from agentbench_sdk.judges.numbers import parse_number
from agentbench_sdk.judges.targets import bad_target
from agentbench_sdk.judging import JudgeCase, Score, judge

RuleName = Literal["auto", "exact", "text", "number", "set", "list", "contains", "present", "ignore"]
Extra = Literal["allow", "count", "forbid"]


@dataclass(frozen=True, slots=True)
class FieldRule:
    """How a field is compared.

    Attributes:
        rule: "exact" (JSON equality), "text" (case and white space do not count), "number" (within a
            tolerance; a text with a number counts as one), "set" and "list" (items by text or value, without
            and with order), "contains" (the target's text stands in the answer's), "present" (it is there and
            not null), "ignore"; "auto" is "number" for numbers, "text" for texts, "list" for lists of
            them, else "exact".
        absolute, relative: tolerances of "number"; the greater one holds.
        weight: how much the field counts.
    """

    rule: RuleName = "auto"
    absolute: float = 0.0
    relative: float = 0.0
    weight: float = 1.0


def _rules(rules: Mapping[str, Any] | None) -> dict[str, FieldRule]:
    made = {}
    for path, given in (rules or {}).items():
        options = {"rule": given} if isinstance(given, str) else given
        try:
            rule = FieldRule(**options)
        except TypeError as error:
            raise ConfigurationError(
                f"judge 'fields': the rule of {path!r} is {given!r}; give a name or an object with rule, "
                "absolute, relative, weight"
            ) from error
        _check_rule(path, rule)
        made[path] = rule
    return made


def _check_rule(path: str, rule: FieldRule) -> None:
    if rule.rule not in get_args(RuleName):
        known = ", ".join(get_args(RuleName))
        raise ConfigurationError(
            f"judge 'fields': the rule of {path!r} is {rule.rule!r}; give one of {known}"
        )
    for name in ("absolute", "relative", "weight"):
        value = getattr(rule, name)
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not math.isfinite(value) or value < 0:
            raise ConfigurationError(
                f"judge 'fields': {name} of {path!r} is {value!r}; give a number from 0 up"
            )


def _check(
    *,
    rules: Mapping[str, Any] | None = None,
    default: str = "auto",
    extra: str = "allow",
    schema: Mapping[str, Any] | None = None,
    embedded: bool = False,
) -> None:
    _rules({**(rules or {}), "default": default})
    if extra not in get_args(Extra):
        raise ConfigurationError(
            f"judge 'fields': extra is {extra!r}; give one of {', '.join(get_args(Extra))}"
        )
    check_schema(schema, "fields")


@judge(check=_check)
def fields(
    case: JudgeCase,
    *,
    rules: Mapping[str, Any] | None = None,
    default: RuleName = "auto",
    extra: Extra = "allow",
    schema: Mapping[str, Any] | None = None,
    embedded: bool = False,
) -> Score:
    """The share of the target's fields that the answer's JSON object has; passed when all agree.

    Arguments:
        case: what is judged; the target is an object.
        rules: for each path its rule's name, or an object as `FieldRule`; a path stands for all below it.
        default: the rule of all other fields.
        extra: fields that the target does not have: "allow" them, "count" them as wrong ones (the value is
            then right fields as a share of both sides' fields), or "forbid" them (any gives 0).
        schema: JSON Schema that the answer must fulfil, else it is 0.
        embedded: accept the only object inside prose; by default the reply must be the object, fenced or not.

    Raises:
        JudgeError: the target is no object with fields.
    """
    if not isinstance(case.target, Mapping) or not case.target:
        raise bad_target(case, "fields", "an object with at least one field")
    text = answer_text(case)
    if not text:
        return no_answer()
    value = _read(text, embedded=embedded)
    if not isinstance(value, Mapping):
        why = "the answer is no JSON object" if value is None else "the answer's JSON is no object"
        return Score(0.0, passed=False, explanation=why, evidence={"extracted": value})
    if problem := schema_problem(value, schema):
        return Score(0.0, passed=False, explanation=problem, evidence={"extracted": value})
    return _compared(value, case.target, _rules({**(rules or {}), "": default}), extra)


def _read(text: str, *, embedded: bool) -> Any:
    try:
        return whole_json(text)
    except ValueError:
        found = objects_in(text) if embedded else []
        return found[0][2] if len(found) == 1 else None


def _compared(
    value: Mapping[str, Any], target: Mapping[str, Any], rules: dict[str, FieldRule], extra: Extra
) -> Score:
    wanted, given = dict(_leaves(target)), dict(_leaves(value))
    counted = {path: rule for path in wanted if (rule := _rule_for(path, rules)).rule != "ignore"}
    right = {path for path, rule in counted.items() if _agrees(_at(value, path), wanted[path], rule)}
    missing = sorted(path for path in counted if _at(value, path) is _ABSENT)
    wrong = sorted(set(counted) - right - set(missing))
    more = sorted(
        path for path in given if not _known(path, wanted) and _rule_for(path, rules).rule != "ignore"
    )
    total = sum(rule.weight for rule in counted.values())
    total += sum(_rule_for(path, rules).weight for path in more) if extra == "count" else 0
    share = sum(counted[path].weight for path in right) / total if total else float(not wrong and not missing)
    passed = not wrong and not missing and not (more and extra != "allow")
    evidence = {
        "extracted": dict(value),
        "right": sorted(right),
        "wrong": wrong,
        "missing": missing,
        "extra": more,
    }
    why = f"{len(right)} of {len(counted)} fields agree"
    return Score(0.0 if more and extra == "forbid" else share, passed, explanation=why, evidence=evidence)


_ABSENT = object()


def _leaves(value: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every path to a value that is no object with members."""
    for key, item in value.items():
        path = f"{prefix}{key}"
        if isinstance(item, Mapping) and item:
            yield from _leaves(item, f"{path}.")
        else:
            yield path, item


def _at(value: Any, path: str) -> Any:
    """The value at a path; a key that has a dot itself is found too."""
    if not isinstance(value, Mapping):
        return _ABSENT
    if path in value:
        return value[path]
    for key in value:
        if path.startswith(f"{key}."):
            found = _at(value[key], path[len(key) + 1 :])
            if found is not _ABSENT:
                return found
    return _ABSENT


def _known(path: str, wanted: Mapping[str, Any]) -> bool:
    """Whether a path of the answer lies at, above or below one of the target."""
    return any(path == each or path.startswith(f"{each}.") or each.startswith(f"{path}.") for each in wanted)


def _rule_for(path: str, rules: Mapping[str, FieldRule]) -> FieldRule:
    """The rule of a path, or of the nearest one above it."""
    while path and path not in rules:
        path = path.rpartition(".")[0]
    return rules[path]


def _agrees(found: Any, wanted: Any, rule: FieldRule) -> bool:
    if found is _ABSENT:
        return False
    name = _automatic(wanted) if rule.rule == "auto" else rule.rule
    if name == "present":
        return found is not None
    if name == "number":
        return _close(found, wanted, rule)
    if name in ("set", "list"):
        left, right = _keys(found), _keys(wanted)
        return (
            left == right
            if name == "list" or None in (left, right)
            else sorted(left or []) == sorted(right or [])
        )
    if name in ("text", "contains") and isinstance(found, str) and isinstance(wanted, str):
        left_text, right_text = normalised(found, ignore_case=True), normalised(wanted, ignore_case=True)
        return right_text in left_text if name == "contains" and right_text else left_text == right_text
    return same(found, wanted)


def _automatic(wanted: Any) -> str:
    if isinstance(wanted, bool):
        return "exact"
    if isinstance(wanted, int | float):
        return "number"
    if isinstance(wanted, str):
        return "text"
    return "list" if _keys(wanted) else "exact"


def _keys(value: Any) -> list[str] | None:
    """The items of a list of texts and numbers, as they are compared."""
    if isinstance(value, str) or not isinstance(value, Sequence):
        return None
    if any(isinstance(each, bool) or not isinstance(each, str | int | float) for each in value):
        return None
    return [item_key(str(each)) for each in value]


def _close(found: Any, wanted: Any, rule: FieldRule) -> bool:
    left, right = _as_number(found), _as_number(wanted)
    if left is None or right is None:
        return same(found, wanted)
    margin = max(Fraction(str(rule.absolute)), Fraction(str(rule.relative)) * abs(right))
    return abs(left - right) <= margin


def _as_number(value: Any) -> Fraction | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float) and math.isfinite(value):
        return Fraction(str(value))
    number = parse_number(value) if isinstance(value, str) else None
    return None if number is None or number.percent else number.value
