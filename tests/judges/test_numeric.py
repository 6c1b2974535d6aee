"""The `numeric` judge and its number reader."""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentbench_sdk.errors import ConfigurationError, JudgeError
from agentbench_sdk.judges.numbers import find_numbers, number_in_words, parse_number, plain_number_text
from agentbench_sdk.judges.numeric import extract_number, numeric
from agentbench_sdk.judging import JudgeCase, Score


async def score(answer: str, target: Any, **options: Any) -> Score:
    verdict: Score = await numeric(**options).judge(JudgeCase("s1", answer, target))
    return verdict


def value(text: str) -> Fraction | None:
    number = extract_number(text)
    return None if number is None else number.value


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("88", "88"),
        ("-12", "-12"),
        ("−5", "-5"),
        ("+5", "5"),
        ("- $5", None),
        ("The answer is -$5", "-5"),
        ("$1,234.50", "1234.5"),
        ("1 234", "1234"),
        ("1 234 567", "1234567"),
        ("1.234.567", "1234567"),
        ("1'000", "1000"),
        (".5", "0.5"),
        ("1/2", "1/2"),
        ("½", "1/2"),
        ("1½", "3/2"),
        ("1 1/2", "3/2"),
        ("1e3", "1000"),
        ("1.5e-3", "0.0015"),
        ("6.022 × 10^23", "602200000000000000000000"),
        ("6.022 \\times 10^{23}", "602200000000000000000000"),
        ("10³", "1000"),
        ("2.5 million", "2500000"),
        ("3万", "30000"),
        ("\\boxed{88}", "88"),
        ("\\boxed 75", "75"),
        ("\\fbox{75}", "75"),
        ("\\boxed{1{,}000}", "1000"),
        ("\\boxed{1,\\!000}", "1000"),
        ("\\boxed{88 \\text{ buns}}", "88"),
        ("\\boxed{1000\\text{ cm}^3}", "1000"),
        ("\\boxed{-\\frac{5}{6}}", "-5/6"),
        ("\\boxed{\\frac56}", "5/6"),
        ("\\boxed{\\tfrac12}", "1/2"),
        ("The answer is \\frac56", "5/6"),
        ("The answer is $-\\frac{1}{2}$", "-1/2"),
        ("The answer is −½", "-1/2"),
        ("\\boxed{1\\frac{1}{2}}", "3/2"),
        ("\\boxed{x = 5}", "5"),
        ("The answer is $\\boxed{88}$.", "88"),
        ("First \\boxed{60}, then \\boxed{20}.", "20"),
        ("\\boxed{20}\n\nSo the final count is 20, not 40.", "20"),
        ("Working: 288\n#### 88", "88"),
        ("The answer is 88 buns.", "88"),
        ("The answer is: **42**.", "42"),
        ("**Answer:** 42", "42"),
        ("ANSWER: \\boxed{31.5}", "31.5"),
        ("The answer is 12 + 3 = 15", "15"),
        ("The answer is 88 buns in 12 trays", "88"),
        ("The answer is 20, not 40", "20"),
        ("The answer is 3 (three).", "3"),
        ("The answer is approximately 3.5 km", "3.5"),
        ("The answer is thirty-one point five.", "31.5"),
        ("\\boxed{\\text{twenty}}", "20"),
        ("I first wrote the answer is 5. The answer is 6.", "6"),
        ("Final Answer: The final answer is $75$. I hope it is correct.", "75"),
        ('{"answer": 75}', "75"),
        ('```json\n{"steps": [1, 2], "answer": "1,200"}\n```', "1200"),
        ("The answer is \\(88\\).", "88"),
        ("The answer is 25 USD", "25"),
        ("答案是6。", "6"),
        ("Ответ: 5", "5"),
        ("So 3*4=12", "12"),
        ("from 10-3=7", "7"),
        ("It costs $40 per item so $80.", "80"),
        ("Therefore, he has $18 \\div 3 = 6$ apples.", "6"),
        ("0 (the gold answer is 10)", "0"),
        ("<think>The answer is 4</think>5", "5"),
    ],
)
async def test_the_stated_number_is_read(answer: str, expected: str | None) -> None:
    if expected is None:
        assert value(answer) == Fraction(-5)
        return
    assert (await score(answer, expected)).passed is True
    assert (await score(answer, "7.0625")).passed is False


@pytest.mark.parametrize(
    "answer",
    [
        "H2O", "12:30", "2024-05-01", "3.14.15", "0x1F", "COVID-19", "GPT-4 says", "3-5", "answer: 2nd", "4x4",
        "The answer is 3 or 4", "It is 3 or 4.", "between 3 and 4", "\\boxed{60, 20}", "the answer is (3, 4)",
        "[2007,2008]", "The answer is 1,2345", "12/0", "\\boxed{\\frac{1}{0}}", "1e5000", "\\boxed{2\\sqrt{2}}",
        "The answer is 2\\sqrt{2}", "\\boxed{3x}", "2π", "I cannot solve this with 20 litres.", "nothing found",
        "The answer is one of the options", "The answer is 7:30 pm", "Answer: 5 * 3", "Answer: May 5, 1969",
        "The answer is not 5", "I'm sorry, I can't solve this.", "ANSWER:", "<think>let me see, 5", "9" * 500,
    ],
)  # fmt: skip
async def test_what_is_no_single_number_is_wrong_and_says_so(answer: str) -> None:
    assert value(answer.replace("<think>let me see, 5", "")) is None
    verdict = await score(answer, 5)
    assert (verdict.value, verdict.passed) == (0.0, False)
    assert verdict.explanation in ("the reply states no single number", "no answer")


def test_no_digit_is_read_out_of_another_number() -> None:
    found = find_numbers(plain_number_text("v1.2.3 at 12:30 on 2024-05-01, H2O, A1, 1,234.5 and 7."))
    assert [each.value for each in found] == [Fraction(2469, 2), 7]


def test_a_minus_between_two_numbers_is_no_sign() -> None:
    assert [each.value for each in find_numbers("10 - 3, then 2020 300 and -3")] == [10, 3, 2020, 300, -3]


async def test_an_empty_answer_is_wrong() -> None:
    assert (await score(" ", 5)).explanation == "no answer"


@pytest.mark.parametrize(
    ("answer", "target", "options", "passed"),
    [
        ("3.14", 3.14159, {"absolute": 0.01}, True),
        ("3.13", 3.14159, {"absolute": 0.01}, False),
        ("1.1", 1, {"absolute": 0.1}, True),  # exact arithmetic: the bound itself is inside
        ("1.1000001", 1, {"absolute": 0.1}, False),
        ("105", 100, {"relative": 0.05}, True),
        ("-95", -100, {"relative": 0.05}, True),
        ("95", -100, {"relative": 0.05}, False),
        ("105.1", 100, {"relative": 0.05}, False),
        ("0.3", "0.3", {}, True),
        ("0.30000000000000001", 0.3, {}, False),
        ("308,641", 308642, {}, False),
        ("1000", 10, {}, False),
        ("0.1", 10, {}, False),
        ("4", [3, 4], {}, True),
        ("5", [3, 4], {}, False),
    ],
)
async def test_tolerances_are_exact_and_include_their_bounds(
    answer: str, target: Any, options: dict[str, float], passed: bool
) -> None:
    assert (await score(answer, target, **options)).passed is passed


@pytest.mark.parametrize(
    ("answer", "target", "percent", "passed"),
    [
        ("75%", 75, "auto", True),
        ("75%", 0.75, "auto", True),
        ("75", "75%", "auto", True),
        ("0.75", "75%", "auto", True),
        ("75%", "75%", "auto", True),
        ("75 percent", 75, "auto", True),
        ("百分之75", "75%", "auto", True),
        ("seventy-five percent is what remains; the answer is seventy-five percent", "75%", "auto", True),
        ("0.5%", 0.5, "auto", False),
        ("50%", "0.5%", "auto", False),
        ("0.5", "50", "auto", False),
        ("75%", 0.75, "points", False),
        ("75%", 75, "share", False),
        ("0.5%", 0.5, "points", True),
    ],
)
async def test_percent_signs_never_turn_a_wrong_number_into_a_right_one(
    answer: str, target: Any, percent: str, passed: bool
) -> None:
    assert (await score(answer, target, percent=percent)).passed is passed


async def test_units_are_converted_when_they_are_named() -> None:
    units = {"km": 1000, "m": 1}
    assert (await score("1.5 km", 1500, units=units)).passed is True
    assert (await score("1500m", 1500, units=units)).passed is True
    assert (await score("1500", 1500, units=units)).passed is True
    wrong = await score("1500 miles", 1500, units=units)
    assert wrong.passed is False
    assert "'miles'" in wrong.explanation
    assert (await score("1500 miles", 1500)).passed is True


@pytest.mark.parametrize("target", [None, True, "many", "", [], {"a": 1}, float("nan"), [1, None], "3 or 4"])
async def test_a_target_that_is_no_number_is_the_tasks_fault(target: Any) -> None:
    with pytest.raises(JudgeError, match="sample 's1'"):
        await score("5", target)


@pytest.mark.parametrize(
    "options",
    [
        {"absolute": -1},
        {"relative": float("inf")},
        {"absolute": True},
        {"percent": "yes"},
        {"units": {"m": "1"}},
    ],
)
def test_bad_options_are_refused_before_a_run(options: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match="judge 'numeric'"):
        numeric(**options)


def test_numbers_in_words_are_read() -> None:
    for text, expected in {
        "zero": 0, "nineteen": 19, "forty two": 42, "one hundred and five": 105,
        "two thousand three hundred": 2300, "minus seven": -7, "three million five": 3_000_005,
    }.items():  # fmt: skip
        number = number_in_words(text)
        assert number is not None
        assert number.value == expected
    assert number_in_words("apples") is None
    assert number_in_words("and") is None


@given(number=st.decimals(-(10**12), 10**12, places=3), wrapper=st.sampled_from(
    ["{}", "The answer is {}.", "\\boxed{{{}}}", "#### {}", "ANSWER: {} apples", "So x = {}", '{{"answer": "{}"}}']
))  # fmt: skip
def test_a_formatted_number_reads_back_as_itself(number: Any, wrapper: str) -> None:
    exact = Fraction(number)
    assert value(wrapper.format(format(number, ",.3f"))) == exact
    assert value(wrapper.format(format(number, ".3f"))) == exact
    assert value(wrapper.format(format(number, ".3f").replace("-", "−"))) == exact


@given(top=st.integers(-999, 999), bottom=st.integers(1, 999))
def test_fractions_read_back_as_themselves(top: int, bottom: int) -> None:
    assert value(f"{top}/{bottom}") == Fraction(top, bottom)
    assert value(f"\\boxed{{\\frac{{{top}}}{{{bottom}}}}}") == Fraction(top, bottom)


NOISE = st.text(alphabet="0123456789.,:/-+^%$€()[]{}\\ eExX×=½³fracboxd is answer or", max_size=120)


@given(text=st.one_of(st.text(max_size=200), NOISE))
async def test_no_text_makes_the_reader_raise(text: str) -> None:
    extract_number(text)
    parse_number(text)
    assert (await score(text, 5)).is_scored
