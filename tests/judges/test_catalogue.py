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
    "all_of": {"judges": [catalogue.exact()]},
    "any_of": {"judges": [catalogue.exact()]},
    "first_decided": {"judges": [catalogue.exact(), catalogue.includes()]},
    "limits": {"turns": 1},
    "negate": {"judge": catalogue.exact()},
    "peer_choice": {"reader": "mmmu"},
    "peer_match": {"rule": "exact"},
    "weighted": {"judges": [catalogue.exact()], "weights": [1]},
    "with_figures": {"judge": catalogue.exact(), "figures": [{"name": "f_measure"}]},
    "binary": {"criteria": "c"},
    "rubric": {"criteria": [{"name": "a", "levels": [{"name": "low"}, {"name": "high"}]}]},
    "panel": {"judges": [catalogue.exact()]},
}
MADE_OF_JUDGES = {"all_of", "any_of", "first_decided", "negate", "weighted", "with_figures"}


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
        if name not in {"outcome", "math", "program_output", "unit_tests", *MADE_OF_JUDGES}
        and not hasattr(llm, name)
    )


@pytest.mark.parametrize(
    "name",
    [
        "alias",
        "answers",
        "box_values",
        "captions",
        "choice",
        "chrf",
        "edit_distance",
        "either",
        "english_numbers",
        "english_text",
        "exact",
        "includes",
        "instructions.rule",
        "instructions.sentences",
        "items",
        "json_values",
        "llm.verdict",
        "math_text",
        "naming",
        "normalisation",
        "numbers",
        "numeric",
        "open_answer",
        "pattern",
        "peers.letters",
        "peers.mera",
        "peers.pipeline",
        "ptb_words",
        "rouge",
        "slots",
        "span",
        "speech_text",
        "stated",
        "vqa",
        "vqa_text",
    ],
)
def test_the_examples_in_docstrings_hold(name: str) -> None:
    module = importlib.import_module(f"agentbench_sdk.judges.{name}")
    results = doctest.testmod(module)
    assert results.attempted > 0
    assert results.failed == 0
