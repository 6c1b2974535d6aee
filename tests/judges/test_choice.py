"""The `choice` judge: what a reply settles on, in both directions."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentbench_sdk.errors import ConfigurationError, JudgeError
from agentbench_sdk.judges.choice import choice, extract_choice, read_choice
from agentbench_sdk.judging import JudgeCase, Score

ANIMALS = ("a goat", "a horse", "a sheep", "a cow")


async def score(answer: str, target: Any = "B", choices: tuple[str, ...] = ANIMALS, **options: Any) -> Score:
    verdict: Score = await choice(**options).judge(JudgeCase("s1", answer, target, choices))
    return verdict


STATED = {
    "B": "bare",
    "b": "bare, lower case",
    "(B)": "parenthesised",
    "**B**": "bold",
    "'B'": "quoted",
    "B.": "with a full stop",
    "Ｂ": "full width",
    "B. a horse": "with its text",
    "B a horse": "with its text, no sign",
    "(b) a horse": "lower case with its text",
    "a horse": "only the text",
    "A horse.": "the text, where the article looks like a letter",
    "It is a horse.": "the text in a sentence",
    "ANSWER: B": "marker",
    "answer: b": "marker in lower case",
    "ANSWER:B": "marker without a space",
    "ANSWER：B": "full-width colon",
    "ANSWER:\nB": "letter on the next line",
    "**ANSWER: B**": "bold marker",
    "**Answer:** B": "bold marker only",
    "ANSWER: (B)": "marker and parentheses",
    "ANSWER: **B**": "marker and bold",
    "ANSWER: $\\mathrm{B}$": "LaTeX",
    "ANSWER: B) a horse": "marker and text",
    "ANSWER: a horse": "marker and only the text",
    "ANSWER: A horse": "the article after a marker",
    "ANSWER: B, not C": "with a denial",
    "ANSWER: B, I think": "with a pronoun",
    "ANSWER: B. I hope it is correct.": "with a pronoun after a full stop",
    "ANSWER: B because A is too small": "with a reason",
    "The answer is B and A is wrong.": "with another letter in prose",
    "Therefore $\\boxed{B}$": "boxed",
    "\\boxed{\\text{(B)}}": "boxed LaTeX text",
    "\\fbox{B}": "framed",
    "<answer>B</answer>": "tagged",
    '{"answer": "B"}': "JSON",
    '```json\n{"reason": "A is no horse", "answer": "(B)"}\n```': "fenced JSON",
    '{"答案": "B"}': "Chinese JSON",
    "答案：B": "Chinese",
    "答案为：B": "Chinese with a verb",
    "正确答案是 B。": "Chinese prose",
    "综上所述，本题选B。": "Chinese choice",
    "答案：B\n解析：C项错误，D和A都不符合题意。": "Chinese with an explanation",
    "A选项错误，B选项正确": "Chinese affirmation",
    "Ответ: B": "Russian",
    "The answer is (B).": "prose",
    "So the correct option is B": "prose with option",
    "The best choice is option B.": "prose with both words",
    "Final Answer: The final answer is B. I hope it is correct.": "two markers in a line",
    "I would choose B.": "a decision",
    "I think B is correct.": "an affirmation",
    "Option A is wrong. Option B fits.": "an affirmation after a denial",
    "It must be B.": "it must be",
    "(A) a goat\n(B) a horse\nSo (B)": "a conclusion after the list of options",
    "A is tempting, and C might do.\nB": "a letter on the last line",
    "B\n\nA goat is smaller, I believe.": "a letter on the first line",
    "I first wrote ANSWER: A, but that is not right.\nANSWER: B": "a correction",
    "ANSWER: B\n\nOn second thoughts A might be defensible too.": "doubt without a new statement",
    "<think>The answer is A.</think>ANSWER: B": "reasoning does not count",
    "If the answer is A, it bleats. The answer is B.": "a supposition does not count",
    "Correct: B": "correct with a colon",
    "答案B": "Chinese without a verb",
    "ANSWER - B": "a dash",
    "Wrong answer: A. Right answer: B": "somebody else's answer does not count",
    "I would go for (B) here": "the only letter named",
}


@pytest.mark.parametrize("answer", STATED, ids=list(STATED.values()))
async def test_a_stated_choice_is_read(answer: str) -> None:
    verdict = await score(answer)
    assert (verdict.passed, verdict.value, verdict.evidence["extracted"]) == (True, 1.0, "B")
    assert (await score(answer, "C")).value == 0.0


NOT_STATED = [
    "ANSWER: B or C",
    "ANSWER: B, C",
    "ANSWER: BC",
    "答案：B、C",
    "答案：BC",
    "B or C",
    "B and C are wrong, and so is D",
    "The answer could be A, B, or C.",
    "A) a goat B) a horse C) a sheep D) a cow",
    "A. a goat\nB. a horse\nC. a sheep\nD. a cow",
    "Both **B** and **C** could be right",
    "ANSWER: E",
    "ANSWER: [LETTER]",
    "答案：[LETTER]",
    "A cat sat there.",
    "I cannot determine the answer from the image.",
    "I'm sorry, but I cannot help with that request.",
    "The answer is not B",
    "不选B",
    "neither B nor C",
    "It is not a horse.",
    "Maybe B, although C also fits. Let me check",
    "Because of vitamin B it grows.",
    "I cannot say whether (B) holds.",
    "a horse or a cow",
    "<think>ANSWER: B",
    "<think>I am confident.\nANSWER: B</think>\n",
    "If the answer is B, then it neighs.",
    "The gold answer is B",
    "ANSWER:",
    "\\boxed{}",
    "{}",
    '{"answer": ["B", "C"]}',
    "Answer: I do not know",
]


@pytest.mark.parametrize("answer", NOT_STATED)
async def test_what_is_not_stated_is_wrong_and_says_why(answer: str) -> None:
    verdict = await score(answer)
    assert verdict.value == 0.0
    assert verdict.passed is False
    assert verdict.evidence["extracted"] is None
    assert verdict.explanation


@pytest.mark.parametrize("answer", ["", "  \n\n", "<think>B</think>"])
async def test_an_empty_answer_is_wrong(answer: str) -> None:
    verdict = await score(answer)
    assert (verdict.value, verdict.passed, verdict.explanation) == (0.0, False, "no answer")


@pytest.mark.parametrize("target", ["B", "b", "(B)", "A Horse", 1, ["C", "B"], ["B"]])
async def test_a_target_may_be_a_letter_a_text_an_index_or_a_list(target: Any) -> None:
    assert (await score("ANSWER: B", target)).passed is True
    assert (await score("ANSWER: A", target)).passed is False


@pytest.mark.parametrize("target", [None, "", "E", "a dog", 4, -1, True, 1.0, [], {"a": 1}, ["B", None]])
async def test_a_target_that_is_no_choice_is_the_tasks_fault(target: Any) -> None:
    with pytest.raises(JudgeError, match="sample 's1'"):
        await score("ANSWER: B", target)


@pytest.mark.parametrize(
    ("answer", "value", "passed"),
    [
        ("ANSWER: AD", 1.0, True),
        ("ANSWER: D and A", 1.0, True),
        ("ANSWER: [A, D]", 1.0, True),
        ('{"answer": ["A", "D"]}', 1.0, True),
        ("ANSWER: A", 0.5, False),
        ("ANSWER: ADB", 0.0, False),
        ("no idea", 0.0, False),
    ],
)
async def test_several_right_choices_share_the_value(answer: str, value: float, passed: bool) -> None:
    verdict = await score(answer, ["D", "A"], multiple=True)
    assert (verdict.value, verdict.passed) == (value, passed)


def test_the_article_and_the_pronoun_are_no_choices() -> None:
    for text in ("A good one.", "The answer is a good one.", "I think so.", "Answer: I think so", "i"):
        assert extract_choice(text, "ABCDEFGH") is None
    assert extract_choice("The answer is A because it fits.", "ABCD") == "A"
    assert extract_choice("ANSWER: I", "ABCDEFGHI") == "I"


def test_letters_beyond_d_are_read_when_there_are_so_many() -> None:
    assert extract_choice("ANSWER: J", "ABCDEFGHIJ") == "J"
    assert extract_choice("ANSWER: J", "ABCD") is None


def test_a_longer_option_covers_a_shorter_one_inside_it() -> None:
    options = ("Yes", "No", "No, humans use all of it")
    assert extract_choice("The answer is: no, humans use all of it.", "ABC", options) == "C"
    assert extract_choice("No", "ABC", options) == "B"


def test_a_number_as_option_is_not_found_inside_another_number() -> None:
    assert extract_choice("It is 3.5 here", "ABC", ("3", "4", "5")) is None
    assert extract_choice("The answer is 3", "ABC", ("2", "3", "4")) == "B"


def test_an_option_of_one_odd_character_is_no_endless_search() -> None:
    assert extract_choice("it is \0 here", "ABC", ("\0", "x", "y")) == "A"


@pytest.mark.parametrize("letters", ["AA", "ab", 3])
def test_bad_letters_are_refused_before_a_run(letters: Any) -> None:
    with pytest.raises(ConfigurationError, match="letters"):
        choice(letters=letters)


WRAPPERS = [
    "{}", "({})", "**{}**", "ANSWER: {}", "answer: ({})", "The answer is {}.", "\\boxed{{{}}}", "答案：{}",
    "So the answer is **({})**.", '{{"answer": "{}"}}', "Ответ: {}", "<answer> {} </answer>", "Reason.\n\n{}",
    "I choose {}.", "My final answer is: **{}**.", "ANSWER: '{}'",
]  # fmt: skip


@given(letter=st.sampled_from("ABCDEFGHIJ"), wrapper=st.sampled_from(WRAPPERS), lower=st.booleans())
def test_every_way_of_writing_a_letter_reads_back_as_it(letter: str, wrapper: str, lower: bool) -> None:
    written = wrapper.format(letter.lower() if lower else letter)
    assert extract_choice(written, "ABCDEFGHIJ") == letter


PROSE = st.text(alphabet=" \n.,:;()[]{}*$\\\"'-=ABCDIabcdi选答案是项answer option boxed not or", max_size=200)


@given(text=st.one_of(st.text(max_size=200), PROSE), choices=st.lists(st.text(max_size=12), max_size=4))
def test_no_text_makes_the_reader_raise_or_invent_a_letter(text: str, choices: list[str]) -> None:
    reading = read_choice(text, "ABCD", choices)
    assert set(reading.letters) <= set("ABCD")
    assert reading.letters or reading.why


@given(text=st.from_regex(re.compile(r"\A[e-hj-zE-HJ-Z ,.]*\Z")))
def test_a_text_without_the_letters_states_none(text: str) -> None:
    assert extract_choice(text, "ABCD") is None
