"""No rule raises on any text, and an answer of nothing scores nothing."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import agentbench_sdk.judges as catalogue
from agentbench_sdk.judging import Judge, JudgeCase

SLOTS = {"intent": "play", "slots": [{"artist": "x"}]}
KEEP = {
    "instruction_id_list": [
        "punctuation:no_comma",
        "length_constraints:number_sentences",
        "change_case:capital_word_frequency",
        "detectable_format:json_format",
        "length_constraints:nth_paragraph_first_word",
        "combination:two_responses",
    ],
    "kwargs": [
        {},
        {"relation": "less than", "num_sentences": 99},
        {"capital_relation": "less than", "capital_frequency": 99},
        {},
        {"num_paragraphs": 2, "nth_paragraph": 2, "first_word": "a"},
        {},
    ],
}
RULES: list[tuple[str, Any, dict[str, Any]]] = [
    ("alias", ["Danube", "The"], {}),
    ("alias", ["Danube"], {"compat": "evalscope-1.14.1"}),
    ("anls", ["a text"], {}),
    ("bbh", "(B)", {}),
    ("bbh", "-12", {}),
    ("bbh", "yes", {}),
    ("bbh", "] )", {}),
    ("bbh", "ant bee", {}),
    ("bbh", "(B)", {"compat": "evalscope-1.14.1"}),
    ("bbh", "ant bee", {"compat": "lm-eval"}),
    ("choice", "B", {}),
    ("choice", ["A", "B"], {"multiple": True}),
    ("choice", "B", {"compat": "evalscope-1.14.1"}),
    ("choice", "B", {"compat": "lm-eval/mmlu_flan_cot/strict-match"}),
    ("edit_distance", "a text", {"unit": "word"}),
    ("either", "no", {}),
    ("exact", "a text", {"ignore_punctuation": True}),
    ("exact", "a text", {"compat": "lm-eval", "ignore_punctuation": True}),
    ("fields", {"a": 1, "b": {"c": ["x"]}}, {"embedded": True}),
    ("includes", "text", {}),
    ("instructions", KEEP, {"level": "instruction", "variant": "loose"}),
    ("items", ["a", "b"], {"credit": "f1"}),
    ("items", ["a", 2], {"ordered": True, "credit": "jaccard"}),
    ("json_schema", {"a": 1}, {"match": "fields"}),
    ("numeric", "5", {}),
    ("pattern", "5", {"pattern": r"(\d)", "group": 1}),
    ("slots", SLOTS, {}),
    ("slots", SLOTS, {"compat": "mera"}),
    ("span", ["a text"], {}),
    ("span", ["a text"], {"whole": True, "metric": "recall"}),
]
IDS = [f"{name}-{number}" for number, (name, _, _) in enumerate(RULES)]

TEXTS = st.one_of(
    st.text(max_size=120),
    st.text(alphabet=" \n.,:;()[]{}<>*_$\\\"'`-=/%0123456789ABCabcIi选答案是项", max_size=120),
    st.lists(
        st.sampled_from(
            ["ANSWER:", "The answer is", "\\boxed{", "}", "B", "(B)", "not", "or", "5", "1,000", "yes", "no",
             "Danube", "<think>", "</think>", "```json\n", "```", '{"answer":', '"B"', "\n", "$", "**", "答案：",
             "####", "is", "- a", "1. b", "because", "…", "I", "A"]
        ),
        max_size=12,
    ).map(" ".join),
)  # fmt: skip


def made(name: str, options: dict[str, Any]) -> Judge:
    judge: Judge = getattr(catalogue, name)(**options)
    return judge


@pytest.mark.parametrize(("name", "target", "options"), RULES, ids=IDS)
@settings(max_examples=60, deadline=None)
@given(text=TEXTS)
async def test_no_text_makes_a_rule_raise(text: str, name: str, target: Any, options: dict[str, Any]) -> None:
    score = await made(name, options).judge(JudgeCase("s", text, target, ("one", "a B", "3", "")))
    assert score.value is None or 0.0 <= score.value <= 1.0
    assert score.passed is not True or score.value == 1.0


EMPTY = [
    "",
    " ",
    "\n\n\t",
    "\u3000\u00a0",
    "<think>B 5 yes Danube</think>",
    "<think>ANSWER: B 5 yes",
    "</s>",
    "<|im_end|>",
]


@pytest.mark.parametrize(("name", "target", "options"), RULES, ids=IDS)
async def test_an_answer_of_nothing_scores_nothing(name: str, target: Any, options: dict[str, Any]) -> None:
    for answer in EMPTY:
        if options.get("compat") and answer.strip():  # a peer may read what is thought
            continue
        score = await made(name, options).judge(JudgeCase("s", answer, target, ("one", "a B", "3")))
        assert (score.value, score.passed) == (0.0, False), answer


@settings(max_examples=40, deadline=None)
@given(text=st.text(alphabet=" \n\t\u00a0\u3000\u2009\r", max_size=8))
async def test_white_space_of_any_kind_scores_nothing(text: str) -> None:
    for name, target, options in RULES:
        score = await made(name, options).judge(JudgeCase("s", text, target, ("one", "a B", "3")))
        assert not score.value, name
