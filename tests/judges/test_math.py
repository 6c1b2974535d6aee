"""The `math` judge beyond the table of forms: targets, limits, refusals."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from agentbench_sdk.errors import ConfigurationError, JudgeError, MissingExtraError
from agentbench_sdk.judges.math import math
from agentbench_sdk.judges.math_text import latex_text, plain_latex, stated_expressions
from agentbench_sdk.judging import JudgeCase, Score


async def score(answer: str, target: Any, **options: Any) -> Score:
    return await math(**options).judge(JudgeCase("s1", answer, target))


EXPRESSIONS: dict[str, list[list[str]]] = yaml.safe_load(
    Path(__file__).with_name("expressions.yaml").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("kind", ["equal", "different"])
async def test_equality_is_that_of_mathematics(kind: str) -> None:
    judge = math()
    wrong = []
    for target, answer in EXPRESSIONS[kind]:
        verdict = await judge.judge(JudgeCase("s1", f"\\boxed{{{answer}}}", target))
        if verdict.value != float(kind == "equal"):
            wrong.append(f"{answer} for {target}: {verdict.value}")
    assert not wrong


@pytest.mark.parametrize(
    "target",
    [
        "5",
        5,
        5.0,
        ["4", "5"],
        r"So it is $\boxed{5}$.",
        "2+3=5\n#### 5",
        r"\sqrt{25}",
    ],
)
async def test_a_target_may_be_an_expression_a_number_a_solution_or_a_list(target: Any) -> None:
    assert (await score(r"\boxed{5}", target)).value == 1.0
    assert (await score(r"\boxed{6}", target)).value == 0.0


@pytest.mark.parametrize("target", [None, "", "  ", True, [], {"a": 1}, [None]])
async def test_a_target_that_is_no_expression_is_the_tasks_fault(target: Any) -> None:
    with pytest.raises(JudgeError, match="sample 's1'"):
        await score("5", target)


async def test_what_cannot_be_told_in_time_is_unscored() -> None:
    # Worked out as it stands it would fill the memory of the machine.
    verdict = await score(r"\boxed{(x+1)^{9^{9^9}}}", r"(x+1)^{9^{9^8}}", time_limit_s=0.3)
    assert verdict.value in (None, 0.0)
    assert (await score(r"\boxed{x+x}", "2x")).value == 1.0


async def test_an_expression_that_goes_on_for_ever_is_no_answer() -> None:
    assert (await score(r"\boxed{" + "x+" * 400 + "x}", "401x")).value == 0.0


@pytest.mark.parametrize(
    "options", [{"time_limit_s": 0}, {"time_limit_s": True}, {"time_limit_s": "1"}, {"compat": "someone"}]
)
def test_bad_options_are_refused_before_a_run(options: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match="judge 'math'"):
        math(**options)


def test_a_missing_library_is_told_when_the_judge_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r"agentbench-sdk\[math\]"):
        math()


def test_the_id_names_the_options() -> None:
    assert math().id == "math"
    assert math(compat="evalscope-1.14.1").id == "math(compat='evalscope-1.14.1')"


LATEX = st.text(alphabet="\\{}()[]$^_+-*/=,.0123456789xyiabcdefgortsq &% ", max_size=60)


@given(st.one_of(st.text(max_size=60), LATEX))
def test_the_readers_of_expressions_take_any_text(text: str) -> None:
    for each in stated_expressions(text):
        assert each.strip()
    latex_text(text)
    plain_latex(text)


JUDGE = math()  # held, so that its worker is not started anew for every example


@settings(max_examples=25, deadline=None)  # a process answers
@given(LATEX)
async def test_the_judge_takes_any_text(text: str) -> None:
    verdict = await JUDGE.judge(JudgeCase("s1", f"\\boxed{{{text}}}", r"\frac{a}{b}+1"))
    assert verdict.value in (None, 0.0, 1.0)
