"""Each instruction of IFEval, kept and not kept; strict and loose; what the task got wrong."""

from typing import Any

import pytest

from agentbench_sdk.errors import ConfigurationError, JudgeError
from agentbench_sdk.judges.instructions import CHECKS, instructions
from agentbench_sdk.judges.instructions.sentences import count_capital_words, count_sentences
from agentbench_sdk.judging import JudgeCase, Score
from agentbench_sdk.messages import Message

LEAST, LESS = {"relation": "at least"}, {"relation": "less than"}

# id, arguments, a reply that keeps it, one that does not
EXAMPLES: list[tuple[str, dict[str, Any], str, str]] = [
    ("keywords:existence", {"keywords": ["sun", "rain"]}, "Rain, then SUN.", "Only rain."),
    ("keywords:frequency", {"keyword": "sun", "frequency": 2, **LEAST}, "sun, Sunday", "sun"),
    ("keywords:frequency", {"keyword": "sun", "frequency": 2, **LESS}, "sun", "sun sun"),
    ("keywords:forbidden_words", {"forbidden_words": ["sun"]}, "Sunday", "the Sun"),
    ("keywords:letter_frequency", {"letter": "Q", "let_frequency": 2, "let_relation": "at least"}, "qQ", "q"),
    ("keywords:letter_frequency", {"letter": "#", "let_frequency": 1, "let_relation": "less than"}, "a", "#"),
    ("language:response_language", {"language": "de"}, "Es regnet heute sehr stark in der Stadt.",
     "It rains very much in the town today."),
    ("length_constraints:number_sentences", {"num_sentences": 2, **LEAST}, "One. Two!", "One, two."),
    ("length_constraints:number_words", {"num_words": 3, **LESS}, "two words", "now three words"),
    ("length_constraints:number_words", {"num_words": 3, **LEAST}, "now three words", "two words"),
    ("length_constraints:number_paragraphs", {"num_paragraphs": 2}, "a\n***\nb\n***", "a\n\nb"),
    ("length_constraints:number_paragraphs", {"num_paragraphs": 2}, "***\na***b", "a\n***\n***\nb"),
    ("length_constraints:nth_paragraph_first_word",
     {"num_paragraphs": 2, "nth_paragraph": 2, "first_word": "Then"}, 'First.\n\n"then, this.', "First.\n\nThis."),
    ("length_constraints:nth_paragraph_first_word",
     {"num_paragraphs": 2, "nth_paragraph": 1, "first_word": "so"}, "So.\n\nb", "So.\n\nb\n\nc"),
    ("detectable_content:number_placeholders", {"num_placeholders": 2}, "[a] of [b]", "[a]\n[b"),
    ("detectable_content:postscript", {"postscript_marker": "P.S."}, "Bye.\np. s. more", "Bye. PS more"),
    ("detectable_content:postscript", {"postscript_marker": "P.P.S"}, "P.P.S more", "P.S. more"),
    ("detectable_format:number_bullet_lists", {"num_bullets": 2}, "* a\n- b", "* a\n* b\n* c"),
    ("detectable_format:number_bullet_lists", {"num_bullets": 1}, "**bold**\n* a", "1. a"),
    ("detectable_format:constrained_response", {}, "Well. My answer is maybe.", "My answer is perhaps."),
    ("detectable_format:number_highlighted_sections", {"num_highlights": 2}, "*a* and *b*", "*a* and * *"),
    ("detectable_format:multiple_sections", {"section_spliter": "SECTION", "num_sections": 2},
     "SECTION 1\na\nSECTION 2\nb", "Section 1\na\nSECTION 2\nb"),
    ("detectable_format:json_format", {}, '```json\n{"a": 1}\n```', '{"a": 1} is it'),
    ("detectable_format:title", {}, "<<Rain>>\nIt rains.", "<< >>\nIt rains."),
    ("combination:two_responses", {}, "a\n******\nb", "a\n******\na"),
    ("combination:two_responses", {}, "******a******b", "a******b******c"),
    ("combination:repeat_prompt", {"prompt_to_repeat": "Say hello."}, " say HELLO. Hello!", "Hello!"),
    ("startend:end_checker", {"end_phrase": "The end."}, '"So it is. the END."', "The end. Not yet."),
    ("startend:quotation", {}, ' "all of it" ', '"some" of it'),
    ("change_case:capital_word_frequency", {"capital_relation": "at least", "capital_frequency": 2},
     "NASA and I", "NASA and Nasa"),
    ("change_case:english_capital", {}, "IT RAINS IN THE TOWN AND WE STAY AT HOME.", "IT RAINS IN THE town."),
    ("change_case:english_lowercase", {}, "it rains in the town and we stay at home.", "It rains in the town."),
    ("punctuation:no_comma", {}, "a；b，c", "a, b"),
]  # fmt: skip


async def score(answer: str, names: Any, arguments: Any, **options: Any) -> Score:
    case = JudgeCase("s1", answer, metadata={"instruction_id_list": names, "kwargs": arguments})
    verdict: Score = await instructions(**options).judge(case)
    return verdict


def test_all_instructions_of_the_official_scorer_are_there_and_have_examples() -> None:
    assert len(CHECKS) == 25
    assert {name for name, *_ in EXAMPLES} == set(CHECKS)


@pytest.mark.parametrize(("name", "arguments", "kept", "broken"), EXAMPLES, ids=lambda value: str(value)[:40])
async def test_an_instruction_is_told_from_its_breach(
    name: str, arguments: dict[str, Any], kept: str, broken: str
) -> None:
    assert (await score(kept, [name], [arguments])).value == 1.0
    assert (await score(broken, [name], [arguments])).value == 0.0


async def test_loose_forgives_a_first_line_a_last_line_and_asterisks() -> None:
    names, arguments = ["detectable_format:number_bullet_lists"], [{"num_bullets": 1}]
    assert (await score("- sure\n- a", names, arguments)).value == 0.0
    assert (await score("- sure\n- a", names, arguments, variant="loose")).value == 1.0
    assert (await score("- a\n- b\n- c\n- d", names, arguments, variant="loose")).value == 0.0
    start = await score(
        "*say it* now", ["combination:repeat_prompt"], [{"prompt_to_repeat": "say it"}], variant="loose"
    )
    assert start.value == 1.0


async def test_the_level_is_all_of_them_or_the_share() -> None:
    names = ["punctuation:no_comma", "startend:quotation", "punctuation:no_comma", "detectable_format:title"]
    verdict = await score("a b", names, [{}] * 4, level="instruction")
    assert (verdict.value, verdict.passed) == (0.5, False)
    assert (await score("a b", names, [{}] * 4)).value == 0.0
    assert list(verdict.evidence["strict"].values()) == [True, False, True, False]


async def test_arguments_that_are_null_are_none_and_the_prompt_is_at_hand() -> None:
    case = JudgeCase(
        "s1",
        "Say it! It.",
        {"instruction_id_list": ["combination:repeat_prompt"], "kwargs": [{"num_words": None}]},
        input=(Message.user("Say it!"),),
    )
    assert (await instructions().judge(case)).value == 1.0


@pytest.mark.parametrize(
    ("names", "arguments", "what"),
    [
        (None, [], "instruction_id_list"),
        ([], [], "instruction_id_list"),
        (["no:such"], [{}], "no:such"),
        (["punctuation:no_comma"], [{}, {}], "one entry for each"),
        (["length_constraints:number_words"], [{"num_words": 3}], "relation"),
        (["length_constraints:number_words"], [{"num_words": -1, **LESS}], "num_words"),
        (["keywords:existence"], [{"keywords": "sun"}], "keywords"),
        (["keywords:existence"], [{"keywords": ["("]}], "no pattern"),
        (["startend:end_checker"], [{}], "end_phrase"),
    ],
)
async def test_a_task_that_is_wrong_is_no_verdict(names: Any, arguments: Any, what: str) -> None:
    with pytest.raises(JudgeError, match=what):
        await score("some text", names, arguments)


@pytest.mark.parametrize("options", [{"variant": "lax"}, {"level": "task"}])
def test_bad_options_are_refused_before_a_run(options: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match="judge 'instructions'"):
        instructions(**options)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("One", 1),
        ("One. Two. Three.", 3),
        ("One! Two? Three", 3),
        ("Mr. and Mrs. Smith met Dr. Who.", 1),
        ("It costs 3.5 euros. Really.", 2),
        ("Well... it rains... we stay.", 1),
        ("Well... It rains.", 2),
        ("It began at 5 p.m. We left.", 2),
        ("J. Smith wrote it. I read it.", 2),
        ('He said "Go!" She went.', 2),
        ("One\nTwo\nThree", 1),
        ("See e.g. the list, i.e. all of it.", 1),
    ],
)
def test_sentences_are_counted_as_the_english_model_counts_them(text: str, count: int) -> None:
    assert count_sentences(text) == count


def test_capital_words() -> None:
    assert count_capital_words("A-B C3 d E. 123 ЯБЛОКО") == 4
