"""`program_output`: a program that a model wrote gives the right output for each input.

The expected outputs never enter the sandbox. Outputs are compared as judges of programming contests do: by
their words, line by line, with blanks at the ends of lines and at the end of the output left out; numbers
within a tolerance, if one is given.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.judges.answers import final_text
from agentbench_sdk.judges.code.reply import code_of
from agentbench_sdk.judges.naming import judge_id
from agentbench_sdk.judges.targets import bad_target
from agentbench_sdk.judging import JudgeCase, Scale, Score
from agentbench_sdk.sandbox import ExecResult, Limits, Sandbox, SandboxSpec

_MEBIBYTE = 1 << 20
_FORM = "a list of mappings with `input` and `output`, or a mapping with lists `inputs` and `outputs`"


class _Case(NamedTuple):
    given: str
    expected: str


@dataclass(frozen=True)
class ProgramJudge:
    """See `program_output`."""

    seconds: float = 5.0
    memory_mb: int = 512
    tolerance: float = 0.0
    partial: bool = False
    needs_sandbox: bool = True

    @property
    def id(self) -> str:
        options = {
            "seconds": self.seconds,
            "memory_mb": self.memory_mb,
            "tolerance": self.tolerance,
            "partial": self.partial,
        }
        defaults = {"seconds": 5.0, "memory_mb": 512, "tolerance": 0.0, "partial": False}
        return judge_id("program_output", options, defaults)

    @property
    def scale(self) -> Scale:
        return Scale()

    async def judge(self, case: JudgeCase) -> Score:
        """Run the program on each input.

        Raises:
            JudgeError: the target has another form.
        """
        cases = _cases(case.target)
        if not cases:
            raise bad_target(case, "program_output", _FORM)
        code = code_of(final_text(case))
        if not code.strip():
            return Score(0.0, passed=False, explanation="the reply holds no code")
        limits = Limits(
            cpu_seconds=self.seconds,
            wall_seconds=2 * self.seconds,
            memory_bytes=self.memory_mb * _MEBIBYTE,
            processes=32,
            disk_bytes=64 * _MEBIBYTE,
            kept_bytes=16 * _MEBIBYTE,
        )
        spec = SandboxSpec(files={"program.py": code.encode("utf-8", "replace")}, limits=limits)
        async with await case.sandbox(spec) as sandbox:
            problems = [await self._problem(sandbox, each) for each in cases]
        return self._verdict(code, problems)

    async def _problem(self, sandbox: Sandbox, case: _Case) -> str:
        result = await sandbox.exec(["python3", "program.py"], stdin=case.given)
        if result.ended_by is not None:
            return f"ended by the limit on {result.ended_by}"
        if result.exit_code:
            return f"exit code {result.exit_code}: {_last_line(result)}"
        if result.stdout.truncated:
            return "more output than any right answer has"
        return "" if same_output(result.stdout.text, case.expected, self.tolerance) else "another output"

    def _verdict(self, code: str, problems: Sequence[str]) -> Score:
        wrong = [(place, problem) for place, problem in enumerate(problems, start=1) if problem]
        right = len(problems) - len(wrong)
        said = f"{right} of {len(problems)} inputs right"
        if wrong:
            said += f"; input {wrong[0][0]}: {wrong[0][1]}"
        evidence = {"code": code, "problems": {str(place): problem for place, problem in wrong[:20]}}
        value = right / len(problems) if self.partial else float(not wrong)
        return Score(value, not wrong, explanation=said, evidence=evidence)


def program_output(
    *, seconds: float = 5.0, memory_mb: int = 512, tolerance: float = 0.0, partial: bool = False
) -> ProgramJudge:
    """A judge that passes if the Python program in the reply gives the right output for every input.

    The program is the first fenced block of the reply, else the whole reply. Each input is a run of its own.

    Arguments:
        seconds: processor time of one run; twice as much by the clock.
        memory_mb: memory of one run.
        tolerance: how far a number in the output may be off, absolutely or relative to the expected one.
        partial: the value is the share of right inputs in place of 0 or 1.

    The target is a list of mappings with `input` and `output`, or a mapping with lists `inputs`, `outputs`.

    Raises:
        ConfigurationError: an option is not as above.
    """
    for name, value, least in (
        ("seconds", seconds, 0.0),
        ("memory_mb", memory_mb, 63),
        ("tolerance", tolerance, -1e-300),
    ):
        if isinstance(value, bool) or not isinstance(value, int | float) or not value > least:
            raise ConfigurationError(
                f"judge 'program_output': {name} is {value!r}; it is too small or no number"
            )
    return ProgramJudge(float(seconds), int(memory_mb), float(tolerance), partial)


def same_output(given: str, expected: str, tolerance: float = 0.0) -> bool:
    """Whether two outputs have the same lines of words.

    >>> same_output("1  2 \\n3\\n\\n", "1 2\\n3")
    True
    >>> same_output("0.333333", "0.3333334", tolerance=1e-6)
    True
    >>> same_output("1 2 3", "1 2\\n3")
    False
    """
    mine, theirs = _lines(given), _lines(expected)
    if [len(line) for line in mine] != [len(line) for line in theirs]:
        return False
    pairs = zip(
        (word for line in mine for word in line), (word for line in theirs for word in line), strict=True
    )
    return all(_same_word(word, wanted, tolerance) for word, wanted in pairs)


def _lines(text: str) -> list[list[str]]:
    lines = [line.split() for line in text.splitlines()]
    while lines and not lines[-1]:
        lines.pop()
    return lines


def _same_word(word: str, wanted: str, tolerance: float) -> bool:
    if word == wanted:
        return True
    if not tolerance:
        return False
    try:
        mine, theirs = float(word), float(wanted)
    except ValueError:
        return False
    return math.isclose(mine, theirs, rel_tol=tolerance, abs_tol=tolerance)


def _cases(target: Any) -> list[_Case]:
    if isinstance(target, Mapping) and {"inputs", "outputs"} <= set(target):
        given, expected = target["inputs"], target["outputs"]
        if not isinstance(given, list) or not isinstance(expected, list) or len(given) != len(expected):
            return []
        return [_Case(str(one), str(other)) for one, other in zip(given, expected, strict=True)]
    if not isinstance(target, list) or not all(isinstance(each, Mapping) for each in target):
        return []
    if not all({"input", "output"} <= set(each) for each in target):
        return []
    return [_Case(str(each["input"]), str(each["output"])) for each in target]


def _last_line(result: ExecResult) -> str:
    lines = result.stderr.text.strip().splitlines()
    return lines[-1][:200] if lines else "nothing on standard error"
