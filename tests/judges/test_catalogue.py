"""The catalogue of judges."""

import doctest
import importlib

import pytest

import agentbench_sdk.judges as catalogue
from agentbench_sdk.judges import llm
from agentbench_sdk.judging import Judge, JudgeFactory

OPTIONS: dict[str, dict[str, object]] = {
    "pattern": {"pattern": "a"},
    "json_schema": {"schema": {}},
    "rating": {"criteria": "c"},
    "binary": {"criteria": "c"},
    "rubric": {"criteria": [{"name": "a", "levels": [{"name": "low"}, {"name": "high"}]}]},
    "panel": {"judges": [catalogue.exact()]},
}


def test_the_catalogue_is_sorted_described_and_makes_judges_with_unique_ids() -> None:
    names = catalogue.__all__
    assert names == sorted(names)
    assert catalogue.__doc__
    judges = [getattr(catalogue, name)(**OPTIONS.get(name, {})) for name in names]
    assert all(isinstance(each, Judge) for each in judges)
    assert [each.id.partition("(")[0] for each in judges] == names
    assert all(f"\n    {name} " in catalogue.__doc__ for name in names)


def test_rules_are_factories() -> None:
    assert all(
        isinstance(getattr(catalogue, name), JudgeFactory)
        for name in catalogue.__all__
        if name != "outcome" and not hasattr(llm, name)
    )


@pytest.mark.parametrize("name", ["answers", "choice", "includes", "json_values", "llm.verdict", "naming", "normalisation",
                                  "numbers", "numeric", "pattern"])  # fmt: skip
def test_the_examples_in_docstrings_hold(name: str) -> None:
    module = importlib.import_module(f"agentbench_sdk.judges.{name}")
    results = doctest.testmod(module)
    assert results.attempted > 0
    assert results.failed == 0
