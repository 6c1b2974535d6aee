"""Arguments of tool calls are parsed strictly: nothing is coerced and nothing raises."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentbench_sdk.simulation import BadArguments, parse_arguments
from agentbench_sdk.simulation.arguments import check_arguments

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda children: st.lists(children, max_size=4) | st.dictionaries(st.text(), children, max_size=4),
    max_leaves=12,
)


@given(st.text())
def test_any_text_is_parsed_or_refused(raw: str) -> None:
    assert isinstance(parse_arguments(raw), dict | BadArguments)


@given(
    st.dictionaries(st.text(alphabet=st.characters(exclude_categories=["Cs"])), st.integers(-(2**53), 2**53))
)
def test_a_valid_object_comes_back_as_it_was_sent(arguments: dict[str, int]) -> None:
    assert parse_arguments(json.dumps(arguments)) == arguments


@given(json_values)
def test_any_json_value_is_accepted_or_refused(value: Any) -> None:
    checked = check_arguments(value)
    assert isinstance(checked, BadArguments) or checked == value


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ('{"a": 1, "a": 2}', "given twice"),
        ('{"a": NaN}', "NaN"),
        ('{"a": Infinity}', "Infinity"),
        ('{"a": 1e999}', "not finite"),
        ('{"a": 9007199254740993}', "2^53"),
        ('{"a": ' + "9" * 5000 + "}", "2^53"),
        ('"text"', "one JSON object"),
        ("[1]", "one JSON object"),
        ('{"a": "\\ud800"}', "surrogate"),
        ('{"\\ud800": 1}', "surrogate"),
        ("{'a': 1}", "not valid JSON"),
        ('{"a": ' + "[" * 40 + "]" * 40 + "}", "nested deeper"),
        ("[" * 100_000, "nested deeper"),
        ('{"a": "' + "x" * 1_000_001 + '"}', "longer than"),
    ],
)
def test_what_is_refused_says_why(raw: str, reason: str) -> None:
    refused = parse_arguments(raw)
    assert isinstance(refused, BadArguments)
    assert reason in refused.reason


def test_no_text_means_no_arguments() -> None:
    assert parse_arguments("") == parse_arguments("  ") == {}


def test_a_problem_names_its_place() -> None:
    refused = parse_arguments('{"moves": [{"qty": 1e999}]}')
    assert isinstance(refused, BadArguments)
    assert refused.path == "moves.0.qty"
