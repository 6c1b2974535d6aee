"""Programs are run on each input, and their outputs compared as contests do."""

from __future__ import annotations

import pytest

from agentbench_sdk.errors import ConfigurationError, JudgeError
from agentbench_sdk.judges.code import program_output
from agentbench_sdk.judges.code.program import same_output
from tests.judges.code.conftest import Judged

CASES = [{"input": "2 3\n", "output": "5\n"}, {"input": "-1 1\n", "output": "0"}]
RIGHT = "```python\na, b = map(int, input().split())\nprint(a + b)\n```"


async def test_a_right_program_passes_every_input(judged: Judged) -> None:
    score = await judged(program_output(), RIGHT, CASES)
    assert (score.value, score.explanation) == (1.0, "2 of 2 inputs right")
    as_lists = {"inputs": ["2 3\n"], "outputs": ["5"]}
    assert (await judged(program_output(), RIGHT, as_lists)).value == 1.0


@pytest.mark.parametrize(
    ("program", "value", "said"),
    [
        ("print(5)", 0.5, "input 2: another output"),
        ("print(int('x'))", 0.0, "exit code 1: ValueError"),
        ("while True: pass", 0.0, "limit on"),
        ("import os; os._exit(0)", 0.0, "another output"),
        ("while True: print('x' * 10000)", 0.0, "limit on output"),
        ("", 0.0, "no code"),
    ],
)
async def test_what_is_wrong_with_a_program_is_said(
    judged: Judged, program: str, value: float, said: str
) -> None:
    score = await judged(program_output(seconds=0.7, partial=True), program, CASES)
    assert (score.value, score.passed) == (value, False)
    assert said in score.explanation


async def test_nothing_stays_from_one_input_to_the_next_but_files_of_its_own(judged: Judged) -> None:
    """The expected outputs are never in the sandbox."""
    program = "import os\nprint(sorted(os.listdir('.')))"
    cases = [{"input": "", "output": "['program.py']"}]
    assert (await judged(program_output(), program, cases)).value == 1.0


@pytest.mark.parametrize(
    ("given", "expected", "tolerance", "same"),
    [
        ("1 2\n", "1 2", 0.0, True),
        ("1  2  \n\n\n", "1 2", 0.0, True),
        ("1\n2", "1 2", 0.0, False),
        ("\n1", "1", 0.0, False),
        ("1.0", "1", 0.0, False),
        ("1.0000001", "1", 1e-6, True),
        ("1000001", "1000000", 1e-6, True),
        ("1.1", "1", 1e-6, False),
        ("yes", "no", 1e9, False),
        ("nan", "1", 1e9, False),
        ("", "", 0.0, True),
        ("x", "", 0.0, False),
    ],
)
def test_outputs_are_compared_word_by_word(given: str, expected: str, tolerance: float, same: bool) -> None:
    assert same_output(given, expected, tolerance) is same


@pytest.mark.parametrize("target", [None, [], "x", [{"input": "1"}], {"inputs": ["1"], "outputs": []}, [1]])
async def test_a_target_of_another_form_is_refused(judged: Judged, target: object) -> None:
    with pytest.raises(JudgeError, match="program_output"):
        await judged(program_output(), RIGHT, target)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "options", [{"seconds": -1}, {"memory_mb": 8}, {"tolerance": -0.1}, {"tolerance": "x"}]
)
def test_options_are_checked(options: dict[str, object]) -> None:
    with pytest.raises(ConfigurationError, match="judge 'program_output'"):
        program_output(**options)  # type: ignore[arg-type]
